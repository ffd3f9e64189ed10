"""The gates that need the forecast models themselves: what they are made of, how they are trained, and what a random split
would have made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ml.forecast.boosted import Boosted, Settings, binned, grown
from ml.forecast.city import CityModel
from ml.forecast.daily import Daily, HeavyDays
from ml.forecast.days import DAYS, day_design
from ml.forecast.features import design, start
from ml.forecast.handed_in import handed_in
from ml.forecast.inputs import LEADS, Ahead, History
from ml.gates.features import Feature, Timed, feature_from
from ml.gates.leakage import leakage, together
from ml.gates.results import GateResult
from ml.gates.scorer_leaks import of_run
from ml.gates.scoring import random_split_gap
from ml.gates.splits import chronological
from standards.pollutants import POLLUTANTS
from streams.scorers import Scorer

_LEADS = np.array([1, 6, 24, 72, LEADS])
RANDOM_LEAD_H = 24
"""The lead [h] at which a random split is compared with the order of time."""
TEST_SHARE = 0.2
_BEFORE_H = 24 * 30


def features_of(model: CityModel) -> tuple[Feature, ...]:
    """Give all inputs of a model's boosters with when each is known, one for each name, in the order of the items."""
    found: dict[str, Feature] = {}
    for each in _learned(model):
        for one in each.inputs:
            feature = feature_from(one.declared())
            known = found.setdefault(one.name, feature)
            if feature.lookback_h > known.lookback_h:
                found[one.name] = feature
    return tuple(found.values())


def features_look_back(model: CityModel, history: History, ahead: Ahead, issues: Sequence[int]) -> GateResult:
    """Judge the inputs: none may change with what was not known at the issues [epoch h], nor be another than is declared."""
    declared = features_of(model)
    return together([_features_at(model, *_around(history, ahead, issue), issue, declared) for issue in issues])


def _around(history: History, ahead: Ahead, issue: int) -> tuple[History, Ahead]:
    # Some weeks before and the leads after: all that inputs could reach, and no years to average over.
    first, last = max(issue - _BEFORE_H - history.first_hour, 0), issue + LEADS - history.first_hour
    hours = {name: values[first:last] for name, values in history.columns.items()}
    near = (ahead.issues >= issue - _BEFORE_H) & (ahead.issues < issue + LEADS)
    says = {name: values[near] for name, values in ahead.columns.items()}
    return History(history.place, history.first_hour + first, hours), Ahead(ahead.issues[near], says, ahead.source)


def _features_at(
    model: CityModel, history: History, ahead: Ahead, issue: int, declared: tuple[Feature, ...]
) -> GateResult:
    names, runs = list(history.columns), sorted(ahead.columns)
    hours = (history.first_hour + np.arange(history.hours)).astype(float)
    inputs = {
        "hours": Timed(np.stack([history.columns[name] for name in names]), hours),
        "runs": Timed(np.stack([ahead.columns[name].T for name in runs]), ahead.issues.astype(float)),
    }

    def compute(given: Mapping[str, Timed], issue: int) -> dict[str, np.ndarray]:
        past = History(history.place, history.first_hour, dict(zip(names, given["hours"].values, strict=True)))
        says = Ahead(ahead.issues, {name: each.T for name, each in zip(runs, given["runs"].values, strict=True)})
        return _inputs_at(model, past, says, issue)

    return leakage(compute, inputs, [issue], features=declared)


def scorer_looks_back(scorer: Scorer, history: History, ahead: Ahead, issues: Sequence[int]) -> GateResult:
    """Judge what serves: no forecast of a run may change with what was observed after its start, one of issues [epoch h]."""
    return together(
        [of_run(scorer, handed_in(scorer, history, ahead, issue, beyond=True), run_init=issue) for issue in issues]
    )


def disturbed(history: History, ahead: Ahead, until: int, *, seed: int = 9) -> tuple[History, Ahead]:
    """Give a past with all that came after an hour [epoch h] replaced by noise: observed hours, and runs that started later."""
    rng = np.random.default_rng(seed)
    later, runs = history.first_hour + np.arange(history.hours) > until, ahead.issues > until
    hours = {n: np.where(later, rng.gamma(2.0, 400.0, v.shape), v) for n, v in history.columns.items()}
    says = {n: np.where(runs[:, None], rng.gamma(2.0, 400.0, v.shape), v) for n, v in ahead.columns.items()}
    return History(history.place, history.first_hour, hours), Ahead(ahead.issues, says, ahead.source)


def random_gap(
    model: CityModel, history: History, ahead: Ahead, *, item: str, embargo_h: int, settings: Settings, seed: int
) -> GateResult:
    """Tell how much smaller the error of an item would look in a random split, of one booster a day ahead. A warning, no score.

    Both learn from as many rows and are judged on the same ones: a random half of the last TEST_SHARE of the time, whose
    other half lies among what the random split may draw from.
    """
    issues = ahead.issues[ahead.issues + RANDOM_LEAD_H < history.first_hour + history.hours]
    lead = np.full(len(issues), RANDOM_LEAD_H)
    climate = next(each.climate for each in model.members[item].values() if isinstance(each, Boosted))
    x = design(history, ahead, issues, lead, item=item, climate=climate).values
    before, observed = start(history, issues, item), history.at(POLLUTANTS[item].column, issues + lead)
    usable = np.isfinite(before) & np.isfinite(observed)
    x, before, observed, hours = x[usable], before[usable], observed[usable], (issues + lead)[usable]
    split = chronological(hours, test_from=int(np.quantile(hours, 1 - TEST_SHARE)), embargo_h=embargo_h)
    rng = np.random.default_rng(seed)
    test = rng.permutation(split.test)[: max(len(split.test) // 2, 1)]
    others = rng.permutation(np.setdiff1d(np.arange(len(hours)), test))[: len(split.train)]

    def mae(train: np.ndarray) -> float:
        data = binned(x[train], (np.log1p(observed) - before)[train], settings)
        booster = grown(data, objective="huber", alpha=settings.bend, settings=settings)
        said = np.expm1(before[test] + booster.predict(x[test], num_threads=1))
        return float(np.abs(said - observed[test]).mean())

    return random_split_gap(POLLUTANTS[item].column, random_mae=mae(others), chronological_mae=mae(split.train))


def _learned(model: CityModel) -> list[Boosted | Daily | HeavyDays]:
    hours = [each for of_item in model.members.values() for each in of_item.values() if isinstance(each, Boosted)]
    return [*hours, *model.days.values(), *([model.heavy] if model.heavy else [])]


def _inputs_at(model: CityModel, history: History, ahead: Ahead, issue: int) -> dict[str, np.ndarray]:
    """Give by name what all boosters would see at an issue, item after item."""
    found: dict[str, list[np.ndarray]] = {}
    for each in _learned(model):
        steps = _LEADS if isinstance(each, Boosted) else np.arange(1, DAYS + 1)
        make = design if isinstance(each, Boosted) else day_design
        made = make(history, ahead, np.full(len(steps), issue), steps, item=each.item, climate=each.climate)
        wanted = {one.name for one in each.inputs}
        for one, values in zip(made.inputs, made.values.T, strict=True):
            if one.name in wanted:
                found.setdefault(one.name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}
