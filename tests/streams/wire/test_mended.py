"""Which segments are whole again since when: noted beside them, and never the same moment twice."""

from __future__ import annotations

import errno

import pytest

from streams.wire import mended
from streams.wire.mended import NOTE, mended_in, note_mended


def segment(folder, name: str = "1700000000000-a.jsonl") -> str:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}\n")
    return name


def test_a_segment_that_is_mended_again_has_a_later_moment_also_where_the_clock_was_set_back(tmp_path):
    name = segment(tmp_path)
    moments = []
    for now in (1_700_000_100.0, 1_700_000_200.0, 1_700_000_000.0):
        note_mended(tmp_path, name, clock=lambda now=now: now)
        moments.append(mended_in(tmp_path)[name])
    assert moments == [1_700_000_100_000, 1_700_000_200_000, 1_700_000_200_001]


def test_what_has_left_the_topic_is_forgotten_with_the_next_note(tmp_path):
    first, second = segment(tmp_path), segment(tmp_path, "2023-11-14/part-1")
    note_mended(tmp_path, first)
    (tmp_path / first).unlink()
    note_mended(tmp_path, second)
    assert set(mended_in(tmp_path)) == {second}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": "b", "c": -1, "d": true}', b"\xff"])
def test_a_note_that_is_none_says_nothing(tmp_path, content):
    (tmp_path / NOTE).write_bytes(content)
    assert mended_in(tmp_path) == {}
    note_mended(tmp_path, name := segment(tmp_path))
    assert set(mended_in(tmp_path)) == {name}


def test_on_a_full_disk_the_note_of_before_stays_and_nothing_is_left_behind(tmp_path, monkeypatch):
    note_mended(tmp_path, first := segment(tmp_path))

    def full(_):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(mended.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        note_mended(tmp_path, segment(tmp_path, "1700000000001-b.jsonl"))
    assert set(mended_in(tmp_path)) == {first} and not list(tmp_path.glob(".tmp-*"))
