"""A disk that fills while the platform runs, on a file system of its own: said once, on the card too, and over by itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from infra import orphans, ports
from infra.datadir import DataDirectory
from infra.running import announce, running
from infra.trouble_told import TroubleTold
from standards.addresses import sqlite_url
from streams.store import open_store, schema
from streams.store.drained import progress
from tests.infra.test_up import HOST, IDLE, PAGES, ROOT, STORE, read_until
from tests.small_disk import Ballast, small_disk

SAMPLE = ROOT / "streams" / "sample" / "stations.csv"


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 48) as mounted:
        yield mounted


def test_a_full_disk_is_said_on_terminal_and_card_and_ends_nothing(disk):
    port, ballast, data = ports.next_free(18_600), Ballast(disk), DataDirectory(disk)
    environment = {**os.environ, "AIRSHED_HOME": str(disk), "AIRSHED_LANG": "en", "AIRSHED_STORE": ""}
    command = [sys.executable, "-c", HOST, IDLE, PAGES, STORE]
    up = subprocess.Popen(
        [*command, "up", "--port", str(port)], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        read_until(up, "the pages are ready", "first AQI stored")
        before = running(data)
        assert before["troubles"] == []
        ballast.fill()
        said = read_until(up, "the disk is full since")
        assert "nothing" not in said and "make room" in said
        _wait(lambda: running(data)["troubles"])
        (trouble,) = running(data)["troubles"]
        assert trouble["kind"] == "disk" and "磁盘已满" in trouble["zh"]["words"]
        status = subprocess.run([*command, "status"], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert status.returncode == 0 and "the disk is full since" in status.stdout and "make room" in status.stdout
        health = subprocess.run([*command, "health"], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert health.returncode == 1 and "the disk is full since" in health.stdout
        assert running(data)["processes"] == before["processes"], "nobody ended"
        ballast.clear()
        said = read_until(up, "there is room on the disk again")
        assert "the disk is full since" not in said, "it was said once"
        _wait(lambda: not running(data)["troubles"])
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=20)
        assert up.returncode == 0
    finally:
        up.kill()
        orphans.sweep(f"{disk}#", grace_s=0.2)


def test_the_card_finds_room_on_a_full_disk_in_the_place_of_the_one_before(disk):
    data, ballast = DataDirectory(disk).create(), Ballast(disk)
    announce(data, {"pid": 1, "troubles": []})
    ballast.fill()
    announce(data, {"pid": 1, "troubles": [{"kind": "disk"}]})
    assert json.loads(data.card.read_text()) == {"pid": 1, "troubles": [{"kind": "disk"}]}
    with pytest.raises(OSError):
        announce(data, {"pid": 1, "much": "x" * 100_000})
    assert json.loads(data.card.read_text())["troubles"] == [{"kind": "disk"}]


def test_reading_and_storing_lose_and_double_nothing_over_a_full_disk(disk):
    data, ballast = DataDirectory(disk).create(), Ballast(disk)
    store = sqlite_url(disk / "store.sqlite")
    engine = open_store(store)
    processes = [_start(data, "streams.ingest"), _start(data, "streams.store", "--store", store)]
    try:
        shutil.copy(SAMPLE, data.inbox / "first.csv")
        _wait(lambda: _rows_in(engine) > 0, 90)
        rows = _rows_in(engine)
        (disk / "second.csv").write_bytes(SAMPLE.read_bytes() + b"\n")
        ballast.fill()
        (disk / "second.csv").rename(data.inbox / "second.csv")  # which takes no room
        time.sleep(6)
        assert all(process.poll() is None for process in processes), "a full disk ends neither"
        assert _rows_in(engine) == rows
        ballast.clear()
        _wait(lambda: _rows_in(engine) == 2 * rows, 120)
        assert not progress(engine, data.topics).waiting_segments
        with engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(schema.source_file)) == 2
            assert connection.scalar(sa.select(sa.func.count()).select_from(schema.rejected)) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
        engine.dispose()


def test_a_store_that_is_away_is_told_once_by_kind_and_so_is_its_return(tmp_path):
    data, said = DataDirectory(tmp_path).create(), []
    told = TroubleTold(data, _Idle(), lambda key, **values: said.append((key, values)), room=lambda _: 1e6)
    for kind in ("unreachable", "unreachable", "refused", "refused"):
        data.store_away.write_text(json.dumps({"kind": kind, "since": 1_796_000_000.0}))
        assert [each.name for each in told.look()] == [kind]
    data.store_away.write_text("{")
    assert told.look() == []
    assert [key for key, _ in said] == ["trouble", "trouble", "store_there"]


class _Idle:
    seats = ()

    def missing(self) -> dict:
        return {}

    def hurry(self) -> None:
        pass


def _start(data: DataDirectory, module: str, *arguments: str) -> subprocess.Popen:
    log = (data.root.parent / f"{module}.log").open("ab")
    return subprocess.Popen(
        [sys.executable, "-m", module, "--data", str(data.root), *arguments], cwd=ROOT, stdout=log, stderr=log
    )


def _rows_in(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(schema.source_total.c.rows_in), 0)))


def _wait(condition, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
