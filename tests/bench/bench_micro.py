"""What micro-stations cost a city: `python -m tests.bench.bench_micro [stations]` prints JSON.

One city's desk without Flink: ten national stations and some micro-stations (300 unless told) with a month behind them, then
two days hour by hour, first the block of the national stations, then that of the micro-stations. Each figure is the median
time of a block from its line to its result lines, and how many rows it gave out, beside the same city without micro-stations.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from streams.records import ObservationBlock
from streams.registry import Registry, load
from streams.registry.roster import roster_of
from streams.store.lines import effect_of
from tests.streams.replaying import Desks

CITY, FIRST, HISTORY_DAYS, LIVE_H = "510100", 465_000, 30, 48
HEADER = "code,name_zh,kind,lon,lat,city"


def main(micro: int) -> None:
    """Measure the city without and with micro-stations."""
    without, within = _live(0), _live(micro)
    print(json.dumps({"micro_stations": micro, "without": without, "with": within}, indent=2))


def registry_with(micro: int) -> Registry:
    """Give the shipped registry with so many micro-stations in CITY."""
    lines = [f"M{i:04d},micro {i},micro,104.{i:04d},30.6,{CITY}" for i in range(micro)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stations.csv"
        path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        return load().import_stations(path)


def _live(micro: int) -> dict[str, float]:
    registry, rng = registry_with(micro), np.random.default_rng(1)
    of_city = sorted((s for s in registry.stations.values() if s.city == CITY), key=lambda s: s.code)
    kinds = {kind: tuple(s.code for s in of_city if s.kind == kind) for kind in ("national", "micro")}
    desks = Desks(roster_of(registry))
    for day in range(HISTORY_DAYS):
        for stations in filter(None, kinds.values()):
            desks.take(_block(stations, FIRST + 24 * day, 24, rng))
    taken: dict[str, list[tuple[float, int]]] = {kind: [] for kind in kinds}
    for hour in range(LIVE_H):
        for kind, stations in kinds.items():
            if stations:
                block = _block(stations, FIRST + 24 * HISTORY_DAYS + hour, 1, rng)
                desks.lines.clear()
                begun = time.perf_counter()
                desks.take(block)
                taken[kind].append((time.perf_counter() - begun, _rows(desks.lines)))
    figures = {}
    for kind, each in taken.items():
        if each:
            figures[f"{kind}_block_ms"] = round(1000 * statistics.median(s for s, _ in each), 2)
            figures[f"{kind}_block_rows"] = round(statistics.median(n for _, n in each))
    return figures


def _rows(lines: list[str]) -> int:
    return sum(len(effect.rows) for effect in map(effect_of, lines) if effect.rows is not None)


def _block(stations: tuple[str, ...], first: int, hours: int, rng: np.random.Generator) -> ObservationBlock:
    values = np.rint(np.abs(rng.normal(60, 30, (len(ITEMS), len(stations), hours))))
    values[2] = np.round(values[2] / 50, 1)
    values[rng.random(values.shape) < 0.02] = np.nan
    present = np.ones(values.shape[1:], bool)
    return ObservationBlock(
        source="bench", city=CITY, stations=stations, first_hour=first, values=values, present=present
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
