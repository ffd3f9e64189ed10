"""What is gathered from a short run: the run itself, laws that it must keep, and a check that would notice."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.observe.files import OutFile
from research.virtual_airshed.observe.observer import Manner, observe_days, observer_of
from research.virtual_airshed.reference.simulated import receptors, simulated_days
from research.virtual_airshed.report import blame, checks
from research.virtual_airshed.report.flag_scores import FlagScores
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, contributions, dataset_of, local_split
from research.virtual_airshed.world import World
from standards.averaging import mda8
from standards.pollutants import ITEMS
from streams.sources import parse_file
from tests.research.virtual_airshed.report.conftest import DAYS

PM25, O3 = (list(QUANTITIES).index(name) for name in ("pm25_ugm3", "o3_ugm3"))


def test_it_is_told_how_far_the_run_is(gathered: Gathered, told: list[tuple[str, int, int]]) -> None:
    assert [n for what, n, of in told if what == "days"] == list(range(1, DAYS + 1))
    assert ("forecasts", 2, 2) in told


def test_the_gathered_days_are_those_of_the_same_run_without_tags(gathered: Gathered, world: World) -> None:
    plain = Tags(world.grid.cities, tagged=False)
    stations = receptors(world, gathered.scenario.start)
    whole = scenario("summer_ozone", days=3)
    days = simulate(whole.plan(), world, tags=plain, cells=stations.cells)
    expected = simulated_days(days, stations)
    found = gathered.days.loc[expected.index]
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-8)


def test_the_truth_of_the_days_is_that_of_the_runs_own_file(gathered: Gathered, world: World) -> None:
    tags, stations = Tags(world.grid.cities), receptors(world, gathered.scenario.start)
    days = simulate(scenario("summer_ozone", days=2).plan(), world, tags=tags, cells=stations.cells)
    truth = dataset_of([contributions(day, tags, stations).rounded() for day in days], tags, about={})
    cities = len(world.grid.cities)
    mean = truth["pm25_ugm3_allocation"].isel(time=slice(24, 48)).mean("time").transpose("city", "source")
    assert gathered.causes.allocation[1, PM25, :cities] == pytest.approx(mean.to_numpy(), rel=1e-4, abs=1e-4)
    split = local_split(truth.isel(time=slice(24, 48)), "pm25_ugm3")
    found = blame.Season(
        *(v[1].astype(float) for v in (gathered.causes.total, gathered.causes.allocation, gathered.causes.removal))
    )
    shares = blame.shares_of_places(gathered, found, "pm25_ugm3", area=False)
    whole = truth["pm25_ugm3"].isel(time=slice(24, 48)).mean("time")
    assert shares[0] == pytest.approx((100 * split["local"].mean("time") / whole).to_numpy(), rel=1e-3)


def test_every_part_of_the_truth_adds_up_at_stations_and_over_areas(gathered: Gathered) -> None:
    causes, sectors = gathered.causes, len(SECTORS)
    for quantity in (PM25, O3):
        inflow = causes.allocation[:, quantity, :, -1]
        for part in (slice(0, sectors), slice(sectors, -1)):
            whole = causes.allocation[:, quantity, :, part].sum(axis=-1) + inflow
            assert whole == pytest.approx(causes.total[:, quantity], rel=1e-5, abs=1e-4)
    for area in (False, True):
        shares = blame.shares_of_places(gathered, blame.season_of(gathered, "year"), "pm25_ugm3", area=area)
        assert shares.sum(axis=0) == pytest.approx(np.full(len(gathered.cities), 100.0), abs=1e-3)


def test_ozone_of_the_truth_is_that_of_the_eight_highest_hours(gathered: Gathered) -> None:
    cities = len(gathered.cities)
    by_day = gathered.hours.items[ITEMS.index("o3"), :cities].astype(float).reshape(cities, DAYS, 24)
    highest, _ = mda8(by_day, limit=160.0)
    assert pytest.approx(highest, rel=1e-4) == gathered.causes.total[:, O3, :cities].T


def test_stations_see_more_of_their_own_city_than_its_area_does(gathered: Gathered) -> None:
    # Stations stand among the sources (a design of the network, HJ 664): their local share is the larger one.
    year = blame.season_of(gathered, "year")
    at_stations, over_area = (blame.shares_of_places(gathered, year, "pm25_ugm3", area=a)[0] for a in (False, True))
    assert (at_stations > over_area).sum() >= 6


def test_the_books_close_and_removal_is_what_a_second_run_gives(gathered: Gathered) -> None:
    assert gathered.balance.rest.max() < 1e-9
    assert gathered.balance.tag_rest.max() < 1e-9
    assert max(gathered.allocation_rest.values()) < 1e-8
    assert [each.source for each in gathered.removals] == list(checks.REMOVED)
    for each in gathered.removals:
        assert each.largest_rest.max() < 1e-12
        assert np.abs(each.total - each.foretold).max() > 1.0  # there is something to take away


def test_a_removal_that_is_wrong_would_be_seen(gathered: Gathered) -> None:
    first = gathered.removals[0]
    wrong = dataclasses.replace(first, foretold=first.foretold + 0.01 * first.total)
    assert wrong.largest_rest.min() > 1e-3


def test_quiet_weekends_change_nothing_before_the_first_saturday(gathered: Gathered) -> None:
    weeks = gathered.weeks
    assert weeks is not None and weeks.kept.shape[2:] == (1, 7, 24)
    assert weeks.kept[..., :5, :] == pytest.approx(weeks.changed[..., :5, :], rel=1e-5, abs=1e-5)
    no2 = ITEMS.index("no2")
    assert (weeks.kept[no2, :8, 0, 6].mean(axis=-1) < weeks.changed[no2, :8, 0, 6].mean(axis=-1)).all()


def test_noon_chemistry_is_of_the_summer_hours_alone(gathered: Gathered) -> None:
    noon = gathered.noon
    assert noon.hours == 4 * DAYS
    assert 0.8 < noon.cos_zenith < 1.0  # Chengdu in July: the sun stands within 10 deg of the zenith at noon
    assert (noon.nox_ppb >= 0).all() and (noon.reactivity_per_s > 0).all()
    # Towns of this size are limited by VOC, the forest by NOx: Tan et al. 2018 for Chengdu (abstract), textbook for the rest.
    town, forest = ((gathered.sites.at_row[s], gathered.sites.at_column[s]) for s in (0, -1))
    assert noon.by_nox[town] < 0 < noon.by_reactivity[town]
    assert noon.by_nox[forest] > noon.by_reactivity[forest]


def test_forecasts_are_better_the_next_day_than_later(gathered: Gathered) -> None:
    skill = gathered.skill
    assert isinstance(skill, pd.DataFrame) and set(skill["item"]) == set(ITEMS) and (skill["runs"] == 2).all()
    r = skill[skill["item"] == "pm25"].set_index("lead_day")["r"]
    assert r[0] > 0.8 and r[0] > r[r.index.max()]


def test_flags_are_scored_on_what_the_platform_reads_from_the_files(world: World, tmp_path) -> None:
    # The same day through the files that are written and the platform's own parser: the same values.
    whole = scenario("summer_ozone", days=1, faults=15.0)
    tags = Tags(world.grid.cities, tagged=False)
    day = next(iter(simulate(whole.plan(), world, tags=tags, cells=receptors(world, whole.start).cells)))
    direct = FlagScores(whole, world)
    direct.add(day)
    manner = Manner(seed=whole.seed, faults=whole.faults)
    observer = observer_of(world.grid, world.patterns, world.registry, manner=manner, micro_count=0, tags=tags,
                           cells=receptors(world, whole.start).cells)  # fmt: skip
    (observation,) = observe_days([day], observer)
    codes = observer.network("stations").sites.codes
    values = np.full((len(ITEMS), len(codes), 24), np.nan)
    for file in observation.files:
        if file.path.startswith("stations/") and "review" not in file.path and "revision" not in file.path:
            _fill(values, file, world, tmp_path, codes, day.first_hour)
    assert np.isnan(values).sum() > 0
    assert direct.watched.trial().values == pytest.approx(values, rel=1e-6, nan_ok=True)


def _fill(values: np.ndarray, file: OutFile, world: World, folder, codes: tuple[str, ...], first_hour: int) -> None:
    path = folder / file.path.rpartition("/")[2]
    path.write_text(file.text, encoding="utf-8")
    for block in parse_file(path, world.registry, received_at=0.0).blocks:
        for i, code in enumerate(block.stations):
            begin = block.first_hour - first_hour
            place = values[:, codes.index(code), begin : begin + block.values.shape[-1]]
            place[...] = np.where(np.isnan(place), block.values[:, i], place)


def test_a_run_of_one_day_is_gathered_too(world: World) -> None:
    from research.virtual_airshed.report.gather import gather

    one = gather(scenario("winter_haze", days=1), world, forecasts=3)
    assert (
        one.weeks is None and one.removals == () and one.noon.hours == 0 and one.skill is None and one.quality is None
    )
    assert one.scenario.start == dt.date(2015, 1, 1) and len(one.days) == len(one.cities)
