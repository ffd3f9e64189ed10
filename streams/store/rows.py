"""Decode the columns of a result message into what a table stores: the one place that knows their codes.

    hour_end, run_init, start, peak, end   hours since 1970-01-01T00Z      naive UTC moment
    released_at, received_at               seconds since 1970-01-01T00Z    naive UTC moment
    day                                    days since 1970-01-01           date
    primary_pollutants, suspect(_means)    bit mask over ITEMS             "so2,pm25"
    flags                                  bits kind * 6 + item            "spike:pm25 stuck:o3"
    status                                 0 or 1                          "provisional" or "reviewed"

NaN and None are missing; texts stay. Arrays stay arrays: a database is given them whole (streams.store.columns).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa

from standards.errors import AirshedError
from standards.pollutants import ITEMS
from streams import results
from streams.assess.quality import KINDS, flag_text
from streams.records import STATUSES
from streams.store.columns import Column, Moments, Numbers, One, Rows, Words, listed, missing_of
from streams.store.schema import metadata, source_hour, tag_axes

Values = np.ndarray | list[Any]
_LARGEST = {sa.Boolean: 1, sa.SmallInteger: 2**15 - 1, sa.Integer: 2**31 - 1}
"""What PostgreSQL takes; SQLite would take any number."""
_RESULTS = {
    name: table for name, table in metadata.tables.items() if {"simulated", "version"} <= {*table.c.keys()}
} | {"source_hour": source_hour, "tag_axes": tag_axes}  # fmt: skip
"""What the engine may write; the other tables are the store's own."""
_YEARS = (np.datetime64("0001-01-01T00"), np.datetime64("9999-12-31T23"))
"""What a date of Python, SQLite and PostgreSQL can be."""
_SECONDS = ("released_at", "received_at")
"""Moments that are told in seconds; the others are hours."""
_FEW = 64
"""Codes below this are looked up in a list of all codes up to the highest."""


class RowsError(AirshedError, ValueError):
    """Result rows do not fit their table; the message names the column, what was found and what was expected."""


def decoded(rows: results.Rows) -> Rows:
    """Decode result rows into what the table stores.

    Raises RowsError for an unknown table or column, unequal lengths, values of the wrong kind, texts that are too long, moments
    outside the years 1 to 9999, and a missing value where the table needs one.
    """
    target = _table(rows.table)
    _require_shapes(rows)
    columns = dict(rows.columns())
    _require_names(target, columns)
    count = _count(columns)
    return Rows(rows.table, {name: _column(target.c[name], column, count) for name, column in columns.items()}, count)


def _table(name: Any) -> sa.Table:
    if not isinstance(name, str) or name not in _RESULTS:
        raise RowsError(f"the table is {name!r}, expected one of {', '.join(_RESULTS)}")
    return _RESULTS[name]


def _require_shapes(rows: results.Rows) -> None:
    for names, column in rows.parts:
        shape = np.shape(column.values) if isinstance(column, results.Numbers) else (0,)
        if len(shape) not in (1, 2) or len(names) != (shape[0] if len(shape) == 2 else 1):
            raise RowsError(
                f"{', '.join(names)} has shape {shape}, expected one dimension, or a row for each of several names"
            )


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
    return None if isinstance(column, results.Same) else len(column.values)


def _column(target: sa.Column, column: results.Column, count: int) -> Column:
    """Decode one column of count rows."""
    if isinstance(column, results.Coded):
        made = _by_code(target, column)
    elif isinstance(column, results.Same):
        made = _repeated(_whole(target, [column.value]), count)
    else:
        made = _whole(target, column.numbers() if isinstance(column, results.Counted) else column.values)
    if not target.nullable and count and np.any(missing := missing_of(made)):
        raise RowsError(f"{target.name} is missing in row {np.argmax(missing)}, expected a value in every row")
    return made


def _repeated(column: Column, count: int) -> Column:
    if isinstance(column, Moments):
        return Moments(np.broadcast_to(column.values, count))
    (value,) = listed(column, 1)
    return One(value)


def _by_code(target: sa.Column, column: results.Coded) -> Column:
    codes = column.codes.numbers() if isinstance(column.codes, results.Counted) else np.asarray(column.codes)
    gone = len(column.texts)
    if codes.size and (codes.dtype.kind not in "iu" or codes.max() >= gone):
        raise RowsError(f"{target.name} has codes up to {codes.max()}, expected whole numbers below {gone}")
    values = _whole(target, list(column.texts))
    places = np.where(codes < 0, gone, codes).astype(np.intp)
    if isinstance(values, Words):
        return Words(np.append(values.codes, len(values.texts))[places], (*values.texts, None))
    if isinstance(values, Moments):
        return Moments(np.append(values.values, np.datetime64("NaT"))[places])
    return values._replace(values=(np.append(values.values, np.nan) if (codes < 0).any() else values.values)[places])


def _whole(target: sa.Column, column: Values) -> Numbers | Moments | Words:
    """Decode an array or list by the type and the name of its column."""
    if isinstance(target.type, sa.DateTime):
        return _moments(target.name, _numbers(target.name, column), "s" if target.name in _SECONDS else "h")
    if isinstance(target.type, sa.Date):
        return _moments(target.name, _numbers(target.name, column), "D")
    if target.name in _CODED:
        return _coded(target, column)
    if isinstance(target.type, sa.String):
        return _texts(target, column)
    numbers = _finite(target.name, _numbers(target.name, column))
    if isinstance(target.type, sa.Float):
        return Numbers(numbers.astype(np.int64 if numbers.dtype.kind in "ib" else np.float64, copy=False))
    return _integers(target.name, numbers, _LARGEST.get(type(target.type), 2**63 - 1))


def _numbers(name: str, column: Values) -> np.ndarray:
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


def _integers(name: str, numbers: np.ndarray, largest: int) -> Numbers:
    """Give whole numbers (also truth values, as 0 and 1): int64, or float64 where some are missing."""
    gone = np.isnan(numbers) if numbers.dtype.kind == "f" else None
    known = np.where(gone, 0, numbers) if gone is not None else numbers
    fits = not known.size or (known.min() >= (0 if largest == 1 else -largest) and known.max() <= largest)
    if not fits or (gone is not None and (known != np.floor(known)).any()):
        raise RowsError(f"{name} is {_excerpt(numbers)}, expected whole numbers up to {largest} or NaN for missing")
    return Numbers(numbers.astype(np.float64 if gone is not None and gone.any() else np.int64, copy=False), whole=True)


def _moments(name: str, numbers: np.ndarray, unit: str) -> Moments:
    """Give counts of seconds, hours or days since 1970-01-01 as moments."""
    missing = np.isnan(numbers) if numbers.dtype.kind == "f" else None
    counts = numbers if missing is None else np.where(missing, 0, _finite(name, numbers))
    if counts.dtype.kind == "f" and np.any(counts != np.floor(counts)):
        raise RowsError(f"{name} holds fractions, expected whole numbers since 1970-01-01")
    first, last = (limit.astype(f"datetime64[{unit}]").astype(int) for limit in _YEARS)
    if counts.size and (counts.min() < first or counts.max() > last):
        raise RowsError(
            f"{name} holds {counts.min()} to {counts.max()}, expected the years 1 to 9999: {first} to {last}"
        )
    moments = counts.astype(np.int64).astype(f"datetime64[{unit}]")
    if missing is not None:
        moments[missing] = "NaT"
    return Moments(moments)


def _coded(target: sa.Column, column: Values) -> Words:
    """Decode bit masks and codes to texts; texts pass."""
    if isinstance(column, list) and any(isinstance(value, str) for value in column):
        return _texts(target, column)
    numbers, text = _finite(target.name, _numbers(target.name, column)), _CODED[target.name]
    if numbers.dtype.kind in "ui" and numbers.size and numbers.min() >= 0 and numbers.max() < _FEW:
        return Words(numbers, tuple(text(code) for code in range(int(numbers.max()) + 1)))
    different, place = np.unique(numbers, return_inverse=True)
    return Words(place, tuple(None if code != code else text(int(code)) for code in different.tolist()))


@lru_cache(maxsize=4096)
def _primary_text(mask: int) -> str:
    if not 0 <= mask < 1 << len(ITEMS):
        raise RowsError(f"a mask of items is {mask}, expected a bit mask of {len(ITEMS)} items")
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
    "suspect": _primary_text,
    "suspect_means": _primary_text,
    "flags": _flags_text,
    "status": _status_text,
}


def _texts(target: sa.Column, column: Values) -> Words:
    longest, at = target.type.length, {}
    values = column.tolist() if isinstance(column, np.ndarray) else column
    if not all(value is None or isinstance(value, str) for value in values):
        raise RowsError(f"{target.name} is {_excerpt(column)}, expected texts")
    codes = np.array([at.setdefault(value, len(at)) for value in values], np.intp)
    for text in at:
        if text is not None and ((longest is not None and len(text) > longest) or "\0" in text or not _writable(text)):
            raise RowsError(
                f"{target.name} holds {text[:60]!r}…, expected at most {longest} characters, no zero byte and no half of a pair"
            )
    return Words(codes, tuple(at))


def _writable(text: str) -> bool:
    return text.isascii() or text.encode("utf-8", "ignore").decode() == text


def _excerpt(column: Any) -> str:
    return repr(column.tolist()[:3] if isinstance(column, np.ndarray) else column[:3])[:80]
