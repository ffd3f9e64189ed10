"""All tables of an assessment by chapters: a few stand open, the others are folded; then those of each edition of a part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.phase_tables import Link, Told, lowered, phase_table
from dashboards.phase.content import Content, Table

CHAPTERS = (
    ("state", ("cities", "verdicts", "levels", "primary", "months", "yearly")),
    ("stations", ("stations",)),
    ("items", tuple(f"item_{item}" for item in ("pm25", "pm10", "o3", "no2", "so2", "co"))),
    ("ranking", ("ranking", "change", "same_edition")),
    ("targets", ("targets",)),
    ("processes", ("episodes", "exceptional", "events")),
    ("forecasts", ("scores",)),
    ("trend", ("trend",)),
    ("causes", ("attribution_sectors", "attribution_places", "weather")),
    ("quality", ("coverage", "revisions", "reasons", "limits")),
)  # fmt: skip
"""Chapters of the tables; what none of them names follows last."""
OPEN = ("cities", "verdicts", "targets", "episodes", "exceptional", "trend")
"""Tables that stand open; the others are folded."""
OPEN_OF_CITY = ("levels", "primary", "months", "stations", "scores")
"""Those that stand open too on the sheet of one city, where they are short."""
MOST_OPEN = 40
"""Rows; a longer table is folded wherever it stands."""
MOST_ROWS = 1000
"""Rows that a page bears; of a longer table it says where they stand."""


def chapters(told: Told, content: Content, link: Link, where: str) -> list[html.Section]:
    """Show every table of an assessment once; link: gives the address of what a row is of.

    where: "cities" or "files", where the rows of a table stand that is too long for a page.
    """
    known = {key for _, keys in CHAPTERS for key in keys}
    rest = tuple(table.key for table in content.tables if table.key not in known)
    parts = [_chapter(told, content, name, keys, link, where) for name, keys in (*CHAPTERS, ("days", rest))]
    editions = [_edition(told, edition, own, link, where) for edition, own in content.by_edition.items()]
    return [*(each for each in parts if each is not None), *editions]


def _chapter(
    told: Told, content: Content, name: str, keys: Sequence[str], link: Link, where: str
) -> html.Section | None:  # fmt: skip
    found = [table for key in keys for table in content.tables if table.key == key]
    if not found:
        return None
    alone = len(content.question.get("cities", ())) == 1
    wanted = (*OPEN, *(OPEN_OF_CITY if alone else ()))
    opened = [table for table in found if table.key in wanted and len(table.rows) <= MOST_OPEN]
    shown: list[Any] = [phase_table(told, table, link=link) for table in opened]
    shown += [_folded(told, table, link, where) for table in found if table not in opened]
    return html.Section([html.H2(told.text(f"phase_page.chapter_{name}")), *shown], className="card chapter")


def _edition(told: Told, edition: str, own: Sequence[Table], link: Link, where: str) -> html.Section:
    title = html.H2(told.text("phase_page.under", edition=told.text.of_code("document.edition.", edition)))
    return html.Section([title, *(_folded(told, each, link, where) for each in own)], className="card chapter")


def _folded(told: Told, table: Table, link: Link, where: str) -> html.Details | html.P:
    title = lowered(told.text.of_code("phase.table.", table.key))
    if len(table.rows) > MOST_ROWS:
        return html.P([html.B(title), " ", told.text(f"phase_page.long_{where}", rows=len(table.rows))])
    rows = html.Small(told.text("phase_page.rows", rows=len(table.rows)))
    return html.Details([html.Summary([*title, " ", rows]), phase_table(told, table, link=link)])
