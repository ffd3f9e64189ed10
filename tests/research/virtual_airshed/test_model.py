"""Laws of the model over two days of two seasons: books that close, tags that add up, sources that can be taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.model import Model
from research.virtual_airshed.run import Plan, series_of, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import CARRIED, TOTAL, Tags
from research.virtual_airshed.weather.fields import weather_of
from research.virtual_airshed.world import World, shipped_world

HOURS = 30
LINEAR = tuple(name for name in CARRIED if name != "ox")


@pytest.fixture(scope="module")
def world() -> World:
    return shipped_world()


@pytest.fixture(scope="module")
def tags(world: World) -> Tags:
    return Tags(world.grid.cities)


def plan(name: str = "summer_ozone", **changes: object) -> Plan:
    whole = scenario(name, days=2).plan()
    return replace(whole, hours=HOURS, spin_up_days=0, **changes)  # type: ignore[arg-type]


def run(world: World, tags: Tags, wanted: Plan) -> Model:
    """Run a plan from the air outside and give the model at its end."""
    model = Model(world, tags)
    model.fill(weather_of(world.grid, series_of(wanted, wanted.first_hour - 1, 2), wanted.first_hour))
    for _ in simulate(wanted, world, tags=tags, cells=NO_CELLS, model=model):
        pass
    return model


def inner(model: Model, species: str) -> np.ndarray:
    return model.tracers.of(species)[:, 1:-1, 1:-1]


@pytest.fixture(scope="module", params=["summer_ozone", "winter_haze"])
def tagged(request: pytest.FixtureRequest, world: World, tags: Tags) -> Model:
    return run(world, tags, plan(request.param))


@pytest.fixture(scope="module")
def summer(world: World, tags: Tags) -> Model:
    return run(world, tags, plan())


def test_the_books_of_every_species_close(tagged: Model) -> None:
    # What is there, less what came in, was emitted and made, plus what went out and was lost, is what the run began with; it
    # began with the air outside.
    amounts, books = tagged.amounts(), tagged.books
    off = amounts - tagged.first_amounts - books.expected_change()
    for species, amount, rest in zip(CARRIED, amounts, off, strict=True):
        assert abs(rest) < 1e-9 * amount, species


@pytest.mark.parametrize("species", CARRIED)
def test_sectors_and_inflow_add_up_to_the_total_and_so_do_the_cities(tagged: Model, tags: Tags, species: str) -> None:
    state = inner(tagged, species)
    for part in (tags.sectors, tags.of_cities):
        whole = state[..., part].sum(axis=-1) + state[..., tags.inflow]
        assert np.abs(whole - state[..., TOTAL]).max() < 1e-6 * state[..., TOTAL].max()


def test_without_tags_the_totals_are_the_same(summer: Model, world: World, tags: Tags) -> None:
    plain = run(world, replace(tags, tagged=False), plan())
    for species in CARRIED:
        assert np.allclose(inner(plain, species)[..., TOTAL], inner(summer, species)[..., TOTAL], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("source", ["vehicles", "510100"])
def test_taking_a_source_away_takes_its_tag_away(summer: Model, world: World, tags: Tags, source: str) -> None:
    # Brute force: the run again without the source. For what is linear that is the total less the tag, for odd oxygen the zero-out.
    key = ("*", source, "*") if source in SECTORS else (source, "*", "*")
    without = run(world, replace(tags, tagged=False), plan(factors={key: 0.0}))
    number = tags.sources.index(source)
    for species in LINEAR:
        left = inner(summer, species)[..., TOTAL] - inner(summer, species)[..., 1 + number]
        assert np.allclose(inner(without, species)[..., TOTAL], left, rtol=1e-8, atol=1e-8), species
    zero_out = inner(summer, "ox")[..., tags.zero_outs.start + number]
    assert np.allclose(inner(without, "ox")[..., TOTAL], zero_out, rtol=1e-8, atol=1e-8)


def test_taking_all_emissions_away_leaves_the_inflow(summer: Model, world: World, tags: Tags) -> None:
    nothing = run(world, tags, plan(factors={("*", "*", "*"): 0.0}))
    for species in CARRIED:
        state = inner(nothing, species)
        assert np.allclose(state[..., TOTAL], state[..., tags.inflow], rtol=1e-9, atol=1e-9), species
        assert not state[..., tags.sectors].any(), species
        if species != "ox":  # ozone's inflow tag is what the inflow makes beside the others; the rest is linear
            assert np.allclose(state[..., TOTAL], inner(summer, species)[..., tags.inflow], rtol=1e-8, atol=1e-8), (
                species
            )


def test_without_emissions_and_inflow_there_is_no_ozone(summer: Model, world: World, tags: Tags) -> None:
    nothing = run(world, tags, plan(factors={("*", "*", "*"): 0.0}))
    assert np.abs(inner(nothing, "ox")[..., tags.zero_outs.stop - 1]).max() == 0.0


def test_twice_the_emissions_are_twice_the_tags_of_what_is_linear(summer: Model, world: World, tags: Tags) -> None:
    double = run(world, tags, plan(factors={("*", "*", "*"): 2.0}))
    for species in LINEAR:
        assert np.allclose(
            inner(double, species)[..., tags.sectors],
            2 * inner(summer, species)[..., tags.sectors],
            rtol=1e-8,
            atol=1e-8,
        )
    ox = inner(summer, "ox")[..., tags.sectors].sum(), inner(double, "ox")[..., tags.sectors].sum()
    assert ox[1] < 1.9 * ox[0]  # ozone is not


def test_nothing_carried_is_negative_but_parts_of_ozone(tagged: Model, tags: Tags) -> None:
    for species in LINEAR:
        assert inner(tagged, species)[..., : tags.count].min() >= 0.0, species
    assert inner(tagged, "ox")[..., TOTAL].min() > 0.0


def test_the_threads_change_nothing(summer: Model, world: World, tags: Tags) -> None:
    again = Model(world, tags, workers=1)
    again.fill(weather_of(world.grid, series_of(plan(), plan().first_hour - 1, 2), plan().first_hour))
    for _ in simulate(plan(), world, tags=tags, cells=NO_CELLS, model=again):
        pass
    for species in CARRIED:
        assert np.array_equal(inner(again, species), inner(summer, species)), species
