"""Whether ozone of a day answers to VOC or to NOx, by signs that are kept apart: they may disagree, and then they say so.

Three kinds of signs are read. Two rest on the same box, one on the measurements alone:

* EKMA: by how much the peak ozone of the day changes with VOC and with NOx (the whole day, and ozone of hours before).
* L_N/Q: which share of the radicals ends with NOx (the chemistry of the hours themselves; Kleinman).
* indicators: H2O2 to HNO3 as the box makes them, and VOC to NOx as they were measured. Each is a sign of its own.

None of them is averaged with another. What they agree on is counted, and who disagrees is named.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.ozone.conditions import Conditions
from research.ozone.ekma import Ekma
from research.ozone.errors import OzoneError
from research.ozone.obm import ObmDay
from research.ozone.records import Recorded
from research.ozone.rir import Rir
from standards.voc.ratios import read_ratio, readings_at
from standards.voc.species import species_named

VOC_LIMITED, TRANSITION, NOX_LIMITED, UNKNOWN = "voc", "transition", "nox", "unknown"
KINDS = ("EKMA", "RIR", "L_N/Q", "H2O2/HNO3", "VOC/NOx")
CLEAR = 2.0
"""By how many times the answer to one precursor must be larger than to the other for a clear case (our choice)."""
L_N_Q_BOUNDS = (0.5, 2.0 / 3.0)
"""Kleinman: below the first, ozone answers to NOx more than to VOC; above the second, NOx is a brake."""
PRODUCTION_BOUNDS = (0.06, 0.2)
"""P(H2O2)/P(HNO3): VOC-limited below, NOx-limited above: Tonnesen and Dennis 2000, J. Geophys. Res. 105, 9227 (recalled)."""
_READINGS = {"limited by VOC": VOC_LIMITED, "transition": TRANSITION, "limited by NOx": NOX_LIMITED}


@dataclass(frozen=True, slots=True)
class Sign(Recorded):
    """One sign. kind: one of KINDS. reading: "voc", "transition", "nox", or "unknown" where it cannot be told. value: what was
    read, and what it is in words. rests_on: "box" or "measurements"."""

    kind: str
    reading: str
    value: float
    what: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class Regime(Recorded):
    """All signs of a day, beside each other.

    signs: in the order of KINDS. most: readings that most signs have, more than one where they tie, none where no sign can be
    read. agreeing: how many have it, of told: how many can be read. contradicted: True where one sign reads voc and another nox.
    disagreeing: kinds of the signs that read something else than `most`; where these tie, neither side is among them.
    """

    station: str
    day: dt.date
    signs: tuple[Sign, ...]
    most: tuple[str, ...]
    agreeing: int
    told: int
    contradicted: bool
    disagreeing: tuple[str, ...]

    def of(self, kind: str) -> Sign:
        """Give a sign by its kind; ValueError where it was not read."""
        for each in self.signs:
            if each.kind == kind:
                return each
        raise OzoneError(f"sign is {kind!r}, expected one of {', '.join(s.kind for s in self.signs)}")


def regime_of(day: Conditions, obm: ObmDay, *, ekma: Ekma | None = None, rir: Rir | None = None) -> Regime:
    """Read the signs of a day.

    day: its conditions. obm: its box. ekma, rir: of the same day, where they were computed; rir with the groups VOC and NOx.
    Errors: ValueError where the results are of different days or stations.
    """
    for each in (obm, ekma, rir):
        if each is not None and (each.station, each.day) != (day.day.station, day.day.day):
            raise OzoneError(
                f"results are of {each.station} {each.day} and {day.day.station} {day.day.day}, expected one day"
            )
    signs = [] if ekma is None else [sign_of_ekma(ekma)]
    signs += [] if rir is None else [sign_of_rir(rir)]
    signs += [sign_of_radicals(obm.l_n_q_daylight), sign_of_peroxide(obm.h2o2_hno3), sign_of_ratio(day)]
    return weighed(day.day.station, day.day.day, signs)


def weighed(station: str, day: dt.date, signs: Sequence[Sign]) -> Regime:
    """Count what signs agree on."""
    told = [each for each in signs if each.reading != UNKNOWN]
    counts = {each.reading: sum(s.reading == each.reading for s in told) for each in told}
    highest = max(counts.values(), default=0)
    most = tuple(name for name in (VOC_LIMITED, TRANSITION, NOX_LIMITED) if highest and counts.get(name) == highest)
    other = tuple(s.kind for s in told if s.reading not in most)
    both = {VOC_LIMITED, NOX_LIMITED} <= set(counts)
    return Regime(station, day, tuple(signs), most, highest, len(told), both, other)


def sign_of_ekma(ekma: Ekma) -> Sign:
    """Read how the peak ozone of a grid changes at the day itself."""
    by_voc, by_nox = ekma.grid.slopes()
    what = f"dO3/dln VOC {by_voc:.1f} ppb, dO3/dln NOx {by_nox:.1f} ppb; value: NOx less VOC over both"
    return Sign("EKMA", by_slopes(by_voc, by_nox), _balance(by_voc, by_nox), what, "box")


def sign_of_rir(rir: Rir) -> Sign:
    """Read the reactivities of the groups VOC and NOx; ValueError where these were not asked."""
    by_voc, by_nox = rir.of("VOC"), rir.of("NOx")
    what = f"RIR of VOC {by_voc:.2f}, of NOx {by_nox:.2f}; value: NOx less VOC over both"
    return Sign("RIR", by_slopes(by_voc, by_nox), _balance(by_voc, by_nox), what, "box")


def sign_of_radicals(l_n_q: float) -> Sign:
    """Read which share of radicals ends with NOx, 0 to 1; NaN is unknown.

    Source: Kleinman et al. 1997, Geophys. Res. Lett. 24, 2299, and Kleinman 2005, Atmos. Environ. 39, 575: with x = L_N/Q,
    d ln P/d ln NO = (1 - 3/2 x)/(1 - 1/2 x) and d ln P/d ln VOC = (1/2 x)/(1 - 1/2 x), equal at 1/2; the first is 0 at 2/3.
    """
    low, high = L_N_Q_BOUNDS
    return Sign("L_N/Q", _between(l_n_q, low, high, VOC_LIMITED), l_n_q, "share of radicals that end with NOx", "box")


def sign_of_peroxide(ratio: float) -> Sign:
    """Read the ratio of the productions of H2O2 and HNO3; NaN is unknown. Source: PRODUCTION_BOUNDS."""
    low, high = PRODUCTION_BOUNDS
    return Sign(
        "H2O2/HNO3", _between(ratio, low, high, NOX_LIMITED), ratio, "ratio of productions, P(H2O2)/P(HNO3)", "box"
    )


def sign_of_ratio(day: Conditions) -> Sign:
    """Read VOC to NOx [ppbC/ppb] from 6 to 9 o'clock, by the rule of 8:1; measured compounds alone, NO where it was measured.

    Source: bands "voc/nox" of standards/tables/voc_ratios.csv.
    """
    carbons = np.array([species_named(name).carbons for name in day.day.compounds], float)
    morning = slice(6, 9)
    ppbc, nox = carbons @ day.day.voc_ppb[:, morning], day.day.nox_ppb[morning]
    ratio = float(ppbc.sum() / nox.sum()) if nox.sum() > 0.0 else math.nan
    bands = readings_at(read_ratio("voc/nox", ratio)) if math.isfinite(ratio) else ()
    reading = _READINGS[bands[0].reading_en] if bands else UNKNOWN
    of = "NO2 and NO" if "no_ppb" in day.day.series else "NO2 alone"
    return Sign("VOC/NOx", reading, ratio, f"ppbC per ppb, 6 to 9 o'clock, NOx by {of}", "measurements")


def by_slopes(by_voc: float, by_nox: float) -> str:
    """Read two answers of ozone, to VOC and to NOx in the same unit: the one that is CLEAR times larger leads.

    NOx that makes ozone less is VOC-limited whatever VOC does; VOC likewise. Where neither makes any, or one is missing, unknown.
    """
    if not (math.isfinite(by_voc) and math.isfinite(by_nox)) or max(by_voc, by_nox) <= 0.0:
        return UNKNOWN
    if by_voc > CLEAR * by_nox:
        return VOC_LIMITED
    return NOX_LIMITED if by_nox > CLEAR * by_voc else TRANSITION


def _balance(by_voc: float, by_nox: float) -> float:
    size = abs(by_voc) + abs(by_nox)
    return (by_nox - by_voc) / size if size > 0.0 else math.nan


def _between(value: float, low: float, high: float, above: str) -> str:
    """Read a value by two bounds; `above` is the reading above the higher one, its contrary below the lower one."""
    if not math.isfinite(value):
        return UNKNOWN
    if value > high:
        return above
    return ({VOC_LIMITED, NOX_LIMITED} - {above}).pop() if value < low else TRANSITION
