"""Rows as the bytes that PostgreSQL's COPY takes, laid out by NumPy: every value of a column is written at once.

All rows are laid out alike, each value behind its length; then what a value does not use, because it is missing or its text is
shorter than the longest, is cut out of the bytes.

Source: PostgreSQL's documentation of COPY, "Binary Format"; timestamps are microseconds and dates days since 2000-01-01.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from streams.store.columns import Moments, Numbers, One, Rows, Words, missing_of
from streams.store.schema import metadata

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_AT_ONCE = 4_096
"""Rows that are laid out together, so that they stay in the processor's cache."""
_NUMBERS = {sa.Boolean: "u1", sa.SmallInteger: ">i2", sa.Integer: ">i4", sa.BigInteger: ">i8", sa.Float: ">f8"}
"""By the very type of a column, for each kind of integer is an Integer too."""
_EPOCH = np.datetime64("2000-01-01")


@dataclass(frozen=True, slots=True)
class _Field:
    """A column on its way into the rows.

    body: its values (row,), or texts by code. lengths: bytes that a value takes, -1 where missing: one for all, by row, or by
    code. codes: None where body is by row.
    """

    body: np.ndarray
    lengths: np.ndarray
    codes: np.ndarray | None = None

    @property
    def width(self) -> int:
        return self.body.dtype.itemsize


def copied(rows: Rows) -> Iterator[bytes]:
    """Give rows as pieces of bytes for COPY ... FROM STDIN (FORMAT binary), with the columns in the order of rows.names."""
    table = metadata.tables[rows.table]
    fields = [_field(table.c[name].type, column, len(rows)) for name, column in rows.columns.items()]
    layout = np.dtype([("a count", ">i2"), *_places(fields)])
    yield _HEADER
    for first in range(0, len(rows), _AT_ONCE):
        yield _piece(fields, layout, first, min(first + _AT_ONCE, len(rows)))
    yield _TRAILER


def _places(fields: list[_Field]) -> Iterator[tuple[str, str]]:
    for i, field in enumerate(fields):
        yield f"{i} length", ">i4"
        yield f"{i} value", f"V{field.width}"


def _field(kind: sa.types.TypeEngine, column: Numbers | Moments | Words | One, count: int) -> _Field:
    if isinstance(column, One):
        column = _spread(kind, column, count)
    if isinstance(column, Words):
        texts = [None if text is None else text.encode() for text in column.texts]
        lengths = np.array([-1 if text is None else len(text) for text in texts])
        width = max(1, lengths.max(initial=1))
        return _Field(np.array([text or b"" for text in texts], f"S{width}"), lengths, column.codes)
    missing = missing_of(column)
    values = column.values
    if isinstance(column, Moments):
        values = _since_2000(values)
    elif np.any(missing):
        values = np.where(missing, 0, values)
    body = values.astype(values.dtype.newbyteorder(">") if isinstance(column, Moments) else _NUMBERS[type(kind)])
    return _Field(body, np.where(missing, -1, body.dtype.itemsize))


def _spread(kind: sa.types.TypeEngine, column: One, count: int) -> Numbers | Words:
    if isinstance(kind, sa.String):
        return Words(np.broadcast_to(np.intp(0), count), (column.value,))
    return Numbers(np.broadcast_to(np.float64("nan") if column.value is None else np.array(column.value), count))


def _since_2000(values: np.ndarray) -> np.ndarray:
    unit = np.datetime_data(values.dtype)[0]
    if unit == "D":
        return (values - _EPOCH).astype(np.int64).astype(np.int32)
    return (values.astype("datetime64[us]") - _EPOCH).astype(np.int64)


def _piece(fields: list[_Field], layout: np.dtype, first: int, last: int) -> bytes:
    """Lay out the rows [first, last) and cut out what is not used."""
    rows = np.empty(last - first, layout)
    used = np.ones((last - first, layout.itemsize), bool)
    rows["a count"] = len(fields)
    for i, field in enumerate(fields):
        body, lengths = field.body[first:last], field.lengths[first:last] if field.lengths.ndim else field.lengths
        if field.codes is not None:
            codes = field.codes[first:last]
            body, lengths = field.body[codes], field.lengths[codes]
        rows[f"{i} length"] = lengths
        rows[f"{i} value"] = body.view(f"V{field.width}")
        if lengths.ndim:
            at = layout.fields[f"{i} value"][1]
            used[:, at : at + field.width] = np.arange(field.width) < lengths[:, None]
    bytes_of = rows.view(np.uint8).reshape(used.shape)
    return bytes_of[used].tobytes()
