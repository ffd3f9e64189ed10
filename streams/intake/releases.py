"""When a file was released, and which files came before: the same bytes again are the delivery that they were the first time.

A file that is sent again after its correction must not undo it. So a journal beside the topics remembers of each source and digest
when what it holds was released and received first, and whatever brings the same bytes later brings them as of then: for the
engine a duplicate. It is read on from where the last look ended, and more than one process may write it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import quote

from streams.records import Block, released
from streams.sources.tally import Parsed

FIRST_MOMENT_S = 631_152_000.0
"""1990-01-01 [s since 1970]: a file that says it was written before was packed or sent by something without a clock."""
JOURNAL = ".releases"
"""Its name in the folder of the intake; hidden, so that it is no segment."""
_DIGITS = 32
"""Hexadecimal digits of a digest that are remembered."""


class Moments(NamedTuple):
    """When something was released and received [epoch s]."""

    released_at: float
    received_at: float


def release_of(parts: Iterable[os.stat_result], received_at: float) -> float:
    """Give when a file was released [epoch s]: when the last of its parts was written, which what copies faithfully keeps.

    Where that lies after the receipt [epoch s], or is no time at all, it is the receipt.
    """
    written = max((part.st_mtime for part in parts), default=received_at)
    return written if FIRST_MOMENT_S <= written <= received_at else received_at


class Releases:
    """The journal of what came: lines `<digest> <source> <released_at> <received_at> <CRC-32>`; the first of each counts.

    An entry that is damaged is left out: what it told of counts as new when it comes again. Those of the time before they had
    checksums have four words.
    """

    def __init__(self, path: str | Path) -> None:
        self._path, self._offset = Path(path), 0
        self._known: dict[tuple[bytes, str], Moments] = {}

    def first(self, digest: str, source: str, came: Moments) -> Moments:
        """Give when the bytes of a source came first; of bytes that are new that is now, and it is remembered."""
        source = quote(source, safe="")
        key = (bytes.fromhex(digest[:_DIGITS]), source)
        if key not in self._known:
            with self._locked() as file:
                if key not in self._known:
                    entry = f"{digest[:_DIGITS]} {source} {came[0]!r} {came[1]!r}"
                    self._offset += file.write(f"{entry} {_checksum(entry)}\n".encode())
                    self._known[key] = came
        return self._known[key]

    @contextlib.contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(self._offset)
            news = file.read()
            self._offset += len(news)
            if news and not news.endswith(b"\n"):  # a writer was killed in the middle of an entry
                self._offset += file.write(b"\n")
            for line in news.decode("ascii", "replace").split("\n"):
                entry, _, checksum = line.rpartition(" ")
                if line.count(" ") == 4 and checksum == _checksum(entry):
                    self._enter(entry.split(" "))
                elif line.count(" ") == 3:
                    self._enter(line.split(" "))
            yield file

    def _enter(self, entry: list[str]) -> None:
        with contextlib.suppress(ValueError):
            digest, source, released_at, received_at = entry
            self._known.setdefault((bytes.fromhex(digest), source), Moments(float(released_at), float(received_at)))


def _checksum(entry: str) -> str:
    # The sign keeps it from being read as a number where the space before it was damaged.
    return f"~{zlib.crc32(entry.encode('ascii', 'replace')):08x}"


def as_first_delivered(parsed: Parsed, releases: Releases) -> Parsed:
    """Give the blocks of a file as of the first time that its source brought these bytes."""
    told = parsed.intake
    now = Moments(released_or_received(told.released_at, told.received_at), told.received_at)
    source = f"{told.source}-simulated" if told.simulated else told.source
    first = releases.first(told.digest, source, now) if told.digest else now
    if first == now or not parsed.blocks:
        return parsed
    blocks = [_as_of(block, now, first) for block in parsed.blocks]
    return replace(parsed, blocks=blocks, intake=replace(told, released_at=first.released_at))


def released_or_received(released_at: float | None, received_at: float) -> float:
    """Give when something was released [epoch s]; where that is not known, when it was received."""
    return received_at if released_at is None else released_at


def _as_of(block: Block, now: Moments, first: Moments) -> Block:
    # What its rows say of their release themselves, they say each time.
    own = released(block) != now.released_at
    return replace(block, received_at=first.received_at, released_at=block.released_at if own else first.released_at)
