"""Processes that work at the desks of some cities each: names of segments go in, pickled results come out, in order."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from standards import logged
from standards.errors import AirshedError
from streams.history.cities import Cities, Results, Share
from streams.registry.roster import Roster
from streams.store.reasons import told_in
from streams.wire.seals import Line, checked

MOST_TABLES = 24
"""Tables of rows that wait to be handed over: about five batches of two months of a city."""


class WorkerFailed(AirshedError, RuntimeError):
    """A worker ended before it should."""


class Workers:
    """Some processes that share the cities of a roster among them."""

    def __init__(
        self, roster: Roster, count: int, *, version: int, archive: Path | None = None, states: Sequence[bytes] = ()
    ) -> None:
        shares = shared(roster, count)
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for share in shares:
            mine, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(theirs, roster, share, version, archive, tuple(states)), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(mine)
            self._processes.append(process)

    def take(self, segments: Sequence[Path]) -> None:
        """Let all workers read segments, each the lines of its own cities."""
        for pipe in self._pipes:
            pipe.send(("take", [str(path) for path in segments]))

    def finish(self) -> None:
        """Let all workers take what still waits to be taken together, and write their state."""
        for pipe in self._pipes:
            pipe.send(("finish", None))

    def results(self, orders: int) -> Iterator[Results | bytes]:
        """Give results as they come, until each worker has carried out so many orders; a state after finish."""
        left = dict.fromkeys(self._pipes, orders)
        while left:
            for pipe in wait(list(left)):
                try:
                    kind, content = pickle.loads(pipe.recv_bytes())
                except EOFError as error:
                    raise WorkerFailed("a process at the desks ended before its time; the log tells why") from error
                if kind == "done":
                    left[pipe] -= 1
                    if not left[pipe]:
                        del left[pipe]
                else:
                    yield content

    def close(self) -> None:
        """End the workers."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.terminate()


class Here:
    """The desks of all cities in this process itself: where one core is all that a history may take. As Workers."""

    def __init__(
        self, roster: Roster, *, version: int, archive: Path | None = None, states: Sequence[bytes] = ()
    ) -> None:
        self._cities = Cities(roster, Share(frozenset(), all_but=True), version=version, archive=archive)
        for state in states:
            self._cities.restore(state)
        self._found: Iterator[Results | bytes] = iter(())

    def take(self, segments: Sequence[Path]) -> None:
        """Read segments, as their results are asked for."""
        self._found = (results for path in segments for results in _read(path, self._cities))

    def finish(self) -> None:
        """Take what still waits to be taken together, and write the state, as the results are asked for."""
        self._found = _finished(self._cities)

    def results(self, orders: int) -> Iterator[Results | bytes]:
        """Give the results of the last order; orders is 1."""
        return self._found

    def close(self) -> None:
        """Nothing runs that would have to end."""


def _finished(cities: Cities) -> Iterator[Results | bytes]:
    cities.finish()
    yield cities.drain()
    yield cities.state()


def shared(roster: Roster, count: int) -> list[Share]:
    """Share out the desks: the cities with the most stations first, each to whoever has the fewest so far.

    The last one also takes what has no city, stations of other places and lines that nobody can read.
    """
    shares: list[list[str]] = [[] for _ in range(max(1, min(count, len(roster.cities) or 1)))]
    weights = [0] * len(shares)
    for place in sorted(roster.cities, key=lambda p: (-_weight(roster, p.code), p.code)):
        lightest = weights.index(min(weights))
        shares[lightest].append(place.code)
        weights[lightest] += _weight(roster, place.code)
    *some, _ = shares
    return [
        *(Share(frozenset(share)) for share in some),
        Share(frozenset(key for s in some for key in s), all_but=True),
    ]


def _weight(roster: Roster, city: str) -> int:
    return 1 + len(roster.stations.get(city, ())) + len(roster.kinds.get(city, {}))


def _work(
    pipe: Connection, roster: Roster, mine: Share, version: int, archive: Path | None, states: tuple[bytes, ...]
) -> None:
    logged.begin(os.environ, phrase=told_in)
    cities = Cities(roster, mine, version=version, archive=archive)
    for state in states:
        cities.restore(state)
    try:
        while True:
            order, content = pipe.recv()
            if order == "take":
                for segment in content:
                    for results in _read(Path(segment), cities):
                        _send(pipe, "results", results)
            else:
                for found in _finished(cities):
                    _send(pipe, "state" if isinstance(found, bytes) else "results", found)
            _send(pipe, "done", None)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


def _send(pipe: Connection, kind: str, content: object) -> None:
    # The newest protocol copies arrays once less than the one that a pipe would choose.
    pipe.send_bytes(pickle.dumps((kind, content), protocol=pickle.HIGHEST_PROTOCOL))


def _read(segment: Path, cities: Cities) -> Iterator[Results]:
    """Take the lines of a segment, and give what comes out before it grows large: a line may change years of rows."""
    with open(segment, "rb") as file:
        for found in checked(file, segment.name):
            if isinstance(found, Line):
                cities.take(found.text)
            else:
                cities.miss(found, segment.parent.name)
            if len(cities.results.rows) >= MOST_TABLES:
                yield cities.drain()
    yield cities.drain()
