"""A bounded history without the engine: the same rows as the desks give one block after the other, exactly once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from streams.components import KINDS
from streams.history.cities import Cities, Share
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.history.workers import shared
from streams.records import Intake
from streams.sources.tally import rows_by_hour
from streams.spans import told_by
from streams.store import open_store
from streams.store.drained import progress
from streams.store.schema import air_joined_hour, metadata
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams import replaying as r
from tests.streams.desks.test_composition_desk import history as composition
from tests.streams.desks.test_tag_desk import tags
from tests.streams.desks.test_voc_desk import history as compounds

ROOT = Path(__file__).parents[3]
HOURS = 24 * 4
TABLES = (
    "air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "forecast_city_hour", "emission_city_hour",
    "forecast_station_hour", "episode_event", "air_joined_hour", "voc_station_hour", "composition_station_hour",
    "tag_hour", "tag_axes",
)  # fmt: skip


@pytest.fixture(scope="module")
def blocks() -> list:
    made = []
    for place in r.CITIES:
        made += r.blocks_of(place.code, r.observations(place.code, HOURS, 3), size=24)
        made += r.forecasts(place.code, 48, 5) + r.emissions(place.code, 60, 6)
        made += [compounds(30, 7, city=place.code), *(composition(30, 8, kind, city=place.code) for kind in KINDS)]
    made.append(composition(30, 9, "ion", city="510100", averaging_h=24))
    made += [
        tags(1, released_at=9.0),
        tags(2, hours=9, released_at=8.0),
        tags(3, city="510600", places=r.STATIONS["510600"]),
    ]
    revised = r.observations("510100", 30, 8)
    return [*made, *r.blocks_of("510100", revised, revision=1, status="reviewed", size=30)]


@pytest.fixture(scope="module")
def expected(blocks) -> dict:
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    return desks.rows()


def _publish(folder: Path, blocks: list, *, key: str = "made") -> None:
    for number, block in enumerate(blocks):
        topic = open_topic(folder / "topics" / messages.TOPICS[messages.schema_of(block)])
        # What is appended within a millisecond is read in the order of its keys.
        topic.append([messages.block_line(block)], key=f"{key}-{number:06d}")


def _history(folder: Path, sink: object, *, workers: int = 2) -> int:
    return History(folder / "topics", folder / "history", r.ROSTER, sink, workers=workers).run()


def _rows(engine: sa.Engine) -> dict[str, dict[tuple, dict]]:
    held = {}
    with engine.connect() as connection:
        for table in TABLES:
            keys = [c.name for c in metadata.tables.get(table, air_joined_hour).primary_key]
            found = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
            rows = {tuple(row[k] for k in keys): {k: v for k, v in row.items() if k != "version"} for row in found}
            held[table] = {k: row for k, row in rows.items() if row.get("phase") != "withdrawn"}
        for source, hour, *counts in connection.exec_driver_sql(
            "SELECT source, hour_end, accepted, duplicate, late FROM source_hour"
        ):
            held.setdefault("source_hour", {})[source, hour] = tuple(counts)
    return held


def _assert_as(found: dict, expected: dict) -> None:
    for table in TABLES:
        rows = expected.get(table, {})
        assert len(found[table]) == len(rows), table
        for key, row in rows.items():
            assert {name: found[table][key][name] for name in row} == row, (table, key)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_history_gives_the_rows_of_the_desks(tmp_path, blocks, expected, workers) -> None:
    _publish(tmp_path, blocks)
    engine = open_store(tmp_path / "s.sqlite")
    assert _history(tmp_path, StoreSink(engine), workers=workers) == len(blocks)
    found = _rows(engine)
    _assert_as(found, expected)
    counts = {(key[0], r.moment(key[1])): tuple(each.values()) for key, each in expected["source_hour"].items()}
    assert found["source_hour"] == counts


def test_a_second_history_goes_on_where_the_first_ended_and_takes_nothing_twice(tmp_path, blocks, expected) -> None:
    engine = open_store(tmp_path / "s.sqlite")
    half = len(blocks) // 2
    _publish(tmp_path, blocks[:half], key="a")
    assert _history(tmp_path, StoreSink(engine)) == half
    assert _history(tmp_path, StoreSink(engine)) == 0
    _publish(tmp_path, blocks[half:], key="b")
    assert _history(tmp_path, StoreSink(engine)) == len(blocks) - half
    found = _rows(engine)
    _assert_as(found, expected)
    accepted = sum(sum(each) for each in found["source_hour"].values())
    assert accepted == sum(sum(each.values()) for each in expected["source_hour"].values())


def test_a_store_that_was_lost_is_filled_again_from_the_topics(tmp_path, blocks, expected) -> None:
    _publish(tmp_path, blocks)
    _history(tmp_path, StoreSink(open_store(tmp_path / "lost.sqlite")))
    engine = open_store(tmp_path / "new.sqlite")
    assert _history(tmp_path, StoreSink(engine)) == len(blocks)
    found = _rows(engine)
    _assert_as(found, expected)
    assert sum(each[0] for each in found["source_hour"].values()) > 0
    assert _history(tmp_path, StoreSink(engine)) == 0


class _Killed(Exception):
    pass


class _Breaking(StoreSink):
    """Breaks off as a kill would: at a write, or around the last transaction."""

    def __init__(self, engine: sa.Engine, *, write: int = -1, before_close: bool = False, after_close: bool = False):
        super().__init__(engine)
        self.left, self.before, self.after = write, before_close, after_close

    def write(self, rows) -> None:
        if self.left == 0:
            raise _Killed
        self.left -= 1
        super().write(rows)

    def close(self, *arguments) -> None:
        if self.before:
            raise _Killed
        super().close(*arguments)
        if self.after:
            raise _Killed


@pytest.mark.parametrize("where", [{"write": 0}, {"write": 3}, {"before_close": True}, {"after_close": True}])
def test_a_history_that_is_killed_and_run_again_is_as_if_undisturbed(tmp_path, blocks, expected, where) -> None:
    _publish(tmp_path, blocks)
    engine = open_store(tmp_path / "s.sqlite")
    with pytest.raises(_Killed):
        _history(tmp_path, _Breaking(engine, **where))
    _history(tmp_path, StoreSink(engine))
    found = _rows(engine)
    _assert_as(found, expected)
    counts = {(key[0], r.moment(key[1])): tuple(each.values()) for key, each in expected["source_hour"].items()}
    assert found["source_hour"] == counts
    more = replace(blocks[0], status="reviewed", revision=3)
    _publish(tmp_path, [more], key="later")
    assert _history(tmp_path, StoreSink(engine)) == 1
    row = _rows(engine)["air_station_hour"][more.stations[0], r.moment(more.first_hour)]
    assert row["revision"] == 3


def test_a_line_that_is_no_block_is_named_and_stops_nothing(tmp_path, blocks, expected) -> None:
    _publish(tmp_path, blocks)
    topic = open_topic(tmp_path / "topics" / messages.TOPICS[messages.OBSERVATION])
    topic.append(["510100\t{not json", "no key at all", 'zz\t{"schema":"observation/9"}'], key="bad")
    engine = open_store(tmp_path / "s.sqlite")
    _history(tmp_path, StoreSink(engine))
    _assert_as(_rows(engine), expected)
    with engine.connect() as connection:
        reasons = connection.exec_driver_sql("SELECT reason FROM rejected").scalars().all()
    assert len(reasons) == 3


def test_every_key_has_its_desk_in_just_one_share() -> None:
    for count in (1, 2, 3, 9):
        shares = shared(r.ROSTER, count)
        for key in ("510100", "510600", "511100", "other-07", "unreadable", "999999"):
            assert sum(key in share for share in shares) == 1, (count, key)


def test_blocks_taken_together_are_those_of_a_span_and_of_observations_only(monkeypatch) -> None:
    calls = []
    from streams.history import cities as module

    handle = module.citydesk.handle_all
    monkeypatch.setattr(module.citydesk, "handle_all", lambda b, *a: (calls.append(len(b)), handle(b, *a))[1])
    desks = Cities(r.ROSTER, Share(frozenset(), all_but=True), version=1)
    values = r.observations("510100", 24 * 100, 1)
    for block in r.blocks_of("510100", values, size=24):
        desks.take(messages.block_line(block))
    (run, _) = r.forecasts("510100", 24, 2)
    desks.take(messages.block_line(run))
    assert calls == [62, 1]
    desks.finish()
    assert calls == [62, 1, 38]


def test_the_intake_and_the_history_balance(tmp_path, blocks) -> None:
    _publish(tmp_path, blocks)
    rows: dict[tuple[str, int], int] = {}
    for block in blocks:
        for hour, count in rows_by_hour(**told_by(block)):
            rows[block.source, hour] = rows.get((block.source, hour), 0) + count
    intake = open_topic(tmp_path / "topics" / messages.INTAKE_TOPIC)
    for source in {source for source, _ in rows}:
        own = {hour: n for (name, hour), n in rows.items() if name == source}
        intake.append([messages.intake_line(Intake(source, "made", 1.0, own))], key=source)

    command = [sys.executable, "-m", "streams.history", "--data", str(tmp_path), "--store", str(tmp_path / "s.sqlite")]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    seen = progress(open_store(tmp_path / "s.sqlite"), tmp_path / "topics")
    assert seen.drained and seen.rows_in == sum(rows.values())
