"""The main path's speed on this machine: `python -m tests.bench.bench_stream [steady|year|live|memory]...` prints JSON.

steady: station-hours a second through means, AQI and join in the engine, from topic to sink, start-up left out (a long and a
short history, the difference of their times), beside a peer in the same run: pandas rolling means and numpy.interp for
the same AQI, one process, nothing kept or joined. year: 50 stations' year through engine and store, all in, by `airshed replay`.
live: from a published hour to its row in the store. memory: all processes of the platform, shared pages counted once.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import sqlalchemy as sa

from standards.editions import edition_named
from standards.pollutants import ITEMS
from streams.records import Intake, ObservationBlock
from streams.registry import load
from streams.store.schema import air_city_hour
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.integration.processes import ROOT, Platform

FIRST, MONTH_H, STATIONS = 447_088, 730, 50
"""Blocks of a twelfth of a year; about 50 stations over the eight cities."""
BEFORE_THE_SAMPLE = dt.datetime(2023, 1, 1)


def main(parts: list[str]) -> None:
    """Run the parts asked for, by default all."""
    chosen = parts or ["steady", "year", "live", "memory"]
    result = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    for name in chosen:
        result |= PARTS[name]()
    print(json.dumps(result, indent=2))


def blocks(years: int) -> list[ObservationBlock]:
    """Make years of hours of 50 stations, whole numbers with 2 % missing."""
    registry, rng = load(), np.random.default_rng(1)
    made = []
    for month in range(12 * years):
        for i, city in enumerate(registry.cities):
            count = STATIONS // 8 + (i < STATIONS % 8)
            own = sorted(s.code for s in registry.stations.values() if s.city == city)
            stations = tuple([*own, *(f"{city}{k}" for k in range(9))][:count])
            values = np.rint(np.abs(rng.normal(60, 30, (len(ITEMS), count, MONTH_H))))
            values[2] = np.round(values[2] / 50, 1)
            values[rng.random(values.shape) < 0.02] = np.nan
            first, present = FIRST + month * MONTH_H, np.ones(values.shape[1:], bool)
            block = {"source": "bench", "city": city, "stations": stations, "first_hour": first}
            made.append(ObservationBlock(**block, values=values, present=present))
    return made


def publish(data: Path, made: list[ObservationBlock]) -> int:
    """Write blocks and their counts into topics; give the station-hours."""
    topic, intake = (
        open_topic(data / "topics" / n) for n in (messages.TOPICS[messages.OBSERVATION], messages.INTAKE_TOPIC)
    )
    size = max(len(made) // 8, 1)
    rows: dict[int, int] = {}
    for at in range(0, len(made), size):
        topic.append([messages.block_line(block) for block in made[at : at + size]], key=f"bench-{at}")
    for block in made:
        for hour in range(block.first_hour, block.first_hour + block.hours):
            rows[hour] = rows.get(hour, 0) + len(block.stations)
    intake.append([messages.intake_line(Intake("bench", "bench", time.time(), rows))], key="bench")
    return sum(rows.values())


def steady(short: int = 1, long: int = 9, runs: int = 2) -> dict:
    """Measure the rate between a short and a long history, in turns; the quickest of each counts, for a machine only ever slows."""
    seconds: dict[int, list[float]] = {short: [], long: []}
    counts: dict[int, int] = {}
    for years in (short, long) * runs:
        with tempfile.TemporaryDirectory() as folder:
            counts[years] = publish(Path(folder), blocks(years))
            begun = time.perf_counter()
            command = [
                sys.executable,
                "-m",
                "streams.pipeline",
                "--data",
                folder,
                "--bounded",
                "--checkpoint-ms",
                "1000",
            ]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seconds[years].append(time.perf_counter() - begun)
    rate = (counts[long] - counts[short]) / (min(seconds[long]) - min(seconds[short]))
    peer = _peer(blocks(1))
    return {
        "steady_station_hours_per_s": round(rate), "peer_pandas_station_hours_per_s": round(peer),
        "steady_seconds": {years: [round(s, 1) for s in each] for years, each in seconds.items()},
        "steady_ratio_to_peer": round(rate / peer, 2),
    }  # fmt: skip


def _peer(made: list[ObservationBlock]) -> float:
    edition, count, begun = edition_named("2012"), 0, time.perf_counter()
    lines = [edition.breakpoints[item, "day" if item in ("pm10", "pm25") else "hour"] for item in ITEMS]
    for block in made:
        indices = []
        for i, line in enumerate(lines):
            frame = pd.DataFrame(block.values[i].T)
            frame.rolling(24, min_periods=20).mean()
            if ITEMS[i] == "o3":
                frame.rolling(8, min_periods=6).mean()
            indices.append(np.ceil(np.interp(block.values[i], [float(c) for c in line.concentration], line.iaqi)))
        np.nanmax(indices, axis=0)
        count += block.present.size
    return count / (time.perf_counter() - begun)


def year() -> dict:
    """Time a year of 50 stations from topics into SQLite, everything started and stopped."""
    with tempfile.TemporaryDirectory() as folder:
        data, empty = Path(folder) / "data", Path(folder) / "empty"
        empty.mkdir()
        count = publish(data, blocks(1))
        begun = time.perf_counter()
        command = [sys.executable, "-m", "infra", "replay", str(empty), "--data", str(data)]
        environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT)}
        subprocess.run([*command, "--store", f"sqlite:///{folder}/s.sqlite"], cwd=ROOT, check=True, env=environment,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        return {"year_of_50_stations_s": round(time.perf_counter() - begun, 1), "year_station_hours": count}


def live(hours: int = 120) -> dict:
    """Publish one hour of one city at a time and wait for its row."""
    registry = load()
    stations = tuple(sorted(s.code for s in registry.stations.values() if s.city == "510100"))
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder))
        topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
        try:
            platform.start("pipeline")
            platform.start("store")
            waits = [one_hour(platform, topic, stations, hour, more_than=hour) for hour in range(hours)][5:]
        finally:
            platform.stop()
    ordered = sorted(waits)
    return {
        "live_p50_s": round(statistics.median(ordered), 3), "live_p99_s": round(ordered[int(0.99 * len(ordered))], 3),
        "live_max_s": round(ordered[-1], 3), "live_hours": len(ordered),
    }  # fmt: skip


def one_hour(platform: Platform, topic, stations: tuple[str, ...], hour: int, *, more_than: int) -> float:
    """Publish an hour [from FIRST on] of a city and wait until the store holds more than so many city hours; give how long [s]."""
    values = np.full((len(ITEMS), len(stations), 1), float(hour % 400 + 1))
    values[2] = 0.5
    block = ObservationBlock(source="bench", city="510100", stations=stations, first_hour=FIRST + hour, values=values,
                             present=np.ones((len(stations), 1), bool))  # fmt: skip
    begun = time.perf_counter()
    topic.append([messages.block_line(block)], key=f"live-{hour}")
    while stored_hours(platform) <= more_than:
        if time.perf_counter() - begun > 60:
            raise TimeoutError("the hour did not arrive within 60 s")
        time.sleep(0.005)
    waited = time.perf_counter() - begun
    time.sleep(0.05 + hour % 7 * 0.06)  # publish at varying phases of the checkpoint
    return waited


def stored_hours(platform: Platform) -> int:
    """Count the city hours in the store that are of the years of this bench, before the sample's first."""
    rows = sa.select(sa.func.count()).select_from(air_city_hour).where(air_city_hour.c.hour_end < BEFORE_THE_SAMPLE)
    with platform.engine.connect() as connection:
        return connection.execute(rows).scalar()


def memory() -> dict:
    """Start the whole platform on the sample and add up the proportional memory of all its processes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "infra", "up", "--data", folder, "--port", "8790"]
        environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        begun, first = time.perf_counter(), None
        for line in process.stdout:
            if "AQI" in line:
                first = time.perf_counter() - begun
                break
        time.sleep(10)
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        total = sum(each.memory_full_info().pss for each in family)
        process.send_signal(2)
        process.wait(30)
    return {"first_aqi_stored_s": round(first, 1), "memory_mib": round(total / 2**20), "processes": len(family)}


PARTS = {"steady": steady, "year": year, "live": live, "memory": memory}

if __name__ == "__main__":
    main(sys.argv[1:])
