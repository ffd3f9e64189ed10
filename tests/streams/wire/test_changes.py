"""Has anything come into a folder? Nothing may be overlooked; at rest nothing may be said."""

from __future__ import annotations

import os

import pytest

from streams.wire.changes import SETTLED_NS, FolderChanges

TICK = 1_700_000_000_000_000_000
LATER = TICK + 10 * SETTLED_NS


class Clock:
    """A clock that tests set [ns]."""

    now = LATER

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes(tmp_path, clock) -> FolderChanges:
    (tmp_path / "day").mkdir()
    stamp(tmp_path, TICK)
    stamp(tmp_path / "day", TICK)
    found = FolderChanges(tmp_path, clock_ns=clock)
    assert found.look() == ["", "day"]
    return found


def stamp(folder, now: int) -> None:
    os.utime(folder, ns=(now, now))


def test_nothing_is_said_of_a_folder_at_rest(changes):
    assert changes.look() == [] and changes.look() == []


def test_a_file_is_seen_in_the_folder_and_in_a_folder_in_it(tmp_path, changes):
    (tmp_path / "file").touch()
    stamp(tmp_path, TICK + 1)
    assert changes.look() == [""]
    (tmp_path / "day" / "file").touch()
    stamp(tmp_path / "day", TICK + 2)
    assert changes.look() == ["day"]
    assert changes.look() == []


def test_a_new_folder_is_looked_into_and_one_that_went_is_forgotten(tmp_path, changes):
    (tmp_path / "next").mkdir()
    stamp(tmp_path / "next", TICK)
    stamp(tmp_path, TICK + 1)
    assert changes.look() == ["", "next"]
    (tmp_path / "next").rmdir()
    stamp(tmp_path, TICK + 2)
    assert changes.look() == [""]
    (tmp_path / "next").mkdir()
    stamp(tmp_path / "next", TICK)
    stamp(tmp_path, TICK + 3)
    assert changes.look() == ["", "next"]


def test_what_comes_in_the_same_tick_of_the_file_system_as_a_look_is_not_overlooked(tmp_path, changes, clock):
    written = TICK + 2 * SETTLED_NS
    clock.now = written + 1
    (tmp_path / "first").touch()
    stamp(tmp_path, written)
    assert changes.look() == [""]
    (tmp_path / "second").touch()
    stamp(tmp_path, written)
    assert changes.look() == [""]
    clock.now = LATER
    assert changes.look() == [""] and changes.look() == []


def test_hidden_folders_are_left_out(tmp_path, changes):
    for name in (".new", "_new"):
        (tmp_path / name).mkdir()
    stamp(tmp_path, TICK + 1)
    assert changes.look() == [""]


def test_a_folder_that_is_not_there_has_not_changed_until_it_comes(tmp_path, clock):
    changes = FolderChanges(tmp_path / "late", clock_ns=clock)
    assert changes.look() == []
    (tmp_path / "late").mkdir()
    assert changes.look() == [""]


def test_a_folder_whose_time_lies_ahead_of_a_clock_that_was_set_back_rests_too(tmp_path, clock) -> None:
    stamp(tmp_path, LATER + 400 * 86_400 * 1_000_000_000)
    found = FolderChanges(tmp_path, clock_ns=clock)
    assert found.look() == [""]
    assert found.look() == []
