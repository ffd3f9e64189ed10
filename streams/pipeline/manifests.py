"""Manifests of checkpoints: the digests of all files that a checkpoint consists of, so that a start uses only one that is whole.

Flink reads whatever bytes a file of state holds: a bit that was flipped at rest comes back as another number, or ends every start.
A manifest is written soon after its checkpoint is complete, in a folder beside the checkpoints', where nothing of Flink's looks.
Files that several checkpoints name (`shared/`) never change, so each of them is read once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from standards.whole_files import write_whole
from streams.pipeline.checkpoints import METADATA, SET_ASIDE, complete, files_elsewhere
from streams.wire.seals import FLIPPED, GONE, Damage, digest_of, other_digest, shortened, unreadable

LOG = logging.getLogger("airshed.pipeline")
FOLDER = "checkpoint-digests"
"""The folder of manifests, in the data directory."""
LOOK_S = 1.0
"""How often to look for checkpoints that have no manifest yet [s]."""
REST = 9.0
"""After a look nothing is done for so many times as long as it took: a large state costs a tenth of a core at most."""
MAGIC = (0x4960672D).to_bytes(4, "big")
"""With this the list of a checkpoint's files begins (org.apache.flink.runtime.checkpoint.Checkpoints)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The checkpoint to go on from, None: from the topics; and those newer ones that are damaged, each with its damage."""

    checkpoint: Path | None
    damaged: tuple[tuple[Path, tuple[Damage, ...]], ...] = ()


class Manifests:
    """The manifests of the checkpoints of a folder of jobs; what was read once and has not changed is not read again."""

    def __init__(self, checkpoints: Path, folder: Path | None = None) -> None:
        self.checkpoints, self.folder = checkpoints, folder or checkpoints.with_name(FOLDER)
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def look(self) -> int:
        """Write the manifests that are missing and remove those of checkpoints that have gone; give how many were written."""
        held = {self._path(each): each for each in complete(self.checkpoints)}
        for path in self.folder.glob("*.json"):
            if path not in held:
                path.unlink(missing_ok=True)
        missing = [each for path, each in held.items() if not path.exists()]
        written = sum(self._write(each) for each in missing)
        if missing:
            now = {file for each in held.values() for file in self._there(each)}
            self._known = {file: seen for file, seen in self._known.items() if file in now}
        return written

    def verified(self, checkpoint: Path) -> Iterator[Damage]:
        """Name what is damaged in a checkpoint; of one without a manifest only what can be seen without it."""
        digests = self._read(checkpoint)
        if digests is None:
            yield from _seen(checkpoint, self.checkpoints)
            return
        for name, (size, digest) in digests.items():
            path = self.checkpoints / name
            try:
                there = path.stat().st_size
                if there != size:
                    yield shortened(name, there, size)
                elif _digest(path) != digest:
                    yield other_digest(name, size)
            except OSError as error:
                yield unreadable(name, error)

    def renew(self, checkpoint: Path) -> None:
        """Let a checkpoint have a new manifest, after its files were changed on purpose."""
        self._path(checkpoint).unlink(missing_ok=True)

    def choose(self) -> Choice:
        """Choose the newest checkpoint that is whole; nothing is changed by it."""
        damaged: list[tuple[Path, tuple[Damage, ...]]] = []
        for checkpoint in complete(self.checkpoints):
            found = tuple(self.verified(checkpoint))
            if not found:
                return Choice(checkpoint, tuple(damaged))
            damaged.append((checkpoint, found))
        return Choice(None, tuple(damaged))

    def files(self, checkpoint: Path) -> list[Path]:
        """Give all files that a checkpoint consists of, those that others share with it too. Errors: OSError."""
        return sorted({*_inside(checkpoint), *_elsewhere(checkpoint, self.checkpoints)})

    def _there(self, checkpoint: Path) -> list[Path]:
        try:
            return self.files(checkpoint)
        except OSError:
            return []  # it went while we looked

    def _write(self, checkpoint: Path) -> bool:
        try:
            digests = {_named(file, self.checkpoints): self._entry(file) for file in self.files(checkpoint)}
            if not (checkpoint / METADATA).exists():
                return False  # it went while it was read
            body = json.dumps({"checkpoint": name_of(checkpoint), "files": digests}, ensure_ascii=False, sort_keys=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(checkpoint), f"{body}\n{digest_of(body.encode())}\n".encode(), synced=False)
        except OSError as error:
            LOG.debug("no manifest of %s: %s", checkpoint, error)
            return False
        return True

    def _read(self, checkpoint: Path) -> dict[str, list] | None:
        """Give size and digest by name, None where there is no manifest that is whole."""
        try:
            body, digest = self._path(checkpoint).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return None
        return json.loads(body)["files"] if digest_of(body.encode()) == digest else None

    def _entry(self, file: Path) -> tuple[int, str]:
        state = file.stat()
        seen = (state.st_size, state.st_mtime_ns)
        known = self._known.get(file)
        if known is None or known[0] != seen:
            known = self._known[file] = (seen, _digest(file))
        return state.st_size, known[1]

    def _path(self, checkpoint: Path) -> Path:
        return self.folder / f"{checkpoint.parent.name}.{checkpoint.name}.json"


def set_aside(checkpoint: Path) -> Path | None:
    """Give a checkpoint a name under which no start finds it; None where that cannot be done."""
    target = checkpoint.with_name(f"{SET_ASIDE}{checkpoint.name}")
    try:
        if target.exists():
            target = checkpoint.with_name(f"{SET_ASIDE}{checkpoint.name}-{time.time_ns()}")
        checkpoint.rename(target)
        os.utime(target)  # since when it is
        return target
    except OSError as error:
        LOG.error("the checkpoint %s cannot be set aside: %s", name_of(checkpoint), error)
        return None


def keep_looking(*looks: Callable[[], object]) -> None:
    """Look for ever, in this order; what goes wrong is said and tried again."""
    while True:
        begun = time.monotonic()
        try:
            for look in looks:
                look()
        except Exception:
            LOG.exception("the manifests of checkpoints could not be written")
        time.sleep(max(LOOK_S, REST * (time.monotonic() - begun)))


def _seen(checkpoint: Path, checkpoints: Path) -> Iterator[Damage]:
    """Tell what is wrong with a checkpoint as far as it can be seen without a manifest."""
    try:
        with open(checkpoint / METADATA, "rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                yield Damage(METADATA, 0, 0, FLIPPED, "it does not begin as the list of a checkpoint's files does")
        for file, size in _elsewhere(checkpoint, checkpoints).items():
            there = file.stat().st_size if file.exists() else None
            name = _named(file, checkpoints)
            if there is None:
                yield Damage(name, 0, 0, GONE, "it is missing")
            elif there != size:
                yield shortened(name, there, size)
    except OSError as error:
        yield unreadable(METADATA, error)


def _inside(checkpoint: Path) -> list[Path]:
    return [path for path in checkpoint.rglob("*") if path.is_file()]


def _elsewhere(checkpoint: Path, checkpoints: Path) -> dict[Path, int]:
    """Give the files outside its own folder that it consists of, where the folder of jobs is now, with their sizes [B]."""
    named = ((Path(each), size) for each, size in files_elsewhere(checkpoint).items())
    here = ((each, checkpoints.joinpath(*each.parts[-3:]), size) for each, size in named)
    return {moved if moved.exists() or not each.exists() else each: size for each, moved, size in here}


def _named(file: Path, checkpoints: Path) -> str:
    # Relative to the folder of jobs, so that a data directory that was moved is verified as well.
    return str(file.relative_to(checkpoints)) if checkpoints in file.parents else str(file)


def name_of(checkpoint: Path) -> str:
    """Give what a checkpoint is called: its job and its number."""
    return f"{checkpoint.parent.name}/{checkpoint.name}"


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, _empty).hexdigest()


def _empty() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=16)
