"""Laws of the index and of means, against oracles written here from the printed tables."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from standards.averaging import (
    city_mean,
    daily_values,
    day_mean,
    mda8,
    moving_mean,
    ozone_8h,
    reported_hours,
    running_day_max,
)
from standards.days import first_hour_of_day
from standards.editions import EDITIONS
from standards.index.aqi import daily_aqi, hourly_aqi, iaqi
from standards.index.levels import level_of
from standards.pollutants import ITEMS
from standards.rounding import round_half_even, round_up

LADDER = (0, 50, 100, 150, 200, 300, 400, 500)
# HJ 633-2026 Table 3 and HJ 633-2012 Table 1, transcribed from print: breakpoints, then the index above the last.
COMMON = {
    ("so2", "day"): ((0, 50, 150, 475, 800, 1600, 2100, 2620), 500),
    ("no2", "day"): ((0, 40, 80, 180, 280, 565, 750, 940), 500),
    ("no2", "hour"): ((0, 100, 200, 700, 1200, 2340, 3090, 3840), 500),
    ("co", "day"): ((0, 2, 4, 14, 24, 36, 48, 60), 500),
    ("co", "hour"): ((0, 5, 10, 35, 60, 90, 120, 150), 500),
    ("o3", "hour"): ((0, 160, 200, 300, 400, 800, 1000, 1200), 500),
}
BY_2012 = COMMON | {
    ("so2", "hour"): ((0, 150, 500, 650, 800), None),
    ("o3", "8h"): ((0, 100, 160, 215, 265, 800), None),
    ("pm10", "day"): ((0, 50, 150, 250, 350, 420, 500, 600), 500),
    ("pm25", "day"): ((0, 35, 75, 115, 150, 250, 350, 500), 500),
}
BY_2026 = COMMON | {
    ("so2", "hour"): ((0, 150, 500, 650, 800), 200),
    ("o3", "8h"): ((0, 100, 160, 215, 265, 800), 300),
    ("pm10", "day"): ((0, 50, 120, 250, 350, 420, 500, 600), 500),
    ("pm10", "hour"): ((0, 50, 120, 250, 350, 420, 500, 600), 500),
    ("pm25", "day"): ((0, 35, 60, 115, 150, 250, 350, 500), 500),
    ("pm25", "hour"): ((0, 35, 60, 115, 150, 250, 350, 500), 500),
}
PRINTED = [
    (edition, *key, *line)
    for edition, table in zip(EDITIONS, (BY_2012, BY_2026, BY_2026), strict=True)
    for key, line in table.items()
]
CASES = pytest.mark.parametrize(
    ("edition", "item", "period", "points", "above"), PRINTED, ids=[f"{e.name}-{i}-{p}" for e, i, p, *_ in PRINTED]
)


def exact_index(units: int, scale: int, points: tuple, above: int | None) -> float:
    """The index of units/scale by the formula of HJ 633 in exact arithmetic, rounded up."""
    c = Fraction(units, scale)
    if c > points[-1]:
        return float("nan") if above is None else float(above)
    k = max(i for i in range(len(points) - 1) if points[i] <= c)
    index = Fraction(LADDER[k + 1] - LADDER[k], points[k + 1] - points[k]) * (c - points[k]) + LADDER[k]
    return float(-(-index.numerator // index.denominator))


def scale_of(item: str) -> int:
    return 10 if item == "co" else 1


@CASES
def test_index_is_exact_at_every_reported_concentration(edition, item, period, points, above):
    scale = scale_of(item)
    units = np.arange(points[-1] * scale + 20)
    expected = [exact_index(u, scale, points, above) for u in units.tolist()]
    assert np.array_equal(iaqi(units / scale, item, period, edition=edition), expected, equal_nan=True)


@CASES
def test_index_at_each_breakpoint_is_the_printed_one_and_turns_there(edition, item, period, points, above):
    unit = 1 / scale_of(item)
    for point, printed in zip(points, LADDER, strict=False):
        assert iaqi(point, item, period, edition=edition) == printed
        if point:
            assert iaqi(point - unit, item, period, edition=edition) <= printed
        if point != points[-1]:
            assert iaqi(point + unit, item, period, edition=edition) > printed


@CASES
def test_index_never_falls_as_concentration_rises(edition, item, period, points, above):
    c = np.linspace(0, points[-1], 20_001)
    assert (np.diff(iaqi(c, item, period, edition=edition)) >= 0).all()


concentrations = st.one_of(st.just(float("nan")), st.floats(0, 4000), st.integers(0, 900).map(float))
blocks = hnp.arrays(np.float64, st.tuples(st.just(6), st.integers(1, 4), st.integers(1, 5)), elements=concentrations)
reports = pytest.mark.parametrize("report", [hourly_aqi, daily_aqi])
editions = pytest.mark.parametrize("edition", EDITIONS, ids=lambda e: e.name)


def same(a, b) -> bool:
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


@reports
@editions
@given(values=blocks)
@settings(max_examples=40, deadline=None)
def test_a_report_says_what_its_items_say(report, edition, values):
    got = report(values, edition=edition)
    periods = {item: "hour" if report is hourly_aqi else "8h" if item == "o3" else "day" for item in ITEMS}
    network = report is hourly_aqi
    items = zip(ITEMS, values, strict=True)
    index = np.stack([iaqi(v, i, periods[i], edition=edition, network=network) for i, v in items])
    assert same(got.iaqi, index.astype(np.float32))
    for at in np.ndindex(values.shape[1:]):
        column = index[(slice(None), *at)]
        known = [v for v in column if v == v]
        missing = sum(1 << i for i, v in enumerate(column) if v != v)
        top = max(known, default=float("nan"))
        if missing and not top > 100:
            top = float("nan")
        primary = sum(1 << i for i, v in enumerate(column) if v == top and top > 50)
        assert same(got.aqi[at], np.float64(top))
        assert (got.missing[at], got.primary[at], got.level[at]) == (missing, primary, level_of(top))


@reports
@given(values=blocks, data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_report_does_not_depend_on_batch_or_order(report, values, data):
    columns = values.reshape(6, -1)
    whole = report(columns, edition=EDITIONS[1])
    order = np.array(data.draw(st.permutations(range(columns.shape[1]))))
    cut = data.draw(st.integers(0, columns.shape[1]))
    mixed = report(columns[:, order], edition=EDITIONS[1])
    parts = [report(part, edition=EDITIONS[1]) for part in (columns[:, :cut], columns[:, cut:])]
    for name in ("iaqi", "aqi", "primary", "level", "missing"):
        assert same(getattr(mixed, name), getattr(whole, name)[..., order])
        assert same(np.concatenate([getattr(p, name) for p in parts], axis=-1), getattr(whole, name))


def test_a_report_longer_than_one_pass_is_that_of_its_parts():
    values = np.random.default_rng(3).gamma(2, 40, (6, 50_001))
    whole = hourly_aqi(values, edition=EDITIONS[0])
    for start in (0, 16_383, 16_384, 49_990):
        part = hourly_aqi(values[:, start : start + 11], edition=EDITIONS[0])
        assert same(part.aqi, whole.aqi[start : start + 11]) and same(part.iaqi, whole.iaqi[:, start : start + 11])


tenths = st.one_of(st.just(float("nan")), st.integers(0, 12_000).map(lambda n: n / 10))
series = hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 60)), elements=tenths)


def exact_mean(values) -> float:
    present = [Fraction(repr(float(v))) for v in values if v == v]
    return float(sum(present) / len(present)) if present else float("nan")


@given(values=series, window=st.integers(1, 30), min_count=st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_moving_means_are_exact_wherever_the_series_is_cut(values, window, min_count):
    mean, count = moving_mean(values, window, min_count=min_count)
    for s, t in np.ndindex(values.shape):
        tail = values[s, max(0, t - window + 1) : t + 1]
        assert count[s, t] == np.isfinite(tail).sum()
        assert same(mean[s, t], np.float64(exact_mean(tail) if count[s, t] >= min_count else np.nan))
    cut = values.shape[1] // 2
    later, _ = moving_mean(values[:, cut:], window, min_count=min_count)
    assert same(later[:, window - 1 :], mean[:, cut + window - 1 :])


@given(values=hnp.arrays(np.float64, (6, 5, 2), elements=tenths), order=st.permutations(range(5)))
@settings(max_examples=60, deadline=None)
def test_city_means_are_exact_and_do_not_depend_on_the_order_of_stations(values, order):
    mean = city_mean(values)
    assert same(mean, city_mean(values[:, list(order)]))
    assert all(same(mean[i, t], np.float64(exact_mean(values[i, :, t]))) for i, t in np.ndindex(6, 2))


HUNDREDTHS = st.one_of(st.just(float("nan")), st.integers(0, 40_000).map(lambda n: n / 100))


@given(hours=hnp.arrays(np.float64, (6, 2, 24), elements=HUNDREDTHS))
@settings(max_examples=40, deadline=None)
def test_hours_are_rounded_once_and_days_are_those_of_rounded_hours(hours):
    rounded = reported_hours(hours)
    assert reported_hours(rounded) is rounded
    for item, row, found in zip(ITEMS, hours, rounded, strict=True):
        # HJ 663-2013 Table 3, by exact decimals: CO one place, the others none; Python's round is half to even.
        places = 1 if item == "co" else 0
        expected = [float("nan") if v != v else float(round(Fraction(repr(float(v))), places)) for v in row.flat]
        assert np.array_equal(found.ravel(), expected, equal_nan=True)
        assert np.array_equal(reported_hours(row, item), found, equal_nan=True)
    first = first_hour_of_day(19_000)
    plain, again = daily_values(hours, first), daily_values(rounded, first)
    assert np.array_equal(plain.means, again.means, equal_nan=True)
    assert np.array_equal(plain.hours, again.hours) and np.array_equal(plain.o3_windows, again.o3_windows)


@given(day=hnp.arrays(np.float64, 24, elements=tenths))
@settings(max_examples=100, deadline=None)
def test_mda8_is_the_largest_exact_window_of_the_day(day):
    means = [exact_mean(day[h - 8 : h]) for h in range(8, 25) if np.isfinite(day[h - 8 : h]).sum() >= 6]
    largest, windows = mda8(day, limit=160)
    expected = max(means, default=float("nan"))
    valid = len(means) >= 14 or round(expected if means else 0) > 160
    assert windows == len(means)
    assert same(largest, np.float64(expected if valid else np.nan))


def test_nothing_in_gives_missing_out_everywhere():
    nothing = np.full((6, 2, 48), np.nan)
    days = nothing.reshape(6, 2, 2, 24)
    outputs = [
        round_half_even(nothing, 1),
        round_up(nothing),
        iaqi(nothing, "o3", "8h", edition=EDITIONS[0]),
        hourly_aqi(nothing, edition=EDITIONS[0]).aqi,
        daily_aqi(nothing, edition=EDITIONS[2]).iaqi,
        moving_mean(nothing, 24, min_count=1)[0],
        ozone_8h(nothing, min_hours=1)[0],
        day_mean(days, min_hours=1)[0],
        mda8(days, limit=160, min_windows=1, min_hours=1)[0],
        city_mean(nothing),
        running_day_max(nothing, first_hour_of_day(19_000)),
    ]
    assert all(np.isnan(out).all() for out in outputs)
    assert not level_of(nothing).any()
