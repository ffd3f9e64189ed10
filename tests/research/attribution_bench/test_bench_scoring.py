"""Figures of the scorecard against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ml.attributing.sent import calibrated_micro
from research.attribution_bench.marks import Mark, verdicts
from research.attribution_bench.methods import Answer, daily, gathered, shares
from research.attribution_bench.scoring import Figure, Sums, Truth, difference, figure, sums_of, truth_of
from research.attribution_bench.told import city_means, stack_ratios
from streams.contributors import SECTORS
from streams.records import SPECIES

TEN = (30.0, 20.0, 12.0, 10.0, 3.0, 2.0, 8.0, 4.0, 1.0, 10.0)
"""Shares of nine sectors and outside [%]; six are 5 % or more."""


def day(values) -> np.ndarray:
    """One city, one day."""
    return np.array(values, float)[None, :, None]


def truth_with(sector, *, total=100.0, place=(50.0, 40.0, 10.0)):
    both = np.zeros((1, 10, 1))
    return Truth(np.array([[total]]), day(sector), day(place), both)


def test_the_error_over_sources_is_the_mean_of_their_absolute_errors():
    told = np.add(TEN, (4, -4, 0, 0, 0, 0, 0, 0, 1, -1))
    found = sums_of(Answer(sector=day(told)), truth_with(TEN), np.array([[True]]))
    assert found["sources"] == Sums(pytest.approx(1.0), 1)  # (4 + 4 + 1 + 1) / 10
    assert found["big"] == Sums(pytest.approx(9.0), 6)  # 4 + 4 + 1, of six sources; the 1 of biogenic does not count


def test_places_are_scored_over_own_city_others_and_outside():
    answer = Answer(sector=day(TEN), place=day((56.0, 40.0, 4.0)))
    found = sums_of(answer, truth_with(TEN), np.array([[True]]))
    assert found["places"] == Sums(pytest.approx(4.0), 1)  # (6 + 0 + 6) / 3


@pytest.mark.parametrize(
    "told, two, first",
    [
        (TEN, 100.0, 100.0),
        ((20.0, 30.0, *TEN[2:]), 100.0, 0.0),  # the true top is the second that is named
        ((5.0, 30.0, 27.0, *TEN[3:]), 0.0, 0.0),
    ],
)
def test_the_true_top_is_among_the_two_named_and_named_first(told, two, first):
    clear = (31.0, 19.0, *TEN[2:])  # a margin of 12 points
    found = sums_of(Answer(sector=day(told)), truth_with(clear), np.array([[True]]))
    assert (found["two"], found["first"]) == (Sums(two, 1), Sums(first, 1))


def test_outside_is_never_the_top_sector_and_a_small_margin_does_not_ask_for_the_first():
    true = (*TEN[:9], 90.0)
    found = sums_of(Answer(sector=day(true)), truth_with(true), np.array([[True]]))
    assert found["two"] == Sums(100.0, 1) and found["first"] == Sums(0.0, 0)  # 30 to 20 is not more than 10


def test_coverage_counts_sources_whose_truth_is_inside():
    half = day((3.0,) * 10)
    told = np.add(TEN, (4, -2, 0, 0, 0, 0, 0, 0, 1, -3))
    found = sums_of(Answer(sector=day(told), half=half), truth_with(TEN), np.array([[True]]))
    assert found["cover"] == Sums(pytest.approx(900.0), 10)  # only the first is outside
    assert found["half"] == Sums(pytest.approx(30.0), 10)


def test_days_outside_the_choice_and_days_without_an_answer_do_not_count():
    answer = Answer(sector=np.concatenate([day(TEN), day([np.nan] * 10), day(TEN)], axis=2))
    true = truth_with(TEN)
    three = type(true)(*(np.repeat(v, 3, axis=-1) for v in (true.total, true.sector, true.place, true.both)))
    found = sums_of(answer, three, np.array([[True, True, False]]))
    assert found["sources"] == Sums(0.0, 1)


def test_episode_days_are_those_whose_true_value_is_above_the_limit():
    true = truth_with(TEN, total=75.0)
    assert not true.days("pm25", "episode").any() and true.days("pm25", "all").all()
    assert truth_with(TEN, total=75.1).days("pm25", "episode").all()
    assert not truth_with(TEN, total=160.0).days("o3", "episode").any()


def test_worlds_are_pooled_by_their_city_days_and_an_empty_world_does_nothing():
    found = figure([Sums(10.0, 10), Sums(90.0, 30), Sums(0.0, 0)])
    assert found.value == pytest.approx(100 / 40) and found.worlds == 2 and found.count == 40
    assert (found.least, found.most) == (1.0, 3.0)
    assert 1.0 <= found.low <= 2.5 <= found.high <= 3.0


def test_one_world_has_no_interval_and_none_has_no_figure():
    assert figure([Sums(6.0, 3)]) == Figure(2.0, None, None, 2.0, 2.0, 1, 3.0)
    assert figure([Sums(0.0, 0)]).value is None and figure([]).value is None


def test_the_bootstrap_draws_worlds_and_not_days():
    """Two worlds, 1 and 3: a resample is 1, 2 or 3 with chances of a quarter, a half, a quarter, however many days they have."""
    few, many = (figure([Sums(1.0 * n, n), Sums(3.0 * n, n)]) for n in (1, 1000))
    assert (few.low, few.high) == (many.low, many.high) == (1.0, 3.0)


def test_a_difference_is_drawn_in_pairs_so_what_worlds_share_falls_out():
    pairs = [(Sums(2.0 + w, 1), Sums(1.0 + w, 1)) for w in (0.0, 10.0, 50.0)]
    found = difference(pairs)
    assert (found.value, found.low, found.high) == (pytest.approx(1.0), pytest.approx(1.0), pytest.approx(1.0))


@pytest.mark.parametrize(
    "value, low, high, said, sure",
    [(1.9, 1.7, 1.95, "met", True), (1.9, 1.7, 2.2, "met", False), (2.1, 1.9, 2.3, "missed", False),
     (2.4, 2.1, 2.6, "missed", True), (2.4, None, None, "missed", None), (None, None, None, "no days", None)],
)  # fmt: skip
def test_a_mark_is_met_by_the_figure_and_surely_met_by_its_interval(value, low, high, said, sure):
    mark = Mark("pm25", "told", "winter_haze", "sources", high=2.0)
    (found,) = verdicts([mark], lambda _: Figure(value, low, high, value, value, 3, 9.0))
    assert (found.said, found.sure) == (said, sure)


def test_sector_by_city_sums_up_to_sources_and_to_own_others_and_outside():
    both = np.zeros((2, 2 * len(SECTORS) + 1, 1))
    both[0, 0], both[0, 1], both[0, 3], both[0, -1] = 5.0, 7.0, 11.0, 13.0
    # City 0: industry of itself 5, of city 1 7; coal of city 1 11; outside 13.
    sector, place = gathered(both)
    assert sector[0, :, 0].tolist() == [12.0, 11.0, *[0.0] * 7, 13.0]
    assert place[0, :, 0].tolist() == [5.0, 18.0, 13.0]
    assert shares(place)[0, :, 0].sum() == pytest.approx(100.0) and np.isnan(shares(place)[1]).all()


def test_a_day_of_particles_is_all_its_hours_and_one_of_ozone_its_afternoon():
    hours = np.arange(1.0, 25.0)  # the hours ending at 01:00 to 24:00
    assert daily(hours, "pm25").tolist() == [12.5]
    assert daily(hours, "o3").tolist() == [16.5]  # the mean of 13 to 20


def test_the_truth_of_a_run_becomes_the_shares_of_its_pairs():
    pairs = np.zeros((8, 72, 24))
    pairs[0, 0], pairs[0, 9] = 30.0, 10.0  # industry of the own city; coal of the second
    inflow = np.full((8, 1, 24), 60.0)
    by_sector, by_city = pairs.reshape(8, 9, 8, 24).sum(axis=2), pairs.reshape(8, 9, 8, 24).sum(axis=1)
    values = np.concatenate([by_sector, by_city, inflow, pairs], axis=1)
    found = truth_of({"pm25": values, "pm25_total": values[:, :9].sum(axis=1) + 60.0}, "pm25")
    assert found.sector[0, [0, 1, 9], 0].tolist() == [30.0, 10.0, 60.0]
    assert found.place[0, :, 0].tolist() == [30.0, 10.0, 60.0] and found.total[0, 0] == 100.0


def test_what_is_told_is_averaged_over_assessment_points_that_have_a_value():
    stations = np.array([[[1.0], [3.0], [np.nan]]])
    assert city_means(stations, np.array([[True, True, True], [False, False, True]]))[0, 0, 0] == 2.0
    assert np.isnan(city_means(stations, np.array([[False, False, True]]))).all()


def test_micro_stations_are_brought_to_the_level_of_the_assessment_points():
    micro, items = np.full((1, 1, 60), 50.0), np.full((1, 1, 60), 40.0)
    items[..., 50:] = np.nan
    assert calibrated_micro(micro, items)[0, 0].tolist() == pytest.approx([40.0] * 60)
    items[..., 40:] = np.nan
    assert np.isnan(calibrated_micro(micro, items)).all()  # fewer than 48 common hours


def test_stacks_are_compared_with_the_told_inventory_in_the_hours_that_were_measured():
    told = np.zeros((2, len(SECTORS), len(SPECIES), 3))
    told[1, SECTORS.index("coal"), SPECIES.index("so2")] = 100.0
    measured = np.full((4, 1, 3), np.nan)
    measured[0, 0] = (120.0, np.nan, 140.0)
    assert stack_ratios(measured, ["b"], ["a", "b"], told) == {("b", "coal", "so2"): pytest.approx(1.3)}
