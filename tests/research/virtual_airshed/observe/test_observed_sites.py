"""Where instruments stand: real stations, invented ones inside their cities, all known to a registry."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from research.virtual_airshed.grid import Cells, shipped_grid
from research.virtual_airshed.inventories.places import seats
from research.virtual_airshed.observe.clock import hour_labelled, label, place_in_day, stamp
from research.virtual_airshed.observe.micro import MOST, micro_stations
from research.virtual_airshed.observe.sites import (
    BACKGROUND_SITE,
    RESEARCH_SITES,
    SUPER_SITES,
    kept_places,
    national_stations,
    receptors_with,
    sites_of,
)
from research.virtual_airshed.receptors import Receptors, receptors_of
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, contributions
from research.virtual_airshed.weather.climate import season_of
from research.virtual_airshed.world import shipped_world
from standards.days import first_hour_of_day, natural_day
from streams import registry as registries
from streams.registry.places import COUNTING_KINDS, REFERENCE_KINDS
from tests.research.virtual_airshed.observe.made_days import FIRST_HOUR

REGISTRY = registries.load()
GRID = shipped_grid()
MICRO = micro_stations(GRID, REGISTRY, count=600, seed=4)


def test_the_national_stations_are_the_41_of_the_shipped_registry():
    # tests/streams and the data set stations/ count 41 of them in the eight cities.
    stations = national_stations(REGISTRY)
    assert len(stations) == 41
    assert {station.city for station in stations} == set(REGISTRY.cities)


def test_micro_stations_stand_inside_the_outlines_of_their_cities():
    for city in REGISTRY.cities:
        own = [station for station in MICRO if station.city == city]
        assert own
        assert shapely.contains_xy(REGISTRY.outline(city), [s.lon for s in own], [s.lat for s in own]).all()


def test_micro_stations_stand_where_people_live():
    # Shares of the cities as of the seats' people, within four standard deviations of drawing 600 of them.
    people = {city: sum(seat.urban_population_10k for seat in seats() if seat.city == city) for city in REGISTRY.cities}
    for city, own in people.items():
        share = own / sum(people.values())
        drawn = sum(station.city == city for station in MICRO) / len(MICRO)
        assert abs(drawn - share) < 4 * np.sqrt(share * (1 - share) / len(MICRO))


def test_a_micro_station_stands_where_it_stands_whatever_the_count():
    assert micro_stations(GRID, REGISTRY, count=40, seed=4) == MICRO[:40]
    assert micro_stations(GRID, REGISTRY, count=40, seed=5) != MICRO[:40]


def test_micro_stations_have_codes_in_order_and_say_that_they_are_simulated():
    assert [station.code for station in MICRO[:3]] == ["SIM-M0001", "SIM-M0002", "SIM-M0003"]
    assert all("simulated" in s.source and "模拟" in s.name_zh and s.kind == "micro" for s in MICRO)


@pytest.mark.parametrize("count", [-1, MOST + 1])
def test_a_count_that_cannot_be_is_refused(count):
    with pytest.raises(ValueError, match=f"count is {count}, expected 0 to"):
        micro_stations(GRID, REGISTRY, count=count, seed=1)


def test_the_second_super_site_lies_downwind_of_the_first_in_the_mean_wind():
    first, second = SUPER_SITES
    towards = np.array([(second.lon - first.lon) * np.cos(np.radians(30.5)), second.lat - first.lat])
    year = season_of(FIRST_HOUR + np.arange(0.0, 8_760.0, 24.0))
    wind = np.array([year.towards_east.mean(), year.towards_north.mean()])
    assert towards @ wind / np.linalg.norm(towards) / np.linalg.norm(wind) > np.cos(np.radians(30))
    assert 20 < 111.32 * np.linalg.norm(towards) < 50  # km: some hours at the usual wind of 2 to 3 m/s


def test_super_sites_lie_in_chengdu():
    assert shapely.contains_xy(
        REGISTRY.outline("510100"), [s.lon for s in SUPER_SITES], [s.lat for s in SUPER_SITES]
    ).all()


def test_the_background_site_stands_outside_all_cities_and_counts_for_none():
    assert not any(
        shapely.contains_xy(REGISTRY.outline(city), BACKGROUND_SITE.lon, BACKGROUND_SITE.lat)
        for city in REGISTRY.cities
    )
    assert BACKGROUND_SITE.kind in REFERENCE_KINDS and BACKGROUND_SITE.kind not in COUNTING_KINDS


def test_the_background_site_lies_on_the_side_from_which_the_mean_wind_blows():
    year = season_of(FIRST_HOUR + np.arange(0.0, 8_760.0, 24.0))
    (row,), (column,) = GRID.cells_of(np.array([BACKGROUND_SITE.lon]), np.array([BACKGROUND_SITE.lat]))
    rows, columns = np.nonzero(GRID.city >= 0)
    away = np.array([column - columns.mean(), row - rows.mean()])  # from the middle of the cities, in cells
    wind = np.array([year.towards_east.mean(), year.towards_north.mean()])
    assert away @ wind / np.linalg.norm(away) / np.linalg.norm(wind) < -np.cos(np.radians(35))


@pytest.mark.parametrize("name", ["winter_haze", "summer_ozone", "spring_dust", "clean_autumn"])
def test_more_than_four_fifths_of_the_particles_at_the_background_site_come_from_outside(name):
    # Seed 77 is used for nothing else.
    world, tags = shipped_world(), Tags(GRID.cities)
    site, chosen = sites_of(GRID, [BACKGROUND_SITE]), scenario(name, days=5, seed=77)
    at = Receptors(("here",), Cells(site.row, site.column), np.ones((1, 1)))
    whole = outside = 0.0
    for day in simulate(chosen.plan(), chosen.world(world), tags=tags, cells=at.cells):
        found = contributions(day, tags, at)
        pm25 = list(QUANTITIES).index("pm25_ugm3")
        whole += found.total[pm25].sum()
        outside += found.allocation[pm25][:, tags.inflow - 1].sum()
    assert outside > 0.8 * whole > 0


def test_cells_of_research_sites_join_the_receptors_without_weight():
    receptors = receptors_of(GRID, [(s.city, s.lon, s.lat) for s in national_stations(REGISTRY)])
    sites = sites_of(GRID, RESEARCH_SITES)
    more = receptors_with(receptors, sites)
    assert isinstance(more, Receptors)
    assert (kept_places(more.cells, sites) >= 0).all()
    np.testing.assert_array_equal(more.weight[:, : receptors.cells.row.size], receptors.weight)
    assert not more.weight[:, receptors.cells.row.size :].any()
    assert receptors_with(more, sites) is more


def test_a_cell_that_is_not_kept_is_told():
    sites = sites_of(GRID, SUPER_SITES)
    assert kept_places(Cells(sites.row[:1], sites.column[:1]), sites).tolist() == [0, -1]


def test_midnight_belongs_to_the_day_before():
    day = natural_day(FIRST_HOUR)
    assert label(FIRST_HOUR) == "2015-01-01T01:00+08:00"
    assert label(FIRST_HOUR + 23) == "2015-01-02T00:00+08:00"
    assert natural_day(FIRST_HOUR + 23) == day and natural_day(FIRST_HOUR + 24) == day + 1
    assert place_in_day(FIRST_HOUR) == 0 and place_in_day(FIRST_HOUR + 23) == 23
    assert first_hour_of_day(int(day)) == FIRST_HOUR and hour_labelled(label(FIRST_HOUR)) == FIRST_HOUR


def test_files_are_named_after_their_hours():
    assert stamp(FIRST_HOUR, 24) == "20150101"
    assert stamp(FIRST_HOUR + 23, 1) == "20150101T24"
    assert stamp(FIRST_HOUR + 8, 16) == "20150101T09-24"
    assert stamp(FIRST_HOUR + 8, 24) == "20150101T09-0102T08"


def test_a_time_that_is_not_on_the_hour_is_refused():
    with pytest.raises(ValueError, match="expected a full hour"):
        hour_labelled("2015-01-01T01:30+08:00")
