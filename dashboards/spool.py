"""Large answers as files, so that a thousand who read one slowly hold one copy of it."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from standards.whole_files import write_whole

MOST_BYTES = 64 * 2**20


@dataclass
class Spool:
    """Contents in a folder of its own, each under its digest; beyond most bytes those go that nobody asked for longest.

    Who has opened a file reads it to its end, also when it has gone meanwhile.
    """

    folder: Path
    most: int = MOST_BYTES
    _sizes: OrderedDict[str, int] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)  # an answer may be for one person
        for left in self.folder.iterdir():
            left.unlink(missing_ok=True)

    def path(self, content: bytes) -> Path:
        """Give the file that holds a content, written where there is none yet; raise OSError where it cannot be written."""
        name = hashlib.sha256(content).hexdigest()
        path = self.folder / name
        with self._lock:
            if name not in self._sizes or not path.exists():
                write_whole(path, content, synced=False)
                self._sizes[name] = len(content)
            self._sizes.move_to_end(name)
            while len(self._sizes) > 1 and sum(self._sizes.values()) > self.most:
                gone, _ = self._sizes.popitem(last=False)
                (self.folder / gone).unlink(missing_ok=True)
        return path
