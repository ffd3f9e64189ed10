"""The files under standards/tables as a reader meets them: heads, rows, and the line on which each row stands."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "standards" / "tables"

READ, QUOTED, RECALLED, ASSUMED, OTHER, UNSAID = "read", "quoted", "recalled", "assumed", "other", "unsaid"
"""How a value is known: compared twice with the document, quoted from it by others or looked at once, recalled, assumed
by us; otherwise; not said."""

BESIDE = "_confidence"
"""How the name of a column ends that says how the values of another column are known."""

_KINDS = (
    (QUOTED, ("read-s", "quoted", "secondary", "read in a secondary", "read in secondary")),
    (RECALLED, ("recall",)),
    (ASSUMED, ("assum", "infer", "estimat", "ours", "our own", "not confirmed", "unconfirmed", "low", "uncertain")),
    (READ, ("read", "primary")),
)

_HEADING = re.compile(r"^(?P<open>\[\[?)(?P<name>[\w.-]+)\]")
_KEY = re.compile(r"^(?P<name>[\w-]+)\s*=")
_BEHIND = re.compile(r"""\s\#\s*(?P<words>[^"'#]+)$""")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a CSV: its line in the file (from 1), its cells by column, and how its values are known.

    confidence: of the row as a whole. by_value: of single values by column, where the file has a column
    "<column>_confidence" beside the column and the value is there.
    """

    line: int
    cells: Mapping[str, str]
    confidence: str
    by_value: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableFile:
    """A CSV of the tables folder: path below it, head, remarks (comment lines that are no "key: value"), rows."""

    path: str
    head: Mapping[str, str]
    remarks: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A TOML of the tables folder.

    path: below the folder. head: its single values. remarks: its comment lines. tree: its whole content. lines, notes:
    line of each key and table, and the comment behind it, by path such as "level[0].name" or "lift".
    """

    path: str
    head: Mapping[str, str]
    remarks: tuple[str, ...]
    tree: Mapping[str, Any]
    lines: Mapping[str, int]
    notes: Mapping[str, str]


AnyFile = TableFile | TreeFile


def read_files(folder: Path = FOLDER) -> list[AnyFile]:
    """Read every CSV and TOML below the folder, in the order of their paths.

    Errors: ValueError for a file of another kind, so that no table can be left out of what is shown.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return [_read(path, path.relative_to(folder).as_posix()) for path in files if not path.name.startswith(".")]


def kind_of(confidence: str) -> str:
    """Tell how a value is known from what its file says: one of READ, QUOTED, RECALLED, ASSUMED, OTHER, UNSAID.

    A text that names several ways counts as the first, but what begins with "read" or "quoted" never hides that a part
    is recalled, inferred or assumed.
    """
    text = confidence.strip().lower().lstrip("[")
    if not text:
        return UNSAID
    kind = next((kind for kind, starts in _KINDS if text.startswith(starts)), OTHER)
    if kind in (READ, QUOTED):
        return next((weaker for weaker, words in _KINDS[1:3] if any(word in text for word in words[:2])), kind)
    return kind


def _read(path: Path, name: str) -> AnyFile:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return _read_csv(text, name)
    if path.suffix == ".toml":
        tree = tomllib.loads(text)
        head = {key: str(value) for key, value in tree.items() if not isinstance(value, dict | list)}
        return TreeFile(name, head, tuple(_comments(text)), tree, *_places(text))
    raise ValueError(f"{name} is no CSV and no TOML: standards/tables holds only these")


def _read_csv(text: str, name: str) -> TableFile:
    head, remarks = {}, []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not line.startswith("#")]
    for comment in _comments(text):
        key, colon, value = comment.partition(":")
        if colon and " " not in key.strip():
            head[key.strip()] = value.strip()
        elif comment:
            remarks.append(comment)
    reader = csv.reader(line for _, line in lines)
    columns = tuple(next(reader, ()))
    rows, line = [], lines[reader.line_num][0] if reader.line_num < len(lines) else 0
    for cells in reader:
        if cells:
            if len(cells) != len(columns):
                raise ValueError(f"{name}:{line} has {len(cells)} cells, expected {len(columns)}")
            row = dict(zip(columns, cells, strict=True))
            known = row.get("confidence") or row.get("tag") or _said_above(head, row.get("clause", ""))
            by_value = {name: row[f"{name}{BESIDE}"] for name in columns if f"{name}{BESIDE}" in columns and row[name]}
            rows.append(Row(line, row, known, by_value))
        line = lines[reader.line_num][0] if reader.line_num < len(lines) else 0
    return TableFile(name, head, tuple(remarks), columns, tuple(rows))


def _said_above(head: Mapping[str, str], clause: str) -> str:
    # A head may say of one clause what it does not say of the others: "confidence_annex_a" for rows of "Annex A".
    return head.get(f"confidence_{clause.lower().replace(' ', '_')}", head.get("confidence", ""))


def _comments(text: str) -> list[str]:
    return [line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")]


def _places(text: str) -> tuple[dict[str, int], dict[str, str]]:
    """Find the line of each key and table of a TOML, and the comment that follows it on the line."""
    lines: dict[str, int] = {}
    notes: dict[str, str] = {}
    seen: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _HEADING.match(line):
            brackets, name = heading["open"], heading["name"]
            if len(brackets) == 2:
                seen[name] = seen.get(name, -1) + 1
                name = f"{name}[{seen[name]}]"
            table = path = name
        elif key := _KEY.match(line):
            path = f"{table}.{key['name']}" if table else key["name"]
        else:
            continue
        lines[path] = number
        if comment := _BEHIND.search(line):
            notes[path] = comment["words"]
    return lines, notes
