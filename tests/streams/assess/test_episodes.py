"""Episodes of the region: beginnings, gaps, ends, missing data, and the rows that describe them."""

from __future__ import annotations

import numpy as np
import pytest

from streams.assess.episodes import Episode, EpisodeRules, episodes_of, find_episodes

FIRST = 464_000
NAMES = ("510100", "510600", "510700")
NAN = np.nan


def haze(*rows: list[float], limit=75.0, **options) -> list[Episode]:
    values = np.array(rows, float)
    return episodes_of("haze", FIRST, NAMES[: len(rows)], values, limit, **options)


def hours(*parts: tuple[float, int]) -> list[float]:
    """Write a series as (value, how many hours) pairs."""
    return [value for value, count in parts for _ in range(count)]


def test_two_cities_at_once_begin_an_episode_and_its_row_is_complete():
    a = hours((50, 3), (80, 1), (90, 1), (100, 4), (60, 1), (50, 20))
    b = hours((50, 5), (76, 1), (130, 1), (76, 1), (50, 22))
    (episode,) = haze(a, b)
    assert episode == Episode(
        kind="haze", start=FIRST + 5, peak=FIRST + 6, end=FIRST + 8, phase="ended", peak_value_ugm3=130.0,
        peak_city="510600", growth_ugm3_per_h=30.0, cities=(("510100", FIRST + 5), ("510600", FIRST + 5)),
        city_hours=7, completeness=1.0,
    )  # fmt: skip


def test_one_city_begins_an_episode_in_its_sixth_hour_and_not_before():
    assert haze(hours((80, 5), (50, 20))) == []
    (episode,) = haze(hours((80, 6), (50, 20)))
    assert (episode.start, episode.end) == (FIRST + 5, FIRST + 5)
    assert episode.growth_ugm3_per_h is None
    assert haze(hours((80, 5), (NAN, 1), (80, 5), (50, 20))) == []


@pytest.mark.parametrize(("value", "found"), [(75.4, 0), (75.5, 1), (75.0, 0), (76.0, 1)])
def test_a_mean_is_compared_as_the_whole_number_it_is_reported_as(value, found):
    assert len(haze([value] * 2, [value] * 2)) == found


def test_a_half_rounds_to_even():
    # GB/T 8170: 74.5 is reported as 74, 75.5 as 76.
    assert haze([74.5], [74.5], limit=74) == []
    assert len(haze([75.5], [75.5], limit=75)) == 1


@pytest.mark.parametrize(("gap", "found"), [(11, 1), (12, 2)])
def test_haze_outlasts_eleven_clean_hours_and_not_twelve(gap, found):
    series = hours((90, 3), (40, gap), (95, 3), (40, 12))
    episodes = haze(series, series)
    assert len(episodes) == found
    assert episodes[-1].end == FIRST + 5 + gap
    assert episodes[-1].phase == "ended"


@pytest.mark.parametrize(("gap", "found"), [(18, 1), (23, 1), (24, 2)])
def test_ozone_sleeps_at_night(gap, found):
    series = np.array([hours((170, 6), (60, gap), (180, 6))] * 2)
    assert len(episodes_of("ozone", FIRST, NAMES[:2], series, 160.0)) == found


def test_an_episode_goes_on_until_its_gap_has_run_out():
    series = hours((90, 3), (40, 11))
    (going,) = haze(series, series)
    assert (going.end, going.phase) == (None, "easing")
    (over,) = haze([*series, 40], [*series, 40])
    assert (over.end, over.phase, over.start) == (FIRST + 2, "ended", going.start)


def test_it_grows_while_the_peak_is_within_the_last_three_hours():
    series = hours((80, 1), (90, 1), (100, 1))
    assert haze(series, series)[0].phase == "growing"
    assert haze([*series, 90, 90], [*series, 90, 90])[0].phase == "growing"
    assert haze([*series, 90, 90, 90], [*series, 90, 90, 90])[0].phase == "easing"


def test_a_new_limit_counts_from_its_own_hour():
    # 75 ug/m3 until 2026-02-28, 60 from 2026-03-01 (GB 3095-2026 transition): 70 becomes too much overnight.
    limit = np.array([75.0] * 12 + [60.0] * 12)
    (episode,) = haze([70.0] * 24, [70.0] * 24, limit=limit)
    assert episode.start == FIRST + 12


def test_of_equal_peaks_the_earliest_then_the_first_city_counts():
    (episode,) = haze(hours((90, 1), (110, 1), (120, 2)), hours((90, 1), (120, 2), (100, 1)), hours((90, 1), (120, 3)))
    assert (episode.peak, episode.peak_city) == (FIRST + 1, "510600")


def test_cities_are_listed_in_the_order_they_joined():
    (episode,) = haze(hours((50, 2), (90, 8)), hours((50, 4), (90, 6)), hours((50, 2), (90, 8)))
    assert episode.cities == (("510100", FIRST + 2), ("510700", FIRST + 2), ("510600", FIRST + 4))


def test_missing_hours_are_bridged_up_to_the_gap_and_counted():
    a = hours((90, 3), (NAN, 11), (90, 3), (40, 12))
    (episode,) = haze(a, a)
    assert (episode.end, episode.completeness) == (FIRST + 16, 6 / 17)
    long = hours((90, 3), (NAN, 12), (90, 3), (40, 12))
    assert [e.end for e in haze(long, long)] == [FIRST + 2, FIRST + 17]


def test_silence_at_the_end_ends_nothing():
    series = hours((80, 2), (90, 1), (NAN, 40))
    (episode,) = haze(series, series)
    assert (episode.end, episode.phase) == (None, "growing")


@pytest.mark.parametrize("values", [np.full((3, 40), NAN), np.full((3, 40), 10.0), np.zeros((3, 0))])
def test_nothing_comes_from_missing_clean_or_no_hours(values):
    found = find_episodes(FIRST, NAMES, values, values, pm25_limit_ugm3=75, o3_limit_ugm3=160)
    assert found == []


def test_both_kinds_are_found_together():
    pm25, o3 = np.array([hours((90, 3), (40, 30))] * 3), np.array([hours((40, 20), (170, 3), (40, 10))] * 3)
    found = find_episodes(FIRST, NAMES, pm25, o3, pm25_limit_ugm3=75, o3_limit_ugm3=160)
    assert [(e.kind, e.start, e.end) for e in found] == [("haze", FIRST, FIRST + 2), ("ozone", FIRST + 20, None)]


def test_rules_are_parameters():
    alone = hours((80, 2), (50, 5), (80, 2), (50, 20))
    rules = EpisodeRules(min_cities=1, haze_gap_h=3)
    assert [e.start - FIRST for e in haze(alone, rules=rules)] == [0, 7]
