"""Two models on the same hours: paired, with an interval that holds what it promises for errors that go together."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from ml.registry.compare import BETTER, OPEN, TOO_FEW, WORSE, compare, interval
from tests.ml.gates.pairs import evaluation


def test_a_better_model_is_told_from_a_worse_one_and_from_itself() -> None:
    good, poor = evaluation(error=4, seed=1), evaluation(error=7, seed=2)
    (found,) = compare([good], [poor])
    assert found.verdict == BETTER and found.low < found.difference < found.high < 0
    # mean absolute error of a normal error: sd * sqrt(2 / pi)
    assert found.difference == pytest.approx((4 - 7) * np.sqrt(2 / np.pi), abs=0.2)
    assert compare([poor], [good])[0].verdict == WORSE
    (same,) = compare([good], [good])
    assert (same.verdict, same.difference, same.low, same.high) == (OPEN, 0.0, 0.0, 0.0)
    assert compare([evaluation(error=5, seed=1)], [evaluation(error=5, seed=2)])[0].verdict == OPEN


def test_only_hours_that_both_have_with_the_same_observation_count() -> None:
    one, two = evaluation(seed=1), evaluation(seed=2)
    lacking = np.array(two.predicted)
    lacking[:240] = np.nan
    revised = np.array(two.observed)
    revised[240:360] += 1.0
    (found,) = compare([one], [replace(two, predicted=lacking, observed=revised)])
    assert found.n == len(one.hour) - 360
    late = replace(two, hour=two.hour + 24 * 90)
    assert compare([one], [late])[0] == replace(compare([one], [late])[0], n=0, verdict=TOO_FEW, mae=None)


def test_held_out_stations_are_not_compared() -> None:
    assert compare([evaluation(split="station-out")], [evaluation(split="station-out")]) == ()


def test_few_days_say_nothing() -> None:
    assert compare([evaluation(error=2, days=20)], [evaluation(error=9, days=20)])[0].verdict == TOO_FEW


def test_the_interval_covers_the_truth_where_errors_of_days_go_together() -> None:
    rng = np.random.default_rng(3)
    days, hours, inside, narrow = 150, 24, 0, 0
    for trial in range(120):
        level = np.zeros(days)
        for day in range(1, days):
            level[day] = 0.6 * level[day - 1] + rng.normal()
        differences = np.repeat(level, hours) + rng.normal(size=days * hours)  # the true mean is 0
        low, high = interval(differences, np.arange(days * hours) // hours // 5, seed=trial, draws=400)
        inside += low <= 0 <= high
        half = 1.96 * differences.std() / np.sqrt(len(differences))
        narrow += abs(differences.mean()) <= half
    assert inside / 120 > 0.85, "close to its 95 %"
    assert narrow / 120 < 0.5, "hours taken for independent would promise far too much"


def test_the_same_seed_gives_the_same_interval() -> None:
    differences, block = np.random.default_rng(0).normal(size=400), np.arange(400) // 40
    assert interval(differences, block, seed=1) == interval(differences, block, seed=1)
    assert interval(differences, block, seed=1) != interval(differences, block, seed=2)


def test_pairs_are_found_whatever_the_order_of_rows_and_places() -> None:
    one, two = evaluation(error=4, seed=1), evaluation(error=6, seed=2)
    order = np.random.default_rng(0).permutation(len(two.hour))
    columns = ("hour", "lead_h", "place", "observed", "predicted", "trained_until")
    mixed = {name: getattr(two, name)[order] for name in columns}
    mixed |= {"baselines": {n: v[order] for n, v in two.baselines.items()}, "quantiles": {}}
    assert compare([one], [replace(two, **mixed)]) == compare([one], [two])
    elsewhere = np.where(np.arange(len(two.hour)) < 1000, "511100", two.place)
    assert compare([one], [replace(two, place=elsewhere)])[0].n == len(one.hour) - 1000


def test_a_year_of_hours_of_many_leads_is_compared_in_seconds() -> None:
    one = evaluation(error=4, seed=1, days=365, leads=tuple(range(1, 49)))
    two = evaluation(error=6, seed=2, days=365, leads=tuple(range(1, 49)))
    begun = time.process_time()
    (found,) = compare([one], [two])
    assert found.n == 365 * 24 * 48 and found.verdict == BETTER
    assert time.process_time() - begun < 10
