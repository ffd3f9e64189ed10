"""The attrs of results: units, names in English and Chinese, edition, and the clause that the function cites."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from standards.editions import Edition
from standards.nomenclature import attributes
from standards.pollutants import POLLUTANTS

CF_UNITS = {"ug/m3": "ug m-3", "mg/m3": "mg m-3"}
"""Units as the store writes them."""


def reference(function: Callable) -> str:
    """Give the clause that a function of standards cites: the paragraph "Source:" of its docstring."""
    found = re.search(r"^Source: (.*?)(?=^\w+:|\Z)", inspect.getdoc(function) or "", re.M | re.S)
    return " ".join(found[1].split()) if found else ""


def concentration(column: str, item: str, long_name: str = "", long_name_zh: str = "") -> dict[str, Any]:
    """Give the attrs of a concentration; a column of the store is described as the store does."""
    try:
        return attributes(column)
    except KeyError:
        pollutant = POLLUTANTS[item]
        return {
            "units": CF_UNITS[pollutant.unit],
            "long_name": f"{long_name} of {pollutant.name_en}",
            "long_name_zh": f"{pollutant.name_zh}{long_name_zh}",
        }


def pure(long_name: str, long_name_zh: str, *, units: str | None = "1") -> dict[str, Any]:
    """Give the attrs of a number without unit, or (units None) of a text."""
    return ({"units": units} if units else {}) | {"long_name": long_name, "long_name_zh": long_name_zh}


def editions_of(groups: Iterable[tuple[np.ndarray, Edition]]) -> str:
    """Name the editions that took part, by commas."""
    return ", ".join(edition.name for _, edition in groups)
