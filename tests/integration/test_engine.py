"""The real job in a real mini-cluster, with the real processes around it."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from streams import sources
from streams.ingest import units_below
from streams.registry import load
from streams.roster import roster_of
from tests.integration.processes import ROOT, Platform
from tests.streams.replaying import Desks

pytestmark = pytest.mark.flink
SAMPLE = ROOT / "streams" / "sample"
COMPARED = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "air_joined_hour",
            "forecast_station_hour", "episode_event")  # fmt: skip


@pytest.fixture
def platform(tmp_path):
    made = Platform(tmp_path)
    yield made
    made.stop()


def _by_desks(paths: list[Path]) -> tuple[dict, int]:
    registry = load()
    desks, rows = Desks(roster_of(registry)), 0
    for path in paths:
        for unit in units_below(path):
            parsed = sources.parse_file(unit, registry, received_at=0.0)
            rows += sum(parsed.intake.rows_in.values())
            for block in parsed.blocks:
                desks.take(block)
    return desks.rows(), rows


def _assert_same(stored: dict, expected: dict) -> None:
    for table in COMPARED:
        assert stored.get(table, {}).keys() == expected.get(table, {}).keys(), table
        for key, row in expected.get(table, {}).items():
            found = {name: stored[table][key][name] for name in row}
            assert found == row, (table, key)


def test_the_sample_passes_through_flink_into_the_store(platform) -> None:
    expected, rows = _by_desks([SAMPLE])
    platform.start("ingest", "--sample")
    platform.start("pipeline")
    platform.start("store")
    platform.wait_until_drained(rows, 90)
    stored = platform.rows()
    assert len(stored["air_station_hour"]) > 1900 and len(stored["air_joined_hour"]) > 2000
    _assert_same(stored, expected)
    assert sum(r["accepted"] for r in stored["source_hour"].values()) == rows
    assert all(r["duplicate"] == r["late"] == r["rejected"] == 0 for r in stored["source_hour"].values())


def test_kill_9_at_random_moments_loses_and_doubles_nothing(platform, tmp_path) -> None:
    files = _small_files(tmp_path / "files")
    expected, rows = _by_desks([SAMPLE, *files])
    random_, inbox = random.Random(20_260_301), platform.data / "inbox"
    inbox.mkdir()
    arguments = {"ingest": ("--sample",)}
    for name in ("ingest", "pipeline", "store"):
        platform.start(name, *arguments.get(name, ()))
    kills, waiting = 0, list(files)
    victims = [
        "pipeline",
        "store",
        "ingest",
        "store",
        "pipeline",
        "ingest",
        "store",
        "pipeline",
        "ingest",
        "store",
        "pipeline",
        "ingest",
    ]
    for victim in victims:
        for _ in range(-(-len(files) // len(victims))):
            if waiting:
                waiting[0].rename(inbox / waiting.pop(0).name)
            time.sleep(random_.uniform(0.0, 0.25))
        time.sleep(random_.uniform(0.0, 9.0 if victim == "pipeline" else 1.0))
        platform.kill(victim)
        kills += 1
        platform.start(victim, *arguments.get(victim, ()))
    assert kills >= 10 and not waiting
    platform.wait_until_drained(rows, 120)
    stored = platform.rows()
    _assert_same(stored, expected)
    counts = {
        name: sum(r[name] for r in stored["source_hour"].values())
        for name in ("rows_in", "accepted", "duplicate", "late")
    }
    assert counts == {"rows_in": rows, "accepted": rows, "duplicate": 0, "late": 0}


def _small_files(folder: Path) -> list[Path]:
    """Make 48 hourly files of the days after the sample, one hour each, of eight stations."""
    folder.mkdir()
    registry = load()
    stations = [
        next(iter(sorted(s.code for s in registry.stations.values() if s.city == city))) for city in registry.cities
    ]
    made = []
    for hour in range(48):
        path = folder / f"hour-{hour:02d}.csv"
        lines = ["station,hour_end,so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3"]
        for i, station in enumerate(stations):
            end = f"2023-01-{22 + (hour + 1) // 24:02d}T{(hour + 1) % 24:02d}:00:00+08:00"
            lines.append(f"{station},{end},{5 + i},{20 + hour},0.{hour % 9 + 1},{60 + i},{90 + hour},{60 + i + hour}")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.append(path)
    return made


def test_a_line_that_is_no_block_is_stored_as_a_reject(platform) -> None:
    topic = platform.data / "topics" / "obs.station_hour"
    topic.mkdir(parents=True)
    (topic / "0000000000001-hand.jsonl").write_text(
        '510100\t{"schema":"observation/9"}\nno tab at all\n510100\t{broken\n'
    )
    platform.start("ingest", "--sample")
    platform.start("pipeline")
    platform.start("store")
    platform.wait_until_drained(1000, 90)
    rejected = [row for row in platform.rows()["rejected"].values() if row["source"] == "engine"]
    assert sorted(row["value"][:20] for row in rejected) == sorted(
        ['510100\t{"schema":"ob', "no tab at all", "510100\t{broken"]
    )
    assert all(row["expected"] and row["reason"] for row in rejected)


def test_a_job_that_keeps_failing_stops_and_says_why(platform) -> None:
    topics = platform.data / "topics"
    topics.mkdir()
    (topics / "air").symlink_to("/proc/self/status")  # results can never be written there
    platform.start("pipeline")
    process = platform.running["pipeline"]
    assert process.wait(60) == 1
    log = (platform.data / "pipeline.log").read_text()
    assert "the engine stopped" in log and str(topics / "air") in log
