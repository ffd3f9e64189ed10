"""Which daily values of the inputs changed between two readings of the store: what stands behind a revision. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboards.phase.gathered import Days, Gathered
from standards.days import date_of_day
from standards.pollutants import ITEMS

_STANDING = ("absent", "provisional", "reviewed")


def changed_days(old: Gathered, new: Gathered) -> list[dict[str, Any]]:
    """Give the daily values of cities that differ: place, day, item, was, now, standing was and now; None for a missing one.

    Of the period and of the one it is compared with, over the days that either reading knows; a day whose standing alone
    changed (provisional, reviewed) is told with the item "standing".
    """
    return [
        change
        for part in ("now", "base")
        for change in _changes(part, getattr(old, part), old.cities, getattr(new, part), new.cities)
    ]


def _changes(part: str, old: Days, before: tuple[str, ...], new: Days, after: tuple[str, ...]) -> list[dict[str, Any]]:
    was, now, found = _by_place(old, before), _by_place(new, after), []
    for place in dict.fromkeys((*before, *after)):
        left, right = was.get(place, {}), now.get(place, {})
        for day in sorted(left.keys() | right.keys()):
            found += _one_day(part, place, day, left.get(day), right.get(day))
    return found


def _one_day(part: str, place: str, day: int, was: tuple | None, now: tuple | None) -> list[dict[str, Any]]:
    missing = ((None,) * len(ITEMS), 0)
    (old, old_standing), (new, new_standing) = was or missing, now or missing
    told = {
        "part": part, "place": place, "day": str(date_of_day(day)),
        "standing_was": _STANDING[old_standing], "standing_now": _STANDING[new_standing],
    }  # fmt: skip
    items = [{**told, "item": i, "was": a, "now": b} for i, a, b in zip(ITEMS, old, new, strict=True) if a != b]
    if not items and old_standing != new_standing:
        return [{**told, "item": "standing", "was": None, "now": None}]
    return items


def _by_place(days: Days, places: tuple[str, ...]) -> dict[str, dict[int, tuple[tuple[float | None, ...], int]]]:
    """Give values and standing of each day that has a row, by place and day."""
    values = np.where(np.isnan(days.values), None, days.values)
    return {
        place: {
            days.first_day + int(d): (tuple(values[:, p, d]), int(days.standing[p, d]))
            for d in np.flatnonzero(days.standing[p])
        }
        for p, place in enumerate(places)
    }
