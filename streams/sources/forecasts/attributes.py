"""Attributes of NetCDF files as they are: text of bounded length, numbers that may be written as text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

MOST_CHARACTERS = 500
"""Of an attribute that is read as words; what is longer is prose."""
_BOUNDED_NUMBER = re.compile(r"[+-]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})([eE][+-]?\d{1,3})?")


def text(attrs: Mapping, name: str) -> str:
    """Give an attribute as text without blanks and zero bytes around it, empty where there is none."""
    value = attrs.get(name, "")
    if isinstance(value, bytes):
        value = value[:MOST_CHARACTERS].decode("utf-8", "replace")
    return str(value)[:MOST_CHARACTERS].strip("\0 \t\r\n")


def numbers(attrs: Mapping, name: str) -> np.ndarray | None:
    """Give an attribute as numbers of its own type (plain decimal text becomes float64); None where it is none."""
    value = attrs.get(name)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        parts = value.strip("\0 \t\r\n").replace(",", " ").split()[:64]
        if not parts or not all(_BOUNDED_NUMBER.fullmatch(part) for part in parts):
            return None
        return np.array([float(part) for part in parts])
    array = np.atleast_1d(np.asarray(value))
    return array.ravel() if array.dtype.kind in "iuf" and array.size else None


def number(attrs: Mapping, name: str) -> float | None:
    """Give an attribute as one finite number, None where it is none."""
    found = numbers(attrs, name)
    return float(found[0]) if found is not None and found.size == 1 and np.isfinite(found[0]) else None
