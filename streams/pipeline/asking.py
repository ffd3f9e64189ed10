"""When to ask for a checkpoint: as soon as there is something that only a checkpoint makes visible, and never otherwise.

What was just announced to the job will give results in a moment; a checkpoint that is asked for now comes after it and
brings them at once. Should the checkpoint have overtaken it, the announcement is unread or its results lie in hidden files
when the checkpoint is complete, and another one is asked for. So it need not be known how long anything takes.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from streams.wire.changes import FolderChanges

LOG = logging.getLogger("airshed.pipeline")
HEAD_START_S = 0.01
"""An announcement is given so long [s] to reach the job before a checkpoint is asked for."""
LOOK_S, CALM_LOOK_S = 0.02, 1.0
"""How often to look [s] while something is expected, and how often while nothing is."""
ATTENTIVE_S = 10.0
"""For so long [s] after an announcement something is expected."""
COMMIT_S = 0.05
"""After a checkpoint is complete its files become visible; so long [s] nothing is concluded from their being hidden."""
RETRY_S = 0.25
"""A checkpoint that failed is asked for again after so long [s]: at the start not all parts of the job run yet."""
COMPLAIN_S = 60.0
"""That checkpoints fail is said when they have failed for so long [s], and again after as long."""


class Checkpoint(Protocol):
    """A checkpoint that was asked for."""

    def outcome(self) -> str | None:
        """Give None while it runs, "" when it is complete, else why it failed."""


class Cluster(Protocol):
    """What can be asked for checkpoints."""

    def ask(self) -> Checkpoint:
        """Ask for one now; raise where that cannot be done."""


class Feed(Protocol):
    """What tells the job to read."""

    def count(self) -> int:
        """Give how many announcements were made."""

    def unread(self) -> bool:
        """Tell whether any of them was not answered yet."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there was at a moment: how many announcements had been made, and the hidden result files."""

    announced: int = 0
    hidden: frozenset[str] = frozenset()


class Asker:
    """Asks a cluster for checkpoints, one at a time and at most one in pause_s [s]; `look` is to be called often.

    hidden: gives the result files that are not visible yet.
    """

    def __init__(
        self, cluster: Cluster, feed: Feed, hidden: Callable[[], frozenset[str]], *,
        pause_s: float, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._cluster, self._feed, self._hidden = cluster, feed, hidden
        self._pause_s, self._clock = pause_s, clock
        self._covered = self._asked = Seen()
        self._running: Checkpoint | None = None
        self._next, self._calm_from = clock(), clock() + ATTENTIVE_S
        self._failing_since: float | None = None
        self._completed, self.calm = False, False
        """calm: all that was announced is read and visible, and a checkpoint holds it."""

    def look(self) -> float:
        """See whether a checkpoint is complete and whether another one is needed; give when to look again [s from now]."""
        if self._running is None or self._finished(self._running):
            now = self._clock()
            if now >= self._next:
                needed = self._needed(now)
                self.calm = self._completed and not needed
                if needed:
                    self._ask(now)
        return LOOK_S if self._running or self._clock() < max(self._calm_from, self._next) else CALM_LOOK_S

    def _finished(self, running: Checkpoint) -> bool:
        outcome = running.outcome()
        if outcome is None:
            return False
        self._running, now = None, self._clock()
        if outcome:
            self._failed(outcome, now)
        else:
            self._covered, self._failing_since, self._completed = self._asked, None, True
            self._next = max(self._next, now + max(COMMIT_S, self._pause_s / 2))
        return True

    def _needed(self, now: float) -> bool:
        new = self._feed.count() != self._covered.announced or self._feed.unread()
        if new:
            self._calm_from = now + ATTENTIVE_S
        return new or bool(self._hidden() - self._covered.hidden)

    def _ask(self, now: float) -> None:
        self._asked = Seen(self._feed.count(), self._hidden())
        self._next = now + self._pause_s
        try:
            self._running = self._cluster.ask()
        except Exception as error:
            self._failed(str(error), now)

    def _failed(self, why: str, now: float) -> None:
        self._next = max(self._next, now + RETRY_S)
        if self._failing_since is None:
            self._failing_since = now
        elif now - self._failing_since > COMPLAIN_S:
            self._failing_since = now
            LOG.warning("results wait, checkpoints have failed for %.0f s: %s", COMPLAIN_S, why)


def keep_asking(asker: Asker, news: threading.Event) -> None:
    """Look for ever, at once when there are news; what goes wrong is said and tried again."""
    while True:
        try:
            wait_s = asker.look()
        except Exception:
            LOG.exception("could not look whether a checkpoint is needed")
            wait_s = CALM_LOOK_S
        if news.wait(wait_s):
            news.clear()
            time.sleep(HEAD_START_S)


class HiddenResults:
    """The files of results that a checkpoint has still to make visible, in a folder and its sub-folders."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._changes = folder, FolderChanges(folder)
        self._held: dict[str, frozenset[str]] = {}

    def __call__(self) -> frozenset[str]:
        """Give their paths; folders that did not change are not read again."""
        for folder in self._changes.look():
            self._held[folder] = self._read(folder)
        return frozenset().union(*self._held.values())

    def _read(self, folder: str) -> frozenset[str]:
        try:
            names = os.listdir(self._folder / folder)
        except FileNotFoundError:
            return frozenset()
        return frozenset(f"{folder}/{name}" for name in names if name.startswith(".part-"))
