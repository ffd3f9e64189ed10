"""What a backup is: a dated folder with files, each with its SHA-256 in a manifest that is written last."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.messages import say
from standards.errors import AirshedError
from standards.whole_files import sha256_of

FORMAT = 1
MANIFEST, DIGEST = "manifest.json", "manifest.json.sha256"
DATA, STORE, OFFICE = "data", "store", "office"
"""Folders of a backup: the data directory, the store, and what people made."""
SQLITE_STORE, SQLITE_OFFICE = f"{STORE}/store.sqlite", f"{OFFICE}/office.db"
MAKING = ".making-"
"""How a folder's name begins while a backup is made: one that was broken off is not taken for whole."""
DATED = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
BLOCK = 1 << 20
SHOWN = 5
Advance = Callable[[int], object]
"""Is told how many bytes have been worked on since."""


class BackupError(AirshedError, ValueError):
    """A backup cannot be made or used; the message says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a backup; mtime_ns tells that it has not changed since where it came from."""

    size: int
    sha256: str
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. root: the data directory of which it was made. kind: sqlite or postgresql. schema: of the store.

    tables: of PostgreSQL the columns of each table, in their order. checkpoint: of the engine's state, "" where it had none.
    """

    made: str
    root: str
    kind: str
    schema: str
    checkpoint: str
    left_out: tuple[str, ...]
    files: Mapping[str, Kept]
    tables: Mapping[str, list[str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Give the size of all files."""
        return sum(each.size for each in self.files.values())

    def write(self, folder: Path) -> None:
        """Write it and its own digest into a folder, and force both to the disk."""
        body = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()
        for name, content in ((MANIFEST, body), (DIGEST, f"{_digest(body)}  {MANIFEST}\n".encode())):
            with open(folder / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup. Errors: BackupError where there is none, it is damaged, or of a newer format."""
    try:
        body, noted = (folder / MANIFEST).read_bytes(), (folder / DIGEST).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise BackupError(say("backup_none", folder=folder)) from error
    if noted.split(" ")[0] != _digest(body):
        raise BackupError(say("backup_damaged", folder=folder, faults=MANIFEST))
    told = json.loads(body)
    if told.get("format") != FORMAT:
        raise BackupError(say("backup_newer", folder=folder, found=told.get("format"), known=FORMAT))
    files = {name: Kept(**each) for name, each in told.pop("files").items()}
    return Manifest(**{**told, "left_out": tuple(told["left_out"]), "files": files})


def newest(target: Path) -> Path | None:
    """Give the newest whole backup below a folder, None where there is none."""
    found = [path for path in target.glob("*") if DATED.fullmatch(path.name) and (path / DIGEST).is_file()]
    return max(found, key=lambda path: path.name, default=None)


def faults(folder: Path, manifest: Manifest, advance: Advance = lambda _: None) -> Iterator[str]:
    """Name each file of a backup that is missing, has changed, or does not belong to it."""
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    yield from sorted(there - set(manifest.files) - {MANIFEST, DIGEST})
    for name, each in sorted(manifest.files.items()):
        path = folder / name
        if (
            path.is_symlink()
            or not path.is_file()
            or path.stat().st_size != each.size
            or sha256_of(path) != each.sha256
        ):
            yield name
        advance(each.size)


def require_whole(folder: Path, manifest: Manifest, advance: Advance = lambda _: None) -> None:
    """Raise BackupError, naming some files, where a backup is not as it was made."""
    if found := list(faults(folder, manifest, advance)):
        more = f", … ({len(found)})" if len(found) > SHOWN else ""
        raise BackupError(say("backup_damaged", folder=folder, faults=", ".join(found[:SHOWN]) + more))


def copied(source: Path, target: Path) -> Kept:
    """Copy a file with its rights and its time, force it to the disk, and give what was copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with open(source, "rb") as read_from, open(target, "wb") as file:
        state = os.fstat(read_from.fileno())
        while block := read_from.read(BLOCK):
            digest.update(block)
            size += file.write(block)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(target, state.st_mode & 0o777)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
    return Kept(size, digest.hexdigest(), state.st_mtime_ns)


def kept(path: Path) -> Kept:
    """Describe a file that was written into a backup."""
    state = path.stat()
    return Kept(state.st_size, sha256_of(path), state.st_mtime_ns)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
