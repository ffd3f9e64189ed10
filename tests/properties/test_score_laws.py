"""Laws of scores: order and batches do not matter, nothing gives nothing, the perfect forecast is perfect.

Batches of series are scored exactly as one by one. The order of pairs changes sums of doubles in their last places
only: to 1e-12 of the size of the terms.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from standards.verification.event_scores import contingency, csi, far, frequency_bias, hss, pod
from standards.verification.fairmode import FAIRMODE_EDITIONS, mqi, mqi_year, mqo
from standards.verification.forecast_scores import (
    aqi_range,
    by_lead,
    half_level_accuracy,
    level_accuracy,
    persistence_skill,
    primary_accuracy,
    range_accuracy,
    strict_level_accuracy,
)
from standards.verification.scores import SCORES, fac2, mean_bias, mfb, mfe, rmse
from standards.verification.shanghai import shanghai_days, shanghai_score

NAN = float("nan")
values = st.one_of(st.just(NAN), st.just(0.0), st.integers(0, 500).map(float), st.floats(0.001, 500))
shapes = st.shared(st.tuples(st.integers(1, 4), st.integers(1, 20)), key="shape")
blocks = hnp.arrays(np.float64, shapes, elements=values)


def of_range(obs, fcst, **options):
    return range_accuracy(obs, np.stack(aqi_range(fcst)), **options)


def of_touched_level(obs, fcst, **options):
    return level_accuracy(obs, np.stack(aqi_range(fcst)), **options)


def of_primary(obs, fcst, **options):
    masks = [np.where(np.isnan(aqi) | (aqi <= 50), 0.0, np.where(aqi > 200, 32.0, 40.0)) for aqi in (obs, fcst)]
    return primary_accuracy(np.stack([obs, masks[0]]), np.stack([fcst, masks[1]]), **options)


def of_shanghai(obs, fcst, **options):
    masks = [np.where(np.isnan(aqi) | (aqi <= 50), 0.0, np.where(aqi > 200, 32.0, 40.0)) for aqi in (obs, fcst)]
    return shanghai_score(np.stack([obs, masks[0]]), np.stack([fcst, masks[1]]), **options)


def of_events(score):
    return lambda obs, fcst, **options: score(contingency(obs, fcst, above=100, **options))


BY = {
    (edition.name, *key): by
    for edition in FAIRMODE_EDITIONS.values()
    for key, by in edition.uncertainties.items()
    if edition.name == "v3.3" or by.long is not None
}


def of_fairmode(score, key):
    return lambda obs, fcst, *, axis=None: score(obs, fcst, by=BY[key], axis=axis)


ACCURACIES = {
    "range": of_range, "level": of_touched_level, "strict level": strict_level_accuracy,
    "half-level": half_level_accuracy, "primary": of_primary,
}  # fmt: skip
EVENT_SCORES = {score.__name__: of_events(score) for score in (pod, far, csi, frequency_bias, hss)}
QUALITY = {f"{f.__name__} {' '.join(key)}": of_fairmode(f, key) for f in (mqi, mqi_year) for key in BY}
EVERY = dict(SCORES) | ACCURACIES | EVENT_SCORES | QUALITY | {"shanghai": of_shanghai}
every_score = pytest.mark.parametrize("score", EVERY.values(), ids=EVERY)


def close(a, b, *, within=1e-12):
    return np.allclose(a, b, rtol=within, atol=within * 1e3, equal_nan=True)


@every_score
@given(obs=blocks, fcst=blocks)
@settings(max_examples=40, deadline=None)
def test_a_batch_is_scored_exactly_as_its_series_one_by_one(score, obs, fcst):
    whole = score(obs, fcst, axis=1)
    by_column = score(obs.T, fcst.T, axis=0)
    for row in range(len(obs)):
        one = score(obs[row], fcst[row])
        assert np.array_equal([whole.value[row], by_column.value[row]], [one.value] * 2, equal_nan=True)
        assert whole.n[row] == by_column.n[row] == one.n


@every_score
@given(obs=blocks, fcst=blocks, data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_pairs_does_not_matter(score, obs, fcst, data):
    obs, fcst = np.rint(obs), np.rint(fcst)  # so that rounding does not decide whether values are all equal
    order = np.array(data.draw(st.permutations(range(obs.size))))
    plain, mixed = score(obs.ravel(), fcst.ravel()), score(obs.ravel()[order], fcst.ravel()[order])
    assert close(plain.value, mixed.value) and plain.n == mixed.n


@every_score
@given(obs=blocks, fcst=blocks, data=st.data())
@settings(max_examples=40, deadline=None)
def test_incomplete_pairs_add_nothing_and_nothing_gives_nothing(score, obs, fcst, data):
    obs, fcst = np.nan_to_num(obs.ravel()), np.nan_to_num(fcst.ravel())
    lost = data.draw(st.lists(st.integers(0, obs.size - 1), max_size=obs.size // 4))  # FAIRMODE asks for three quarters
    holed = obs.copy()
    holed[lost] = NAN
    both = ~np.isnan(holed)
    for got in (score(holed, fcst), score(fcst, holed)):
        assert got.n <= both.sum()
    got, alone = score(holed, fcst), score(obs[both], fcst[both])
    assert close(got.value, alone.value) and got.n == alone.n
    nothing = score(np.where(both, NAN, obs), np.where(both, fcst, NAN))
    assert np.isnan(nothing.value) and nothing.n == 0


@pytest.mark.parametrize("score", (dict(SCORES) | ACCURACIES).values(), ids=dict(SCORES) | ACCURACIES)
@given(obs=blocks, fcst=blocks)
@settings(max_examples=40, deadline=None)
def test_with_propagation_one_missing_value_is_enough(score, obs, fcst):
    got = score(obs, fcst, axis=1, missing="propagate")
    missing = (np.isnan(obs) | np.isnan(fcst)).any(axis=1)
    assert np.isnan(got.value[missing]).all() and (got.n[missing] == 0).all()
    same = score(obs, fcst, axis=1)
    assert np.array_equal(got.value[~missing], same.value[~missing], equal_nan=True)


PERFECT = {"mb": 0, "nmb": 0, "nme": 0, "rmse": 0, "r": 1, "ioa": 1, "mfb": 0, "mfe": 0, "fac2": 1}
PERFECT |= dict.fromkeys(ACCURACIES, 1) | {"pod": 1, "far": 0, "csi": 1, "frequency_bias": 1, "hss": 1}
PERFECT |= dict.fromkeys(QUALITY, 0)


@pytest.mark.parametrize("name", PERFECT)
@given(obs=blocks)
@settings(max_examples=40, deadline=None)
def test_the_perfect_forecast_has_perfect_scores(name, obs):
    got = EVERY[name](obs, obs)
    assert np.isnan(got.value) or close(got.value, PERFECT[name])
    defined = EVERY[name](np.array([20.0, 120, 260]), np.array([20.0, 120, 260]))
    assert close(defined.value, PERFECT[name])


@given(obs=blocks, fcst=blocks)
def test_swapping_observation_and_forecast_turns_the_bias_and_keeps_the_error(obs, fcst):
    for score, sign in ((mean_bias, -1), (mfb, -1), (rmse, 1), (mfe, 1), (fac2, 1), (SCORES["r"], 1)):
        assert close(score(fcst, obs).value, sign * score(obs, fcst).value)
    table, swapped = (contingency(a, b, above=100) for a, b in ((obs, fcst), (fcst, obs)))
    assert (table.false_alarms, table.misses) == (swapped.misses, swapped.false_alarms)
    assert close(pod(table).value, 1 - far(swapped).value) and close(hss(table).value, hss(swapped).value)


@given(obs=blocks, fcst=blocks)
def test_scores_keep_to_their_bounds(obs, fcst):
    got = {name: score(obs, fcst, axis=1).value for name, score in EVERY.items()}
    bounds = {"r": (-1, 1), "ioa": (0, 1), "mfb": (-200, 200), "mfe": (0, 200), "fac2": (0, 1), "hss": (-1, 1)}
    bounds |= dict.fromkeys((*ACCURACIES, "pod", "far", "csi"), (0, 1)) | dict.fromkeys(QUALITY, (0, np.inf))
    for name, (low, high) in bounds.items():
        known = got[name][~np.isnan(got[name])]
        assert ((known >= low - 1e-12) & (known <= high * (1 + 1e-12))).all(), name
    assert (~(np.abs(got["nmb"]) > got["nme"] * (1 + 1e-12))).all()


@every_score
@given(obs=blocks, fcst=blocks, data=st.data())
@settings(max_examples=20, deadline=None)
def test_each_lead_is_scored_as_if_it_were_alone(score, obs, fcst, data):
    lead = np.array(data.draw(st.lists(st.integers(1, 3), min_size=obs.shape[1], max_size=obs.shape[1])))
    got = by_lead(lambda o, f, *, axis: score(o, f, axis=axis), obs, fcst, lead)
    assert got.lead.tolist() == sorted(set(lead.tolist()))
    for each, value, n in zip(got.lead, got.value, got.n, strict=True):
        alone = score(obs[:, lead == each], fcst[:, lead == each], axis=1)
        assert np.array_equal(value, alone.value, equal_nan=True) and np.array_equal(n, alone.n)


@given(obs=blocks, fcst=blocks, reference=blocks)
def test_skill_is_positive_only_for_the_better_forecast(obs, fcst, reference):
    skill = persistence_skill(obs, np.stack([fcst, reference]), axis=1)
    complete = ~(np.isnan(obs) | np.isnan(fcst) | np.isnan(reference))
    ours, theirs = (((np.where(complete, f - obs, 0)) ** 2).sum(axis=1) for f in (fcst, reference))
    assert (np.isnan(skill.value) == (theirs == 0)).all()
    assert ((skill.value > 1e-12) <= (ours <= theirs)).all() and ((skill.value < -1e-12) <= (ours >= theirs)).all()


indicators = hnp.arrays(np.float64, st.integers(0, 30), elements=st.one_of(st.just(NAN), st.floats(0, 5)))


@given(stations=indicators, data=st.data())
def test_the_objective_lies_among_the_stations_whatever_their_order(stations, data):
    by = BY["v3.3", "pm25", "day"]
    order = np.array(data.draw(st.permutations(range(stations.size))), dtype=int)
    got, mixed = mqo(stations, by=by), mqo(stations[order], by=by)
    assert np.array_equal(got.value, mixed.value, equal_nan=True)
    known = stations[~np.isnan(stations)]
    assert got.n == known.size and np.isnan(got.value) == (known.size == 0)
    if known.size:
        assert known.min() - 1e-12 <= got.value <= known.max() + 1e-12
        assert (known <= got.value + 1e-12).sum() >= int(0.9 * known.size)


@given(indices=hnp.arrays(np.float64, (2, 9), elements=st.integers(0, 500).map(float)))
@settings(max_examples=40, deadline=None)
def test_points_run_from_nothing_to_a_hundred_and_a_perfect_day_has_all(indices):
    masks = np.where(indices > 50, 32.0, 0.0)
    obs, fcst = (np.stack([indices[i], masks[i]]) for i in (0, 1))
    days = shanghai_days(obs, fcst)
    assert (
        (days.total >= 0).all()
        and (days.total <= 100).all()
        and np.array_equal(days.total, shanghai_days(fcst, obs).total)
    )
    assert (shanghai_days(obs, obs).total == 100).all()
