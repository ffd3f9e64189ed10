"""An assessment's tables on a page: captions, units, notes and the reasons of what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboards.context import Scene
from dashboards.figures.subscripts import SUB, runs
from dashboards.phase import told as words
from dashboards.phase.content import NUMBER, Column, Content, Table, Value
from dashboards.publications.difference import Cell
from dashboards.text import Text

Link = Callable[[Column, Value], str]
BRIEF = ("µg/m³", "mg/m³")
"""Units whose symbol is shorter than words, and read by everybody."""


@dataclass(frozen=True)
class Told:
    """Tells an assessment in the words of one language; names: of cities and stations by their code."""

    text: Text
    names: words.Names

    @classmethod
    def of(cls, scene: Scene) -> Told:
        """Give the words of a reader."""
        return cls(scene.text, words.names_of(scene.registry, scene.text))

    def cell(self, value: Value, column: Column) -> str:
        """Write a value as people read it."""
        return words.cell(self.text, value, column, self.names)

    def summary(self, content: Content) -> list[str]:
        """Give the sentences of an assessment."""
        return [words.said(self.text, content, each, self.names) for each in content.summary]


def phase_table(
    told: Told, table: Table, *, changed: dict[tuple[int, str], Cell] | None = None, link: Link = lambda _column, _value: ""
) -> html.Figure:  # fmt: skip
    """Show a table with its title, units in its heads, and below it its notes and sources.

    changed: cells that differ from another assessment, by row's number and column's key; they are marked, with what was before.
    link: gives the address of what the first value of a row names, "" where there is none.
    """
    head = html.Tr([_head(told, column) for column in table.columns])
    rows = [
        html.Tr(
            [
                _cell(told, table, n, column, value, changed, link)
                for column, value in zip(table.columns, row, strict=True)
            ]
        )
        for n, row in enumerate(table.rows)
    ]
    wide = html.Table([html.Thead(head), html.Tbody(rows)], className="phase")
    title = words.title(told.text, table)
    return html.Figure(
        [html.Figcaption(lowered(title)), own_scroll(wide, title), *_below(told, table)], className="phase-table"
    )


def own_scroll(table: html.Table, title: str) -> html.Div:
    """Let a wide table scroll by itself, also by keys; title: what is said of it to who does not see it."""
    return html.Div(table, className="scroll", tabIndex="0", role="group", **{"aria-label": title})


def unit_of(told: Told, column: Column) -> str:
    """Give the unit of a column as heads and tiles write it: a concentration's as its symbol, days and points in words."""
    return column.unit if column.unit in BRIEF else words.unit(told.text, column)


def lowered(said: str) -> list[Any]:
    """Write words with the digits of PM2.5 and the like hanging low."""
    return [html.Sub(piece) if place == SUB else piece for piece, place in runs(said)]


def _head(told: Told, column: Column) -> html.Th:
    unit = unit_of(told, column)
    shown = [*lowered(words.head(told.text, column)), *([html.Small(f" {unit}")] if unit else [])]
    return html.Th(shown, scope="col", className="number" if column.kind == NUMBER else None)


def _cell(
    told: Told, table: Table, n: int, column: Column, value: Value, changed: dict[tuple[int, str], Cell] | None, link: Link
) -> html.Td | html.Th:  # fmt: skip
    why = table.why_missing.get(f"{n}:{column.key}", "") if value is None else ""
    said = told.cell(value, column)
    shown: list[Any] = [said] if column.kind == NUMBER else lowered(said)
    if column is table.columns[0] and (to := link(column, value)):
        shown = [html.A(shown, href=to)]
    if why:
        shown = [html.Abbr(shown, title=words.why(told.text, why))]
    cell = (changed or {}).get((n, column.key))
    if cell is not None:
        shown = [html.Mark(shown), html.Small(told.text("publications.was", value=told.cell(cell.was, column)))]
    name = "number" if column.kind == NUMBER else None
    return html.Th(shown, scope="row") if column is table.columns[0] else html.Td(shown, className=name)


def _below(told: Told, table: Table) -> list[Any]:
    """Say what the numbers are from, and why some are missing: a title on a dash alone is not read by everybody."""
    whys = dict.fromkeys(table.why_missing.values())
    notes = (words.note(told.text, key) for key in table.notes)
    lines = [*notes, *(f"{told.cell(None, table.columns[0])} {words.why(told.text, key)}" for key in whys)]
    named = [words.source(told.text, each) for each in table.sources]
    sources = [html.Small(told.text("publications.sources", sources=told.text("list.comma").join(named)))]
    return [html.Small(lowered(line)) for line in lines] + (sources if table.sources else [])
