"""The ranking of cities by their composite index, with what it was in the base period, and their ranking by change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from dash import html

from dashboards.components.phase_figures import changes, table_of
from dashboards.components.phase_tables import Told, lowered, own_scroll
from dashboards.phase import told as words
from dashboards.phase.content import Content, Table, Value
from standards.assessment.ranking import rank

INDEX, BASE = "ranking_index", "ranking_index_base"


def base_ranks(content: Content) -> dict[Value, int]:
    """Rank cities by their index of the base period under the same edition; a city without one takes no rank."""
    table = table_of(content, "same_edition")
    if table is None or BASE not in {column.key for column in table.columns}:
        return {}
    values = np.array([v if isinstance(v, int | float) else np.nan for v in table.column(BASE)], dtype=np.float64)
    ranks = zip(table.column("city"), rank(values), strict=True)
    return {city: int(found) for city, found in ranks if found}


def ranking(told: Told, content: Content, link: Callable[[str], str], own: str = "") -> list[Any]:
    """Show both rankings beside each other; link: gives the address of a city's sheet. own: a city that is marked."""
    table = table_of(content, "ranking")
    if table is None:
        return []
    first = _ranked(told, content, table, link, own)
    moved = changes(told, content)
    title = html.H2(told.text("phase_page.ranking"))
    return [title, html.Div([first, *([moved] if moved is not None else [])], className="figures")]


def _ranked(told: Told, content: Content, table: Table, link: Callable[[str], str], own: str) -> html.Figure:
    text, before = told.text, base_ranks(content)
    columns = {column.key: column for column in table.columns}
    heads = [
        html.Th(words.head(text, columns["rank"]), scope="col"), html.Th(text("phase_page.city"), scope="col"),
        html.Th(words.head(text, columns[INDEX]), scope="col", className="number"),
        html.Th(text("phase_page.rank_moved"), scope="col"),
        html.Th(words.head(text, columns["main_item"]), scope="col"),
    ]  # fmt: skip
    at = {key: table.index(key) for key in columns}
    ordered = sorted(table.rows, key=lambda row: (row[at["rank"]] is None, row[at["rank"]]))
    rows = [
        html.Tr(
            [
                html.Td(html.B(told.cell(row[at["rank"]], columns["rank"])), className="rank"),
                html.Th(html.A(told.cell(row[0], table.columns[0]), href=link(str(row[0]))), scope="row"),
                html.Td(told.cell(row[at[INDEX]], columns[INDEX]), className="number"),
                html.Td(_step(told, row[at["rank"]], before.get(row[0])), className="step"),
                html.Td(lowered(told.cell(row[at["main_item"]], columns["main_item"]))),
            ],
            **({"aria-current": "true"} if row[0] == own else {}),
        )
        for row in ordered
    ]
    title = words.title(text, table)
    wide = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="ranked")
    notes = [html.Small(words.note(text, key)) for key in table.notes]
    return html.Figure([html.Figcaption(html.H3(title)), own_scroll(wide, title), *notes], className="card drawn")


def _step(told: Told, now: Value, before: int | None) -> list[Any]:
    """Say how many places a city has gained or lost; nothing where one of both ranks is not known."""
    if not isinstance(now, int) or before is None:
        return [told.text("phase_page.rank_unknown")]
    if now == before:
        return [told.text("phase_page.rank_same")]
    gained = before - now
    arrow = html.Span("▲" if gained > 0 else "▼", **{"aria-hidden": "true"})
    key = "phase_page.rank_gained" if gained > 0 else "phase_page.rank_lost"
    return [html.Span([arrow, " ", told.text(key, places=abs(gained))], className="better" if gained > 0 else "worse")]
