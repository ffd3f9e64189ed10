"""Relative incremental reactivity: by how much less ozone is made when a little of something is taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.ozone.boxes import alike, run, spin_up
from research.ozone.budgets import gross_ozone
from research.ozone.chemistries import mechanism_for
from research.ozone.conditions import Conditions
from research.ozone.errors import OzoneError
from research.ozone.groups import Group
from research.ozone.records import Recorded

CUT = 0.1
"""The share that is taken away, as is usual."""
LEAST_NET_PPB = 1.0
"""Net odd oxygen of the daylight hours below which a share of it says nothing [ppb]."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rir(Recorded):
    """Reactivities of a day.

    groups: names. rir: float64 (group,), signed: per cent of net odd oxygen for each per cent of the group; below 0 where less
    of it makes more ozone. NaN where the day makes less than LEAST_NET_PPB. net_ppb: net odd oxygen made in the daylight hours, as
    it was. net_without_ppb: (group,) with the group cut. net_by_hour, net_without_by_hour: (24,) and (group, 24) [ppb/h].
    cut: share that was taken away. settings, assumed, bridged, simulated: of the day.
    """

    station: str
    day: dt.date
    groups: tuple[str, ...]
    rir: np.ndarray
    net_ppb: float
    net_without_ppb: np.ndarray
    net_by_hour: np.ndarray
    net_without_by_hour: np.ndarray
    cut: float
    settings: Mapping
    assumed: Mapping[str, str]
    bridged: Mapping[str, int]
    simulated: bool

    def of(self, group: str) -> float:
        """Give the reactivity of a group; ValueError for one that was not asked."""
        if group not in self.groups:
            raise OzoneError(f"group is {group!r}, expected one of {', '.join(self.groups)}")
        return float(self.rir[self.groups.index(group)])


def rir_of(
    days: Sequence[Conditions],
    groups: Callable[[Conditions], Sequence[Group]],
    *,
    cut: float = CUT,
    rtol: float | None = None,
    threads: int = 1,
) -> list[Rir]:
    """Compute the reactivities of groups on days.

    days: conditions of days, alike or not. groups: gives the groups of a day; as many on each. cut: share that is taken
    away, above 0 and up to 1. rtol: of the solver. threads: 0 for one on each core. Returns one result a day, in their order.
    RIR = ((P - P') / P) / cut, with P the net odd oxygen of the daylight hours.
    Errors: ValueError for a cut that is none, no groups, and a group that is named twice.
    Source: Cardelino and Chameides 1995, J. Air Waste Manage. Assoc. 45, 161.
    """
    if not 0.0 < cut <= 1.0:
        raise OzoneError(f"cut is {cut}, expected above 0 and up to 1")
    found: dict[int, Rir] = {}
    for places in alike(days):
        part = [days[at] for at in places]
        wanted = [_named_once(groups(each)) for each in part]
        for names in {tuple(g.name for g in each) for each in wanted}:
            some = [i for i, each in enumerate(wanted) if tuple(g.name for g in each) == names]
            done = _alike([part[i] for i in some], [wanted[i] for i in some], cut, rtol, threads)
            found |= dict(zip([places[i] for i in some], done, strict=True))
    return [found[at] for at in range(len(days))]


def _named_once(groups: Sequence[Group]) -> Sequence[Group]:
    names = [each.name for each in groups]
    if not names or len(set(names)) < len(names):
        raise OzoneError(f"groups are {', '.join(names) or 'none'}, expected some, each once")
    return groups


def _alike(days: list[Conditions], groups: list, cut: float, rtol: float | None, threads: int) -> list[Rir]:
    counted = gross_ozone(mechanism_for(days[0].settings.mechanism))
    start = spin_up(days, threads=threads)
    net = _net(days, groups, counted, start, cut, rtol, threads)
    return [_result(day, each, net[i], cut) for i, (day, each) in enumerate(zip(days, groups, strict=True))]


def _net(days, groups, counted, start, cut, rtol, threads) -> np.ndarray:
    """Give the net odd oxygen of each window [ppb], (day, 1 + group, window)."""
    changes = [[{}, *(group.change(day, cut) for group in each)] for day, each in zip(days, groups, strict=True)]
    boxes = run(days, counted, changes=changes, start_ppb=start, keep=(), rtol=rtol, threads=threads)
    return boxes.total("made") - boxes.total("lost")


def _result(day: Conditions, groups: Sequence[Group], net: np.ndarray, cut: float) -> Rir:
    lit = net[:, day.daylight].sum(axis=1)
    hourly = day.hourly(net) * day.windows_per_hour
    told = lit[0] >= LEAST_NET_PPB
    return Rir(
        station=day.day.station, day=day.day.day, groups=tuple(g.name for g in groups),
        rir=(lit[0] - lit[1:]) / lit[0] / cut if told else np.full(len(groups), np.nan),
        net_ppb=float(lit[0]), net_without_ppb=lit[1:], net_by_hour=hourly[0], net_without_by_hour=hourly[1:], cut=cut,
        settings=day.settings.as_record(), assumed=dict(day.assumed), bridged=dict(day.day.bridged),
        simulated=day.day.simulated,
    )  # fmt: skip


def mean_rir(results: Sequence[Rir]) -> tuple[dict[str, float], dict[str, float]]:
    """Give the mean of each group over days, weighed by what each day makes, and the standard deviation between days.

    Days without an answer count nowhere; NaN where no day has one.
    """
    by_group: dict[str, list[tuple[float, float]]] = {}
    for each in results:
        for name, value in zip(each.groups, each.rir.tolist(), strict=True):
            by_group.setdefault(name, []).append((each.net_ppb, value))
    means, spread = {}, {}
    for name, pairs in by_group.items():
        weight, value = np.array([p for p in pairs if np.isfinite(p[1])]).reshape(-1, 2).T
        means[name] = float(np.average(value, weights=weight)) if len(value) else float("nan")
        spread[name] = float(value.std(ddof=1)) if len(value) > 1 else float("nan")
    return means, spread
