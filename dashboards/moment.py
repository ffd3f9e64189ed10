"""Which hour a page shows and how honestly it may call it "now": pure, the clock is an argument."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from standards.days import UTC_OFFSET_HOURS

LATE = dt.timedelta(hours=1)
"""HJ 633-2026 asks for hourly results within one hour."""
STALE = dt.timedelta(hours=3)
REPLAY = dt.timedelta(hours=72)
"""A newest hour older than this is no interrupted feed but past data that are replayed (our assumption)."""
SHANGHAI = dt.timedelta(hours=UTC_OFFSET_HOURS)
YEARS = range(1970, 2200)
"""Years of UTC that a reader may ask for: of others there can be no data, and days beside them may not exist at all."""


@dataclass(frozen=True)
class Moment:
    """The hour shown. hour, newest: end of the averaging hour, naive UTC, None while nothing is stored.

    mode: waiting, live, late, stale, replay (of past data), or back (the reader went back in time). now: the real clock.
    reference: the moment from which the age of data is counted. replayed: whether the newest data are of the past.
    """

    hour: dt.datetime | None
    newest: dt.datetime | None
    mode: str
    reference: dt.datetime
    now: dt.datetime
    replayed: bool = False

    @property
    def counts_real_age(self) -> bool:
        """Tell whether ages run with the real clock (a live feed) and not against the hour shown."""
        return self.mode in ("live", "late", "stale")

    @property
    def is_past(self) -> bool:
        """Tell whether the reader went back: what came after the hour shown had not happened then."""
        return self.mode == "back"

    @property
    def is_present(self) -> bool:
        """Tell whether the page is of the real clock's moment, so that it can be said what is overdue."""
        return self.mode in ("waiting", "live", "late", "stale")


def at(newest: dt.datetime | None, now: dt.datetime, wanted: dt.datetime | None) -> Moment:
    """Decide what is shown, from the newest hour stored, the real clock and the hour that the reader asked for."""
    if newest is None:
        return Moment(None, None, "waiting", now, now)
    age = now - newest
    replayed = age > REPLAY or age < -LATE
    if wanted is not None and wanted < newest:
        return Moment(wanted, newest, "back", wanted, now, replayed)
    if replayed:
        return Moment(newest, newest, "replay", newest, now, True)
    mode = "live" if age <= LATE else "late" if age <= STALE else "stale"
    return Moment(newest, newest, mode, now, now)


def beijing(moment: dt.datetime) -> str:
    """Write a naive UTC moment as Beijing time, "YYYY-MM-DD HH:MM"."""
    return (moment + SHANGHAI).strftime("%Y-%m-%d %H:%M")


def epoch_seconds(moment: dt.datetime) -> int:
    """Give a naive UTC moment in seconds since 1970."""
    return int(moment.replace(tzinfo=dt.UTC).timestamp())
