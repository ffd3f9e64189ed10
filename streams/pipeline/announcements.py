"""What the engine is told to read: pieces of segments, in lines that may be said again and again.

A piece is some whole lines of a segment, about PIECE_BYTES, so that checkpoints can pass between the pieces of a large one. The
pieces of a segment are always the same, for a segment never changes; one that was damaged and put back has pieces of other names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from streams.wire.seals import Damage, Line, checked

PIECE_BYTES = 1 << 19
MOST_PIECES = 50
DAY_MS = 86_400_000
UNDATED = -1
"""The day of a segment whose name holds no time stamp."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes [start, end) of a segment of a topic: whole lines. mended: since when it is whole again [ms], 0: it always was."""

    topic: str
    segment: str
    start: int
    end: int
    mended: int = 0

    @property
    def name(self) -> str:
        """Give what tells the piece from all others; after its segment was mended it is another one, to be read again."""
        return f"{self.topic}/{self.segment}@{self.start}" + (f"#{self.mended}" if self.mended else "")

    @property
    def size(self) -> int:
        """Give its length [bytes]."""
        return self.end - self.start

    @property
    def day(self) -> int:
        """Give the day [since 1970-01-01, UTC] of its segment."""
        return day_of(self.segment)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Pieces that are to be read where they were not yet, in this order.

    oldest: of topics the day [since 1970-01-01, UTC] before which they hold no segment any more. session: the connection
    on which it is said, which the acknowledgement names.
    """

    session: int
    oldest: Mapping[str, int]
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Give the length of all pieces [bytes]."""
        return sum(piece.size for piece in self.pieces)

    def line(self) -> str:
        """Write it as JSON in ASCII."""
        rows = [[piece.topic, piece.segment, piece.start, piece.end, piece.mended] for piece in self.pieces]
        message = {"session": self.session, "oldest": dict(self.oldest), "pieces": rows}
        return json.dumps(message, separators=(",", ":"))

    @classmethod
    def parse(cls, line: str) -> Announcement:
        """Read what `line` wrote."""
        message = json.loads(line)
        return cls(message["session"], message["oldest"], tuple(Piece(*row) for row in message["pieces"]))


def day_of(segment: str) -> int:
    """Give the day [since 1970-01-01, UTC] of a segment by the time stamp in its name, UNDATED where there is none."""
    stamp = segment.rpartition("/")[2].partition("-")[0]
    return int(stamp) // DAY_MS if len(stamp) == 13 and stamp.isdigit() else UNDATED


def topic_of(name: str) -> str:
    """Give the topic of a piece by its name."""
    return name.partition("/")[0]


def pieces_of(topics: Path, topic: str, segment: str, *, mended: int = 0) -> list[Piece]:
    """Cut a segment into pieces; none where it has gone. mended: since when it is whole again [ms], 0: it always was."""
    try:
        with open(topics / topic / segment, "rb") as file:
            size, start, pieces = os.fstat(file.fileno()).st_size, 0, []
            if not size:
                return [Piece(topic, segment, 0, 0, mended)]  # whoever reads it says that nothing is left of it
            while start < size:
                end = size
                if start + PIECE_BYTES < size:
                    file.seek(start + PIECE_BYTES - 1)
                    file.readline()
                    end = file.tell()
                pieces.append(Piece(topic, segment, start, end, mended))
                start = end
            return pieces
    except FileNotFoundError:
        return []


def lines_of(topics: Path, piece: Piece) -> Iterator[Line | Damage]:
    """Read the lines of a piece, and name what of it is damaged; as streams.wire.seals.checked."""
    with open(topics / piece.topic / piece.segment, "rb") as file:
        yield from checked(file, piece.segment, piece.start, piece.end)


def announcements(pieces: Iterable[Piece], *, session: int, oldest: Mapping[str, int]) -> Iterator[Announcement]:
    """Put pieces into announcements, in their order, each of about PIECE_BYTES or MOST_PIECES at most."""
    held: list[Piece] = []
    for piece in pieces:
        held.append(piece)
        if len(held) >= MOST_PIECES or sum(each.size for each in held) >= PIECE_BYTES:
            yield Announcement(session, oldest, tuple(held))
            held = []
    if held:
        yield Announcement(session, oldest, tuple(held))
