"""The tables folder: one CSV file per edition of a standard, never edited once in force.

A file begins with "# key: value" lines (code, valid_from, valid_to, source, confidence ...), then a CSV with a header
row.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True, slots=True)
class Table:
    """One table file: its head as a mapping of texts, its rows as mappings of column to text."""

    name: str
    head: dict[str, str]
    rows: tuple[dict[str, str], ...]

    @property
    def valid_from(self) -> dt.date:
        """The first day of the table; the earliest date there is where the file gives none."""
        return dt.date.fromisoformat(self.head["valid_from"]) if self.head.get("valid_from") else dt.date.min

    @property
    def valid_to(self) -> dt.date:
        """The last day of the table; the latest date there is where the file gives none."""
        return dt.date.fromisoformat(self.head["valid_to"]) if self.head.get("valid_to") else dt.date.max


def read_table(name: str) -> Table:
    """Read one file of the tables folder, given its name without ".csv"."""
    lines = (_FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    head = {}
    for line in lines:
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            head[key.strip()] = value.strip()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return Table(name, head, tuple(rows))
