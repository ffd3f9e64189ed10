"""Tables as rows of text, whatever file they lie in: the names of the columns, and each row's place and cells."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from streams.sources.csv_lines import LARGEST_MB, LONGEST_LINE, cells_of, lines_of
from streams.sources.headers import MARK
from streams.sources.maps.opening import opened, size_mb
from streams.sources.maps.spec import Column, FileSpec
from streams.sources.tally import Unusable

Rows = Iterator[tuple[str, list[str]]]
"""The place of each row in its file ("line 7", "row 7"), and its cells."""


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns (empty texts where nothing names one), where they stand, and the rows below.

    expected: how many cells a row ought to have, in words, where that is not told by the names.
    """

    names: list[str]
    place: str
    rows: Rows
    expected: str = ""

    def at(self, column: Column) -> int | None:
        """Give the place of a column among the cells, None where there is none or several have that name."""
        return place_of(column, self.names)


def place_of(column: Column, names: Sequence[str]) -> int | None:
    """Give the place of a column: a name as it stands, else one that differs in capitals, blanks and full-width signs only."""
    if isinstance(column, int):
        return column - 1
    for alike in (str.strip, simple):
        found = [i for i, name in enumerate(names) if alike(name) == alike(column)]
        if len(found) == 1:
            return found[0]
    return None


def simple(name: str) -> str:
    """Give a name without what people write differently: capitals, blanks, full-width signs, micro signs, powers."""
    folded = unicodedata.normalize("NFKC", name.replace("µ", "μ")).casefold()
    return "".join(folded.split())


def printable_text(text: str) -> str:
    """Give a text without what does not print, halves of signs included, and without blanks around it."""
    return text.strip() if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text).strip()


def csv_table(path: Path, spec: FileSpec) -> Table:
    """Give the table of a file of text. Errors: Unusable where the file is too large or ends before its header."""
    return text_table(lines_of(path) if spec.encoding == "auto" else _lines(path, spec.encoding), spec)


def text_table(lines: Iterable[str], spec: FileSpec) -> Table:
    """Give the table of the lines of a text."""
    numbered = enumerate((line.lstrip(MARK) for line in lines), start=1)
    heads = [cells_of(line, spec.delimiter) for number, line in _until(numbered, spec.header) if number in spec.header]
    if len(heads) < len(spec.header):
        raise Unusable(
            "file", "the file ends before its header", f"{len(heads)} lines", f"a header in line {spec.header[-1]}"
        )
    rows = ((f"line {number}", cells) for number, line in numbered if any(cells := cells_of(line, spec.delimiter)))
    return Table(merged(heads), f"line {spec.header[-1]}" if spec.header else "file", rows)


def merged(heads: Sequence[Sequence[str]]) -> list[str]:
    """Give the names of columns from up to three lines: an upper name holds for the columns on its right that have none."""
    names = [""] * max(map(len, heads), default=0)
    for n, head in enumerate(heads):
        upper, last = n < len(heads) - 1, ""
        for i in range(len(names)):
            last = (head[i] if i < len(head) else "") or (last if upper else "")
            names[i] = f"{names[i]} {last}".strip()
    return names


def _until(numbered: Iterator[tuple[int, str]], header: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    for number, line in numbered if header else ():
        yield number, line
        if number == header[-1]:
            return


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Give the lines of a text in an encoding that the map names."""
    with opened(path) as raw:
        require_size(raw)
        file = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=None)
        while line := file.readline(LONGEST_LINE):
            rest = line
            while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
                rest = file.readline(LONGEST_LINE)
            yield line.removesuffix("\n")


def require_size(file: BinaryIO, largest_mb: float = LARGEST_MB) -> None:
    """Raise Unusable where an open file is larger than largest_mb [MB]."""
    if size_mb(file) > largest_mb:
        expected = f"up to {largest_mb:g} MB; cut it into parts, for instance by month"
        raise Unusable("file", "the file is too large", f"{size_mb(file):.0f} MB", expected)
