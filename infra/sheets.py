"""Rows as CSV for a person, who may open it in a spreadsheet: what came in from outside is text there, and no formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from standards.shown import as_cell


def write(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; of texts, signs that do not print are written out, and one that would be a formula begins with '."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)


def cell(value: Any) -> Any:
    """Give what is written for a value: a number, a time or nothing as it is, a text as a text."""
    return as_cell(value) if isinstance(value, str) else value
