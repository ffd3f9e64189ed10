"""A clock that is wrong at the start, or is set while the platform runs, is said with the remedy."""

from __future__ import annotations

import os

import pytest

from infra.clock_told import ClockTold, at_start
from infra.messages import say
from standards.clocks import ClockWatch

NOW = 1_796_000_000.0
"""30 November 2026, epoch s."""
DAY = 86_400.0


class Hands:
    """A wall's clock and an even one, moved by hand."""

    def __init__(self) -> None:
        self.wall_s, self.even_s = NOW, 0.0

    def wall(self) -> float:
        return self.wall_s

    def even(self) -> float:
        return self.even_s

    def pass_(self, seconds: float) -> None:
        self.wall_s, self.even_s = self.wall_s + seconds, self.even_s + seconds


@pytest.mark.parametrize(
    ("last", "now", "key"),
    [
        (None, NOW, None),
        (NOW - 5 * DAY, NOW, None),
        (NOW + 600, NOW, None),
        (NOW - 400 * DAY, NOW, "clock_ahead"),
        (NOW + 400 * DAY, NOW, "clock_back"),
        (NOW, NOW - 400 * DAY, "clock_early"),
        (None, 0.0, "clock_early"),
    ],
)
def test_a_start_says_what_is_odd_about_the_clock(last, now, key):
    found = at_start(last, now)
    assert (found and found[0]) == key
    if found:
        assert "timedatectl set-ntp true" in say(found[0], **found[1])


@pytest.mark.parametrize(("days", "key"), [(400, "clock_moved_ahead"), (-400, "clock_moved_back")])
def test_a_clock_that_is_set_while_the_platform_runs_is_said_once(tmp_path, days, key):
    hands, said = Hands(), []
    told = ClockTold(tmp_path / "clock", lambda k, **v: said.append((k, v)), wall=hands.wall, even=hands.even)
    for _ in range(3):
        hands.pass_(0.2)
        told.look()
    assert said == []
    hands.wall_s += days * DAY
    for _ in range(500):
        hands.pass_(0.2)
        told.look()
    assert said == [(key, {"hours": "9600.0"})]
    assert told.last() == pytest.approx(hands.wall_s, abs=60), "the note is renewed by the clock as it is"


def test_the_next_start_compares_with_the_last_note(tmp_path):
    hands, said = Hands(), []

    def start() -> None:
        ClockTold(tmp_path / "clock", lambda k, **v: said.append(k), wall=hands.wall, even=hands.even).write()

    start()
    hands.wall_s += 400 * DAY
    start()
    hands.wall_s -= 400 * DAY
    start()
    assert said == ["clock_ahead", "clock_back"]


@pytest.mark.parametrize("content", ["", "nan-sense", "\x00", "1e999x"])
def test_a_note_that_cannot_be_read_is_none(tmp_path, content):
    (tmp_path / "clock").write_text(content, encoding="utf-8")
    hands, said = Hands(), []
    told = ClockTold(tmp_path / "clock", lambda k, **v: said.append(k), wall=hands.wall, even=hands.even)
    assert told.last() is None and said == []


def test_a_note_that_cannot_be_written_ends_nothing(tmp_path):
    hands = Hands()
    told = ClockTold(tmp_path / "gone" / "clock", lambda k, **v: None, wall=hands.wall, even=hands.even)
    told.write()
    assert not os.path.exists(tmp_path / "gone")


def test_a_clock_that_is_trimmed_has_not_moved():
    hands = Hands()
    watch = ClockWatch(hands.wall, hands.even)
    hands.pass_(3600)
    hands.wall_s += 1.5
    assert watch.moved() == 0
    hands.wall_s -= 7200
    assert watch.moved() == -7200 and watch.moved() == 0
    assert watch.since_start() == pytest.approx(-7198.5)
