"""The numbers behind the figures: on made-up series whose answer is known, and as laws."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.virtual_airshed.reference.simulated import receptors
from research.virtual_airshed.report import cycles, regimes, spells
from research.virtual_airshed.report.causes import eight_highest, places_of
from research.virtual_airshed.report.dates import Days, days_from, days_of_hours
from research.virtual_airshed.report.series import SiteHours
from research.virtual_airshed.report.weekend import Weeks, weeks_of
from research.virtual_airshed.world import World
from standards.averaging import mda8
from standards.days import day_of_date

FIRST_HOUR = 394_457
"""The hour to 2015-01-01T01:00+08:00."""


def hours_of(items: np.ndarray) -> SiteHours:
    """Series of some hours from FIRST_HOUR on; items: (item, site, hour)."""
    rest = np.zeros((items.shape[1], items.shape[2]))
    nothing = np.zeros(items.shape[2])
    return SiteHours(
        FIRST_HOUR, items, np.zeros((5, *rest.shape)), rest, rest, np.zeros((7, *rest.shape)), nothing, nothing
    )


# Dates


@given(st.dates(dt.date(2001, 1, 1), dt.date(2098, 12, 31)))
def test_days_know_their_month_and_weekday(date: dt.date) -> None:
    days = Days(np.array([day_of_date(date)]))
    assert days.month[0] == date.month
    assert days.weekday[0] == date.weekday()


def test_hours_belong_to_the_natural_day_in_which_they_end() -> None:
    days, clock = days_of_hours(FIRST_HOUR, 26)
    assert str(days.date[0]) == str(days.date[23]) == "2015-01-01"
    assert str(days.date[24]) == "2015-01-02"
    assert clock[0] == 1 and clock[23] == 24 and clock[24] == 1


def test_winter_and_summer_are_set_against_each_other_where_both_are_there() -> None:
    assert days_from(day_of_date(dt.date(2015, 1, 1)), 365).pair() == ("winter", "summer")
    assert days_from(day_of_date(dt.date(2015, 1, 1)), 31).pair() == ("winter",)
    assert days_from(day_of_date(dt.date(2015, 1, 1)), 3).pair() == ("year",)


# Cycles


def test_the_course_of_the_day_is_the_mean_of_each_hour() -> None:
    clock = np.tile(np.arange(1.0, 25.0), 3) + np.repeat([0.0, 10.0, 20.0], 24)
    found = cycles.by_clock(hours_of(np.zeros((6, 1, 72))), clock, "winter")
    assert found == pytest.approx(np.arange(1.0, 25.0) + 10.0)
    assert np.isnan(cycles.by_clock(hours_of(np.zeros((6, 1, 72))), clock, "summer")).all()


def test_a_weekly_pattern_without_weather_is_found_as_it_was_put_in() -> None:
    dates = pd.date_range("2015-06-01", periods=70)
    pattern = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.8])
    found = cycles.week_composite(pd.Series(50.0 * pattern[dates.dayofweek], index=dates))
    assert found.mean_pct == pytest.approx(100.0 * (pattern / pattern.mean() - 1.0))
    assert found.error_pct == pytest.approx(np.zeros(7), abs=1e-9)


def test_the_effect_of_sunday_is_what_sundays_differ_by() -> None:
    changed = np.full((6, 2, 3, 7, 24), 40.0)
    kept = changed.copy()
    kept[1, 0, :, 6], kept[3, 0, :, 6], kept[3, 0, :, 5] = 30.0, 44.0, 99.0
    found = cycles.sunday_effect(Weeks(0, kept, changed))
    assert found.no2_pct == pytest.approx([-25.0, 0.0])
    assert found.o3_pct == pytest.approx([10.0, 0.0])
    assert found.o3_ugm3[0] == pytest.approx(np.full(24, 4.0))


def test_weeks_begin_on_a_monday_of_summer_and_never_on_the_first_day() -> None:
    assert weeks_of(dt.date(2015, 7, 1), 13) == (5, 1)
    assert weeks_of(dt.date(2015, 7, 1), 11) == (0, 0)
    assert weeks_of(dt.date(2015, 6, 1), 365) == (7, 8)
    assert weeks_of(dt.date(2015, 1, 1), 31) == (0, 0)
    begin, weeks = weeks_of(dt.date(2015, 1, 1), 365)
    monday = dt.date(2015, 1, 1) + dt.timedelta(days=begin)
    assert monday == dt.date(2015, 6, 1) and weeks == 8


# Ozone


@given(st.lists(st.floats(0, 400), min_size=24, max_size=24))
def test_the_eight_highest_hours_are_those_of_mda8(day: list[float]) -> None:
    o3 = np.array([day])
    begin = int(eight_highest(o3)[0])
    assert o3[0, begin : begin + 8].mean() == pytest.approx(float(mda8(o3, limit=0.0)[0][0]), abs=1e-5)


@pytest.mark.parametrize(
    ("by_nox", "by_voc", "name"),
    [
        (-1.0, 5.0, "suppressed"),
        (1.0, 5.0, "voc"),
        (2.0, 3.0, "transition"),
        (3.0, 2.0, "transition"),
        (5.0, 1.0, "nox"),
    ],
)
def test_a_cell_is_limited_by_what_tells_more(by_nox: float, by_voc: float, name: str) -> None:
    assert regimes.REGIMES[int(regimes.regime_of(np.array(by_nox), np.array(by_voc)))] == name


def test_the_shares_of_the_regimes_add_up_and_a_missing_cell_is_in_none() -> None:
    chance = np.random.default_rng(3)
    regime = regimes.regime_of(chance.normal(size=(9, 9)), chance.normal(size=(9, 9)))
    assert regimes.shares(regime, np.ones((9, 9), bool)).sum() == pytest.approx(1.0)
    assert regimes.regime_of(np.array(np.nan), np.array(1.0)) == -1
    assert np.isnan(regimes.shares(regime, np.zeros((9, 9), bool))).all()


# Wind and haze


def test_the_rose_counts_every_hour_once_and_knows_where_the_wind_comes_from() -> None:
    u, v = np.array([0.0, -1.5, 0.1, 2.5]), np.array([-1.5, 0.0, 0.1, 0.0])  # from north, from east, calm, from west
    found, calm = spells.rose(u, v)
    assert calm == 25.0
    assert found.sum() + calm == pytest.approx(100.0)
    assert found[0].sum() == found[4].sum() == found[12].sum() == 25.0
    assert found[12, 2] == 25.0  # 2 to 3 m/s


# Places


def test_places_are_the_stations_and_every_fifth_cell_of_each_city(world: World) -> None:
    stations = receptors(world, dt.date(2015, 1, 1))
    places = places_of(world, stations)
    cities = len(world.grid.cities)
    assert places.weight.sum(axis=1) == pytest.approx(np.ones(2 * cities))
    field = np.arange(world.grid.city.size, dtype=float).reshape(world.grid.shape)
    at_stations = stations.weight @ field[stations.cells.row, stations.cells.column]
    assert places.weight[:cities] @ field[places.cells.row, places.cells.column] == pytest.approx(at_stations)
    for city in range(cities):
        taken = places.weight[cities + city] > 0
        owners = world.grid.city[places.cells.row[taken], places.cells.column[taken]]
        assert (owners == city).all()
        assert taken.sum() == pytest.approx((world.grid.city == city).sum() / 5, abs=4)
