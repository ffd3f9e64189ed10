"""Heavy days: what they are by the standard, and from which probability on they are called."""

import numpy as np

from ml.forecast.daily import choose_threshold, heavy_above
from standards.editions import edition_named


def test_a_day_is_heavy_above_the_concentration_of_index_200():
    # HJ 633-2012 Table 1: IAQI 200 is PM2.5 150, PM10 350, O3 over 8 hours 265 ug/m3.
    edition = edition_named("2012")
    assert [heavy_above(item, edition) for item in ("pm25", "pm10", "o3")] == [150.0, 350.0, 265.0]


def test_the_threshold_finds_most_heavy_days_among_those_with_few_false_alarms():
    heavy = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], float)
    probability = np.array([0.9, 0.8, 0.7, 0.3, 0.5, 0.25, 0.25, 0.2, 0.1, 0.1])
    threshold = choose_threshold(probability, heavy)
    assert 0.25 <= threshold < 0.3  # all four found, one of five calls false


def test_where_no_threshold_has_few_false_alarms_the_best_of_both_is_taken():
    heavy, probability = np.array([0.0, 1.0, 0.0, 0.0]), np.array([0.8, 0.6, 0.2, 0.1])
    threshold = choose_threshold(probability, heavy)
    assert 0.2 <= threshold < 0.6  # one hit, one false alarm


def test_a_threshold_that_finds_hardly_a_heavy_day_is_not_taken():
    heavy = np.array([1.0] * 8 + [0.0] * 8)
    probability = np.array([0.8] + [0.4] * 7 + [0.5] * 4 + [0.1] * 4)
    threshold = choose_threshold(probability, heavy)
    assert threshold < 0.4  # eight found with four false alarms, a third, instead of one found with none


def test_without_a_heavy_day_there_is_no_threshold():
    assert np.isnan(choose_threshold(np.array([0.1, 0.9]), np.zeros(2)))
