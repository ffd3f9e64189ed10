"""Five years of 41 stations, one file a station in any order: everything is stored and equal to the years in their order."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from streams.history.cities import Cities, Share
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.memory import book as books
from streams.records import ObservationBlock
from streams.registry import load
from streams.registry.roster import roster_of
from streams.store import open_store
from streams.wire import messages
from streams.wire.topics import open_topic

REGISTRY = load()
STATIONS = sorted((s.code, s.city) for s in REGISTRY.stations.values() if s.kind == "national" and s.city)[:41]
FIRST, MONTHS, MONTH_H, HERE_H = 420_000, 60, 730, 48
"""Of each month of five years the first two days are there, so that means over a day are, too."""
TABLES = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "episode_event")


def _file(station: str, city: str, *, size: int = HERE_H) -> list[str]:
    """Give the lines of five years of a station, in blocks of at most size hours."""
    rng = np.random.default_rng(int.from_bytes(station.encode(), "big") % 2**32)
    lines = []
    for month in range(MONTHS):
        values = np.rint(rng.gamma(4, 15, (6, 1, HERE_H)) * (3 if month % 12 in (0, 11) else 1))
        values[2] = np.round(values[2] / 90, 1)
        for at in range(0, HERE_H, size):
            part = np.ascontiguousarray(values[..., at : at + size])
            block = ObservationBlock(source="made", city=city, stations=(station,), first_hour=FIRST + month * MONTH_H + at,
                                     values=part, present=np.ones(part.shape[1:], bool))  # fmt: skip
            lines.append(messages.block_line(block))
    return lines


def _in_order() -> list[list[str]]:
    files = [_file(station, city) for station, city in STATIONS]
    return [[file[month] for file in files] for month in range(MONTHS)]


def _stored(folder: Path, files: list[list[str]]) -> tuple[dict[str, str], tuple[int, int, int]]:
    """Give a digest of each table after a history of these files, without versions, and how many rows were accepted, duplicate
    and late.
    """
    topic = open_topic(folder / "topics" / messages.TOPICS[messages.OBSERVATION])
    for number, lines in enumerate(files):
        topic.append(lines, key=f"{number:05d}")
    engine = open_store(folder / "s.sqlite")
    History(folder / "topics", folder / "history", roster_of(REGISTRY), StoreSink(engine), workers=2).run()
    with engine.connect() as connection:
        digests = {table: _digest(connection, table) for table in TABLES}
        counts = connection.exec_driver_sql("SELECT sum(accepted), sum(duplicate), sum(late) FROM source_hour").one()
        assert connection.exec_driver_sql("SELECT count(*) FROM rejected").scalar() == 0
    return digests, tuple(counts)


def _digest(connection: sa.Connection, table: str) -> str:
    columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
    kept = ", ".join(name for name in columns if name != "version")
    where = "WHERE phase != 'withdrawn'" if table == "episode_event" else ""
    found = hashlib.sha256()
    count = 0
    for row in connection.exec_driver_sql(f"SELECT {kept} FROM {table} {where} ORDER BY {kept}"):
        found.update(repr(tuple(row)).encode())
        count += 1
    return f"{count} {found.hexdigest()[:16]}"


@pytest.fixture(scope="module")
def batch(tmp_path_factory) -> dict[str, str]:
    digests, counts = _stored(tmp_path_factory.mktemp("batch"), _in_order())
    assert counts == (41 * MONTHS * HERE_H, 0, 0)
    assert int(digests["air_station_hour"].split()[0]) == counts[0] and int(digests["episode_event"].split()[0]) >= 10
    return digests


def test_files_of_one_station_each_in_any_order_cut_and_repeated_are_as_the_years_in_order(tmp_path, batch) -> None:
    chosen = random.Random(1)
    files = [_file(station, city, size=chosen.choice([HERE_H, 25])) for station, city in STATIONS]
    again = chosen.sample(files, 2)
    for file in files[::3]:
        chosen.shuffle(file)
    order = [*files, *again]
    chosen.shuffle(order)
    digests, counts = _stored(tmp_path, order)
    assert digests == batch
    assert counts == (41 * MONTHS * HERE_H, 2 * MONTHS * HERE_H, 0)


def test_what_a_history_keeps_does_not_grow_with_the_years_nor_with_how_often_they_come(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(books, "CAPACITY", 4)
    city = STATIONS[0][1]
    cities = Cities(roster_of(REGISTRY), Share(frozenset({city})), version=1, archive=tmp_path)
    own = [station for station, of in STATIONS if of == city]
    for station in own:
        for line in _file(station, city):
            cities.take(line)
        cities.finish()
        cities.drain()
    kept = list(tmp_path.rglob("o*"))
    pieces = {path.name.split(".")[0] for path in kept}
    assert len(own) > 3 and len(kept) == len(pieces) > 60, "of each piece that has left the state one version"
    # Four pieces with the rows of a month each, and for each of the others a digest.
    assert len(cities.state()) < 4 * len(own) * 240 * 30 + 100 * len(pieces)
