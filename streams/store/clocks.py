"""The three clocks of HJ 633-2026: when hours, days and forecasts have to be out. Pure: moments in, verdicts out.

References: HJ 633-2026, rules of publication: the previous hour after each full hour, at most 1 h late; the natural
day by 12:00 of the next day; a forecast of at least 3 days, today excluded, by 20:00 every day (Asia/Shanghai).
Moments are UTC without an offset, as in the store; days and deadlines are those of Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from standards.days import UTC_OFFSET_HOURS
from streams.store.moments import LOCAL_AHEAD, local

HOUR_LAG_H = 1
"""How late an hour may be [h]."""
DAY_DUE_HOUR, FORECAST_DUE_HOUR = 12, 20
"""Local hours by which the day before, and today's forecast, have to be out."""
FORECAST_DAYS = 3
"""Whole days that a forecast has to cover, today excluded."""
FORECAST_HOURS = 20
"""Hours of a natural day that a forecast needs, as a day's mean of observations does (GB 3095)."""
RUN_AGE_H = 24
"""Assumption, the text is silent: a run that started more than this [h] before the deadline is too old for that day."""
_H = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """One verdict for one city: what was due, what is there, and under which clause.

    verdict: "ok", "late" (something is there, not what is due) or "missing" (nothing was ever stored). due: what has
    to be there now; found: the newest that is there, None where missing. lag_hours [h]: how far found is behind now,
    None where missing; of a forecast, the age of its run.
    """

    city: str
    clock: str
    verdict: str
    due: str
    found: str | None
    lag_hours: float | None
    clause: str


def hourly_clock(city: str, newest: dt.datetime | None, now: dt.datetime) -> Clock:
    """Judge the newest stored hour (its end) of a city at a moment."""
    due = _full_hour(now) - HOUR_LAG_H * _H
    lag = None if newest is None else (now - newest) / _H
    return Clock(
        city, "hourly", _verdict(newest, newest is not None and newest >= due), _time(due), _time(newest), lag,
        "HJ 633-2026, hourly report: at most 1 h after the full hour",
    )  # fmt: skip


def daily_clock(city: str, newest_day: dt.date | None, newest_hour: dt.datetime | None, now: dt.datetime) -> Clock:
    """Judge the newest stored natural day of a city; a day is complete only once its last hour is stored.

    A day has a row as soon as its first hours are in, so the newest hour has to tell whether the day is over.
    """
    due = due_day(now)
    over = newest_hour is not None and newest_hour >= day_end(due)
    closed = newest_day
    if newest_day is not None and (newest_hour is None or newest_hour < day_end(newest_day)):
        closed = newest_day - dt.timedelta(days=1)
    lag = None if closed is None else (now - day_end(closed)) / _H
    return Clock(
        city, "daily", _verdict(newest_day, over and newest_day is not None and newest_day >= due), str(due),
        None if closed is None else str(closed), lag, "HJ 633-2026, daily report: by 12:00 of the next day",
    )  # fmt: skip


def forecast_clock(
    city: str, runs: Sequence[tuple[dt.datetime, Sequence[dt.datetime]]], now: dt.datetime, *, any_run: bool
) -> Clock:
    """Judge the forecasts of a city: runs as (start, hour ends with an index); any_run: whether there ever was one."""
    issue, deadline = forecast_due(now)
    days = [issue + dt.timedelta(days=n) for n in range(1, FORECAST_DAYS + 1)]
    young = [(start, days_covered(hours, days)) for start, hours in runs if start >= deadline - RUN_AGE_H * _H]
    best = max(young, key=lambda run: (run[1], run[0]), default=None)
    ok = best is not None and best[1] >= FORECAST_DAYS
    found = None if best is None else f"{best[1]} days from the run of {_time(best[0])}"
    return Clock(
        city, "forecast", "ok" if ok else "late" if any_run else "missing", f"{days[0]} to {days[-1]}", found,
        None if best is None else (now - best[0]) / _H,
        "HJ 633-2026, forecast: at least 3 days, today excluded, by 20:00",
    )  # fmt: skip


def due_day(now: dt.datetime) -> dt.date:
    """Give the natural day whose report has to be out at a moment."""
    here = local(now)
    return here.date() - dt.timedelta(days=1 if here.hour >= DAY_DUE_HOUR else 2)


def day_end(day: dt.date) -> dt.datetime:
    """Give the end of a natural day's last hour: 24:00 local time."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0)) - LOCAL_AHEAD


def forecast_due(now: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """Give the day whose forecast has to be out at a moment, and by when it had to be."""
    here = local(now)
    issue = here.date() - dt.timedelta(days=0 if here.hour >= FORECAST_DUE_HOUR else 1)
    return issue, dt.datetime.combine(issue, dt.time(FORECAST_DUE_HOUR)) - LOCAL_AHEAD


def days_covered(hours: Sequence[dt.datetime], days: Sequence[dt.date]) -> int:
    """Count the days, from the first on without a gap, of which a run has enough hours (hour ends)."""
    belongs = [local(hour - _H).date() for hour in set(hours)]
    covered = 0
    for day in days:
        if belongs.count(day) < FORECAST_HOURS:
            break
        covered += 1
    return covered


def _verdict(found: object, ok: bool) -> str:
    return "missing" if found is None else "ok" if ok else "late"


def _full_hour(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else f"{local(moment):%Y-%m-%d %H:%M}+{UTC_OFFSET_HOURS:02d}:00"
