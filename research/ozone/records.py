"""Results as plain values that JSON holds: what is kept, compared side by side, and drawn later."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

DIGITS = 7
"""Significant digits of a number in a record: far beyond what any of them means, and short."""


class Recorded:
    """A dataclass with a plain form: `as_record()` gives what json.dumps takes, under the names of its fields."""

    def as_record(self) -> dict[str, Any]:
        """Give the fields as dicts, lists, numbers and texts, with the name of the class as "kind".

        Arrays are nested lists in their own order of axes. Missing: NaN and infinity are None.
        """
        fields = {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {"kind": type(self).__name__, **fields}


def plain(value: Any) -> Any:
    """Give one value as JSON holds it; TypeError, naming it, for what has no such form."""
    if isinstance(value, Recorded):
        return value.as_record()
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(
        f"a record holds {type(value).__name__}, expected a number, a text, a date, or lists and dicts of them"
    )
