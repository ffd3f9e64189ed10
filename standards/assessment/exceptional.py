"""Exceptional events: days of dust, fire or the like left out of an assessment, with the result of both kept.

What counts as an event is decided by the authority (for dust, by the national centre's list); nothing here decides it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.assessment.assess import PeriodAssessment, assess_period
from standards.assessment.indices import INDEX_METHODS, IndexMethod
from standards.assessment.period_values import require_daily
from standards.assessment.periods import Period
from standards.assessment.rules import AssessmentRules
from standards.dated_tables import read_table
from standards.days import day_of_date
from standards.editions import Edition
from standards.exact_means import VALUE_MAX
from standards.pollutants import ITEMS

_RULES = {row["rule"]: row["value"] for row in read_table("exceptional").rows}

DUST_ITEMS = tuple(_RULES["dust_items"].split())
"""Items of which the days of dust are left out (环办监测〔2016〕120号, quoted)."""
EXCLUDED_DAYS_COUNT = _RULES["excluded_days_count_as_valid"] == "yes"
"""Whether an excluded day still counts as a valid day of its period (assumed)."""
CONCENTRATIONS_SHOWN = _RULES["concentrations_shown"]
"""Which result is shown for concentrations and indices: "with" or "without" the events."""
DAY_SHARES_SHOWN = _RULES["day_shares_shown"]
"""Which result is shown for good and heavy days: "with" or "without" the events."""


@dataclass(frozen=True, slots=True)
class ExceptionalEvent:
    """One event that an authority accepted.

    kind: for instance "dust". first, last: calendar dates in local time, both included. items: which of ITEMS are left
    out. source: who accepted it, for instance the number of a list. places: positions along the place axis of the
    daily values, () for all.
    Errors: ValueError where an item is unknown, dates are not plain dates or in the wrong order, or source is empty.
    """

    kind: str
    first: dt.date
    last: dt.date
    source: str
    items: tuple[str, ...] = DUST_ITEMS
    places: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for item in self.items:
            if item not in ITEMS:
                raise ValueError(f"item is {item!r}, expected one of {', '.join(ITEMS)}")
        for label, value in (("first", self.first), ("last", self.last)):
            if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
                raise ValueError(f"{label} is {value!r}, expected a datetime.date in local time")
        if self.last < self.first:
            raise ValueError(f"the event ends on {self.last} before it begins on {self.first}")
        if not self.source.strip():
            raise ValueError("source is empty, expected who accepted the event")


@dataclass(frozen=True, slots=True)
class BothAssessments:
    """A period with and without its events: neither replaces the other.

    with_events: from all values. without_events: the events' values left out. excluded [days]: int16 (6, ...), values
    left out in the period. events: those given.
    """

    with_events: PeriodAssessment
    without_events: PeriodAssessment
    excluded: np.ndarray
    events: tuple[ExceptionalEvent, ...]

    @property
    def concentrations(self) -> PeriodAssessment:
        """The result whose concentrations and indices are shown (tables/exceptional.csv)."""
        return self._shown(CONCENTRATIONS_SHOWN)

    @property
    def day_shares(self) -> PeriodAssessment:
        """The result whose good and heavy days are shown (tables/exceptional.csv)."""
        return self._shown(DAY_SHARES_SHOWN)

    def _shown(self, which: str) -> PeriodAssessment:
        return self.without_events if which == "without" else self.with_events


def event_mask(shape: tuple[int, ...], first_day: int, events: Sequence[ExceptionalEvent]) -> np.ndarray:
    """Mark the values of events.

    shape: of daily values, (6, day) or (6, place, day). first_day [days since 1970-01-01 local]: of the first column.
    Returns bool of that shape; days outside the series are passed over.
    Errors: ValueError where the shape is not as above, or an event names a place that is not there.
    """
    if len(shape) not in (2, 3) or shape[0] != len(ITEMS):
        raise ValueError(f"shape is {shape}, expected ({len(ITEMS)}, day) or ({len(ITEMS)}, place, day)")
    mask = np.zeros(shape, dtype=bool)
    places = shape[1] if len(shape) == 3 else 0
    for event in events:
        if any(not 0 <= place < places for place in event.places):
            raise ValueError(f"places are {event.places}, expected positions from 0 to {places - 1}")
        start = max(day_of_date(event.first) - first_day, 0)
        stop = max(day_of_date(event.last) - first_day + 1, 0)
        for item in event.items:
            row = mask[ITEMS.index(item)]
            if event.places:
                row[list(event.places), start:stop] = True
            else:
                row[..., start:stop] = True
    return mask


def assess_with_events(
    daily: np.ndarray,
    first_day: int,
    period: Period,
    events: Sequence[ExceptionalEvent],
    *,
    edition: Edition,
    count_excluded: bool = EXCLUDED_DAYS_COUNT,
    rules: AssessmentRules | None = None,
    method: IndexMethod = INDEX_METHODS["default"],
    on_bad: str = "raise",
) -> BothAssessments:
    """Assess a period with its exceptional events and without them.

    daily, first_day, period, edition: as assessment.assess_period, daily of shape (6, day) or (6, place, day). events:
    as accepted. count_excluded: an excluded value that was there still counts for the validity of the period. rules,
    method, on_bad: as assess_period. Returns BothAssessments.
    Missing: as assess_period.
    Notes: an excluded item has no index on its day, so the day has an AQI only where the others exceed 100.
    Errors: as assess_period and event_mask.
    Source: 环办监测〔2016〕120号 and HJ 663-2026 (exceptional events); see tables/exceptional.csv for what is known.
    """
    checked, _ = require_daily(daily, on_bad=on_bad)
    mask = event_mask(checked.shape, first_day, events) & ~np.isnan(checked)

    def assess(values: np.ndarray, counted: np.ndarray | None) -> PeriodAssessment:
        return assess_period(
            values, first_day, period, edition=edition, rules=rules, method=method, on_bad=on_bad, counted=counted
        )

    with_events = assess(daily, None)
    left = np.where(mask, np.nan, np.asarray(daily, dtype=np.float64))
    without = assess(left, ~np.isnan(checked) if count_excluded else None)
    start, stop = period.first_day - first_day, period.last_day - first_day + 1
    excluded = mask[..., max(start, 0) : max(stop, 0)].sum(axis=-1, dtype=np.int16)
    return BothAssessments(with_events, without, excluded, tuple(events))


def dust_hours(
    pm10: np.ndarray,
    *,
    times_mean: float = float(_RULES["dust_start_times_mean"]),
    above_ugm3: float = float(_RULES["dust_start_above_ugm3"]),
    mean_hours: int = int(_RULES["dust_start_mean_hours"]),
    within_share: float = float(_RULES["dust_end_within_share"]),
) -> np.ndarray:
    """Point out hours that look like dust, for a person to compare with the national list. No exclusion follows.

    pm10 [ug/m3]: (hour,) of one station. Dust begins where the hour is at least times_mean the mean of the mean_hours
    hours before and above above_ugm3; it lasts until the first hour not more than within_share above that mean, which
    no longer belongs to it. Returns bool (hour,).
    Missing: a missing hour, or none of the hours before present, begins nothing; inside dust a missing hour is dust.
    Errors: ValueError where pm10 is not one row, or is negative or infinite.
    Source: attachment of 环办监测〔2016〕120号 (recalled; "within 10 %" is read as not more than 10 % above).
    """
    pm10 = np.asarray(pm10, dtype=np.float64)
    if pm10.ndim != 1:
        raise ValueError(f"pm10 has shape {pm10.shape}, expected (hour,)")
    if ((pm10 < 0) | (pm10 > VALUE_MAX)).any():
        raise ValueError("pm10 is negative or infinite, expected 0 or more, or NaN for missing")
    dust = np.zeros(pm10.shape, dtype=bool)
    before = np.nan
    for hour, value in enumerate(pm10):
        if hour and dust[hour - 1] and not value <= before * (1 + within_share):
            dust[hour] = True
            continue
        window = pm10[max(0, hour - mean_hours) : hour]
        window = window[~np.isnan(window)]
        if len(window) and value > above_ugm3 and value >= times_mean * window.mean():
            dust[hour], before = True, float(window.mean())
    return dust
