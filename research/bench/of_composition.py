"""Composition over a period of any length, beside the period of the same length before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from research.bench.kinds import Inputs, Tell, period_asked
from standards.voc.composition import GROUPS, composition
from streams.registry import Registry
from streams.store.bench_results import BenchError
from streams.store.compounds import CompoundHours, compound_hours

SOFTWARE = "composition 1"
HOUR = dt.timedelta(hours=1)


def read(engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
    """Read the compounds of the period and of the one before it; BenchError where the period has none."""
    first, end = period_asked(question)
    before = first - (end - first + HOUR)
    with engine.connect() as connection:
        found = compound_hours(connection, question["station"], before, end)
    now = found.between(first, end)
    if not now.hour_end:
        raise BenchError(
            f"{question['station']}: the store has no compounds from {question['first']} to {question['last']},"
            " expected hours of a super-site"
        )
    return Inputs(found.digest, found.simulated, (now, found.between(before, first - HOUR)))


def work(question: Mapping[str, Any], data: tuple[CompoundHours, CompoundHours], tell: Tell) -> dict[str, Any]:
    """Describe both periods; `before` is None where that one has no hour."""
    tell(0.1, "describe")
    now = described(data[0], question["least_hours"])
    tell(0.6, "describe")
    return {"now": now, "before": described(data[1], question["least_hours"]) if data[1].hour_end else None}


def described(hours: CompoundHours, least_hours: int) -> dict[str, Any]:
    """Describe some hours as plain values."""
    found = composition(hours.ppb, hours.below_ppb, hours.species, hours.hour, least_hours=least_hours)
    columns = ("species", "mean_ppb", "ofp_ugm3", "oh_per_s", "hours", "below", "group_ppb", "diurnal_ppb")
    return {"hours_n": len(hours.hour_end), "groups": list(GROUPS), **{name: getattr(found, name) for name in columns}}
