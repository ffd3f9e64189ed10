"""Damage at rest under the real engine: rows end as undisturbed, or the place is named; nothing is counted twice."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from infra.check import check
from infra.datadir import DataDirectory
from infra.messages import say
from streams.wire import messages
from tests.integration.processes import Platform
from tests.integration.test_engine import SAMPLE, _assert_same, _by_desks

pytestmark = pytest.mark.flink


@pytest.fixture
def platform(tmp_path):
    made = Platform(tmp_path)
    yield made
    made.stop()


def _wait(platform: Platform, question, within_s: float, what: str) -> None:
    end = time.monotonic() + within_s
    while not question():
        assert time.monotonic() < end, f"{what}\n{platform.tail('pipeline')}"
        time.sleep(0.3)


def _lowest_version(platform: Platform) -> int:
    with platform.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT min(version) FROM air_station_hour")) or 0


def _log(platform: Platform) -> str:
    return (platform.data / "pipeline.log").read_text(encoding="utf-8")


def _assert_books(platform: Platform, rows: int) -> None:
    books = platform.rows()["source_hour"].values()
    names = ("rows_in", "accepted", "duplicate", "late", "rejected")
    sums = {name: sum(each[name] for each in books) for name in names}
    assert sums == {"rows_in": rows, "accepted": rows, "duplicate": 0, "late": 0, "rejected": 0}
    files = platform.rows()["source_file"].values()
    assert all(each["rows_in"] == each["accepted"] and not each["duplicate"] for each in files)


def test_a_damaged_checkpoint_and_lost_ones_end_in_the_same_rows_and_the_same_books(platform) -> None:
    expected, rows = _by_desks([SAMPLE])
    for name, *arguments in (("ingest", "--sample"), ("pipeline",), ("store",)):
        platform.start(name, *arguments)
    platform.wait_until_drained(rows, 200)
    digests = platform.data / "checkpoint-digests"
    _wait(platform, lambda: any(digests.glob("*.json")), 30, "no manifest was written")
    time.sleep(3)
    platform.kill("pipeline")
    newest = max(platform.data.glob("checkpoints/*/chk-*"), key=lambda path: int(path.name[4:]))
    content = bytearray((newest / "_metadata").read_bytes())
    content[len(content) // 2] ^= 16
    (newest / "_metadata").write_bytes(content)
    platform.start("pipeline")
    _wait(platform, lambda: f"{newest.parent.name}/{newest.name}" in _log(platform), 120, "the damage was not said")
    _wait(
        platform, lambda: _lowest_version(platform) > 0 and _log(platform).count("计算引擎就绪") >= 2, 120, "not ready"
    )
    time.sleep(5)
    platform.wait_until_drained(rows, 100)
    _assert_same(platform.rows(), expected)
    _assert_books(platform, rows)
    (told,) = [each for each in platform.rows()["rejected"].values() if each["source"] == "damage"]
    assert told["file"] == f"checkpoints/{newest.parent.name}/{newest.name}" and told["set_aside"]

    platform.kill("pipeline")
    shutil.rmtree(platform.data / "checkpoints")
    before = int(time.time() * 1000) * 1000
    platform.start("pipeline")
    _wait(platform, lambda: _lowest_version(platform) > before, 200, "nothing was made anew")
    platform.wait_until_drained(rows, 100)
    _assert_same(platform.rows(), expected)
    _assert_books(platform, rows)


def test_a_damaged_line_of_a_feed_is_named_under_the_real_engine_and_the_others_are_assessed(platform) -> None:
    platform.start("ingest", "--sample")
    topic = platform.data / "topics" / messages.TOPICS[messages.OBSERVATION]
    _wait(platform, lambda: sum(path.stat().st_size for path in topic.glob("*.jsonl")) > 0, 60, "nothing was read")
    time.sleep(4)
    platform.kill("ingest")
    segment = max(topic.glob("*.jsonl"), key=lambda path: path.stat().st_size)
    content = bytearray(segment.read_bytes())
    content[200] ^= 1
    segment.write_bytes(content)
    platform.start("pipeline")
    platform.start("store")

    def named() -> bool:
        return any(
            each["file"] == f"{topic.name}/{segment.name}" for each in platform.rows().get("rejected", {}).values()
        )

    _wait(platform, named, 200, "the damage was not named")
    _wait(platform, lambda: _lowest_version(platform) > 0, 60, "the others were not assessed")


def test_a_flipped_byte_of_a_shared_file_is_said_until_all_is_worked_out_anew(platform) -> None:
    expected, rows = _by_desks([SAMPLE])
    platform.modules["pipeline"] = "tests.integration.sharing"
    for name, *arguments in (("ingest", "--sample"), ("pipeline",), ("store",)):
        platform.start(name, *arguments)
    platform.wait_until_drained(rows, 200)
    shared = platform.data / "checkpoints"
    _wait(platform, lambda: any(shared.glob("*/shared/*")), 60, "nothing is shared")
    _wait(platform, lambda: any((platform.data / "checkpoint-digests").glob("*.json")), 30, "no manifest")
    platform.kill("pipeline")
    for path in shared.glob("*/shared/*"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    data = DataDirectory(platform.data)
    (fault,) = check(data, data.store_url).faults[:1]
    assert fault.part == "checkpoints" and fault.remedy == say("mend_checkpoints")
    note = platform.data / "run" / "engine.set-back"
    platform.start("pipeline")
    _wait(platform, note.exists, 60, "it was not noted")
    assert json.loads(note.read_text())["kind"] == "topics"
    _wait(platform, lambda: not note.exists(), 200, "it did not end")
    platform.wait_until_drained(rows, 60)
    _assert_same(platform.rows(), expected)
    _assert_books(platform, rows)
    assert check(data, data.store_url).faults == []


def test_a_java_that_is_killed_is_one_line_of_the_log(platform) -> None:
    for name, *arguments in (("ingest", "--sample"), ("pipeline",)):
        platform.start(name, *arguments)
    _wait(platform, lambda: any(platform.data.glob("checkpoints/*/chk-*/_metadata")), 200, "no checkpoint")
    process = platform.running.pop("pipeline")
    before = _log(platform)
    (java,) = [each for each in psutil.Process(process.pid).children(recursive=True) if each.name() == "java"]
    java.kill()
    assert process.wait(60) == 1
    (line,) = _log(platform).removeprefix(before).splitlines()
    assert "Java 进程被信号 9（SIGKILL）结束" in line
    assert not Path((platform.data / "run" / "doors").read_text(encoding="utf-8")).exists(), "its private folder"


def _runs_on(platform: Platform, for_s: float) -> bool:
    """Tell whether the engine is still there after a while."""
    end = time.monotonic() + for_s
    while time.monotonic() < end and platform.running["pipeline"].poll() is None:
        time.sleep(0.5)
    return platform.running["pipeline"].poll() is None


@pytest.mark.parametrize("harm", ["metadata", "state"])
def test_a_checkpoint_that_flink_cannot_start_from_is_gone_back_from_at_the_next_start(platform, harm) -> None:
    expected, rows = _by_desks([SAMPLE])
    for name, *arguments in (("ingest", "--sample"), ("pipeline",), ("store",)):
        platform.start(name, *arguments)
    platform.wait_until_drained(rows, 200)
    time.sleep(3)
    platform.kill("pipeline")
    shutil.rmtree(platform.data / "checkpoint-digests")
    for checkpoint in platform.data.glob("checkpoints/*/chk-*"):
        whole = checkpoint / "_metadata"
        if harm == "metadata":
            whole.write_bytes(whole.read_bytes()[:300])
        else:
            content = whole.read_bytes()
            whole.write_bytes(content[:-1] + bytes((content[-1] ^ 64,)))
            for path in checkpoint.iterdir():
                if path != whole:
                    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for _ in range(4):
        platform.start("pipeline")
        if _runs_on(platform, 60):
            break
        platform.running.pop("pipeline")
    platform.wait_until_drained(rows, 100)
    _assert_same(platform.rows(), expected)
    _assert_books(platform, rows)
    assert any(each["source"] == "damage" for each in platform.rows()["rejected"].values())
