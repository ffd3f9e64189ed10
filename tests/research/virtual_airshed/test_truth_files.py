"""The truth in files: at stations beside cities, written day by day, the same bytes for the same run."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from research.virtual_airshed.produce import receptors_in, stations_in
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import Scenario, scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, Contributions, contributions, dataset_of, open_truth
from research.virtual_airshed.truth_files import STATIONS_FILE, StationTruth, TruthFolder, open_station_truth
from research.virtual_airshed.world import shipped_world
from streams.registry.places import COUNTING_KINDS

PARTS = ("", "_allocation", "_removal")
Run = tuple[Scenario, StationTruth, list[Contributions], Tags]


@pytest.fixture(scope="module")
def run() -> Run:
    """Give two days of July with pairs, where truth is taken, and the truth."""
    world, chosen = shipped_world(), scenario("summer_ozone", days=2)
    tags = Tags(world.grid.cities, sector_city=True, pair_zero_outs=True)
    at = stations_in(world, receptors_in(world, chosen.start), chosen.start)
    days = simulate(chosen.plan(), world, tags=tags, cells=at.receptors.cells)
    return chosen, at, [contributions(day, tags, at.receptors) for day in days], tags


def keep(folder: Path, run: Run, *, days: slice = slice(None)) -> None:
    chosen, at, found, tags = run
    span = {"first_hour": chosen.first_hour, "hours": chosen.hours, "about": {"scenario": "x"}}
    with TruthFolder(folder, tags, at, **span) as truth:
        for day in found[days]:
            truth.add(day)


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("truth")
    keep(path, run)
    return path


def test_there_is_a_truth_at_every_national_station_and_research_site(folder: Path) -> None:
    with open_station_truth(folder) as truth:
        kinds = truth["station_kind"].values.tolist()
        assert (kinds.count("national"), kinds.count("super"), kinds.count("background")) == (41, 2, 1)
        assert {"SIM-S01", "SIM-B01", "1431A"} <= set(truth["station"].values)
        assert truth.sizes["source"] == 90 and truth.attrs["simulated"] == 1
        assert all(np.isfinite(truth[f"{name}{part}"]).all() for name in QUANTITIES for part in PARTS)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_truth_of_a_city_is_the_weighted_mean_of_its_stations(folder: Path, quantity: str) -> None:
    cities = open_truth(folder)
    with open_station_truth(folder) as stations:
        for part in PARTS:
            name = f"{quantity}{part}"
            weighted = (stations[name] * stations["weight"]).groupby("city").sum().sel(city=cities["city"])
            # Both are stored in single precision: 1e-6 of the largest value is its rounding.
            assert float(np.abs(weighted - cities[name]).max()) < 2e-6 * float(np.abs(stations[name]).max()), name


def test_only_assessment_points_have_a_weight_and_those_of_a_city_add_up_to_one(folder: Path) -> None:
    with open_station_truth(folder) as truth:
        counts = truth["weight"] > 0
        assert set(truth["station_kind"].values[counts.values]) <= set(COUNTING_KINDS)
        np.testing.assert_allclose(truth["weight"].groupby("city").sum(), 1.0)


def test_at_each_station_sources_add_up_to_the_whole(folder: Path) -> None:
    with open_station_truth(folder) as truth:
        for quantity in QUANTITIES:
            parts, whole = truth[f"{quantity}_allocation"].astype(float), truth[quantity].astype(float)
            for kind in ("sector", "city", "pair"):
                rest = parts.isel(source=np.isin(truth["kind"], (kind, "inflow"))).sum("source") - whole
                assert float(np.abs(rest).max()) < 4e-6 * float(np.abs(parts).max()), (quantity, kind)


def test_the_background_site_gets_its_air_from_outside(folder: Path) -> None:
    with open_station_truth(folder) as truth:
        pm25 = truth["pm25_ugm3_allocation"].sel(source="inflow").sum("time") / truth["pm25_ugm3"].sum("time")
        assert str(pm25["station"].values[pm25.values.argmax()]) == "SIM-B01"


def test_what_is_written_day_by_day_is_what_is_put_together_at_once(run: Run, folder: Path) -> None:
    chosen, at, found, tags = run
    cities = [
        Contributions(d.first_hour, *(v[:, : at.cities] for v in (d.total, d.allocation, d.removal))) for d in found
    ]
    at_once = dataset_of(cities, tags, about={"scenario": "x"})
    xr.testing.assert_equal(open_truth(folder), at_once)
    assert open_truth(folder)["time"].values[0] == np.datetime64(chosen.first_hour, "h")
    assert {name: open_truth(folder)[name].attrs["units"] for name in QUANTITIES} == QUANTITIES


def test_the_same_run_gives_the_same_bytes_and_leaves_nothing_else(run: Run, folder: Path, tmp_path: Path) -> None:
    keep(tmp_path, run)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["truth.nc", STATIONS_FILE]
    assert [(tmp_path / name).read_bytes() for name in names] == [(folder / name).read_bytes() for name in names]


def test_a_run_that_breaks_off_leaves_no_truth_under_its_name_and_the_next_one_does(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    chosen, at, found, tags = run
    with (
        pytest.raises(RuntimeError, match="power"),
        TruthFolder(tmp_path, tags, at, first_hour=chosen.first_hour, hours=chosen.hours, about={}) as truth,
    ):
        truth.add(found[0])
        raise RuntimeError("power")
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    keep(tmp_path, run)
    assert (tmp_path / STATIONS_FILE).read_bytes() == (folder / STATIONS_FILE).read_bytes()


def test_without_pairs_the_truth_of_the_cities_is_the_file_that_it_always_was(run: Run, tmp_path: Path) -> None:
    chosen, at, found, tags = run
    plain = Tags(tags.cities)
    cut = [Contributions(d.first_hour, d.total, *(v[:, :, :18] for v in (d.allocation, d.removal))) for d in found]
    for name, places in (("with", at), ("without", None)):
        with TruthFolder(tmp_path / name, plain, places, first_hour=chosen.first_hour, hours=48, about={}) as truth:
            for day in cut:
                cities = Contributions(
                    day.first_hour, *(v[:, : at.cities] for v in (day.total, day.allocation, day.removal))
                )
                truth.add(day if places else cities)
    assert (tmp_path / "with" / "truth.nc").read_bytes() == (tmp_path / "without" / "truth.nc").read_bytes()
    assert not (tmp_path / "without" / STATIONS_FILE).exists()
    with pytest.raises(FileNotFoundError):
        open_station_truth(tmp_path / "without")
    with open_station_truth(tmp_path / "with") as truth:
        assert truth["source"].values.tolist() == list(plain.sources) and "place" not in truth.coords


def test_stations_of_one_cell_share_its_air(run: Run) -> None:
    _, at, found, _ = run
    cells = [int(np.flatnonzero(row)[0]) for row in at.receptors.weight[at.cities :]]
    twins = [(i, j) for i, j in itertools.combinations(range(len(cells)), 2) if cells[i] == cells[j]]
    assert twins
    for i, j in twins:
        np.testing.assert_array_equal(found[0].total[:, at.cities + i], found[0].total[:, at.cities + j])
