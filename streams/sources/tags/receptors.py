"""Form A of tag files: contributions at receptors, with the contributors named in the file (docs/layouts/tags.md)."""

from __future__ import annotations

import numpy as np
import xarray as xr

from streams.contributors import ALL, DEFINITIONS, OUTSIDE, TAG_QUANTITIES, why_not
from streams.records import CITY_MEAN
from streams.registry import Registry
from streams.sources.forecasts.attributes import text
from streams.sources.forecasts.cells import unpacked, without_marks
from streams.sources.forecasts.header import Header
from streams.sources.forecasts.hourly import require_hourly
from streams.sources.forecasts.netcdf_time import LABEL_ATTRIBUTE, LABELS, TimeAxis, cf_axis
from streams.sources.forecasts.runs import Run, cf_runs
from streams.sources.forecasts.units import unit_of
from streams.sources.tags.told import Contributor, Told
from streams.sources.tally import Tally, Unusable, shortened

DIMENSIONS = ("time", "source", "receptor")
TEXTS = {"sector": "source", "place": "source", "receptor": "receptor"}
"""Variables of texts that a file must have, and their dimension."""
MOST_CONTRIBUTORS, MOST_RECEPTORS = 2_000, 20_000
MOST_VALUES = 18_000_000
"""Values of one quantity: a week at a thousand receptors from a hundred contributors."""
_PER_KG = {"ug m-3": 1e9, "mg m-3": 1e6}
_CHARACTERS = 24


def is_receptors(dataset: xr.Dataset) -> bool:
    """Tell a file of form A by its dimensions and its names of contributors."""
    return set(DIMENSIONS) <= set(dataset.dims) and {"sector", "place"} <= set(dataset.variables)


def read(dataset: xr.Dataset, header: Header, registry: Registry, tally: Tally) -> Told:
    """Read a file; receptors that are none of ours are set aside. Errors: Unusable where nothing of it can be used."""
    run, axis = _run(dataset)
    contributors = _contributors(run.dataset, registry)
    _require_room(run.dataset)
    kept, places = _places(run.dataset, registry, axis, tally)
    told = Told(
        axis, places, contributors, {}, text(dataset.attrs, "model"), text(dataset.attrs, "definition") or "allocation",
        text(dataset.attrs, "simulated").lower() in ("1", "true", "yes"), notes=list(axis.notes),
    )  # fmt: skip
    if told.definition not in DEFINITIONS:
        raise Unusable(
            "global attribute definition",
            "not one of the values it may have",
            told.definition,
            " or ".join(DEFINITIONS),
        )
    for name, problem in header.closed.items():
        if name in TAG_QUANTITIES:
            told.problems.append(problem)
    for name, variable in run.dataset.data_vars.items():
        if not set(DIMENSIONS[1:]) <= set(map(str, variable.dims)):
            continue
        try:
            quantity = _quantity(str(name))
            told.values[quantity] = _values(variable, quantity, axis.step, kept)
        except Unusable as problem:
            told.problems.append(problem)
    told.values = {name: told.values[name] for name in TAG_QUANTITIES if name in told.values}
    return told


def _run(dataset: xr.Dataset) -> tuple[Run, TimeAxis]:
    label = text(dataset["time"].attrs, "label").lower() if "time" in dataset.variables else ""
    if label:
        if label not in LABELS:
            raise Unusable("variable time", "not one of the values it may have", label, f"label = {', '.join(LABELS)}")
        dataset = dataset.assign_attrs({LABEL_ATTRIBUTE: label})
    runs = list(cf_runs(dataset))
    if len(runs) != 1 or runs[0].stamps is None or runs[0].dimension != "time":
        found = f"{len(runs)} runs along {runs[0].dimension!r}" if runs else "none"
        raise Unusable("time", "not one run along time", found, "time(time), and one forecast_reference_time")
    run = runs[0]
    return run, cf_axis(run.dataset, run.time, run.stamps, run.start)


def _contributors(dataset: xr.Dataset, registry: Registry) -> tuple[Contributor, ...]:
    for name, dimension in TEXTS.items():
        if name not in dataset.variables or dataset[name].dims[:1] != (dimension,):
            raise Unusable(f"variable {name}", "missing, or along another dimension", "", f"texts along {dimension}")
    if (count := dataset.sizes["source"]) > MOST_CONTRIBUTORS:
        raise Unusable(
            "dimension source", "more contributors than one file may bring", count, f"up to {MOST_CONTRIBUTORS}"
        )
    pairs = list(zip(_texts(dataset, "sector"), _texts(dataset, "place"), strict=True))
    for pair in pairs:
        wrong = why_not(pair)
        if not wrong and pair[1] not in (ALL, OUTSIDE, *registry.cities):
            wrong = f"the place {pair[1]!r} is no city of ours"
        if wrong:
            expected = f"a sector or {ALL}, and a city of {', '.join(registry.cities)}, {ALL} or {OUTSIDE}"
            raise Unusable("variable sector, place", "no contributor", f"{'/'.join(pair)}: {wrong}", expected)
    if twice := next((pair for i, pair in enumerate(pairs) if pair in pairs[:i]), None):
        raise Unusable("variable sector, place", "a contributor stands twice", "/".join(twice), "each contributor once")
    if not pairs:
        raise Unusable("dimension source", "no contributor", 0, "at least one")
    return tuple(pairs)


def _texts(dataset: xr.Dataset, name: str) -> list[str]:
    values = np.asarray(dataset[name].values)
    if values.ndim != 1 or values.dtype.kind not in "OSU":
        raise Unusable(f"variable {name}", "no texts", f"{values.dtype.name}{values.shape}", "strings, or characters")
    texts = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in values.tolist()]
    return [shortened(each[: 4 * _CHARACTERS].strip("\0 \t\r\n")) for each in texts]


def _require_room(dataset: xr.Dataset) -> None:
    if (count := dataset.sizes["receptor"]) > MOST_RECEPTORS:
        raise Unusable("dimension receptor", "more receptors than one file may bring", count, f"up to {MOST_RECEPTORS}")
    values = dataset.sizes["time"] * dataset.sizes["source"] * dataset.sizes["receptor"]
    if values > MOST_VALUES:
        raise Unusable("variables", "more values than one file may bring", values, f"up to {MOST_VALUES} of a quantity")


def _places(
    dataset: xr.Dataset, registry: Registry, axis: TimeAxis, tally: Tally
) -> tuple[np.ndarray, tuple[tuple[str, str], ...]]:
    """Give which receptors are ours, and what each is: (city, station or CITY_MEAN)."""
    codes, hours = _texts(dataset, "receptor"), axis.hour_ends.tolist()
    said = _texts(dataset, "city") if "city" in dataset.variables else [""] * len(codes)
    if twice := sorted({code for code in codes if codes.count(code) > 1})[:3]:
        raise Unusable("variable receptor", "a receptor stands twice", ", ".join(twice), "each receptor once")
    kept: list[int] = []
    places: list[tuple[str, str]] = []
    foreign: list[str] = []
    for i, (code, city) in enumerate(zip(codes, said, strict=True)):
        station = registry.stations.get(code)
        of = code if code in registry.cities else station.city if station else ""
        if of not in registry.cities:
            foreign.append(code)
        elif city and city != of:
            expected = f"city {of}, where the registry has it"
            _lose(tally, f"station {code}", "the station lies in another city", city, expected, hours=hours)
        else:
            kept.append(i)
            places.append((of, CITY_MEAN if code == of else code))
    if foreign:
        some = ", ".join(foreign[:10]) + (f" and {len(foreign) - 10} more" if len(foreign) > 10 else "")
        _lose(
            tally, "stations", "station is in none of the registry's cities", some, "a station of the registry",
            hours=hours, rows=len(foreign), set_aside=True,
        )  # fmt: skip
    return np.array(kept, int), tuple(places)


def _lose(
    tally: Tally, position: str, reason: str, value: str, expected: str, *, hours: list[int], rows: int = 1, set_aside: bool = False
) -> None:  # fmt: skip
    for hour in hours:
        tally.came_in(hour, rows)
        tally.reject(position, reason, value, expected, hour=hour, rows=rows, set_aside=set_aside)


def _quantity(name: str) -> str:
    if name not in TAG_QUANTITIES:
        raise Unusable(f"variable {name}", "no quantity that we know", name, f"one of {', '.join(TAG_QUANTITIES)}")
    return name


def _values(variable: xr.DataArray, name: str, step: float, kept: np.ndarray) -> np.ndarray:
    """Read a quantity as float64 (contributor, place, step) in its canonical unit, missing as NaN."""
    if set(map(str, variable.dims)) != set(DIMENSIONS):
        raise Unusable(
            f"variable {name}", "other dimensions than it must have", variable.dims, f"dimensions {DIMENSIONS}"
        )
    require_hourly(name, variable.attrs, step=step, rain=False)
    factor = _factor(name, text(variable.attrs, "units"))
    raw = np.asarray(variable.transpose("source", "receptor", "time").values)
    values = without_marks(unpacked(raw, variable.attrs, name))
    return np.ascontiguousarray(values[:, kept].astype(np.float64) * factor)


def _factor(name: str, units: str) -> float:
    unit, canonical = unit_of(units), TAG_QUANTITIES[name]
    if unit is None or unit.kind != "mass per volume":
        reason = "unknown unit" if units else "no unit"
        raise Unusable(
            f"variable {name}",
            reason if unit is None else "a unit of another kind",
            units,
            f"{canonical}, or other mass per volume",
        )
    # Rounded: 1e-9 x 1e9 of floating point is not 1.
    return float(f"{unit.factor * _PER_KG[canonical]:.12g}")
