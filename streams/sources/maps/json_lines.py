"""JSON lines: one object a line. A column is a key, or the keys on the way to it, joined by points (`period.datetimeTo.utc`).

What JSON does not have is no JSON: NaN and Infinity, a key that stands twice. Numbers stay as they are written, so that each
is read by the same rules as in any table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from standards.errors import AirshedError
from streams.sources.csv_lines import lines_of
from streams.sources.headers import MARK
from streams.sources.maps.spec import ColumnMap
from streams.sources.maps.tables import Table, printable_text
from streams.sources.tally import Unusable

LONGEST = 1_000_000
"""Characters of a line that is read."""
DEEPEST = 20
"""Objects in objects."""


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


class _Wrong(AirshedError, ValueError):
    """A line is no object that can be read; the message says why."""


def table(path: Path, spec: ColumnMap) -> Table:
    """Give the table of a file of JSON lines. Errors: Unusable where the map names columns by number."""
    if by_number := [column for column in spec.columns if isinstance(column, int)]:
        raise Unusable("column map", "JSON lines have no numbers of columns", str(by_number[0]), "keys")
    if spec.across and not spec.across.stations:
        raise Unusable(
            "column map", "JSON lines do not tell which keys are stations", "", "[across] stations = a list of keys"
        )
    names = [str(column) for column in spec.columns]
    return Table(names, "line 1", _rows(lines_of(path), names))


def looks_like_one(head: bytes) -> bool:
    """Tell by the first line, as far as it stands in the first bytes of a file, whether a file is JSON lines."""
    text = head.decode("utf-8-sig", "replace").lstrip()
    line, end, _ = text.partition("\n")
    if not text.startswith("{"):
        return False
    try:
        return len(object_of(line)) >= 2
    except _Wrong:
        return not end and '":' in line


def object_of(line: str) -> dict[str, Any]:
    """Read a line: its keys with texts, numbers as they are written, and what lies below. Errors: _Wrong, a ValueError."""
    if len(line) > LONGEST:
        raise _Wrong(f"a line of more than {LONGEST} characters")
    if _depth(line) > DEEPEST:
        raise _Wrong(f"nested more than {DEEPEST} deep")
    try:
        found = json.loads(
            line, object_pairs_hook=_once, parse_float=_Number, parse_int=_Number, parse_constant=_constant
        )
    except RecursionError:
        raise _Wrong("nested too deep") from None
    except _Wrong:
        raise
    except ValueError as error:
        raise _Wrong(f"no JSON: {error}") from None
    if not isinstance(found, dict):
        raise _Wrong("not an object")
    return found


def flat(found: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give the keys on the way to each value, joined by points, and what stands there."""
    for key, value in found.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, _text(value)


def _rows(lines: Iterator[str], names: list[str]) -> Iterator[tuple[str, list[str]]]:
    for number, line in enumerate(lines, start=1):
        line = line.strip(MARK + " \t\r")
        if not line:
            continue
        try:
            found = object_of(line)
            yield f"line {number}", [_at(found, name) for name in names]
        except _Wrong as why:
            yield f"line {number}", [f"({why})"] + [""] * len(names)


def _at(found: dict[str, Any], name: str) -> str:
    return _text(_below(found, name.split(".")))


def _below(found: Any, keys: list[str]) -> Any:
    """Give what stands below some keys, of which several together may be one that has points itself; None where nothing does."""
    if not keys:
        return found
    for count in range(len(keys), 0, -1) if isinstance(found, dict) else ():
        key = ".".join(keys[:count])
        if key in found and (value := _below(found[key], keys[count:])) is not None:
            return value
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return printable_text(value)
    return "(true or false)" if isinstance(value, bool) else "(a list or an object)"


def _depth(line: str) -> int:
    """Give how deep brackets lie in one another at most; those in texts count too, which only makes it more."""
    deepest = depth = 0
    for sign in line if line.count("{") + line.count("[") > DEEPEST else "":
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Wrong("a key stands twice")
    return found


def _constant(name: str) -> float:
    raise _Wrong(f"{name} is no number of JSON")
