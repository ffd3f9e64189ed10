"""A model whose chemistry differs: what each factor does to it, and that without factors it is the nature run to the last bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from research.virtual_airshed.closures import NATURE, Chemistry
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.rates import DRY_MS, Air, dry_ms, reaction_per_s
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import VOC_GROUPS, Tags
from research.virtual_airshed.world import shipped_world

WORLD = shipped_world()
COLD = Air(
    oh_cm3=np.full((1, 1), 1e6), rain_mm=np.zeros((1, 1)), humidity_pct=np.full((1, 1), 70.0),
    transmission=np.ones((1, 1)), light=True, temperature_c=-50.0,
)  # fmt: skip
DARK = dataclasses.replace(COLD, light=False)


def last_hour(chemistry: Chemistry, **options):
    """What lies near the ground at the end of a winter day from the air outside: species to (row, column)."""
    plan = dataclasses.replace(scenario("winter_haze", days=1).plan(), spin_up_days=0)
    world = dataclasses.replace(WORLD, closures=chemistry, **options)
    (day,) = simulate(plan, world, tags=Tags(world.grid.cities, tagged=False), cells=NO_CELLS)
    return {name: day.ground.of(name)[..., -1] for name in ("so2", "sulphate", "nox", "nitrate", "ammonia", "soa")}


@pytest.fixture(scope="module")
def as_it_is():
    return last_hour(NATURE)


@pytest.mark.parametrize(
    ("name", "factor", "more", "less"),
    [("so2", 0.5, "so2", "sulphate"), ("nox_day", 0.5, "nox", "nitrate"), ("nox_night", 0.5, "nox", "nitrate"),
     ("town_oh", 0.2, "so2", "nitrate")],
)  # fmt: skip
def test_slower_oxidation_leaves_more_gas_and_makes_less_of_its_product(as_it_is, name, factor, more, less):
    made = last_hour(Chemistry(**{name: factor}))
    assert made[more].mean() > as_it_is[more].mean() and made[less].mean() < as_it_is[less].mean()


@pytest.mark.parametrize(
    ("name", "species"),
    [("soa", "soa"), ("voc", "soa"), ("dry_nitrate", "nitrate"), ("dry_ammonia", "ammonia")],
)
def test_a_factor_moves_its_own_species_and_leaves_what_does_not_follow_from_it(as_it_is, name, species):
    made = last_hour(Chemistry(**{name: 3.0}))
    assert not np.allclose(made[species], as_it_is[species], rtol=1e-3)
    for other in set(as_it_is) - {species}:
        np.testing.assert_array_equal(made[other], as_it_is[other], err_msg=other)


def test_rates_speeds_and_yields_are_multiplied_by_their_factors():
    k, own = (
        WORLD.voc_k_cm3_s,
        Chemistry(so2=2.0, nox_day=3.0, nox_night=4.0, voc=5.0, dry_nitrate=6.0, dry_ammonia=7.0),
    )
    factors = {"so2": 2.0, "nox": 3.0, "co": 1.0} | dict.fromkeys(VOC_GROUPS, 5.0)
    for species, factor in factors.items():
        assert reaction_per_s(species, COLD, k, own) == pytest.approx(factor * reaction_per_s(species, COLD, k))
    assert reaction_per_s("nox", DARK, k, own) == pytest.approx(4.0 * reaction_per_s("nox", DARK, k))
    for species in DRY_MS:
        factor = {"nitrate": 6.0, "ammonia": 7.0}.get(species, 1.0)
        assert dry_ms(species, DARK, own) == pytest.approx(factor * dry_ms(species, DARK))


def test_what_a_voc_loses_in_soa_is_its_yield_and_the_factor():
    # All that happens to organic aerosol is linear in it, so what is made is in proportion to the yield.
    none, once, twice = (last_hour(Chemistry(soa=factor))["soa"] for factor in (0.0, 1.0, 2.0))
    assert (once > none).all()
    np.testing.assert_allclose(twice - none, 2.0 * (once - none), rtol=1e-9)


@pytest.mark.parametrize("wrong", [{"so2": -0.1}, {"soa": float("nan")}, {"town_oh": float("inf")}])
def test_chemistry_that_cannot_be_is_named(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} is .*expected"):
        Chemistry(**wrong)
