"""Read the CSV files of this folder: lines that begin with # are comments, and every mistake is named with its place."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from standards.errors import AirshedError


class TableError(AirshedError, ValueError):
    """A table cannot be used; the message names file, line, column, value and what was expected."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table with its place, so that a wrong cell can say where it is."""

    path: Path
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Give a cell that must not be empty."""
        if not self.cells[column]:
            raise self.error(column, "a text")
        return self.cells[column]

    def one_of(self, column: str, choices: tuple[str, ...]) -> str:
        """Give a cell that must be one of some texts."""
        if self.cells[column] not in choices:
            raise self.error(column, f"one of {', '.join(choices)}")
        return self.cells[column]

    def number(self, column: str, low: float, high: float) -> float:
        """Give a cell that must be a finite number from low to high (both belong)."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise self.error(column, f"a number from {low:g} to {high:g}")
        return value

    def error(self, column: str, expected: str) -> TableError:
        """Make the error for a cell of this line."""
        return table_error(self.path, self.line, column, self.cells.get(column, ""), expected)


def rows_of(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """Give the lines of a table below its header, which must have exactly the given columns.

    Empty lines and those that begin with # are passed over; cells are stripped. Errors: TableError for a file that is
    not there or not UTF-8, another header, and a line with too few or too many cells.
    """
    header: list[str] | None = None
    for number, text in enumerate(_text_of(path).splitlines(), start=1):
        if not text.strip() or text.startswith("#"):
            continue
        cells = _cells(path, number, text)
        if header is None:
            header = cells
            if header != list(columns):
                raise table_error(path, number, "header", ",".join(header), ",".join(columns))
        elif len(cells) != len(header):
            raise table_error(path, number, "number of cells", str(len(cells)), str(len(header)))
        else:
            yield Row(path, number, dict(zip(header, cells, strict=True)))
    if header is None:
        raise table_error(path, 1, "header", "", ",".join(columns))


def table_error(path: Path, line: int, column: str, value: str, expected: str) -> TableError:
    """Make an error that says where it is, what was found and what was expected."""
    return TableError(f"{path} line {line}: {column} is {value!r}, expected {expected}")


def _cells(path: Path, number: int, text: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text]))]
    except csv.Error as error:
        raise table_error(path, number, "the line", text[:80], f"cells between commas ({error})") from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TableError(f"{path} does not exist, expected a CSV file") from None
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not text at byte {error.start}, expected UTF-8") from None
