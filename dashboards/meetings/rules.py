"""Reads who hosts and what is due from rules.toml: the shipped one, or the one that stands in the portal's folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboards.meetings.quarters import DUTIES, Duty, Quarter, Rotation, quarter_named
from standards.errors import AirshedError

SHIPPED = Path(__file__).with_name("rules.toml")
NAME = "meetings.toml"
"""Of the file in the portal's folder."""
MOST_DAYS = 200


class RulesRefused(AirshedError, ValueError):
    """A file of rules that cannot be used: file, entry, what was found and what was expected."""


@dataclass(frozen=True)
class Rules:
    """Rotations and duties in force, and what is wrong with the file in the portal's folder ("" for nothing)."""

    rotations: tuple[Rotation, ...]
    duties: tuple[Duty, ...]
    trouble: str = ""


def rules_in(folder: Path | None, known: tuple[str, ...]) -> Rules:
    """Give the rules in force; known: codes of the cities. A file that cannot be used is told, and the shipped rules hold."""
    own = folder / NAME if folder else None
    if own is not None and own.is_file():
        try:
            return _read(own, own.stat().st_mtime_ns, known)
        except (RulesRefused, OSError) as error:
            shipped = _read(SHIPPED, 0, known)
            return Rules(shipped.rotations, shipped.duties, str(error))
    return _read(SHIPPED, 0, known)


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: int, known: tuple[str, ...]) -> Rules:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesRefused(f"{path.name}: {error}, expected TOML") from error
    if unknown := told.keys() - {"rotation", "duty"}:
        raise RulesRefused(
            f"{path.name}: {sorted(unknown)[0]!r} stands there, expected [[rotation]] and [[duty]] alone"
        )
    rotations = [_rotation(each, f"{path.name}, rotation {n}", known) for n, each in _entries(path, told, "rotation")]
    duties = [_duty(each, f"{path.name}, duty {n}") for n, each in _entries(path, told, "duty")]
    return Rules(tuple(rotations), tuple(duties))


def _entries(path: Path, told: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    found = told.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RulesRefused(f"{path.name}: {name} is {found!r}, expected [[{name}]] entries")
    return list(enumerate(found, 1))


def _rotation(entry: dict[str, Any], where: str, known: tuple[str, ...]) -> Rotation:
    order = entry.get("order")
    if (
        not isinstance(order, list)
        or not order
        or len(set(map(str, order))) < len(order)
        or not set(order) <= set(known)
    ):
        raise RulesRefused(f"{where}: order is {order!r}, expected division codes, each once, of {', '.join(known)}")
    return Rotation(_first(entry, where), tuple(order), _source(entry, where), _assumed(entry, where))


def _duty(entry: dict[str, Any], where: str) -> Duty:
    kind, days = entry.get("kind"), entry.get("days")
    if kind not in DUTIES:
        raise RulesRefused(f"{where}: kind is {kind!r}, expected one of {', '.join(DUTIES)}")
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= MOST_DAYS:
        raise RulesRefused(f"{where}: days is {days!r}, expected a whole number from 0 to {MOST_DAYS}")
    return Duty(_first(entry, where), kind, days, _source(entry, where), _assumed(entry, where))


def _first(entry: dict[str, Any], where: str) -> Quarter:
    found = quarter_named(str(entry.get("from", "")))
    if found is None:
        raise RulesRefused(f"{where}: from is {entry.get('from')!r}, expected a quarter such as 2026-Q1")
    return found


def _source(entry: dict[str, Any], where: str) -> str:
    source = entry.get("source")
    if not isinstance(source, str) or not source.strip():
        raise RulesRefused(f"{where}: source is {source!r}, expected where the rule stands")
    return source.strip()


def _assumed(entry: dict[str, Any], where: str) -> bool:
    assumed = entry.get("assumed", False)
    if not isinstance(assumed, bool):
        raise RulesRefused(f"{where}: assumed is {assumed!r}, expected true or false")
    return assumed
