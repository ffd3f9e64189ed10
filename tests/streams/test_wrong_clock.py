"""From files to the store while the clock is set back and ahead by 400 days: the correction that came last is what is stored."""

from __future__ import annotations

import shutil
import time
from itertools import product

import pytest

from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.wire.stamps import next_stamp
from tests.streams.test_releases import FIRST, ROSTER, Platform

NOW = 1_796_000_000.0
"""30 November 2026, epoch s."""
JUMP = 400 * 86_400.0


class Wall:
    """The machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def wall(monkeypatch) -> Wall:
    found = Wall()
    monkeypatch.setattr(time, "time", found)
    return found


def assess(platform: Platform) -> None:
    """Take the topics to the store by a new state, as after it was lost: all that it gives must stand above what is stored."""
    shutil.rmtree(platform.folder / "history", ignore_errors=True)
    History(
        platform.folder / "topics", platform.folder / "history", ROSTER, StoreSink(platform.store), workers=0,
        stamp=lambda: next_stamp(platform.folder),
    ).run()  # fmt: skip


@pytest.mark.parametrize(
    "jumps", list(product((-JUMP, JUMP), repeat=2)), ids=lambda jumps: "".join("+" if j > 0 else "-" for j in jumps)
)
def test_corrections_win_whatever_was_done_to_the_clock(store, tmp_path, wall, jumps):
    platform = Platform(tmp_path, store)
    for number, jump in enumerate((0.0, *jumps, -sum(jumps))):
        wall.now += jump + 60
        value = 50 + number
        platform.bring(f"{number}.csv", FIRST.replace("940", str(value)), wall.now - 10)
        wall.now += 60
        assess(platform)
        assert platform.station()["pm25_ugm3"] == value
