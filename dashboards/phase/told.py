"""The words and numbers of an assessment's cells, the same on every page and in every document."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.components.marks import SYMBOLS
from dashboards.phase.content import CODE, VERDICT, Column, Table, Value, shown
from dashboards.text import Text
from standards.index.levels import LEVELS
from streams.registry import Registry

MISSING = "—"


@dataclass(frozen=True)
class Told:
    """Tells cells in one language; names of cities and stations come from the registry."""

    text: Text
    registry: Registry

    def title(self, table: Table) -> str:
        """Give the title of a table."""
        return self.text.of_code("phase.table.", table.key)

    def head(self, column: Column) -> str:
        """Give the head of a column, without its unit."""
        return self.text.of_code("phase.column.", column.key)

    def note(self, key: str) -> str:
        """Give a note that stands below a table."""
        return self.text.of_code("phase.note.", key)

    def why(self, key: str) -> str:
        """Give the reason of a value that is missing."""
        return self.text.of_code("phase.why.", key)

    def cell(self, value: Value, column: Column) -> str:
        """Write a value as people read it: numbers by `shown`, codes by their family's words, several codes by commas."""
        if value is None:
            return MISSING
        if column.kind in (CODE, VERDICT) and column.family:
            words = [self._code(each, column.family) for each in str(value).split(",") if each]
            return self.text("list.comma").join(words) if words else MISSING
        return shown(value, column, missing=MISSING)

    def _code(self, code: str, family: str) -> str:
        if family == "item.":
            return SYMBOLS.get(code, code)
        if family == "city." and code in self.registry.cities:
            city = self.registry.cities[code]
            return city.name_zh if self.text.lang == "zh" else city.name_en
        if family == "station." and code in self.registry.stations:
            return self.registry.stations[code].name_zh
        if family == "level." and code.isdigit() and 1 <= int(code) <= len(LEVELS):
            level = LEVELS[int(code) - 1]
            return level.category_zh if self.text.lang == "zh" else level.category_en
        return self.text.of_code(family, code)
