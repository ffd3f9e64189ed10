"""Cells of hand-made CSV files, line by line: a stray quote or an endless cell spoils its own line and no other."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator


def rows_of(text: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Give the number (from 1) and the stripped cells of each line that is not empty; no cell spans lines."""
    for number, line in enumerate(text, start=1):
        try:
            row = [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")]), [])]
        except csv.Error:
            row = ["\ufffd"]  # one cell, so that the count of cells is wrong and the line is refused
        if any(row):
            yield number, row


def amount(text: str) -> float | None:
    """Read a finite number >= 0; None where the text is not one."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 and "_" not in text else None
