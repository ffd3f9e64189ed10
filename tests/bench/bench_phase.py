"""What the draft of a year costs: eight cities and their stations, this year and the one before, with forecasts. Prints JSON.

Run: python -m tests.bench.bench_phase [rounds]

gather: reading from the store; assess: computing; cpu: of the processor, because what else the machine does adds to the others;
bytes: of the inputs before compression, of the content, and of both packed.
The median of the rounds on a store of two years of days (SQLite), one run a day of forecasts over seven days, attribution of each
day; once with eight earlier years of city days beside them, which a trend reads.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import sys
import tempfile
import time
import zlib
from pathlib import Path

import sqlalchemy as sa

from dashboards.phase.assess import assess
from dashboards.phase.content import as_bytes
from dashboards.phase.door import gathered_for
from dashboards.phase.question import question_of
from streams.store import schema
from tests.dashboards import attributed
from tests.dashboards.phase import made

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 12, 31)
ROUNDS = 9


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        engine = made.store(Path(folder))
        _fill(engine)
        found = {"two_years": _measured(engine, "2026", rounds), "quarter": _measured(engine, "2026-Q3", rounds)}
        first = dt.date(2017, 1, 1)
        made.put_cities(engine, made.daily(8, first, FIRST - dt.timedelta(days=1), seed=5), first)
        found["ten_years"] = _measured(engine, "2026", rounds)
        found["ten_years_2012"] = _measured(engine, "2026", rounds, edition="2012")
    print(json.dumps({"rounds": rounds, "stations": len(made.points()), "draft": found}, indent=2))


def _fill(engine: sa.Engine) -> None:
    made.put_cities(engine, made.daily(8, FIRST, LAST), FIRST)
    points = made.points()
    made.put_stations(engine, made.daily(len(points), FIRST, LAST, seed=3), FIRST, points)
    with engine.begin() as connection:
        for city in made.CITIES:
            for back in range(365):
                start = dt.datetime(2026, 12, 30, 16) - back * dt.timedelta(days=1)
                rows = made.run_of(city, start)
                connection.execute(sa.insert(schema.forecast_city_hour), rows)
                end = start + dt.timedelta(hours=24)
                row = attributed.row(city, made.CITIES, end) | {
                    "city": city,
                    "hour_end": end,
                    "first_hour": start,
                    "span": "day",
                }
                connection.execute(sa.insert(schema.attribution), [row])


def _measured(engine: sa.Engine, period: str, rounds: int, edition: str = "") -> dict[str, float]:
    question = question_of({"period": period, "edition": edition}, made.CITIES)
    reading, computing, spent = [], [], []
    for _ in range(rounds + 1):
        with engine.connect() as connection:
            begun, busy = time.perf_counter(), time.process_time()
            gathered = gathered_for(connection, question, registry=made.KNOWN, folder=None)
            read = time.perf_counter()
            content = assess(gathered)
        reading.append(read - begun)
        computing.append(time.perf_counter() - read)
        spent.append(time.process_time() - busy)
    inputs, form = gathered.as_bytes(), as_bytes(content)
    times = {
        name: round(1000 * statistics.median(each[1:]))
        for name, each in (("gather_ms", reading), ("assess_ms", computing))
    }
    sizes = {"inputs_kb": len(inputs), "content_kb": len(form), "inputs_packed_kb": len(zlib.compress(inputs)),
             "content_packed_kb": len(zlib.compress(form))}  # fmt: skip
    times |= {"all_ms": sum(times.values()), "cpu_ms": round(1000 * statistics.median(spent[1:]))}
    return times | {name: round(size / 1000) for name, size in sizes.items()}


if __name__ == "__main__":
    main()
