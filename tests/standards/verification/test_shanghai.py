"""The points of Shanghai's method, worked by its printed sum S = 0.2 f1 + 0.5 f2 + 0.3 f3."""

import numpy as np
import pytest

from standards.dated_tables import read_table
from standards.index.aqi import PRIMARY_CODES
from standards.verification.forecast_scores import aqi_range, range_accuracy
from standards.verification.shanghai import level_threat, shanghai_days, shanghai_score

NAN = float("nan")
NONE, O3, PM25, BOTH = (PRIMARY_CODES.index(codes) for codes in ("", "o3", "pm25", "o3,pm25"))


@pytest.mark.parametrize(
    ("obs", "fcst", "parts", "total"),
    [
        ((120, PM25), (120, PM25), (100, 100, 100), 100),
        ((120, PM25), (145, PM25), (100, 100, 100), 100),  # 25 off, level 3 both
        ((120, PM25), (146, O3), (0, 100, 80), 74),  # 26 off
        ((120, BOTH), (98, PM25), (100, 50, 100), 75),  # one of two primary pollutants; level 2 for 3
        ((210, PM25), (150, PM25), (100, 0, 60), 38),  # two levels and 60 off
        ((210, PM25), (109, O3), (0, 0, 30), 9),  # 101 off
        ((350, PM25), (199, O3), (0, 0, 0), 0),  # 151 off
        ((45, NONE), (50, NONE), (100, 100, 100), 100),  # neither has a primary pollutant
        ((45, NONE), (60, PM25), (0, 50, 100), 55),
        ((100.4, PM25), (99.6, PM25), (100, 100, 100), 100),  # 100 and 100
    ],
)
def test_a_day_has_its_points(obs, fcst, parts, total):
    found = shanghai_days(np.array(obs, dtype=float), np.array(fcst, dtype=float))
    assert tuple(found.parts) == parts and found.total == total


def test_a_month_is_the_mean_of_its_days_and_missing_days_do_not_count():
    obs = np.array([[120, 120, NAN, 45], [PM25, PM25, PM25, NONE]], dtype=float)
    fcst = np.array([[120, 146, 120, 60], [PM25, O3, PM25, PM25]], dtype=float)
    score = shanghai_score(obs, fcst)
    assert score.n == 3 and score.value == pytest.approx((100 + 74 + 55) / 3)
    assert np.isnan(shanghai_score(obs, fcst, missing="propagate").value)
    with pytest.raises(ValueError, match="fcst has shape"):
        shanghai_score(obs, fcst[:, :3])


def test_every_number_says_how_it_is_known():
    rows = read_table("forecast_shanghai").rows
    assert {row["part"] for row in rows if not row["confidence"].startswith("quoted")} == {"level"}
    assert sum(float(row["points"]) for row in rows if row["part"].startswith("weight")) == 1


def test_the_threat_score_of_a_level_counts_right_over_right_missed_and_false():
    obs, fcst = np.array([210, 250, 180, 310, NAN]), np.array([220, 190, 205, 305, 220])
    assert level_threat(obs, fcst, 5).value == pytest.approx(1 / 3) and level_threat(obs, fcst, 5).n == 4
    assert level_threat(obs, fcst, 6).value == 1 and level_threat(obs, fcst, 2).value == 0
    assert np.isnan(level_threat([NAN], [NAN], 5).value)
    with pytest.raises(ValueError, match="level is 7, expected 1 to 6"):
        level_threat(obs, fcst, 7)


def test_a_range_may_be_a_quarter_to_each_side():
    low, high = aqi_range([100, 200, 450, NAN], method="quarter")
    assert np.array_equal(low, [75, 150, 337.5, NAN], equal_nan=True)
    assert np.array_equal(high, [125, 250, 500, NAN], equal_nan=True)
    # 0.75 F <= O <= 1.25 F: both ends belong.
    score = range_accuracy([75, 125, 74, 126], np.stack(aqi_range([100] * 4, method="quarter")))
    assert (score.value, score.n) == (0.5, 4)
    with pytest.raises(ValueError, match="method is 'half', expected one of widths, quarter"):
        aqi_range(100, method="half")
