"""Files that a city edits beside the portal: a list of entries in TOML, refused by file and line, the last good one kept."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from standards.errors import AirshedError

Entry = TypeVar("Entry")


class FileRefused(AirshedError, ValueError):
    """An entry of a file that cannot be used: file, line, what was found and what was expected."""


@dataclass(frozen=True)
class Held(Generic[Entry]):
    """What a file holds: its entries, or the last that were good, with what is wrong with the present one ("" for nothing)."""

    entries: tuple[Entry, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Fields:
    """The fields of one entry, each asked for by its kind; where: file and line for the words of a refusal."""

    found: dict[str, Any]
    where: str

    def refused(self, name: str, expected: str) -> FileRefused:
        """Give the refusal of a field."""
        return FileRefused(f"{self.where}: {name} is {self.found.get(name)!r}, expected {expected}")

    def text(self, name: str, expected: str = "a text") -> str:
        """Give a text that is not empty."""
        value = self.found.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.refused(name, expected)
        return value.strip()

    def number(self, name: str, expected: str = "a number from 0 up") -> float:
        """Give a finite number from 0 up."""
        value = self.found.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise self.refused(name, expected)
        return float(value)

    def year(self, name: str) -> int:
        """Give a year."""
        value = self.found.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 2000 <= value <= 2100:
            raise self.refused(name, "a year from 2000 to 2100")
        return value

    def date(self, name: str) -> dt.date:
        """Give a date without a time."""
        value = self.found.get(name)
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise self.refused(name, "a date, for instance 2026-03-12 without quotes")
        return value

    def texts(self, name: str, allowed: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Give a list of texts, () where the field is not there; of allowed ones alone, where these are given."""
        value = self.found.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self.refused(name, "a list of texts")
        if allowed is not None and not set(value) <= set(allowed):
            raise self.refused(name, f"a list of {', '.join(allowed)}")
        return tuple(value)


def read_entries(
    path: Path, name: str, read: Callable[[Fields], Entry], allowed: tuple[str, ...]
) -> tuple[Entry, ...]:  # fmt: skip
    """Read the [[name]] entries of a file, each of the allowed fields; without the file there are none.

    A field of another name is a slip of the pen: "city" for "cities" would say all of them. Errors: FileRefused.
    """
    try:
        text = path.read_text(encoding="utf-8")
        told = tomllib.loads(text)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:  # the parser tells the line itself
        raise FileRefused(f"{path.name}: {error}, expected TOML with [[{name}]] entries") from error
    if unknown := told.keys() - {name}:
        raise FileRefused(f"{path.name}: {sorted(unknown)[0]!r} stands there, expected [[{name}]] entries alone")
    entries = told.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise FileRefused(f"{path.name}: {name} is {entries!r}, expected [[{name}]] entries")
    lines = [i for i, line in enumerate(text.splitlines(), 1) if line.replace(" ", "").startswith(f"[[{name}]]")]
    lines += [0] * (len(entries) - len(lines))
    found = [Fields(entry, f"{path.name}, line {line}") for entry, line in zip(entries, lines, strict=False)]
    for each in found:
        if strange := sorted(each.found.keys() - set(allowed)):
            raise each.refused(strange[0], f"the fields {', '.join(allowed)} alone")
    return tuple(map(read, found))


_GOOD: dict[Path, tuple[tuple[int, int], Held]] = {}


def held(path: Path, read: Callable[[Path], tuple[Entry, ...]]) -> Held[Entry]:
    """Give what a file holds, read again only when it has changed; a bad file leaves the last good entries in force."""
    stamp, known = _stamp(path), _GOOD.get(path)
    if known is None or known[0] != stamp:
        try:
            now = Held(read(path))
        except FileRefused as error:
            now = Held(known[1].entries if known else (), str(error))
        known = _GOOD[path] = stamp, now
    return known[1]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
