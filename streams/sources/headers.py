"""Headers in the middle of a file: `cat a.csv b.csv` is how files are joined, and each part is read by the header above it.

A header may name the columns in another order, or others. It may begin with a byte-order mark, and where the file before it had no
line end it stands behind that file's last line. Where its first name is damaged (by a mark in another encoding) it is a header
all the same, by the names that follow: nothing below it may be read by the header before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from streams.sources.csv_lines import MARK, cells_of

_NEAR = 200
"""Signs before the second name of a header among which its first name is looked for: a line may have millions."""
Rows = Iterator[tuple[Any, list[str]]]
"""Place and cells of each line that is not empty: its number, or what a layout calls its place."""


@dataclass(frozen=True)
class Heading:
    """How the header of a layout begins: with these names, whatever their capitals."""

    labels: tuple[str, ...]

    def heads(self, cells: Sequence[str]) -> bool:
        """Tell whether a line is a header: by all of its first names but the very first, which no row has."""
        small = self._small
        if len(cells) <= len(small) or cells[1].lower() != small[0]:
            return False
        return [cell.lower() for cell in cells[1 : len(self.labels)]] == small

    def cut(self, line: str) -> list[str]:
        """Part a line behind whose cells a header stands."""
        found = self._others.search(line)
        if not found:
            return [line]
        first = self._first.search(line, max(0, found.start() - _NEAR), found.start())
        at = first.start() if first else line.rfind(",", 0, found.start()) + 1
        return [line[:at], line[at:]] if line[:at].strip(' ",\ufeff') else [line]

    def named(self, header: list[str]) -> list[str]:
        """Give the names of a header, the first ones as the layout writes them."""
        return [*self.labels, *header[len(self.labels) :]] if self.heads(header) else header

    @cached_property
    def _first(self) -> re.Pattern[str]:
        return re.compile(rf'{MARK}*\s*"?{re.escape(self.labels[0])}"?\s*$', re.IGNORECASE)

    @cached_property
    def _others(self) -> re.Pattern[str]:
        names = "".join(rf',\s*"?{re.escape(name)}"?\s*' for name in self.labels[1:])
        return re.compile(rf"{names}(?=,|$)", re.IGNORECASE)

    @cached_property
    def _small(self) -> list[str]:
        return [name.lower() for name in self.labels[1:]]


@dataclass(frozen=True, slots=True)
class Section:
    """A header with its place, and the rows below it, up to the next header."""

    number: Any
    header: list[str]
    rows: Rows


def numbered(lines: Iterable[str], cut: Callable[[str], list[str]]) -> Iterator[tuple[int, str]]:
    """Give lines with their numbers, without byte-order marks at their beginning, and cut where a header stands behind a row."""
    for number, line in enumerate(lines, start=1):
        for part in cut(line):
            yield number, part.lstrip(MARK) if part.startswith(MARK) else part


def sections(lines: Iterable[str], heading: Heading) -> Iterator[Section]:
    """Give the parts of a file, each with its header; the first line that is not empty is one in any case.

    The rows of a section are to be read before the next section is asked for. A file without lines is one section of nothing.
    """
    return parts(rows_of(lines, heading), heading.heads, heading.named)


def rows_of(lines: Iterable[str], heading: Heading) -> Rows:
    """Give number and cells of each line that is not empty, headers among them on lines of their own."""
    return ((number, cells) for number, line in numbered(lines, heading.cut) if any(cells := cells_of(line)))


def parts(
    rows: Rows, heads: Callable[[list[str]], bool], named: Callable[[list[str]], list[str]] = lambda header: header
) -> Iterator[Section]:
    """Part rows before each header; see sections."""
    pending: list[tuple[Any, list[str]]] = [next(rows, (1, []))]

    def below() -> Rows:
        for number, cells in rows:
            if heads(cells):
                pending.append((number, cells))
                return
            yield number, cells

    while pending:
        number, header = pending.pop()
        section = Section(number, named(header), below())
        yield section
        for _ in section.rows:
            pass
