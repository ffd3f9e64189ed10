"""A data folder of every released format is opened by today's code, which goes on from it: no row is lost, changed or doubled."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from standards.addresses import sqlite_url
from streams.registry import load
from streams.registry.roster import roster_of
from streams.sources import parse_file
from streams.store import open_store
from streams.store.drained import progress
from streams.store.materialiser import Materialiser
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.integration.processes import Platform
from tests.streams.formats.make import HERE, half, only_here
from tests.streams.replaying import Desks

FORMATS = sorted(path.parent.name for path in HERE.glob("*/data.tar.xz"))
ROWS = {"1": (41 * 24, 41 * 24)}
"""By format: the rows that its folder holds (the national stations of a day), and those that come when it goes on."""
OF_THE_RUN = ("version", "released_at", "received_at", "file_digest", "line")
COMPARED = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "episode_event")


def test_every_format_is_small_and_has_its_numbers():
    assert set(FORMATS) == set(ROWS)
    for name in FORMATS:
        assert sum(path.stat().st_size for path in (HERE / name).iterdir()) < 200_000


@pytest.fixture(params=FORMATS)
def folder(request) -> Iterator[tuple[str, Path]]:
    """The number of a format and its data folder, unpacked where it was made."""
    with only_here() as place, tarfile.open(HERE / request.param / "data.tar.xz") as packed:
        packed.extractall(place, filter="data")
        yield request.param, place


def test_the_store_is_opened_with_every_row_as_it_was(folder):
    number, data = folder
    before = whole_store(data / "store.sqlite")
    assert len(before["air_station_hour"]) == ROWS[number][0] and len(before["air_city_hour"]) > 150
    engine = open_store(sqlite_url(data / "store.sqlite"))
    names = (messages.RESULT_TOPIC, messages.INTAKE_TOPIC)
    materialiser = Materialiser(engine, [open_topic(data / "topics" / name) for name in names])
    assert materialiser.step() == 0, "what the store has taken is not taken again"
    seen = progress(engine, data / "topics")
    assert seen.drained and seen.rows_in == seen.accounted == ROWS[number][0]
    engine.dispose()
    after = whole_store(data / "store.sqlite")
    for table, rows in before.items():
        if table != "alembic_version":
            assert [{k: row[k] for k in rows[0]} for row in after[table]] == rows if rows else not after[table], table


def test_the_topics_hold_lines_that_todays_code_reads(folder):
    number, data = folder
    topic = open_topic(data / "topics" / messages.TOPICS[messages.OBSERVATION])
    blocks = [messages.block_from(line) for name in topic.segments() for line in topic.read(name)]
    assert sum(int(block.present.sum()) for block in blocks) == ROWS[number][0]
    keys = {line.split(" ")[1] for line in (topic.folder / ".keys").read_text().splitlines()}
    assert keys and all(topic.holds(key) for key in keys), "what was read once is not read again"


@pytest.mark.flink
def test_engine_and_store_go_on_from_it_as_if_nothing_had_been_between(folder, tmp_path):
    """The day that follows needs what the engine remembers of the one before: means of 24 h reach back into it."""
    number, data = folder
    registry = load()
    desks, files = Desks(roster_of(registry)), []
    for name, first in (("stations", True), ("more", False)):
        files.append(tmp_path / f"{name}.csv")
        files[-1].write_text("".join(half(first=first)), encoding="utf-8")
        for block in parse_file(files[-1], registry, received_at=0.0).blocks:
            desks.take(block)
    expected = desks.rows()
    (data / "inbox").mkdir()
    shutil.copy(files[1], data / "inbox")
    platform = Platform(data)
    try:
        for name in ("pipeline", "store", "ingest"):
            platform.start(name)
        platform.wait_until_drained(sum(ROWS[number]), 240)
        stored = platform.rows()
    finally:
        platform.stop()
    for table in COMPARED:
        assert plain(stored.get(table, {})) == plain(expected.get(table, {})), table
    assert sum(row["accepted"] for row in stored["source_hour"].values()) == sum(ROWS[number])


def plain(rows: dict) -> dict:
    return {key: {k: v for k, v in row.items() if k not in OF_THE_RUN} for key, row in rows.items()}


def whole_store(file: Path) -> dict[str, list[dict]]:
    """Read every table of a store by SQLite alone, in the order of its rows."""
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {t: sorted(map(dict, connection.execute(f'SELECT * FROM "{t}"')), key=repr) for t in tables}
