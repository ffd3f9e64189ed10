"""Tagged contributions out of the store: as a dataset over runs and leads, and fast, for one place, as one knew them at a moment.

Every question goes by the key (place, hour), so it costs the same after years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa
import xarray as xr

from standards.nomenclature import attributes
from streams.contributors import ALL, OUTSIDE, TAG_QUANTITIES
from streams.memory.taghours import numbers_of
from streams.store.connect import StoreError
from streams.store.known import SOME, places_of
from streams.store.lines import EPOCH
from streams.store.schema import tag_axes, tag_hour

Contributor = tuple[str, str]
DIMENSIONS = ("contributor", "place", "run", "lead_hours")
LONGEST_H = 400
"""Hours after its start within which a run is looked for by name."""
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tags:
    """Contributions at one place over consecutive hours.

    values: float32 (quantity, contributor, hour) in the units of TAG_QUANTITIES, NaN where none. hours: int64 (hour,) epoch hours
    (the end of each). run_init: int64 (hour,), the start of the run that each hour is of, -1 where there is none. points: int16
    (hour,), the assessment points in the mean over a city, -1 where not known. simulated: bool (hour,).
    """

    model: str
    quantities: tuple[str, ...]
    contributors: tuple[Contributor, ...]
    hours: np.ndarray
    values: np.ndarray
    run_init: np.ndarray
    points: np.ndarray
    simulated: np.ndarray
    definition: str


@dataclass(frozen=True, slots=True)
class _Axes:
    definition: str
    quantities: tuple[str, ...]
    contributors: tuple[Contributor, ...]


def models_of(connection: sa.Connection, place: str, first: int, end: int) -> list[str]:
    """Name the models that tell of any of the epoch hours [first, end) at a place."""
    runs = connection.scalars(sa.select(tag_hour.c.run).where(*_at(place, first, end)).distinct())
    return sorted({run.rpartition("/")[0] for run in runs})


def read_tags(
    engine: sa.Engine,
    place: str,
    first: int,
    end: int,
    *,
    model: str,
    at: int | None = None,
    definition: str = "allocation",
    quantities: Collection[str] | None = None,
    contributors: Collection[Contributor] | None = None,
) -> Tags:
    """Read one model's contributions at a station or a city (by its code) for the epoch hours [first, end), as one knew them.

    Each hour is of the newest run that had started at the epoch hour `at` (None: any) and that tells of it; nothing of a
    later run is seen. Of several files of one run the one released last counts, quantity by quantity. quantities, contributors:
    what is wanted of what there is, None: all. Missing: NaN; an hour without a run is NaN throughout.
    """
    c = tag_hour.c
    asked = (*_at(place, first, end), c.run.startswith(f"{model}/", autoescape=True), c.packed != "")
    with engine.connect() as connection:
        keys = connection.execute(sa.select(c.hour_end, c.run, c.axes).where(*asked)).all()
        keys = [key for key in keys if key.run.startswith(f"{model}/")]  # LIKE does not tell "a" from "A" everywhere
        axes = _axes(connection, {key.axes for key in keys})
        newest: dict[dt.datetime, str] = {}
        for key in keys:
            if axes[key.axes].definition == definition and (at is None or _start(key.run) <= at):
                # The names of one model's runs sort by their start.
                newest[key.hour_end] = max(newest.get(key.hour_end, ""), key.run)
        query = sa.select(c.hour_end, c.run, c.axes, c.packed, c.points, c.simulated)
        query = query.where(*asked, c.run.in_(sorted(set(newest.values()))))
        rows = connection.execute(query.order_by(c.hour_end, c.released_at, c.received_at, c.file_digest)).all()
    rows = [row for row in rows if newest.get(row.hour_end) == row.run and axes[row.axes].definition == definition]
    return _laid_out(rows, axes, model, first, end, definition, quantities, contributors)


def _laid_out(
    rows: Sequence[Any], axes: dict[str, _Axes], model: str, first: int, end: int, definition: str,
    quantities: Collection[str] | None, contributors: Collection[Contributor] | None,
) -> Tags:  # fmt: skip
    used = [axes[name] for name in dict.fromkeys(row.axes for row in rows)]
    told, named = _together(used, quantities, contributors)
    hours = np.arange(first, end)
    found = Tags(
        model, told, named, hours, np.full((len(told), len(named), hours.size), np.nan, np.float32),
        np.full(hours.size, -1, np.int64), np.full(hours.size, -1, np.int16), np.zeros(hours.size, bool), definition,
    )  # fmt: skip
    places = {name: _places(axes[name], told, named) for name in dict.fromkeys(row.axes for row in rows)}
    for row in rows:
        hour = (row.hour_end - EPOCH) // _HOUR - first
        _put(found.values[:, :, hour], _unpacked(row.packed, axes[row.axes]), places[row.axes])
        found.run_init[hour] = _start(row.run)
        found.points[hour] = -1 if row.points is None else row.points
        found.simulated[hour] |= bool(row.simulated)
    return found


def open_tags(
    connection: sa.Connection,
    *,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    cities: Collection[str] | None = None,
    stations: Collection[str] | None = None,
    runs: Collection[str] | None = None,
    quantities: Collection[str] | None = None,
    definition: str = "allocation",
) -> xr.Dataset:
    """Read contributions as a dataset with a variable for each quantity over (contributor, place, run, lead_hours).

    place: cities (their means) and stations by their codes; cities restricts to places in them, stations to these alone. sector
    and origin name each contributor; hour_end, over run and lead, is the end of each hour. start, end: hour ends, both included.
    Missing: NaN. Errors: StoreError for a restriction that is no collection of texts, or that the table does not know.
    """
    for name, wanted in (("cities", cities), ("stations", stations), ("runs", runs), ("quantities", quantities)):
        if isinstance(wanted, str):
            raise StoreError(f"{name} is the text {wanted!r}, expected a collection of texts")
    c, places = tag_hour.c, _wanted_places(connection, cities, stations)
    _require_runs(connection, places, runs)
    query = sa.select(c.place, c.hour_end, c.run, c.axes, c.city, c.lead_hours, c.packed, c.simulated, c.version).where(
        c.place.in_(places)
    )
    if start is not None:
        query = query.where(c.hour_end >= start)
    if end is not None:
        query = query.where(c.hour_end <= end)
    if runs is not None:
        query = query.where(c.run.in_(list(runs)))
    rows = connection.execute(query.order_by(c.released_at, c.received_at, c.file_digest)).all()
    axes = _axes(connection, {row.axes for row in rows})
    rows = [row for row in rows if axes[row.axes].definition == definition and row.packed]
    return _dataset(rows, axes, definition, quantities)


def summed(values: np.ndarray, contributors: Sequence[Contributor], by: str) -> dict[str, np.ndarray]:
    """Add contributions (contributor, ...) up by "sector" or by "place"; OUTSIDE stands for itself.

    What the file says of a sector or a place is taken; where it says nothing, the sum over sector x city. NaN where any is.
    """
    if by not in ("sector", "place"):
        raise ValueError(f"by is {by!r}, expected sector or place")
    which = 0 if by == "sector" else 1
    found: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(pair[which] for pair in contributors if pair[which] not in (ALL, OUTSIDE)):
        alone = [i for i, pair in enumerate(contributors) if pair[which] == name and pair[1 - which] == ALL]
        crossed = [
            i for i, pair in enumerate(contributors) if pair[which] == name and pair[1 - which] not in (ALL, OUTSIDE)
        ]
        found[name] = values[alone[0]] if alone else values[crossed].sum(axis=0)
    if (ALL, OUTSIDE) in contributors:
        found[OUTSIDE] = values[contributors.index((ALL, OUTSIDE))]
    return found


def _wanted_places(
    connection: sa.Connection, cities: Collection[str] | None, stations: Collection[str] | None
) -> list[str]:
    known = places_of(connection, tag_hour)
    in_cities = places_of(connection, tag_hour, cities) if cities is not None else known
    if unknown := sorted(set(stations or ()) - set(known)):
        raise StoreError(f"tag_hour has no place {', '.join(unknown)}, expected some of {', '.join(known[:SOME])}")
    if cities and not in_cities:
        raise StoreError(f"tag_hour has no city {', '.join(sorted(cities))}, expected a city of which there are tags")
    return [place for place in in_cities if stations is None or place in stations]


def _require_runs(connection: sa.Connection, places: Sequence[str], runs: Collection[str] | None) -> None:
    for run in runs or ():
        try:
            start = _start(run)
        except ValueError:
            raise StoreError(f"the run is {run!r}, expected a name such as TWIN-A/2023-01-19T12Z") from None
        there = sa.select(sa.literal(1)).where(tag_hour.c.run == run)
        if not any(connection.execute(there.where(*_at(p, start, start + LONGEST_H)).limit(1)).first() for p in places):
            raise StoreError(f"tag_hour has no run {run} at these places, expected one of which there are tags")


def _dataset(
    rows: Sequence[Any], axes: dict[str, _Axes], definition: str, quantities: Collection[str] | None
) -> xr.Dataset:
    told, named = _together([axes[name] for name in dict.fromkeys(row.axes for row in rows)], quantities, None)
    labels = {
        "place": sorted({row.place for row in rows}), "run": sorted({row.run for row in rows}, key=lambda run: (_start(run), run)),
        "lead_hours": sorted({row.lead_hours for row in rows}),
    }  # fmt: skip
    at = {name: {label: i for i, label in enumerate(each)} for name, each in labels.items()}
    shape = tuple(len(each) for each in labels.values())
    values = np.full((len(told), len(named), *shape), np.nan, np.float32)
    simulated = np.full(shape, -1, np.int8)
    places = {name: _places(axes[name], told, named) for name in dict.fromkeys(row.axes for row in rows)}
    for row in rows:
        where = tuple(at[name][getattr(row, name)] for name in labels)
        _put(values[(slice(None), slice(None), *where)], _unpacked(row.packed, axes[row.axes]), places[row.axes])
        simulated[where] = max(simulated[where], int(row.simulated))
    city = {row.place: row.city or "" for row in rows}
    starts = np.array([_start(run) for run in labels["run"]], np.int64)
    hour_end = starts[:, None] + np.array(labels["lead_hours"], np.int64)[None]
    texts = {
        "sector": ("contributor", [sector for sector, _ in named]), "origin": ("contributor", [place for _, place in named]),
        "place": ("place", labels["place"]), "city": ("place", [city[place] for place in labels["place"]]),
        "run": ("run", labels["run"]),
    }  # fmt: skip
    coordinates = {name: (of, np.array(each, object), attributes(name)) for name, (of, each) in texts.items()}
    coordinates["sector"] = (*coordinates["sector"][:2], attributes("contributing_sector"))
    coordinates |= {
        "lead_hours": ("lead_hours", np.array(labels["lead_hours"], np.int64), attributes("lead_hours")),
        "run_init": ("run", _moments(starts), attributes("run_init")),
        "hour_end": (("run", "lead_hours"), _moments(hour_end), attributes("hour_end")),
    }
    made = {quantity: (DIMENSIONS, values[i], _attributes(quantity, definition)) for i, quantity in enumerate(told)}
    flags = {"flag_values": np.array([-1, 0, 1], np.int8), "flag_meanings": "missing measured simulated"}
    made["simulated"] = (("place", "run", "lead_hours"), simulated, attributes("simulated") | flags)
    some = bool((simulated == 1).any())
    return xr.Dataset(made, coordinates, {
        "Conventions": "CF-1.11", "title": "Chengdu Plain air quality, tag_hour", "definition": definition, "simulated": int(some),
        "source": "simulated data" if some else "tagged contributions of chemistry models as received",
        "history": f"read from table tag_hour of an airshed store, versions up to {max((row.version for row in rows), default=0)}",
    })  # fmt: skip


def _attributes(quantity: str, definition: str) -> dict[str, Any]:
    said = "contribution to" if definition == "allocation" else "how much less there would be without it of"
    names = {"long_name": f"{said} {quantity}", "long_name_zh": f"对 {quantity} 的贡献"}
    return names | {"units": TAG_QUANTITIES[quantity], "cell_methods": "lead_hours: mean (of the hour that ends there)"}


def _together(
    used: Iterable[_Axes], quantities: Collection[str] | None, contributors: Collection[Contributor] | None
) -> tuple[tuple[str, ...], tuple[Contributor, ...]]:
    """Give the quantities, in their order, and the contributors of several axes that are wanted."""
    used = list(used)
    told = {quantity for each in used for quantity in each.quantities}
    named = dict.fromkeys(pair for each in used for pair in each.contributors)
    return (
        tuple(q for q in TAG_QUANTITIES if q in told and (quantities is None or q in quantities)),
        tuple(pair for pair in named if contributors is None or pair in contributors),
    )


def _places(axes: _Axes, told: tuple[str, ...], named: tuple[Contributor, ...]) -> tuple[np.ndarray, ...]:
    """Give where the numbers of some axes go: rows and columns of what is wanted, and of the axes."""
    q = [(told.index(name), i) for i, name in enumerate(axes.quantities) if name in told]
    c = [(named.index(pair), i) for i, pair in enumerate(axes.contributors) if pair in named]
    return tuple(np.array(each, int) for pairs in (q, c) for each in (zip(*pairs, strict=True) if pairs else ((), ())))


def _put(target: np.ndarray, numbers: np.ndarray, places: tuple[np.ndarray, ...]) -> None:
    """Lay the numbers of a row over what is there: a quantity of which it says anything is its own throughout."""
    to_q, of_q, to_c, of_c = places
    part = numbers[np.ix_(of_q, of_c)]
    says = np.isfinite(part).any(axis=1)
    target[to_q[says]] = np.nan
    target[np.ix_(to_q[says], to_c)] = part[says]


def _unpacked(text: str, axes: _Axes) -> np.ndarray:
    return numbers_of(text, (len(axes.quantities), len(axes.contributors)))


def _axes(connection: sa.Connection, names: Collection[str]) -> dict[str, _Axes]:
    rows = connection.execute(sa.select(tag_axes).where(tag_axes.c.axes.in_(list(names)))).all() if names else []
    return {
        row.axes: _Axes(
            row.definition,
            tuple(orjson.loads(row.quantities)),
            tuple((s, p) for s, p in orjson.loads(row.contributors)),
        )
        for row in rows
    }


def _at(place: str, first: int, end: int) -> list[sa.ColumnElement]:
    c = tag_hour.c
    return [c.place == place, c.hour_end >= EPOCH + first * _HOUR, c.hour_end < EPOCH + end * _HOUR]


@lru_cache(maxsize=4096)
def _start(run: str) -> int:
    return (dt.datetime.strptime(run.rpartition("/")[2], "%Y-%m-%dT%HZ") - EPOCH) // _HOUR


def _moments(hours: np.ndarray) -> np.ndarray:
    return (hours * 3600).astype("datetime64[s]").astype("datetime64[ns]")
