"""A line that raises anything, or ends the program that stores it, is set aside by name; the rest is stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from streams.in_hand import InHand
from streams.store import materialiser as materialisers
from streams.store import open_store, schema
from streams.store.lines import effect_of
from streams.store.materialiser import ENDED_TWICE, Materialiser
from streams.wire.topics import DirectoryTopic
from tests.streams.store.test_materialiser import added, rows, station_hours

ROOT = Path(__file__).resolve().parents[3]
DEADLY = """
import os, signal, sys
from pathlib import Path
from streams.in_hand import InHand
from streams.store import open_store
from streams.store import materialiser as m
from streams.wire.topics import DirectoryTopic
whole = m.effect_of
def effect_of(line):
    if "poison" in line:
        os.kill(os.getpid(), signal.SIGKILL)  # as the system does where memory has run out
    return whole(line)
m.effect_of = effect_of
folder = Path(sys.argv[1])
hand = InHand(folder / "hand", "run")
storing = m.Materialiser(open_store(folder / "store.sqlite"), [DirectoryTopic(folder / "air")], in_hand=hand)
while storing.step():
    pass
"""


@pytest.fixture
def store(tmp_path):
    engine = open_store(tmp_path / "store.sqlite")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("fault", [RecursionError("deep"), MemoryError(), ZeroDivisionError("odd"), AssertionError()])
def test_whatever_a_line_raises_in_python_costs_that_line_alone(store, tmp_path, monkeypatch, fault):
    def faulty(line: str):
        if "poison" in line:
            raise fault
        return effect_of(line)

    monkeypatch.setattr(materialisers, "effect_of", faulty)
    topic = DirectoryTopic(tmp_path / "air")
    topic.append([station_hours(1, 2), "poison", added(accepted=(1,), duplicate=(0,), late=(0,))], key="one")
    topic.append([station_hours(1, 2, first=470_000)], key="two")
    _store_all(store, topic)
    assert len(rows(store, schema.air_station_hour)) == 4
    assert [row["accepted"] for row in rows(store, schema.source_hour)] == [1]
    (reject,) = rows(store, schema.rejected)
    assert reject["value"] == "poison" and type(fault).__name__ in reject["reason"]


def test_counts_that_the_database_cannot_hold_cost_their_line_alone(store, tmp_path, monkeypatch):
    whole = materialisers.add_counts

    def refused(connection, counts) -> None:
        if any(each["source"] == "poison" for each in counts):
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        whole(connection, counts)

    monkeypatch.setattr(materialisers, "add_counts", refused)
    topic = DirectoryTopic(tmp_path / "air")
    topic.append([added("poison", accepted=(9,), duplicate=(0,), late=(0,)), station_hours(1, 2)], key="poison")
    topic.append([added(accepted=(1,), duplicate=(0,), late=(0,))], key="after")
    _store_all(store, topic)
    assert len(rows(store, schema.air_station_hour)) == 2, "the rows beside them are stored"
    assert [row["accepted"] for row in rows(store, schema.source_hour)] == [1]
    (reject,) = rows(store, schema.rejected)
    assert "the database refuses it" in reject["reason"] and not _left(store, topic)


def test_a_line_that_kills_the_program_is_set_aside_after_its_deaths_and_the_rest_is_stored(store, tmp_path):
    topic = DirectoryTopic(tmp_path / "air")
    for number in range(3):
        topic.append([station_hours(1, 2, first=465_000 + number * 100)], key=f"good-{number}")
    topic.append([station_hours(1, 1, first=466_000), "poison", station_hours(1, 1, first=467_000)], key="poison")
    deaths = 0
    while _left(store, topic):
        done = subprocess.run([sys.executable, "-c", DEADLY, str(tmp_path)], cwd=ROOT, timeout=60)
        deaths += done.returncode != 0
        assert deaths <= 4, "two for the batch, two for the line in it"
    assert len(rows(store, schema.air_station_hour)) == 8
    (reject,) = rows(store, schema.rejected)
    assert ENDED_TWICE in reject["reason"] and reject["value"] == "poison" and "poison" in reject["position"]
    assert InHand(tmp_path / "hand", "run").deaths == {}, "what follows is stored in batches again"


def _store_all(store: sa.Engine, topic: DirectoryTopic) -> None:
    storing = Materialiser(store, [topic])
    for _ in range(20):
        if not storing.step():
            return
    pytest.fail("it does not come to an end")


def _left(store: sa.Engine, topic: DirectoryTopic) -> list[str]:
    return topic.segments([row["segment"] for row in rows(store, schema.topic_position)])
