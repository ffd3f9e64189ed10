"""Rows as CSV for a person, who may open it in a spreadsheet: what came in from outside is text there, and no formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from streams.sources.cells import number
from streams.sources.files import harmless

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet takes for a formula. Source: OWASP, CSV Injection."""


def write(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; of texts, signs that do not print are written out, and one that would be a formula begins with '."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)


def cell(value: Any) -> Any:
    """Give what is written for a value: a number, a time or nothing as it is, a text as a text."""
    if not isinstance(value, str):
        return value
    is_formula = value.startswith(FORMULA) and number(value) is None
    return f"'{harmless(value)}" if is_formula else harmless(value)
