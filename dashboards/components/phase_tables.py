"""An assessment's tables on a page: captions, units, notes and the reasons of what is missing."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components.tables import scrolling
from dashboards.phase.content import NUMBER, Column, Table, Value
from dashboards.phase.told import Told
from dashboards.publications.difference import Cell


def phase_table(told: Told, table: Table, *, changed: dict[tuple[int, str], Cell] | None = None) -> html.Figure:
    """Show a table with its title, units in its heads, and below it its notes and sources.

    changed: cells that differ from another assessment, by row's number and column's key; they are marked, with what was before.
    """
    head = html.Tr([_head(told, column) for column in table.columns])
    rows = [
        html.Tr(
            [_cell(told, table, n, column, value, changed) for column, value in zip(table.columns, row, strict=True)]
        )
        for n, row in enumerate(table.rows)
    ]
    wide = html.Table([html.Thead(head), html.Tbody(rows)], className="phase")
    return html.Figure(
        [html.Figcaption(told.title(table)), scrolling(wide), *_below(told, table)], className="phase-table"
    )


def _head(told: Told, column: Column) -> html.Th:
    unit = [html.Small(column.unit)] if column.unit else []
    return html.Th([told.head(column), *unit], scope="col", className="number" if column.kind == NUMBER else None)


def _cell(
    told: Told, table: Table, n: int, column: Column, value: Value, changed: dict[tuple[int, str], Cell] | None
) -> html.Td | html.Th:  # fmt: skip
    why = table.why_missing.get(f"{n}:{column.key}", "") if value is None else ""
    words: list[Any] = [told.cell(value, column)]
    if why:
        words = [html.Abbr(words, title=told.why(why))]
    cell = (changed or {}).get((n, column.key))
    if cell is not None:
        words = [html.Mark(words), html.Small(told.text("publications.was", value=told.cell(cell.was, column)))]
    name = "number" if column.kind == NUMBER else None
    return html.Th(words, scope="row") if column is table.columns[0] else html.Td(words, className=name)


def _below(told: Told, table: Table) -> list[Any]:
    """Say what the numbers are from, and why some are missing: a title on a dash alone is not read by everybody."""
    whys = dict.fromkeys(table.why_missing.values())
    lines = [*map(told.note, table.notes), *(f"{told.cell(None, table.columns[0])} {told.why(key)}" for key in whys)]
    sources = [html.Small(told.text("publications.sources", sources=told.text("list.comma").join(table.sources)))]
    return [html.Small(line) for line in lines] + (sources if table.sources else [])
