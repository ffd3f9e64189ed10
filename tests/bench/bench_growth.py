"""What a data folder grows by: `python -m tests.bench.bench_growth [hours]` prints JSON.

Sixty stations of the eight cities bring an hour at a time, and once a day a run of seven days at every station, through the engine
into a SQLite store, as live hours come. The folder is measured after a warm-up and at the end: what lies between is growth, by the
station-hour of observation; what is bounded (checkpoints, logs) is given as it is at the end. Nothing is removed by age meanwhile.
Then the hours alone, without runs, in a second folder, so that both can be told apart.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from streams.records import Intake
from streams.registry import load
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.bench.made_blocks import observed, run
from tests.integration.processes import Platform

STATIONS, FIRST, RUN_H, STARTS_H, WARM_H = 60, 465_000, 168, 24, 48
"""Stations; first hour; hours of a run; hours between runs; hours before the first look (means of 24 h are whole by then)."""


def main() -> None:
    """Measure and print."""
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else 144
    print(json.dumps({"with_runs": grown(hours, runs=True), "hours_alone": grown(hours, runs=False)}, indent=2))


def grown(hours: int, *, runs: bool) -> dict:
    """Play so many hours; give the growth between the end of the warm-up and the last."""
    with tempfile.TemporaryDirectory() as folder:
        data, rng = Path(folder), np.random.default_rng(1)
        platform = Platform(data)
        try:
            for name in ("pipeline", "store"):
                platform.start(name)
            _play(data, platform, range(WARM_H), rng, runs=runs)
            before = sizes(platform, data)
            _play(data, platform, range(WARM_H, WARM_H + hours), rng, runs=runs)
            after = sizes(platform, data)
        finally:
            platform.stop()
        station_hours = hours * STATIONS
        growth = {name: after[name] - before.get(name, 0) for name in after}
        return {
            "station_hours": station_hours,
            "bytes_a_station_hour": {name: round(size / station_hours, 1) for name, size in sorted(growth.items())},
            "bytes_at_the_end": dict(sorted(after.items())),
        }


def sizes(platform: Platform, data: Path) -> dict[str, int]:
    """Give the bytes below each folder of a data directory and of each topic; the store as one file without its journal."""
    with platform.engine.connect() as connection:
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    found: dict[str, int] = {}
    for path in data.rglob("*"):
        part = path.relative_to(data).parts
        name = "/".join(part[:2]) if part[0] == "topics" else part[0]
        if path.is_file():
            name = "journals of the topics" if path.name == ".keys" else name
            found[name] = found.get(name, 0) + path.stat().st_size
    return found


def _play(data: Path, platform: Platform, hours: range, rng: np.random.Generator, *, runs: bool) -> None:
    """Bring hours one by one, each when the one before is stored."""
    kinds = messages.OBSERVATION, messages.FORECAST
    topics = {kind: open_topic(data / "topics" / messages.TOPICS[kind]) for kind in kinds}
    intake = open_topic(data / "topics" / messages.INTAKE_TOPIC)
    for hour in hours:
        now = FIRST + hour
        if runs and hour % STARTS_H == 0:
            lines = [messages.block_line(run(city, own, now, RUN_H, rng)) for city, own in _stations().items()]
            topics[messages.FORECAST].append(lines, key=f"run-{hour}")
        lines = [messages.block_line(observed(city, own, now, 1, rng)) for city, own in _stations().items()]
        topics[messages.OBSERVATION].append(lines, key=f"hour-{hour}")
        intake.append(
            [messages.intake_line(Intake("bench", f"{now}.csv", time.time(), {now: STATIONS}))], key=f"hour-{hour}"
        )
        _until_stored(platform, now)


def _until_stored(platform: Platform, hour: int) -> None:
    deadline = time.monotonic() + 120
    query = sa.text("select min(newest) from (select max(hour_end) newest from air_city_hour group by city)")
    while time.monotonic() < deadline:
        with platform.engine.connect() as connection:
            newest = connection.scalar(query)
        if newest and str(newest) >= str(np.datetime64(hour, "h")).replace("T", " "):
            return
        time.sleep(0.05)
    raise TimeoutError(f"hour {hour} was not stored within 120 s")


def _stations() -> dict[str, tuple[str, ...]]:
    registry = load()
    cities = list(registry.cities)
    counts = {city: STATIONS // len(cities) + (i < STATIONS % len(cities)) for i, city in enumerate(cities)}
    own = {c: sorted(s.code for s in registry.stations.values() if s.city == c) for c in cities}
    return {city: tuple([*own[city], *(f"{city}{k}" for k in range(9))][: counts[city]]) for city in cities}


if __name__ == "__main__":
    main()
