"""Laws of the assessment: order and batches do not matter, missing stays missing, more pollution is never better."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from standards.assessment.assess import assess_period, flat_numbers
from standards.assessment.compliance import COMPLIES, EXCEEDS, NA
from standards.assessment.exceptional import ExceptionalEvent, assess_with_events
from standards.assessment.indices import INDEX_METHODS, composite_index
from standards.assessment.percentiles import percentile
from standards.assessment.periods import campaign, month
from standards.assessment.ranking import rank
from standards.assessment.trends import mann_kendall, moving_year_mean, spearman, theil_sen
from standards.editions import EDITIONS

PERIOD = campaign("any", dt.date(2023, 5, 1), dt.date(2023, 5, 12))
NAN = float("nan")
TENTHS = st.one_of(st.just(NAN), st.integers(0, 4000).map(lambda n: n / 10))
CITIES = hnp.arrays(np.float64, (6, 3, PERIOD.n_days), elements=TENTHS)
EDITION = st.sampled_from(EDITIONS)


def same(a, b):
    return np.array_equal(a, b, equal_nan=True)


def assess(daily, edition):
    return assess_period(daily, PERIOD.first_day, PERIOD, edition=edition)


@given(daily=CITIES, edition=EDITION, days=st.permutations(range(PERIOD.n_days)), cities=st.permutations(range(3)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_days_and_cities_does_not_matter(daily, edition, days, cities):
    whole = flat_numbers(assess(daily, edition))
    mixed = flat_numbers(assess(daily[:, list(cities)][..., list(days)], edition))
    assert all(same(mixed[name], numbers[list(cities)]) for name, numbers in whole.items())


@given(daily=CITIES, edition=EDITION)
@settings(max_examples=25, deadline=None)
def test_a_city_alone_has_the_numbers_it_has_among_others(daily, edition):
    whole = assess(daily, edition)
    for city in range(3):
        alone = assess(daily[:, city], edition)
        numbers = flat_numbers(whole)
        assert all(same(n, numbers[name][city]) for name, n in flat_numbers(alone).items())
        assert alone.reasons[()] == whole.reasons[city]


@given(edition=EDITION, item=st.integers(0, 5), daily=CITIES)
@settings(max_examples=25, deadline=None)
def test_missing_in_gives_missing_out(edition, item, daily):
    daily[item, 1] = NAN
    found = assess(daily, edition)
    assert np.isnan(found.mean[item, 1]) and np.isnan(found.percentile[item, 1]) and found.complies[item, 1] == NA
    assert np.isnan(found.ranking.total[1]) and np.isnan(found.quality.total[1]) and found.overall[1] != COMPLIES
    assert np.isnan(found.compliant_days_pct[item, 1]) and not found.values.valid[item, 1]
    unknown = found.complies == NA
    assert ((found.overall == NA) == unknown.all(axis=0)).all()
    assert (found.for_missing <= (found.overall == EXCEEDS)).all()
    named = [{r.item for r in reasons if r.code == "counts_as_exceeding"} for reasons in found.reasons]
    assert [bool(each) for each in named] == found.for_missing.tolist()
    nothing = assess(np.full_like(daily, NAN), edition)
    assert (nothing.overall == NA).all() and np.isnan(nothing.aqi_days.good_ratio_pct).all()
    assert nothing.aqi_days.by_level[0].tolist() == [PERIOD.n_days] * 3


@given(
    daily=CITIES,
    edition=EDITION,
    item=st.integers(0, 5),
    day=st.integers(0, PERIOD.n_days - 1),
    more=st.integers(1, 500),
)
@settings(max_examples=40, deadline=None)
def test_more_pollution_never_makes_a_number_better(daily, edition, item, day, more):
    daily = np.where(np.isnan(daily), 30.0, daily)
    worse = daily.copy()
    worse[item, 0, day] += more
    before, after = assess(daily, edition), assess(worse, edition)
    assert (after.mean >= before.mean).all() and (after.percentile >= before.percentile).all()
    assert (after.mean_multiple[:, 0] >= before.mean_multiple[:, 0])[~np.isnan(before.mean_multiple[:, 0])].all()
    assert (after.ranking.total >= before.ranking.total).all() and (
        after.quality.maximum >= before.quality.maximum
    ).all()
    assert (after.exceeding_days >= before.exceeding_days).all() and (after.complies <= before.complies).all()


@given(daily=CITIES)
@settings(max_examples=20, deadline=None)
def test_stricter_editions_never_turn_exceeding_into_complying(daily):
    verdicts = [assess(daily, edition).overall for edition in EDITIONS]
    assert not ((verdicts[0] == EXCEEDS) & (verdicts[1] == COMPLIES)).any()
    assert not ((verdicts[1] == EXCEEDS) & (verdicts[2] == COMPLIES)).any()


@given(values=hnp.arrays(np.float64, st.integers(1, 30), elements=TENTHS), p=st.sampled_from([0, 50, 90, 95, 98, 100]))
@settings(max_examples=100, deadline=None)
def test_a_percentile_is_the_exact_one_in_any_order(values, p):
    x = sorted(Fraction(repr(float(v))) for v in values if v == v)
    found = percentile(values, p)
    assert same(found, percentile(values[::-1], p))
    if not x:
        assert np.isnan(found)
        return
    k = 1 + (len(x) - 1) * Fraction(p, 100)
    s = int(k)
    assert found == float(x[s - 1] + (x[min(s, len(x) - 1)] - x[s - 1]) * (k - s))


@given(
    values=hnp.arrays(np.float64, (6, 4), elements=st.integers(0, 3000).map(lambda n: n / 10)),
    method=st.sampled_from(list(INDEX_METHODS.values())), edition=EDITION,
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_an_index_is_at_least_its_largest_part_and_does_not_depend_on_the_batch(values, method, edition):
    found = composite_index(values, edition=edition, method=method)
    assert (found.total >= found.maximum - 10.0**-method.decimals).all() and (found.main > 0).all()
    assert all(composite_index(values[:, i], edition=edition, method=method).total == found.total[i] for i in range(4))


INDICES = st.one_of(st.just(NAN), st.integers(300, 320).map(lambda n: n / 100))


@given(values=hnp.arrays(np.float64, st.integers(1, 12), elements=INDICES))
@settings(max_examples=60, deadline=None)
def test_ranks_count_those_that_are_better(values):
    found = rank(values)
    for value, place in zip(values, found, strict=True):
        assert place == (0 if value != value else 1 + (values < value).sum())


@given(values=hnp.arrays(np.float64, st.integers(4, 15), elements=TENTHS))
@settings(max_examples=60, deadline=None)
def test_a_trend_turned_over_is_the_opposite_trend(values):
    up, down = spearman(values), spearman(-values)
    if up.verdict is not None:
        assert down.verdict == -up.verdict and abs(up.r_s + down.r_s) < 1e-12 and abs(up.r_s) <= 1
    assert mann_kendall(-values).s == -mann_kendall(values).s
    assert same(theil_sen(-values).slope, -theil_sen(values).slope)
    means = moving_year_mean(values)
    assert (
        np.isnan(means[:2]).all() and (np.isnan(means[2:]) == np.isnan(values[:-2] + values[1:-1] + values[2:])).all()
    )


@given(daily=CITIES, first=st.integers(1, 12), length=st.integers(0, 5), edition=EDITION)
@settings(max_examples=25, deadline=None)
def test_an_event_leaves_the_result_with_it_as_it_was(daily, first, length, edition):
    start = dt.date(2023, 5, first)
    event = ExceptionalEvent("dust", start, start + dt.timedelta(length), "a list")
    both = assess_with_events(daily, PERIOD.first_day, PERIOD, [event], edition=edition)
    plain = flat_numbers(assess(daily, edition))
    assert all(same(numbers, plain[name]) for name, numbers in flat_numbers(both.with_events).items())
    left_out = flat_numbers(both.without_events)
    assert all(same(left_out[name], plain[name]) for name in ("no2_mean_ugm3", "o3_mda8_p90_ugm3", "pm25_valid_days"))
    assert (both.excluded[:4] == 0).all() and (both.excluded[4:] <= length + 1).all()


@given(data=st.data(), edition=EDITION)
@settings(max_examples=20, deadline=None)
def test_days_around_a_period_do_not_change_it(data, edition):
    may = month(2023, 5)
    inside = data.draw(hnp.arrays(np.float64, (6, 31), elements=TENTHS, fill=st.just(20.0)))
    lead, tail = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    longer = np.concatenate([np.full((6, lead), 999.0), inside, np.full((6, tail), 999.0)], axis=1)
    a = flat_numbers(assess_period(inside, may.first_day, may, edition=edition))
    b = flat_numbers(assess_period(longer, may.first_day - lead, may, edition=edition))
    assert all(same(a[name], b[name]) for name in a)
