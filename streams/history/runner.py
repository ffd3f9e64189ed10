"""Runs a bounded history: segments of the feeds' topics through the desks of several processes into one sink.

What makes it safe to be killed: rows are upserts that carry versions, and a run that is started again gives the same rows the same
versions, since it begins with the number that the first try wrote down and reads the segments in the same order. Counts, which
are added up, the record of which segments are in, and the state that a later history goes on from become true together, in the
last transaction. Before it nothing counts as done, after it nothing is done again.
"""

from __future__ import annotations

import json
import logging
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from streams.desks import regiondesk
from streams.desks.regiondesk import RegionBook
from streams.history.cities import Counts, Files, Pieces, Results
from streams.history.states import read_states, write, write_states
from streams.history.workers import Here, Workers
from streams.memory.archive import Archive
from streams.memory.shelf import Shelf
from streams.records import RegionUpdate, Rejected
from streams.registry.roster import Roster
from streams.results import Rows
from streams.store.columns import Rows as StoredRows
from streams.store.lines import count_file
from streams.wire import messages
from streams.wire.seals import Damage
from streams.wire.topics import Topic, open_topic

LOG = logging.getLogger("airshed.history")
LOOK_S = 0.1
QUEUED = 3
"""So many results may wait for the sink, to bound memory."""
REGION, LAST, ARCHIVE = "region", "last-run", "archive"
TOGETHER_H = 180 * 24
"""The region takes updates together while they span at most this [h]."""


LASTING, YIELDING = 1000, 1
"""Versions that a millisecond has room for: as many as the engine's, or a thousandth, which keeps them below all of its."""


class Sink(Protocol):
    """Where a history's results go."""

    def taken(self, topic: str) -> set[str]:
        """Give the segments of a topic that are in already."""

    def write(self, rows: Sequence[StoredRows | Rows]) -> None:
        """Write rows; they may come again with the same versions when a run is started again."""

    def close(
        self, run: str, taken: Sequence[tuple[str, str]], counts: Counts, files: Files, rejected: Sequence[Rejected]
    ) -> None:
        """Make a run true: its counts by hour and by file, its rejects, and the (topic, segment) pairs that it has taken."""

    def closed(self, run: str) -> bool:
        """Tell whether a run was made true."""


@dataclass(slots=True)
class History:
    """A history over the topics of a data directory.

    folder: where it keeps the number that versions begin with, the states to go on from, and the archive behind them.
    workers: how many processes work at the desks; with 0 this one does, and no second core is touched. yields: whether its rows
    give way to those that an engine, or another history, has stored or will store of the same hours.
    """

    topics: Path
    folder: Path
    roster: Roster
    sink: Sink
    workers: int = 2
    yields: bool = False
    counts: Counts = field(default_factory=dict)
    files: Files = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    states: list[bytes] = field(default_factory=list)

    def run(self, finished: Callable[[], bool] = lambda: True) -> int:
        """Take all segments that are there, and those that come until finished says that no more will; give how many.

        Raises WorkerFailed where a process at the desks ends, and what the sink raises.
        """
        plan = _Plan.at(self.folder, self.sink, YIELDING if self.yields else LASTING)
        for each in plan.damage:
            LOG.error("a state of the history is damaged, it begins without one: %s", each.file)
            self.rejected.append(messages.damage_of(replace(each, file=Path(each.file).name), "history"))
        archive = self.folder / ARCHIVE
        region = _Region(plan.states.pop(REGION, None), plan.version, archive)
        gone_on = {"version": plan.version, "archive": archive, "states": tuple(plan.states.values())}
        workers = Workers(self.roster, self.workers, **gone_on) if self.workers else Here(self.roster, **gone_on)
        try:
            taken = self._take(workers, region, finished)
            if taken:
                self._send(workers, region, workers.finish)
                if last := region.flush():
                    self.sink.write(last)
                self.rejected += region.rejected
        finally:
            workers.close()
        if taken:
            states = {str(i): state for i, state in enumerate(self.states)} | {REGION: region.state()}
            plan.write_states(states)
            self.sink.close(plan.run, taken, self.counts, self.files, self.rejected)
            plan.settle()
        return len(taken)

    def _take(self, workers: Workers | Here, region: _Region, finished: Callable[[], bool]) -> list[tuple[str, str]]:
        topics = [open_topic(self.topics / name) for name in messages.TOPICS.values()]
        known = {topic.name: self.sink.taken(topic.name) for topic in topics}
        taken: list[tuple[str, str]] = []
        while True:
            ended = finished()  # asked before looking: what comes before the end is seen by this look
            new = _ordered(topics, known)
            if new:
                paths = [self.topics / topic / segment for topic, segment in new]
                self._send(workers, region, lambda paths=paths: workers.take(paths))
                for topic, segment in new:
                    known[topic].add(segment)
                taken += new
            elif ended:
                return taken
            else:
                time.sleep(LOOK_S)

    def _send(self, workers: Workers | Here, region: _Region, order: Callable[[], None]) -> None:
        """Give the workers an order and write what comes of it, while they go on working."""
        order()
        results = workers.results(1)
        for found in _ahead(results) if self.workers else results:
            if isinstance(found, bytes):
                self.states.append(found)
                continue
            rows = [*found.rows, *region.take(found.updates)]
            self._note(found)
            if rows:
                self.sink.write(rows)

    def _note(self, found: Results) -> None:
        self.rejected += found.rejected
        for file in found.files.values():
            count_file(file, self.files)
        for hour, numbers in found.counts.items():
            known = self.counts.setdefault(hour, [0, 0, 0])
            for i, number in enumerate(numbers):
                known[i] += number


def _ahead(results: Iterator[Results | bytes]) -> Iterator[Results | bytes]:
    """Fetch results on a thread, so that the processes need not wait while one result is written."""
    waiting: queue.Queue = queue.Queue(QUEUED)

    def fetch() -> None:
        try:
            for each in results:
                waiting.put((each, None))
            waiting.put((None, None))
        except BaseException as error:
            waiting.put((None, error))

    threading.Thread(target=fetch, name="results", daemon=True).start()
    while True:
        found, error = waiting.get()
        if error is not None:
            raise error
        if found is None:
            return
        yield found


def _ordered(topics: Sequence[Topic], known: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Give the new segments of all topics, oldest first; their names begin with the moment of their writing."""
    new = [(topic.name, segment) for topic in topics for segment in topic.segments(known[topic.name])]
    return sorted(new, key=lambda each: (each[1], each[0]))


class _Region:
    def __init__(self, state: bytes | None, version: int, archive: Path) -> None:
        self.book, self.held = RegionBook(version=version), Pieces()
        self.archive = Archive(archive, layout=regiondesk.LAYOUT, lasting=False)
        self.rejected: list[Rejected] = []
        self.waiting: list[RegionUpdate] = []
        self.span = (0, 0)
        found = None if state is None else regiondesk.restored(state)
        if found is not None:
            self.book, self.held = found[0], Pieces(found[1])

    def take(self, updates: Sequence[RegionUpdate]) -> list[Rows]:
        """Take updates, some of them together later with more; what is kept for that is in no state before flush."""
        rows: list[Rows] = []
        for update in updates:
            first, end = update.first_hour, update.first_hour + len(update.o3_8h)
            if self.waiting and max(end, self.span[1]) - min(first, self.span[0]) > TOGETHER_H:
                rows += self.flush()
            self.span = (min(first, self.span[0]), max(end, self.span[1])) if self.waiting else (first, end)
            self.waiting.append(update)
        return rows

    def flush(self) -> list[Rows]:
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return []
        outcome = regiondesk.handle_all(waiting, self.book, Shelf(self.held, self.archive, REGION))
        self.rejected += outcome.rejected
        return outcome.rows

    def state(self) -> bytes:
        self.archive.settle()
        return regiondesk.kept(self.book, self.held)


@dataclass(slots=True)
class _Plan:
    """Under which name, from which version and states a run goes: written down first, so that a second try is the same."""

    folder: Path
    run: str
    version: int
    states: dict[str, bytes]
    damage: list[Damage] = field(default_factory=list)

    @classmethod
    def at(cls, folder: Path, sink: Sink, each_ms: int) -> _Plan:
        folder.mkdir(parents=True, exist_ok=True)
        _forget_where_the_store_is_another(folder, sink)
        plan = folder / "plan.json"
        if said := _said(plan):
            found = cls(folder, *said, {})
            if sink.closed(found.run):
                found.settle()  # killed after the last transaction, before the states were put in place
            else:
                found.states, found.damage = read_states(folder / "states")
                return found
        run = f"history-{int(time.time() * 1000):013d}"
        made = cls(folder, run, int(time.time() * 1000) * each_ms, *read_states(folder / "states"))
        write(plan, json.dumps({"run": made.run, "version": made.version}).encode())
        return made

    def write_states(self, states: dict[str, bytes]) -> None:
        write_states(self.folder / "states.new", states)

    def settle(self) -> None:
        """Put the states of a run that was made true in place, and forget the plan."""
        new, old = self.folder / "states.new", self.folder / "states"
        if new.is_dir():
            if old.is_dir():
                for each in old.iterdir():
                    each.unlink()
                old.rmdir()
            new.rename(old)
            write(self.folder / LAST, self.run.encode())
        (self.folder / "plan.json").unlink(missing_ok=True)


def _said(plan: Path) -> tuple[str, int] | None:
    """Read a run and its version from a plan; None where there is none, or one that nobody can read: nothing of it counts yet."""
    try:
        said = json.loads(plan.read_bytes())
        return str(said["run"]), int(said["version"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        LOG.error("a state of the history is damaged, it begins without one: %s", plan)
        return None


def _forget_where_the_store_is_another(folder: Path, sink: Sink) -> None:
    """Let go of the states where the store does not have what they stand on: it was lost, replaced or set back."""
    last = folder / LAST
    if last.exists() and not sink.closed(last.read_text(encoding="utf-8")):
        shutil.rmtree(folder / ARCHIVE, ignore_errors=True)
        for each in (folder / "states").iterdir() if (folder / "states").is_dir() else ():
            each.unlink()
        last.unlink()
