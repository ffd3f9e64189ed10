"""A history over damaged files: its rows are those of an undisturbed one, or what is missing is named."""

from __future__ import annotations

import os
import random

import pytest

from streams.history.states import DIGESTS, read_states, verified, write_states
from streams.history.store_sink import StoreSink
from streams.store import open_store
from tests.streams.history.test_history import _history, _publish, _rows, blocks  # noqa: F401 - a fixture


@pytest.fixture
def folder(tmp_path):
    write_states(tmp_path / "states", {"0": b"one" * 50, "region": b"two" * 50})
    return tmp_path / "states"


def test_states_come_back_as_they_were_written(folder):
    assert read_states(folder) == ({"0": b"one" * 50, "region": b"two" * 50}, [])
    assert read_states(folder.with_name("none")) == ({}, [])


def test_states_of_the_time_before_there_were_digests_are_read(folder):
    (folder / DIGESTS).unlink()
    assert read_states(folder)[0].keys() == {"0", "region"}


@pytest.mark.parametrize("name", ["0", "region", DIGESTS])
@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_a_damaged_state_is_named_and_none_is_gone_on_from(folder, name, harm):
    path = folder / name
    content = bytearray(path.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 2
        path.write_bytes(content)
    else:
        os.truncate(path, len(content) // 2 if harm == "cut" else 0)
    states, damage = read_states(folder)
    assert states == {} and damage == list(verified(folder))
    assert len(damage) >= 1


def test_a_state_that_is_gone_is_named(folder):
    (folder / "0").unlink()
    assert [each.file for each in verified(folder)] == [str(folder / "0")]


def test_flipped_bits_of_segments_are_named_and_change_no_row_of_the_others(tmp_path, blocks):  # noqa: F811
    chance = random.Random(3)
    some = blocks[:40]
    _publish(tmp_path, some)
    whole = open_store(tmp_path / "whole.sqlite")
    _history(tmp_path, StoreSink(whole), workers=0)
    expected = _rows(whole)["air_station_hour"]
    segments = sorted((tmp_path / "topics").glob("*/*.jsonl"))
    hurt = chance.sample(segments, 5)
    for path in hurt:
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content) - 1)] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
    engine = open_store(tmp_path / "hurt.sqlite")
    _history(tmp_path, StoreSink(engine), workers=0)
    with engine.connect() as connection:
        named = set(connection.exec_driver_sql("SELECT file FROM rejected WHERE source = 'damage'").scalars())
    assert named == {f"{path.parent.name}/{path.name}" for path in hurt}
    found = _rows(engine)["air_station_hour"]
    assert found.keys() <= expected.keys() and len(found) > len(expected) / 2


def test_a_garbled_plan_begins_a_run_anew(tmp_path, blocks):  # noqa: F811
    _publish(tmp_path, blocks[:4])
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "plan.json").write_bytes(b'{"run": "history-1", "vers')
    engine = open_store(tmp_path / "s.sqlite")
    assert _history(tmp_path, StoreSink(engine), workers=0) == 4
    assert _history(tmp_path, StoreSink(engine), workers=0) == 0
