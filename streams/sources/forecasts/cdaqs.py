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
from zoneinfo import ZoneInfo

import numpy as np
import xarray as xr

from standards.pollutants import ITEMS, POLLUTANTS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, ForecastBlock, Intake, RecordError, Rejected, iso_hour
from streams.registry import REFERENCE_KINDS, Registry, RegistryError
from streams.sources import Parsed
from streams.sources.forecasts.fields import Fields
from streams.sources.forecasts.grid import bounds_text
from streams.sources.forecasts.grid_weights import Places, Weights, outline_key, weigh
from streams.sources.forecasts.layout import Layout, layout_of, open_raw, runs_of
from streams.sources.forecasts.netcdf_problem import NetcdfProblem
from streams.sources.forecasts.netcdf_ready import MAGICS, fault, readiness
from streams.sources.forecasts.variables import ALIASES

NAME = "cdaqs"
MODEL = "CDAQS"
"""The model's name where the file has no global attribute `model`."""
LONGEST_STEP_H = 3
LOCAL = ZoneInfo("Asia/Shanghai")


def recognises(path: str | Path, head: bytes) -> bool:
    """Tell a NetCDF file by its first bytes; what is in it shows when it is parsed."""
    return head.startswith(MAGICS)


def parse(
    path: str | Path, registry: Registry, *, all_stations: bool = False, received_at: float, simulated: bool = False
) -> Parsed:
    """Parse one NetCDF file into forecast blocks: one per run, city and unbroken stretch of hours.

    all_stations has no effect: a grid can only be taken to places whose coordinates the registry knows. received_at
    [epoch s]. simulated also comes from the file's global attribute `simulated`. Never raises for what a file
    contains.
    """
    file = Path(path).name
    try:
        why = fault(path)
        if why:
            raise NetcdfProblem("file", f"the file is not complete: {why}", file, "a complete NetCDF file")
        with open_raw(path) as dataset:
            return _parsed(dataset, registry, file, received_at, simulated)
    except NetcdfProblem as problem:
        return _failed(problem, file, received_at)
    except RegistryError:
        raise
    except Exception as error:
        # The library raises what it likes for a broken file; one file must never stop the feed.
        problem = NetcdfProblem(
            "file", f"cannot be read: {type(error).__name__}: {error}"[:200], file, "a readable NetCDF file"
        )
        return _failed(problem, file, received_at)


def open_forecast(path: str | Path, *, run: int = 0, extra: dict[str, str] | None = None) -> xr.Dataset:
    """Open a file of any layout and step as a canonical dataset (time, y, x) with lat and lon [deg] (y, x).

    time is the end of the averaging hour (or day) in UTC; variables are those of FORECAST_VARIABLES that the file has,
    pollutants under their column names (o3_ugm3). extra: quantity to a variable's name that no table knows ({"o3":
    "O3_8HRMAX"}). Variables that cannot be used are listed in attrs["rejected"]. Raise NetcdfProblem or OSError.
    """
    with open_raw(path) as raw:
        dataset = list(runs_of(raw))[run]
        layout = layout_of(dataset)
        fields = Fields(
            dataset, layout, rows=slice(None), columns=slice(None), source=NAME, file=Path(path).name, extra=extra
        )  # fmt: skip
        found = {name: fields.field(name) for name in FORECAST_VARIABLES}
    lon, lat = layout.grid.lonlat
    columns = {name: POLLUTANTS[name].column if name in ITEMS else name for name in FORECAST_VARIABLES}
    return xr.Dataset(
        {columns[name]: (("time", "y", "x"), values) for name, values in found.items() if values is not None},
        coords={
            "time": (layout.axis.hour_ends * 3600).astype("datetime64[s]").astype("datetime64[ns]"),
            "lon": (("y", "x"), lon), "lat": (("y", "x"), lat),
        },
        attrs={
            "layout": layout.kind, "run_init": layout.axis.run_init, "step_hours": layout.axis.step,
            "time_label": layout.axis.label, "notes": "; ".join([*layout.axis.notes, *fields.notes]),
            "rejected": [f"{r.position}: {r.reason} {r.value!r}, expected {r.expected}" for r in fields.rejected],
        },
    )  # fmt: skip


def _parsed(dataset: xr.Dataset, registry: Registry, file: str, received_at: float, simulated: bool) -> Parsed:
    simulated = simulated or str(dataset.attrs.get("simulated", "")).strip().lower() in ("1", "true", "yes")
    model = str(dataset.attrs.get("model", "")).strip() or MODEL
    parsed = Parsed([], [], Intake(NAME, file, received_at))
    for run in runs_of(dataset):
        try:
            blocks, rejected = _run(run, registry, file)
        except NetcdfProblem as problem:
            _count_unknown(parsed, problem.rejected(NAME, file))
            continue
        for block in blocks:
            fields = block | {"model": model, "simulated": simulated, "received_at": received_at}
            _take(parsed, fields, file)
        for reject in rejected:
            _reject(parsed, reject)
    return parsed


def _run(dataset: xr.Dataset, registry: Registry, file: str) -> tuple[list[dict], list[Rejected]]:
    """Read one run: the fields of its blocks, and what was rejected on the way."""
    layout = layout_of(dataset)
    _require_hourly(layout)
    places = places_of(registry, _local_day(int(layout.axis.hour_ends[0])))
    weights = weigh(layout.grid, places, city_mean=CITY_MEAN)
    if weights is None:
        cities = ", ".join(c.name_en for c in registry.cities.values())
        raise NetcdfProblem(
            "grid",
            "the grid covers none of our cities",
            bounds_text(layout.grid),
            f"a grid that covers any of {cities}",
        )
    fields = Fields(dataset, layout, rows=weights.rows, columns=weights.columns, source=NAME, file=file)
    values = _at_places(fields, weights, layout)
    if not fields.found:
        names = ", ".join(map(str, dataset.data_vars))[:150]
        expected = "a pollutant or weather under a known name, for instance " + ", ".join(ALIASES[i][0] for i in ITEMS)
        raise NetcdfProblem("variables", "no variable that we know", names, expected)
    early = layout.axis.hour_ends < layout.axis.run_init
    rejected = [*fields.rejected, *_early(layout, early, len(weights.places), file)]
    provenance = "; ".join([f"{file} ({layout.kind}, {layout.axis.label} of hour)", *layout.axis.notes, *fields.notes])
    return list(_blocks(layout, weights, values, ~early, provenance)), rejected


def places_of(registry: Registry, day: dt.date) -> Places:
    """Give the places of a registry on a natural day: the cities' outlines, their assessment points and super-sites.

    A thousand micro-stations would multiply the rows of every run and lie in the same few cells of its grid.
    """
    stations = [
        (city, code, registry.stations[code].lon, registry.stations[code].lat)
        for city in registry.cities
        for code in registry.stations_of(city, day, kinds=REFERENCE_KINDS)
    ]
    return Places(tuple(stations), tuple((city, outline_key(registry.outline(city))) for city in registry.cities))


def _at_places(fields: Fields, weights: Weights, layout: Layout) -> np.ndarray:
    """Take every variable to the places: float64 (variable, place, step), NaN where the file has none."""
    values = np.full((len(FORECAST_VARIABLES), len(weights.places), layout.axis.hour_ends.size), np.nan)
    for i, name in enumerate(FORECAST_VARIABLES):
        field = fields.field(name)
        if field is not None:
            values[i] = weights.apply(field)
    return values


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
                "source": NAME, "run_init": layout.axis.run_init, "city": city,
                "places": tuple(weights.places[i][1] for i in members), "first_hour": int(hours[stretch[0]]),
                "values": values[:, members][:, :, stretch], "provenance": provenance,
            }  # fmt: skip


def _require_hourly(layout: Layout) -> None:
    step = layout.axis.step
    if step > LONGEST_STEP_H or step != round(step):
        raise NetcdfProblem(
            "time", f"time step is {step:g} h", f"{step:g} h", f"1 h (steps up to {LONGEST_STEP_H} h are taken)"
        )


def _early(layout: Layout, early: np.ndarray, places: int, file: str) -> list[Rejected]:
    """Set aside hours before the run's start: a spin-up is no forecast."""
    return [
        Rejected(
            NAME,
            f"hour {iso_hour(int(hour))}",
            "before the start of the run",
            iso_hour(int(hour)),
            f"{iso_hour(layout.axis.run_init)} or later",
            file=file,
            hour_end=int(hour),
            rows=places,
            set_aside=True,
        )
        for hour in layout.axis.hour_ends[early]
    ]


def _take(parsed: Parsed, fields: dict, file: str) -> None:
    """Build a block and count its place-hours; one that a record refuses is rejected with its rows."""
    hours = range(fields["first_hour"], fields["first_hour"] + fields["values"].shape[-1])
    rows = len(fields["places"])
    try:
        parsed.blocks.append(ForecastBlock(**fields))
    except RecordError as error:
        for hour in hours:
            _reject(
                parsed,
                Rejected(NAME, f"city {fields['city']}", str(error)[:200], "", "a valid block", file, hour, rows),
            )
        return
    for hour in hours:
        parsed.intake.rows_in[hour] = parsed.intake.rows_in.get(hour, 0) + rows


def _reject(parsed: Parsed, reject: Rejected) -> None:
    parsed.rejected.append(reject)
    if reject.rows and reject.hour_end is not None:
        for counts in (parsed.intake.rows_in, parsed.intake.rejected):
            counts[reject.hour_end] = counts.get(reject.hour_end, 0) + reject.rows


def _count_unknown(parsed: Parsed, reject: Rejected) -> None:
    """Count a run or a file whose hours are not known as one row of an unknown hour."""
    parsed.rejected.append(reject)
    for counts in (parsed.intake.rows_in, parsed.intake.rejected):
        counts[-1] = counts.get(-1, 0) + reject.rows


def _failed(problem: NetcdfProblem, file: str, received_at: float) -> Parsed:
    parsed = Parsed([], [], Intake(NAME, file, received_at))
    _count_unknown(parsed, problem.rejected(NAME, file))
    return parsed


def _local_day(hour_end: int) -> dt.date:
    # The hour ending 00:00 belongs to the day before.
    return dt.datetime.fromtimestamp(hour_end * 3600 - 1, LOCAL).date()


__all__ = ["NAME", "open_forecast", "parse", "places_of", "readiness", "recognises"]
