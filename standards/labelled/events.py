"""Periods with and without their exceptional events on labelled data (standards.assessment.exceptional)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

import standards.assessment.exceptional as exceptional
from standards.assessment.periods import Period
from standards.editions import Edition
from standards.labelled.columns import DAY_COLUMNS, present_items
from standards.labelled.periods import labelled_assessment, one_edition, period_named
from standards.labelled.shapes import Data, names_of, series_of
from standards.labelled.times import DAY
from standards.labelled.words import pure, reference
from standards.pollutants import ITEMS


@dataclass(frozen=True, slots=True)
class BothAssessments:
    """A period with and without its events, each as assess_period gives it; excluded: days left out, by place."""

    with_events: Data
    without_events: Data
    excluded: Data


def assess_with_events(
    data: Data,
    period: Period | str,
    events: pd.DataFrame | Sequence[exceptional.ExceptionalEvent],
    *,
    edition: str | Edition | None = None,
    duplicates: str = "raise",
    **options: Any,
) -> BothAssessments:
    """Assess a period of each place with its exceptional events and without them.

    data, period, edition, duplicates: as assess_period. events: a DataFrame with kind, first, last (dates) and source,
    and where it has them items (codes by commas) and place (label, for instance of the city; empty for all); or
    ExceptionalEvents, whose places count in the order of the result. options: of standards.assessment.exceptional. Returns
    BothAssessments; which is shown for what is said by standards.assessment.exceptional.CONCENTRATIONS_SHOWN and DAY_SHARES_SHOWN.
    Missing: as standards.assessment.exceptional.assess_with_events.
    Errors: as assess_period; ValueError also for a missing column, or a place that the data do not have.
    """
    period = period if isinstance(period, Period) else period_named(period)
    present_items(names_of(data), DAY, wanted=ITEMS)
    arrays = series_of(data, [DAY_COLUMNS[item] for item in ITEMS], DAY, duplicates=duplicates)
    listed = _events(events, arrays.places) if isinstance(events, pd.DataFrame) else list(events)
    both = exceptional.assess_with_events(
        arrays.values, int(arrays.times[0]) if len(arrays.times) else period.first_day, period, listed,
        edition=one_edition(period, edition), **options,
    )  # fmt: skip
    trace = {"references": reference(exceptional.assess_with_events)}
    made = {
        f"{item}_excluded_days": (both.excluded[i], pure(f"days of {item} left out", "剔除天数", units="days") | trace)
        for i, item in enumerate(ITEMS)
    }
    about = (
        dict(arrays.about) | trace | {"events": "; ".join(f"{e.kind} {e.first}/{e.last}, {e.source}" for e in listed)}
    )
    results = [labelled_assessment(each, arrays, period) for each in (both.with_events, both.without_events)]
    for each, name in zip(results, ("with", "without"), strict=True):
        each.attrs |= {"exceptional_events": name}
    return BothAssessments(*results, arrays.give_places(made, about, label=period.name))


def _events(table: pd.DataFrame, places: pd.Index) -> list[exceptional.ExceptionalEvent]:
    if missing := [name for name in ("kind", "first", "last", "source") if name not in table]:
        raise ValueError(f"missing are {', '.join(missing)}, expected events with kind, first, last and source")
    found = []
    for row in table.to_dict("records"):
        place, items = row.get("place"), row.get("items")
        at: tuple[int, ...] = ()
        if not pd.isna(place) and place != "":
            if place not in places:
                raise ValueError(f"the place of an event is {place!r}, expected one of {', '.join(map(str, places))}")
            at = (int(places.get_loc(place)),)
        codes = {} if pd.isna(items) or not items else {"items": tuple(code.strip() for code in items.split(","))}
        first, last = (_date(row[name], name) for name in ("first", "last"))
        found.append(exceptional.ExceptionalEvent(row["kind"], first, last, row["source"], places=at, **codes))
    return found


def _date(value: Any, name: str) -> dt.date:
    stamp = pd.Timestamp(value)
    if stamp is pd.NaT or stamp.tz is not None or stamp != stamp.normalize():
        raise ValueError(f"{name} is {value!r}, expected a date without time or zone")
    return stamp.date()
