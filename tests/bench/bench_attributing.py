"""How fast the platform attributes from its store: a history of eight cities and four tagged models, a live hour. Prints JSON.

Run: python -m tests.bench.bench_attributing [days] [processes]
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import orjson
import sqlalchemy as sa

from ml.attributing.corrections import Shelf
from ml.attributing.history import run
from ml.attributing.region import region_of
from ml.attributing.spans import attributed
from ml.attribution.tags import TagEnsemble
from standards.days import HOURS_PER_DAY
from streams import registry
from streams.contributors import ALL, OUTSIDE, SECTORS
from streams.memory.taghours import contents
from streams.store import begin_write, open_store
from streams.store.lines import EPOCH
from streams.store.schema import attribution, tag_axes, tag_hour
from tests.bench.bench_attribution import CITIES, seen_of, tags_of
from tests.ml.attributing.made import hour_of, keep_observed

RUN_H, LEAD_H = 12, 24
PAIRS = [*((sector, ALL) for sector in SECTORS), *((ALL, city) for city in CITIES), (ALL, OUTSIDE)]


def fill(store: sa.Engine, tags: TagEnsemble) -> None:
    """Store tags as runs of every 12 hours, 24 hours long, without sector x city."""
    names = {"quantities": orjson.dumps(tags.quantities).decode(), "contributors": orjson.dumps(PAIRS).decode()}
    with begin_write(store) as connection:
        connection.execute(sa.insert(tag_axes), [{"axes": "a", "definition": "allocation", "version": 1, **names}])
        for m, member in enumerate(tags.members):
            sides = (tags.sector[m][:, :, :-1], tags.place[m])
            values = np.concatenate(sides, axis=2).transpose(0, 2, 1, 3)
            for c, city in enumerate(tags.cities):
                texts = contents(values[:, :, c])
                rows = [
                    {"place": city, "hour_end": hour_of(tags.first_hour + h), "axes": "a", "city": city, "points": 4,
                     "run": f"{member}/{hour_of(tags.first_hour + begin - 1):%Y-%m-%dT%HZ}", "lead_hours": h - begin + 1,
                     "packed": texts[h], "file_digest": "f", "released_at": EPOCH, "received_at": EPOCH, "simulated": True,
                     "version": 1}
                    for begin in range(0, tags.hours, RUN_H) for h in range(begin, min(begin + LEAD_H, tags.hours))
                ]  # fmt: skip
                connection.execute(sa.insert(tag_hour), rows)


def cpu_s() -> float:
    """Give what this process and those that it started have used of a core [s]."""
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    """Fill a store, attribute its history, then its last hour once more."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory() as folder:
        url, data = f"sqlite:///{folder}/store.sqlite", Path(folder)
        store, tags = open_store(url), tags_of(days)
        fill(store, tags)
        keep_observed(store, seen_of(tags), cities=CITIES)
        end = tags.first_hour + days * HOURS_PER_DAY
        began, used = time.perf_counter(), cpu_s()
        rows = run(url, data, None, tags.first_hour, end, processes=processes)
        took, used = time.perf_counter() - began, cpu_s() - used
        with begin_write(store) as connection:
            connection.execute(sa.delete(attribution).where(attribution.c.hour_end == hour_of(end - 1)))
        region, shelf = region_of(registry.load(), end - 1), Shelf(data / "attribution" / "corrections")
        live = []
        for _ in range(3):
            began = time.perf_counter()
            next(attributed(store, region, shelf, {end - 1}, end - 1))
            live.append(time.perf_counter() - began)
        print(json.dumps({
            "days": days, "rows": rows, "history_s": round(took, 1), "a_year_cpu_s": round(used * 365 / days, 1),
            "a_year_s": round(took * 365 / days, 1),
            "live_hour_s": [round(each, 2) for each in live], "processes": processes,
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "memory_of_a_child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        }))  # fmt: skip


if __name__ == "__main__":
    main()
