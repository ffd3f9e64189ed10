"""From hours to days that can be computed: short gaps bridged, days with longer ones left out by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from research.ozone.errors import OzoneError
from research.ozone.hours import NEEDED, OPTIONAL, Hours, beijing, on_every_hour
from research.ozone.records import Recorded
from standards.days import HOURS_PER_DAY, date_of_day, first_hour_of_day, natural_day
from standards.voc.species import coefficients

LONGEST_GAP_H = 3
"""Hours without a value that a straight line may bridge."""
LEAST_SHARE = 0.5
"""A compound with a value or a limit in fewer of the record's hours counts as not measured."""
MINOR_SHARE, MINOR_TOGETHER = 0.02, 0.10
"""A compound with a longer gap is left out of the day, and the day is kept, where it makes up at most so much of the day's
reactivity of VOC with OH, and all that are left out at most so much together."""
BELOW_SHARE = {"zero": 0.0, "half": 0.5, "limit": 1.0}
"""What may stand for a value below its detection limit, as a share of the limit: the person who asks chooses."""
STANDARD_PA = 101_325.0


@dataclass(frozen=True, eq=False, kw_only=True)
class StationDay:
    """A natural day (Asia/Shanghai) at a station, without gaps: hour ends 01:00 to 24:00.

    first_hour_end: epoch hour. compounds, voc_ppb float64 (compound, 24) [ppb]. series: name to float64 (24,), those that
    the record has in every hour of the day. bridged: name to how many of its hours a straight line gave. below: share of
    the values of compounds that lie below a limit. unmeasured: compounds that the record does not really have. assumed: by
    name, what stands for what was not measured, as numbers with units; pressure is the standard atmosphere's. without:
    compounds left out of this day for a gap, to their share of the reactivity of VOC with OH. simulated, source: as Hours.
    """

    station: str
    day: dt.date
    lon: float
    lat: float
    first_hour_end: int
    compounds: tuple[str, ...]
    voc_ppb: np.ndarray
    series: Mapping[str, np.ndarray]
    bridged: Mapping[str, int]
    below: float
    unmeasured: tuple[str, ...]
    assumed: Mapping[str, str]
    simulated: bool
    source: str
    without: Mapping[str, float] = field(default_factory=dict)

    @property
    def nox_ppb(self) -> np.ndarray:
        """NO2, with NO where it was measured [ppb] (24,)."""
        return self.series["no2_ppb"] + self.series.get("no_ppb", 0.0)


@dataclass(frozen=True, slots=True)
class LeftOut(Recorded):
    """A day that cannot be computed: which series lacks how many hours on end, the first of them as Beijing time, ISO 8601.

    gap_h is 0 where the record does not have the series at all.
    """

    station: str
    day: dt.date
    what: str
    gap_h: int
    gap_from: str

    def __str__(self) -> str:
        if not self.gap_h:
            return f"{self.station} {self.day}: no {self.what}"
        return f"{self.station} {self.day}: {self.what} lacks {self.gap_h} h on end from {self.gap_from}"


def briefly(left_out: Sequence[LeftOut]) -> str:
    """Say of each day what it lacks, days on end that lack the same in one: "07-03 toluene 4 h; 07-04–07-09 co_ppb 24 h"."""
    runs: list[list[LeftOut]] = []
    for each in left_out:
        last = runs[-1][-1] if runs else None
        follows = last is not None and each.day - last.day == dt.timedelta(days=1)
        if follows and (each.what, each.gap_h) == (last.what, last.gap_h):
            runs[-1].append(each)
        else:
            runs.append([each])
    return "; ".join(_run(run[0], run[-1]) for run in runs)


def _run(first: LeftOut, last: LeftOut) -> str:
    days = f"{first.day:%m-%d}" if first is last else f"{first.day:%m-%d}–{last.day:%m-%d}"
    return f"{days} {first.what} {first.gap_h or 24} h"  # as every language says it


@dataclass(frozen=True, slots=True)
class Gathered:
    """The days of a record that can be computed, and those that cannot, each in the order of time."""

    days: tuple[StationDay, ...]
    left_out: tuple[LeftOut, ...]


def gather(hours: Hours, *, below: str = "half", altitude_m: float = 500.0) -> Gathered:
    """Cut a record into the days that can be computed.

    hours: of one station. below: what stands for a value below its limit, a key of BELOW_SHARE. altitude_m: gives the
    pressure where none was measured.
    Missing: gaps of up to LONGEST_GAP_H hours within the record are bridged by a straight line, and counted; a longer one,
    or one at an end of the record, leaves the day out, or the compound alone where it is a minor one (MINOR_SHARE). A
    compound that is there in less than LEAST_SHARE of the hours that have any compound is not counted as measured. An
    optional series with a longer gap is not used on that day.
    Errors: ValueError for an unknown `below`, no hours, and a record without any compound.
    """
    if below not in BELOW_SHARE:
        raise OzoneError(f"below is {below!r}, expected one of {', '.join(BELOW_SHARE)}")
    if not len(hours.hour_end):
        raise OzoneError(f"{hours.station}: there are no hours, expected at least one day of them")
    every = on_every_hour(hours)
    limits = np.isnan(every.voc_ppb) & ~np.isnan(every.below_ppb)
    voc = np.where(limits, BELOW_SHARE[below] * every.below_ppb, every.voc_ppb)
    there = ~np.isnan(voc)
    anything = there.any(axis=0)
    if not anything.any():
        raise OzoneError(f"{hours.station}: no compound has a value, expected measured compounds")
    kept = there.sum(axis=1) >= LEAST_SHARE * anything.sum()
    named = {name: voc[i] for i, name in enumerate(every.compounds) if kept[i]}
    voc_bridged, series_bridged = (
        {name: bridged_series(values) for name, values in each.items()} for each in (named, every.series)
    )
    unmeasured = tuple(name for i, name in enumerate(every.compounds) if not kept[i])
    record = _Record(every, voc_bridged, series_bridged, limits[kept], unmeasured, altitude_m)
    found = [
        record.day(day) for day in range(natural_day(int(every.hour_end[0])), natural_day(int(every.hour_end[-1])) + 1)
    ]
    return Gathered(
        tuple(each for each in found if isinstance(each, StationDay)),
        tuple(each for each in found if isinstance(each, LeftOut)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Record:
    """A record with its short gaps bridged: name to (values, whether bridged)."""

    hours: Hours
    voc: Mapping[str, tuple[np.ndarray, np.ndarray]]
    series: Mapping[str, tuple[np.ndarray, np.ndarray]]
    below: np.ndarray
    unmeasured: tuple[str, ...]
    altitude_m: float

    def day(self, day: int) -> StationDay | LeftOut:
        date, ends = date_of_day(day), self.hours.hour_end
        at = np.flatnonzero(natural_day(ends) == day)
        for name in NEEDED:
            if name not in self.series:
                return LeftOut(self.hours.station, date, name, 0, "")
        without = self._without(at)
        voc = {name: each for name, each in self.voc.items() if name not in without}
        for name, (values, _) in [*((n, self.series[n]) for n in NEEDED), *voc.items()]:
            if len(at) < HOURS_PER_DAY or np.isnan(values[at]).any():
                return self._lacking(day, name, values, at)
        series, assumed = self._optional(at)
        used = {**{n: self.series[n] for n in series if n in self.series}, **voc}
        bridged = {name: int(filled[at].sum()) for name, (_, filled) in used.items() if filled[at].any()}
        return StationDay(
            station=self.hours.station, day=date, lon=self.hours.lon, lat=self.hours.lat,
            first_hour_end=int(ends[at[0]]), compounds=tuple(voc),
            voc_ppb=np.stack([values[at] for values, _ in voc.values()]), series=series, bridged=bridged,
            below=float(self.below[np.ix_([n not in without for n in self.voc], at)].mean()), unmeasured=self.unmeasured,
            assumed=assumed, simulated=self.hours.simulated, source=self.hours.source, without=without,
        )  # fmt: skip

    def _without(self, at: np.ndarray) -> dict[str, float]:
        """Give the minor compounds with a longer gap on a day, to their share; none where too much would go with them."""
        lacking = [np.isnan(values[at]).any() for values, _ in self.voc.values()]
        if len(at) < HOURS_PER_DAY or not any(lacking) or all(lacking):
            return {}
        shares = self._shares(at)
        found = {n: s for n, s, gap in zip(self.voc, shares, lacking, strict=True) if gap and s <= MINOR_SHARE}
        return found if sum(found.values()) <= MINOR_TOGETHER else {}

    def _shares(self, at: np.ndarray) -> list[float]:
        """Give each compound's share of the reactivity with OH, by the hours it has on the day, else in the record."""
        means = [np.nanmean(values[at] if np.isfinite(values[at]).any() else values) for values, _ in self.voc.values()]
        koh = np.nan_to_num(coefficients("koh", self.voc))  # what has no rate constant is not in the box either
        rate = np.array(means) * koh
        return (rate / rate.sum() if rate.sum() > 0.0 else np.ones(len(rate))).tolist()

    def _lacking(self, day: int, name: str, values: np.ndarray, at: np.ndarray) -> LeftOut:
        start = int(first_hour_of_day(day))
        full = np.full(HOURS_PER_DAY, np.nan)
        full[self.hours.hour_end[at] - start] = values[at]
        first, length = longest_gap(np.isnan(full))
        return LeftOut(self.hours.station, date_of_day(day), name, length, beijing(start + first))

    def _optional(self, at: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, str]]:
        series, assumed = {name: self.series[name][0][at] for name in NEEDED}, {}
        for name in OPTIONAL:
            if name in self.series and not np.isnan(self.series[name][0][at]).any():
                series[name] = self.series[name][0][at]
        if "pressure_pa" not in series:
            pa = pressure_at(self.altitude_m)
            series["pressure_pa"] = np.full(HOURS_PER_DAY, pa)
            assumed["pressure_pa"] = f"{pa:.0f} Pa ({self.altitude_m:.0f} m)"
        return series, assumed


def pressure_at(altitude_m: float) -> float:
    """Give the pressure of the standard atmosphere [Pa] at an altitude [m]; ISO 2533, below 11 km."""
    return STANDARD_PA * (1.0 - 2.25577e-5 * altitude_m) ** 5.25588


def longest_gap(missing: np.ndarray) -> tuple[int, int]:
    """Give where the longest run of True begins, and how long it is; (0, 0) where there is none."""
    best, length, start = (0, 0), 0, 0
    for at, lacks in enumerate(missing.tolist()):
        start, length = (start if length else at, length + 1) if lacks else (at, 0)
        best = (start, length) if length > best[1] else best
    return best


def bridged_series(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bridge gaps of up to LONGEST_GAP_H hours that have a value on either side; give the values and what was bridged."""
    missing = np.isnan(values)
    known = np.flatnonzero(~missing)
    if not missing.any() or not len(known):
        return values, np.zeros(len(values), bool)
    hours = np.arange(len(values))
    filled = missing & (hours > known[0]) & (hours < known[-1])
    before = known[np.searchsorted(known, hours, side="right") - 1]
    after = known[np.minimum(np.searchsorted(known, hours), len(known) - 1)]
    filled &= after - before - 1 <= LONGEST_GAP_H
    return np.where(filled, np.interp(hours, known, values[known]), values), filled
