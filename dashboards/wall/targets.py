"""Targets of the year: what is to be reached, read from a file; and what the rest of the year may bring: pure."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

TARGETS = Path(__file__).with_name("targets.toml")
ITEMS = ("pm25_mean_ugm3", "good_days_pct")


@dataclass(frozen=True)
class Target:
    """What a city is to reach in a year: at most so much PM2.5 on average [ug/m3], or at least so many good days [%]."""

    city: str
    year: int
    item: str
    value: float
    source: str


def read_targets(path: Path = TARGETS) -> dict[tuple[str, int, str], Target]:
    """Read targets by city, year and item; a file without any gives none.

    Raises ValueError naming the entry that is not as above, or that comes twice.
    """
    found: dict[tuple[str, int, str], Target] = {}
    for at, entry in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("target", []), 1):
        read = _target(entry, f"{path.name}, target {at}")
        key = read.city, read.year, read.item
        if key in found:
            raise ValueError(f"{path.name}, target {at}: {read.item} of {read.city} in {read.year} comes twice")
        found[key] = read
    return found


def _target(entry: dict, where: str) -> Target:
    kinds = {"city": str, "year": int, "item": str, "value": (int, float), "source": str}
    for name, kind in kinds.items():
        if not isinstance(entry.get(name), kind) or isinstance(entry[name], bool):
            raise ValueError(f"{where}: {name} is {entry.get(name)!r}, expected {_named(kind)}")
    if entry["item"] not in ITEMS:
        raise ValueError(f"{where}: item is {entry['item']!r}, expected one of {', '.join(ITEMS)}")
    if not (math.isfinite(entry["value"]) and entry["value"] > 0):
        raise ValueError(f"{where}: value is {entry['value']}, expected more than 0")
    return Target(entry["city"], entry["year"], entry["item"], float(entry["value"]), entry["source"])


def _named(kind: type | tuple[type, ...]) -> str:
    return "a number" if kind in (int, (int, float)) else "a text"


def mean_left(target: float, mean: float, days: int, of: int) -> float | None:
    """Give what the mean of the days that are left may be at most, for the year to keep its target [ug/m3].

    mean: over `days` days with a value; of: days of the year. Days gone by without a value are taken to be like the others.
    Below nothing: the target cannot be kept any more. None where no day is left or none has a value.
    """
    if days <= 0 or days >= of or math.isnan(mean):
        return None
    return (target * of - mean * days) / (of - days)
