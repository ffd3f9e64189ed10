"""From the model to the platform: two days of a tagged run, observed, parsed, and compared with what the run says."""

from __future__ import annotations

import numpy as np
import pytest

from research.virtual_airshed.observe.observer import Manner, observe, observe_days, observer_for, observer_of
from research.virtual_airshed.observe.sites import RESEARCH_SITES, national_stations, receptors_with, sites_of
from research.virtual_airshed.observe.speciation import SECONDARY
from research.virtual_airshed.receptors import receptors_of
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import VOC_GROUPS, Tags
from research.virtual_airshed.truth import contributions
from research.virtual_airshed.world import shipped_world
from standards.pollutants import ITEMS
from standards.voc.age import photochemical_age
from standards.voc.reactivity import to_ugm3
from streams.sources import parse_file
from tests.research.virtual_airshed.observe.made_days import registry_with

DAYS = 2


@pytest.fixture(scope="module")
def run():
    """Give world, tags, receptors and two days of July after a day of spin-up."""
    world, tags = shipped_world(), Tags(shipped_world().grid.cities)
    receptors = receptors_of(world.grid, [(s.city, s.lon, s.lat) for s in national_stations(world.registry)])
    kept = receptors_with(receptors, sites_of(world.grid, RESEARCH_SITES))
    plan = scenario("summer_ozone", days=DAYS).plan()
    short = type(plan)(**{name: getattr(plan, name) for name in plan.__slots__} | {"spin_up_days": 1})
    return world, tags, receptors, kept, list(simulate(short, world, tags=tags, cells=kept.cells))


@pytest.fixture(scope="module")
def perfect(run):
    """Observe with perfect instruments but their siting."""
    world, tags, _, kept, _ = run
    manner = Manner(seed=1, faults=0.0, noise=0.0)
    return observer_of(
        world.grid, world.patterns, world.registry, manner=manner, micro_count=30, tags=tags, cells=kept.cells
    )


def blocks_of(observation, feed: str, folder, observer):
    for file in observation.files:
        if file.path.startswith(f"{feed}/") and "review" not in file.path:
            path = folder / file.path.rpartition("/")[2]
            path.write_text(file.text, encoding="utf-8")
            parsed = parse_file(path, registry_with(observer), received_at=0.0)
            assert parsed.rejected == []
            yield from parsed.blocks


def test_stations_report_the_runs_air_times_their_siting(run, perfect, tmp_path):
    day, network = run[-1][0], perfect.network("stations")
    ground = day.ground.items()
    seen = 0
    for block in blocks_of(observe(day, perfect), "stations", tmp_path, perfect):
        for i, code in enumerate(block.stations):
            s = network.sites.codes.index(code)
            exact = ground[:, network.sites.row[s], network.sites.column[s]] * network.instruments.siting[:, s, None]
            half = 0.5 * 10.0 ** -np.array(network.instruments.make.decimals)[:, None]
            assert (abs(block.values[:, i] - exact) <= half + 1e-9).all()
            seen += 1
    assert seen == 41


def test_cells_of_super_sites_leave_the_truth_of_the_cities_as_it_is(run):
    _, tags, receptors, kept, days = run
    more = contributions(days[0], tags, kept)
    count = receptors.cells.row.size
    fewer = type(days[0])(
        days[0].first_hour,
        days[0].weather,
        days[0].ground,
        {n: v[:count] for n, v in days[0].tagged.items()},
        days[0].kg,
    )
    np.testing.assert_allclose(more.total, contributions(fewer, tags, receptors).total, rtol=1e-12)


def test_compounds_of_a_super_site_weigh_about_what_the_runs_groups_weigh(run, perfect, tmp_path):
    day, sites = run[-1][0], perfect.voc_sites
    (block,) = blocks_of(observe(day, perfect), "voc", tmp_path, perfect)
    emitted = [i for i, name in enumerate(block.species) if name not in SECONDARY]
    masses = np.nansum(to_ugm3(block.values, block.species)[emitted], axis=0)
    groups = day.ground.at(sites.row, sites.column)
    whole = sum(groups.of(group) for group in VOC_GROUPS)
    # Profiles list 58 to 97 % of the mass (inventories/voc_profiles.csv), some of it the carbonyls left out here.
    assert (masses > 0.45 * whole).all() and (masses < whole).all()


def test_air_at_the_downwind_site_looks_older_by_day(run, perfect, tmp_path):
    day = run[-1][1]
    (block,) = blocks_of(observe(day, perfect), "voc", tmp_path, perfect)
    ratio = block.values[block.species.index("m,p-xylene")] / block.values[block.species.index("ethylbenzene")]
    age = photochemical_age(ratio, initial_ratio=3.5, invalid="missing")
    noon = slice(11, 17)
    urban, downwind = np.nanmean(age.hours[:, noon], axis=1)
    assert downwind > urban


def test_micro_stations_scatter_around_the_runs_air_and_follow_it(run, perfect, tmp_path):
    network = perfect.network("micro")
    pm25, true = [], []
    for observation, day in zip(observe_days(run[-1], perfect), run[-1], strict=True):
        ground = day.ground.items()[ITEMS.index("pm25"), network.sites.row, network.sites.column]
        got = np.full_like(ground, np.nan)
        for block in blocks_of(observation, "micro", tmp_path, perfect):
            for i, code in enumerate(block.stations):
                got[network.sites.codes.index(code)] = block.values[ITEMS.index("pm25"), i]
        pm25.append(got)
        true.append(ground)
    pm25, true = np.concatenate(pm25, axis=1), np.concatenate(true, axis=1)
    correlation = [np.corrcoef(a, b)[0, 1] for a, b in zip(pm25, true, strict=True)]
    assert np.median(correlation) > 0.8
    assert 0.03 < np.std(np.log(pm25.mean(axis=1) / true.mean(axis=1))) < 0.5


def test_an_untagged_run_observes_the_same_stations(run):
    world, tags, _, kept, days = run
    manner = Manner(seed=1, faults=1.0)
    told, untold = (
        observer_of(
            world.grid, world.patterns, world.registry, manner=manner, micro_count=5, tags=own, cells=kept.cells
        )
        for own in (tags, Tags(world.grid.cities, tagged=False))
    )
    with_tags, without = ({f.path: f.text for f in observe(days[0], o).files} for o in (told, untold))
    assert {path for path, text in with_tags.items() if text != without[path]} == {
        "voc/voc_20150701.csv",
        "composition/composition_20150701.csv",
    }


def test_a_scenario_says_how_it_is_observed(run):
    world, tags, _, kept, _ = run
    observer = observer_for(
        scenario("summer_ozone", seed=5, faults=2.0, micro_stations=12), world, tags=tags, cells=kept.cells
    )
    assert observer.manner == Manner(seed=5, faults=2.0)
    assert len(observer.network("micro").sites.codes) == 12 and len(observer.network("stations").sites.codes) == 41
    assert (observer.voc_cells >= 0).all()
