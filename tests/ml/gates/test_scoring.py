"""Gates of what a model has said, and the scores beside the baselines."""

from __future__ import annotations

import re
import string
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from ml.gates import results, scoring
from ml.gates.errors import GateError
from ml.gates.evaluation import Evaluation, unpacked
from ml.gates.results import GateResult, result_from
from ml.gates.scores import by_lead
from tests.ml.gates.pairs import LEVELS, TRAINED_UNTIL, evaluation

OF = ("pm25_ugm3",)


def test_scores_by_lead_are_those_of_scikit_learn_on_the_rows_that_all_have() -> None:
    pairs = evaluation()
    persistence = np.array(pairs.baselines["persistence"])
    persistence[::7] = np.nan
    pairs = replace(pairs, baselines={**pairs.baselines, "persistence": persistence})
    total, at_1, at_24 = by_lead(pairs)
    assert (total.lead_h, at_1.lead_h, at_24.lead_h) == (None, 1, 24)
    rows = (pairs.lead_h == 24) & np.isfinite(persistence)
    assert at_24.n == rows.sum() < (pairs.lead_h == 24).sum()
    assert at_24.mae == pytest.approx(mean_absolute_error(pairs.observed[rows], pairs.predicted[rows]))
    assert at_24.rmse == pytest.approx(root_mean_squared_error(pairs.observed[rows], pairs.predicted[rows]))
    assert at_24.baselines["persistence"] == pytest.approx(mean_absolute_error(pairs.observed[rows], persistence[rows]))
    assert at_24.bias == pytest.approx(np.mean(pairs.predicted[rows] - pairs.observed[rows]))


def test_no_pair_gives_no_score() -> None:
    pairs = evaluation(predicted=np.full(evaluation().hour.shape, np.nan))
    assert [(s.n, s.mae, s.rmse, s.bias) for s in by_lead(pairs)] == [(0, None, None, None)] * 3
    assert scoring.skill([pairs]).reason == "skill_nothing"


def test_a_model_worse_than_a_baseline_fails_and_one_worse_at_a_lead_is_warned_of() -> None:
    assert scoring.skill([evaluation(error=5)]).outcome == "passed"
    failed = scoring.skill([evaluation(error=12)])
    assert (failed.outcome, failed.values["baseline"]) == ("failed", "climatology")
    good, poor = evaluation(error=4, leads=(24,)), evaluation(error=12, leads=(1,))
    both = Evaluation(
        **{name: getattr(good, name) for name in ("quantity", "split")},
        **{name: np.concatenate([getattr(good, name), getattr(poor, name)])
           for name in ("hour", "lead_h", "place", "observed", "predicted", "trained_until")},
        baselines={n: np.concatenate([good.baselines[n], poor.baselines[n]]) for n in good.baselines},
    )  # fmt: skip
    warned = scoring.skill([both])
    assert (warned.outcome, warned.values["where"]) == ("warned", "pm25_ugm3 1 h") and warned.allows


def test_a_test_within_the_embargo_of_the_training_fails() -> None:
    kept = scoring.chronology([evaluation(gap_h=48)], quantities=OF, embargo_h=48)
    assert (kept.outcome, kept.values["gap"]) == ("passed", 49)
    assert scoring.chronology([evaluation(gap_h=47)], quantities=OF, embargo_h=48).outcome == "failed"
    one_row = np.full(evaluation().hour.shape, TRAINED_UNTIL)
    one_row[17] += 2000  # one model of many that was trained later than it says of what it tests
    assert scoring.chronology([evaluation(trained_until=one_row)], quantities=OF, embargo_h=48).outcome == "failed"


@pytest.mark.parametrize("split", ["station-out", "episode-out"])
def test_stations_and_episodes_that_are_held_out_do_not_stand_in_for_the_order_of_time(split) -> None:
    said = scoring.chronology([evaluation(split=split)], quantities=OF, embargo_h=48)
    assert (said.outcome, said.reason) == ("failed", "chronology_lacking")
    both = [evaluation(), evaluation(split=split, error=50)]
    assert scoring.chronology(both, quantities=OF, embargo_h=48).allows
    assert scoring.skill(both).outcome == "passed", "they are shown and are not the score"


def test_each_quantity_of_the_card_needs_its_test() -> None:
    said = scoring.chronology([evaluation()], quantities=("pm25_ugm3", "o3_ugm3"), embargo_h=48)
    assert said.values["names"] == "o3_ugm3"


def test_a_random_split_is_no_split_of_an_evaluation() -> None:
    with pytest.raises(GateError, match=r"the split 'random' is none of chronological"):
        evaluation(split="random")


def test_a_model_that_picks_the_hours_it_speaks_of_fails() -> None:
    pairs = evaluation()
    easy = np.where(np.arange(len(pairs.hour)) % 5 == 0, np.nan, pairs.predicted)
    said = scoring.completeness([replace(pairs, predicted=easy)])
    assert said.outcome == "failed" and said.values["share"] == pytest.approx(80.0)
    assert scoring.completeness([pairs]).outcome == "passed"
    unobserved = replace(pairs, observed=np.where(np.arange(len(pairs.hour)) % 5 == 0, np.nan, pairs.observed))
    assert scoring.completeness([unobserved]).outcome == "passed", "what was not observed is no fault of the model"
    assert scoring.completeness([evaluation(days=28)]).outcome == "warned"


def test_quantiles_keep_their_levels_or_fail() -> None:
    assert scoring.calibration([evaluation()], levels=LEVELS).outcome == "passed"
    narrow = evaluation()
    tight = {level: narrow.predicted + 0.5 * (values - narrow.predicted) for level, values in narrow.quantiles.items()}
    said = scoring.calibration([replace(narrow, quantiles=tight)], levels=LEVELS)
    # half the width of a normal 80 % interval: Phi(-0.6408) = 26.1 % below the 10 % quantile
    assert said.outcome == "failed" and min(said.values["share"], 100 - said.values["share"]) == pytest.approx(
        26.1, abs=2
    )
    crossed = {**narrow.quantiles, 0.1: narrow.quantiles[0.9] + 1}
    assert scoring.calibration([replace(narrow, quantiles=crossed)], levels=LEVELS).reason == "calibration_crossed"
    assert scoring.calibration([narrow], levels=(*LEVELS, 0.25)).values["levels"] == "0.25"


def test_quantiles_of_rounded_observations_are_not_accused() -> None:
    pairs = evaluation()
    rounded = {level: np.full(pairs.hour.shape, 10.0) for level in LEVELS}
    said = scoring.calibration(
        [replace(pairs, observed=np.full(pairs.hour.shape, 10.0), quantiles=rounded)], levels=LEVELS
    )
    assert said.outcome == "passed"


def test_the_gap_of_a_random_split_is_a_warning_beside_the_honest_score() -> None:
    said = scoring.random_split_gap("pm25_ugm3", random_mae=6.0, chronological_mae=13.0)
    assert said.outcome == "warned" and said.allows
    assert "54 % smaller" in said.words("en") and "13.00" in said.words("en") and "6.0" not in said.words("en")
    assert scoring.random_split_gap("pm25_ugm3", random_mae=12.5, chronological_mae=13.0).outcome == "passed"


def test_an_evaluation_comes_back_from_its_bytes_as_it_was() -> None:
    pairs = evaluation(observed=np.full(evaluation().hour.shape, np.nan), simulated=True)
    assert unpacked(pairs.packed()).packed() == pairs.packed()
    back = unpacked(pairs.packed())
    assert (back.split, back.simulated, back.embargo_h, sorted(back.quantiles)) == (
        "chronological",
        True,
        48,
        [0.1, 0.5, 0.9],
    )
    np.testing.assert_array_equal(back.place, pairs.place)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"baselines": {"persistence": np.zeros(2880)}}, "lacks climatology"),
        ({"observed": np.zeros(3)}, r"has observed \(3,\), expected"),
        ({"hour": np.zeros(0, int)}, "expected one row or more"),
        ({"lead_h": np.full(2880, -1)}, "a lead of -1 h"),
        ({"quantiles": {1.5: np.zeros(2880)}}, "expected between 0 and 1"),
        ({"embargo_h": -1}, "an embargo of -1 h"),
    ],
)
def test_an_evaluation_that_cannot_be_says_why(given, words) -> None:
    with pytest.raises(GateError, match=words):
        evaluation(**given)


def test_every_sentence_has_both_languages_with_the_same_values() -> None:
    for key, texts in results.catalogue().items():
        assert set(texts) == {"zh", "en"}, key
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
        assert fields[0] == fields[1], key
        assert re.search("[一-鿿]", texts["zh"]), key
    assert {f"gate_{gate}" for gate in results.GATES} <= set(results.catalogue())


def test_a_result_comes_back_from_plain_values_and_needs_its_words() -> None:
    said = scoring.skill([evaluation(error=12)])
    assert result_from(said.plain()) == said
    with pytest.raises(GateError, match="without its words"):
        GateResult("skill", "failed", "skill_not", {})
    with pytest.raises(GateError, match="no gate 'luck'"):
        GateResult("luck", "passed", "skill_all")
    with pytest.raises(GateError, match="says 'maybe'"):
        GateResult("skill", "maybe", "skill_all")
