"""Warnings of heavy-pollution weather: the level of a forecast, and how a warning starts, rises, falls and ends.

The rules are data (standards.warning.plan_files); here they are applied to daily indices. Nothing here decides anything: it
says what the plan asks for, and people publish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.days import first_hour_of_day
from standards.warning.plan_files import Condition, Plan

_AQI_MAX = 500.0


@dataclass(frozen=True, slots=True)
class WarningState:
    """What a warning is at the end of a natural day; WarningState() is the beginning, without a warning.

    level: of the warning, 0 for none. day: natural day of the last decision, None before the first. first_day: natural
    day on which the warning takes effect at 00:00, None without one. episode: the observed index of the days of the
    running episode up to day, NaN where missing.
    """

    level: int = 0
    day: int | None = None
    first_day: int | None = None
    episode: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningEvent:
    """What a day's decision changes.

    kind: "start", "upgrade", "downgrade", "lift" or "keep". day: natural day of the decision. level, previous: after
    and before, 0 for none. first_day: natural day from whose 00:00 the new level holds; of "keep" that of the state.
    """

    kind: str
    day: int
    level: int
    previous: int
    first_day: int | None


def warning_level(aqi_d: Sequence[float] | np.ndarray, *, plan: Plan) -> int | None:
    """Grade the daily indices of consecutive natural days by a plan and give the highest level that is met.

    aqi_d [index, 0 to 500]: (day,), forecast, or observed up to now and forecast from then; of a plan for ozone the
    individual index of ozone. plan: as plan_for gives it. Returns the number of the level, 0 where no level is met.
    Missing: a missing day (NaN) meets no threshold, so it never raises the level and breaks an unbroken run. Where the
    days known meet no level and a day is missing, or where there is no day at all, there is no verdict: None.
    Notes: thresholds are exceeded strictly. Conditions that a level combines must hold in one episode; episodes that
    are no further apart than plan.max_break_days count as one (our reading of "graded strictly": the days of the break
    do not count, plan.durations says how the others do). Raising an index never lowers the level.
    Errors: ValueError where an index is not within 0 to 500, or aqi_d has more than one axis.
    Source: 环大气〔2024〕6号 and the plans made from it; the file of the plan names the source of each value.
    """
    days = _indices(aqi_d, "aqi_d")
    level = _graded(days, 0, days.size, plan)
    return level if level or (days.size and not np.isnan(days).any()) else None


def advance(
    state: WarningState,
    day: int,
    forecast_aqi: Sequence[float] | np.ndarray,
    observed_aqi: float = float("nan"),
    *,
    plan: Plan,
) -> tuple[WarningState, WarningEvent]:
    """Take one day's decision: what the plan asks for after the forecast of that day.

    state: after the day before. day [days since 1970-01-01 local]: of the decision; days that were passed over are
    missing days, and a second decision on a day replaces its observation where one is given. forecast_aqi [index, 0 to
    500]: (lead,), of the natural days day + 1, day + 2, ... observed_aqi [index]: of day itself. plan: as plan_for
    gives it; it may change from one day to the next. Returns (state, event).
    Start and upgrade: the running episode so far and the days ahead are graded together, so that a third day counts as
    the third; the episode must reach into the days ahead, so observations alone start nothing.
    Downgrade and lift: every day of the next plan.lift_hours (36 hours are two natural days) is at or below the
    thresholds of the level, and the episode does not meet the level again; it falls to what it still meets. A warning
    that has not taken effect yet is judged from its first day on.
    One episode: a break shorter than that does not lift; a new rise after it belongs to the same episode.
    Missing: a missing forecast day (NaN, or beyond the forecast) never starts, raises, lowers or lifts a warning.
    Errors: ValueError where an index is not within 0 to 500, or day lies before that of the state.
    Source: 环大气〔2024〕6号 and the plans made from it; lift and break: the file of the plan, [lift], [one_episode].
    """
    episode = _episode_until(state, day, observed_aqi, plan)
    ahead = _indices(forecast_aqi, "forecast_aqi")
    known = np.concatenate([np.asarray(episode), ahead])
    today = len(episode)
    wait = max(0, (state.first_day or 0) - day - 1)  # days until a published warning takes effect
    until = known.size if state.level == 0 else today + wait + plan.lift_days
    level = _graded(known, today, until, plan)
    first_day, since = state.first_day, state.first_day
    if level > state.level:
        kind = "upgrade" if state.level else "start"
        since = day + 1 + _first_day_ahead(known, today, until, level, plan)
        first_day = first_day if state.level else since
    elif state.level and _stays_below(ahead[wait:], _floor(state.level, plan), plan):
        high = np.concatenate([np.asarray(episode), np.where(np.isnan(ahead), _AQI_MAX, ahead)])
        level = min(_graded(high, today, until, plan), state.level)
        kind = "keep" if level == state.level else "downgrade" if level else "lift"
        since = since if kind == "keep" else day + 1
        first_day = first_day if level else None
    else:
        kind, level = "keep", state.level
    event = WarningEvent(kind, day, level, state.level, since)
    return WarningState(level, day, first_day, episode), event


def latest_notice(first_day: int, *, plan: Plan, aim: bool = False) -> float:
    """Give the latest hour at which a warning is published so that its notice is long enough.

    first_day [days since 1970-01-01 local]: takes effect at its 00:00. aim: by the notice that the plan aims at, not by
    the least. Returns epoch hours.
    Source: the file of the plan, [notice].
    """
    return first_hour_of_day(first_day) - 1 - (plan.notice_aim_hours if aim else plan.notice_min_hours)


def reduction_share(species: str, level: int, *, plan: Plan) -> float:
    """Give the share of all emissions of a city (0 to 1) that the measures of a level take away at least.

    species: "so2", "nox", "pm" or "voc". level: 1 is the lowest; 0, no warning, gives 0. Returns NaN where the plan
    names no share.
    Errors: ValueError for another species or level.
    Source: 环办大气函〔2019〕648号; the file of the plan, [reduction].
    """
    if not 0 <= level <= len(plan.levels):
        raise ValueError(f"level is {level!r}, expected 0 to {len(plan.levels)}")
    if species not in ("so2", "nox", "pm", "voc"):
        raise ValueError(f"species is {species!r}, expected one of so2, nox, pm, voc")
    if level == 0:
        return 0.0
    return plan.reduction[species][level - 1] if species in plan.reduction else float("nan")


def _graded(days: np.ndarray, today: int, until: int, plan: Plan) -> int:
    # The highest level met by an episode that reaches into days[today:] and begins before days[until].
    met = (x.level for x in reversed(plan.levels) if any(_spans(days, today, until, c, plan) for c in x.any_of))
    return next(met, 0)


def _spans(days: np.ndarray, today: int, until: int, combination: tuple[Condition, ...], plan: Plan) -> list[slice]:
    # The episodes above the lowest threshold of a combination that meet all of its conditions.
    lowest = min(condition.above for condition in combination)
    found = []
    for start, stop in _runs(days > lowest, plan.max_break_days):
        span = days[start:stop]
        if stop > today and start < until and all(_holds(span, condition, plan) for condition in combination):
            found.append(slice(start, stop))
    return found


def _runs(flags: np.ndarray, bridged: int) -> list[tuple[int, int]]:
    # Runs of true flags as (start, stop), joined over breaks of up to bridged flags.
    runs: list[tuple[int, int]] = []
    for i in np.flatnonzero(flags).tolist():
        if runs and i - runs[-1][1] <= bridged:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs


def _holds(span: np.ndarray, condition: Condition, plan: Plan) -> bool:
    flags = span > condition.above
    if plan.durations == "sum":
        return int(flags.sum()) >= condition.days
    return any(stop - start >= condition.days for start, stop in _runs(flags, 0))


def _first_day_ahead(known: np.ndarray, today: int, until: int, level: int, plan: Plan) -> int:
    # Days from tomorrow to the first day ahead of the episode that meets the level.
    any_of = plan.levels[level - 1].any_of
    starts = [span.start for combination in any_of for span in _spans(known, today, until, combination, plan)]
    return max(min(starts) - today, 0)


def _stays_below(ahead: np.ndarray, floor: float, plan: Plan) -> bool:
    next_days = ahead[: plan.lift_days]
    return next_days.size == plan.lift_days and bool((next_days <= floor).all())


def _floor(level: int, plan: Plan) -> float:
    # A plan that took over from another one may have fewer levels.
    return plan.levels[min(level, len(plan.levels)) - 1].floor


def _episode_until(state: WarningState, day: int, observed: float, plan: Plan) -> tuple[float, ...]:
    # The days observed since the last break that ends an episode, up to day.
    (value,) = _indices([observed], "observed_aqi").tolist()
    passed = 1 if state.day is None else day - state.day
    if passed < 0:
        raise ValueError(f"day is {day}, expected {state.day}, the day of the state, or a later one")
    if passed == 0 and not np.isnan(value):
        days = [*state.episode[:-1], value]
    else:
        days = [*state.episode, *[float("nan")] * (passed - 1), *[value] * (passed > 0)]
    runs = _runs(np.asarray(days) > plan.floor, plan.max_break_days)
    if not runs or len(days) - runs[-1][1] > plan.max_break_days:
        return tuple(days[-1:])
    return tuple(days[runs[-1][0] :])


def _indices(values: Sequence[float] | np.ndarray, name: str) -> np.ndarray:
    days = np.asarray(values, dtype=np.float64)
    if days.ndim != 1:
        raise ValueError(f"{name} has shape {days.shape}, expected one axis of days")
    bad = ~((days >= 0) & (days <= _AQI_MAX)) & ~np.isnan(days)
    if bad.any():
        raise ValueError(f"{name} is {days[bad][0]}, expected 0 to {_AQI_MAX:.0f}, or NaN for missing")
    return days
