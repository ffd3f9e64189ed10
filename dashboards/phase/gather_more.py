"""What goes with the days of a period: what was replaced, episodes, forecasts, attribution, series without the weather."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from dashboards.phase.gathered import Row, whole_months
from dashboards.queries.weather import normalised_between
from ml.normalise.months import ITEMS as NORMALISED
from standards.assessment.periods import Period
from standards.days import first_hour_of_day
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.attribution import contributions_of, means_of
from streams.store.schema import air_city_day, attribution, episode_event, row_history

DAILY = tuple("o3_mda8_ugm3" if item == "o3" else POLLUTANTS[item].column for item in ITEMS)
"""Columns of a day in the order of ITEMS."""
STANDING = "standing"
"""Stands for an item where a row was replaced for its standing alone."""
EPOCH, HOUR = dt.datetime(1970, 1, 1), dt.timedelta(hours=1)
ATTRIBUTED = {"pm25": "day", "o3": "mda8"}
"""Quantities that are shared out, with the span of their days."""


def of_period(
    connection: sa.Connection, cities: Sequence[str], period: Period, base: Period, *, approved: bool
) -> dict[str, Any]:
    """Give the fields of Gathered that go with the days of a period; base: the days with which it is compared."""
    revisions, last = _revisions(connection, cities, period)
    attributed, why = _attributed(connection, cities, period) if approved else ((), "not_approved")
    return {
        "revisions": revisions, "revised_last": last, "episodes": _episodes(connection, period),
        "attributed": attributed, "unattributed": why, "normalised": _normalised(connection, cities, period, base),
    }  # fmt: skip


def _moments(period: Period) -> tuple[dt.datetime, dt.datetime]:
    """Give the first and the last hour of a period (naive UTC, ends of hours)."""
    first, after = int(first_hour_of_day(period.first_day)), int(first_hour_of_day(period.last_day + 1))
    return EPOCH + first * HOUR, EPOCH + (after - 1) * HOUR


def _revisions(connection: sa.Connection, cities: Sequence[str], period: Period) -> tuple[tuple[Row, ...], str]:
    """Count the rows of days that were replaced, by city and by what differs from the row that took their place."""
    h, c = row_history.c, air_city_day.c
    replaced: dict[tuple[str, str], list[dict]] = {}
    last = None
    for city in cities:
        span = h.key.between(f"{city}/{period.first_date}", f"{city}/{period.last_date}")
        query = sa.select(h.key, h.row, h.superseded_at).where(h.table == "air_city_day", span)
        for key, row, moment in connection.execute(query.order_by(h.key, h.version)):
            replaced.setdefault(tuple(key.split("/")), []).append(json.loads(row))
            last = moment if last is None else max(last, moment)
    if not replaced:
        return (), ""
    days = sorted({dt.date.fromisoformat(day) for _, day in replaced})
    query = sa.select(c.city, c.day, *(c[name] for name in DAILY)).where(c.city.in_(cities), c.day.in_(days))
    now = {(city, str(day)): dict(zip(DAILY, values, strict=True)) for city, day, *values in connection.execute(query)}
    counts: Counter[tuple[str, str]] = Counter()
    for key, rows in replaced.items():
        for old, new in zip(rows, [*rows[1:], now.get(key, {})], strict=True):
            changed = [item for item, name in zip(ITEMS, DAILY, strict=True) if old.get(name) != new.get(name)]
            counts.update((key[0], item) for item in changed or (STANDING,))
    return tuple((city, item, n) for (city, item), n in sorted(counts.items())), last.isoformat(timespec="seconds")


def _episodes(connection: sa.Connection, period: Period) -> tuple[Row, ...]:
    c, (first, last) = episode_event.c, _moments(period)
    query = sa.select(
        c.episode, c.kind, c.start, c.peak, c.end, c.phase, c.peak_value_ugm3, c.peak_city, c.city_hours, c.simulated
    ).where(c.kind.in_(("haze", "ozone")), c.start.between(first - 60 * 24 * HOUR, last), c.phase != "withdrawn")  # fmt: skip
    rows = connection.execute(query.order_by(c.start, c.kind)).all()
    return tuple(
        (r.episode, r.kind, _iso(r.start), _iso(r.peak), _iso(r.end), r.phase, r.peak_value_ugm3, r.peak_city,
         r.city_hours, bool(r.simulated))
        for r in rows if r.end is None or r.end >= first
    )  # fmt: skip


def _attributed(connection: sa.Connection, cities: Sequence[str], period: Period) -> tuple[tuple[Row, ...], str]:
    """Give means over the days of the period of what was shared out, with the means of both ends of their intervals."""
    c, (first, last) = attribution.c, _moments(period)
    found: list[Row] = []
    for city in cities:
        for quantity, span in ATTRIBUTED.items():
            query = sa.select(c.packed, c.cities, c.method, c.simulated).where(
                c.city == city, c.hour_end.between(first, last), c.quantity == quantity, c.span == span,
                c.packed.is_not(None),
            )  # fmt: skip
            rows = connection.execute(query.order_by(c.hour_end)).mappings().all()
            parts = [each for row in rows if (each := contributions_of(row)) is not None]
            alike = [each for each in parts if each.cities == parts[-1].cities]
            if not alike:
                continue
            method = "; ".join(sorted({row["method"] for row in rows}))
            made_up, total = any(row["simulated"] for row in rows), float(np.mean([each.total for each in alike]))
            for kind in ("sector", "place"):
                means, low, high = means_of(alike, kind)
                found += [
                    (city, quantity, kind, name, float(means[i]), float(low[i]), float(high[i]), total, len(alike), method, made_up)
                    for i, name in enumerate(alike[-1].names(kind))
                ]  # fmt: skip
    return tuple(found), "" if found else "no_rows"


def _normalised(connection: sa.Connection, cities: Sequence[str], period: Period, base: Period) -> tuple[Row, ...]:
    """Give how much of a change of whole months was the weather's, by city and item, where the store keeps any of them."""
    now, before = whole_months(period), whole_months(base)
    if now is None or before is None:
        return ()
    changes = (
        (city, item, normalised_between(connection, city, item, now, before)) for city in cities for item in NORMALISED
    )
    return tuple(
        (city, item, *map(_told, (each.observed, each.us, each.weather, each.half, each.skill)), each.why,
         each.row["model"] if each.row else "", each.row["method"] if each.row else "", each.simulated)
        for city, item, each in changes if any(each.hours)
    )  # fmt: skip


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _iso(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")
