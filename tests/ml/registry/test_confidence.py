"""Confidence falls with drift, errors, an old inventory and missing feeds, never rises by them, and says why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from ml.registry.confidence import (
    GRADES,
    HIGH,
    LOW,
    MEDIUM,
    NONE,
    Signs,
    chi_square_95,
    confidence,
    drift,
    reference,
    stability,
)
from ml.registry.errors import RegistryError

WELL = Signs(
    drift={"pm25_ugm3": 0.02},
    rolling_mae=10.0,
    card_mae=10.0,
    rolling_pairs=400,
    needs_inventory=True,
    inventory_days=100,
)


@pytest.mark.parametrize(
    ("seen", "grade", "words"),
    [
        ({}, HIGH, "high confidence"),
        ({"drift": {"a": 0.02, "b": 0.12}}, MEDIUM, "b lies otherwise than in training (stability index 0.12)"),
        ({"drift": {"a": 0.3}}, LOW, "stability index 0.30"),
        ({"drift": {"a": float("nan")}}, HIGH, "high confidence"),
        ({"drift": {"a": float("inf")}}, LOW, "a lies otherwise than in training"),
        ({"rolling_mae": float("nan")}, MEDIUM, "its error of late is not known yet"),
        ({"rolling_mae": 13.0}, MEDIUM, "1.3 times that of the card (400 pairs)"),
        ({"rolling_mae": 16.0}, LOW, "1.6 times"),
        ({"rolling_mae": 20.0}, NONE, "no statement; the error of late is 2.0 times"),
        ({"rolling_mae": 99.0, "rolling_pairs": 47}, MEDIUM, "not known yet (fewer than 48 pairs)"),
        ({"rolling_mae": None, "rolling_pairs": 0}, MEDIUM, "not known yet (fewer than 48"),
        ({"rolling_mae": 99.0, "card_mae": None}, HIGH, "high confidence"),
        ({"inventory_days": 400}, MEDIUM, "the emission inventory is 1.1 years old"),
        ({"inventory_days": 1500}, LOW, "4.1 years old"),
        ({"inventory_days": 4000}, NONE, "11.0 years old"),
        ({"inventory_days": None}, LOW, "not known of which year"),
        ({"inventory_days": float("nan")}, LOW, "not known of which year"),
        ({"inventory_days": 4000, "needs_inventory": False}, HIGH, "high confidence"),
        ({"moved": {"pm25": 1.2, "o3": 1.3}}, MEDIUM, "observed over told of o3 has moved by a factor of 1.3"),
        ({"moved": {"pm25": 1.7}}, LOW, "by a factor of 1.7"),
        ({"moved": {"pm25": 2.6}}, NONE, "by a factor of 2.6"),
        ({"moved": {"pm25": float("nan")}}, HIGH, "high confidence"),
        ({"moved": {"pm25": float("inf")}}, NONE, "of pm25 has moved by a factor of inf"),
        ({"behind_days": 15}, HIGH, "high confidence"),
        ({"behind_days": 30}, MEDIUM, "learned 30 days ago"),
        ({"behind_days": 60}, LOW, "learned 60 days ago"),
        ({"behind_days": 91}, NONE, "learned 91 days ago"),
        ({"missing_helpful": ("composition",)}, MEDIUM, "would help and are missing: composition"),
        ({"missing_helpful": ("composition", "CEMS", "VOC")}, LOW, "composition, CEMS, VOC"),
        ({"missing_needed": ("observation",)}, NONE, "are needed and missing: observation"),
        ({"fallback": "light tags"}, LOW, "a poorer way had to be taken: light tags"),
        ({"served": False}, NONE, "no approved model serves"),
    ],
)
def test_each_sign_caps_the_grade_and_is_told(seen, grade, words) -> None:
    found = confidence(replace(WELL, **seen))
    assert found.grade == grade and words in found.words("en")
    assert bool(found.reasons) == (grade != HIGH)
    assert found.words("zh") != found.words("en")


def test_the_gravest_reason_stands_first_and_all_are_told() -> None:
    found = confidence(replace(WELL, missing_helpful=("VOC",), rolling_mae=30.0, drift={"a": 0.3}))
    assert (found.grade, [r.cap for r in found.reasons]) == (NONE, [NONE, LOW, MEDIUM])
    assert found.words("zh").startswith("不作结论；近期误差是模型卡上的 3.0 倍")


def test_at_the_end_it_is_said_what_there_is_none_of() -> None:
    found = confidence(replace(WELL, missing_needed=("tags",)))
    assert found.words("en", purpose="attribution") == "no attribution; these feeds are needed and missing: tags"
    assert found.words("zh", purpose="attribution").startswith("不作来源解析；")
    assert found.words("zh", purpose="forecast").startswith("不作预报；")
    assert confidence(WELL).words("en", purpose="attribution") == "high confidence"


SIGNS = st.builds(
    Signs, served=st.booleans(), drift=st.dictionaries(st.sampled_from("ab"), st.floats(0, 1)),
    rolling_mae=st.none() | st.floats(0, 50), rolling_pairs=st.integers(0, 100), card_mae=st.none() | st.floats(0, 20),
    needs_inventory=st.booleans(), inventory_days=st.none() | st.floats(0, 5000),
    missing_helpful=st.lists(st.sampled_from(["a", "b", "c"]), unique=True), fallback=st.sampled_from(["", "x"]),
)  # fmt: skip


@given(SIGNS, st.floats(0, 1), st.floats(0, 3000), st.sampled_from(["observation", "tags"]))
def test_more_drift_an_older_inventory_or_a_feed_less_never_raise_the_confidence(signs, drift, days, feed) -> None:
    before = GRADES.index(confidence(signs).grade)
    worse = [
        replace(signs, drift={**signs.drift, "c": drift}), replace(signs, missing_helpful=(*signs.missing_helpful, feed)),
        replace(signs, missing_needed=(feed,)), replace(signs, fallback="y"), replace(signs, served=False),
    ]  # fmt: skip
    if signs.inventory_days is not None:
        worse.append(replace(signs, inventory_days=signs.inventory_days + days))
    assert all(GRADES.index(confidence(each).grade) <= before for each in worse)


def test_the_index_is_nothing_for_the_same_and_large_for_a_shift() -> None:
    rng = np.random.default_rng(0)
    trained = rng.gamma(3, 20, 5000)
    known = reference(trained)
    assert stability(known, rng.gamma(3, 20, 5000)) < 0.02
    assert stability(known, rng.gamma(3, 26, 5000)) > 0.1
    assert stability(known, trained + 60) > 0.25
    assert sum(known.shares) == pytest.approx(1.0) and known.missing == 0


def test_the_index_of_two_bins_is_that_of_its_formula() -> None:
    # half below and half above in training; 80 % and 20 % of late: (0.8-0.5) ln(0.8/0.5) + (0.2-0.5) ln(0.2/0.5), by hand
    known = reference(np.array([0.0, 1.0] * 50), bins=2)
    late = np.array([0.0] * 80 + [1.0] * 20)
    assert stability(known, late) == pytest.approx(0.3 * 0.4700036 + 0.3 * 0.9162907, rel=1e-5)


def test_values_that_go_missing_are_a_drift_too() -> None:
    known = reference(np.random.default_rng(0).normal(size=1000))
    gone = np.random.default_rng(1).normal(size=1000)
    gone[:300] = np.nan
    assert stability(known, gone) > 0.25
    assert np.isnan(stability(known, np.array([])))
    always = reference(np.where(np.arange(1000) % 10 < 3, np.nan, np.random.default_rng(2).normal(size=1000)))
    assert always.missing == pytest.approx(0.3) and stability(always, gone) < 0.05


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_the_index_is_never_negative_and_none_against_itself(trained, late) -> None:
    known = reference(np.array(trained))
    assert stability(known, np.array(late)) >= -1e-12
    assert stability(known, np.array(trained)) == pytest.approx(0.0, abs=1e-9)


def test_the_percentile_of_chi_square_is_that_of_scipy() -> None:
    degrees = np.arange(1, 40)
    np.testing.assert_allclose([chi_square_95(k) for k in degrees], chi2.ppf(0.95, degrees), rtol=0.03)
    assert chi_square_95(10) == pytest.approx(chi2.ppf(0.95, 10), rel=0.002)


def test_a_feature_without_any_value_has_no_reference() -> None:
    with pytest.raises(RegistryError, match="none of 3 values of a feature is known"):
        reference(np.full(3, np.nan))


def test_a_month_of_hours_that_go_together_is_no_drift_by_chance_and_a_new_air_is() -> None:
    rng = np.random.default_rng(4)

    def air(days: int) -> np.ndarray:
        level = np.zeros(days)
        for day in range(1, days):
            level[day] = 0.7 * level[day - 1] + rng.normal()
        return np.repeat(level, 24) + 0.3 * rng.normal(size=days * 24)

    known = reference(air(2000))
    months = [air(28) for _ in range(100)]
    assert np.mean([stability(known, month) > 0.25 for month in months]) > 0.5, "the bare index would cry wolf"
    assert np.mean([drift(known, month, independent=9) > 0.1 for month in months]) < 0.05
    assert drift(known, air(28) + 6, independent=9) > 0.25
    assert np.isnan(drift(known, np.array([]), independent=9))
