"""Rows as the store takes them, made of plain values as results hold them."""

from __future__ import annotations

from typing import Any

from streams import results
from streams.store import rows


def decoded(table: str, columns: dict[str, Any]) -> rows.Rows:
    """Decode plain values by column: a list or an array for each row, anything else for all of them."""
    return rows.decoded(results.rows_of(table, columns))
