"""Scores against worked examples, independent libraries, and the printed benchmarks."""

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import confusion_matrix, mean_absolute_error, mean_squared_error

from standards.verification.benchmarks import BENCHMARKS, benchmark_of, boylan_russell, verdict, verdicts
from standards.verification.event_scores import EVENTS, Contingency, contingency, csi, far, frequency_bias, hss, pod
from standards.verification.scores import SCORES, correlation, fac2, ioa, mean_bias, mfb, mfe, nmb, nme, rmse, scores

NAN = float("nan")

# Ten days of each, observed and modelled [ug/m3], with the scores of both to the digits computed beside this code.
PM25 = [35, 48, 61, 80, 98, 72, 55, 40, 33, 29], [30, 55, 70, 95, 90, 60, 50, 52, 41, 25]
OZONE = [90, 120, 150, 175, 160, 130, 110, 140, 185, 200], [100, 115, 140, 160, 165, 120, 118, 150, 170, 190]


def test_worked_scores_of_pm25():
    got = {name: float(score.value) for name, score in scores(*PM25).items()}
    assert round(got["rmse"], 3) == 9.149
    assert [round(got[name], 2) for name in ("nmb", "nme", "mfb", "mfe")] == [3.09, 15.43, 2.58, 15.86]
    assert [round(got[name], 3) for name in ("r", "ioa")] == [0.914, 0.954]


def test_worked_scores_of_ozone():
    got = {name: float(score.value) for name, score in scores(*OZONE).items()}
    assert round(got["rmse"], 3) == 10.315
    assert [round(got["nmb"], 2), round(got["nme"], 2), round(got["r"], 3)] == [-2.19, 6.71, 0.964]


def test_scores_equal_those_of_other_libraries():
    rng = np.random.default_rng(7)
    obs, fcst = rng.gamma(2, 30, (5, 400)), rng.gamma(2, 30, (5, 400))
    got = scores(obs, fcst, axis=1)
    for row in range(5):
        o, f = obs[row], fcst[row]
        assert got["rmse"].value[row] == pytest.approx(mean_squared_error(o, f) ** 0.5, rel=1e-12)
        assert got["nme"].value[row] == pytest.approx(100 * mean_absolute_error(o, f) / o.mean(), rel=1e-12)
        assert got["r"].value[row] == pytest.approx(pearsonr(o, f).statistic, rel=1e-12)
        assert got["mb"].value[row] == pytest.approx(f.mean() - o.mean(), rel=1e-9)
        assert got["fac2"].value[row] == np.mean((f / o >= 0.5) & (f / o <= 2))
        assert got["ioa"].value[row] == pytest.approx(loop_ioa(o, f), rel=1e-12)
    assert {name: score.n.tolist() for name, score in got.items()} == dict.fromkeys(SCORES, [400] * 5)


def loop_ioa(obs, fcst):
    mean = sum(obs) / len(obs)
    error = sum((f - o) ** 2 for o, f in zip(obs, fcst, strict=True))
    return 1 - error / sum((abs(f - mean) + abs(o - mean)) ** 2 for o, f in zip(obs, fcst, strict=True))


def test_incomplete_pairs_are_left_out_and_counted():
    obs, fcst = [10.0, NAN, 30.0, 40.0], [20.0, 20.0, NAN, 40.0]
    score = mean_bias(obs, fcst)
    assert (score.value, score.n) == (5.0, 2)
    whole = scores(obs, fcst, missing="propagate")
    assert all(np.isnan(score.value) and score.n == 0 for score in whole.values())


@pytest.mark.parametrize("name", SCORES)
def test_nothing_gives_nothing(name):
    for obs, fcst in (([], []), ([NAN], [1.0]), ([1.0, NAN], [NAN, 1.0])):
        score = SCORES[name](obs, fcst)
        assert np.isnan(score.value) and score.n == 0
    by_row = SCORES[name]([[1.0, 2.0], [NAN, 3.0]], [[1.0, 2.0], [1.0, NAN]], axis=1)
    assert by_row.n.tolist() == [2, 0] and np.isnan(by_row.value).tolist() == [False, True]


def test_scores_that_are_not_defined_are_missing():
    assert np.isnan(nmb([0, 0], [1, 2]).value) and np.isnan(nme([0, 0], [1, 2]).value)
    assert np.isnan(correlation([5], [6]).value) and np.isnan(correlation([0.1] * 7, [1, 2, 3, 4, 5, 6, 7]).value)
    assert np.isnan(correlation([1, 2, 3], [0.1] * 3).value)
    assert np.isnan(ioa([0.1] * 3, [0.1] * 3).value) and ioa([5, 5], [6, 6]).value == 0
    assert mfb([0], [0]).value == mfe([0], [0]).value == 0 and fac2([0, 0], [0, 1]).value == 0.5


def test_fractional_scores_keep_to_their_bounds():
    assert (mfb([10], [0]).value, mfb([0], [10]).value, mfe([10], [0]).value) == (-200, 200, 200)


def test_factor_of_two_includes_both_ends():
    assert fac2([10, 10, 10, 10], [5, 20, 4.9, 20.1]).value == 0.5


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_any_axis_may_be_scored(axis):
    rng = np.random.default_rng(1)
    obs, fcst = rng.random((3, 4)), rng.random((3, 4))
    expected = np.sqrt(((fcst - obs) ** 2).mean(axis=axis))
    assert np.allclose(rmse(obs, fcst, axis=axis).value, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("obs", "fcst", "options", "message"),
    [
        ([1, -2], [1, 2], {}, "obs is -2, expected 0 or more, or NaN for missing"),
        ([1, 2], [1, np.inf], {}, "fcst is inf, expected 0 or more"),
        ([1, 2], [1], {}, r"fcst has shape \(1,\), expected \(2,\)"),
        ([1, 2], [1, 2], {"axis": 1}, r"axis is 1, expected one of an array of shape \(2,\)"),
        ([1, 2], [1, 2], {"missing": "drop"}, "missing is 'drop', expected one of omit, propagate"),
    ],
)
def test_bad_input_is_refused_by_name(obs, fcst, options, message):
    for score in SCORES.values():
        with pytest.raises(ValueError, match=message):
            score(obs, fcst, **options)
    with pytest.raises(ValueError, match="score is 'mse', expected one of mb, nmb"):
        scores([1], [1], names=("mse",))


# Boylan and Russell 2006: limits at C = 1 and C = 5 ug/m3 [%], goal and criteria.
@pytest.mark.parametrize(
    ("score", "c", "goal", "criteria"),
    [("mfb", 1, 53.0, 78.9), ("mfe", 1, 89.5, 107.9), ("mfb", 5, 30.0, 60.0), ("mfe", 5, 50.2, 75.2)],
)
def test_limits_that_widen_at_low_concentrations(score, c, goal, criteria):
    assert [round(float(limit), 1) for limit in boylan_russell(c, score)] == [goal, criteria]
    assert np.isnan(boylan_russell(NAN, score)).all()


# benchmark, species, period, score: goal, criteria, as printed in the papers
PRINTED = {
    ("emery2017", "o3", "8h", "nmb"): (5, 15), ("emery2017", "o3", "hour", "nme"): (15, 25),
    ("emery2017", "o3", "8h", "r"): (0.75, 0.5), ("emery2017", "pm25", "day", "nmb"): (10, 30),
    ("emery2017", "so4", "day", "nme"): (35, 50), ("emery2017", "nh4", "day", "r"): (0.7, 0.4),
    ("emery2017", "no3", "day", "nmb"): (15, 65), ("emery2017", "no3", "day", "nme"): (65, 115),
    ("emery2017", "oc", "day", "nmb"): (15, 50), ("emery2017", "oc", "day", "nme"): (45, 65),
    ("emery2017", "ec", "day", "nmb"): (20, 40), ("emery2017", "ec", "day", "nme"): (50, 75),
    ("boylan2006", "pm25", "day", "mfb"): (30, 60), ("boylan2006", "pm25", "day", "mfe"): (50, 75),
    ("huang2025", "o3", "hour", "nmb"): (15, 30), ("huang2025", "o3", "8h", "nmb"): (10, 20),
}  # fmt: skip


@pytest.mark.parametrize("key", PRINTED)
def test_benchmarks_are_those_printed(key):
    by, (goal, criteria) = benchmark_of(*key), PRINTED[key]
    assert (by.goal, by.criteria) == (goal, criteria)
    sign = -1 if by.sense == "at_least" else 1
    for value, grade in ((goal, "goal"), (goal + sign * 0.01, "criteria"), (criteria + sign * 0.01, "fail")):
        assert verdict(value, by=by).grade == grade
    if by.score in ("nmb", "mfb"):
        assert verdict(-criteria - 0.01, by=by).grade == "fail" and verdict(-goal, by=by).grade == "goal"


def test_every_benchmark_is_of_a_score_there_is_and_says_how_it_is_known():
    assert all(by.score in SCORES and by.confidence for by in BENCHMARKS.values())


def test_a_verdict_gives_its_reason():
    by = benchmark_of("emery2017", "o3", "8h", "nmb")
    assert verdict(-7.5, by=by).reason == (
        "NMB of o3 (8h) is -7.5 %: meets the criteria, not the goal of emery2017 "
        "(within ±15 %, goal within ±5 %, observations from 40 ppb)"
    )
    assert verdict(NAN, by=by).grade == "NA" and "missing" in verdict(NAN, by=by).reason
    r = benchmark_of("emery2017", "o3", "8h", "r")
    assert verdict(0.3, by=r).reason == "R of o3 (8h) is 0.3: fails the criteria of emery2017 (at least 0.5)"


def test_low_concentrations_are_judged_by_the_curve():
    by = benchmark_of("boylan2006", "pm25", "day", "mfb")
    assert verdict(50.0, by=by).grade == "criteria" and verdict(50.0, by=by, concentration=1).grade == "goal"
    assert verdict(50.0, by=by, concentration=NAN).grade == "NA"
    with pytest.raises(ValueError, match="concentration is -1 ug/m3"):
        verdict(50.0, by=by, concentration=-1)
    with pytest.raises(ValueError, match="score is 'nmb', expected mfb or mfe"):
        verdict(5.0, by=benchmark_of("emery2017", "o3", "8h", "nmb"), concentration=1)


def test_scores_are_judged_together():
    values = {name: float(score.value) for name, score in scores(*PM25).items()}
    grades = {
        name: v.grade for name, v in verdicts(values, benchmark="emery2017", species="pm25", period="day").items()
    }
    assert grades == {"nmb": "goal", "nme": "goal", "r": "goal"}
    with pytest.raises(ValueError, match="there is no benchmark 'emery2017', 'co', 'day'"):
        verdicts(values, benchmark="emery2017", species="co", period="day")
    with pytest.raises(ValueError, match="expected one of emery2017 o3 hour nmb"):
        benchmark_of("emery2017", "o3", "day", "nmb")
    with pytest.raises(ValueError, match="nmb is inf"):
        verdict(np.inf, by=benchmark_of("emery2017", "o3", "8h", "nmb"))


def test_events_are_counted_as_scikit_learn_counts_them():
    rng = np.random.default_rng(3)
    obs, fcst = rng.integers(0, 400, 500), rng.integers(0, 400, 500)
    for above in EVENTS.values():
        (d, b), (c, a) = confusion_matrix(obs > above, fcst > above)
        table = contingency(obs, fcst, above=above)
        assert (table.hits, table.false_alarms, table.misses, table.rejections, table.n) == (a, b, c, d, 500)
        assert pod(table).value == pytest.approx(a / (a + c)) and far(table).value == pytest.approx(b / (a + b))
        assert csi(table).value == pytest.approx(a / (a + b + c))
        assert frequency_bias(table).value == pytest.approx((a + b) / (a + c))
        assert hss(table).value == pytest.approx(heidke(a, b, c, d), rel=1e-12)


def heidke(a, b, c, d):
    """The accuracy above that of chance, from the definition: (PC - E) / (1 - E)."""
    n = a + b + c + d
    chance = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return ((a + d) / n - chance) / (1 - chance)


def test_events_without_a_denominator_are_missing():
    never = contingency([1, 2], [1, 2], above=100)
    assert all(np.isnan(score(never).value) and score(never).n == 2 for score in (pod, far, csi, frequency_bias, hss))
    nothing = contingency([NAN], [1], above=100)
    assert nothing.n == 0 and np.isnan(hss(nothing).value)
    assert np.isnan(far(contingency([150], [50], above=100)).value)


def test_events_are_above_the_threshold_and_pairwise_complete():
    table = contingency([[100, 101, NAN], [150, 99, 120]], [[150, 150, 150], [150, NAN, 50]], above=100, axis=1)
    assert isinstance(table, Contingency)
    counts = [table.hits, table.false_alarms, table.misses, table.rejections]
    assert [x.tolist() for x in counts] == [[1, 1], [1, 0], [0, 1], [0, 0]]
    assert contingency([1, NAN], [1, 1], above=0, missing="propagate").n == 0
    with pytest.raises(ValueError, match="above is nan"):
        contingency([1], [1], above=NAN)


def test_the_usual_events_are_polluted_days_and_ozone_above_its_limit():
    assert dict(EVENTS) == {"aqi_100": 100, "aqi_150": 150, "aqi_200": 200, "o3_160": 160}
