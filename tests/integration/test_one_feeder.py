"""Real processes on one store: the second one is refused in words, a killed one makes way, a stopped one lets go."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from streams.store import open_store
from streams.store.schema import feeding

WITHIN_S = 60.0


def started(data, store, log) -> subprocess.Popen:
    command = [sys.executable, "-m", "streams.store", "--data", str(data), "--store", str(store)]
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def until(seen) -> None:
    end = time.monotonic() + WITHIN_S
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def place(tmp_path) -> Iterator[tuple]:
    """A data directory, its store, and a function that tells which process holds the store."""
    store = tmp_path / "air.sqlite"
    engine = open_store(store)

    def holder() -> int | None:
        with engine.connect() as connection:
            return connection.scalar(sa.select(feeding.c.pid).where(feeding.c.held))

    yield tmp_path / "data", store, holder
    engine.dispose()


def test_two_copies_of_a_directory_never_feed_one_store_at_once(place, tmp_path):
    data, store, holder = place
    first = started(data, store, tmp_path / "first.log")
    try:
        until(lambda: holder() == first.pid)
        copy = shutil.copytree(data, tmp_path / "copy")
        second = started(copy, store, tmp_path / "second.log")
        assert second.wait(WITHIN_S) == 1
        assert f"fed by process {first.pid}" in (tmp_path / "second.log").read_text()
        os.kill(first.pid, signal.SIGKILL)
        first.wait(WITHIN_S)
        third = started(data, store, tmp_path / "third.log")
        until(lambda: holder() == third.pid)
        third.terminate()
        assert third.wait(WITHIN_S) == 0 and holder() is None
        late = started(copy, store, tmp_path / "late.log")
        assert late.wait(WITHIN_S) == 1
        assert "another copy of the data directory" in (tmp_path / "late.log").read_text()
    finally:
        first.kill()
