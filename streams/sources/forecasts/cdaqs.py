"""CDAQS, the numerical air-quality forecast of Chengdu, and other models of its kind: NetCDF in IOAPI, WRF or CF
layout.

A run is taken to the registry's stations (bilinear) and to the cities (mean over their area). What each layout must
hold, what the stamps mean and which names and units are known: docs/layouts/forecast.md.

Decisions: a gas in ug/m3 is taken to be at the reference state already; an instantaneous value stands for the hour
that ends at its stamp; steps of two and three hours are taken at the hours that exist, the hours between stay missing;
longer steps are rejected. Several files may make one run, and a file several runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from standards.days import SHANGHAI
from standards.pollutants import ITEMS, POLLUTANTS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, ForecastBlock, iso_hour
from streams.registry import REFERENCE_KINDS, Registry, RegistryError
from streams.sources.forecasts.at_places import AtPlaces, at_places
from streams.sources.forecasts.fields import Fields
from streams.sources.forecasts.grid import bounds_text
from streams.sources.forecasts.grid_weights import Places, Weights, outline_key, weigh
from streams.sources.forecasts.header import NO_NUMBER, Header, header_of, open_raw
from streams.sources.forecasts.layout import Layout, layout_of, runs_of
from streams.sources.forecasts.netcdf_ready import MAGICS, fault
from streams.sources.forecasts.netcdf_time import TimeAxis
from streams.sources.forecasts.runs import Run
from streams.sources.forecasts.variables import ALIASES, named
from streams.sources.tally import Tally, Unusable, rows_by_hour

NAME = "cdaqs"
MODEL = "CDAQS"
"""The model's name where the file has no global attribute `model`."""
LARGEST_MB = 50_000
"""Size of the largest file [MB]: a month of hourly runs over the whole country."""
LONGEST_STEP_H = 3
LONGEST_RUN_H = 32_000
"""How far a run reaches at most [h]: what a ForecastBlock takes."""
MOST_VALUES = 100_000_000
"""Values that one variable has over our cities in one run: more would take minutes."""


def recognises(path: str | Path, head: bytes) -> bool:
    """Tell a NetCDF file by its first bytes; what is in it shows when it is parsed."""
    return head.startswith(MAGICS)


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse one NetCDF file into forecast blocks: one per run, city and unbroken stretch of hours.

    all_stations has no effect: a grid can only be taken to places whose coordinates the registry knows. simulated also comes
    from the file's global attribute `simulated`.
    """
    if why := fault(path):
        raise Unusable("file", f"the file is not complete: {why}", tally.origin.file, "a complete NetCDF file")
    try:
        header = header_of(path)
        with open_raw(path, header) as dataset:
            _read(dataset, header, registry, tally)
    except (Unusable, RegistryError):
        raise
    except Exception as error:
        # The library raises what it likes for a broken file.
        reason = f"cannot be read: {type(error).__name__}: {error}"
        raise Unusable("file", reason, tally.origin.file, "a readable NetCDF file") from error


def open_forecast(path: str | Path, *, run: int = 0, extra: dict[str, str] | None = None) -> xr.Dataset:
    """Open a file of any layout and step as a canonical dataset (time, y, x) with lat and lon [deg] (y, x).

    time is the end of the averaging hour (or day) in UTC; variables are those of FORECAST_VARIABLES that the file has,
    pollutants under their column names (o3_ugm3). extra: quantity to a variable's name that no table knows ({"o3":
    "O3_8HRMAX"}). Variables that cannot be used are listed in attrs["rejected"]. Raise Unusable or OSError.
    """
    with open_raw(path, header_of(path)) as raw:
        found = list(runs_of(raw))[run]
        layout = layout_of(found)
        fields = Fields(found.dataset, layout, rows=slice(None), columns=slice(None), extra=extra)
        values = {name: fields.field(name) for name in FORECAST_VARIABLES}
    lon, lat = layout.grid.lonlat
    columns = {name: POLLUTANTS[name].column if name in ITEMS else name for name in FORECAST_VARIABLES}
    return xr.Dataset(
        {columns[name]: (("time", "y", "x"), field) for name, field in values.items() if field is not None},
        coords={
            "time": (layout.axis.hour_ends * 3600).astype("datetime64[s]").astype("datetime64[ns]"),
            "lon": (("y", "x"), lon), "lat": (("y", "x"), lat),
        },
        attrs={
            "layout": layout.kind, "run_init": layout.axis.run_init, "step_hours": layout.axis.step,
            "time_label": layout.axis.label, "notes": "; ".join([*layout.axis.notes, *fields.notes]),
            "rejected": [f"{p.position}: {p.reason} {p.value!r}, expected {p.expected}" for p in fields.problems],
        },
    )  # fmt: skip


def _read(dataset: xr.Dataset, header: Header, registry: Registry, tally: Tally) -> None:
    of_file = {
        "model": str(dataset.attrs.get("model", "")).strip() or MODEL,
        "simulated": str(dataset.attrs.get("simulated", "")).strip().lower() in ("1", "true", "yes"),
    }
    for name, problem in header.closed.items():
        if problem.reason == NO_NUMBER and not named(name):
            continue  # a flag or a label that nobody asks for
        tally.reject(problem.position, problem.reason, problem.value, problem.expected, rows=0)
    for run in runs_of(dataset):
        try:
            blocks = _run(run, header, registry, tally)
        except Unusable as problem:
            tally.refuse(problem)
            continue
        for block in blocks:
            for hour, rows in rows_by_hour(**block):
                tally.came_in(hour, rows)
            tally.pass_on(ForecastBlock, **block, **of_file)


def _run(run: Run, header: Header, registry: Registry, tally: Tally) -> list[dict]:
    """Read one run: the fields of its blocks; variables that cannot be used and hours before its start are rejected.

    Errors: Unusable where nothing of the run can be used; then no row of it was rejected.
    """
    layout = layout_of(run)
    require_hours(layout.axis)
    places = places_of(registry, local_day(int(layout.axis.hour_ends[0])))
    weights = weigh(layout.grid, places, city_mean=CITY_MEAN)
    if weights is None:
        cities = ", ".join(c.name_en for c in registry.cities.values())
        expected = f"a grid that covers any of {cities}"
        raise Unusable("grid", "the grid covers none of our cities", bounds_text(layout.grid), expected)
    _require_room(weights, layout)
    tally.require_room(len(weights.places) * layout.axis.hour_ends.size)
    read = at_places(run, layout, weights)
    _require_variables(read, run, header)
    for problem in read.problems if read.used else read.problems[1:]:
        # The place-hours live on without this variable: no row is lost.
        tally.reject(problem.position, problem.reason, problem.value, problem.expected, rows=0)
    if not read.used:
        raise read.problems[0]
    if np.isnan(read.values).all():
        raise Unusable("variables", "no value over our cities", "all are missing", "values at any of our places")
    early = layout.axis.hour_ends < layout.axis.run_init
    set_aside_early(layout.axis, early, len(weights.places), tally)
    said = [
        f"{tally.origin.provenance} ({layout.kind}, {layout.axis.label} of hour)",
        *layout.axis.notes,
        *read.notes,
    ]
    return list(_blocks(layout, weights, read.values, ~early, "; ".join(said)))


def _require_variables(read: AtPlaces, run: Run, header: Header) -> None:
    """Raise Unusable for a run without a variable that we know."""
    if read.found and not (read.used or read.problems):
        names = ", ".join(map(str, run.dataset.data_vars))[:150]
        expected = "both components of the wind, or speed and direction; humidity, or temperature with dew point"
        raise Unusable("variables", "nothing is complete", names, expected)
    if not read.found:
        names = ", ".join([*map(str, run.dataset.data_vars), *(f"group {name}" for name in header.groups)])[:150]
        expected = "a pollutant or weather under a known name, for instance " + ", ".join(ALIASES[i][0] for i in ITEMS)
        raise Unusable("variables", "no variable that we know", names, expected)


def places_of(registry: Registry, day: dt.date) -> Places:
    """Give the places of a registry on a natural day: outlines of cities, their assessment points, super- and background sites.

    A thousand micro-stations would multiply the rows of every run and lie in the same few cells of its grid.
    """
    stations = [
        (city, code, registry.stations[code].lon, registry.stations[code].lat)
        for city in registry.cities
        for code in registry.stations_of(city, day, kinds=REFERENCE_KINDS)
    ]
    return Places(tuple(stations), tuple((city, outline_key(registry.outline(city))) for city in registry.cities))


def _blocks(layout: Layout, weights: Weights, values: np.ndarray, keep: np.ndarray, provenance: str) -> Iterator[dict]:
    """Give the fields of the blocks: per city, cut wherever an hour is missing, so that no row is made up."""
    hours, values = layout.axis.hour_ends[keep], values[:, :, keep]
    if hours.size == 0:
        return
    stretches = np.split(np.arange(hours.size), np.nonzero(np.diff(hours) != 1)[0] + 1)
    for city in dict.fromkeys(city for city, _ in weights.places):
        members = [i for i, (of, _) in enumerate(weights.places) if of == city]
        for stretch in stretches:
            yield {
                "run_init": layout.axis.run_init, "city": city,
                "places": tuple(weights.places[i][1] for i in members), "first_hour": int(hours[stretch[0]]),
                "values": values[:, members][:, :, stretch], "provenance": provenance,
            }  # fmt: skip


def require_hours(axis: TimeAxis) -> None:
    """Raise Unusable where the steps are no hours, or reach too far."""
    step, ends = axis.step, axis.hour_ends
    if step > LONGEST_STEP_H or step != round(step):
        expected = f"1 h (steps up to {LONGEST_STEP_H} h are taken)"
        raise Unusable("time", f"time step is {step:g} h", f"{step:g} h", expected)
    reach = max(int(ends[-1]) - axis.run_init, ends.size)
    if reach > LONGEST_RUN_H:
        expected = f"up to {LONGEST_RUN_H} h; a longer simulation is no forecast"
        raise Unusable("time", "the run reaches too far", f"{reach} h after {iso_hour(axis.run_init)}", expected)


def _require_room(weights: Weights, layout: Layout) -> None:
    rows, columns = (window.stop - window.start for window in (weights.rows, weights.columns))
    values = max(rows * columns, weights.index.size) * layout.axis.hour_ends.size
    if values > MOST_VALUES:
        expected = f"up to {MOST_VALUES}; cut the run into parts that name its start in run_init"
        raise Unusable("grid", "more values over our cities than one file may bring", values, expected)


def set_aside_early(axis: TimeAxis, early: np.ndarray, places: int, tally: Tally) -> None:
    """Set aside hours before the run's start, early: bool (step,): a spin-up is no forecast."""
    for hour in axis.hour_ends[early].tolist():
        tally.came_in(hour, places)
        tally.reject(
            f"hour {iso_hour(hour)}", "before the start of the run", iso_hour(hour),
            f"{iso_hour(axis.run_init)} or later", hour=hour, rows=places, set_aside=True,
        )  # fmt: skip


def local_day(hour_end: int) -> dt.date:
    # The hour ending 00:00 belongs to the day before.
    return dt.datetime.fromtimestamp(hour_end * 3600 - 1, SHANGHAI).date()


__all__ = ["NAME", "open_forecast", "parse", "places_of", "recognises"]
