"""A backup that is taken in the middle of the work, restored under the real engine, ends in the rows of an undisturbed run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.integration.processes import ROOT, Platform
from tests.integration.test_damage import _assert_books
from tests.integration.test_engine import SAMPLE, _assert_same, _by_desks

pytestmark = pytest.mark.flink


def airshed(*command: str) -> str:
    environment = {**os.environ, "AIRSHED_LANG": "en", "AIRSHED_BOOTSTRAP": "off"}
    done = subprocess.run(
        (sys.executable, "-m", "infra", *command), cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def started(data: Path) -> Platform:
    platform = Platform(data)
    platform.start("pipeline")
    platform.start("ingest", "--sample")
    platform.start("store")
    return platform


@contextlib.contextmanager
def in_mid_work(data: Path) -> Iterator[None]:
    """Have a platform run until something of the sample is stored, and stop it at the end of the block."""
    data.mkdir()
    platform, end = started(data), time.monotonic() + 200
    try:
        while not stored(platform):
            assert time.monotonic() < end, platform.tail("pipeline")
            time.sleep(0.05)
        yield
    finally:
        platform.stop()


def stored(platform: Platform) -> int:
    with platform.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM air_station_hour"))


@pytest.mark.parametrize("place", ["the same", "another"])
def test_rows_and_books_end_as_undisturbed_after_a_restore(place, tmp_path) -> None:
    expected, rows = _by_desks([SAMPLE])
    data, backups = tmp_path / "成都 data", tmp_path / "备份"
    with in_mid_work(data):
        airshed("backup", str(backups), "--data", str(data))
    shutil.rmtree(data)
    new = data if place == "the same" else tmp_path / "elsewhere"
    airshed("restore", str(backups), "--data", str(new))
    airshed("check", "--data", str(new))
    platform = started(new)
    try:
        time.sleep(3)
        platform.wait_until_drained(rows, 200)
        _assert_same(platform.rows(), expected)
        _assert_books(platform, rows)
    finally:
        platform.stop()
    assert data.exists() == (place == "the same"), "nothing was written where it had been"
    airshed("check", "--data", str(new))
    before = platform.rows()
    platform.engine.dispose()
    airshed("rebuild", "--data", str(new))
    after = platform.rows()
    assert {name for name in before if before[name] != after[name]} <= {"row_history"}
    platform.engine.dispose()


def test_a_data_directory_that_was_moved_goes_on_and_writes_nothing_where_it_was(tmp_path) -> None:
    expected, rows = _by_desks([SAMPLE])
    data, new = tmp_path / "before", tmp_path / "以后 and longer"
    with in_mid_work(data):
        pass
    data.rename(new)
    platform = started(new)
    try:
        platform.wait_until_drained(rows, 200)
        _assert_same(platform.rows(), expected)
        _assert_books(platform, rows)
        assert "已改为指向新位置" in platform.tail("pipeline")
    finally:
        platform.stop()
    assert not data.exists(), [str(path) for path in data.rglob("*")]
