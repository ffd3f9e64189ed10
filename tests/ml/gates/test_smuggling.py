"""Ways to bring the future past the gates, each of which one of them stops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.gates import (
    CALENDAR,
    OBSERVED,
    RELEASED,
    RUN,
    Feature,
    GateError,
    Known,
    Timed,
    blind,
    leakage,
    scoring,
)
from ml.gates.scoring import chronology, completeness, skill
from ml.registry import RegistryError
from tests.ml.gates.pairs import LEVELS, TRAINED_UNTIL, evaluation
from tests.ml.registry.made import card

HOURS = np.arange(1000.0)
AIR = np.random.default_rng(3).gamma(3.0, 20.0, HOURS.size)
INPUTS = {"pm25": Timed(AIR[None], HOURS)}
ISSUES = [300, 500, 700]
NOW = Feature("pm25_now", "ug m-3", "observation", Known(OBSERVED), 0)


def judged(compute, *features: Feature):
    return leakage(compute, INPUTS, ISSUES, features=features)


def test_a_future_that_is_taken_from_elsewhere_than_the_inputs_is_found() -> None:
    tomorrow = replace(NOW, name="background_index")
    said = judged(lambda inputs, issue: {"background_index": np.array([AIR[issue + 24]])}, tomorrow)
    assert (said.outcome, said.reason) == ("failed", "leakage_detached") and "background_index" in said.words("en")
    honest = judged(lambda inputs, issue: {"pm25_now": inputs["pm25"].values[0, issue : issue + 1]}, NOW)
    assert honest.outcome == "passed"


def test_what_depends_on_the_date_alone_needs_no_input() -> None:
    clock = Feature("hour_of_day", "1", "calendar", Known(CALENDAR))
    assert judged(lambda inputs, issue: {"hour_of_day": np.array([issue % 24.0])}, clock).outcome == "passed"


def test_a_feature_that_looks_further_back_than_it_says_makes_the_gap_too_small_and_is_found() -> None:
    week = replace(NOW, name="pm25_mean168", lookback_h=24)

    def compute(inputs, issue):
        return {"pm25_mean168": inputs["pm25"].values[0, issue - 167 : issue + 1].mean(keepdims=True)}

    said = judged(compute, week)
    assert (said.outcome, said.reason) == ("failed", "leakage_lookback") and "24" in said.words("zh")
    assert judged(compute, replace(week, lookback_h=168)).outcome == "passed"


def test_statistics_of_the_whole_are_found_in_features_and_in_the_training() -> None:
    def centred(inputs, issue):
        values = inputs["pm25"].values[0]
        return {"pm25_now": values[issue : issue + 1] - values.mean()}

    assert judged(centred, NOW).outcome == "failed"
    train, until = slice(0, 600), 600
    other = np.where(until < HOURS, 999.0, AIR)

    def of_the_whole(replaced: bool) -> dict[str, bytes]:
        air = other if replaced else AIR
        return {"scale.json": repr((air[train] / air.std()).mean()).encode()}

    said = blind(of_the_whole)
    assert said.outcome == "failed" and "scale.json" in said.words("en")
    assert blind(lambda replaced: {"scale.json": repr((other if replaced else AIR)[train].std()).encode()}).allows


@pytest.mark.parametrize(
    ("feed", "rule"),
    [("observation", CALENDAR), ("composition", CALENDAR), ("forecast", CALENDAR), ("forecast", OBSERVED), ("tags", OBSERVED),
     ("emission", CALENDAR), ("observation", RUN), ("moon", OBSERVED)],
)  # fmt: skip
def test_a_feature_cannot_say_that_it_is_known_before_its_feed_can_tell_it(feed: str, rule: str) -> None:
    with pytest.raises(GateError, match="expected"):
        Feature("x", "1", feed, Known(rule))


@pytest.mark.parametrize(
    ("feed", "rule"),
    [("observation", OBSERVED), ("forecast", RUN), ("emission", RELEASED), ("emission", RUN), ("calendar", CALENDAR),
     ("map", CALENDAR)],
)  # fmt: skip
def test_features_of_each_feed_can_be_declared(feed: str, rule: str) -> None:
    assert Feature("x", "1", feed, Known(rule)).feed == feed


def test_a_card_cannot_look_back_less_far_than_its_features() -> None:
    with pytest.raises(RegistryError, match="looks back 168 h"):
        card(features=(replace(NOW, lookback_h=168),), lookback_h=24)


def test_a_test_within_what_the_model_has_learned_from_fails_whatever_it_says_of_its_own_training() -> None:
    pairs = evaluation(gap_h=48)
    later = TRAINED_UNTIL + 24 * 20
    asked = {"quantities": ("pm25_ugm3",), "embargo_h": 48}
    assert chronology([pairs], **asked, until=TRAINED_UNTIL).outcome == "passed"
    for split in ("chronological", "rolling-origin"):
        assert chronology([replace(pairs, split=split)], **asked, until=later).outcome == "failed", split
    assert chronology([pairs], **asked, until=TRAINED_UNTIL, horizon_h=6).reason == "chronology_beyond"


def test_a_weak_persistence_does_not_make_a_model_good() -> None:
    pairs = _smooth()
    assert skill([pairs]).outcome == "passed"
    weak = replace(pairs, baselines={**pairs.baselines, "persistence": pairs.baselines["persistence"] + 50.0})
    said = skill([weak])
    assert (said.outcome, said.reason) == ("failed", "skill_baseline")


def test_a_target_that_is_shifted_against_its_hours_is_found() -> None:
    pairs = _smooth()
    shifted = replace(pairs, observed=np.roll(pairs.observed, 3))
    assert skill([shifted]).reason == "skill_baseline"


def test_days_that_were_left_out_and_rows_that_stand_twice_are_found() -> None:
    pairs = _smooth()
    day = pairs.hour // 24
    calm = np.isin(day, np.unique(day)[::3])
    columns = ("hour", "lead_h", "place", "observed", "predicted", "trained_until")
    kept = replace(pairs, **{name: getattr(pairs, name)[calm] for name in columns},
                   baselines={n: v[calm] for n, v in pairs.baselines.items()}, quantiles={})  # fmt: skip
    assert completeness([pairs]).allows
    assert completeness([kept]).reason == "completeness_days"
    with pytest.raises(GateError, match="twice"):
        replace(pairs, hour=np.full_like(pairs.hour, pairs.hour[0]))


def _smooth():
    """Pairs of a course in which tomorrow is like today, persistence being what was observed at the issue."""
    pairs = evaluation(leads=(24,), error=1.0)
    walk = 80 + np.cumsum(np.random.default_rng(4).normal(0, 3.0, len(pairs.hour) + 24))
    observed, before = walk[24:], walk[:-24]
    return replace(pairs, observed=observed, predicted=observed + 1.0, quantiles={},
                   baselines={"persistence": before, "climatology": np.full(len(observed), walk.mean())})  # fmt: skip


def test_predictions_are_asked_with_another_future_alone() -> None:
    # A model may refuse air that cannot be; only what was not known at the issue is changed for it.
    def compute(inputs, issue):
        known = inputs["pm25"].values[0, : issue + 1]
        if not (known < 1e3).all():
            raise ValueError("such air cannot be")
        return {"pm25_ugm3": known[-1:] * 0.9}

    assert leakage(compute, INPUTS, ISSUES).outcome == "passed"


def test_quantiles_of_picked_hours_are_no_calibration() -> None:
    pairs = evaluation()
    kept = np.arange(len(pairs.hour)) % 50 == 0
    picked = {level: np.where(kept, values, np.nan) for level, values in pairs.quantiles.items()}
    said = scoring.calibration([replace(pairs, quantiles=picked)], levels=LEVELS)
    assert (said.outcome, said.reason) == ("failed", "calibration_picked") and "2.0 %" in said.words("en")


def test_quantiles_that_cross_are_found_beside_one_that_is_missing() -> None:
    pairs = evaluation()
    few = np.arange(len(pairs.hour)) % 50 == 0
    crossing = {0.1: np.where(few, pairs.quantiles[0.9] + 1, pairs.quantiles[0.1]),
                0.5: np.where(few, np.nan, pairs.quantiles[0.5]), 0.9: pairs.quantiles[0.9]}  # fmt: skip
    assert scoring.calibration([replace(pairs, quantiles=crossing)], levels=LEVELS).reason == "calibration_crossed"


def test_a_baseline_that_is_missing_where_it_wins_does_not_make_a_model_good() -> None:
    pairs = evaluation(error=15.0)
    usual = pairs.baselines["climatology"]
    loses = np.abs(pairs.predicted - pairs.observed) < np.abs(usual - pairs.observed)
    hidden = replace(pairs, baselines={**pairs.baselines, "climatology": np.where(loses, usual, np.nan)})
    assert scoring.skill([pairs]).outcome == "failed" and scoring.skill([hidden]).allows
    said = scoring.completeness([hidden])
    assert (said.outcome, said.reason) == ("failed", "completeness_beside")
    assert "climatology" in said.words("en") and "气候值" in said.words("zh")


@pytest.mark.parametrize("errors", [(0.0, 0.0), (float("nan"), 1.0), (1.0, float("nan"))])
def test_the_gap_of_a_random_split_of_no_error_is_none(errors: tuple[float, float]) -> None:
    with pytest.raises(GateError, match="expected numbers, the latter above 0"):
        scoring.random_split_gap("pm25_ugm3", random_mae=errors[0], chronological_mae=errors[1])
