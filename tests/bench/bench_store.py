"""How fast results are stored, beside a plain sqlite3 insert of the same rows in the same run. Prints JSON.

Run: python -m tests.bench.bench_store [thousand rows] [database URL]
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from streams.columns import CONCENTRATIONS, MEANS
from streams.store import open_store
from streams.store.materialiser import Materialiser
from streams.store.rows import decoded
from streams.store.schema import air_station_hour
from streams.wire.messages import rows_from, rows_line
from streams.wire.topics import DirectoryTopic

STATIONS, HOURS = 15, 720
"""One message of a replay: a city's stations and a month."""


def message(
    number: int, *, stations: int = STATIONS, hours: int = HOURS, first: int = 464_000, version: int = 1
) -> str:
    """Result rows of one city as the engine writes them, 3 % missing."""
    random, count = np.random.default_rng(number), stations * hours
    columns: dict[str, object] = {
        "station": {
            "codes": np.repeat(np.arange(stations, dtype="i2"), hours),
            "values": [f"{number:03d}{station:03d}A" for station in range(stations)],
        },
        "hour_end": np.tile(np.arange(first, first + hours, dtype="i4"), stations),
        "city": "510100",
    }
    for name in (*CONCENTRATIONS, *MEANS, "aqi"):
        values = np.rint(random.gamma(2, 20, count))
        values[random.random(count) < 0.03] = np.nan
        columns[name] = values
    columns |= {
        "primary_pollutants": random.integers(0, 64, count).astype("u1"),
        "flags": np.where(random.random(count) < 0.01, 1 << 17, 0).astype("i4"),
        "source": "cnemc", "edition": "HJ633-2012", "status": np.zeros(count, "u1"), "revision": np.zeros(count, "i2"),
        "simulated": False, "version": version,
    }  # fmt: skip
    return rows_line("air_station_hour", "510100", columns)


def peer_seconds(folder: Path, lines: list[str]) -> float:
    """The same rows, already decoded, by one plain INSERT in one transaction [s]."""
    batches = [decoded(*rows_from(line)) for line in lines]
    rows = [row for batch in batches for row in batch]
    open_store(folder / "peer.sqlite").dispose()
    with sqlite3.connect(folder / "peer.sqlite", isolation_level=None) as connection:
        connection.execute("DROP TRIGGER keep_air_station_hour")
        for pragma in ("synchronous=NORMAL", "cache_size=-65536", "wal_autocheckpoint=8000"):
            connection.execute(f"PRAGMA {pragma}")
        places = ", ".join("?" * len(batches[0].names))
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO air_station_hour ({', '.join(batches[0].names)}) VALUES ({places})", rows)
        connection.execute("COMMIT")
        return time.perf_counter() - start


def drained(materialiser: Materialiser) -> tuple[float, float]:
    """Store all that is there: wall and processor time [s]."""
    wall, processor = time.perf_counter(), time.process_time()
    while materialiser.step():
        pass
    return time.perf_counter() - wall, time.process_time() - processor


def live_ms(topic: DirectoryTopic, materialiser: Materialiser, hours: int) -> list[float]:
    """From a visible segment of one live hour to its commit [ms]."""
    times = []
    for hour in range(hours):
        topic.append([message(900, stations=8, hours=1, first=464_000 + hour, version=2)], key=f"live {hour}")
        start = time.perf_counter()
        materialiser.step()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main(thousand: float = 324, url: str | None = None) -> None:
    """Measure and print."""
    lines = [message(number) for number in range(max(1, round(thousand * 1e3 / STATIONS / HOURS)))]
    count = len(lines) * STATIONS * HOURS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = peer_seconds(folder, lines)
        topic, engine = DirectoryTopic(folder / "air"), open_store(url or folder / "store.sqlite")
        materialiser = Materialiser(engine, [topic])
        for start in range(0, len(lines), 5):
            topic.append(lines[start : start + 5], key=f"first {start}")
        wall, processor = drained(materialiser)
        for start in range(0, len(lines), 5):
            topic.append(lines[start : start + 5], key=f"again {start}")
        again, _ = drained(materialiser)
        live = live_ms(topic, materialiser, 200)
        with engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(air_station_hour)) >= count
        engine.dispose()
    print(json.dumps({
        "rows": count,
        "database": (url or "sqlite").partition(":")[0],
        "rows_per_s": round(count / wall),
        "rows_per_processor_s": round(count / processor),
        "replaced_rows_per_s": round(count / again),
        "peer_insert_rows_per_s": round(count / peer),
        "ratio_to_peer": round(peer / wall, 2),
        "live_p50_ms": round(statistics.median(live), 2),
        "live_p95_ms": round(statistics.quantiles(live, n=20)[-1], 2),
    }))  # fmt: skip


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((float, str), sys.argv[1:], strict=False)))
