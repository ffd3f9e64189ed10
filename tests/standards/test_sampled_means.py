"""Means of what is sampled on some days only: TSP, BaP and lead. Numbers of days: GB 3095 Table 4."""

from __future__ import annotations

import numpy as np
import pytest

from standards.assessment.limits import limit_line
from standards.assessment.period_values import sampled_mean
from standards.assessment.periods import month, quarter, year
from standards.editions import edition_named
from standards.validity import SAMPLED_DAY_MIN_HOURS

Y2023 = year(2023)


def sampled(period, per_month: int, value: float = 0.002) -> np.ndarray:
    """Daily values on the first days of each month."""
    daily = np.full(period.n_days, np.nan)
    for each in period.months():
        start = each.first_day - period.first_day
        daily[start : start + per_month] = value
    return daily


@pytest.mark.parametrize("item", ["tsp", "bap", "pb"])
def test_a_year_needs_sixty_days_and_five_in_every_month(item):
    mean, days, valid = sampled_mean(sampled(Y2023, 5), Y2023, item)
    assert (mean, days, bool(valid)) == (0.002, 60, True)
    short = sampled(Y2023, 5)
    short[0] = np.nan
    assert not sampled_mean(short, Y2023, item)[2]
    uneven = sampled(Y2023, 20)  # 240 days, but February has four
    uneven[31:59] = np.nan
    uneven[31:35] = 0.002
    assert not sampled_mean(uneven, Y2023, item)[2]


def test_a_quarter_of_lead_needs_fifteen_days_and_five_in_every_month():
    spring = quarter(2024, 1)
    assert sampled_mean(sampled(spring, 5, 0.4), spring, "pb")[2]
    uneven = sampled(spring, 7, 0.4)  # 21 days, but March has four
    uneven[64:] = np.nan
    mean, days, valid = sampled_mean(uneven, spring, "pb")
    assert (float(mean), int(days), bool(valid)) == (0.4, 18, False)
    for item in ("tsp", "bap"):
        with pytest.raises(ValueError, match=f"period of {item} is a quarter, expected a year"):
            sampled_mean(uneven, spring, item)


def test_small_concentrations_are_not_lost_and_cities_stay_apart():
    daily = np.stack([sampled(Y2023, 6, 0.0009), sampled(Y2023, 0)])
    daily[0, 0] = 0.0021
    mean, days, valid = sampled_mean(daily, Y2023, "bap")
    assert mean[0] == pytest.approx((71 * 0.0009 + 0.0021) / 72, rel=1e-12) and np.isnan(mean[1])
    assert days.tolist() == [72, 0] and valid.tolist() == [True, False]
    assert mean[0] < limit_line("bap", "year", edition=edition_named("2012")).values["grade2"]
    assert SAMPLED_DAY_MIN_HOURS == 24


def test_what_has_no_rule_is_refused():
    with pytest.raises(ValueError, match="item is 'pm25', expected one of tsp, bap, pb"):
        sampled_mean(np.zeros(365), Y2023, "pm25")
    with pytest.raises(ValueError, match="a month, expected a year or a quarter"):
        sampled_mean(np.zeros(31), month(2023, 1), "pb")
    with pytest.raises(ValueError, match=r"shape \(364,\), expected \(..., 365\)"):
        sampled_mean(np.zeros(364), Y2023, "pb")
    with pytest.raises(ValueError, match=r"tsp is -1\.0 ug/m3"):
        sampled_mean(np.full(365, -1.0), Y2023, "tsp")
