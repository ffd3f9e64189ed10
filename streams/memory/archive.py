"""The archive: what has left the keyed state, as files that never change, each named by what it holds and by its digest.

The keyed state keeps the digest in the place of what was there, so a state that is restored from an older checkpoint finds the
very files that it knew. A file is written under a hidden name, forced to the disk and renamed, as the topics' segments are, and
never written again. What is read must have the digest that was asked for, and is only then unpacked: plain dicts, lists, texts,
numbers and arrays, under the number of their layout.

A file is let go of when what it holds has changed. From then on it is kept for SUPERSEDED_S, longer than any checkpoint that could
still name it, and removed when a newer version of the same piece is written. What nobody has changed is kept for ever.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from standards.errors import AirshedError
from standards.whole_files import sync_folder, write_whole
from streams.wire.seals import Damage, digest_of, other_digest, unreadable

SUPERSEDED_S = 2 * 86_400.0
"""For so long a file is kept after what it holds has changed [s]. A job goes on from one of the three newest checkpoints, which are
never further apart than ten minutes of its work; while it does not work, nothing is removed."""
_READABLE = 40


class ArchiveError(AirshedError, RuntimeError):
    """A file of the archive is missing or is not what was put there; file names it, reason says what is wrong with it."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file, self.reason = file, reason


def verified(folder: Path) -> Iterator[Damage]:
    """Name what is damaged in an archive, of any layout: each file has the digest of what it holds at the end of its name."""
    for path in sorted(path for path in folder.rglob("*.*.*") if path.is_file() and not path.name.startswith(".")):
        try:
            content = path.read_bytes()
        except OSError as error:
            yield unreadable(str(path), error)
            continue
        if digest_of(content) != path.name.rpartition(".")[2]:
            yield other_digest(str(path), len(content))


class Archive:
    """Immutable files below a folder, which all processes of a job must see under the same path.

    layout: number of the layout of what is kept; files of another one lie in another folder and are not read. lasting: force each
    file to the disk when it is written, and keep what is let go of for SUPERSEDED_S. Else nothing outside this process names what
    it has written before settle, which forces all of it to the disk: until then, what is let go of again is removed at once.
    """

    def __init__(
        self, folder: Path, *, layout: int, lasting: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder, self.layout, self.lasting, self._clock = folder / f"layout-{layout}", layout, lasting, clock
        self._unsettled: set[Path] = set()

    def keep(self, shelf: str, key: str, value: Any) -> str:
        """Write what is under a key of a shelf and give its digest; older versions that nobody can ask for any more go.

        Errors: OSError where it cannot be written; then nothing has changed.
        """
        content = pickle.dumps({"layout": self.layout, "key": key, "value": value}, protocol=5)
        digest = digest_of(content)
        path = self._path(shelf, key, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        # One that is there and damaged is written anew.
        if not path.exists() or path.read_bytes() != content:
            self._write(path, content)
            if not self.lasting:
                self._unsettled.add(path)
        os.utime(path, (self._clock(), self._clock()))
        self._sweep(path)
        return digest

    def load(self, shelf: str, key: str, digest: str) -> Any:
        """Give what was kept under a key with this digest. Errors: ArchiveError where it is missing or damaged."""
        path = self._path(shelf, key, digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ArchiveError(
                self._shown(path), f"the archive cannot read it: {error.strerror or type(error).__name__}"
            ) from error
        if digest_of(content) != digest:
            raise ArchiveError(self._shown(path), "the file in the archive is damaged: its digest is another one")
        return pickle.loads(content)["value"]

    def let_go(self, shelf: str, key: str, digest: str) -> None:
        """Note that what a file holds has changed since: the time for which it is kept begins."""
        path = self._path(shelf, key, digest)
        with contextlib.suppress(OSError):  # one that is missing need not be kept
            if path in self._unsettled:
                self._unsettled.discard(path)
                path.unlink()
            else:
                os.utime(path, (self._clock(), self._clock()))

    def settle(self) -> None:
        """Force to the disk what was written, where that was not done file by file."""
        if not self.lasting:
            os.sync()
            self._unsettled.clear()

    def _path(self, shelf: str, key: str, digest: str) -> Path:
        # Names of runs hold whatever a model is called. The beginning is for people, the number tells keys apart.
        number = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
        readable = re.sub(r"[^A-Za-z0-9-]", "_", key)[:_READABLE]
        return self.folder / re.sub(r"[^A-Za-z0-9-]", "_", shelf) / number[:2] / f"{readable}.{number}.{digest}"

    def _write(self, path: Path, content: bytes) -> None:
        write_whole(path, content, synced=self.lasting, draft=f".{path.name}.{os.getpid()}")
        if self.lasting:
            sync_folder(path.parent)

    def _sweep(self, path: Path) -> None:
        same, horizon = path.name.rpartition(".")[0] + ".", self._clock() - SUPERSEDED_S
        with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
            for entry in entries:
                if entry.name.startswith(same) and entry.name != path.name and entry.stat().st_mtime < horizon:
                    os.unlink(entry.path)

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.folder.parent))
