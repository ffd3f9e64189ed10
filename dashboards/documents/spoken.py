"""An assessment in words of one language, as the pages say it (dashboards.phase.told), fit for paper.

A publication stays as it was while the catalogue goes on: a title, a head or a note that is no longer known stands for itself.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

from dashboards.figures.subscripts import clean
from dashboards.phase import told
from dashboards.phase.content import NUMBER, Column, Content, Sentence, Table, Value, shown
from dashboards.phase.named import period_words
from dashboards.phase.question import QuestionRefused, period_of
from dashboards.text import Text
from streams import registry

IN_WORDS = ("d", "pp")
"""Units that are told in words; the others stand as they are."""
PLACES_SAID = 6
"""Of values that are missing for one reason; how many there are more is told."""


class Spoken:
    """The words of one language; names: of cities and stations, by default of the shipped registry."""

    def __init__(self, lang: str, names: told.Names | None = None) -> None:
        self.text = Text(lang)
        self.lang = lang
        self._names = names or told.names_of(_registry(), self.text)

    def cell(self, value: Value, column: Column) -> str:
        """Write a value as on the pages: a number as `shown`, codes by their words."""
        return clean(
            shown(value, column) if column.kind == NUMBER else told.cell(self.text, value, column, self._names)
        )

    def head(self, column: Column) -> str:
        """Give the head of a column, without its unit."""
        return clean(self.text.of_code("phase.column.", column.key))

    def unit(self, column: Column) -> str:
        """Give the unit of a column as it stands below its head, "" for none."""
        return told.unit(self.text, column) if column.unit in IN_WORDS else clean(column.unit)

    def title(self, table: Table) -> str:
        """Give the title of a table."""
        return clean(self.text.of_code("phase.table.", table.key))

    def notes(self, table: Table) -> list[str]:
        """Give what stands below a table: its notes, then why values are missing, each reason once with what it concerns."""
        said = [clean(self.text.of_code("phase.note.", key)).rstrip("。.") for key in table.notes]
        concerned: dict[str, dict[str, list[str]]] = {}
        columns = {column.key: column for column in table.columns}
        for place, why in table.why_missing.items():
            row, _, key = place.partition(":")
            if key in columns and row.isdecimal() and int(row) < len(table.rows):
                first = self.cell(table.rows[int(row)][0], table.columns[0])
                concerned.setdefault(why, {}).setdefault(first, []).append(self.head(columns[key]))
        return said + [self._missing(why, places) for why, places in concerned.items()]

    def why(self, code: str) -> str:
        """Say why a value or a table is not there."""
        return clean(self.text.of_code("phase.why.", code)).rstrip("。.")

    def period(self, text: str) -> str:
        """Name a period of a question in words; one that is not understood stands for itself."""
        try:
            return period_words(self.text, period_of(text)) if text else ""
        except QuestionRefused:
            return text

    def months(self, months: list[str]) -> list[str]:
        """Write months ("2026-03") shortly: by their name alone where they are of one year."""
        if len({month[:4] for month in months}) > 1:
            return [month[2:] for month in months]
        if self.lang == "zh":
            return [f"{int(month[5:])}月" for month in months]
        return [f"{dt.date(int(month[:4]), int(month[5:]), 1):%b}" for month in months]

    def sources(self, table: Table) -> str:
        """Tell what the rows come from, "" where nothing tells it."""
        return self.text("document.semicolon").join(clean(told.source(self.text, each)) for each in table.sources)

    def sentence(self, sentence: Sentence, content: Content) -> str:
        """Say a sentence with its numbers out of the tables; "" where one of them is NA or not there: nothing is said of NA."""
        for _, key, row, column in sentence.cells:
            found = content.table(key).row_of(row)
            if found is None or found[column] is None:
                return ""
        return clean(told.said(self.text, content, sentence, self._names))

    def _missing(self, why: str, concerned: dict[str, list[str]]) -> str:
        comma = self.text("list.comma")
        places = [f"{first} {comma.join(heads)}" for first, heads in concerned.items()]
        listed = self.text("document.semicolon").join(places[:PLACES_SAID])
        if len(places) > PLACES_SAID:
            listed = self.text("document.and_more", places=listed, count=len(places) - PLACES_SAID)
        return self.text("document.missing", reason=self.why(why), places=listed)


@cache
def _registry() -> registry.Registry:
    return registry.load()
