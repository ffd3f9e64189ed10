"""What an installation may fetch: versions, their days of release and the digests of their files (locked.toml)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LOCKED = Path(__file__).with_name("locked.toml")
PLATFORM, TEST, NOTEBOOKS, INSTALLER = SETS = ("platform", "test", "notebooks", "installer")
"""For what packages are needed: to run, to test, for notebooks, and to install."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package. released: the day on which this version came out. marker: where it is needed (PEP 508), "": everywhere."""

    version: str
    released: dt.date
    sets: frozenset[str]
    marker: str
    sha256: tuple[str, ...]


@cache
def locked() -> Mapping[str, Locked]:
    """Read what is locked, by canonical name."""
    entries = tomllib.loads(LOCKED.read_text(encoding="utf-8"))
    return {
        name: Locked(e["version"], e["released"], frozenset(e["sets"]), e.get("marker", ""), tuple(e["sha256"]))
        for name, e in entries.items()
    }


def requirements(sets: Iterable[str]) -> str:
    """Write what some sets need as pip and uv read it: pinned, each with the digests of its files."""
    wanted = frozenset(sets)
    return "".join(_line(name, each) for name, each in locked().items() if each.sets & wanted)


def _line(name: str, each: Locked) -> str:
    marker = f" ; {each.marker}" if each.marker else ""
    return " \\\n    ".join((f"{name}=={each.version}{marker}", *(f"--hash=sha256:{d}" for d in each.sha256))) + "\n"
