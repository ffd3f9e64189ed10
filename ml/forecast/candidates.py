"""From a city's past to a model that the registry can judge: learned up to an hour, judged on runs that start after it,
with its card filled.

The whole life of a model in calls, in a notebook as in the command line:

    past = read_past(store, city="510100", start=…, end=…)
    made = candidate(past, Wanted(name="forecast-510100", version="1", title=Words("…", "…"), by="王工"))
    enter(open_registry(folder), made, by="李工")                 # then compare, approve, roll back: ml.registry
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from ml.forecast.boosted import HOUR_SETTINGS, Settings
from ml.forecast.city import CityModel, fit_city
from ml.forecast.daily import DAY_SETTINGS
from ml.forecast.features import COLUMNS
from ml.forecast.gated import disturbed, features_look_back, features_of, random_gap, scorer_looks_back
from ml.forecast.inputs import Ahead, ForecastError, History
from ml.forecast.judged import DAILY, Test, evaluations
from ml.forecast.parts import from_parts, to_parts
from ml.forecast.serving import LOOKBACK_H, NEEDS, TOLD, scorer
from ml.forecast.stored import WIND, Past
from ml.gates.evaluation import Evaluation
from ml.gates.results import GateResult
from ml.gates.splits import embargo
from ml.gates.training import blind, reproducible
from ml.registry.artefact import Artefact, digest_of
from ml.registry.card import Card, Words
from ml.registry.compare import Comparison
from ml.registry.confidence import reference
from ml.registry.registry import WORKED_OUT, Registry
from standards.days import date_of_day, natural_day
from standards.editions import edition_for
from standards.pollutants import ITEMS, POLLUTANTS

KIND = "forecast"
TEST_DAYS = 60
"""Days at the end of the past on which a model is judged, and from which it learns nothing [d]."""
_LOOKED_AT = 3
"""So many issues of the test are gone through by the gates against looking ahead."""
NOT_FOR = (
    Words("来源解析：预报说明不了是谁造成的", "attribution to sources: a forecast does not tell who caused what"),
    Words("别的城市，或单个站点", "another city, or a single station"),
)
LIMITS = (
    Words("只在有 {model} 预报时说话", "it speaks only where there is a run of {model}"),
    Words(
        "学习与评判用的是库中现有的值，修订按一开始就知道计",
        "learned and judged on values as they are stored now: revisions count as if they had been known at once",
    ),
    Words(
        "没有从检验时段及其之前 {gap} 小时学到任何东西",
        "it has learned nothing from its test and the {gap} h before it",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be learned: name and version in the registry, title on pages, who trains, items, the days at the end that
    judge it, and how trees are grown. at [epoch s]: when it was trained, None for now."""

    name: str
    version: str
    title: Words
    by: str
    items: Sequence[str] = ITEMS
    test_days: int = TEST_DAYS
    settings: Settings = HOUR_SETTINGS
    day_settings: Settings = DAY_SETTINGS
    at: float | None = None


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that was learned and judged: what the registry takes. model: the same, for a look at it."""

    card: Card
    artefact: Artefact
    evaluations: tuple[Evaluation, ...]
    gates: tuple[GateResult, ...]
    model: CityModel


def candidate(past: Past, wanted: Wanted, *, tell: Callable[[str], None] = lambda step: None) -> Candidate:
    """Learn a city's model from the first part of its past, and judge it on the last, in the order of time.

    tell: hears of each step, one of "learning", "judging", "gates". The model is learned twice: the second time with all
    that came after its training replaced by noise, for the gates. Errors: ForecastError where the past has no runs, or is
    too short for a training, the embargo and the test.
    """
    history, ahead = past.history, past.ahead
    if ahead is None or not any(np.isfinite(values).any() for values in ahead.columns.values()):
        raise ForecastError(
            f"the past of {history.place} has no run of {past.model}, expected some: a model speaks where a run does"
        )
    history, ahead = _as_served(history, ahead)
    test = _test(history, ahead, wanted.test_days)
    tell("learning")
    model = _fitted(history, ahead, test.trained_until, wanted)
    artefact = Artefact(to_parts(model))
    card = _card(replace(past, history=history, ahead=ahead), model, test, wanted)
    tell("judging")
    served = scorer(from_parts(artefact.parts), name=card.name, version=card.version)
    items = tuple(model.members)
    pairs = evaluations(served, history, ahead, test, items=items, levels=TOLD, simulated=past.simulated)
    tell("gates")
    issues = _issues(ahead, history, test)
    gap = {"embargo_h": test.embargo_h, "settings": wanted.settings, "seed": wanted.settings.seed}
    gates = (
        features_look_back(model, history, ahead, issues), scorer_looks_back(served, history, ahead, issues),
        *_trained_alike(history, ahead, test.trained_until, wanted, artefact),
        random_gap(model, history, ahead, item=items[0], **gap),
    )  # fmt: skip
    judged = tuple(each.quantity for each in pairs)
    return Candidate(replace(card, quantities=judged), artefact, tuple(pairs), gates, model)


def enter(models: Registry, made: Candidate, *, by: str) -> Card:
    """Enter a candidate into the registry and let it be judged there; give its card with scores and gates."""
    models.train(made.card, made.artefact)
    return models.evaluate(made.card.name, made.card.version, made.evaluations, made.gates, by=by)


def judge_again(models: Registry, name: str, version: str, past: Past, *, by: str) -> Card:
    """Judge a version that is not decided upon on all runs of a past that lie after its training; give its card.

    What the gates found of its training and inputs stays. Errors: as compare_anew, and RegistryError as Registry.evaluate.
    """
    card = models.card(name, version)
    pairs = _pairs_after(models, name, version, past, first=card.trained_until + card.embargo_h)
    kept = [gate for gate in card.gates if gate.gate not in WORKED_OUT]
    return models.evaluate(name, version, pairs, kept, by=by)


def compare_anew(
    models: Registry, name: str, version: str, other: str, past: Past, *, by: str
) -> tuple[Comparison, ...]:
    """Compare a version with one that was judged on earlier hours: the other one forecasts the runs that judged this one.

    past: with the hours on which the version was judged. Errors: ForecastError where past has no such run; RegistryError
    as Registry.compare.
    """
    first = min(int(each.issued.min()) for each in models.evaluations(name, version))
    return models.compare(name, version, other, by=by, anew=_pairs_after(models, name, other, past, first=first))


def _pairs_after(models: Registry, name: str, version: str, past: Past, *, first: int) -> list[Evaluation]:
    card, model = models.card(name, version), from_parts(models.artefact(name, version).parts)
    if past.ahead is None:
        raise ForecastError(f"the past of {past.history.place} has no run of {past.model}, expected some to judge on")
    history, ahead = _as_served(past.history, past.ahead)
    test = Test(first=first, last=history.first_hour + history.hours - 1, horizon_h=card.horizon_h,
                trained_until=card.trained_until, embargo_h=card.embargo_h)  # fmt: skip
    served = scorer(model, name=name, version=version)
    return evaluations(
        served, history, ahead, test, items=tuple(model.members), levels=card.quantiles, simulated=past.simulated
    )


def _as_served(history: History, ahead: Ahead) -> tuple[History, Ahead]:
    """Leave out what the job does not hand in, so that nothing is learned from it."""
    hours = {name: values for name, values in history.columns.items() if name in (*COLUMNS, *WIND)}
    says = {name: values for name, values in ahead.columns.items() if name in NEEDS}
    for columns in (hours, says):
        if set(WIND) <= set(columns):
            columns["wind_speed_ms"] = np.hypot(columns["wind_u_ms"], columns["wind_v_ms"])
    return History(history.place, history.first_hour, hours), Ahead(ahead.issues, says, ahead.source)


def _test(history: History, ahead: Ahead, days: int) -> Test:
    told = np.flatnonzero(np.any([np.isfinite(each).mean(axis=0) > 0.5 for each in ahead.columns.values()], axis=0))
    if not len(told):
        raise ForecastError(f"no lead is told by half of the runs over {history.place}, expected runs that reach ahead")
    horizon = int(told[-1]) + 1
    last = history.first_hour + history.hours - 1
    first, embargo_h = last + 1 - 24 * days, embargo(horizon_h=horizon, lookback_h=LOOKBACK_H)
    until = first - embargo_h
    if until <= history.first_hour:
        raise ForecastError(
            f"{history.place} has {history.hours} h, expected more than {embargo_h} h between training and test and "
            f"{24 * days} h of test"
        )
    return Test(first=first, last=last, horizon_h=horizon, trained_until=until, embargo_h=embargo_h)


def _fitted(history: History, ahead: Ahead, until: int, wanted: Wanted) -> CityModel:
    return fit_city([(history, ahead)], city=history.place, until=until, items=wanted.items, settings=wanted.settings,
                    day_settings=wanted.day_settings)  # fmt: skip


def _trained_alike(
    history: History, ahead: Ahead, until: int, wanted: Wanted, artefact: Artefact
) -> tuple[GateResult, GateResult]:
    # Learned once more with another future: the same bytes show both that nothing of it was used and that chance is seeded.
    other = to_parts(_fitted(*disturbed(history, ahead, until), until, wanted))
    again = other if other == artefact.parts else to_parts(_fitted(history, ahead, until, wanted))
    parts = iter((artefact.parts, again))
    return (
        reproducible(lambda seed: next(parts), seed=wanted.settings.seed),
        blind(lambda replaced: other if replaced else artefact.parts),
    )


def _issues(ahead: Ahead, history: History, test: Test) -> list[int]:
    last = history.first_hour + history.hours - 25
    inside = ahead.issues[(ahead.issues >= test.first) & (ahead.issues <= last)]
    return [int(inside[i]) for i in np.unique(np.linspace(0, len(inside) - 1, _LOOKED_AT).astype(int))]


def _card(past: Past, model: CityModel, test: Test, wanted: Wanted) -> Card:
    history, ahead = past.history, past.ahead
    known = history.until(test.trained_until)
    items = tuple(model.members)
    told = {"model": past.model, "gap": test.embargo_h}
    return Card(
        name=wanted.name, version=wanted.version, kind=KIND, title=wanted.title,
        quantities=(*(POLLUTANTS[item].column for item in items), *(DAILY[item] for item in items)),
        trained_from=history.first_hour, trained_until=test.trained_until,
        edition=edition_for(date_of_day(natural_day(test.trained_until))).code, features=features_of(model),
        revision=revision(), seeds=(wanted.settings.seed, wanted.day_settings.seed), horizon_h=test.horizon_h,
        data={"air_city_hour": _digest(known.columns), f"forecast_city_hour {past.model}": _digest(
            {name: values[ahead.issues <= test.trained_until] for name, values in ahead.columns.items()})},
        lookback_h=LOOKBACK_H, not_for=NOT_FOR, trained_by=wanted.by,
        limits=tuple(Words(each.zh.format(**told), each.en.format(**told)) for each in LIMITS),
        trained_at=time.time() if wanted.at is None else wanted.at, simulated=past.simulated, quantiles=TOLD,
        references={POLLUTANTS[item].column: reference(known.columns[POLLUTANTS[item].column]) for item in items},
    )  # fmt: skip


def _digest(columns: Mapping[str, np.ndarray]) -> str:
    return digest_of(
        b"".join(name.encode() + np.ascontiguousarray(columns[name]).tobytes() for name in sorted(columns))
    )


@cache
def revision() -> str:
    """Give the revision of the code that learns: a digest of this package, the same wherever the same code is."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return f"ml.forecast {digest_of(b''.join(file.read_bytes() for file in files))[:12]}"
