"""What lies below a folder for simulated data is marked as simulated, whatever its files say and however it is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.records import ForecastBlock
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams.intake.watching import Watching

ROOT = Path(__file__).resolve().parents[2]
STATION_HOUR = "station,hour_end,pm25_ugm3,simulated\n{code},2023-01-20T0{hour}:00:00+08:00,40,false\n"


def _station_file(path: Path, code: str, hour: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STATION_HOUR.format(code=code, hour=hour), encoding="utf-8")
    return path


def _blocks(topics: Path) -> list:
    found = []
    for name in messages.TOPICS.values():
        topic = open_topic(topics / name)
        found += [messages.block_from(line) for segment in topic.segments() for line in topic.read(segment)]
    return found


def _watched(tmp_path: Path, folders: list[Path], simulated: list[Path]) -> list:
    """Watch folders until all their files have settled and were read; give the blocks that were published."""
    Watching(tmp_path / "topics", *folders, *simulated, simulated_below=simulated).look(5)
    return _blocks(tmp_path / "topics")


def test_only_what_lies_below_is_marked(tmp_path) -> None:
    real, made_up = tmp_path / "real", tmp_path / "made-up"
    _station_file(real / "a.csv", "1431A")
    _station_file(made_up / "deep" / "b.csv", "1432A")
    marks = {block.stations[0]: block.simulated for block in _watched(tmp_path, [real], [made_up])}
    assert marks == {"1431A": False, "1432A": True}


@pytest.mark.parametrize("relative", [False, True])
def test_a_folder_within_a_watched_one_is_read_once_and_marked(tmp_path, monkeypatch, relative) -> None:
    monkeypatch.chdir(tmp_path)
    outer = tmp_path / "all"
    _station_file(outer / "a.csv", "1431A")
    _station_file(outer / "made-up" / "b.csv", "1432A")
    inner = Path("all/../all/made-up") if relative else outer / "made-up"
    blocks = _watched(tmp_path, [outer], [inner])
    assert sorted((block.stations[0], block.simulated) for block in blocks) == [("1431A", False), ("1432A", True)]


def test_a_link_in_the_folder_lies_in_it_and_one_into_it_leads_there(tmp_path) -> None:
    elsewhere, made_up = _station_file(tmp_path / "elsewhere" / "a.csv", "1431A"), tmp_path / "made-up"
    _station_file(made_up / "b.csv", "1432A")
    (made_up / "link.csv").symlink_to(made_up / "b.csv")
    (made_up / "out.csv").symlink_to(elsewhere)
    (tmp_path / "watched").mkdir()
    (tmp_path / "watched" / "b.csv").symlink_to(made_up / "b.csv")
    blocks = _watched(tmp_path, [tmp_path / "watched"], [made_up])
    assert {(block.stations[0], block.simulated) for block in blocks} == {("1432A", True)}, "a link out is not followed"


def test_every_feed_is_marked(tmp_path, forecast_runs) -> None:
    made_up = tmp_path / "made-up"
    shutil.copytree(ROOT / "tests" / "data" / "emissions", made_up / "emissions")
    (made_up / "emissions" / "meta.toml").write_text('version = "x 2022"\nyear = 2022\nsimulated = false\n')
    shutil.copy(forecast_runs[0], made_up)
    _station_file(made_up / "a.csv", "1431A")
    blocks = _watched(tmp_path, [], [made_up])
    assert {type(block).__name__ for block in blocks} == {"ObservationBlock", "EmissionBlock", "ForecastBlock"}
    assert all(block.simulated for block in blocks)
    assert any(isinstance(block, ForecastBlock) for block in blocks)


def test_the_process_takes_the_option_more_than_once(tmp_path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, code in zip(folders, ("1431A", "1432A"), strict=True):
        _station_file(folder / "a.csv", code)
    _station_file(tmp_path / "data" / "inbox" / "a.csv", "1433A")
    command = [sys.executable, "-m", "streams.ingest", "--data", str(tmp_path / "data")]
    command += [part for folder in folders for part in ("--simulated-watch", str(folder))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and len(blocks := _blocks(tmp_path / "data" / "topics")) < 3:
            time.sleep(0.1)
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert {block.stations[0]: block.simulated for block in blocks} == {"1431A": True, "1432A": True, "1433A": False}
