"""The health of the data, as the store's own watch tells it: sources, their sums, refused rows, statutory clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from streams.store.clocks import Clock
from streams.store.health import Reject, latest_rejects, rows_add_up, source_freshness, statutory_clocks

Row = dict[str, Any]
COUNTS = ("rows_in", "accepted", "duplicate", "late", "rejected")
_LOOK = 50


def sources(engine: sa.Engine, now: dt.datetime) -> list[Row]:
    """Give each source's counts, how many rows are not accounted for, and its freshest hour (naive UTC)."""
    fresh = {found.source: found.newest_hour for found in source_freshness(engine, _aware(now))}
    return [
        {"source": s.source, **{name: getattr(s, name) for name in COUNTS}, "difference": s.difference,
         "freshest": _naive(fresh.get(s.source))}
        for s in rows_add_up(engine)
    ]  # fmt: skip


def refused(engine: sa.Engine, count: int = 6) -> list[Reject]:
    """Give the newest refused rows, without those that were only set aside."""
    return [reject for reject in latest_rejects(engine, _LOOK) if not reject.set_aside][:count]


def clocks(engine: sa.Engine, now: dt.datetime, cities: Sequence[str]) -> dict[str, dict[str, Clock]]:
    """Give the verdicts of the statutory clocks at a moment: clock -> city -> verdict."""
    found: dict[str, dict[str, Clock]] = {}
    for clock in statutory_clocks(engine, _aware(now), cities=cities):
        found.setdefault(clock.clock, {})[clock.city] = clock
    return found


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC)


def _naive(moment: dt.datetime | None) -> dt.datetime | None:
    return None if moment is None else moment.replace(tzinfo=None)
