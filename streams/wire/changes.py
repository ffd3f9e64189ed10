"""Has anything come into a folder? Asked often and answered cheaply, for whoever waits for segments."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

SETTLED_NS = 100_000_000
"""A time stamp proves that nothing changed only when it was older than this [ns]: file systems count in ticks."""


class FolderChanges:
    """Tells which folders, a root and its sub-folders, may hold other entries than at the last look.

    A look costs one question to the system for each folder, whatever is in them. A file that grows is no change.
    """

    def __init__(self, root: Path, *, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._root, self._clock = root, clock_ns
        self._known: dict[str, int | None] = {}
        self._inner: list[str] = []

    def look(self) -> list[str]:
        """Give the folders that may have changed, as paths from the root, "" for the root; at the first look all of them.

        Hidden sub-folders are left out, and a folder that is not there has not changed.
        """
        changed = [""] if self._differs("") else []
        if changed:
            self._inner = self._sub_folders()
        return changed + [folder for folder in self._inner if self._differs(folder)]

    def _differs(self, folder: str) -> bool:
        try:
            stamp = os.stat(self._root / folder).st_mtime_ns
        except FileNotFoundError:
            return self._known.pop(folder, None) is not None
        before = self._known.get(folder)
        self._known[folder] = stamp if abs(self._clock() - stamp) > SETTLED_NS else None
        return before != stamp

    def _sub_folders(self) -> list[str]:
        try:
            with os.scandir(self._root) as entries:
                found = sorted(entry.name for entry in entries if entry.name[0] not in "._" and entry.is_dir())
        except FileNotFoundError:
            found = []
        for gone in set(self._inner).difference(found):
            self._known.pop(gone, None)
        return found
