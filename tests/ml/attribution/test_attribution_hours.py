"""What an hour's items move: near air against far air, and nothing where they stand as they usually do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution.attribute import OUTSIDE_MOVES, _to_total, attribute
from ml.attribution.hour import HourPrior, _level, _parts, by_contributor, near_factors
from ml.attribution.learn import learn
from standards.pollutants import ITEMS
from streams.contributors import SECTORS
from tests.ml.attribution.made import CITIES, made_tags, seen_as_told

SPEAKING = {"so2": "so2", "no2": "nox", "co": "co", "coarse": "coarse"}


@pytest.fixture(scope="module")
def tags():
    return made_tags()


@pytest.fixture(scope="module")
def correction(tags):
    return learn(tags, seen_as_told(tags), worlds=60)


def seen_of(tags, correction, moved: dict[str, np.ndarray]):
    """Make observations whose items stand over the tags as in the span, times a factor of each item (city, hour)."""
    usual = dict(zip(correction.misfit.names, correction.misfit.values, strict=True))
    items = np.full((len(ITEMS), len(CITIES), tags.hours), np.nan)
    by_name = {}
    for item in SPEAKING:
        ratio = np.exp([usual["stations", city, item] for city in CITIES])[:, None]
        by_name[item] = _level(tags, item)[: len(CITIES)] * ratio * moved.get(item, 1.0)
    items[ITEMS.index("pm25")] = tags.by_sector("pm25")[:, : len(CITIES)].mean(axis=0).sum(axis=1)
    items[ITEMS.index("o3")] = tags.by_sector("o3")[:, : len(CITIES)].mean(axis=0).sum(axis=1)
    items[ITEMS.index("pm10")] = items[ITEMS.index("pm25")] + by_name.pop("coarse")
    for name, values in by_name.items():
        items[ITEMS.index(name)] = values
    return replace(seen_as_told(tags), items=items)


def test_an_hour_whose_items_stand_as_usual_is_not_moved(tags, correction):
    for quantity in ("pm25", "o3", "ox"):
        assert np.abs(near_factors(tags, seen_of(tags, correction, {}), correction, quantity=quantity)).max() < 1e-9


def test_without_observations_or_a_correction_nothing_is_moved(tags, correction):
    silent = replace(seen_as_told(tags), items=np.full((len(ITEMS), len(CITIES), tags.hours), np.nan))
    for seen, how in ((None, correction), (silent, correction), (seen_as_told(tags), None)):
        assert np.abs(near_factors(tags, seen, how, quantity="pm25")).max() < 1e-12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_truth_drawn_from_the_prior_is_found_better_than_by_the_correction_alone(tags, correction, seed):
    """The best linear estimate has a smaller mean squared error than none, if its prior is right (Rodgers 2000)."""
    rng, prior = np.random.default_rng(seed), HourPrior()
    shape = (len(CITIES), 3, tags.hours)
    truth = np.array(prior.common)[None, :, None] * rng.standard_normal((1, *shape[1:]))
    truth = truth + np.array(prior.single)[None, :, None] * rng.standard_normal(shape)
    moved = {
        item: (_parts(tags, of)[: len(CITIES)] * np.exp(truth)).sum(axis=1)
        * np.exp(prior.noise * rng.standard_normal((len(CITIES), tags.hours)))
        for item, of in SPEAKING.items()
    }  # fmt: skip
    found = near_factors(tags, seen_of(tags, correction, moved), correction, quantity="pm25")
    away, before = ((found - truth) ** 2).mean(axis=(0, 2)), (truth**2).mean(axis=(0, 2))
    assert away[0] < 0.5 * before[0]
    assert (away < 1.02 * before).all()


def test_where_all_items_stand_higher_the_own_city_has_more_of_it(tags, correction):
    still = {item: np.full((len(CITIES), tags.hours), 1.5) for item in SPEAKING}
    seen = seen_of(tags, correction, still)
    usual = attribute(tags, seen_of(tags, correction, {}), correction).three_places()
    calm = attribute(tags, seen, correction).three_places()
    own = [p[:, 0] / p.sum(axis=1) for p in (usual, calm)]
    assert (own[1] > own[0]).all()


def test_an_item_without_a_ratio_in_the_span_says_nothing(tags):
    seen = seen_as_told(tags)
    no_so2 = replace(
        seen, items=np.where(np.arange(len(ITEMS))[:, None, None] == ITEMS.index("so2"), np.nan, seen.items)
    )
    correction = learn(tags, no_so2, worlds=60)
    whole = near_factors(tags, seen_of_all(tags, seen, 3.0), correction, quantity="pm25")
    assert np.allclose(whole, near_factors(tags, seen_of_all(tags, no_so2, 3.0), correction, quantity="pm25"))


def seen_of_all(tags, seen, so2: float):
    """Multiply SO2."""
    factor = np.where(np.arange(len(ITEMS)) == ITEMS.index("so2"), so2, 1.0)[:, None, None]
    return replace(seen, items=seen.items * factor)


def test_an_hour_is_moved_by_its_own_items_alone(tags, correction):
    seen = seen_as_told(tags)
    rng = np.random.default_rng(4)
    kept = np.arange(tags.hours) % 7 == 3
    other = replace(seen, items=np.where(kept, seen.items, seen.items * np.exp(rng.standard_normal(seen.items.shape))))
    for quantity in ("pm25", "o3"):
        one, two = (attribute(tags, s, correction, quantity=quantity) for s in (seen, other))
        known = kept & np.isfinite(one.total).all(axis=0)
        assert known.any()
        assert np.allclose(one.values[..., known], two.values[..., known], rtol=1e-9, atol=1e-9)


def test_of_ozone_what_comes_from_outside_is_not_moved_by_gases(tags, correction):
    high = {item: np.full((len(CITIES), tags.hours), 2.0) for item in SPEAKING}
    near = near_factors(tags, seen_of(tags, correction, high), correction, quantity="o3")
    assert (near[:, 2] == 0.0).all() and (np.abs(near[:, 0]) > 0.01).all()


def test_factors_are_laid_on_the_own_city_the_others_and_outside():
    near = np.arange(9.0).reshape(3, 3, 1)
    laid = by_contributor(near, len(SECTORS))
    assert laid.shape == (3, len(SECTORS) * 3 + 1, 1)
    assert laid[1, :3, 0].tolist() == [4.0, 3.0, 4.0] and laid[1, -1, 0] == 5.0
    assert laid[2, -4:-1, 0].tolist() == [7.0, 7.0, 6.0]


@settings(max_examples=60, deadline=None)
@given(
    local=st.floats(0.1, 200.0), outside=st.floats(0.1, 200.0), factor=st.floats(0.55, 2.0),
)  # fmt: skip
def test_ozone_is_brought_to_its_total_by_the_cities_part_first(local, outside, factor):
    values = np.array([0.75 * local, 0.25 * local, outside])[None, :, None]
    total = np.array([[local * factor + outside * factor ** OUTSIDE_MOVES["o3"]]])
    found = _to_total(values, total, OUTSIDE_MOVES["o3"])[0, :, 0]
    assert np.isclose(found.sum(), total[0, 0], rtol=1e-9)
    assert np.allclose(found, values[0, :, 0] * [factor, factor, factor ** OUTSIDE_MOVES["o3"]], rtol=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-50.0, 200.0), min_size=3, max_size=3), st.floats(1.0, 400.0),
)  # fmt: skip
def test_whatever_the_parts_are_they_are_brought_to_the_total_or_to_nothing(parts, total):
    values = np.array(parts)[None, :, None]
    found = _to_total(values, np.array([[total]]), 0.2)
    if np.isfinite(found).all():
        assert np.isclose(found.sum(), total, rtol=1e-6)
    else:
        assert sum(parts) <= 0 and np.isnan(found).all()


def test_hours_outside_of_what_was_observed_are_missing(tags):
    seen = seen_as_told(tags)
    wider = seen.over(seen.first_hour - 3, seen.hours + 5)
    assert wider.hours == seen.hours + 5 and wider.first_hour == seen.first_hour - 3
    assert np.isnan(wider.items[..., :3]).all() and np.isnan(wider.items[..., -2:]).all()
    assert np.array_equal(wider.items[..., 3:-2], seen.items)
    assert np.isnan(seen.over(seen.first_hour + 10_000, 4).items).all()
