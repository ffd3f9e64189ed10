"""What a watcher knows of folders and files between two looks, and how it asks the system about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from streams.intake.ground import FILE, NOWHERE, Ground, kind_at
from streams.intake.publisher import Delivery, Place, Stats
from streams.sources.files import BESIDE_INVENTORY, INVENTORY, opened
from streams.sources.forecasts.netcdf_ready import MAGICS, readiness

NOT_READ = -1
"""The state of a name that is not to be read."""


class System(Protocol):
    """What a watcher asks of the system all the time; a seam at which tests count."""

    def stat(self, path: str) -> os.stat_result:
        """As os.stat."""

    def scandir(self, path: str) -> Iterator[os.DirEntry[str]]:
        """As os.scandir."""


@dataclass(slots=True)
class Folder:
    """A folder that is known.

    above: the folders in which it lies, as they are in truth. only: the one file that is looked at, where that is watched alone.
    stamp: its times of change when it was listed last, None where they do not prove that nothing changed since. files: name to
    a number that stands for the state in which it was read, 0 while it was not, NOT_READ where it is not to be.
    """

    path: str
    above: tuple[str, ...] = ()
    parent: str = ""
    only: str = ""
    place: Place = field(default=Place("", False))
    stamp: tuple[int, int] | None = None
    listed_at: float = float("-inf")
    listed_after: float = float("-inf")
    files: dict[str, int] = field(default_factory=dict)
    inner: set[str] = field(default_factory=set)

    def path_of(self, name: str) -> str:
        """Give the path of what lies in the folder."""
        return os.path.join(self.path, name)

    def unit(self, name: str) -> Path:
        """Give what is parsed for a name: the folder for an inventory, else the file."""
        return Path(self.path) if name == INVENTORY else Path(self.path, name)

    def place_of(self, name: str) -> Place:
        """Give where that lies, if it is no link."""
        return self.place if name == INVENTORY else self.place.of(name)

    def names(self, system: System, ground: Ground) -> dict[str, str]:
        """List the folder: names to what each is (streams.intake.ground). Errors: OSError where it cannot be listed."""
        if self.only:
            kind = kind_at(self.path_of(self.only))
            return {} if kind == NOWHERE else {self.only: kind}
        with system.scandir(self.path) as entries:
            return {entry.name: ground.kind_of(entry) for entry in entries}

    def stats(self, name: str, system: System) -> Stats:
        """Ask for the state of a file, or of all that makes an inventory. Errors: OSError where the file is not to be seen."""
        found = [("", system.stat(self.path_of(name)))]
        for part in BESIDE_INVENTORY if name == INVENTORY else ():
            try:
                found.append((os.path.basename(part), system.stat(self.path_of(part))))
            except (FileNotFoundError, NotADirectoryError):
                continue
        return found

    def forget_all_but(self, names: dict[str, str]) -> None:
        """Forget the files that are not among the names any more."""
        for name in [name for name, state in self.files.items() if not _is_still(names.get(name), state)]:
            del self.files[name]

    def unsorted(self, names: dict[str, str]) -> list[tuple[str, str]]:
        """Give the names of which it is not known that they are files to be read: in a large folder a few."""
        known = self.files
        return [
            (name, kind)
            for name, kind in names.items()
            if kind != FILE or known.get(name, NOT_READ) == NOT_READ or name == INVENTORY
        ]


@dataclass(slots=True)
class Waiting:
    """A file that is to be read when it has stayed as it is, or, with a reason, to be passed over when it does not go on.

    since: when it was met. still: when it was last seen to change, since at first. delivery: what is being read of it, while it is.
    """

    state: int
    due: float
    since: float
    reason: str = ""
    delivery: Delivery | None = None
    still: float | None = None


def state_of(stats: Stats) -> int:
    """Give a number > 0 that stands for sizes and times of change: the same one for another state but once in 2**61."""
    return abs(hash(tuple((name, each.st_size, each.st_mtime_ns) for name, each in stats))) + 1


def still_written(path: Path, now: float) -> bool:
    """Tell whether a NetCDF file is not whole yet, at a moment [epoch s]. Errors: OSError where it cannot be read."""
    with opened(path) as file:
        head = file.read(4)
    return head.startswith(MAGICS) and readiness(path, now=now, settle_s=1.0) == "wait"


def _is_still(kind: str | None, state: int) -> bool:
    return kind == FILE or (kind is not None and state == NOT_READ)
