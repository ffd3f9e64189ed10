"""What is assessed later stands above what was assessed before, whatever was done to the clock between."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.wire.stamps import FILE, STEP_MS, last_stamp, next_stamp, raise_to

NOW = 1_796_000_000.0
"""30 November 2026, epoch s."""
DAY = 86_400.0
JUMPS = st.lists(st.sampled_from([-400 * DAY, 400 * DAY, -1.0, 0.0, 0.001, 60.0, DAY]), min_size=1, max_size=12)


@settings(deadline=None)
@given(JUMPS)
def test_stamps_grow_whatever_is_done_to_the_clock(jumps):
    with tempfile.TemporaryDirectory() as folder:
        now, given_ = NOW, []
        for jump in jumps:
            now += jump
            given_.append(next_stamp(Path(folder), clock=lambda now=now: now))
        assert given_ == sorted(set(given_))
        assert last_stamp(Path(folder)) == given_[-1]


def test_a_stamp_is_the_time_while_the_clock_is_right(tmp_path):
    assert next_stamp(tmp_path, clock=lambda: NOW) == NOW * 1000
    assert next_stamp(tmp_path, clock=lambda: NOW + 1) == (NOW + 1) * 1000
    assert next_stamp(tmp_path, clock=lambda: NOW - 400 * DAY) == (NOW + 1) * 1000 + STEP_MS


def test_a_directory_begins_above_what_it_was_told_of(tmp_path):
    there = int(NOW * 1000) + 10**9
    assert raise_to(tmp_path, there) == raise_to(tmp_path, there - 1) == there
    assert next_stamp(tmp_path, clock=lambda: NOW) == there + STEP_MS


@pytest.mark.parametrize("text", ["", "x", "-5", "1e3"])
def test_a_stamp_that_cannot_be_read_is_none(tmp_path, text):
    next_stamp(tmp_path, clock=lambda: NOW)
    (tmp_path / FILE).write_text(text)
    assert next_stamp(tmp_path, clock=lambda: NOW) == NOW * 1000


def test_processes_that_take_stamps_at_once_never_take_the_same(tmp_path):
    code = (
        "import sys, pathlib; from streams.wire.stamps import next_stamp;"
        "[print(next_stamp(pathlib.Path(sys.argv[1]), step_ms=1, clock=lambda: 1.0)) for _ in range(20)]"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) for _ in range(3)]
    taken = [line for each in started for line in each.communicate()[0].split()]
    assert len(taken) == len(set(taken)) == 60
