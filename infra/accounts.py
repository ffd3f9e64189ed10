"""What became of what was read, for the person who had it read: file by file, or, where files are many, the ones with trouble.

Rows in = accepted + duplicate + late + rejected + set aside. What was accepted is known once the rows are assessed and
stored; until then these counts are None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from streams.intake.publisher import FileSummary

FILES_SHOWN = 30
AT_A_TIME = 500
"""Files that are asked for in one statement."""
Became = tuple[int, int, int]
"""Rows accepted, duplicate and late."""


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


def lines_of(read: Sequence[FileSummary], became: Mapping[tuple[str, str], Became] | None) -> list[Line]:
    """Give a line for each file; became: by digest and name what is known of it, None before it was assessed."""
    return [_line(each, became) for each in read]


def shown(lines: Sequence[Line], most: int = FILES_SHOWN) -> list[Line]:
    """Give what a person is shown: all files where they are few, else those with trouble first, and the rest added up by source."""
    if len(lines) <= most:
        return list(lines)
    first = [line for line in lines if line.has_trouble][:most]
    named = set(map(id, first))
    rest: dict[str, list[Line]] = {}
    for line in lines:
        if id(line) not in named:
            rest.setdefault(line.source, []).append(line)
    return [*first, *(_added(source, some) for source, some in sorted(rest.items()))]


def total(lines: Iterable[Line]) -> Line:
    """Add all lines up."""
    return _added("", list(lines))


def nothing_came_of(lines: Sequence[Line]) -> bool:
    """Tell whether not one row of what was read is in the store now or on its way there; rows that it had already are in it."""
    whole = total(lines)
    if whole.accepted is None:
        return whole.rows_in - whole.rejected - whole.set_aside <= 0
    return not whole.accepted and not whole.duplicate


def became_of(engine: sa.Engine, read: Sequence[FileSummary]) -> dict[tuple[str, str], Became]:
    """Ask the store what became of the rows of files, by digest and name; a file that it does not know is left out."""
    from streams.store.schema import source_file

    c = source_file.c
    digests = sorted({each.digest for each in read if each.digest})
    found: dict[tuple[str, str], Became] = {}
    with engine.connect() as connection:
        for start in range(0, len(digests), AT_A_TIME):
            query = sa.select(c.digest, c.file, c.accepted, c.duplicate, c.late).where(
                c.digest.in_(digests[start : start + AT_A_TIME])
            )
            found |= {
                (row.digest, row.file): (row.accepted, row.duplicate, row.late) for row in connection.execute(query)
            }
    return found


def _line(each: FileSummary, became: Mapping[tuple[str, str], Became] | None) -> Line:
    known = None if became is None else became.get((each.digest, each.file), (0, 0, 0))
    accepted, duplicate, late = known or (None, None, None)
    return Line(
        each.source, each.file, 1, each.rows, accepted, duplicate, late, each.rejected, each.set_aside, each.reasons
    )


def _added(source: str, lines: Sequence[Line]) -> Line:
    def added(name: str) -> int | None:
        values = [getattr(line, name) for line in lines]
        return None if None in values else sum(values)

    counts = [added(name) for name in ("files", "rows_in", "accepted", "duplicate", "late", "rejected", "set_aside")]
    reasons = tuple(dict.fromkeys(reason for line in lines for reason in line.reasons))[:3]
    return Line(source, "", *counts, reasons)
