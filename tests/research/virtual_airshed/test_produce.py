"""A whole run in a folder, from the command: same seed same bytes, read by the platform, all of it marked simulated."""

from __future__ import annotations

import filecmp
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from research.virtual_airshed.__main__ import main
from research.virtual_airshed.observe.outbox import read_faults
from research.virtual_airshed.truth import open_truth
from streams import registry as registries
from streams.ingest import units_below
from streams.sources import parse_file

SMALL = [
    "--days",
    "2",
    "--micro-stations",
    "60",
    "--forecast-hours",
    "12",
    "--faults",
    "20",
    "--tags",
    "1",
    "--tag-hours",
    "12",
]
FEEDS = {"stations", "micro", "super", "voc", "composition", "cems", "forecast", "tags", "inventory"}


def command(folder: Path, *more: str) -> int:
    return main(["run", "winter_haze", str(folder), *SMALL, *more])


def names_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert command(folder) == 0
    return folder


def test_the_same_seed_gives_the_same_bytes_in_every_file(laid: Path, tmp_path: Path) -> None:
    assert command(tmp_path / "again") == 0
    names = names_below(laid)
    assert names == names_below(tmp_path / "again") and len(names) > 25
    same, other, missing = filecmp.cmpfiles(laid, tmp_path / "again", names, shallow=False)
    assert (sorted(same), other, missing) == (names, [], [])


def test_a_run_that_was_broken_off_goes_on_to_the_same_bytes(laid: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(laid, broken)
    lost = ["truth/truth.nc", "outbox/micro/micro_20150102.csv", "outbox/forecast/cdaqs_sim_2015010112.nc"]
    for name in lost:
        (broken / name).unlink()
    assert command(broken) == 0
    same, _, _ = filecmp.cmpfiles(laid, broken, names_below(laid), shallow=False)
    assert sorted(same) == names_below(laid)


def test_the_platform_reads_all_of_it_and_rejects_only_what_is_recorded(laid: Path) -> None:
    registry = registries.load(laid / "registry")
    assert {path.name for path in (laid / "outbox").iterdir()} == FEEDS
    faults = [fault for fault in read_faults(laid / "truth") if fault.rejected]
    units = list(units_below(laid / "outbox"))
    assert len(units) > 15 and faults
    for unit in units:
        parsed = parse_file(unit, registry, received_at=0.0)
        assert parsed.blocks and all(block.simulated for block in parsed.blocks), unit
        expected = [f for f in faults if f.file == str(unit.relative_to(laid / "outbox"))]
        # A station that nobody knows is set aside hour by hour, with its code; all else is told in its line.
        told = [(r.position.split(",")[0], r.reason) for r in parsed.rejected if not r.set_aside]
        assert sorted(told) == sorted((f"line {f.line}", f.reason) for f in expected if f.kind != "unknown"), unit
        codes = [code for r in parsed.rejected if r.set_aside for code in r.value.split(", ")]
        # A line of composition is four rows: ions, carbon, elements and the marker.
        rows = 4 if unit.parent.name == "composition" else 1
        assert sorted(codes) == sorted([f"X{f.station}" for f in expected if f.kind == "unknown"] * rows), unit


def test_what_is_not_wanted_is_not_made(tmp_path: Path) -> None:
    assert command(tmp_path, "--no-truth", "--no-observations", "--forecast-layout", "cf", "--tags", "0") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"scenario.toml", "outbox"}
    assert {path.name for path in (tmp_path / "outbox").iterdir()} == {"forecast", "inventory"}


def test_the_truth_of_pairs_and_stations_is_a_choice_that_leaves_all_else_as_it_is(laid: Path, tmp_path: Path) -> None:
    assert command(tmp_path, "--sector-city", "--truth-stations", "--no-forecasts", "--tags", "0") == 0
    new = set(names_below(tmp_path)) - set(names_below(laid))
    assert new == {"truth/truth_stations.nc"} and not (laid / "truth/truth_stations.nc").exists()
    whole, told = open_truth(laid / "truth"), open_truth(tmp_path / "truth")
    assert (whole.sizes["source"], told.sizes["source"]) == (18, 90)
    for name in whole.data_vars:
        mine = told[name].isel(source=slice(18)) if "source" in told[name].dims else told[name]
        # More cells are kept, and sums over them may differ in the last place.
        assert np.allclose(mine, whole[name], rtol=1e-5, atol=1e-6), name
    same, other, missing = filecmp.cmpfiles(laid, tmp_path, sorted(set(names_below(tmp_path)) - new), shallow=False)
    assert (other, missing) == (["truth/truth.nc"], []) and len(same) > 15


def test_a_folder_of_another_run_is_refused_and_left_alone(
    laid: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    folder = tmp_path / "taken"
    folder.mkdir()
    shutil.copy(laid / "scenario.toml", folder)
    assert command(folder, "--seed", "2") == 1
    assert "scenario.toml is there with other content" in caplog.text
    assert names_below(folder) == ["scenario.toml"]


def test_a_scenario_that_nobody_knows_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["run", "nowhere", str(tmp_path / "new")]) == 2
    assert "unknown scenario 'nowhere'" in caplog.text and not (tmp_path / "new").exists()
