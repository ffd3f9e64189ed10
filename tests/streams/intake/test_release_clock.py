"""A correction wins whatever was done to the clock between; what was released earlier stays earlier while the clock is right."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.intake.releases import Moments, Releases, release_of

NOW = 1_796_000_000.0
"""30 November 2026, epoch s."""
DAY = 86_400.0
STEPS = st.lists(
    st.tuples(st.sampled_from([0.0, 400 * DAY, -400 * DAY]), st.floats(1.0, 5 * DAY), st.booleans()),
    min_size=1,
    max_size=8,
)


def digest(number: int) -> str:
    return f"{number:032x}" + "0" * 32


@settings(deadline=None)
@given(STEPS)
def test_who_corrects_wins_whatever_was_done_to_the_clock(steps):
    """Each file is written by the machine's clock just before it comes; between two files the clock may be set."""
    with tempfile.TemporaryDirectory() as folder:
        wall, released, path = NOW, [], Path(folder, ".releases")
        journal = Releases(path)
        for number, (jump, passes, anew) in enumerate(steps):
            wall += jump + passes
            journal = Releases(path) if anew else journal  # another process, or a start
            released.append(journal.first(digest(number), "s", Moments(wall - 0.5, wall)).released_at)
        assert released == sorted(set(released))


@settings(deadline=None)
@given(st.permutations(range(5)))
def test_while_the_clock_is_right_files_stand_in_the_order_of_their_release(order):
    with tempfile.TemporaryDirectory() as folder:
        journal, told = Releases(Path(folder, ".releases")), {}
        for came, number in enumerate(order):
            written = NOW - 10 * DAY + number * DAY
            told[number] = journal.first(digest(number), "s", Moments(written, NOW + came)).released_at
        assert told == {number: NOW - 10 * DAY + number * DAY for number in order}


def test_an_archive_of_before_stays_earlier_also_after_the_clock_was_set_back(tmp_path):
    journal = Releases(tmp_path / ".releases")
    journal.first(digest(1), "s", Moments(NOW, NOW))
    journal.first(digest(2), "s", Moments(NOW - 400 * DAY, NOW - 400 * DAY))
    old = Moments(NOW - 900 * DAY, NOW - 400 * DAY + 60)
    assert journal.first(digest(3), "s", old) == old


def test_the_order_is_by_source_and_the_same_bytes_stay_what_they_were(tmp_path):
    journal = Releases(tmp_path / ".releases")
    journal.first(digest(1), "s", Moments(NOW + 400 * DAY, NOW + 400 * DAY))
    other = Moments(NOW, NOW + 1)
    assert journal.first(digest(2), "t", other) == other
    bumped = journal.first(digest(3), "s", Moments(NOW + 2, NOW + 3))
    assert NOW + 400 * DAY < bumped.released_at < NOW + 400 * DAY + 1 and bumped.received_at == NOW + 3
    assert Releases(tmp_path / ".releases").first(digest(3), "s", Moments(NOW, NOW)) == bumped


@pytest.mark.parametrize("written", [NOW - 400 * DAY - 10, NOW - 400 * DAY - 7200])
def test_a_correction_that_lay_for_hours_before_it_was_read_wins_too(tmp_path, written):
    journal, path = Releases(tmp_path / ".releases"), tmp_path / "a.csv"
    first = journal.first(digest(1), "s", Moments(NOW, NOW))
    path.write_text("x")
    os.utime(path, (written, written))
    now = NOW - 400 * DAY
    second = journal.first(digest(2), "s", Moments(release_of([path.stat()], now), now))
    third = journal.first(digest(3), "s", Moments(NOW + DAY, NOW + DAY))
    moments = [first.released_at, second.released_at, third.released_at]
    assert all(one < other for one, other in itertools.pairwise(moments))
