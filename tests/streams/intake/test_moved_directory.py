"""A data directory that was moved brings nothing again: its files have the names that they had where it was first."""

from __future__ import annotations

import shutil

import pytest

from streams.intake.publisher import Publisher
from streams.registry import load
from streams.wire.topics import open_topic

REGISTRY = load()


def publisher(data) -> Publisher:
    return Publisher(data / "topics", REGISTRY, all_stations=False)


@pytest.fixture
def data(tmp_path):
    data = tmp_path / "first"
    (data / "inbox").mkdir(parents=True)
    (data / "inbox" / "a.csv").write_text("nothing that a feed knows\n")
    return data


def segments(data) -> list[str]:
    return open_topic(data / "topics" / "intake").segments()


def test_what_was_read_before_a_move_is_known_after_it_and_counted_once(data, tmp_path):
    publisher(data).publish(data / "inbox" / "a.csv")
    before = segments(data)
    assert len(before) == 1
    for name in ("second", "third"):
        moved = tmp_path / name
        data.rename(moved)
        data = moved
        assert publisher(data).publish(data / "inbox" / "a.csv").known == 1
        assert segments(data) == before


def test_a_copy_from_a_backup_knows_what_was_read_too(data, tmp_path):
    publisher(data).publish(data / "inbox" / "a.csv")
    shutil.copytree(data, tmp_path / "copy")
    assert publisher(tmp_path / "copy").publish(tmp_path / "copy" / "inbox" / "a.csv").known == 1


def test_what_lies_outside_is_named_by_where_it_lies(data, tmp_path):
    outside = tmp_path / "outside.csv"
    shutil.copy2(data / "inbox" / "a.csv", outside)
    first = publisher(data)
    first.publish(outside)
    shutil.copytree(tmp_path / "first", tmp_path / "first-of-all")
    assert publisher(tmp_path / "first-of-all").publish(outside).known == 1
    assert first.publish(data / "inbox" / "a.csv").known == 0


@pytest.mark.parametrize(
    "harm", [lambda content: content[:9], lambda content: content.replace(b"first", b"fjrst"), lambda _: b""]
)
def test_a_damaged_note_counts_as_none(data, harm):
    publisher(data).publish(data / "inbox" / "a.csv")
    note = data / "topics" / "intake" / ".root"
    note.write_bytes(harm(note.read_bytes()))
    assert publisher(data).publish(data / "inbox" / "a.csv").known == 1
