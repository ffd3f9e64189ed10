"""What became of what was read, for the person who had it read: file by file, or, where files are many, the ones with trouble.

Rows in = accepted + duplicate + late + rejected + set aside. What was accepted is known once the rows are assessed and
stored; until then these counts are None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from streams.intake.publisher import FileSummary, Summary

FILES_SHOWN = 30
Counts = dict[tuple[str, str], tuple[int, int, int]]
"""By digest and name of a file its rows accepted, duplicate and late."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a file, or of some files of a source: file is then empty, and files tells how many.

    accepted, duplicate, late: None where it is not known yet. reasons: the first ones in words.
    """

    source: str
    file: str
    files: int
    rows_in: int
    accepted: int | None
    duplicate: int | None
    late: int | None
    rejected: int
    set_aside: int
    reasons: tuple[str, ...] = ()

    @property
    def has_trouble(self) -> bool:
        """Tell whether rows were lost, or nothing came of the file."""
        return bool(self.rejected or self.late or not self.rows_in)

    @property
    def is_whole(self) -> bool:
        """Tell whether it is known of every row what became of it."""
        if self.accepted is None:
            return False
        return self.rows_in <= self.accepted + self.duplicate + self.late + self.rejected + self.set_aside


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the files of one command; known: files that were read before as they are, and were not read again."""

    lines: tuple[Line, ...]
    known: int = 0

    @property
    def total(self) -> Line:
        """All lines added up."""
        return _added("", self.lines)

    @property
    def is_whole(self) -> bool:
        """Tell whether it is known of every row what became of it."""
        return all(line.is_whole for line in self.lines)

    @property
    def is_of_nothing(self) -> bool:
        """Tell whether not one row is in the store now or on its way there; rows that it had already are in it."""
        whole = self.total
        if self.known:
            return False
        if whole.accepted is None:
            return whole.rows_in - whole.rejected - whole.set_aside <= 0
        return not whole.accepted and not whole.duplicate

    def shown(self, most: int = FILES_SHOWN) -> list[Line]:
        """Give what a person is shown: all files where they are few, else those with trouble, and the rest added up by source."""
        if len(self.lines) <= most:
            return list(self.lines)
        first = [line for line in self.lines if line.has_trouble][:most]
        named = set(map(id, first))
        rest: dict[str, list[Line]] = {}
        for line in self.lines:
            if id(line) not in named:
                rest.setdefault(line.source, []).append(line)
        return [*first, *(_added(source, some) for source, some in sorted(rest.items()))]


def account_of(summary: Summary, became: Counts | None) -> Account:
    """Give a line for each file that was read; became: what is known of the files, None before they were assessed."""
    return Account(tuple(_line(each, became) for each in summary.by_file), summary.known)


def became_of(engine: sa.Engine) -> Counts:
    """Ask the store what became of the rows of each file that ever came."""
    from streams.store.schema import source_file

    c = source_file.c
    query = sa.select(c.digest, c.file, *(sa.func.coalesce(n, 0) for n in (c.accepted, c.duplicate, c.late)))
    with engine.connect() as connection:
        return {(digest, file): tuple(map(int, counts)) for digest, file, *counts in connection.execute(query)}


def since(before: Counts, now: Counts) -> Counts:
    """Give what was added: a file may have come before, and its counts are of every time."""
    nothing = (0, 0, 0)
    return {key: tuple(b - a for a, b in zip(before.get(key, nothing), new, strict=True)) for key, new in now.items()}


def accounted(engine: sa.Engine) -> int:
    """Give of how many rows the store knows what became of them."""
    from streams.store.schema import source_total

    c = source_total.c
    rows = sa.func.coalesce(sa.func.sum(c.accepted + c.duplicate + c.late + c.rejected), 0)
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(rows)))


def _line(each: FileSummary, became: Mapping[tuple[str, str], tuple[int, int, int]] | None) -> Line:
    nothing, open_ = (0, 0, 0), each.rows > each.rejected + each.set_aside
    known = (None, None, None) if became is None and open_ else (became or {}).get((each.digest, each.file), nothing)
    return Line(each.source, each.file, 1, each.rows, *known, each.rejected, each.set_aside, each.reasons)


def _added(source: str, lines: Sequence[Line]) -> Line:
    def added(name: str) -> int | None:
        values = [getattr(line, name) for line in lines]
        return None if None in values else sum(values)

    counts = [added(name) for name in ("files", "rows_in", "accepted", "duplicate", "late", "rejected", "set_aside")]
    reasons = tuple(dict.fromkeys(reason for line in lines for reason in line.reasons))[:3]
    return Line(source, "", *counts, reasons)
