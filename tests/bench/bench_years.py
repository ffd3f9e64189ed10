"""A year through desks, archive, topics, store and pages in one process: `python -m tests.bench.bench_years`.

Prints JSON: the memory [MB] and what is kept after each thirty days, and ends with 1 where memory is not flat after the warm-up:
the last look may lie FLAT_MB above the one after WARM_DAYS. The engine's Java is not in it (its state is what the desks keep,
pieces and the digests of those in the archive), nor is time: hours come a day at once, pages are asked for once a day, segments go
as the store's process lets them go.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import sqlalchemy as sa
from werkzeug.test import Client

from dashboards.context import Context
from dashboards.snapshots import declared
from dashboards.snapshots.front import Front
from standards.addresses import sqlite_url
from standards.clocks import DAY_S
from streams import registry
from streams.desks import regiondesk
from streams.memory.archive import Archive
from streams.memory.book import LAYOUT
from streams.memory.shelf import Shelf
from streams.store import open_store
from streams.store.__main__ import _remove_empty_folders
from streams.store.lines import EPOCH
from streams.store.materialiser import Materialiser
from streams.wire import messages
from streams.wire.topics import DirectoryTopic
from tests.bench.made_blocks import observed, run
from tests.streams.replaying import FIRST, STATIONS, Desks, Pieces

CAPACITY, EVERY_DAYS = 2, 30
"""Pieces of each kind in the keyed state (480 days of them by default); days between looks."""
WARM_DAYS, FLAT_MB = 90, 25.0
PAGES = ("/", "/wall", "/city/510100", "/en/city/510600", "/now")
FEED_DAYS, RESULT_DAYS, RUN_H = 30, 3, 72


class SmallDesks(Desks):
    """The desks of the job with little room in the keyed state, so that a year goes through the archive too."""

    def _shelf(self, held: Pieces, name: str) -> Shelf:
        layout = regiondesk.LAYOUT if name == "region" else LAYOUT
        return Shelf(held, Archive(self.archive, layout=layout, lasting=False), name, capacity=CAPACITY)


class Years:
    """All that takes part, below a folder; play lets days go by. hours: of a block."""

    def __init__(self, folder: Path, hours: int = 24) -> None:
        self.hours = hours
        self.now, self.rng = FIRST, np.random.default_rng(1)
        self.results = folder / messages.RESULT_TOPIC
        self.feed = DirectoryTopic(folder / messages.TOPICS[messages.OBSERVATION], clock=self.clock)
        self.desks = SmallDesks(archive=folder / "archive")
        self.engine = open_store(sqlite_url(folder / "store.sqlite"))
        self.engine.dispose()  # SQLite's own pages are bounded by a setting of 64 MB, and would fill for months
        sa.event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA cache_size=-2000"))
        topics = [DirectoryTopic(folder / n, clock=self.clock) for n in (messages.RESULT_TOPIC, messages.INTAKE_TOPIC)]
        self.topics = [*topics, self.feed]
        self.materialiser = Materialiser(self.engine, topics, clock=self.clock)
        declared.load()
        context = Context(lambda: self.engine, registry.load(), clock=lambda: EPOCH + dt.timedelta(hours=self.now))
        self.front = Front(context, lambda *_: [b""])
        self.client = Client(self.front)

    def clock(self) -> float:
        """The simulated seconds since 1970."""
        return self.now * 3600.0

    def play(self, days: int) -> None:
        """Let days go by."""
        for _ in range(days):
            for blocks in self._day():
                self._come(blocks)
            self._shown()
            self._pruned()

    def kept(self) -> dict[str, int]:
        """Count what the parts keep in memory."""
        gc.collect()
        pieces = [*self.desks.pieces.values(), self.desks.region_pieces]
        return {
            "pieces": sum(not isinstance(each, str) for held in pieces for each in held.values()),
            "digests": sum(isinstance(each, str) for held in pieces for each in held.values()),
            "lines": len(self.desks.lines) + len(self.desks.rejected),
            "segments_known": sum(map(len, self.materialiser._stored.values())),
            "files_listed": sum(len(f[2]) for t in self.topics for f in t._listing._folders.values()),
            "bodies": len(self.front._kept) + len(self.front._troubled),
            "objects": len(gc.get_objects()),
        }

    def _day(self) -> Iterator[list]:
        """Give the blocks of a day as they come, a run before its first hours."""
        yield [run(city, own, self.now, RUN_H, self.rng) for city, own in STATIONS.items()]
        for _ in range(24 // self.hours):
            yield [observed(city, own, self.now, self.hours, self.rng) for city, own in STATIONS.items()]
            self.now += self.hours

    def _come(self, blocks: list) -> None:
        """Publish blocks, assess them, lay the results down as the engine's sink does, store them."""
        kind = type(blocks[0]).__name__
        self.feed.append([messages.block_line(each) for each in blocks], key=f"{kind}-{self.now}")
        for each in blocks:
            self.desks.take(each)
        day = f"{EPOCH + dt.timedelta(hours=self.now):%Y-%m-%d}"
        part = self.results / day / f"part-{uuid.uuid4()}-0"
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text("".join(f"{line}\n" for line in self.desks.lines), encoding="utf-8")
        os.utime(part, (self.clock(), self.clock()))
        self.desks.lines.clear()
        while self.materialiser.step():
            pass

    def _shown(self) -> None:
        for path in PAGES:
            answer = self.client.get(path)
            assert answer.status_code == 200 and answer.data, path

    def _pruned(self) -> None:
        for name in self.feed.segments():
            file = self.feed.folder / name
            if file.stat().st_mtime > self.clock():
                written = int(name.partition("-")[0]) / 1000
                os.utime(file, (written, written))
        self.materialiser.prune(FEED_DAYS * DAY_S, RESULT_DAYS * DAY_S)
        self.feed.retain(FEED_DAYS * DAY_S)
        for inner in self.results.iterdir():
            os.utime(inner, (0, 0))
        _remove_empty_folders(self.results, DAY_S)


def main() -> int:
    """Play, print and judge."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 365
    looks = []
    with tempfile.TemporaryDirectory() as folder:
        years = Years(Path(folder))
        for day in range(EVERY_DAYS, days + 1, EVERY_DAYS):
            years.play(EVERY_DAYS)
            kept = years.kept()
            looks.append({"day": day, "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1), **kept})
            print(looks[-1], file=sys.stderr, flush=True)
        years.engine.dispose()
    warm = next((look["rss_mb"] for look in looks if look["day"] >= WARM_DAYS), looks[-1]["rss_mb"])
    grown = round(looks[-1]["rss_mb"] - warm, 1)
    print(json.dumps({"days": days, "grown_mb_after_the_warm_up": grown, "looks": looks}, indent=2))
    return int(grown > FLAT_MB)


if __name__ == "__main__":
    sys.exit(main())
