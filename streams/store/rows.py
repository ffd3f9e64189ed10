"""Decode the columns of a result message into the values that a table stores: the one place that knows their codes.

    hour_end, run_init, start, peak, end   hours since 1970-01-01T00Z      naive UTC moment
    day                                    days since 1970-01-01           date
    primary_pollutants                     bit mask over ITEMS             "so2,pm25"
    flags                                  bits kind * 6 + item            "spike:pm25 stuck:o3"
    status                                 0 or 1                          "provisional" or "reviewed"

Numbers become plain Python numbers, NaN becomes None, texts stay. Moments are written as text in the form that both
databases take: "2023-01-19 12:00:00.000000".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa

from standards.errors import AirshedError
from standards.pollutants import ITEMS
from streams import results
from streams.assess.quality import KINDS, flag_text
from streams.records import STATUSES
from streams.store.schema import metadata

Column = list[Any]
_LARGEST = {sa.Boolean: 1, sa.SmallInteger: 2**15 - 1, sa.Integer: 2**31 - 1}
"""What PostgreSQL takes; SQLite would take any number."""


class RowsError(AirshedError, ValueError):
    """Result rows do not fit their table; the message names the column, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, decoded: names of columns and, in the same order, the stored values of each."""

    table: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns, strict=True)


def decoded(rows: results.Rows) -> Rows:
    """Decode result rows into what the table stores.

    Raises RowsError for an unknown table or column, unequal lengths, values of the wrong kind, texts that are too long, and a
    missing value where the table needs one.
    """
    target = _table(rows.table)
    columns = dict(rows.columns())
    _require_names(target, columns)
    count = _count(columns)
    return Rows(rows.table, tuple(columns), tuple(_column(target.c[n], c, count) for n, c in columns.items()))


def _table(name: Any) -> sa.Table:
    if not isinstance(name, str) or name not in metadata.tables:
        raise RowsError(f"the table is {name!r}, expected one of {', '.join(metadata.tables)}")
    return metadata.tables[name]


def _require_names(table: sa.Table, columns: Mapping[str, Any]) -> None:
    unknown = [name for name in columns if name not in table.c]
    needed = [c.name for c in table.c if not c.nullable and c.server_default is None and c.name not in columns]
    if unknown or needed:
        raise RowsError(
            f"{table.name}: unknown columns {unknown}, missing columns {needed}, expected {', '.join(table.c.keys())}"
        )


def _count(columns: Mapping[str, results.Column]) -> int:
    lengths = {name: length for name, column in columns.items() if (length := _length(column)) is not None}
    if len(set(lengths.values())) > 1:
        raise RowsError(f"the columns have lengths {lengths}, expected one length")
    return next(iter(lengths.values()), 1)


def _length(column: results.Column) -> int | None:
    if isinstance(column, results.Coded):
        column = column.codes if isinstance(column.codes, results.Counted) else results.Numbers(column.codes)
    if isinstance(column, results.Counted):
        return column.count * column.each * column.times
    if isinstance(column, results.Numbers) and np.ndim(column.values) != 1:
        raise RowsError(f"a column has shape {np.shape(column.values)}, expected one dimension")
    return None if isinstance(column, results.Same) else len(column.values)


def _column(target: sa.Column, column: results.Column, count: int) -> Column:
    """Decode one column to count stored values."""
    if isinstance(column, results.Coded):
        values = _by_code(target, column)
    elif isinstance(column, results.Same):
        values = _whole(target, [column.value]) * count
    else:
        values = _whole(target, column.numbers() if isinstance(column, results.Counted) else column.values)
    if not target.nullable and None in values:
        raise RowsError(f"{target.name} is missing in row {values.index(None)}, expected a value in every row")
    return values


def _by_code(target: sa.Column, column: results.Coded) -> Column:
    codes = column.codes.numbers() if isinstance(column.codes, results.Counted) else np.asarray(column.codes)
    values = np.array([*_whole(target, list(column.texts)), None], object)
    if codes.size and (codes.dtype.kind not in "iu" or codes.max() >= len(values) - 1):
        raise RowsError(f"{target.name} has codes up to {codes.max()}, expected whole numbers below {len(values) - 1}")
    return values[np.where(codes < 0, len(values) - 1, codes)].tolist() if codes.size else []


def _whole(target: sa.Column, column: np.ndarray | Column) -> Column:
    """Decode an array or list by the type and the name of its column."""
    if isinstance(target.type, sa.DateTime):
        return _moments(target.name, _numbers(target.name, column), "h", ":00:00.000000")
    if isinstance(target.type, sa.Date):
        return _moments(target.name, _numbers(target.name, column), "D", "")
    if target.name in _CODED:
        return _coded(target.name, column)
    if isinstance(target.type, sa.String):
        return _texts(target, column)
    if isinstance(target.type, sa.Float):
        return _with_none(_finite(target.name, _numbers(target.name, column)))
    return _integers(target.name, _numbers(target.name, column), _LARGEST.get(type(target.type), 2**63 - 1))


def _numbers(name: str, column: np.ndarray | Column) -> np.ndarray:
    """Give a column as an array of numbers, None as NaN."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iufb":
        return column
    if isinstance(column, list) and all(value is None or isinstance(value, int | float) for value in column):
        return np.array(column, float) if None in column else np.array(column)
    raise RowsError(f"{name} is {_excerpt(column)}, expected numbers")


def _finite(name: str, numbers: np.ndarray) -> np.ndarray:
    if numbers.dtype.kind == "f" and np.isinf(numbers).any():
        raise RowsError(f"{name} holds an infinite number, expected finite numbers or NaN for missing")
    return numbers


def _with_none(numbers: np.ndarray) -> Column:
    if numbers.dtype.kind != "f":
        return numbers.tolist()
    missing = np.isnan(numbers)
    if not missing.any():
        return numbers.tolist()
    values = numbers.astype(object)
    values[missing] = None
    return values.tolist()


def _integers(name: str, numbers: np.ndarray, largest: int) -> Column:
    """Give whole numbers (also truth values, as 0 and 1), NaN as None."""
    missing = np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(len(numbers), bool)
    known = np.where(missing, 0, _finite(name, numbers))
    whole = known.astype(np.int64)
    if np.any(whole != known) or np.any(np.abs(whole) > largest):
        raise RowsError(f"{name} is {_excerpt(numbers)}, expected whole numbers up to {largest} or NaN for missing")
    if not missing.any():
        return whole.tolist()
    values = whole.astype(object)
    values[missing] = None
    return values.tolist()


def _moments(name: str, numbers: np.ndarray, unit: str, tail: str) -> Column:
    """Write counts of hours or days since 1970-01-01 as texts; each different one is written once."""
    different, place = np.unique(_finite(name, numbers), return_inverse=True)
    missing = np.isnan(different) if different.dtype.kind == "f" else np.zeros(len(different), bool)
    counts = np.where(missing, 0, different)
    if np.any(counts != np.floor(counts)):
        raise RowsError(f"{name} holds fractions, expected whole numbers since 1970-01-01")
    stamps = np.datetime_as_string(counts.astype(np.int64).astype(f"datetime64[{unit}]"))
    texts = np.array([stamp.replace("T", " ") + tail for stamp in stamps.tolist()], object)
    texts[missing] = None
    return texts[place].tolist()


def _coded(name: str, column: np.ndarray | Column) -> Column:
    """Decode bit masks and codes to texts; texts pass."""
    if isinstance(column, list) and all(value is None or isinstance(value, str) for value in column):
        return column
    different, place = np.unique(_finite(name, _numbers(name, column)), return_inverse=True)
    texts = [None if code != code else _CODED[name](int(code)) for code in different.tolist()]
    return np.array([*texts, None], object)[place].tolist()


@lru_cache(maxsize=4096)
def _primary_text(mask: int) -> str:
    if not 0 <= mask < 1 << len(ITEMS):
        raise RowsError(f"primary_pollutants holds {mask}, expected a bit mask of {len(ITEMS)} items")
    return ",".join(item for i, item in enumerate(ITEMS) if mask >> i & 1)


@lru_cache(maxsize=4096)
def _flags_text(bits: int) -> str:
    width = len(KINDS) * len(ITEMS)
    if not 0 <= bits < 1 << width:
        raise RowsError(f"flags holds {bits}, expected {width} bits")
    return flag_text(bits)


def _status_text(code: int) -> str:
    if code not in (0, 1):
        raise RowsError(f"status holds {code}, expected 0 (provisional) or 1 (reviewed)")
    return STATUSES[code]


_CODED: dict[str, Callable[[int], str]] = {
    "primary_pollutants": _primary_text,
    "flags": _flags_text,
    "status": _status_text,
}


def _texts(target: sa.Column, column: np.ndarray | Column) -> Column:
    values = column.tolist() if isinstance(column, np.ndarray) else column
    longest = target.type.length
    for value in {
        value if value is None or isinstance(value, str) else _not_text(target.name, column) for value in values
    }:
        if value is not None and ((longest is not None and len(value) > longest) or "\0" in value):
            raise RowsError(
                f"{target.name} holds {value[:60]!r}…, expected at most {longest} characters and no zero byte"
            )
    return values


def _not_text(name: str, column: np.ndarray | Column) -> str:
    raise RowsError(f"{name} is {_excerpt(column)}, expected texts")


def _excerpt(column: Any) -> str:
    return repr(column.tolist()[:3] if isinstance(column, np.ndarray) else column[:3])[:80]
