"""When a file was released, and which files came before: the same bytes again are the delivery that they were the first time.

A clock that is set back must not make a correction older than what it corrects. So whatever was written since it was seen to be set
back, and until it is again where it was, counts as released after all that its source brought before.

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

from standards.whole_files import naming_where_full
from streams.records import Block, released
from streams.sources.tally import Parsed

FIRST_MOMENT_S = 631_152_000.0
"""1990-01-01 [s since 1970]: a file that says it was written before was packed or sent by something without a clock."""
JOURNAL = ".releases"
"""Its name in the folder of the intake; hidden, so that it is no segment."""
CLOCK = "clock"
"""Stands in place of a digest in the entry that tells when the clock was seen to be set back, and from where."""
BACK_S = 3600.0
"""A clock that stands so much [s] before what it was has been set back; less is what it is trimmed by, and how reading overlaps."""
BEFORE_SEEN_S = 86_400.0
"""What was written up to so long [s] before the clock was seen to be set back is taken as written by the clock as it is now."""
NEXT_S = 0.001
RETRACTED = "retracted/"
"""Stands before a digest whose rows were taken out again: when they come again, it is a new delivery."""
NEVER_S = float("-inf")
SIMULATED = "-simulated"
"""Ends the name of a source in the journal where all of a file is simulated."""
DIGITS = 32
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

    A line `clock - <now> <before> <CRC-32>` says that the clock was found at now though it had been at before. An entry that is
    damaged is left out: what it told of counts as new when it comes again. Those of the time before they had checksums have four
    words.
    """

    def __init__(self, path: str | Path) -> None:
        self._path, self._offset = Path(path), 0
        self._known: dict[tuple[bytes, str], Moments] = {}
        self._last: dict[str, float] = {}
        self._retracted: set[tuple[bytes, str]] = set()
        self._latest = self._back_at = NEVER_S

    def first(self, digest: str, source: str, came: Moments) -> Moments:
        """Give when the bytes of a source came first; of bytes that are new that is now, and it is remembered."""
        source = quote(source, safe="")
        key = (bytes.fromhex(digest[:DIGITS]), source)
        with self._locked() as file:  # also where it is known: it may have been retracted meanwhile, by another process
            if key not in self._known:
                if came.received_at < (self._latest if self._back_at == NEVER_S else self._back_at) - BACK_S:
                    self._write(file, CLOCK, "-", Moments(came.received_at, self._latest))
                self._write(file, digest[:DIGITS], source, self._ordered(key, came))
            return self._known[key]

    def retract(self, digest: str, source: str, released_at: float) -> None:
        """Forget when the bytes of a source came: where they come again, they count as released after a retraction [epoch s]."""
        with self._locked() as file:
            self._write(file, RETRACTED + digest[:DIGITS], quote(source, safe=""), Moments(released_at, released_at))

    def real(self) -> dict[str, float]:
        """Give the digests of what is not simulated, with when each came first [epoch s]."""
        with self._locked():
            return {
                digest.hex(): came.received_at
                for (digest, source), came in self._known.items()
                if not source.endswith(SIMULATED)
            }

    def _ordered(self, key: tuple[bytes, str], came: Moments) -> Moments:
        """Give moments that stand after all of a source, where they were told by a clock that had been set back, or what came
        was retracted before."""
        source = key[1]
        last = self._last.get(source, NEVER_S)
        if key in self._retracted:
            return Moments(max(came.released_at, last + NEXT_S), came.received_at)
        told_by_it = self._back_at != NEVER_S and came.released_at >= self._back_at - BEFORE_SEEN_S
        if not told_by_it or came.released_at > last:
            return came
        return Moments(last + NEXT_S, came.received_at)

    def _write(self, file: BinaryIO, digest: str, source: str, moments: Moments) -> None:
        entry = f"{digest} {source} {moments[0]!r} {moments[1]!r}"
        self._offset += file.write(f"{entry} {_checksum(entry)}\n".encode())
        self._enter([digest, source, *map(repr, moments)])

    @contextlib.contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with naming_where_full(self._path), open(self._path, "a+b") as file:
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
            moments = Moments(float(released_at), float(received_at))
            if digest == CLOCK:
                self._back_at, self._latest = moments
                return
            if digest.startswith(RETRACTED):
                key = (bytes.fromhex(digest.removeprefix(RETRACTED)), source)
                self._known.pop(key, None)
                self._retracted.add(key)
                self._last[source] = max(self._last.get(source, NEVER_S), moments.released_at)
                return
            first = self._known.setdefault((bytes.fromhex(digest), source), moments)
            self._last[source] = max(self._last.get(source, NEVER_S), first.released_at)
            if moments.received_at >= self._latest:  # the clock is where it was
                self._latest, self._back_at = moments.received_at, NEVER_S


def real_deliveries(journal: Path) -> dict[str, float]:
    """Give what a journal knows that is not simulated: digests, as far as they are remembered, to the first receipt [epoch s].

    What was retracted is left out. Nothing where there is no journal.
    """
    return Releases(journal).real() if journal.exists() else {}


def _checksum(entry: str) -> str:
    # The sign keeps it from being read as a number where the space before it was damaged.
    return f"~{zlib.crc32(entry.encode('ascii', 'replace')):08x}"


def as_first_delivered(parsed: Parsed, releases: Releases) -> Parsed:
    """Give the blocks of a file as of the first time that its source brought these bytes."""
    told = parsed.intake
    now = Moments(released_or_received(told.released_at, told.received_at), told.received_at)
    source = f"{told.source}{SIMULATED}" if told.simulated else told.source
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
