"""Seals: what tells a line of a topic that is as it was written from one that is not.

A line on the disk ends with a tab, a mark and the CRC-32 of all before the tab, so that `cut -f2 | jq .` reads the message as
before. The last line of what was written together bears another mark: a segment that ends without it has lost its end. Lines
of the time before there were seals have none, and are read as they are.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MORE, LAST = b"~", b"="
"""The mark of a line after which another one was written together with it, and of the last one."""
LENGTH = 10
"""How much a seal adds to a line [bytes]."""
FLIPPED, CUT, GONE = "flipped", "cut", "gone"
"""Kinds of damage: other bytes than were written; the end is missing; the whole file is missing or cannot be read."""
OTHER_BYTES = "its checksum is another one"
"""The reason of damage that reaches no further than its bytes: what stands behind them was read."""
_SEAL = re.compile(rb"\t[~=][0-9a-f]{8}")
_ALIKE = 9
"""So many bytes of a seal that are as they should be make a damaged seal: one bit that is flipped changes one of them."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged place at rest.

    file: as it was asked for. start, size: the bytes that are not to be used, from the beginning of the file; size is 0 where
    something is missing there. kind: FLIPPED, CUT or GONE. reason: in words.
    """

    file: str
    start: int
    size: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was written, without its seal and its end, and where it begins in its file [bytes]."""

    text: str
    start: int


def unreadable(file: str, error: OSError, start: int = 0) -> Damage:
    """Give the damage of a file that the system does not give back, from a byte on."""
    return Damage(file, start, 0, GONE, f"it cannot be read: {error.strerror or type(error).__name__}")


def shortened(file: str, size: int, had: int) -> Damage:
    """Give the damage of a file of so many bytes that had another number of them."""
    return Damage(file, min(size, had), 0, CUT, f"it has {size} bytes and had {had}")


def other_digest(file: str, size: int) -> Damage:
    """Give the damage of a whole file of so many bytes whose digest is not the one that was noted."""
    return Damage(file, 0, size, FLIPPED, "its digest is another one")


def digest_of(content: bytes) -> str:
    """Give the digest by which files of state are noted: BLAKE2b of 16 bytes, as hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def sealed(line: bytes, *, last: bool) -> bytes:
    """Give a line, without its end, with its seal."""
    return b"%b\t%b%08x" % (line, LAST if last else MORE, zlib.crc32(line))


def sealed_together(lines: Iterable[str]) -> str:
    """Give lines that are written together, sealed and with line ends between them."""
    encoded = [line.encode() for line in lines]
    return b"\n".join(sealed(line, last=i == len(encoded)) for i, line in enumerate(encoded, start=1)).decode()


def bare(text: str) -> str:
    """Give a line of a topic, as any tool reads it from the file, without its seal."""
    return text[:-LENGTH] if _SEAL.fullmatch(text[-LENGTH:].encode()) else text


def checked(file: BinaryIO, name: str, start: int = 0, end: int | None = None) -> Iterator[Line | Damage]:
    """Read the lines from byte start of a segment that is open, up to byte end (None: all), and name what is damaged.

    start and end are beginnings of lines. Bytes that are no UTF-8 appear as \\x.., so that a bad line hides no other. What the disk
    does not give back is damage too; other errors of the system are raised.
    """
    place = start
    try:
        size = os.fstat(file.fileno()).st_size
        if not size:
            yield Damage(name, 0, 0, CUT, "nothing is left of the segment")
        file.seek(max(size - LENGTH - 1, 0))
        marked = _SEAL.match(file.read(LENGTH)) is not None
        file.seek(start)
        stop, mark = size if end is None else min(end, size), b""
        while place < stop and (raw := file.readline()):
            seal = raw[-LENGTH - 1 : -1]
            if raw.endswith(b"\n") and _SEAL.fullmatch(seal) and int(seal[2:], 16) == zlib.crc32(raw[: -LENGTH - 1]):
                mark, marked = seal[1:2], True
                yield Line(_text(raw[: -LENGTH - 1]), place)
            else:
                parts = list(_apart(raw, name, place, marked=marked))
                yield from (found for found, _ in parts)
                mark = parts[-1][1]
            place += len(raw)
        if place >= size and mark == MORE:
            yield Damage(name, size, 0, CUT, "what was written after the last line is missing")
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        yield unreadable(name, error, place)


def verified(path: Path) -> Iterator[Damage]:
    """Name what is damaged in a segment; a file that cannot be read is one damage."""
    try:
        with open(path, "rb") as file:
            yield from (each for each in checked(file, str(path)) if isinstance(each, Damage))
    except OSError as error:
        yield unreadable(str(path), error)


def _apart(raw: bytes, name: str, place: int, *, marked: bool) -> Iterator[tuple[Line | Damage, bytes]]:
    """Take apart what does not bear out the seal at its end: whole lines whose ends were lost, one without a seal, or damage.

    marked: whether other lines of the segment have seals. Gives with each the mark of its seal, empty where it has none.
    """
    begin, text = 0, raw.removesuffix(b"\n")
    for seal in _SEAL.finditer(text):
        # Where a line end was changed, the seal before it still bears out its line, and no other line is lost with it.
        if int(seal[0][2:], 16) == zlib.crc32(text[begin : seal.start()]):
            yield Line(_text(text[begin : seal.start()]), place + begin), seal[0][1:2]
            begin = min(seal.end() + 1, len(text))
    rest = text[begin:]
    if not rest and begin:
        return
    whole = raw.endswith(b"\n")
    if not whole and not _SEAL.fullmatch(rest[-LENGTH:]) and (marked or begin or not rest.endswith(b"}")):
        yield Damage(name, place + begin, len(raw) - begin, CUT, "the last line is cut"), b""
    elif marked or begin or b"\0" in rest or _like_a_seal(rest[-LENGTH:]):
        yield Damage(name, place + begin, len(raw) - begin, FLIPPED, OTHER_BYTES), b""
    else:
        yield Line(_text(rest), place), b""


def _like_a_seal(end: bytes) -> bool:
    expected = (b"\t", MORE + LAST, *[b"0123456789abcdef"] * 8)
    alike = sum(bytes((byte,)) in allowed for byte, allowed in zip(end, expected, strict=False))
    return len(end) == LENGTH and alike >= _ALIKE


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="backslashreplace")
