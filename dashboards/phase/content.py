"""What an assessment holds, as tables of plain values: the same for page, PDF, Word, sheets and JSON.

An assessment is a Content: tables whose columns know their unit and decimals, so that every place that shows a number
shows it alike (`shown`). Values are already rounded as the standard says; nothing rounds them again. Words are not part
of it: titles are the catalogue's `phase.table.<key>`, heads are `phase.column.<key>`, codes are told by families.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson

from standards.errors import AirshedError

SCHEMA = 1
"""Of the JSON form; a content of another schema is refused, never guessed."""

NUMBER, TEXT, CODE, DATE, VERDICT = "number", "text", "code", "date", "verdict"
"""Kinds of a column. CODE and VERDICT are told by the catalogue's family `phase.<column key>.<code>` or the column's family."""

BETWEEN = "|"
"""Joins the first columns of a row to its code where the first alone does not name it: "510100|pm25|coal"."""

Value = float | int | str | None


class ContentRefused(AirshedError, ValueError):
    """A JSON form that is no content: what, where and what was expected."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: key (quantity and unit), kind, unit as the pages write it ("" for none), decimals of a number.

    family: of a code's words in the catalogue ("city.", "item.", "level.", "sector.", …), "" where the code stands for itself.
    """

    key: str
    kind: str = NUMBER
    unit: str = ""
    decimals: int = 0
    family: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values under columns; None is NA, and why_missing tells each "row:column key" that has a reason.

    key: of the table in the catalogue. note: keys of the catalogue's notes that stand below it. sources: what the rows come from
    (standard and clause, model, feed).
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    why_missing: dict[str, str] = field(default_factory=dict)

    def column(self, key: str) -> tuple[Value, ...]:
        """Give the values of one column; raise KeyError for one that the table lacks."""
        at = self.index(key)
        return tuple(row[at] for row in self.rows)

    def index(self, key: str) -> int:
        """Tell where a column stands; raise KeyError for one that the table lacks."""
        for at, column in enumerate(self.columns):
            if column.key == key:
                return at
        raise KeyError(f"table {self.key} has no column {key!r}")

    def row_of(self, code: Value) -> dict[str, Value] | None:
        """Give the row whose first column is this code as key -> value; None where there is none.

        Where the first column alone names no row, the code is that of the first columns, joined by BETWEEN.
        """
        parts = str(code).split(BETWEEN)
        for row in self.rows:
            if row[0] == code or (len(parts) > 1 and [str(value) for value in row[: len(parts)]] == parts):
                return {column.key: value for column, value in zip(self.columns, row, strict=True)}
        return None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the summary: the catalogue's key and the values filled in, each as (name, table, row code, column key).

    No number is written into it: each is looked up in a table, so that a sentence cannot say another number than the tables.
    words: further values that are no numbers, name -> code of the catalogue (such as "phase.trend.down") or "city.<code>", or a
    list of such codes. A name of a cell that ends in "_size" is written without its sign, which a word of direction tells;
    names "values.0", "values.1" … are one list "values", joined as lists are, in the order of the cities beside it.
    dashboards.phase.told.said writes a sentence so.
    """

    key: str
    cells: tuple[tuple[str, str, Value, str], ...] = ()
    words: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """One assessment: question (as JSON: period, first, last, edition, places, comparison), about, tables, summary.

    about: simulated, data status (reviewed, provisional share), registry digest, model and inventory versions, and what else tells
    where the numbers are from; nothing of it depends on the moment of making. by_edition: the tables of each edition that was in
    force in a part of the period, edition -> tables; tables: under the one chosen for comparison, and those of no edition.
    """

    question: dict[str, Any]
    about: dict[str, Any]
    tables: tuple[Table, ...]
    summary: tuple[Sentence, ...]
    by_edition: dict[str, tuple[Table, ...]] = field(default_factory=dict)

    def table(self, key: str, *, edition: str | None = None) -> Table:
        """Give a table by its key; raise KeyError for one that is not there."""
        for each in self.tables if edition is None else self.by_edition[edition]:
            if each.key == key:
                return each
        raise KeyError(f"the assessment has no table {key!r}")


def shown(value: Value, column: Column, *, missing: str = "—") -> str:
    """Write a value as every page and document does: fixed decimals, no grouping, a true minus sign, NA as `missing`."""
    if value is None:
        return missing
    if column.kind != NUMBER or isinstance(value, str):
        return str(value)
    return f"{value:.{column.decimals}f}".replace("-", "−")


def as_bytes(content: Content) -> bytes:
    """Give the canonical JSON of a content: sorted keys, no blanks; equal contents give equal bytes."""
    return orjson.dumps({"schema": SCHEMA, **_plain(content)}, option=orjson.OPT_SORT_KEYS)


def digest(form: bytes) -> str:
    """Give the SHA-256 of a canonical form, in hexadecimal."""
    return hashlib.sha256(form).hexdigest()


def from_bytes(form: bytes) -> Content:
    """Read a canonical JSON back; raise ContentRefused where it is none, or of another schema."""
    try:
        found = orjson.loads(form)
        if found.pop("schema") != SCHEMA:
            raise ContentRefused(f"the content is of another schema, expected {SCHEMA}")
        return Content(
            question=found["question"],
            about=found["about"],
            tables=tuple(map(_table, found["tables"])),
            summary=tuple(_sentence(each) for each in found["summary"]),
            by_edition={name: tuple(map(_table, tables)) for name, tables in found["by_edition"].items()},
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ContentRefused(f"the content cannot be read: {error}, expected the JSON of an assessment") from error


def _plain(content: Content) -> dict[str, Any]:
    return orjson.loads(orjson.dumps(content))


def _table(form: dict[str, Any]) -> Table:
    return Table(
        **form
        | {
            "columns": tuple(Column(**column) for column in form["columns"]),
            "rows": tuple(tuple(row) for row in form["rows"]),
            "notes": tuple(form["notes"]),
            "sources": tuple(form["sources"]),
        }
    )


def _sentence(form: dict[str, Any]) -> Sentence:
    return Sentence(form["key"], tuple(tuple(cell) for cell in form["cells"]), form["words"])
