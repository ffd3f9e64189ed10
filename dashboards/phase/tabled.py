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
        self._rows: list[tuple[Value, ...]] = []
        self._why: dict[str, str] = {}

    def add(self, values: Mapping[str, Any], why: Mapping[str, str] | str = "") -> None:
        """Add a row by column key. why: the reason of what is missing, for all or by column key; "" for none."""
        row = tuple(plain(values.get(column.key), column) for column in self.columns)
        for column, value in zip(self.columns, row, strict=True):
            reason = why if isinstance(why, str) else why.get(column.key, "")
            if value is None and reason:
                self._why[f"{len(self._rows)}:{column.key}"] = reason
        self._rows.append(row)

    def table(self, *, notes: Sequence[str] = (), sources: Sequence[str] = ()) -> Table | None:
        """Give the table; None where it has no row."""
        if not self._rows:
            return None
        return Table(self.key, self.columns, tuple(self._rows), tuple(notes), tuple(sources), dict(self._why))


def plain(value: Any, column: Column) -> Value:
    """Give a number as Python has it, whole ones without decimals where the column has none; NaN and "" are missing."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return int(value)
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and column.decimals == 0 else number + 0.0
