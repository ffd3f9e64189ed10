"""An assessment in words of one language: heads, cells, notes and sentences, from the catalogue and the registry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from dashboards.figures.subscripts import clean
from dashboards.phase.content import NUMBER, Column, Content, Sentence, Table, Value, shown
from dashboards.text import Text
from standards.index.levels import LEVELS
from standards.pollutants import ITEMS
from streams import registry

SYMBOLS = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3", "pm10": "PM10", "pm25": "PM2.5"}


class Spoken:
    """The words of one language. names: of places and the like by family and code ("city.510100"), before the catalogue."""

    def __init__(self, lang: str, names: Mapping[str, str] | None = None) -> None:
        self.text = Text(lang)
        self.lang = lang
        self._names = {**_known(lang), **(names or {})}

    def word(self, key: str) -> str:
        """Give the word of a whole key, the key itself where nothing has it."""
        return self._names.get(key) or self.text.of_code(key, "") or key

    def cell(self, value: Value, column: Column) -> str:
        """Write a value as in every document; a code by its word, a code without a word as it is."""
        if value is None or column.kind == NUMBER or not isinstance(value, str | int):
            return clean(shown(value, column))
        own = f"phase.{column.key}."
        for family in (column.family, own):
            if family and (word := self.word(f"{family}{value}")) != f"{family}{value}":
                return clean(word)
        return clean(shown(value, column))

    def head(self, column: Column) -> str:
        """Give the head of a column, without its unit."""
        return clean(self.text.of_code("phase.column.", column.key))

    def title(self, table: Table) -> str:
        """Give the title of a table."""
        return clean(self.text.of_code("phase.table.", table.key))

    def notes(self, table: Table) -> list[str]:
        """Give what stands below a table: its notes, then why values are missing, each reason once with what it concerns."""
        said = [self._note(key) for key in table.notes]
        concerned: dict[str, list[str]] = {}
        columns = {column.key: column for column in table.columns}
        for place, why in table.why_missing.items():
            row, _, key = place.partition(":")
            if key not in columns or not row.isdecimal() or int(row) >= len(table.rows):
                continue
            first = self.cell(table.rows[int(row)][0], table.columns[0])
            concerned.setdefault(why, []).append(f"{first} {self.head(columns[key])}")
        for why, places in concerned.items():
            reason = self.text.of_code("phase.why.", why)
            listed = self.text("list.comma").join(places[:6])
            if len(places) > 6:
                listed = self.text("document.and_more", places=listed, count=len(places) - 6)
            said.append(self.text("document.missing", reason=clean(reason), places=listed))
        return said

    def sources(self, table: Table) -> str:
        """Tell what the rows come from, "" where nothing tells it."""
        return self.text("document.semicolon").join(
            clean(self.text.of_code("phase.source.", each)) for each in table.sources
        )

    def sentence(self, sentence: Sentence, content: Content) -> str:
        """Say a sentence with its numbers out of the tables; "" where one of them is NA or not there: nothing is said of NA."""
        values: dict[str, str] = {}
        for name, table, row, column in sentence.cells:
            found = content.table(table)
            line = found.row_of(row)
            if line is None or line[column] is None:
                return ""
            values[name] = self.cell(line[column], found.columns[found.index(column)])
        for name, code in sentence.words.items():
            codes = code if isinstance(code, list | tuple) else [code]
            values[name] = self.text("list.comma").join(self.word(str(each)) for each in codes)
        written = self.text.of_code(sentence.key, "")
        return clean(self.text(sentence.key, **values) if written else " ".join([sentence.key, *values.values()]))

    def _note(self, key: str) -> str:
        told = self.text.of_code("phase.note.", key)
        return clean(self.word(key) if told == key else told)


@cache
def _known(lang: str) -> Mapping[str, str]:
    known = registry.load()
    named = {f"city.{c.code}": c.name_zh if lang == "zh" else c.name_en for c in known.cities.values()}
    if lang == "zh":
        named |= {f"station.{s.code}": s.name_zh for s in known.stations.values()}
    named |= {f"level.{x.level}": x.category_zh if lang == "zh" else x.category_en for x in LEVELS}
    return named | {f"item.{item}": SYMBOLS[item] for item in ITEMS}
