"""An assessment in words: titles, heads, notes, codes and sentences, the same for page and document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from dashboards.phase.content import CODE, VERDICT, Column, Content, Sentence, Table, Value, shown
from dashboards.phase.question import REGION
from dashboards.phase.summary import SIZE, UNIT, UNITS
from dashboards.text import Text, catalogue
from streams.registry import Registry

FAMILIES = (
    "phase.verdict.", "phase.level.", "phase.standing.", "phase.reason.", "phase.trend.", "phase.against.", "phase.measure.",
    "phase.say.", "phase.event.", "phase.state.", "phase.episode.", "phase.phase.", "phase.campaign.",
    "phase.target_state.", "phase.beside.", "phase.left.", "phase.source.",
)  # fmt: skip
"""How keys begin that are put together elsewhere: by families of columns and by the words of sentences."""

BEYOND = (REGION, "outside")
"""Codes that stand among cities and are none."""
_MOMENT = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}) (\d{2}):(\d{2}))?")
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


def source(text: Text, name: str) -> str:
    """Tell what rows come from: tables of the store and files in words, standards as they are."""
    return text.of_code("phase.source.", name.replace(".toml", "_toml"))


def why(text: Text, code: str) -> str:
    """Say why a value or a table is not there."""
    return text(f"phase.why.{code}")


def cell(text: Text, value: Value, column: Column, names: Names, *, missing: str = "—") -> str:
    """Write a value of a table: codes in words, several joined, numbers as `shown`."""
    if value is None or column.kind not in (CODE, VERDICT) or not column.family:
        return shown(value, column, missing=missing)
    named = column.family in ("city.", "station.")
    told = [names(code) if named else text.of_code(column.family, code) for code in str(value).split(",")]
    return text("list.comma").join(told)


def said(text: Text, content: Content, sentence: Sentence, names: Names) -> str:
    """Write a sentence of the summary: every number is looked up in its table and shown as there."""
    values: dict[str, str] = {name: _word(text, code, names) for name, code in sentence.words.items()}
    lists: dict[str, list[str]] = {}
    for name, key, row, column in sentence.cells:
        stem, _, place = name.partition(".")
        written = moment(text, _number(content.table(key), row, column, sized=stem.endswith(SIZE)))
        if place:
            lists.setdefault(stem, []).append(written + values.get(f"{stem}{UNIT}", ""))
        else:
            values[stem] = written
    return text(sentence.key, **values, **{stem: text("list.comma").join(each) for stem, each in lists.items()})


def moment(text: Text, written: str) -> str:
    """Write an hour or a month as reports do ("2026年2月10日9时"); other texts stay as they are."""
    found = _MOMENT.fullmatch(written)
    if found is None:
        return written
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    if text.lang == "zh":
        whole = f"{year}年{month}月" + (f"{day}日{hour}时" if day else "")
        return whole + (f"{minute}分" if minute else "")
    whole = f"{dt.date(year, month, day or 1):%B %Y}"
    return f"{day} {whole}, {hour:02d}:{minute:02d}" if day else whole


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
