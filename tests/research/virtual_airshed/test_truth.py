"""The truth of a short run: both partitions add up, removal and allocation agree where they must, and nobody else can read it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.receptors import receptors_of
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import ScenarioError, scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, contributions, dataset_of, local_split, open_truth, save
from research.virtual_airshed.world import shipped_world
from streams import registry, sources

ROOT = Path(__file__).parents[3]
LINEAR = ("so2_ugm3", "nox_ugm3", "co_mgm3", "pm25_primary_ugm3", "sulphate_ugm3", "soa_ugm3")


@pytest.fixture(scope="module", params=["winter_haze", "summer_ozone"])
def truth(request: pytest.FixtureRequest) -> xr.Dataset:
    world = shipped_world()
    tags = Tags(world.grid.cities)
    stations = [(s.city, s.lon, s.lat) for s in world.registry.stations.values()]
    receptors = receptors_of(world.grid, stations)
    days = simulate(scenario(request.param, days=2).plan(), world, tags=tags, cells=receptors.cells)
    return dataset_of((contributions(day, tags, receptors) for day in days), tags, about={"scenario": request.param})


def added_up(truth: xr.Dataset, quantity: str, part: str, names: list[str]) -> xr.DataArray:
    return truth[f"{quantity}_{part}"].astype(float).sel(source=[*names, "inflow"]).sum("source")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_sources_add_up_to_the_whole_in_both_partitions(truth: xr.Dataset, quantity: str) -> None:
    whole = truth[quantity].astype(float)
    scale = float(np.abs(truth[f"{quantity}_allocation"]).max())
    for names in (list(SECTORS), list(truth["city"].values)):
        # Stored in single precision: 1e-6 of the largest part is its rounding.
        assert float(np.abs(added_up(truth, quantity, "allocation", names) - whole).max()) < 2e-6 * max(
            scale, float(whole.max())
        )


@pytest.mark.parametrize("quantity", LINEAR)
def test_what_is_linear_is_removed_as_it_is_allocated(truth: xr.Dataset, quantity: str) -> None:
    assert np.allclose(truth[f"{quantity}_removal"], truth[f"{quantity}_allocation"], rtol=1e-5, atol=1e-6)


def test_ozone_is_removed_otherwise_than_it_is_allocated(truth: xr.Dataset) -> None:
    # Traffic takes ozone away where it is emitted: without it there would be more at night, most in Chengdu.
    night = truth["o3_ugm3_removal"].sel(source="vehicles", city="510100").isel(time=slice(0, 6))
    assert float(night.mean()) < 0
    away = added_up(truth, "o3_ugm3", "removal", list(SECTORS)) - truth["o3_ugm3"]
    assert float(np.abs(away).max()) > 1.0


def test_a_sector_without_nox_and_voc_has_no_part_in_ozone(truth: xr.Dataset) -> None:
    for part in ("allocation", "removal"):
        assert float(np.abs(truth[f"o3_ugm3_{part}"].sel(source="dust")).max()) == 0.0


def test_local_and_far_parts_add_up(truth: xr.Dataset) -> None:
    split = local_split(truth, "pm25_ugm3")
    whole = split["local"] + split["other_cities"] + split["outside"]
    assert np.allclose(whole, truth["pm25_ugm3"], rtol=1e-5)
    assert (split["local"] >= -1e-3).all()
    # Chengdu, the largest, makes more of its own air than Ya'an, the smallest, does.
    share = (split["local"] / truth["pm25_ugm3"]).mean("time")
    assert float(share.sel(city="510100")) > float(share.sel(city="511800"))


def test_the_truth_survives_its_file_and_says_that_it_is_simulated(truth: xr.Dataset, tmp_path: Path) -> None:
    save(truth, tmp_path)
    again = open_truth(tmp_path)
    xr.testing.assert_equal(again, truth)
    assert again.attrs["simulated"] == 1


def test_the_platform_cannot_read_the_truth(truth: xr.Dataset, tmp_path: Path) -> None:
    # Even where the file is dropped into the inbox it brings nothing but its own refusal.
    parsed = sources.parse_file(save(truth, tmp_path), registry.load(), received_at=0.0)
    assert parsed.blocks == []
    assert len(parsed.rejected) == 1


def test_nothing_that_is_judged_can_import_what_opens_the_truth() -> None:
    for package in ("ml", "streams", "standards", "dashboards"):
        for path in (ROOT / package).rglob("*.py"):
            names = [
                name
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
            ]
            assert not any(name.split(".")[0] == "research" for name in names), path


def test_scenarios_are_known_by_name_and_refuse_what_cannot_be() -> None:
    assert scenario("winter_haze", seed=5, days=3).seed == 5
    for changes, word in (
        ({"days": 0}, "days"),
        ({"seed": -1}, "seed"),
        ({"tilts": {"luck": 1.0}}, "luck"),
        ({"moon": 1}, "moon"),
    ):
        with pytest.raises(ScenarioError, match=word):
            scenario("winter_haze", **changes)
    with pytest.raises(ScenarioError, match="full_year"):
        scenario("winter")
