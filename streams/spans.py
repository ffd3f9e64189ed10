"""Some of the hours of what a block holds, and the stretches in which something holds.

Time is the last axis of every array of a block, so that whatever a block holds can be cut alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

B = TypeVar("B")


def fields_of(fields: dict[str, Any], first: int, end: int) -> dict[str, Any]:
    """Give a block's fields, among them values (..., hour) and first_hour, for the epoch hours [first, end) alone."""
    start, hours = fields["first_hour"], fields["values"].shape[-1]
    cut = slice(first - start, end - start)
    parts = {
        name: np.ascontiguousarray(value[..., cut])
        for name, value in fields.items()
        if isinstance(value, np.ndarray) and value.ndim and value.shape[-1] == hours
    }
    return fields | parts | {"first_hour": first}


def told_by(block: Any) -> dict[str, Any]:
    """Give all that a block says, by the names of its fields."""
    return {field.name: getattr(block, field.name) for field in fields(block)}


def hours_of(block: B, first: int, end: int) -> B:
    """Give the epoch hours [first, end) of a block, which must lie inside."""
    if (first, end) == (block.first_hour, block.first_hour + block.hours):
        return block
    told = told_by(block)
    changed = {name: value for name, value in fields_of(told, first, end).items() if value is not told[name]}
    return replace(block, **changed)


def stretches(some: np.ndarray, first_hour: int = 0) -> Iterator[tuple[int, int]]:
    """Give the hours [first, end) of each stretch of consecutive hours in which some, bool (hour,), is True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], some, [False]]).astype(np.int8)))
    yield from zip((first_hour + edges[::2]).tolist(), (first_hour + edges[1::2]).tolist(), strict=True)
