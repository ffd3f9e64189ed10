"""What differs between two assessments, cell by cell: two revisions of one, or two periods side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashboards.phase.content import CODE, DATE, NUMBER, Column, Content, Table, Value

CHANGED, NEW, GONE = "changed", "new", "gone"
"""What happened to a cell: it has another value, or its row or table stands on one side alone."""

Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that differs: edition ("" for tables of none or of the chosen one), table, row's key, column, was, now."""

    edition: str
    table: str
    row: Key
    column: Column
    kind: str
    was: Value
    now: Value

    @property
    def change(self) -> float | None:
        """Give now less was, rounded as the column is shown; None where one of them is no number."""
        if self.column.kind != NUMBER or not _is_number(self.was) or not _is_number(self.now):
            return None
        return round(float(self.now) - float(self.was), self.column.decimals)


def difference(before: Content, after: Content) -> tuple[Cell, ...]:
    """Give the cells that differ, in the order of the tables of `after`, then what only `before` had.

    Rows are the same where their codes, dates and leading texts are (`row_key`); a cell without a value differs from one
    with a value. A column that one side lacks counts as missing there.
    """
    found: list[Cell] = []
    for edition, old, new in _pairs(before, after):
        found += _tables(edition, old, new)
    return tuple(found)


TIMES = ("year", "month")
"""Columns of text that name a row as dates do."""


def row_key(table: Table, row: tuple[Value, ...]) -> Key:
    """Give what names a row in its table: its codes and dates, or where it has none its first value."""
    named = tuple(
        v
        for c, v in zip(table.columns, row, strict=True)
        if (c.kind in (CODE, DATE) or c.key in TIMES) and _names(c, table)
    )
    return named or row[:1]


def _names(column: Column, table: Table) -> bool:
    """Tell whether a column is of the leading ones that name a row: a code behind the first number is a result."""
    for each in table.columns:
        if each.kind == NUMBER:
            return False
        if each.key == column.key:
            return True
    return False


def _pairs(before: Content, after: Content) -> Iterator[tuple[str, tuple[Table, ...], tuple[Table, ...]]]:
    yield "", before.tables, after.tables
    for edition in dict.fromkeys((*after.by_edition, *before.by_edition)):
        yield edition, before.by_edition.get(edition, ()), after.by_edition.get(edition, ())


def _tables(edition: str, old: tuple[Table, ...], new: tuple[Table, ...]) -> Iterator[Cell]:
    olds, news = ({table.key: table for table in side} for side in (old, new))
    for key in dict.fromkeys((*news, *olds)):
        yield from _cells(edition, key, olds.get(key), news.get(key))


def _cells(edition: str, key: str, old: Table | None, new: Table | None) -> Iterator[Cell]:
    was, now = _rows(old), _rows(new)
    columns = {c.key: c for side in (old, new) if side for c in side.columns}
    for row in dict.fromkeys((*now, *was)):
        kind = NEW if row not in was else GONE if row not in now else CHANGED
        left, right = was.get(row, {}), now.get(row, {})
        for name, column in columns.items():
            a, b = left.get(name), right.get(name)
            if a != b:
                yield Cell(edition, key, row, column, kind, a, b)


def _rows(table: Table | None) -> dict[Key, dict[str, Value]]:
    """Give the rows by their key; rows of one key are told apart by their order, so that none is lost."""
    found: dict[Key, dict[str, Value]] = {}
    for row in table.rows if table else ():
        key = base = row_key(table, row)
        nth = 1
        while key in found:
            nth += 1
            key = (*base, nth)
        found[key] = {column.key: value for column, value in zip(table.columns, row, strict=True)}
    return found


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
