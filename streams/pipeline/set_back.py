"""That the engine had to go further back than its newest checkpoint: a note for whoever tells of it, until it has caught up."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from standards.whole_files import write_whole

LOG = logging.getLogger("airshed.pipeline")
NOTE = Path("run") / "engine.set-back"
"""Below the data directory: how far back, since when."""
BEFORE, TOPICS = "before", "topics"
"""It goes on from an earlier checkpoint; it works all out anew from the topics."""
CALM_S = 5.0
"""So long [s] nothing is unread, hidden or under way before it counts as caught up."""


@dataclass(slots=True)
class SetBack:
    """The note of a data directory. wall [epoch s], clock [s]."""

    data: Path
    wall: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    _calm_since: float | None = field(default=None, init=False)

    def remember(self, kind: str) -> None:
        """Say that it is so; of two that follow each other the graver and the beginning of the first stay."""
        before = self._read()
        if before is not None and before["kind"] in (TOPICS, kind):
            return
        since = before["since"] if before else self.wall()
        path = self.data / NOTE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps({"kind": kind, "since": since}).encode("ascii"), synced=False)
        except OSError as error:
            LOG.error("that the engine had to go back cannot be noted: %s", error)

    def look(self, caught_up: Callable[[], bool]) -> None:
        """Take the note away once the engine has caught up and stayed so for CALM_S."""
        if not (self.data / NOTE).exists():
            return
        if not caught_up():
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = self.clock()
        elif self.clock() - self._calm_since >= CALM_S:
            (self.data / NOTE).unlink(missing_ok=True)
            LOG.info("the engine has caught up with what came in")

    def _read(self) -> dict | None:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads((self.data / NOTE).read_text(encoding="ascii"))
            return {"kind": str(said["kind"]), "since": float(said["since"])}
        return None
