"""Rows of one table as the store takes them, by column: what a database is given in bulk, or row by row.

A column is one of four things. All hold what the table stores; only a moment is held as NumPy holds it.

    One        one value for all rows, None missing; never a moment
    Numbers    float64, NaN missing, or int64, none missing: (row,)
    Moments    datetime64[h], [s] or [D], NaT missing: (row,)
    Words      a code for each row into a short tuple of texts, None missing
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np


class One(NamedTuple):
    """One value for all rows; None is missing."""

    value: Any


class Numbers(NamedTuple):
    """Numbers (row,): float64 with NaN where missing, or int64. whole: all known ones are whole, and read as such."""

    values: np.ndarray
    whole: bool = False


class Moments(NamedTuple):
    """Moments (row,): datetime64[h], datetime64[s] or datetime64[D], NaT where missing."""

    values: np.ndarray


class Words(NamedTuple):
    """Row i is texts[codes[i]]; a text may be None, which is missing, and may stand twice."""

    codes: np.ndarray
    texts: tuple[str | None, ...]


_TAILS = {"h": b":00:00.000000", "s": b".000000"}
Column = One | Numbers | Moments | Words


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, decoded: how many, and by name what each column stores. Cheap to send to another process."""

    table: str
    columns: dict[str, Column]
    count: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Give each row as plain Python values: moments as the texts that both databases take."""
        return zip(*(listed(column, self.count) for column in self.columns.values()), strict=True)

    def picked(self, rows: np.ndarray | slice) -> Rows:
        """Give some of the rows, by a slice or a mask."""
        columns = {name: _picked(column, rows) for name, column in self.columns.items()}
        return Rows(self.table, columns, len(np.empty(self.count, bool)[rows]))


def joined(batches: Sequence[Rows]) -> Rows:
    """Put rows of one table with the same columns one after the other."""
    if len(batches) == 1:
        return batches[0]
    counts = [len(batch) for batch in batches]
    columns = {name: _joined([batch.columns[name] for batch in batches], counts) for name in batches[0].names}
    return Rows(batches[0].table, columns, sum(counts))


def listed(column: Column, count: int) -> Sequence[Any] | Iterator[Any]:
    """Give a column as Python values, None where missing."""
    if isinstance(column, One):
        return repeat(column.value, count)
    if isinstance(column, Numbers):
        return _numbers_listed(column)
    words = worded(column) if isinstance(column, Moments) else column
    return np.array([*words.texts, None], object)[words.codes].tolist()


def worded(column: Moments) -> Words:
    """Write moments as texts, each different one once: "2023-01-19 12:00:00.000000", or a date "2023-01-19"."""
    different, codes = apart(column.values)
    texts = [None if text == "NaT" else text for text in stamped(different).astype(str).tolist()]
    return Words(codes, tuple(texts))


def apart(moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the different moments of a column in order, and where each row's is among them; a few may be in no row."""
    numbers = moments.astype(np.int64)
    begins = np.r_[True, numbers[1:] != numbers[:-1]][: numbers.size]
    if 4 * np.count_nonzero(begins) < numbers.size:  # stretches, as of the files that rows came in
        different, codes = np.unique(moments[begins], return_inverse=True)
        return different, codes[np.cumsum(begins) - 1]
    if np.isnat(moments).any() or not numbers.size or np.ptp(numbers) > 2 * numbers.size + 1000:
        return np.unique(moments, return_inverse=True)
    first = numbers.min()
    return np.arange(first, numbers.max() + 1).astype(moments.dtype), numbers - first


def stamped(moments: np.ndarray) -> np.ndarray:
    """Write moments as both databases take them, bytes (row,): b"2023-01-19 12:00:00.000000" or b"2023-01-19"; NaT b"NaT"."""
    unit = np.datetime_data(moments.dtype)[0]
    texts = moments.astype("S10" if unit == "D" else "S26")
    if unit != "D" and texts.size:
        letters = texts.view(np.uint8).reshape(-1, 26)
        here, tail = ~np.isnat(moments), _TAILS[unit]
        letters[here, 10] = ord(" ")
        letters[here, 26 - len(tail) :] = np.frombuffer(tail, np.uint8)
    return texts


def missing_of(column: Column) -> np.ndarray | bool:
    """Tell which rows have no value, bool (row,), or one answer for all."""
    if isinstance(column, One):
        return column.value is None
    if isinstance(column, Numbers):
        return np.isnan(column.values) if column.values.dtype.kind == "f" else False
    if isinstance(column, Moments):
        return np.isnat(column.values)
    return np.array([text is None for text in column.texts])[column.codes] if None in column.texts else False


def _numbers_listed(column: Numbers) -> list[Any]:
    missing = missing_of(column)
    if not np.any(missing):
        return (column.values.astype(np.int64) if column.whole else column.values).tolist()
    known = np.where(missing, 0, column.values)
    objects = (known.astype(np.int64) if column.whole else known).astype(object)
    objects[missing] = None
    return objects.tolist()


def _picked(column: Column, rows: np.ndarray | slice) -> Column:
    if isinstance(column, One):
        return column
    if isinstance(column, Words):
        return Words(column.codes[rows], column.texts)
    return column._replace(values=column.values[rows])


def _joined(columns: list[Column], counts: list[int]) -> Column:
    first = columns[0]
    if all(isinstance(column, One) for column in columns) and all(
        _alike(column.value, first.value) for column in columns
    ):
        return first
    if isinstance(first, Moments):
        return Moments(np.concatenate([column.values for column in columns]))
    if any(isinstance(column, Words) or isinstance(getattr(column, "value", None), str) for column in columns):
        return _joined_words(columns, counts)
    values = np.concatenate([_numbers(column, count) for column, count in zip(columns, counts, strict=True)])
    return Numbers(values, any(isinstance(column, Numbers) and column.whole for column in columns))


def _alike(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other


def _numbers(column: Column, count: int) -> np.ndarray:
    if isinstance(column, Numbers):
        return column.values
    return np.full(count, np.nan if column.value is None else column.value, float if column.value is None else None)


def _joined_words(columns: list[Column], counts: list[int]) -> Words:
    at: dict[str | None, int] = {}
    codes = []
    for column, count in zip(columns, counts, strict=True):
        words = column if isinstance(column, Words) else Words(np.zeros(count, np.intp), (_text_of(column),))
        places = np.array([at.setdefault(text, len(at)) for text in words.texts], np.intp)
        codes.append(places[words.codes] if len(places) else np.empty(0, np.intp))
    return Words(np.concatenate(codes), tuple(at))


def _text_of(column: Column) -> str | None:
    return column.value if isinstance(column, One) else None
