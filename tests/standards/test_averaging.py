"""Means against exact rational arithmetic, and the counting rules of GB 3095 Table 4 and HJ 663."""

from fractions import Fraction

import numpy as np
import pytest

from standards.averaging import (
    city_mean,
    daily_values,
    day_mean,
    mda8,
    moving_mean,
    ozone_8h,
    reported_hours,
    running_day_max,
    station_count,
)
from standards.days import first_hour_of_day
from standards.pollutants import ITEMS
from standards.validity import city_day_min_share

NAN = float("nan")
DAY = 19_377  # 2023-01-20
CO, O3, PM25 = (ITEMS.index(item) for item in ("co", "o3", "pm25"))


def exact_mean(values):
    present = [Fraction(repr(float(v))) for v in values if v == v]
    return float(sum(present) / len(present)) if present else NAN


def test_moving_mean_is_the_nearest_double_to_the_exact_mean():
    values = np.random.default_rng(1).integers(0, 1500, (3, 60)) / 10
    values[0, 5:20] = NAN
    mean, count = moving_mean(values, 24, min_count=1)
    for s in range(3):
        for t in range(60):
            window = values[s, max(0, t - 23) : t + 1]
            assert count[s, t] == np.isfinite(window).sum()
            assert np.array_equal(mean[s, t], exact_mean(window), equal_nan=True)


def test_moving_mean_needs_its_count_also_at_the_leading_edge():
    values = np.array([10.0, 20, NAN, 40, 50])
    mean, count = moving_mean(values, 3, min_count=2)
    assert count.tolist() == [1, 2, 2, 2, 2]
    assert np.array_equal(mean, [NAN, 15, 15, 30, 45], equal_nan=True)


@pytest.mark.parametrize(("window", "min_count"), [(0, 1), (8, 0)])
def test_moving_mean_refuses_empty_windows(window, min_count):
    with pytest.raises(ValueError, match="expected 1 or more"):
        moving_mean(np.ones(3), window, min_count=min_count)


def test_means_refuse_infinite_values():
    with pytest.raises(ValueError, match="a value is inf"):
        moving_mean(np.array([1.0, np.inf, NAN]), 2, min_count=1)


def test_eight_hour_ozone_needs_six_hours():
    hours = np.arange(1.0, 9.0)
    assert ozone_8h(hours)[0][-1] == 4.5
    hours[:2] = NAN
    assert ozone_8h(hours)[0][-1] == 5.5
    hours[2] = NAN
    assert np.isnan(ozone_8h(hours)[0][-1]) and ozone_8h(hours)[1][-1] == 5


def test_eight_hour_ozone_may_stop_at_midnight_as_the_network_does():
    values = np.array([[100.0, 80.0, 20.0, 40.0]])
    first_hour = first_hour_of_day(DAY) - 2  # 23:00, 24:00, 01:00, 02:00
    mean, count = ozone_8h(values, min_hours=1, first_hour=first_hour)
    assert mean.tolist() == [[100, 90, 20, 30]] and count.tolist() == [[1, 2, 1, 2]]


@pytest.mark.parametrize(("hours", "valid"), [(24, True), (20, True), (19, False), (0, False)])
def test_a_day_mean_needs_twenty_hours(hours, valid):
    day = np.where(np.arange(24) < hours, 7.0, NAN)
    mean, count = day_mean(day)
    assert count == hours and np.array_equal(mean, 7.0 if valid else NAN, equal_nan=True)


def ozone_day(level, *, from_hour=1, to_hour=24):
    hours = np.arange(1, 25)
    return np.where((hours >= from_hour) & (hours <= to_hour), float(level), NAN)


def test_mda8_counts_the_seventeen_windows_of_the_day():
    assert mda8(ozone_day(90), limit=160) == (90, 17)
    early = ozone_day(10)
    early[:7] = 500  # windows ending before 08:00 are not of this day; the one ending 08:00 is
    assert mda8(early, limit=160)[0] == (7 * 500 + 10) / 8


@pytest.mark.parametrize(
    ("level", "to_hour", "windows", "expected"),
    # hours 01 to H leave the windows ending 08 to H + 2, which still hold six hours
    [
        (90, 19, 14, 90),
        (90, 18, 13, NAN),
        (160, 18, 13, NAN),
        (161, 18, 13, 161),
        (160.5, 18, 13, NAN),
        (160.6, 18, 13, 160.6),
        (500, 5, 0, NAN),
    ],
)
def test_mda8_of_a_short_day_stands_only_above_the_limit(level, to_hour, windows, expected):
    largest, n = mda8(ozone_day(level, to_hour=to_hour), limit=160)
    assert n == windows and np.array_equal(largest, expected, equal_nan=True)


def test_running_day_max_starts_anew_each_day_at_eight():
    first_hour = first_hour_of_day(DAY) - 1
    means = np.array([[50.0, *range(100, 93, -1), 20, NAN, 30, 25]])  # 24:00, 01:00 ... 07:00, 08:00 ...
    got = running_day_max(means, first_hour)
    assert np.array_equal(got, [[50, *[NAN] * 7, 20, 20, 30, 30]], equal_nan=True)
    assert running_day_max(means, first_hour, first_end=1).tolist() == [[50] + [100] * 11]


def test_the_last_running_maximum_of_a_full_day_is_its_mda8():
    o3 = np.random.default_rng(2).integers(0, 300, (4, 48)).astype(float)
    first_hour = first_hour_of_day(DAY)
    running = running_day_max(ozone_8h(o3)[0], first_hour)
    largest, _ = mda8(o3.reshape(4, 2, 24), limit=160)
    # The windows of a day lie within it, so that the days before cannot matter.
    assert running[:, 23::24].tolist() == largest.tolist()


def test_daily_values_put_mda8_in_the_ozone_row():
    values = np.full((6, 2, 48), 30.0)
    values[O3, 0, 12:20] = 200
    values[0, 1, :5] = NAN
    days = daily_values(values, first_hour_of_day(DAY))
    assert days.first_day == DAY and days.means.shape == (6, 2, 2)
    assert days.means[O3, 0, 0] == 200 and days.means[O3, 0, 1] == 30
    assert np.isnan(days.means[0, 1, 0]) and days.hours[0, 1].tolist() == [19, 24]
    assert days.o3_windows.tolist() == [[17, 17], [17, 17]]


def test_daily_values_of_a_series_that_begins_and_ends_within_a_day():
    values = np.full((6, 1, 30), 30.0)
    days = daily_values(values, first_hour_of_day(DAY) + 4)
    assert days.hours[0, 0].tolist() == [20, 10]
    assert np.array_equal(days.means[0, 0], [30, NAN], equal_nan=True)


def test_hours_are_rounded_before_they_enter_a_mean():
    # HJ 663-2013 6.3 and Table 3: hourly values are rounded before use, CO to one decimal, the others to none; half to
    # even (GB/T 8170). Twelve hours of 34.5 and twelve of 37.5 are 34 and 38, whose mean is 36.
    hours = np.empty((6, 1, 24))
    hours[..., ::2], hours[..., 1::2] = 34.5, 37.5
    hours[CO, :, ::2], hours[CO, :, 1::2] = 0.25, 0.45  # 0.2 and 0.4
    hours[O3, 0] = [*[159.6] * 8, *[10.0] * 16]
    assert daily_values(hours, first_hour_of_day(DAY)).means[:, 0, 0].tolist() == [36, 36, 0.3, 160, 36, 36]
    assert reported_hours(hours)[PM25, 0, :2].tolist() == [34, 38]
    assert reported_hours(np.array([1.15, 1.25, NAN]), "co")[:2].tolist() == [1.2, 1.2]
    with pytest.raises(ValueError, match=r"shape \(5, 2\), expected \(6, ...\)"):
        reported_hours(np.ones((5, 2)))


def test_hours_that_are_reported_already_are_left_alone():
    hours = np.random.default_rng(3).integers(0, 400, (6, 4, 30)).astype(float)
    hours[CO] /= 10
    hours[:, 2, 5:9] = NAN
    assert reported_hours(hours) is hours
    carbon = hours[CO]
    assert reported_hours(carbon, "co") is carbon


def test_city_mean_is_exact_and_needs_its_share():
    values = np.full((6, 4, 2), NAN)
    values[:, :2, :] = 0.1
    values[:, 2, 0] = 0.2
    hourly = city_mean(values)
    assert hourly[0].tolist() == [float(Fraction(4, 30)), 0.1]
    daily = city_mean(values, min_share=city_day_min_share)
    assert np.array_equal(daily[0], [float(Fraction(4, 30)), NAN], equal_nan=True)
    assert np.isnan(city_mean(values, min_share=0.75, expected=5)).all()
    assert np.isnan(city_mean(values * NAN)).all()
    assert station_count(values)[0].tolist() == [3, 2]


def test_a_city_of_exactly_three_quarters_is_valid():
    for stations in (4, 8, 12, 20, 40):
        values = np.full((6, stations), NAN)
        values[:, : stations * 3 // 4] = 5.0
        assert (city_mean(values, min_share=0.75) == 5).all()


@pytest.mark.parametrize(("stations", "needed"), [(1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (8, 6), (9, 7)])
def test_a_city_of_fewer_than_four_stations_needs_half_of_them(stations, needed):
    # HJ 663-2013 6.1.4: not below 75 % of the city's stations; where there are fewer than 4 in all, not below 50 %.
    for valid in range(stations + 1):
        values = np.full((6, stations), NAN)
        values[:, :valid] = 5.0
        found = city_mean(values, min_share=city_day_min_share)
        assert (found == 5).all() if valid >= needed else np.isnan(found).all()
    days = np.full((6, 2, 2), 5.0)  # of 2 and of 3 expected stations, then of 4
    assert np.array_equal(
        city_mean(days, min_share=city_day_min_share, expected=np.array([3, 4]))[0], [5, NAN], equal_nan=True
    )


def test_by_day_must_be_whole_days():
    with pytest.raises(ValueError, match=r"shape \(23,\), expected \(..., 24\)"):
        day_mean(np.ones(23))
