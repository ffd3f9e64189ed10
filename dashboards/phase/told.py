"""An assessment in words: titles, heads, notes, codes and sentences, the same for page and document."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.phase.content import CODE, VERDICT, Column, Content, Sentence, Table, Value, shown
from dashboards.phase.question import REGION
from dashboards.phase.summary import SIZE, UNITS
from dashboards.text import Text, catalogue
from streams.registry import Registry

FAMILIES = (
    "phase.verdict.", "phase.level.", "phase.standing.", "phase.reason.", "phase.trend.", "phase.against.", "phase.measure.",
    "phase.say.", "phase.event.", "phase.state.", "phase.episode.", "phase.phase.", "phase.campaign.",
)  # fmt: skip
"""How keys begin that are put together elsewhere: by families of columns and by the words of sentences."""

BEYOND = (REGION, "outside")
"""Codes that stand among cities and are none."""
Names = Callable[[str], str]
"""Gives the name of a city or station by its code."""


def names_of(registry: Registry, text: Text) -> Names:
    """Give the names of a registry in the language of a text; an unknown code stands for itself."""

    def name(code: str) -> str:
        if code in BEYOND:
            return text.of_code("city.", code)
        city, station = registry.cities.get(code), registry.stations.get(code)
        if city is not None:
            return city.name_zh if text.lang == "zh" else city.name_en
        return f"{station.name_zh} {code}" if station is not None else code

    return name


def title(text: Text, table: Table) -> str:
    """Give the title of a table."""
    return text(f"phase.table.{table.key}")


def head(text: Text, column: Column) -> str:
    """Give the head of a column, without its unit."""
    return text(f"phase.column.{column.key}")


def unit(text: Text, column: Column) -> str:
    """Give the unit of a column in words of the language, "" for none."""
    return text(f"phase.unit.{UNITS[column.unit]}").strip() if column.unit in UNITS else column.unit


def note(text: Text, key: str) -> str:
    """Give a note that stands below a table."""
    return text(f"phase.note.{key}")


def why(text: Text, code: str) -> str:
    """Say why a value or a table is not there."""
    return text(f"phase.why.{code}")


def cell(text: Text, value: Value, column: Column, names: Names, *, missing: str = "—") -> str:
    """Write a value of a table: codes in words, several joined, numbers as `shown`."""
    if value is None or column.kind not in (CODE, VERDICT) or not column.family:
        return shown(value, column, missing=missing)
    if column.family in ("city.", "station."):
        return text("list.comma").join(map(names, str(value).split(",")))
    told = [text.of_code(column.family, code) for code in str(value).split(",")]
    return text("list.comma").join(told)


def said(text: Text, content: Content, sentence: Sentence, names: Names) -> str:
    """Write a sentence of the summary: every number is looked up in its table and shown as there."""
    values: dict[str, str] = {name: _word(text, code, names) for name, code in sentence.words.items()}
    lists: dict[str, list[str]] = {}
    for name, key, row, column in sentence.cells:
        stem, _, place = name.partition(".")
        written = _number(content.table(key), row, column, sized=stem.endswith(SIZE))
        if place:
            lists.setdefault(stem, []).append(written)
        else:
            values[stem] = written
    return text(sentence.key, **values, **{stem: text("list.comma").join(each) for stem, each in lists.items()})


def _number(table: Table, row: Value, key: str, *, sized: bool) -> str:
    found, column = table.row_of(row), table.columns[table.index(key)]
    value = None if found is None else found[key]
    if value is None:
        raise KeyError(f"table {table.key} has no value of {key} in row {row!r}, expected one for a sentence")
    return shown(abs(value) if sized and not isinstance(value, str) else value, column)


def _word(text: Text, code: object, names: Names) -> str:
    if isinstance(code, list | tuple):
        return text("list.comma").join(_word(text, each, names) for each in code)
    if str(code).startswith("city."):
        return names(str(code).removeprefix("city."))
    return text(str(code)) if str(code) in catalogue() else str(code)
