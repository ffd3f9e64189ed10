"""Result rows as columns: what a desk gives, what travels to the store, and what the store takes.

The rows of one table are a set of columns of one length. A column is one of five things, each with its constructor on Rows:

    same       one value for all rows
    numbers    an array of numbers, NaN missing; or several columns as one array (column, row)
    coded      a code for each row into a short list of texts, negative for missing
    counted    the whole numbers start, start + 1, …, each said `each` times, and all of it `times` times
    texts      a list of texts, None missing
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

STEPS = 1000
"""Numbers with a fraction are carried and stored in thousandths of their unit."""


@dataclass(frozen=True, slots=True)
class Same:
    """One value for all rows; None is missing."""

    value: Any


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers, NaN missing: (row,), or (column, row) for several columns together."""

    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Counted:
    """The whole numbers start, start + 1, …, each said `each` times, and all of it `times` times: a row's place on a grid."""

    start: int
    count: int
    each: int
    times: int

    def numbers(self) -> np.ndarray:
        """Give the numbers, int32 (count * each * times,)."""
        return np.tile(np.repeat(np.arange(self.start, self.start + self.count, dtype=np.int32), self.each), self.times)


@dataclass(frozen=True, slots=True)
class Coded:
    """Row i is texts[codes[i]], or missing where the code is negative."""

    codes: np.ndarray | Counted
    texts: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text for each row, None missing."""

    values: list[str | None]


Column = Same | Numbers | Counted | Coded | Texts


@dataclass(slots=True)
class Rows:
    """Rows of one table; each method adds a column and gives back the rows, so that calls can be chained.

    parts: names of one or several columns, and what they hold.
    """

    table: str
    parts: list[tuple[tuple[str, ...], Column]] = field(default_factory=list)

    def same(self, **values: Any) -> Rows:
        """Add columns that hold one value for all rows."""
        self.parts += [((name,), Same(value)) for name, value in values.items()]
        return self

    def numbers(self, names: str | Sequence[str], values: np.ndarray) -> Rows:
        """Add a column of numbers (row,), or several together (column, row)."""
        several = (names,) if isinstance(names, str) else tuple(names)
        if values.ndim != 1 + (not isinstance(names, str)) or (values.ndim == 2 and len(values) != len(several)):
            raise ValueError(f"{several} have shape {values.shape}, expected (row,) for one name or (column, row)")
        self.parts.append((several, Numbers(values)))
        return self

    def coded(self, name: str, codes: np.ndarray | Counted, texts: Sequence[str | None]) -> Rows:
        """Add a column of texts by code."""
        self.parts.append(((name,), Coded(codes, tuple(texts))))
        return self

    def counted(self, name: str, start: int, count: int, each: int, times: int) -> Rows:
        """Add a column of whole numbers in a regular order."""
        self.parts.append(((name,), Counted(start, count, each, times)))
        return self

    def texts(self, name: str, values: Sequence[str | None]) -> Rows:
        """Add a column of texts."""
        self.parts.append(((name,), Texts(list(values))))
        return self

    def add(self, name: str, column: Column) -> Rows:
        """Add a column that is made already."""
        self.parts.append(((name,), column))
        return self

    def columns(self) -> Iterator[tuple[str, Column]]:
        """Give each column by its name, those that lie together apart."""
        for names, column in self.parts:
            if isinstance(column, Numbers) and column.values.ndim == 2:
                yield from zip(names, map(Numbers, column.values), strict=True)
            else:
                yield names[0], column

    def carried(self) -> Rows:
        """Give the rows as they come out of a message: fractions rounded to thousandths."""
        return Rows(self.table, [(names, _carried(column)) for names, column in self.parts])


def rows_of(table: str, columns: dict[str, Any]) -> Rows:
    """Make rows of plain Python values by column: a list or an array for each row, anything else for all of them."""
    made = Rows(table)
    for name, value in columns.items():
        made.add(name, _column(value))
    return made


def _column(value: Any) -> Column:
    if isinstance(value, Column):
        return value
    if isinstance(value, np.ndarray):
        return Numbers(value)
    if not isinstance(value, list):
        return Same(value)
    if any(isinstance(each, str) for each in value) or all(each is None for each in value):
        return Texts(value)
    return Numbers(np.array(value, float) if None in value else np.array(value))


def _carried(column: Column) -> Column:
    if isinstance(column, Numbers) and column.values.dtype.kind == "f":
        return Numbers(np.rint(column.values * STEPS) / STEPS)
    if isinstance(column, Same) and isinstance(column.value, float):
        return Same(None if column.value != column.value else round(column.value * STEPS) / STEPS)
    return column
