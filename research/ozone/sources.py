"""Ozone of sources: what a receptor model's factors could make, what the box makes of them, what the attribution says.

Three answers to three questions, which are never one number:

* the ozone formation potential asks what compounds would make where NOx is plentiful (MIR);
* the box asks by how much less the day would have made without the factor, here and now;
* the attribution of `ml` asks whose emissions the ozone that was measured belongs to, with transport and NOx.

Each is given as shares of what it shares out, beside the others, with how far they lie apart. The attribution's shares are
those among the sectors that stand for factors; what else it holds is said as `left_aside`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.ozone.boxes import run, spin_up
from research.ozone.budgets import gross_ozone
from research.ozone.chemistries import mechanism_for
from research.ozone.conditions import Conditions
from research.ozone.errors import OzoneError
from research.ozone.groups import REST, Factors
from research.ozone.records import Recorded
from research.ozone.rir import CUT, LEAST_NET_PPB
from standards.voc.reactivity import ofp

METHODS = ("ofp", "box, a tenth", "box, all", "attribution")
"""OFP; the box with a tenth of the factor taken away, times ten; with all of it taken away; the attribution."""
SPREAD_AGREES = 0.1
"""Shares that lie no further apart than this agree (our choice)."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceOzone(Recorded):
    """Shares of sources in a day's ozone by each method.

    sources: names; the last is what is in no factor. share: by method, float64 (source,), sums to 1 over the sources that the
    method tells; NaN where it does not tell. amount: by method, what is shared out, and its unit in `unit`. per_source: by
    method, float64 (source,) in that unit: the box's may be below 0. low, high, spread: float64 (source,), over the methods that
    tell the source; spread is high less low. agree: bool (source,), where the spread is at most SPREAD_AGREES and two methods
    or more tell. order_agrees: the methods that name the same first source as OFP. attribution: what is known of that of
    `ml`: quantity, span, tier, confidence, model; empty where the store has none, and why_none says so.
    """

    station: str
    day: dt.date
    sources: tuple[str, ...]
    share: Mapping[str, np.ndarray]
    per_source: Mapping[str, np.ndarray]
    amount: Mapping[str, float]
    unit: Mapping[str, str]
    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    agree: np.ndarray
    order_agrees: Mapping[str, bool]
    attribution: Mapping[str, str]
    why_none: str
    settings: Mapping
    assumed: Mapping[str, str]
    simulated: bool


@dataclass(frozen=True, slots=True)
class Attributed:
    """What the attribution of `ml` says of a day: its contributions by sector [ug/m3], with outside, and what it rests on."""

    by_sector: Mapping[str, float]
    about: Mapping[str, str]


def source_ozone_of(
    day: Conditions,
    factors: Factors,
    *,
    attributed: Attributed | None = None,
    sectors: Mapping[str, Sequence[str]] | None = None,
    why_none: str = "",
    rtol: float | None = None,
    threads: int = 1,
) -> SourceOzone:
    """Share a day's ozone among the factors of a receptor model by each method.

    factors: what they add to compounds. attributed: what the attribution says of the day, where there is one; sectors: which
    of its sectors each factor stands for, several where it holds several; a sector may stand for one factor only. why_none:
    why there is no attribution. rtol, threads: of the solver.
    Missing: a compound without MIR adds nothing to OFP. Factors that no sector stands for are not told by the attribution.
    Errors: ValueError where a sector is given twice or unknown, a factor is unknown, and as Factors.groups.
    """
    names = (*factors.names, REST)
    parts = {"ofp": _ofp(day, factors)}
    net, tenth, everything = _box(day, factors, rtol, threads)
    parts |= {"box, a tenth": tenth, "box, all": everything}
    unit = {"ofp": "ug/m3 O3", "box, a tenth": "ppb Ox", "box, all": "ppb Ox"}
    if attributed is not None:
        parts["attribution"], unit["attribution"] = _by_factor(names, attributed, sectors or {}), "ug/m3 O3"
    share = {method: _shares(values) for method, values in parts.items()}
    if net < LEAST_NET_PPB:
        share |= {m: np.full(len(names), np.nan) for m in ("box, a tenth", "box, all")}
    told, low, high = _ends(np.stack(list(share.values())))
    first = {m: int(np.nanargmax(v)) if np.isfinite(v).any() else -1 for m, v in share.items()}
    return SourceOzone(
        station=day.day.station, day=day.day.day, sources=names, share=share, per_source=parts,
        amount={m: float(np.nansum(v)) for m, v in parts.items()}, unit=unit, low=low, high=high, spread=high - low,
        agree=(told >= 2) & (high - low <= SPREAD_AGREES),
        order_agrees={m: at == first["ofp"] for m, at in first.items() if m != "ofp" and at >= 0},
        attribution={} if attributed is None else {**attributed.about, "left_aside": _left_aside(attributed, sectors or {})},
        why_none="" if attributed is not None else why_none or "no attribution was given",
        settings=day.settings.as_record(), assumed=dict(day.assumed), simulated=day.day.simulated,
    )  # fmt: skip


def _ends(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give how many methods tell each source, and the lowest and highest share (source,), from (method, source)."""
    known = np.isfinite(table)
    told = known.sum(axis=0)
    low, high = np.where(known, table, np.inf).min(axis=0), np.where(known, table, -np.inf).max(axis=0)
    return told, np.where(told > 0, low, np.nan), np.where(told > 0, high, np.nan)


def _ofp(day: Conditions, factors: Factors) -> np.ndarray:
    """Give the ozone formation potential of each factor and the rest, means over the day [ug/m3 O3]."""
    potential = np.nan_to_num(ofp(day.day.voc_ppb, day.day.compounds, unit="ppb", least_measured=0.0).by_species)
    share = np.zeros((len(factors.names), *potential.shape))
    of_day = factors.shares(day)
    for i, name in enumerate(day.day.compounds):
        if name in factors.compounds:
            share[:, i] = of_day[:, factors.compounds.index(name)]
    mine = (share * potential).sum(axis=1).mean(axis=-1)
    return np.append(mine, potential.sum(axis=0).mean() - mine.sum())


def _box(day: Conditions, factors: Factors, rtol: float | None, threads: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Give the net odd oxygen of daylight [ppb], and by how much each factor makes it more: by a tenth, and by all of it."""
    groups = factors.groups(day)
    cuts = [each.change(day, cut) for cut in (CUT, 1.0) for each in groups]
    counted = gross_ozone(mechanism_for(day.settings.mechanism))
    start = spin_up([day], threads=threads)
    changes = [[{}, *cuts]]
    boxes = run([day], counted, changes=changes, start_ppb=start, keep=(), rtol=rtol, threads=threads)
    net = (boxes.total("made") - boxes.total("lost"))[0][:, day.daylight].sum(axis=1)
    less = net[0] - net[1:]
    return float(net[0]), less[: len(groups)] / CUT, less[len(groups) :]


def _by_factor(names: Sequence[str], attributed: Attributed, sectors: Mapping[str, Sequence[str]]) -> np.ndarray:
    if unknown := sorted(set(sectors) - set(names)):
        raise OzoneError(f"sectors are given for {', '.join(unknown)}, expected factors: {', '.join(names)}")
    given = [sector for each in sectors.values() for sector in each]
    if len(set(given)) < len(given):
        twice = sorted({s for s in given if given.count(s) > 1})
        raise OzoneError(f"the sector {', '.join(twice)} stands for two factors, expected one")
    if unknown := sorted(set(given) - set(attributed.by_sector)):
        raise OzoneError(f"sector is {', '.join(unknown)}, expected some of {', '.join(attributed.by_sector)}")
    return np.array(
        [sum(attributed.by_sector[s] for s in sectors[n]) if sectors.get(n) else math.nan for n in names], np.float64
    )


def _left_aside(attributed: Attributed, sectors: Mapping[str, Sequence[str]]) -> str:
    """Say which share of the attribution stands for no factor, such as what comes from outside."""
    given = sum(attributed.by_sector[s] for each in sectors.values() for s in each)
    total = sum(attributed.by_sector.values())
    return f"{1.0 - given / total:.2f} of the whole" if total else "unknown"


def _shares(values: np.ndarray) -> np.ndarray:
    total = np.nansum(values)
    return values / total if total > 0.0 else np.full(len(values), np.nan)
