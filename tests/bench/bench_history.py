"""A history without the engine, and a live hour: `python -m tests.bench.bench_history [desk|bounded|years|decade]...` prints JSON.

desk: a live hour of ten points at a city's desk, from its line to its result lines, with 14 forecast runs held and without any.
bounded: station-hours a second from topic to sink through means, AQI, city hours and episodes, start-up left out (a long and a
short history, the difference of their times), beside pandas in the same run as in bench_stream. years: one and five years of 41
stations, a file a station in any order and in the order of time, with the peak of memory [MB] of each process.
decade: ten years of 41 stations in 3,652 daily files of the national layout, from raw files to rows by `airshed replay`, everything
started and stopped, into SQLite, and into PostgreSQL where its server is installed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import sqlalchemy as sa

from standards.pollutants import ITEMS
from streams.history.runner import History
from streams.records import CITY_MEAN, FORECAST_VARIABLES, ForecastBlock, ObservationBlock
from streams.registry import load
from streams.registry.roster import Roster, roster_of
from streams.results import Rows
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.bench.bench_stream import _peer, blocks, publish
from tests.postgres import NoPostgres, private_cluster
from tests.streams.replaying import Desks

ROOT = Path(__file__).resolve().parents[2]
CITY, FIRST = "510100", 465_000
KINDS = (
    "AQI", "PM2.5", "PM2.5_24h", "PM10", "PM10_24h", "SO2", "SO2_24h", "NO2", "NO2_24h", "O3", "O3_24h", "O3_8h", "O3_8h_24h",
    "CO", "CO_24h",
)  # fmt: skip
STATIONS, YEARS = 41, 10


class Counting:
    """A sink that counts the tables of rows that come."""

    def __init__(self) -> None:
        self.tables = 0

    def taken(self, topic: str) -> set[str]:
        return set()

    def write(self, rows: Sequence[Rows]) -> None:
        self.tables += len(rows)

    def close(self, *arguments: object) -> None:
        pass

    def closed(self, run: str) -> bool:
        return False


def main(parts: list[str]) -> None:
    """Run the parts asked for, by default all."""
    result = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    for name in parts or PARTS:
        result |= PARTS[name]()
    print(json.dumps(result, indent=2))


def desk(hours: int = 60) -> dict:
    """Time live hours of ten points, with and without the runs of a week held."""
    points = tuple(f"P{i:02d}" for i in range(10))
    cities = roster_of(load()).cities
    roster = Roster(cities, {CITY: tuple((code, 0, 10**7) for code in points)})
    return {f"live_hour_ms_{runs}_runs": _live(roster, points, runs, hours) for runs in (0, 14)}


def _live(roster: Roster, points: tuple[str, ...], runs: int, hours: int) -> dict[str, float]:
    rng, desks = np.random.default_rng(1), Desks(roster)
    for day in range(30):
        desks.take(_observed(points, FIRST + 24 * day, 24, rng))
    now = FIRST + 24 * 30
    for run in range(runs):
        values = np.abs(rng.normal(40, 10, (len(FORECAST_VARIABLES), len(points) + 1, 168)))
        desks.take(ForecastBlock(
            source="bench", model="CDAQS", run_init=now - 12 * run, city=CITY, places=(CITY_MEAN, *points),
            first_hour=now - 12 * run, values=values,
        ))  # fmt: skip
    taken = []
    for hour in range(hours):
        block = _observed(points, now + hour, 1, rng)
        desks.lines.clear()
        begun = time.perf_counter()
        desks.take(block)
        taken.append(1000 * (time.perf_counter() - begun))
    return {"median": round(statistics.median(taken), 2), "min": round(min(taken), 2), "lines": len(desks.lines)}


def _observed(points: tuple[str, ...], first: int, hours: int, rng: np.random.Generator) -> ObservationBlock:
    values = np.rint(np.abs(rng.normal(60, 30, (len(ITEMS), len(points), hours))))
    values[2] = np.round(values[2] / 50, 1)
    return ObservationBlock(
        source="bench", city=CITY, stations=points, first_hour=first, values=values,
        present=np.ones(values.shape[1:], bool),
    )  # fmt: skip


def bounded(short: int = 1, long: int = 9, runs: int = 2) -> dict:
    """Measure the rate between a short and a long history, in turns; the quickest of each counts."""
    seconds: dict[int, list[float]] = {short: [], long: []}
    counts: dict[int, int] = {}
    for years in (short, long) * runs:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            counts[years] = publish(data, blocks(years))
            begun = time.perf_counter()
            workers = os.cpu_count() or 1
            History(data / "topics", data / "history", roster_of(load()), Counting(), workers=workers).run()
            seconds[years].append(time.perf_counter() - begun)
    rate = (counts[long] - counts[short]) / (min(seconds[long]) - min(seconds[short]))
    peer = _peer(blocks(1))
    return {
        "bounded_station_hours_per_s": round(rate), "peer_pandas_station_hours_per_s": round(peer),
        "bounded_ratio_to_peer": round(rate / peer, 2),
        "bounded_seconds": {years: [round(s, 1) for s in each] for years, each in seconds.items()},
    }  # fmt: skip


def years() -> dict:
    """Time years of 41 stations, a file a station in any order and a month at a time; count what was late."""
    found = {}
    for count, by_station in ((1, True), (5, True), (5, False)):
        with tempfile.TemporaryDirectory() as folder:
            data, sink = Path(folder), Counting()
            topic = open_topic(data / "topics" / messages.TOPICS[messages.OBSERVATION])
            for number, lines in enumerate(_files(count, by_station=by_station)):
                topic.append(lines, key=f"{number:05d}")
            history = History(data / "topics", data / "history", roster_of(load()), sink, workers=1)
            with _watched() as peaks:
                begun = time.perf_counter()
                history.run()
                seconds = time.perf_counter() - begun
            accepted, duplicate, late = np.sum(list(history.counts.values()), axis=0).tolist()
            kept = [path.stat().st_size for path in (data / "history").rglob("*") if path.is_file()]
            found[f"{count} years, {'by station' if by_station else 'in order'}"] = {
                "seconds": round(seconds, 1), "accepted": accepted, "duplicate": duplicate, "late": late,
                "peak_mb": sorted(round(mb) for mb in peaks.values()), "kept_mb": round(sum(kept) / 1e6), "files": len(kept),
            }  # fmt: skip
    return {"years_of_41_stations": found}


def _files(count: int, *, by_station: bool) -> Iterator[list[str]]:
    rng, months = np.random.default_rng(1), range(int(count * 12.175))
    stations = sorted((s.code, s.city) for s in load().stations.values() if s.kind == "national" and s.city)[:STATIONS]
    random.Random(3).shuffle(stations)
    files = (
        [[(each, month) for month in months] for each in stations]
        if by_station
        else [[(each, month) for each in stations] for month in months]
    )
    for file in files:
        blocks = (replace(_observed((code,), FIRST + 720 * month, 720, rng), city=city) for (code, city), month in file)
        yield [messages.block_line(block) for block in blocks]


@contextlib.contextmanager
def _watched() -> Iterator[dict[int, float]]:
    """Note the peak of memory [MB] of this process and its children."""
    peaks: dict[int, float] = {}
    ended = threading.Event()

    def look() -> None:
        me = psutil.Process()
        while not ended.wait(0.2):
            for process in (me, *me.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    peaks[process.pid] = max(peaks.get(process.pid, 0), process.memory_info().rss / 1e6)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        watcher.join()


def decade() -> dict:
    """Time ten years of daily files into a store, all in."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        write_days(raw, YEARS)
        result = {
            "files": len(list(raw.iterdir())),
            "sqlite": _replayed(raw, Path(folder) / "a", f"sqlite:///{folder}/a.sqlite"),
        }
        with contextlib.suppress(NoPostgres), private_cluster() as url:
            result["postgresql"] = _replayed(raw, Path(folder) / "b", url)
    return {"decade_of_41_stations": result}


def _replayed(raw: Path, home: Path, store: str) -> dict[str, float]:
    home.mkdir()
    environment = {
        **os.environ,
        "AIRSHED_BOOTSTRAP": "off",
        "PYTHONPATH": str(ROOT),
        "AIRSHED_HOME": str(home / "data"),
    }
    begun = time.perf_counter()
    command = [sys.executable, "-m", "infra", "replay", str(raw), "--store", store]
    subprocess.run(command, cwd=home, check=True, env=environment, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    engine = sa.create_engine(store)
    with engine.connect() as connection:
        rows = {
            t: connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar()
            for t in ("air_station_hour", "air_city_hour")
        }
        done, came = connection.exec_driver_sql("SELECT sum(accepted), sum(rows_in) FROM source_hour").one()
    engine.dispose()
    return {"seconds": round(seconds, 1), **rows, "rows_in": int(came), "accepted": int(done)}


def write_days(folder: Path, years: int) -> None:
    """Write daily files of the national layout, whole numbers with 2 % missing."""
    folder.mkdir(parents=True)
    stations = sorted(s.code for s in load().stations.values() if s.kind == "national" and s.city)[:STATIONS]
    rng = np.random.default_rng(1)
    for number in range(int(365.25 * years)):
        day = dt.date(2014, 1, 1) + dt.timedelta(days=number)
        lines = ["date,hour,type," + ",".join(stations)]
        for hour in range(24):
            values = np.rint(np.abs(rng.normal(60, 30, (len(KINDS), STATIONS))))
            missing = rng.random(values.shape) < 0.02
            for kind, row, gone in zip(KINDS, values, missing, strict=True):
                form = (lambda x: f"{x / 50:.1f}") if kind.startswith("CO") else (lambda x: f"{x:.0f}")
                cells = ["" if g else form(x) for x, g in zip(row, gone, strict=True)]
                lines.append(f"{day:%Y%m%d},{hour},{kind}," + ",".join(cells))
        (folder / f"china_sites_{day:%Y%m%d}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


PARTS = {"desk": desk, "bounded": bounded, "years": years, "decade": decade}


if __name__ == "__main__":
    main(sys.argv[1:])
