"""Stacks: what a city's stacks measure is its coal sector, to noise and the instruments' own error."""

from __future__ import annotations

import numpy as np
import pytest

from research.virtual_airshed.inventories.places import complete_cities, stacks
from research.virtual_airshed.observe import cems
from research.virtual_airshed.tracers import SECTORS
from streams.records import SPECIES
from tests.research.virtual_airshed.observe.made_days import FIRST_HOUR, TAGS

COAL = SECTORS.index("coal")
MEASURED = [SPECIES.index(name) for name in ("so2", "nox", "co", "pm25")]
HOURS = FIRST_HOUR + np.arange(24)


def kg(hours: int = 24) -> np.ndarray:
    return 900.0 * np.random.default_rng(5).random((len(TAGS.cities), len(SECTORS), len(SPECIES), hours))


def test_only_cities_whose_stacks_are_all_of_their_coal_are_measured():
    # The README of the inventories: 德阳, 乐山 and 眉山 altogether, 成都 and 绵阳 in part.
    assert {stack.city for stack in cems.measured_stacks(TAGS.cities)} == {"510600", "511100", "511400"}


def test_without_noise_the_stacks_of_a_city_are_its_coal_sector():
    emitted = kg()
    made = cems.stack_hours(emitted, TAGS.cities, cems.measured_stacks(TAGS.cities), HOURS, seed=1, noise=0.0)
    cities, sums = cems.city_sums(made)
    assert set(cities) == set(complete_cities())
    for c, city in enumerate(cities):
        np.testing.assert_allclose(sums[:, c], emitted[TAGS.cities.index(city), COAL][MEASURED], atol=0.0005 + 1e-9)


def test_what_stacks_truly_emit_adds_up_even_where_measurement_does_not():
    emitted = kg()
    made = cems.stack_hours(emitted, TAGS.cities, cems.measured_stacks(TAGS.cities), HOURS, seed=1, noise=1.0)
    for city in complete_cities():
        own = [i for i, stack in enumerate(made.stacks) if stack.city == city]
        np.testing.assert_allclose(
            made.true[:, own].sum(axis=1), emitted[TAGS.cities.index(city), COAL][MEASURED], rtol=1e-9
        )
    assert abs(made.measured / made.true - 1).max() > 0.05


def test_noise_at_a_stack_is_as_asked_around_its_own_fixed_error():
    n = 4_800
    made = cems.stack_hours(
        np.full((8, len(SECTORS), len(SPECIES), n), 1e3), TAGS.cities, cems.measured_stacks(TAGS.cities), FIRST_HOUR + np.arange(n),
        seed=1, noise=1.0,
    )  # fmt: skip
    ratio = made.measured / made.true
    gain = np.array([cems.stack_gain(stack.code, seed=1) for stack in made.stacks]).T
    asked = np.array(cems.NOISE_SHARE)[:, None] * gain
    assert (abs(ratio.std(axis=2) - asked) < 4.5 * asked / np.sqrt(2 * n)).all()
    assert (abs(ratio.mean(axis=2) - gain) < 4.5 * asked / np.sqrt(n)).all()


def test_fixed_errors_belong_to_the_stack_and_the_seed():
    assert cems.stack_gain("SIM-STACK-04", seed=1) == cems.stack_gain("SIM-STACK-04", seed=1)
    assert cems.stack_gain("SIM-STACK-04", seed=1) != cems.stack_gain("SIM-STACK-05", seed=1)
    assert cems.stack_gain("SIM-STACK-04", seed=1) != cems.stack_gain("SIM-STACK-04", seed=2)


def test_the_table_of_the_stacks_has_each_stack_species_and_hour_once():
    made = cems.stack_hours(kg(), TAGS.cities, cems.measured_stacks(TAGS.cities), HOURS, seed=1, noise=1.0)
    rows = cems.truth_rows(made, FIRST_HOUR)
    own = [stack for stack in stacks() if stack.city in complete_cities()]
    assert len(rows) == len({row[:4] for row in rows}) == len(own) * 4 * 24
    assert float(rows[0][4]) == pytest.approx(made.true[0, 0, 0], abs=1e-6)


def test_a_run_over_other_cities_has_no_stacks():
    assert cems.measured_stacks(("510100",)) == ()
