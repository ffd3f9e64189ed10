"""What is damaged or missing in the archive, for a desk that goes on around it and says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from streams.memory.archive import ArchiveError
from streams.memory.book import Mapping, pieces_of
from streams.records import Rejected

EXPECTED = "the file as it was written; bring it back from a backup and hand the rows in again"


@dataclass(slots=True)
class Damage:
    """The files of the archive that could not be used for a message, each named once."""

    _reasons: dict[str, str] = field(default_factory=dict)

    def note(self, error: ArchiveError) -> None:
        """Note a file that cannot be used."""
        self._reasons.setdefault(error.file, error.reason)

    def rejected(self) -> list[Rejected]:
        """Give a reject for each file; its rows are counted as late by hour."""
        return [
            Rejected("engine", "archive", reason[:200], file[-200:], EXPECTED, rows=0)
            for file, reason in self._reasons.items()
        ]


@dataclass(frozen=True, slots=True)
class Damaged:
    """The numbers of pieces that cannot be used."""

    pieces: frozenset[int]

    def spares(self, first: int, end: int) -> bool:
        """Tell whether the hours [first, end) need none of them."""
        return not self.pieces or self.pieces.isdisjoint(pieces_of(first, end))


def unusable(held: Mapping, kind: str, first: int, end: int, damage: Damage) -> Damaged:
    """Find the pieces of a kind around the hours [first, end) that cannot be used, and note them."""
    found = set()
    for piece in pieces_of(first, end):
        try:
            held.get(f"{kind}{piece}")
        except ArchiveError as error:
            damage.note(error)
            found.add(piece)
    return Damaged(frozenset(found))
