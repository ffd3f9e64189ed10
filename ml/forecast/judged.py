"""A scorer on hours that it has not learned from: pairs for the gates and the registry, one run after the other as the
job would hand it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.forecast.days import day_values_at, days_of
from ml.forecast.handed_in import handed_in
from ml.forecast.inputs import LEADS, Ahead, ForecastError, History
from ml.forecast.quantiles import MEDIAN
from ml.forecast.simple import fit_persistence, fit_usual
from ml.gates.evaluation import CLIMATOLOGY, PERSISTENCE, Evaluation
from ml.gates.splits import CHRONOLOGICAL
from standards.days import natural_day
from standards.pollutants import ITEMS, POLLUTANTS
from streams.scorers import Scorer

MOST_ISSUES = 120
"""So many runs at most are gone through, evenly over the test: each costs a quarter of a second for six items."""
_SEASON_D = 15
"""Days of the year on either side [d] whose daily values make the usual one."""
DAILY = {item: "o3_mda8_ugm3" if item == "o3" else POLLUTANTS[item].column.replace("_", "_day_") for item in ITEMS}
"""How daily values are named, by item: of ozone the largest 8-hour mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """The hours that are judged: runs that start from first to last [epoch h], leads up to horizon_h [h], after a
    training that ended with trained_until [epoch h] and kept embargo_h [h] free."""

    first: int
    last: int
    horizon_h: int
    trained_until: int
    embargo_h: int


def evaluations(
    scorer: Scorer, history: History, ahead: Ahead, test: Test, *, items: Sequence[str], levels: Sequence[float],
    simulated: bool,
) -> list[Evaluation]:  # fmt: skip
    """Let a scorer forecast run after run, beside what came, persistence and climatology; by item the hours and the days.

    levels: of the quantiles that it gives, as q10, q50, q90. Missing: an item of which nothing was observed in the test
    is left out. Errors: ForecastError where no run starts within the test.
    """
    issues = _issues(history, ahead, test)
    said = [scorer.score(handed_in(scorer, history, ahead, int(issue))) for issue in issues]
    found = [_hours(said, history, issues, test, item, levels) for item in items]
    found += [_days(said, history, issues, test, item, levels) for item in items]
    about = {"trained_until": test.trained_until, "split": CHRONOLOGICAL, "embargo_h": test.embargo_h}
    return [Evaluation(**each, **about, simulated=simulated) for each in found if each is not None]


def _issues(history: History, ahead: Ahead, test: Test) -> np.ndarray:
    last = min(test.last, history.first_hour + history.hours - 2)
    issues = ahead.issues[(ahead.issues >= test.first) & (ahead.issues <= last)]
    if not len(issues):
        raise ForecastError(f"no run starts from {test.first} to {last}, expected some to judge a model on")
    return issues[:: -(-len(issues) // MOST_ISSUES)]


def _hours(
    said: Sequence[Mapping[str, np.ndarray]], history: History, issues: np.ndarray, test: Test, item: str, levels: Sequence[float]
) -> dict | None:  # fmt: skip
    column, past = POLLUTANTS[item].column, [history]
    at, lead = np.repeat(issues, test.horizon_h), np.tile(np.arange(1, test.horizon_h + 1), len(issues))
    inside = at + lead < history.first_hour + history.hours
    persistence = fit_persistence(past, item=item, until=test.trained_until).predict(history, None, at, lead)[MEDIAN]
    usual = fit_usual(past, item=item, until=test.trained_until).predict(history, None, at, lead)[MEDIAN]
    quantiles = {level: _said(said, f"{column}_q{round(100 * level):02d}", test.horizon_h) for level in levels}
    return _pairs(
        column, at + lead, lead, history, inside, history.at(column, at + lead), quantiles, persistence, usual
    )


def _days(
    said: Sequence[Mapping[str, np.ndarray]], history: History, issues: np.ndarray, test: Test, item: str, levels: Sequence[float]
) -> dict | None:  # fmt: skip
    at, lead = np.repeat(issues, test.horizon_h), np.tile(np.arange(1, test.horizon_h + 1), len(issues))
    hour = at + lead
    day = natural_day(hour)
    # The hour with which a natural day ends that lies ahead as a whole.
    inside = (natural_day(hour + 1) != day) & (lead >= 24) & (hour < history.first_hour + history.hours)
    latest = np.where(natural_day(at + 1) != natural_day(at), natural_day(at), natural_day(at) - 1)
    quantiles = {level: _said(said, f"{DAILY[item]}_q{round(100 * level):02d}", test.horizon_h) for level in levels}
    usual = _usual_day(history.until(test.trained_until), item)
    return _pairs(
        DAILY[item], hour, lead, history, inside, day_values_at(history, day, item), quantiles,
        day_values_at(history, latest, item), usual[np.minimum((day % 365.2425).astype(int), len(usual) - 1)],
    )  # fmt: skip


def _pairs(
    quantity: str, hour: np.ndarray, lead: np.ndarray, history: History, inside: np.ndarray, observed: np.ndarray,
    quantiles: Mapping[float, np.ndarray], persistence: np.ndarray, usual: np.ndarray,
) -> dict | None:  # fmt: skip
    if not np.isfinite(observed[inside]).any():
        return None
    return {
        "quantity": quantity, "hour": hour[inside], "lead_h": lead[inside],
        "place": np.full(int(inside.sum()), history.place), "observed": observed[inside],
        "predicted": quantiles[0.5][inside], "quantiles": {level: each[inside] for level, each in quantiles.items()},
        "baselines": {PERSISTENCE: persistence[inside], CLIMATOLOGY: usual[inside]},
    }  # fmt: skip


def _said(said: Sequence[Mapping[str, np.ndarray]], name: str, horizon_h: int) -> np.ndarray:
    nothing = np.full(LEADS, np.nan)
    return np.concatenate([each.get(name, nothing)[:horizon_h] for each in said])


def _usual_day(history: History, item: str) -> np.ndarray:
    """Give the mean daily value around each day of the year, (366,): of all days where the season is not known."""
    found = days_of(history)
    values = found.means[ITEMS.index(item), 0]
    season = (found.first_day + np.arange(len(values))) % 365.2425
    known = np.isfinite(values)
    usual = np.full(366, np.mean(values[known]) if known.any() else np.nan)
    for day in range(366):
        apart = np.abs((season - day + 182.62) % 365.2425 - 182.62)
        near = known & (apart <= _SEASON_D)
        if near.any():
            usual[day] = values[near].mean()
    return usual
