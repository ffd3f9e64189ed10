"""Which rows of a batch share a key, and which are new to the store for sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import sqlalchemy as sa

from streams.store.columns import Column, Moments, Numbers, One, Rows, Words
from streams.store.schema import metadata

_LARGEST = 2**62


def numbered(rows: Rows) -> np.ndarray:
    """Number the keys of rows, int64 (row,): equal numbers, equal keys."""
    numbers = np.zeros(len(rows), np.int64)
    size = 1
    for column in metadata.tables[rows.table].primary_key:
        codes, count = _codes(rows.columns[column.name])
        if size * count > _LARGEST:
            numbers = np.unique(numbers, return_inverse=True)[1]
            size = len(rows)
        numbers = numbers * count + codes
        size *= count
    return numbers


def single(keys: np.ndarray) -> np.ndarray:
    """Tell which rows have a key that no other row has, bool (row,)."""
    order = np.argsort(keys, kind="stable")
    differs = np.diff(keys[order]) != 0
    alone = np.empty(len(keys), bool)
    alone[order] = np.append(True, differs) & np.append(differs, True)
    return alone


def beyond(cursor: Any, rows: Rows) -> np.ndarray:
    """Tell which rows of a batch lie before the first or after the last moment stored of their place, bool (row,).

    So they are not stored. The place and the moment are the first two columns of a key; of a table without these, or where
    the database holds a place in all of its hours, no row is known to be new. cursor: of PostgreSQL.
    """
    place, time = _place_and_time(metadata.tables[rows.table])
    if time is None:
        return np.zeros(len(rows), bool)
    words, moments = _as_words(rows.columns[place], len(rows)), rows.columns[time].values
    spans = {name: span for name, *span in cursor.execute(_spans(rows.table, place, time), [list(words.texts)])}
    first, last = (np.array([spans[text][end] for text in words.texts], moments.dtype)[words.codes] for end in (0, 1))
    return np.isnat(first) | (moments < first) | (moments > last)


def _codes(column: Column) -> tuple[np.ndarray | int, int]:
    """Give codes from 0 on that tell the values of a column apart, and how many there may be."""
    if isinstance(column, One):
        return 0, 1
    if isinstance(column, Words):
        at = {text: i for i, text in enumerate(dict.fromkeys(column.texts))}
        return np.array([at[text] for text in column.texts], np.int64)[column.codes], max(len(at), 1)
    values = column.values.astype(np.int64) if isinstance(column, Moments) else column.values
    if not len(values):
        return 0, 1
    if isinstance(column, Numbers) and values.dtype.kind == "f":
        different, codes = np.unique(values, return_inverse=True)
        return codes, len(different)
    return values - values.min(), int(np.ptp(values)) + 1


def _place_and_time(table: sa.Table) -> tuple[str, str | None]:
    keys = list(table.primary_key)
    if len(keys) > 1 and isinstance(keys[0].type, sa.String) and isinstance(keys[1].type, sa.DateTime | sa.Date):
        return keys[0].name, keys[1].name
    return keys[0].name, None


def _as_words(column: Column, count: int) -> Words:
    return column if isinstance(column, Words) else Words(np.zeros(count, np.intp), (column.value,))


def _spans(table: str, place: str, time: str) -> str:
    # Two looks into the index for each place: an aggregate over all places would read all their rows.
    looks = ", ".join(f"(SELECT {end}({time}) FROM {table} WHERE {place} = asked.name)" for end in ("min", "max"))
    return f"SELECT name, {looks} FROM unnest(%s::text[]) AS asked(name)"
