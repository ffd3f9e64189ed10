"""Relative incremental reactivities of groups or compounds: means over days with how far days differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from research.bench.factors import factors_in, receptor_of
from research.bench.kinds import Inputs, Tell
from research.bench.ozone_days import MECHANISM, Days, parts_of, read_days, told
from research.ozone.groups import co_group, compound_groups, nox_group, usual_groups
from research.ozone.rir import Rir, mean_rir, rir_of
from streams.registry import Registry
from streams.store.bench_kinds import FACTORS

SOFTWARE = f"rir 3; {MECHANISM}"


def read(engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
    """Read the days, and the receptor result whose factors are to be cut, where it is asked by these."""
    if question["by"] != FACTORS:
        return read_days(engine, registry, question)
    kept = receptor_of(engine, question)
    found = read_days(engine, registry, question, {"receptor": kept.content})
    return Inputs(found.digest, found.simulated or kept.simulated, found.data)


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give the mean of each group, signed, with one standard deviation between days on either side."""
    factors = factors_in(data.more["receptor"]) if question["by"] == FACTORS else None

    def groups(day):
        of = day.lumping
        if question["by"] == "groups":
            return usual_groups(of)
        parts = compound_groups(of) if factors is None else factors.groups(day)
        return [*parts, co_group(), nox_group()]

    found: list[Rir] = []
    for share, days in parts_of(data.days):
        tell(share, "reactivities")
        found += rir_of(days, groups)
    mean, deviation = mean_rir(found)
    shown = [
        {"group": name, "rir": value, "low": value - deviation[name], "high": value + deviation[name]}
        for name, value in mean.items()
    ]
    days = [
        {"day": each.day.isoformat(), "net_ppb": each.net_ppb, "rir": dict(zip(each.groups, each.rir, strict=True))}
        for each in found
    ]
    return {"groups": shown, "days": days, **told(data)}
