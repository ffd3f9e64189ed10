"""The work of an attribution: look what the store has got since the last look, and attribute the hours that it touched."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Collection
from pathlib import Path

import sqlalchemy as sa

from ml.attributing.attributing import relations_of
from ml.attributing.corrections import STEP_DAYS, Shelf, edge_of
from ml.attributing.gather import newest_hour
from ml.attributing.measures import Foreseer
from ml.attributing.position import Position, next_version, read_position, write_position
from ml.attributing.region import Region, region_of
from ml.attributing.spans import Part, attributed
from standards.days import HOURS_PER_DAY
from streams.registry import Registry
from streams.store.attribution import as_rows, newest_stored, publish, stored_since, touched_by
from streams.store.scenarios import publish_scenarios

LOG = logging.getLogger("airshed.attribution")
FEW_HOURS = 48
"""Of more hours than these the newest come first, in parts of their own."""


class Worker:
    """Attributes what the store gets. step() is one look; what it cannot finish it does again at the next.

    learn: starts learning the correction of a period apart and gives whether that is under way; None: nobody learns.
    """

    def __init__(
        self, engine: sa.Engine, registry: Registry, data: Path, *, learn: Callable[[int], bool] | None = None
    ) -> None:
        self.engine, self.registry, self.topics = engine, registry, data / "topics"
        self.folder = data / "attribution"
        self.shelf = Shelf(self.folder / "corrections")
        self.position = read_position(self.folder / "position.json")
        self.tagged = False
        self._learn, self._awaited = learn, {}
        self._looked: dt.datetime | None = None
        self._region: tuple[int, Region] | None = None
        self._relations = relations_of(engine, tuple(registry.cities))
        self._foreseer, self._new_tags = Foreseer(engine, registry), False

    def step(self) -> bool:
        """Attribute the hours that were touched since the last look; tell whether there was anything new in the store."""
        with self.engine.connect() as connection:
            newest_segment = newest_stored(connection)
            if newest_segment == self._looked and not self._awaited:
                return False
            segments, seen = stored_since(connection, self.position.seen)
        touched = self._touched(segments)
        self._relations.forget(touched)
        hours = touched | self._learned()
        if hours:
            self._attribute(hours)
        if seen != self.position.seen:
            self.position = Position(seen, self.position.version)
            write_position(self.folder / "position.json", self.position)
        self._looked = newest_segment
        return bool(segments or hours)

    def _touched(self, segments: Collection[str]) -> set[int]:
        hours: set[int] = set()
        for segment in segments:
            for table, touched in touched_by(self.topics, segment).items():
                hours |= touched
                self.tagged |= table == "tag_hour"
                self._new_tags |= table == "tag_hour"
        return hours

    def _attribute(self, hours: set[int]) -> None:
        newest = newest_hour(self.engine, tuple(self.registry.cities))
        if newest is None:
            return
        region = self._region_on(newest)
        for part in attributed(self.engine, region, self.shelf, hours, newest, self._relations):
            self.give(part)
        if self.tagged and self._learn is not None:
            for edge in sorted({edge_of(hour) for hour in hours if hour <= newest}, reverse=True)[:1]:
                if edge not in self._awaited and self.shelf.due(edge) and self._learn(edge):
                    self._awaited[edge] = time.monotonic()
        if self.tagged:
            self._foresee(newest)

    def _foresee(self, newest: int) -> None:
        """Send what measures would change; after the attribution, which does not wait for it."""
        rows, rejects = self._foreseer.step(newest, tagged=self._new_tags)
        self._new_tags = False
        for reject in rejects:
            LOG.warning("%s: %s: %s", reject.position, reject.reason, reject.value)
        if rows or rejects:
            version = next_version(self.position.version, self.topics.parent)
            self.position = Position(self.position.seen, version)
            publish_scenarios(self.topics, rows, rejects, version=version, key=f"{version}-{uuid.uuid4().hex[:8]}",
                              received_at=float(int(time.time())))  # fmt: skip

    def _learned(self) -> set[int]:
        """Give the hours of the periods whose correction has come: they are attributed by it now."""
        hours: set[int] = set()
        for edge in [each for each in self._awaited if self.shelf.path(each).exists()]:
            del self._awaited[edge]
            if self.shelf.get(edge) is not None:
                hours |= set(range(edge, edge + STEP_DAYS * HOURS_PER_DAY))
        return hours

    def _region_on(self, hour: int) -> Region:
        day = hour // HOURS_PER_DAY
        if self._region is None or self._region[0] != day:
            self._region = (day, region_of(self.registry, hour))
        return self._region[1]

    def give(self, part: Part) -> int:
        """Send rows and rejects to the store; give how many rows."""
        rows, rejects = part
        for reject in rejects:
            LOG.warning("%s: %s: %s", reject.position, reject.reason, reject.value)
        if rows or rejects:
            version = next_version(self.position.version, self.topics.parent)
            self.position = Position(self.position.seen, version)
            sent = as_rows(rows, version) if rows else None
            publish(
                self.topics, sent, rejects, key=f"{version}-{uuid.uuid4().hex[:8]}", received_at=float(int(time.time()))
            )
        return len(rows)


class Learning:
    """Learns corrections in a process of its own, one at a time, so that the memory it takes goes with it."""

    def __init__(self, store: str, data: Path, registry: Path | None) -> None:
        given = [] if registry is None else ["--registry", str(registry)]
        self._command = [sys.executable, "-m", "ml.attributing.learning", "--data", str(data), *given]
        # An address may hold a password, and the list of processes is open to everyone on the machine.
        self._environment = {**os.environ, "AIRSHED_STORE": store}
        self._running: subprocess.Popen[bytes] | None = None

    def __call__(self, edge: int) -> bool:
        """Start learning a period; give whether it is under way: False while another one is learned."""
        if self._running is not None and self._running.poll() is None:
            return False
        self._running = subprocess.Popen(
            [*self._command, "--edge", str(edge)], stdin=subprocess.DEVNULL, env=self._environment
        )
        return True

    def stop(self) -> None:
        """End what is running."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            self._running.wait()
