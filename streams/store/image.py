"""Rows as an SQLite database in memory, laid out by NumPy: SQLite then reads them as a table of its own.

A row handed to SQLite value by value costs a Python object, a tuple, and a call for each of its values. Here all values of a
column are laid into the pages of a database at once, sqlite3.Connection.deserialize takes that as a database, and one INSERT ...
SELECT does the rest inside SQLite. The pages are only ever read, and only by the process that made them.

All rows of an image are laid out alike, so that each column is one strided array over the pages:

    numbers    eight bytes, a double or a whole number; a NaN is read as NULL
    texts      as many bytes as the longest needs: the text, and a blob that fills up, each with its length in the row's head
    one value  is not laid out at all: it is a parameter of the statement

Source: The SQLite Database File Format, https://www.sqlite.org/fileformat2.html, sections 1.3 (header), 1.6 (b-tree pages) and
2.1 (record format).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from streams.store.columns import Moments, Numbers, One, Rows, Words, apart, stamped

TABLE = "laid_out"
"""The table of an image."""
PAGE = 65_536
"""The largest page that SQLite knows [bytes]."""
PAGES = 512
"""Leaf pages of an image at most: 32 MiB, and few enough for one page above them."""
ROW = 4_096
"""Wider rows [bytes] are not laid out: most of what they hold would be filling."""
_FIRST_ROWID = 1 << 14
"""The first number that takes three bytes as a varint; the last is (1 << 21) - 1."""
_SHORT = 57
"""The longest text [bytes] whose serial type takes one byte as a varint."""
_AT_ONCE = 8
"""Leaf pages that are filled together, so that they stay in the processor's cache."""
_LEAF, _INTERIOR = 13, 5


@dataclass(frozen=True, slots=True)
class _Field:
    """A column on its way into the rows.

    width: of its values [bytes]. head: its serial types, one value or one for each code. body: its values (row,) or by code.
    codes: None where head is one value and body is by row.
    """

    name: str
    width: int
    head: np.ndarray
    body: np.ndarray
    codes: np.ndarray | None = None


def images(rows: Rows) -> Iterator[np.ndarray] | None:
    """Lay rows out as databases with a table TABLE, each uint8 (bytes,), in the order of the rows; None where they are too wide.

    The table has the columns of the rows but those that are One.
    """
    fields = [_field(name, rows.columns[name]) for name in held(rows)]
    layout = _layout(fields)
    if layout.itemsize > ROW:
        return None
    portion = PAGES * _rows_a_page(layout)
    return (_image(fields, layout, start, min(start + portion, len(rows))) for start in range(0, len(rows), portion))


def held(rows: Rows) -> list[str]:
    """Name the columns that an image of rows has."""
    return [name for name, column in rows.columns.items() if not isinstance(column, One)]


@lru_cache(maxsize=64)
def empty(names: tuple[str, ...] = ()) -> bytes:
    """Give a database whose table TABLE has columns of these names, each text with one for its filling, and no rows."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA page_size = {PAGE}")
    columns = ", ".join(f'"{name}"' for name in names) or "placeholder"
    connection.execute(f"CREATE TABLE {TABLE} ({columns})")
    made = connection.serialize()
    connection.close()
    return made


def _field(name: str, column: Numbers | Moments | Words) -> _Field:
    if isinstance(column, Numbers):
        real = column.values.dtype.kind == "f"
        body = column.values.astype(">f8" if real else ">i8")
        return _Field(name, 8, np.array(7 if real else 6, np.uint8), body)
    if isinstance(column, Moments):
        different, codes = apart(column.values)
        texts, missing = stamped(different), np.isnat(different)
    else:
        codes, missing = column.codes, np.array([text is None for text in column.texts], bool)
        texts = np.array([(text or "").encode() for text in column.texts], "S")
    lengths = np.where(missing, 0, np.strings.str_len(texts))
    width = int(lengths.max(initial=0))
    head = _pair(np.where(missing, 0, 13 + 2 * lengths), 12 + 2 * (width - lengths), wide=width > _SHORT)
    return _Field(name, width, head, texts.astype(f"S{max(width, 1)}"), codes)


def _pair(first: np.ndarray, second: np.ndarray, *, wide: bool) -> np.ndarray:
    """Write two serial types as varints of one byte each, or of two: leading zeros do not change a varint."""
    if not wide:
        return (first << 8 | second).astype(">u2")
    return ((_two_bytes(first) << 16) | _two_bytes(second)).astype(">u4")


def _two_bytes(number: np.ndarray | int) -> np.ndarray | int:
    return 0x8000 | (number >> 7) << 8 | number & 0x7F


def _layout(fields: list[_Field]) -> np.dtype:
    """Give the bytes of a row: its length and number as the page's cell has them, its serial types, its values."""
    names, formats = ["a length", "a rowid", "a head"], [">u2", "V3", ">u2"]
    names += [f"{field.name} type" for field in fields]
    formats += [field.head.dtype for field in fields]
    for field in fields:
        if field.width:
            names.append(field.name)
            formats.append(field.body.dtype)
    return np.dtype({"names": names, "formats": formats, "offsets": _offsets(formats)})


def _offsets(formats: list) -> list[int]:
    return [0, *np.cumsum([np.dtype(each).itemsize for each in formats])[:-1].tolist()]


def _rows_a_page(layout: np.dtype) -> int:
    return (PAGE - 8) // (layout.itemsize + 2)


def _image(fields: list[_Field], layout: np.dtype, start: int, end: int) -> np.ndarray:
    """Lay out the rows [start, end) as one database, uint8 (bytes,)."""
    per = _rows_a_page(layout)
    count = -(-(end - start) // per)
    above = count > 1  # a page that tells where the leaves are; of one leaf none is needed, and none allowed
    image = np.empty((1 + above + count, PAGE), np.uint8)
    image[0] = np.frombuffer(empty(tuple(_names(fields))), np.uint8)[:PAGE]
    image[0, 28:32] = _bytes(len(image), ">u4")
    if above:
        _point(image[1], count, per)
    leaves = image[1 + above :]
    _frame(leaves, layout, per)
    _frame(leaves[-1:], layout, end - start - (count - 1) * per)
    for first in range(start, end, _AT_ONCE * per):
        page = (first - start) // per
        whole, rest = divmod(min(_AT_ONCE * per, end - first), per)
        if whole:
            _fill(_cells(leaves[page:], layout, per, whole), fields, first, first - start)
        if rest:
            last = first + whole * per
            _fill(_cells(leaves[page + whole :], layout, rest), fields, last, last - start)
    return image.reshape(-1)


def _names(fields: list[_Field]) -> Iterator[str]:
    for field in fields:
        yield field.name
        if field.codes is not None:
            yield f"{field.name} filling"


def _point(above: np.ndarray, leaves: int, per: int) -> None:
    """Write the page above the leaves, which are the pages 3 and on: the last row of each but the last, then that one."""
    count = leaves - 1
    above[0], above[1:3], above[7] = _INTERIOR, 0, 0
    above[3:5] = _bytes(count, ">u2")
    above[5:7] = _bytes(PAGE - 7 * count, ">u2")
    above[8:12] = _bytes(2 + leaves, ">u4")
    cells = np.empty((count, 7), np.uint8)
    cells[:, :4] = np.arange(3, 3 + count).astype(">u4").view(np.uint8).reshape(-1, 4)
    cells[:, 4:] = _rowids(np.arange(1, leaves) * per - 1)
    above[12 : 12 + 2 * count] = (PAGE - 7 * count + 7 * np.arange(count)).astype(">u2").view(np.uint8)
    above[PAGE - 7 * count :] = cells.reshape(-1)


def _frame(leaves: np.ndarray, layout: np.dtype, rows: int) -> None:
    """Write the head of leaves of so many rows each, which fill their ends: where each row begins."""
    start = PAGE - rows * layout.itemsize
    leaves[:, 0], leaves[:, 1:3], leaves[:, 7] = _LEAF, 0, 0
    leaves[:, 3:5] = _bytes(rows, ">u2")
    leaves[:, 5:7] = _bytes(start, ">u2")
    leaves[:, 8 : 8 + 2 * rows] = (start + layout.itemsize * np.arange(rows)).astype(">u2").view(np.uint8)


def _cells(leaves: np.ndarray, layout: np.dtype, rows: int, pages: int = 1) -> np.ndarray:
    """View the rows of the first leaves as a structured array (page, row)."""
    return np.ndarray((pages, rows), layout, leaves.data, PAGE - rows * layout.itemsize, (PAGE, layout.itemsize))


def _fill(cells: np.ndarray, fields: list[_Field], first: int, before: int) -> None:
    """Write as many rows as there are cells, from row first on; before: how many rows of the image go before them."""
    rows = slice(first, first + cells.size)
    cells["a length"] = _two_bytes(cells.itemsize - 5)
    cells["a rowid"] = _rowids(np.arange(before, before + cells.size)).view("V3").reshape(cells.shape)
    cells["a head"] = _two_bytes(2 + sum(field.head.itemsize for field in fields))
    for field in fields:
        head, body = field.head, field.body
        if field.codes is None:
            body = body[rows]
        else:
            codes = field.codes[rows]
            head, body = head[codes].reshape(cells.shape), body[codes]
        cells[f"{field.name} type"] = head
        if field.width:
            cells[field.name] = body.reshape(cells.shape)


def _rowids(numbers: np.ndarray) -> np.ndarray:
    """Write the rowids of rows as varints of three bytes (row, 3)."""
    rowids = numbers + _FIRST_ROWID
    return np.stack([0x80 | rowids >> 14, 0x80 | rowids >> 7 & 0x7F, rowids & 0x7F], axis=-1).astype(np.uint8)


def _bytes(number: int, kind: str) -> np.ndarray:
    return np.array([number], kind).view(np.uint8)
