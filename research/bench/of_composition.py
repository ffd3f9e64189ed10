"""Composition over a period of any length, beside the period of the same length before it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa

from research.bench.kinds import Inputs, Tell
from standards.voc.composition import GROUPS, composition
from standards.voc.species import species_named
from streams.registry import Registry
from streams.store.bench_results import BenchError
from streams.store.schema import voc_station_hour

SOFTWARE = "composition 1"
_AHEAD, DAY = dt.timedelta(hours=8), dt.timedelta(days=1)
Rows = list[tuple[dt.datetime, dict[str, Any]]]


def read(engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
    """Read the compounds of the period and of the one before it; BenchError where the period has none."""
    first, last = (dt.date.fromisoformat(question[name]) for name in ("first", "last"))
    begin, end = _midnight(first), _midnight(last + DAY)
    c, seen, rows, simulated = voc_station_hour.c, hashlib.sha256(), [], False
    query = (
        sa.select(c.hour_end, c.version, c.simulated, c.species_ppb)
        .where(c.station == question["station"], c.hour_end > begin - (end - begin), c.hour_end <= end)
        .order_by(c.hour_end)
    )
    with engine.connect() as connection:
        for hour, version, flag, text in connection.execute(query):
            seen.update(f"{hour.isoformat()} {version} {text}\n".encode())
            rows.append((hour, orjson.loads(text or "{}")))
            simulated = simulated or bool(flag)
    now = [row for row in rows if row[0] > begin]
    if not now:
        raise BenchError(
            f"{question['station']}: the store has no compounds from {first} to {last}, expected hours of a super-site"
        )
    return Inputs(seen.hexdigest(), simulated, (now, [row for row in rows if row[0] <= begin]))


def work(question: Mapping[str, Any], data: tuple[Rows, Rows], tell: Tell) -> dict[str, Any]:
    """Describe both periods; `before` is None where that one has no hour."""
    tell(0.1, "describe")
    now = described(data[0], question["least_hours"])
    tell(0.6, "describe")
    return {"now": now, "before": described(data[1], question["least_hours"]) if data[1] else None}


def described(rows: Rows, least_hours: int) -> dict[str, Any]:
    """Describe some hours as plain values."""
    names = sorted({species_named(name).name_en for _, cells in rows for name in cells})
    at = {name: n for n, name in enumerate(names)}
    values, limits = (np.full((len(names), len(rows)), np.nan) for _ in range(2))
    for column, (_, cells) in enumerate(rows):
        for name, cell in cells.items():
            row = at[species_named(name).name_en]
            if isinstance(cell, str):
                limits[row, column] = float(cell[1:])
            elif cell is not None:
                values[row, column] = cell
    hours = np.array([((hour + _AHEAD).hour + 23) % 24 + 1 for hour, _ in rows])
    found = composition(values, limits, names, hours, least_hours=least_hours)
    columns = ("species", "mean_ppb", "ofp_ugm3", "oh_per_s", "hours", "below", "group_ppb", "diurnal_ppb")
    return {"hours_n": len(rows), "groups": list(GROUPS), **{name: getattr(found, name) for name in columns}}


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time()) - _AHEAD
