"""A segment that is damaged under running processes and put back as the handbook says: rows and books end as undisturbed."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from infra.handbook.entries import entries
from streams.wire import messages
from streams.wire.seals import checked
from tests.integration.processes import Platform
from tests.integration.test_damage import _assert_books, _wait
from tests.integration.test_engine import SAMPLE, _assert_same, _by_desks

pytestmark = pytest.mark.flink
FEED = messages.TOPICS[messages.OBSERVATION]


@pytest.fixture
def platform(tmp_path):
    made = Platform(tmp_path)
    yield made
    made.stop()


def _flip_a_line(path: Path) -> None:
    """Flip a bit in the longest line of a segment."""
    with open(path, "rb") as file:
        place = max(checked(file, path.name), key=lambda line: len(line.text)).start
    content = bytearray(path.read_bytes())
    content[place + 100] ^= 1
    path.write_bytes(content)


def _damages(platform: Platform) -> list[dict]:
    return [each for each in platform.rows().get("rejected", {}).values() if each["source"] == "damage"]


def _open(platform: Platform) -> int:
    return sum(not each["set_aside"] for each in _damages(platform))


def _put_back(platform: Platform, backup: Path, place: str) -> None:
    """Type what the handbook says: the folder of the place, then the very file."""
    told = {entry.key: entry for entry in entries()}["segment-damaged"].commands
    folder, _, segment = place.rpartition("/")
    values = {"FOLDER": folder, "SEGMENT": segment, "NEW": str(backup), "DATA": str(platform.data)}
    for command in told:
        if command.startswith(("mkdir", "cp")):
            words = command.split()
            for name, value in values.items():
                words = [word.replace(name, value) for word in words]
            subprocess.run(words, check=True)


def test_a_segment_of_a_feed_that_is_put_back_brings_its_rows_and_the_books_balance(platform, tmp_path) -> None:
    expected, rows = _by_desks([SAMPLE])
    platform.start("ingest", "--sample")
    topic = platform.data / "topics" / FEED
    _wait(platform, lambda: any(topic.glob("*.jsonl")), 120, "nothing was read")
    time.sleep(4)
    platform.kill("ingest")
    backup = tmp_path / "backup"
    shutil.copytree(platform.data / "topics", backup / "topics")
    segment = max(topic.glob("*.jsonl"), key=lambda path: path.stat().st_size)
    _flip_a_line(segment)
    platform.start("pipeline")
    platform.start("store")
    _wait(platform, lambda: _open(platform) == 1, 240, "the damage was not named")
    time.sleep(3)
    assert platform.rows().get("air_station_hour", {}) != expected["air_station_hour"]
    platform.kill("store")  # its next start looks at once
    (told,) = _damages(platform)
    _put_back(platform, backup, told["file"])
    platform.start("store")
    _wait(platform, lambda: _open(platform) == 0, 120, "the damage did not end")
    platform.wait_until_drained(rows, 200)
    _assert_same(platform.rows(), expected)
    _assert_books(platform, rows)
    platform.kill("pipeline")
    platform.start("pipeline")
    time.sleep(15)
    _assert_books(platform, rows)


@pytest.mark.parametrize("remedy", ["put back", "worked out anew"])
def test_a_segment_of_results_that_is_put_back_or_worked_out_anew_brings_its_rows(platform, tmp_path, remedy) -> None:
    expected, rows = _by_desks([SAMPLE])
    for name, *arguments in (("ingest", "--sample"), ("pipeline",)):
        platform.start(name, *arguments)
    air = platform.data / "topics" / messages.RESULT_TOPIC

    def visible() -> list[Path]:
        return [path for path in air.rglob("*") if path.is_file() and path.name[0] not in "._"]

    _wait(platform, lambda: sum(path.stat().st_size for path in visible()) > 0, 240, "nothing was assessed")
    size = 0
    while size != (size := sum(path.stat().st_size for path in visible())):
        time.sleep(8)
    platform.kill("pipeline")
    platform.kill("ingest")
    backup = tmp_path / "backup"
    shutil.copytree(platform.data / "topics", backup / "topics")
    damaged = max(visible(), key=lambda path: path.stat().st_size)
    _flip_a_line(damaged)
    platform.start("store")
    _wait(platform, lambda: _open(platform) == 1, 120, "the damage was not named")
    (told,) = _damages(platform)
    assert told["file"] == str(damaged.relative_to(platform.data / "topics")) and told["file"].count("/") == 2

    wanted = expected["air_station_hour"].keys()
    assert platform.rows().get("air_station_hour", {}).keys() != wanted
    platform.kill("store")
    if remedy == "put back":
        _put_back(platform, backup, told["file"])
    else:
        (aside := tmp_path / "aside").mkdir()
        for name in ("checkpoints", "archive"):
            if (platform.data / name).exists():
                shutil.move(platform.data / name, aside / name)
        platform.start("pipeline")
    platform.start("store")
    _wait(platform, lambda: platform.rows()["air_station_hour"].keys() == wanted, 240, "the rows did not come")
    platform.wait_until_drained(rows, 200)
    _assert_same(platform.rows(), expected)
    _assert_books(platform, rows)
    # What was worked out anew leaves the file itself as it is.
    assert _open(platform) == (0 if remedy == "put back" else 1)


def test_an_original_file_that_comes_again_brings_the_values_and_the_books_say_what_the_first_one_lost(
    platform,
) -> None:
    expected, rows = _by_desks([SAMPLE])
    inbox = platform.data / "inbox"
    inbox.mkdir(exist_ok=True)
    original = inbox / "stations.csv"
    shutil.copy(SAMPLE / "stations.csv", original)
    platform.start("ingest")
    topic = platform.data / "topics" / FEED
    _wait(platform, lambda: any(topic.glob("*.jsonl")), 120, "nothing was read")
    time.sleep(4)
    segment = max(topic.glob("*.jsonl"), key=lambda path: path.stat().st_size)
    _flip_a_line(segment)
    platform.start("pipeline")
    platform.start("store")
    _wait(platform, lambda: _open(platform) == 1, 240, "the damage was not named")
    original.touch()
    wanted = expected["air_station_hour"].keys()
    _wait(
        platform, lambda: platform.rows().get("air_station_hour", {}).keys() >= wanted, 200, "the values did not come"
    )
    time.sleep(5)
    books = platform.rows()["source_hour"].values()
    lost = sum(
        each["rows_in"] - sum(each[name] for name in ("accepted", "duplicate", "late", "rejected")) for each in books
    )
    assert lost > 0 and sum(each["rows_in"] for each in books) == 2 * rows
    assert sum(each["accepted"] for each in books) == rows and _open(platform) == 1
