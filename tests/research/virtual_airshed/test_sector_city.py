"""Sectors of cities as sources: they add up to sectors and to cities, and taking one away takes its tag away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.model import Model
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.reference.simulated import receptors
from research.virtual_airshed.run import Plan, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import CARRIED, SECTORS, TOTAL, Tags
from research.virtual_airshed.truth import QUANTITIES, Contributions, contributions, dataset_of
from research.virtual_airshed.world import World, shipped_world
from streams.contributors import ALL, OUTSIDE

HOURS = 20
"""From midnight into the evening: ozone is made by day and titrated after it."""


@pytest.fixture(scope="module")
def world() -> World:
    return shipped_world()


@pytest.fixture(scope="module")
def tags(world: World) -> Tags:
    return Tags(world.grid.cities, sector_city=True, pair_zero_outs=True)


@pytest.fixture(scope="module")
def at(world: World) -> Receptors:
    return receptors(world, scenario("summer_ozone").start)


def plan(name: str = "summer_ozone", **changes: object) -> Plan:
    return replace(scenario(name, days=1).plan(), hours=HOURS, spin_up_days=0, **changes)  # type: ignore[arg-type]


def run(world: World, tags: Tags, wanted: Plan, at: Receptors) -> tuple[Model, Contributions | None]:
    """Run a plan from the air outside; give the model at its end, and the truth of a tagged run."""
    model, found = Model(world, tags), None
    for day in simulate(wanted, world, tags=tags, cells=at.cells if tags.tagged else NO_CELLS, model=model):
        found = contributions(day, tags, at) if tags.tagged else None
    return model, found


@pytest.fixture(scope="module", params=["summer_ozone", "winter_haze"])
def told(request: pytest.FixtureRequest, world: World, tags: Tags, at: Receptors) -> tuple[str, Model, Contributions]:
    return request.param, *run(world, tags, plan(request.param), at)


def summed(by_source: np.ndarray, tags: Tags, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum the pairs over cities and over sectors: what must be the sectors and the cities. The last axis is the source."""
    pairs = by_source[..., -len(tags.pairs) :].reshape(*by_source.shape[:-1], len(SECTORS), len(tags.cities))
    return pairs.sum(axis=-1), pairs.sum(axis=-2)


@pytest.mark.parametrize("species", CARRIED)
def test_what_is_carried_of_the_pairs_adds_up_to_sectors_and_to_cities(told, tags: Tags, species: str) -> None:
    state = told[1].tracers.of(species)[:, 1:-1, 1:-1, 1 : tags.count]
    whole = told[1].tracers.of(species)[..., TOTAL].max()
    sectors, cities = summed(state, tags, -1)
    assert np.abs(sectors - state[..., : len(SECTORS)]).max() < 1e-6 * whole
    assert np.abs(cities - state[..., len(SECTORS) : len(SECTORS) + len(tags.cities)]).max() < 1e-6 * whole


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_allocation_of_the_pairs_adds_up_to_sectors_cities_and_the_whole(told, tags: Tags, quantity: str) -> None:
    _, _, found = told
    q = list(QUANTITIES).index(quantity)
    parts, total = np.moveaxis(found.allocation[q], 1, -1), found.total[q]
    sectors, cities = summed(parts, tags, -1)
    most = 1e-6 * np.abs(parts).max()
    assert np.abs(sectors - parts[..., : len(SECTORS)]).max() < most
    assert np.abs(cities - parts[..., len(SECTORS) : tags.inflow - 1]).max() < most
    assert np.abs(sectors.sum(axis=-1) + parts[..., tags.inflow - 1] - total).max() < most


def test_a_run_with_pairs_tells_of_all_else_what_a_run_without_tells(
    told, world: World, tags: Tags, at: Receptors
) -> None:
    name, _, found = told
    _, plain = run(world, Tags(tags.cities), plan(name), at)
    for part in ("total", "allocation", "removal"):
        mine = getattr(found, part)
        np.testing.assert_array_equal(
            mine if part == "total" else mine[:, :, : tags.inflow], getattr(plain, part), err_msg=part
        )


@pytest.mark.parametrize("pair", [("vehicles", "510100"), ("coal", "510700"), ("biogenic", "511800")])
def test_taking_a_sector_of_a_city_away_takes_its_tag_away(
    world: World, tags: Tags, at: Receptors, pair: tuple[str, str]
) -> None:
    # Brute force: the run again without the pair. For what is linear that is the total less the tag, for odd oxygen the zero-out.
    model, _ = run(world, tags, plan(), at)
    sector, city = pair
    without, _ = run(world, Tags(tags.cities, tagged=False), plan(factors={(city, sector, "*"): 0.0}), at)
    number = tags.sources.index(f"{sector} {city}")
    for species in CARRIED:
        state, left = model.tracers.of(species)[:, 1:-1, 1:-1], without.tracers.of(species)[:, 1:-1, 1:-1, TOTAL]
        mine = (
            state[..., tags.zero_outs.start + number] if species == "ox" else state[..., TOTAL] - state[..., 1 + number]
        )
        assert np.allclose(left, mine, rtol=1e-8, atol=1e-8), species


def test_without_zero_outs_of_pairs_only_their_removal_from_ozone_is_unknown(
    told, world: World, tags: Tags, at: Receptors
) -> None:
    name, _, found = told
    thin = replace(tags, pair_zero_outs=False)
    assert thin.width_of("ox") < tags.width_of("ox")
    _, less = run(world, thin, plan(name), at)
    np.testing.assert_array_equal(less.allocation, found.allocation)
    unknown = [list(QUANTITIES).index(quantity) for quantity in ("o3_ugm3", "no2_ugm3")]
    known = np.ones(less.removal.shape, bool)
    for q in unknown:
        known[q, :, tags.inflow :] = False
    np.testing.assert_array_equal(less.removal[known], found.removal[known])
    assert np.isnan(less.removal[~known]).all() and np.isfinite(found.removal).all()


def test_the_truth_names_each_source_as_a_contributor(told, tags: Tags) -> None:
    dataset = dataset_of([told[2]], tags, about={})
    named = list(zip(dataset["sector"].values.tolist(), dataset["place"].values.tolist(), strict=True))
    assert len(set(named)) == len(named) == dataset.sizes["source"] == 9 + 8 + 1 + 72
    assert named[:9] == [(sector, ALL) for sector in SECTORS]
    assert named[17] == (ALL, OUTSIDE) and dataset["source"].values[17] == "inflow"
    coal = dataset["pm25_ugm3_allocation"].sel(source="coal 510100")
    assert (str(coal["sector"].values), str(coal["place"].values), str(coal["kind"].values)) == (
        "coal",
        "510100",
        "pair",
    )


def test_pairs_are_a_choice_that_an_untagged_run_does_not_have(tags: Tags) -> None:
    assert Tags(tags.cities).pairs == () and len(Tags(tags.cities).sources) == 18
    nothing = replace(tags, tagged=False)
    assert nothing.pairs == () and nothing.sources == () and nothing.width_of("ox") == 1
