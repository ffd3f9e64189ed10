"""A topic on a full disk: an append fails in words, leaves no half of it, and is the same append when there is room."""

from __future__ import annotations

import errno

import pytest

from streams.wire.topics import open_topic
from tests.small_disk import Ballast, small_disk


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 0.5) as mounted:
        yield mounted


def test_an_append_on_a_full_disk_leaves_nothing_and_goes_on_when_there_is_room(disk):
    topic, ballast = open_topic(disk / "topic"), Ballast(disk)
    lines = {f"key-{n:03d}-{'x' * 60}": [f"line {n} " + "y" * 500] for n in range(60)}
    refused = 0
    for n, (key, content) in enumerate(lines.items()):
        # A page of 4 KiB is what is given and taken: at each of these points the disk is full at another place of the entry.
        ballast.fill()
        for leave_kb in (0, 0, 4 * (n % 3)):
            ballast.fill(leave_kb=leave_kb)
            try:
                topic.append(content, key=key)
            except OSError as error:
                assert error.errno == errno.ENOSPC and str(error.filename).startswith(str(topic.folder))
                refused += 1
        ballast.clear()
        topic.append(content, key=key)
    assert refused > 20
    again = open_topic(disk / "topic")
    assert all(again.holds(key) and topic.holds(key) for key in lines)
    for key, content in lines.items():
        again.append(content, key=key)
    stored = [line for segment in again.segments() for line in again.read(segment)]
    assert sorted(stored) == sorted(line for content in lines.values() for line in content)
    assert not list((disk / "topic").glob(".tmp-*")), "no half of an append takes the room that is left"
