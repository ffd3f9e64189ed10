"""Laws of water classes and of VOC reactivity, whatever the values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.voc.age import initial_concentrations, photochemical_age
from standards.voc.ratios import RATIOS, diagnostic_ratios, read_ratio
from standards.voc.reactivity import ofp, oh_reactivity, propylene_equivalent, soa_potential, to_ppb, to_ugm3
from standards.voc.species import SPECIES, coefficients
from standards.water.basins import assess_basin, level_of_shares, mean_of_sections
from standards.water.classes import (
    BASIC_ITEMS,
    WATER_ITEMS,
    exceedance_load,
    exceedance_multiple,
    has_limits,
    item_class,
)
from standards.water.cwqi import cwqi, item_index
from standards.water.editions import WATER_DECIMALS, told
from standards.water.sections import assess_sections, main_indicators
from standards.water.trophic import TROPHIC_ITEMS, tli, trophic_index

NAN = float("nan")
WATERS = st.sampled_from(("river", "lake"))
UPPER = st.sampled_from([code for code, item in WATER_ITEMS.items() if item.rule == "upper"])
NEAR_LIMITS = st.floats(0.0, 3.0) | st.floats(0.0, 0.06) | st.sampled_from([0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 1.0])
MEASURED = ("ph", "do", "codmn", "nh3n", "tp")
VALUES = st.fixed_dictionaries(
    {
        "ph": st.floats(5, 10),
        "do": st.floats(0, 12),
        "codmn": st.floats(0, 20),
        "nh3n": st.floats(0, 3),
        "tp": st.floats(0, 0.6),
    }
)
NAMES = st.lists(st.sampled_from([each.name_en for each in SPECIES]), min_size=1, max_size=8, unique=True)
REACTIVITIES = pytest.mark.parametrize("function", [ofp, oh_reactivity, propylene_equivalent, soa_potential])


@given(UPPER, WATERS, NEAR_LIMITS, NEAR_LIMITS)
def test_more_of_an_item_is_no_better_class(item, water, a, b):
    if item == "tn" and water == "river":
        water = "lake"
    less, more = sorted((a, b))
    if more <= WATER_ITEMS[item].largest:
        assert item_class(less, item, water=water) <= item_class(more, item, water=water)


@given(st.sampled_from(list(WATER_DECIMALS)), st.floats(1e-9, 50) | st.floats(1e-9, 0.01), st.floats(1e-9, 50))
def test_a_rounded_mean_is_near_and_keeps_the_order(item, a, b):
    less, more = sorted((a, b))
    assert told(less, item) <= told(more, item) and told(told(a, item), item) == told(a, item) > 0
    assert abs(float(told(a, item)) - a) <= 0.5 * 10.0 ** -WATER_DECIMALS[item] * (1 + 1e-9)


@given(st.lists(st.floats(0, 14), min_size=1, max_size=9))
def test_a_mean_of_ph_lies_between_its_values_and_is_nearer_to_the_sour_ones(values):
    by_ions = mean_of_sections(np.array(values), "ph")
    plain = mean_of_sections(np.array(values), "ph", edition="2011")
    assert min(values) - 1e-9 <= by_ions <= plain + 1e-9 <= max(values) + 2e-9


@given(st.floats(0, 20), st.floats(0, 20))
def test_more_oxygen_is_no_worse_class(a, b):
    less, more = sorted((a, b))
    assert item_class(less, "do") >= item_class(more, "do")


@given(NEAR_LIMITS, NEAR_LIMITS)
def test_lakes_are_judged_no_milder_for_phosphorus(a, b):
    assert item_class(a, "tp", water="lake") >= item_class(a, "tp")
    less, more = sorted((a, b))
    assert exceedance_multiple(less) <= exceedance_multiple(more)


@given(VALUES, st.permutations(MEASURED), WATERS)
def test_the_order_of_items_makes_no_difference(values, order, water):
    shuffled = {item: values[item] for item in order}
    one, two = assess_sections(values, water=water), assess_sections(shuffled, water=water)
    assert one.items == two.items and one.water_class == two.water_class
    assert one.water_class == max(int(item_class(values[item], item, water=water)) for item in MEASURED)
    assert main_indicators(values, water=water) == main_indicators(shuffled, water=water)


@given(VALUES, st.sampled_from(MEASURED))
def test_a_missing_value_never_makes_a_better_class(values, item):
    whole, part = assess_sections(values), assess_sections(values | {item: NAN})
    assert part.water_class in (0, 6)
    assert part.water_class <= whole.water_class


@settings(max_examples=50, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_sections_makes_no_difference(sections, random):
    shuffled = random.sample(sections, len(sections))
    one, two = (
        assess_basin({item: np.array([each[item] for each in part]) for item in MEASURED})
        for part in (sections, shuffled)
    )
    assert one == two


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_a_greater_bad_share_is_no_better_verdict(good, a, b):
    less, more = sorted((a * (100 - good) / 100, b * (100 - good) / 100))
    assert 1 <= level_of_shares(good, less) <= level_of_shares(good, more) <= 5


@given(st.sampled_from(BASIC_ITEMS))
def test_no_water_verdict_comes_of_nothing(item):
    assert item_class(NAN, item) == 0
    assert np.isnan(item_index(NAN, item))
    assert np.isnan(cwqi(dict.fromkeys(BASIC_ITEMS, 1.0) | {"ph": 7.0, "do": 5.0, item: NAN}))
    if WATER_ITEMS[item].multiple and has_limits(item, "river"):
        assert np.isnan(exceedance_multiple(NAN, item)) and np.isnan(exceedance_load(NAN, 1.0, item=item))


@given(st.sampled_from(tuple(TROPHIC_ITEMS)))
def test_no_trophic_state_comes_of_nothing(item):
    assert np.isnan(trophic_index(NAN, item)) and np.isnan(tli(dict.fromkeys(TROPHIC_ITEMS, 1.0) | {item: NAN}))


@REACTIVITIES
@given(
    names=NAMES, data=st.data(), factor=st.floats(0.001, 900)
)  # 1,000 + 900 x 1,000 ppb is still within the range accepted
@settings(max_examples=50, deadline=None)
def test_reactivity_is_linear(function, names, data, factor):
    a, b = (np.array(data.draw(st.lists(st.floats(0, 1000), min_size=len(names), max_size=len(names)))) for _ in "ab")
    one, two, both = (function(x, names, unit="ppb").by_species for x in (a, b, a + factor * b))
    np.testing.assert_allclose(both, one + factor * two, rtol=1e-9, atol=1e-300)


@REACTIVITIES
@given(names=NAMES, data=st.data())
@settings(max_examples=50, deadline=None)
def test_the_order_of_species_makes_no_difference(function, names, data):
    values = dict(
        zip(names, data.draw(st.lists(st.floats(0, 1000), min_size=len(names), max_size=len(names))), strict=True)
    )
    shuffled = data.draw(st.permutations(names))
    one, two = (function([values[name] for name in order], order, unit="ug/m3") for order in (names, shuffled))
    np.testing.assert_array_equal(one.total, two.total)
    np.testing.assert_array_equal(one.mass_share, two.mass_share)


@REACTIVITIES
@given(names=NAMES, data=st.data())
@settings(max_examples=50, deadline=None)
def test_missing_values_and_coefficients_stay_missing(function, names, data):
    gap = data.draw(st.integers(0, len(names) - 1))
    values = np.ones((len(names), 2))
    values[gap, 0] = NAN
    found = function(values, names, unit="ppb")
    assert np.isnan(found.by_species[gap, 0]) and np.isnan(found.total[0])
    kind = {ofp: "mir", soa_potential: "soap"}.get(function, "koh")
    known = ~np.isnan(coefficients(kind, names))
    assert (~np.isnan(found.by_species[:, 1])).tolist() == known.tolist()
    assert found.species_share[1] == pytest.approx(known.mean())
    assert np.isnan(found.total[1]) == (not known.any())


@given(NAMES, st.floats(1e-6, 1e5))
def test_units_convert_there_and_back(names, value):
    values = np.full(len(names), value)
    np.testing.assert_allclose(to_ppb(to_ugm3(values, names), names), values, rtol=1e-12)


@given(st.floats(0.01, 10), st.floats(1, 50))
def test_ageing_can_be_undone(fresh, factor):
    exposure = photochemical_age(fresh / factor, initial_ratio=fresh).exposure
    first = initial_concentrations([fresh / factor, 1.0], ["m,p-xylene", "ethylbenzene"], exposure, unit="ppb")
    assert first[0] / first[1] == pytest.approx(fresh, rel=1e-9)


@given(st.sampled_from(tuple(RATIOS)))
def test_no_reading_comes_of_nothing(name):
    assert not read_ratio(name, NAN).within.any()
    found = diagnostic_ratios([NAN, 1.0], ["toluene", "benzene"], unit="ppb")
    assert not found["toluene/benzene"].within.any()
