"""The assessment of a period: validity, verdicts with reasons, days, events, trends, against hand-worked cases."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from standards.assessment.assess import assess_period, flat_numbers
from standards.assessment.city_values import city_days
from standards.assessment.compliance import COMPLIES, EXCEEDS, NA, exceedance_multiple, rate_pct
from standards.assessment.exceptional import ExceptionalEvent, assess_with_events, dust_hours
from standards.assessment.indices import index_method
from standards.assessment.period_values import peak_season_mean, place_days, select_days
from standards.assessment.periods import Period, campaign, half_year, month, quarter, year
from standards.assessment.rules import rules_of
from standards.days import day_of_date, first_hour_of_day
from standards.editions import EDITIONS
from standards.pollutants import ITEMS

NAN = float("nan")
E2012, E2026, E2031 = EDITIONS
Y2023 = year(2023)
SO2, NO2, CO, O3, PM10, PM25 = range(6)
CLEAN = np.array([4.0, 18, 0.5, 92, 30, 17])  # standards.md 1.4 case C: AQI 46 in both editions


def days_of(values, period=Y2023):
    return np.repeat(np.asarray(values, dtype=float)[:, None], period.n_days, axis=1)


def assess(daily, period=Y2023, edition=E2012, **options):
    return assess_period(daily, period.first_day, period, edition=edition, **options)


def test_periods_have_both_ends():
    assert (month(2024, 2).n_days, quarter(2023, 1).n_days, half_year(2023, 2).n_days, year(2024).n_days) == (
        29, 90, 184, 366)  # fmt: skip
    assert [p.name for p in (month(2023, 1), quarter(2023, 4), half_year(2023, 1), Y2023)] == [
        "2023-01", "2023-Q4", "2023-H1", "2023"]  # fmt: skip
    games = campaign("games", dt.date(2023, 7, 20), dt.date(2023, 8, 31))
    assert games.n_days == 43 and [m.name for m in games.months()] == ["2023-08"]
    assert quarter(2023, 4).last_date == dt.date(2023, 12, 31) and len(Y2023.months()) == 12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: month(2023, 13), "month is 13, expected a whole number from 1 to 12"),
        (lambda: quarter(2023, 0), "quarter is 0"),
        (lambda: campaign("x", dt.date(2023, 2, 2), dt.date(2023, 2, 1)), "before it begins"),
        (lambda: campaign("x", dt.datetime(2023, 2, 2), dt.date(2023, 2, 1)), "expected a datetime.date"),
        (lambda: Period("week", "w", 1, 7), "kind is 'week'"),
        (lambda: assess(days_of(CLEAN)[:5]), r"shape \(5, 365\), expected \(6, ..., day\)"),
        (lambda: assess(days_of(-CLEAN)), "so2 is -4.0 ug/m3 at column 0"),
        (lambda: assess(days_of(CLEAN * np.inf)), "so2 is inf"),
        (lambda: assess(days_of(CLEAN), on_bad="drop"), "on_bad is 'drop'"),
        (lambda: assess_period(days_of(CLEAN), dt.datetime(2023, 1, 1), Y2023, edition=E2012), "first_day is datetime"),
        (lambda: place_days(np.ones((6, 2)), np.array([5, 5]), Y2023), "day 5 comes 2 times"),
        (lambda: place_days(np.ones((6, 2)), np.array([5.0, 6.0]), Y2023), "expected whole numbers of days"),
        (lambda: place_days(np.ones((6, 2)), np.array([5]), Y2023), r"expected \(..., n\) and \(n,\)"),
        (lambda: city_days(np.ones((6, 24)), 0, edition=E2012), r"expected \(6, station, hour\)"),
        (lambda: city_days(-np.ones((6, 1, 24)), 0, edition=E2012), "so2 is -1.0 at station 0"),
        (lambda: exceedance_multiple(-1.0, 35), "concentration is -1.0"),
        (lambda: ExceptionalEvent("dust", dt.date(2023, 3, 2), dt.date(2023, 3, 1), "list"), "before it begins"),
        (lambda: ExceptionalEvent("dust", dt.date(2023, 3, 1), dt.date(2023, 3, 1), " "), "source is empty"),
        (lambda: ExceptionalEvent("dust", dt.date(2023, 3, 1), dt.date(2023, 3, 1), "x", ("dust",)), "item is 'dust'"),
        (lambda: dust_hours(np.array([-1.0])), "negative or infinite"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_bad_value_is_missing_where_the_caller_asks_and_says_so():
    daily = days_of(CLEAN)
    daily[PM25, 3], daily[PM25, 9] = -2, np.inf
    found = assess(daily, on_bad="missing")
    assert found.bad.tolist() == [0, 0, 0, 0, 0, 2] and found.values.days[PM25] == 363
    assert "PM2.5 has 2 negative or infinite values, taken as missing" in map(str, found.reasons[()])


def test_a_clean_year_complies_under_every_edition():
    for edition, code in zip(EDITIONS, ("HJ 663-2013", "HJ 663-2026", "HJ 663-2026"), strict=True):
        found = assess(days_of(CLEAN), edition=edition)
        assert (found.edition, found.code, found.overall, found.reasons[()]) == (edition.name, code, COMPLIES, ())
        assert found.aqi_days.good_days == 365 and found.aqi_days.by_level.tolist() == [0, 365, 0, 0, 0, 0, 0]
        assert found.aqi_days.good_ratio_pct == 100 and found.aqi_days.by_primary.sum() == 0


def test_the_three_winter_summer_clean_days_are_counted_by_level_and_pollutant():
    winter, summer = [8, 52, 1.1, 40, 135, 98], [6, 28, 0.7, 187, 58, 33]
    days = np.stack([winter, summer, CLEAN, [5, 30, 0.6, 160, 70, 60], [6, 35, 0.9, 70, 95, 65]], axis=1)
    week = campaign("vectors", dt.date(2026, 3, 1), dt.date(2026, 3, 5))
    old, new = assess(days, week, E2012).aqi_days, assess(days, week, E2026).aqi_days
    assert old.by_level.tolist() == [0, 1, 2, 2, 0, 0, 0] and new.by_level.tolist() == [0, 1, 1, 3, 0, 0, 0]
    assert (old.good_ratio_pct, new.good_ratio_pct) == (60, 40)
    assert old.by_primary.tolist() == [0, 0, 0, 2, 0, 2] and new.by_primary.tolist() == [0, 0, 0, 2, 0, 3]
    assert new.exceeding_by_primary.tolist() == [0, 0, 0, 1, 0, 2]


def test_both_the_mean_and_the_percentile_must_keep_their_limit():
    daily = days_of(CLEAN)
    daily[PM25] = 36
    found = assess(daily)
    assert found.complies.tolist() == [1, 1, 1, 1, 1, 0] and found.overall == EXCEEDS
    assert found.mean_multiple[PM25] == 0.03 and found.percentile_multiple[PM25] == 0  # (36 - 35) / 35 = 0.0286
    daily = days_of(CLEAN)
    daily[PM25, ::12] = 90  # 31 days of 365: above the 95th percentile, the mean is 23
    found = assess(daily)
    assert [(r.code, r.item) for r in found.reasons[()]] == [("percentile_exceeds", "pm25")]
    assert found.exceeding_days[PM25] == 31 and found.compliant_days_pct[PM25] == 91.5


def test_statistics_are_rounded_once_each_from_the_exact_value():
    daily = days_of(CLEAN)
    daily[PM25] = np.where(np.arange(365) % 2, 34.94, 36.04)  # exact mean 35.4915...
    found = assess(daily, edition=E2026)
    assert found.mean[PM25] == 35.5  # one decimal in HJ 663-2026
    assert found.complies[PM25] == EXCEEDS and found.mean_multiple[PM25] == 0.17  # (35 - 30) / 30: 35, not 36
    assert assess(daily, edition=E2012).mean[PM25] == 35 and assess(daily, edition=E2012).complies[PM25] == COMPLIES


def test_co_and_ozone_are_judged_by_percentile_only():
    daily = days_of(CLEAN)
    daily[CO, :40], daily[O3, :40] = 4.1, 161  # 40 of 365 days lie above P95 and above P90
    found = assess(daily)
    assert (found.complies[CO], found.complies[O3], found.overall) == (EXCEEDS, EXCEEDS, EXCEEDS)
    assert np.isnan(found.mean_limit[[CO, O3]]).all() and found.percentile_multiple[O3] == 0.01
    assert found.percent.tolist() == [98, 98, 95, 90, 95, 95]


def test_a_year_needs_324_days_and_every_month_its_own():
    daily = days_of(CLEAN)
    daily[NO2, :41] = NAN  # 324 days are left, but January has none
    found = assess(daily)
    assert found.values.days[NO2] == 324 and not found.values.valid[NO2]
    assert (found.complies[NO2], found.overall, found.for_missing) == (NA, EXCEEDS, True) and found.mean[NO2] == 18
    assert [str(r) for r in found.reasons[()]] == [
        "NO2 is missing or not valid, so that the whole counts as not complying",
        "NO2 has 0 valid days in 2023-01, 27 are needed", "NO2 has 18 valid days in 2023-02, 25 are needed"]  # fmt: skip
    spread = days_of(CLEAN)
    for number in range(1, 13):  # three days out of every month, four of five long ones: 36 + 5 = 41
        start = month(2023, number).first_day - Y2023.first_day
        spread[NO2, start : start + (4 if number in (1, 3, 5, 7, 8) else 3)] = NAN
    assert assess(spread).values.valid[NO2] and assess(spread).overall == COMPLIES
    spread[NO2, -1 - 61] = NAN  # 2023-10-31 leaves October its 27
    assert [str(r) for r in assess(spread).reasons[()]][1:] == ["NO2 has 323 valid days, 324 are needed"]


def test_an_item_that_exceeds_decides_over_one_that_is_unknown():
    daily = days_of(CLEAN)
    daily[PM25], daily[NO2] = 80, NAN
    found = assess(daily)
    assert found.complies[NO2] == NA and found.overall == EXCEEDS and np.isnan(found.ranking.total)
    assert not found.for_missing and "counts_as_exceeding" not in {r.code for r in found.reasons[()]}


def test_a_missing_item_makes_the_whole_not_comply_and_is_named():
    # HJ 663-2013 6.2: all measured items comply, one is missing or not valid: judged as not complying, the item named.
    daily = days_of(CLEAN)
    daily[NO2], daily[CO, 100:] = NAN, NAN
    for edition in EDITIONS:  # of HJ 663-2026 it is assumed
        found = assess(daily, edition=edition)
        assert found.complies.tolist() == [1, NA, NA, 1, 1, 1] and (found.overall, found.for_missing) == (EXCEEDS, True)
        named = [r for r in found.reasons[()] if r.code == "counts_as_exceeding"]
        assert [(r.item, r.found, r.expected) for r in named] == [("no2", 0, 324), ("co", 100, 324)]
        unsaid = assess(daily, edition=edition, rules=replace(rules_of(edition), missing_item="na"))
        assert (unsaid.overall, unsaid.for_missing) == (NA, False)
        assert "counts_as_exceeding" not in {r.code for r in unsaid.reasons[()]}


def test_a_place_of_which_nothing_is_valid_has_no_verdict():
    found = assess(np.full((6, 365), NAN))
    assert (found.overall, found.for_missing) == (NA, False)
    assert {r.code for r in found.reasons[()]} == {"too_few_days", "month_too_few_days"}


@pytest.mark.parametrize(
    ("period", "needed"),
    [(month(2023, 1), 27), (month(2023, 2), 25), (month(2024, 2), 25), (quarter(2023, 1), 80),
     (half_year(2023, 1), 161), (Y2023, 324), (year(2024), 324),
     (campaign("c", dt.date(2023, 7, 1), dt.date(2023, 7, 10)), 9)],
)  # fmt: skip
def test_days_that_each_kind_of_period_needs(period, needed):
    assert rules_of(E2012).min_days(period) == rules_of(E2026).min_days(period) == needed
    daily = days_of(CLEAN, period)
    valid = np.zeros(period.n_days, dtype=bool)
    valid[np.linspace(0, period.n_days - 1, needed - 1).astype(int)] = True
    assert not assess(np.where(valid, daily, NAN), period).values.valid.any()
    assert assess(daily, period).values.valid.all()


def test_days_outside_the_series_are_missing_and_the_order_given_does_not_matter():
    january = month(2023, 1)
    days = np.array([january.first_day + 2, january.first_day - 1, january.first_day])
    placed = place_days(np.array([[3.0, 0, 1]]), days, january)
    assert placed.shape == (1, 31) and placed[0, 0] == 1 and placed[0, 2] == 3 and np.isnan(placed[0, 1])
    assert np.isnan(select_days(np.ones((1, 5)), january.last_day + 1, january)).all()


def test_multiples_and_rates():
    assert exceedance_multiple(np.array([35.0, 36, 75, NAN]), 35.0)[:3].tolist() == [0, 0.03, 1.14]
    assert rate_pct(np.array([1, 2, 1, 0]), np.array([3, 3, 8, 5])).tolist() == [33.3, 66.7, 12.5, 0]
    assert rate_pct(np.array(1), np.array(2000)) == 0.0 and rate_pct(np.array(3), np.array(2000)) == 0.2
    assert np.isnan(rate_pct(np.array(0), np.array(0)))


def test_numbers_carry_quantity_and_unit_in_their_name():
    numbers = flat_numbers(assess(days_of(CLEAN)))
    assert numbers["pm25_mean_ugm3"] == 17 and numbers["co_p95_mgm3"] == 0.5 and numbers["o3_mda8_p90_ugm3"] == 92
    assert numbers["good_ratio_pct"] == 100 and numbers["level_1_days"] == 365


def test_the_index_of_a_period_divides_the_reported_statistics():
    city = [7, 28, 1.1, 158, 58, 35]  # the worked city, on every day
    for edition, total in zip(EDITIONS, (3.92, 4.23, 5.11), strict=True):
        assert assess(days_of(city), edition=edition).ranking.total == total
    assert assess(days_of(city), edition=E2031, method=index_method("unweighted_2012")).ranking.total == 3.92
    assert assess(days_of(city)).meets_grade2 and not assess(days_of(city), edition=E2026).meets_grade2


def test_dust_is_set_aside_and_both_results_stay():
    march = month(2023, 3)
    daily = np.stack([days_of(CLEAN, march)] * 2, axis=1)
    daily[PM10, 0, 9:14] = 700
    event = ExceptionalEvent("dust", dt.date(2023, 3, 10), dt.date(2023, 3, 14), "list of March", places=(0,))
    both = assess_with_events(daily, march.first_day, march, [event], edition=E2012)
    assert both.with_events.mean[PM10].tolist() == [138, 30] and both.without_events.mean[PM10].tolist() == [30, 30]
    assert both.excluded[:, 0].tolist() == [0, 0, 0, 0, 5, 5] and not both.excluded[:, 1].any()
    assert both.concentrations is both.without_events and both.day_shares is both.with_events
    assert both.day_shares.aqi_days.heavy_days.tolist() == [5, 0]
    assert both.without_events.values.valid.all()  # an excluded day still counts
    strict = assess_with_events(daily, march.first_day, march, [event], edition=E2012, count_excluded=False)
    assert strict.without_events.values.valid[PM10].tolist() == [False, True]


def test_dust_hours_begin_at_twice_the_mean_before_and_end_within_a_tenth():
    pm10 = np.array([80.0, 80, 80, 80, 80, 80, 159, 160, NAN, 400, 89, 88, 80])
    # 159 is not twice 80 and raises the mean before 160 to 93.2; before 400 it is 111.8, and 89 is within a tenth.
    assert dust_hours(pm10).nonzero()[0].tolist() == [9]
    assert dust_hours(np.array([80.0] * 6 + [160, NAN, 300, 89, 88, 300])).nonzero()[0].tolist() == [6, 7, 8, 9, 11]
    assert not dust_hours(np.array([60.0] * 6 + [150, 130])).any() and not dust_hours(np.full(30, NAN)).any()


def test_a_citys_ozone_is_the_mean_of_its_stations_largest_means():
    hours = np.full((6, 2, 24), 20.0)
    hours[O3, 0, :8], hours[O3, 1, 16:] = 100, 200
    days = city_days(hours, first_hour_of_day(day_of_date(dt.date(2023, 1, 1))), edition=E2026)
    assert days.values[O3, 0] == 150 and days.values[PM25, 0] == 20 and (days.edition, days.code) == (
        "2026T", "HJ 663-2026")  # fmt: skip
    other = replace(rules_of(E2026), city_o3_day="mda8_of_city_hours")
    assert city_days(hours, days.first_day * 24 - 7, edition=E2026, rules=other).values[O3, 0] == 110
    hours[PM25, 1] = NAN  # one of two is enough, one of four is not: HJ 663-2013 6.1.4
    assert city_days(hours, days.first_day * 24 - 7, edition=E2026).values[PM25, 0] == 20
    assert np.isnan(city_days(hours, days.first_day * 24 - 7, edition=E2026, expected=4).values[PM25, 0])


def test_the_peak_season_is_the_six_best_months_for_ozone():
    daily = np.full(365, 40.0)
    daily[month(2023, 4).first_day - Y2023.first_day : month(2023, 9).last_day - Y2023.first_day + 1] = 120
    assert peak_season_mean(daily, Y2023, rules=rules_of(E2026)) == 120
    daily[:10] = NAN
    assert np.isnan(peak_season_mean(daily, Y2023, rules=rules_of(E2026)))


def test_a_suspect_day_is_flagged_and_still_counts():
    daily = days_of(CLEAN)
    daily[O3, 100] = 529
    found = assess(daily)
    assert found.suspect[O3].nonzero()[0].tolist() == [100] and found.exceeding_days[O3] == 1
    assert [str(r) for r in found.reasons[()]] == ["O3 on 2023-04-11 is 529 ug/m3, suspect above 184; it still counts"]
    assert found.overall == COMPLIES and ITEMS[O3] == "o3"
