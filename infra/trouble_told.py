"""Looks for what the platform has to do without, says once that it came and once that it went, and hands it on for the card."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from infra.datadir import DataDirectory
from infra.messages import language
from infra.noted import note_of, noted
from infra.supervisor import Supervisor, Tell
from infra.troubles import DISK, ENGINE, KEY, STORE, Trouble, is_full, missing, moment

BYTES_IN_MB = 1_000_000


def free_mb(folder: Path) -> float:
    """Give the room that this user has on the disk of a folder [MB]."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize / BYTES_IN_MB


class TroubleTold:
    """What is the matter now. room: gives the free room of a folder [MB]; wall [epoch s]."""

    def __init__(
        self, data: DataDirectory, supervisor: Supervisor, tell: Tell, *,
        room: Callable[[Path], float] = free_mb, wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.data, self.supervisor, self.tell, self._room, self._wall = data, supervisor, tell, room, wall
        self.disk: Trouble | None = None
        self.store: Trouble | None = None
        self.engine: Trouble | None = None
        self.noted: dict[tuple[str, str], Trouble] = {}
        with contextlib.suppress(OSError):
            data.store_away.unlink()  # of a run before

    def look(self) -> list[Trouble]:
        """Look once, tell what changed, and give all troubles: of the disk, the store, the engine, of damage, and programs."""
        self._look_at_disk()
        self._look_at_store()
        self._look_at_engine()
        self._look_at_noted()
        logs = {seat.program.name: str(self.data.log_of(seat.program.name)) for seat in self.supervisor.seats}
        found = (*filter(None, (self.disk, self.store, self.engine)), *self.noted.values())
        return [*found, *missing(self.supervisor.missing(), logs)]

    def _look_at_disk(self) -> None:
        free = self._room(self.data.root)
        full = is_full(free, self.disk is not None)
        if full and self.disk is None:
            values = (("folder", str(self.data.root)), ("free", f"{free:.0f}"))
            self.disk = Trouble(DISK, "full", self._wall(), values)
            self._say(self.disk)
        elif not full and self.disk is not None:
            self.tell("disk_has_room", since=moment(self.disk.since))
            self.disk = None
            self.supervisor.hurry()

    def _look_at_store(self) -> None:
        found = note_of(self.data.store_away, STORE)
        before, self.store = self.store, found
        if found is not None and (before is None or before.name != found.name):
            self._say(found)
        elif found is None and before is not None:
            self.tell("store_there", since=moment(before.since))
            self.supervisor.hurry()

    def _look_at_engine(self) -> None:
        """See whether it catches up after it had to go back; one of a run before counts until the engine says that it has."""
        before, self.engine = self.engine, note_of(self.data.set_back, ENGINE)
        if self.engine is not None and (before is None or before.name != self.engine.name):
            self._say(self.engine)
        elif self.engine is None and before is not None:
            self.tell("engine_caught_up", since=moment(before.since))

    def _look_at_noted(self) -> None:
        """See which damage was noted (infra.noted), and tell that a registry is good or a check found all whole again."""
        before = self.noted
        self.noted = {(each.kind, each.name): each for each in noted(self.data, self._wall())}
        for which, found in self.noted.items():
            had = before.get(which)
            if had is None or had.values != found.values:
                self._say(found)
        for kind in dict.fromkeys(kind for kind, _ in before):
            if kind != KEY and all(still != kind for still, _ in self.noted):
                self.tell(f"{kind}_mended")

    def _say(self, trouble: Trouble) -> None:
        lang = language()
        self.tell("trouble", words=trouble.words(lang), remedy=trouble.remedy(lang))
