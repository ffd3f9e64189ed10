"""Relative incremental reactivities of groups or compounds: means over days with how far days differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.bench.kinds import Tell
from research.bench.ozone_days import MECHANISM, Days, parts_of, read_days, told
from research.ozone.groups import co_group, compound_groups, nox_group, usual_groups
from research.ozone.rir import Rir, mean_rir, rir_of

SOFTWARE = f"rir 2; {MECHANISM}"
read = read_days


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give the mean of each group, signed, with one standard deviation between days on either side."""

    def groups(day):
        of = day.lumping
        return usual_groups(of) if question["by"] == "groups" else [*compound_groups(of), co_group(), nox_group()]

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
