"""Makes tables: rows by key under columns, each missing value with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboards.phase.content import Column, Table, Value


class Rows:
    """Rows of one table in the making."""

    def __init__(self, key: str, columns: Sequence[Column]) -> None:
        self.key, self.columns = key, tuple(columns)
        self._keys = [(column.key, column) for column in columns]
        self._rows: list[tuple[Value, ...]] = []
        self._why: dict[str, str] = {}

    def add(self, values: Mapping[str, Any], why: Mapping[str, str] | str = "") -> None:
        """Add a row by column key. why: the reason of what is missing, for all or by column key; "" for none."""
        row = tuple([plain(values.get(key), column) for key, column in self._keys])
        if None in row:
            self._explain(row, why)
        self._rows.append(row)

    def _explain(self, row: tuple[Value, ...], why: Mapping[str, str] | str) -> None:
        for (key, _), value in zip(self._keys, row, strict=True):
            reason = why if isinstance(why, str) else why.get(key, "")
            if value is None and reason:
                self._why[f"{len(self._rows)}:{key}"] = reason

    def table(self, *, notes: Sequence[str] = (), sources: Sequence[str] = ()) -> Table | None:
        """Give the table; None where it has no row."""
        if not self._rows:
            return None
        return Table(self.key, self.columns, tuple(self._rows), tuple(notes), tuple(sources), dict(self._why))


def plain(value: Any, column: Column) -> Value:
    """Give a number as Python has it, whole ones without decimals where the column has none; NaN and "" are missing."""
    if value is None:
        return None
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool | np.bool_):
        return int(value)
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if column.decimals == 0 and number.is_integer() else number + 0.0
