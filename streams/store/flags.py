"""What the flags of a stored row say: which items do not count, which are suspect, whether a person overruled them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streams.assess.quality import IMPOSSIBLE, invalid_items, kinds_by_item
from streams.records import STATUSES

REVIEWED = STATUSES[1]
__all__ = ["IMPOSSIBLE", "kinds_by_item", "overruled", "set_aside", "suspect_items"]


def overruled(row: Mapping[str, Any]) -> bool:
    """Tell whether a person has reviewed the row: its values count whatever its flags say."""
    return row["status"] == REVIEWED


def set_aside(row: Mapping[str, Any]) -> frozenset[str]:
    """Name the items whose value stands in the row and counts nowhere."""
    return frozenset() if overruled(row) else invalid_items(row.get("flags"))


def suspect_items(row: Mapping[str, Any], column: str = "suspect") -> tuple[str, ...]:
    """Name the items of a row of a station or city that rest on suspect values; none where nothing is known of that."""
    return tuple(item for item in (row.get(column) or "").split(",") if item)
