"""How fast results are stored, in SQLite and in PostgreSQL, each beside a peer in the same run. Prints JSON.

Hours of the 41 stations of eight cities, month after month into a store that grows; each month says the last four hours of the one
before again, as the engine does. new and known: rows that are not or all in the store already, written directly
(streams.store.bulk). topic: lines of a topic through the materialiser. peer: tuples that are ready, into a table without key,
types, trigger, in one transaction: sqlite3's executemany, and psycopg's COPY. Rows/s by the clock, and by the processor time of
this process, which is less than the clock where others use the machine too or the database works in a process of its own.

Run: python -m tests.bench.bench_store [thousand rows] [URL of an empty PostgreSQL; none: a private one]
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psycopg
import sqlalchemy as sa

from streams import results
from streams.columns import CONCENTRATIONS, MEANS
from streams.registry import load
from streams.store import begin_write, bulk, open_store
from streams.store.columns import Rows
from streams.store.materialiser import BATCH_ROWS, Materialiser
from streams.store.rows import decoded
from streams.store.schema import air_station_hour
from streams.wire.messages import rows_from, rows_line
from streams.wire.topics import DirectoryTopic
from tests.postgres import NoPostgres, private_cluster

FIRST, MONTH_H, AGAIN_H = 447_088, 730, 4
LIVE_HOURS = 200


def month_of(city: str, stations: tuple[str, ...], month: int) -> results.Rows:
    """Make a month of a city's stations as the engine gives it, 2 % missing."""
    random, hours = np.random.default_rng([int(city), month]), MONTH_H + AGAIN_H
    count = len(stations) * hours
    rows = results.Rows("air_station_hour").same(version=month + 1, city=city)
    rows.coded("station", results.Counted(0, len(stations), hours, 1), stations)
    rows.counted("hour_end", FIRST + month * MONTH_H - AGAIN_H, hours, 1, len(stations))
    for names, decimals in ((CONCENTRATIONS, 0), (MEANS, 3), (("aqi",), 0)):
        values = np.round(random.gamma(4, 20, (len(names), count)), decimals)
        values[random.random(values.shape) < 0.02] = np.nan
        rows.numbers(names, values)
    rows.numbers("primary_pollutants", (1 << random.integers(0, 6, count)).astype(np.uint8))
    rows.numbers("flags", np.where(random.random(count) < 0.01, 1 << 17, 0).astype(np.int32))
    return rows.same(source="cnemc", status=0, revision=0, simulated=False, edition="HJ 633-2012")


def history(thousand: float) -> list[results.Rows]:
    """Make months of all cities, in the order of time, until there are so many thousand rows."""
    registry = load()
    cities = {c: tuple(s.code for s in registry.stations.values() if s.city == c) for c in registry.cities}
    a_month = sum(map(len, cities.values())) * MONTH_H
    months = range(max(1, round(thousand * 1e3 / a_month)))
    return [month_of(city, stations, month) for month in months for city, stations in cities.items() if stations]


def timed(call: Callable[[], object], rows: int) -> dict[str, int]:
    """Give rows/s of a call, by the clock and by processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    call()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    return {"rows_per_s": round(rows / clock), "rows_per_processor_s": round(rows / max(processor, 1e-9))}


def write_all(engine: sa.Engine, made: list[Rows]) -> None:
    """Write prepared rows in transactions of the materialiser's size."""
    together: list[Rows] = []
    for rows in made:
        together.append(rows)
        if rows is made[-1] or sum(map(len, together)) >= BATCH_ROWS:
            with begin_write(engine) as connection:
                bulk.write(connection, together)
            together.clear()


def through_topic(engine: sa.Engine, folder: Path, made: list[results.Rows]) -> tuple[Materialiser, DirectoryTopic]:
    """Lay rows into a topic, forty messages a segment; give the materialiser that will store them."""
    topic = DirectoryTopic(folder)
    for start in range(0, len(made), 40):
        topic.append([rows_line(rows, "510100") for rows in made[start : start + 40]], key=f"{start}")
    return Materialiser(engine, [topic]), topic


def drain(materialiser: Materialiser) -> None:
    """Store all that the topic holds."""
    while materialiser.step():
        pass


def live_ms(topic: DirectoryTopic, materialiser: Materialiser, rows: results.Rows) -> dict[str, float]:
    """From a visible segment of one live hour of eight stations to its commit [ms]."""
    times = []
    for hour in range(LIVE_HOURS):
        one = hour_of(rows, hour)
        topic.append([rows_line(one, "510100")], key=f"live {hour}")
        start = time.perf_counter()
        materialiser.step()
        times.append((time.perf_counter() - start) * 1e3)
    return {"p50": round(statistics.median(times), 2), "p95": round(statistics.quantiles(times, n=20)[-1], 2)}


def hour_of(rows: results.Rows, hour: int) -> results.Rows:
    """Make one hour of eight stations of their own with values of a month."""
    one = results.Rows(rows.table).texts("station", [f"live{i}" for i in range(8)])
    one.same(hour_end=FIRST - 10_000 + hour)
    values = {name: column for name, column in rows.columns() if name not in ("station", "hour_end")}
    for name, column in values.items():
        one.add(name, results.Numbers(column.values[:8]) if isinstance(column, results.Numbers) else column)
    return one


def database(engine: sa.Engine, folder: Path, made: list[results.Rows], prepared: list[Rows]) -> dict[str, object]:
    """Measure one store: new rows, known rows, then, after they are gone, the same by a topic, and live hours."""
    count = sum(map(len, prepared))
    figures: dict[str, object] = {"new": timed(lambda: write_all(engine, prepared), count)}
    figures["known"] = timed(lambda: write_all(engine, prepared), count)
    with begin_write(engine) as connection:
        clear = "DELETE FROM" if engine.dialect.name == "sqlite" else "TRUNCATE"
        connection.exec_driver_sql(f"{clear} {air_station_hour.name}")
    materialiser, topic = through_topic(engine, folder, made)
    figures["topic"] = timed(lambda: drain(materialiser), count)
    figures["live_ms"] = live_ms(topic, materialiser, made[-1])
    return figures


def sqlite_peer(folder: Path, names: tuple[str, ...], rows: list[tuple]) -> None:
    """Insert ready tuples into a table without constraints, in one transaction."""
    with contextlib.closing(sqlite3.connect(folder / "peer.sqlite", isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536", "wal_autocheckpoint=8000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"CREATE TABLE peer ({', '.join(names)})")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO peer VALUES ({', '.join('?' * len(names))})", rows)
        connection.execute("COMMIT")


def postgres_peer(url: str, names: tuple[str, ...], rows: list[tuple]) -> None:
    """Copy ready tuples into a table with the types of the store's and nothing else, in one transaction."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE peer AS SELECT * FROM air_station_hour WHERE false")
        with cursor.copy(f"COPY peer ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


@contextlib.contextmanager
def postgres(url: str | None) -> Iterator[str | None]:
    """Give the URL of a PostgreSQL, None where there is none and none can be started."""
    if url:
        yield url
        return
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(private_cluster())
        except NoPostgres as error:
            print(f"no PostgreSQL: {error}", file=sys.stderr)
            found = None
        yield found


def main(thousand: float = 600, url: str | None = None) -> None:
    """Measure and print."""
    made = history(thousand)
    lines = [rows_line(rows, "510100") for rows in made]
    prepared: list[Rows] = bulk.prepared(made)
    count = sum(map(len, prepared))
    figures: dict[str, object] = {"rows": count, "columns": len(prepared[0].names), "load_before": os.getloadavg()[0]}
    figures["decode"] = timed(lambda: [decoded(rows_from(line)) for line in lines], count)
    figures["prepare"] = timed(lambda: bulk.prepared(made), count)
    names, tuples = prepared[0].names, [row for rows in prepared for row in rows]
    with tempfile.TemporaryDirectory() as name, postgres(url) as address:
        folder = Path(name)
        store = open_store(folder / "store.sqlite")
        figures["sqlite"] = database(store, folder / "air", made, prepared)
        figures["sqlite_peer"] = timed(lambda: sqlite_peer(folder, names, tuples), count)
        store.dispose()
        if address:
            store = open_store(address)
            figures["postgres"] = database(store, folder / "air of postgres", made, prepared)
            figures["postgres_peer"] = timed(lambda: postgres_peer(address, names, tuples), count)
            store.dispose()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((float, str), sys.argv[1:], strict=False)))
