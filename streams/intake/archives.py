"""Archives (.zip, .gz, .tar, .tgz), known by what is in them: unpacked within limits, so that their files are read as any others.

A file of an archive is called `a.zip/folder/x.csv`, an inventory in one `a.zip/folder/inventory.csv`. What would lead out of the
archive, what is no file, and what is locked is named and not unpacked. An archive in an archive is opened, one in that is not.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import gzip
import os
import re
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from standards.days import SHANGHAI
from standards.errors import AirshedError
from standards.shown import harmless
from streams import sources
from streams.intake.ground import DEEPEST
from streams.intake.units import Aside, walk
from streams.sources.files import opened, shown, text_of
from streams.sources.kinds import GZIP, TAR, TAR_AT, ZIP

MOST_ENTRIES = 20_000
"""Files of one archive: an hourly file for two years."""
MOST_MB = 2_000
"""What an archive may hold, unpacked [MB]."""
MOST_TIMES, FREE_MB = 300, 16
"""How many times its own size it may hold where that is more than FREE_MB [MB]; tables pack to a tenth, bombs to a thousandth."""
LARGEST_INDEX_MB = 8
"""Size of the list of what is in a .zip [MB]."""
EXPECTED = f"a .zip, .gz, .tar or .tgz of up to {MOST_ENTRIES} files and {MOST_MB} MB in all, or the files themselves"
DEPTH = 1
"""Archives in one another that are opened."""
_CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OFFICE = ("[Content_Types].xml", "mimetype")
"""What .xlsx, .docx and .ods begin with: documents, and no archives."""
_DRIVE = re.compile(r"[A-Za-z]:")


class RefusedError(AirshedError, ValueError):
    """An archive goes beyond a limit, or is broken: nothing of it is read."""


@dataclass(slots=True)
class Opened:
    """What was in an archive: files and folders of inventories, each with its name, and what was not unpacked, and why.

    aside: name, reason, and whether something is the matter with it. refused: why nothing of it is read at all.
    """

    name: str
    units: list[tuple[Path, str]] = field(default_factory=list)
    aside: list[tuple[str, str, bool]] = field(default_factory=list)
    refused: str = ""


@dataclass(slots=True)
class _Room:
    """What may still be unpacked."""

    packed: int
    entries: int = 0
    taken: int = 0

    def enter(self, entries: int = 1) -> None:
        self.entries += entries
        if self.entries > MOST_ENTRIES:
            raise RefusedError(f"the archive holds more than {MOST_ENTRIES} files")

    def require(self, more: int) -> None:
        """Raise RefusedError where so many bytes more would be too many."""
        wanted = self.taken + more
        if wanted > MOST_MB * 1_000_000:
            raise RefusedError(f"the archive holds more than {MOST_MB} MB")
        if wanted > FREE_MB * 1_000_000 and wanted > MOST_TIMES * self.packed:
            raise RefusedError(f"the archive unpacks to more than {MOST_TIMES} times its size")

    def copy(self, source: BinaryIO, target: BinaryIO) -> None:
        """Unpack one file, as far as there is room."""
        while chunk := source.read(_CHUNK):
            self.require(len(chunk))
            self.taken += len(chunk)
            target.write(chunk)


def is_archive(path: Path) -> bool:
    """Tell whether a file is an archive that is opened, and nothing that a feed reads as it is."""
    head = sources.head_of(path)
    if head.startswith(ZIP):
        first = head[30 : 30 + struct.unpack_from("<H", head, 26)[0]] if len(head) >= 30 else b""
        return not first.startswith(tuple(name.encode() for name in _OFFICE)) and sources.feed_of(path) is None
    return head.startswith(GZIP) or head[TAR_AT:].startswith(TAR)


@contextlib.contextmanager
def opened_archive(file: BinaryIO, scratch: Path | None, name: str) -> Iterator[Opened]:
    """Unpack an archive into a folder that is there while the block runs; scratch: where that is made, the system's place if None.

    file: open for reading. name: as it is shown. Errors: OSError where it cannot be read, or where there is no room to unpack it.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="unpacked-", ignore_cleanup_errors=True) as folder:
        found = Opened(name)
        room = _Room(os.fstat(file.fileno()).st_size)
        try:
            _open(file, Path(folder), found, name, room, depth=0)
        except RefusedError as why:
            found = Opened(name, refused=str(why))
        yield found


def _open(file: BinaryIO, folder: Path, found: Opened, name: str, room: _Room, *, depth: int) -> None:
    inside = Path(tempfile.mkdtemp(dir=folder))
    try:
        _unpack(file, inside, found, name, room)
    except (RefusedError, MemoryError):
        raise
    except Exception as error:
        # The libraries raise what they like for broken archives; OSError too, and that where the disk fails.
        if (
            isinstance(error, OSError)
            and not isinstance(error, gzip.BadGzipFile)
            and error.errno not in (None, errno.EINVAL)
        ):
            raise
        raise RefusedError(f"the archive is broken, or not whole: {harmless(str(error))[:80]}") from error
    for each in walk(inside):
        if isinstance(each, Aside):
            found.aside.append((f"{name}/{_below(inside, Path(each.path))}", each.reason, each.wrong))
            continue
        inner = f"{name}/{_below(inside, each)}"
        if each.is_dir() or not is_archive(each):
            found.units.append((each, inner if each.is_file() else f"{name}/{_inventory(inside, each)}"))
        elif depth >= DEPTH:
            found.aside.append((inner, "an archive in an archive in an archive is not opened", True))
        else:
            try:
                with opened(each) as file_in_it:
                    _open(file_in_it, folder, found, inner, room, depth=depth + 1)
            except RefusedError as why:
                found.aside.append((inner, str(why), True))


def _below(folder: Path, path: Path) -> str:
    return "/".join(shown(Path(part)) for part in path.relative_to(folder).parts)


def _inventory(folder: Path, inventory: Path) -> str:
    return "/".join(part for part in (_below(folder, inventory), "inventory.csv") if part)


def _unpack(file: BinaryIO, folder: Path, found: Opened, name: str, room: _Room) -> None:
    head = file.read(TAR_AT + len(TAR))
    file.seek(0)
    unpack = _unzip if head.startswith(ZIP) else _gunzip if head.startswith(GZIP) else _untar
    unpack(file, folder, found, name, room)


def _unzip(file: BinaryIO, folder: Path, found: Opened, name: str, room: _Room) -> None:
    _require_small_index(file)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        room.enter(len(entries))
        room.require(sum(entry.file_size for entry in entries))
        _require_apart(entries)
        for entry in entries:
            called = _zip_name(entry)
            if why := _why_not_zipped(entry):
                found.aside.append((f"{name}/{harmless(called)}", why, True))
            elif not entry.is_dir():
                when = _when(entry.date_time)
                with _named(found, f"{name}/{harmless(called)}"), archive.open(entry) as member:
                    _put(member, folder, called, when, room)


def _require_small_index(file: BinaryIO) -> None:
    """Raise RefusedError for a list of entries so long that reading it would take a while."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 66_000, 0))
    tail = file.read()
    at, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    index = struct.unpack_from("<I", tail, at + 12)[0] if 0 <= at <= len(tail) - 22 else 0
    if index == 0xFFFF_FFFF and 0 <= wide <= len(tail) - 56:
        index = struct.unpack_from("<Q", tail, wide + 40)[0]
    if index > LARGEST_INDEX_MB * 1_000_000:
        raise RefusedError(f"the archive holds more than {MOST_ENTRIES} files")
    file.seek(0)


def _require_apart(entries: list[zipfile.ZipInfo]) -> None:
    """Raise RefusedError where two entries stand for the same bytes, which is how little becomes much."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise RefusedError("files of the archive overlap")
        end = entry.header_offset + 30 + entry.compress_size


def _why_not_zipped(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == 3 else 0
    if entry.flag_bits & 1:
        return "the file is locked by a password"
    if kind == stat.S_IFLNK:
        return "links in archives are not followed"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "it is a device or a pipe, and no file"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed in another way than deflate"
    return ""


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Give the name of an entry; without a mark for UTF-8 it is in whatever the packer's system wrote."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return text_of(entry.filename.encode("cp437"))
    except UnicodeEncodeError:
        return entry.filename


def _when(moment: tuple[int, int, int, int, int, int]) -> float | None:
    """Give the time of change in a .zip, which is of the packer's clock: taken as Asia/Shanghai [epoch s]."""
    try:
        return dt.datetime(*moment, tzinfo=SHANGHAI).timestamp()
    except ValueError:
        return None


def _gunzip(file: BinaryIO, folder: Path, found: Opened, name: str, room: _Room) -> None:
    called = name.rpartition("/")[2]
    called = re.sub(r"\.gz$", "", re.sub(r"\.tgz$", ".tar", called, flags=re.I), flags=re.I) or called
    target = folder / called
    with gzip.GzipFile(fileobj=file) as packed, target.open("xb") as unpacked:
        room.enter()
        room.copy(packed, unpacked)
        when = packed.mtime or os.fstat(file.fileno()).st_mtime
    _set_time(target, when)
    with target.open("rb") as unpacked:
        is_tar = unpacked.read(TAR_AT + len(TAR))[TAR_AT:] == TAR
        unpacked.seek(0)
        if is_tar:
            target.unlink()
            _untar(unpacked, folder, found, name, room)


def _untar(file: BinaryIO, folder: Path, found: Opened, name: str, room: _Room) -> None:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for entry in archive:
            room.enter()
            called = text_of(os.fsencode(entry.name))
            if entry.isdir():
                continue
            if not entry.isreg() or entry.issparse():
                reason = (
                    "links in archives are not followed" if entry.islnk() or entry.issym() else "it is no plain file"
                )
                found.aside.append((f"{name}/{harmless(called)}", reason, True))
                continue
            room.require(entry.size)
            with _named(found, f"{name}/{harmless(called)}"), archive.extractfile(entry) as member:
                _put(member, folder, called, entry.mtime, room)


@contextlib.contextmanager
def _named(found: Opened, name: str) -> Iterator[None]:
    """Name a file that cannot be unpacked, and go on; where there is no room for it, nobody is to blame but the disk."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise
        found.aside.append((name, f"it cannot be unpacked: {error.strerror or error}", True))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnsafeNameError) as error:
        found.aside.append((name, f"it cannot be unpacked: {harmless(str(error))[:80]}", True))


class UnsafeNameError(AirshedError, ValueError):
    """A name in an archive leads out of it, or is none."""


def _put(member: BinaryIO, folder: Path, name: str, when: float | None, room: _Room) -> None:
    """Unpack one file to its place in the folder."""
    target = folder.joinpath(*_parts(name))
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "xb") as file:
        try:
            room.copy(member, file)
        except BaseException:
            target.unlink()  # half a file is none
            raise
    _set_time(target, when)


def _parts(name: str) -> list[str]:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name):
        raise UnsafeNameError("its name leads out of the archive")
    parts = [part for part in parts if part not in ("", ".")]
    if not parts or "\0" in name or len(parts) > DEEPEST:
        raise UnsafeNameError("its name is none for a file")
    return parts


def _set_time(target: Path, when: float | None) -> None:
    with contextlib.suppress(OverflowError, OSError, ValueError):
        if when is not None and when > 0:
            os.utime(target, (when, when))
