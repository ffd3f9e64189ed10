"""Targets against the path: what is reached, what was agreed on, and what the rest of the year allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.components.phase_figures import spark, table_of
from dashboards.components.phase_tables import Told, lowered, unit_of
from dashboards.phase import told as words
from dashboards.phase.content import Column, Content, Table, Value

MEASURES = {
    "pm25": ("pm25_to_date_ugm3", "pm25_target_ugm3", "pm25_left_ugm3", "pm25_state", "pm25_to_date_ugm3"),
    "good_ratio": (
        "good_ratio_to_date_pct", "good_ratio_target_pct", "bad_days_left_d", "good_ratio_state", "good_ratio_to_date_pct"
    ),
    "heavy": ("heavy_to_date_d", "heavy_target_d", "heavy_left_d", "heavy_state", "heavy_days"),
}  # fmt: skip
"""By measure columns of the table of targets (reached, agreed on, left, state), and the one of a month in that of months."""
SUMMED = "heavy_days"
"""Of a month alone: its path is what months add up to."""
Row = Mapping[str, Value]


def paths(told: Told, content: Content, year: Content) -> list[Any]:
    """Show a card for each place that has a target of a measure. year: the assessment whose months make the path."""
    table = table_of(content, "targets")
    if table is None:
        return []
    last = str(content.question["last"])[:7]
    parts: list[Any] = []
    for name, keys in MEASURES.items():
        rows = [dict(zip((c.key for c in table.columns), row, strict=True)) for row in table.rows]
        mine = [row for row in rows if row.get(keys[1]) is not None]
        if mine:
            cards = [_card(told, table, row, keys, _path(year, row["city"], keys[4], last)) for row in mine]
            title = told.text(f"phase_page.target_{name}")
            legend = html.Small(told.text("phase_page.target_legend", unit=_unit_of(told, table, keys[0])))
            parts.append(
                html.Section([html.H2(lowered(title)), legend, html.Ul(cards, className="goals")], className="card")
            )
    return parts


def _path(content: Content, place: Value, key: str, last: str) -> list[float | None]:
    """Give what was reached at the end of each month of a year up to a month ("2026-04")."""
    table = table_of(content, "months")
    if table is None or key not in {column.key for column in table.columns}:
        return []
    at, month = table.index(key), table.index("month")
    found = [row[at] for row in table.rows if row[0] == place and str(row[month]) <= last]
    values = [float(v) if isinstance(v, int | float) else None for v in found]
    if key != SUMMED:
        return values
    total, sums = 0.0, []
    for value in values:
        total += value or 0.0
        sums.append(total if value is not None else None)
    return sums


def _card(told: Told, table: Table, row: Row, keys: tuple[str, ...], points: list[float | None]) -> html.Li:
    text = told.text
    columns = {column.key: column for column in table.columns}
    shown = {key: told.cell(row[key], columns[key]) for key in keys[:3]}
    state = str(row[keys[3]] or "")
    title = text("phase_page.target_path", place=told.cell(row["city"], columns["city"]))
    target = row[keys[1]]
    drawn = spark(points, float(target) if isinstance(target, int | float) else None, title)
    chip = html.Span(text.of_code("phase.state.", state), className=f"state {state}") if state else None
    head = html.Div([html.H3(told.cell(row["city"], columns["city"])), chip], className="head")
    facts = html.Dl([_fact(told, columns[key], shown[key]) for key in keys[:3]], className="facts")
    figure = [Drawing(drawn, className="spark")] if drawn else []
    axis = [html.Span(text(f"phase_page.axis_{end}")) for end in ("first", "last")]
    foot = [html.Small(axis, className="ends", **{"aria-hidden": "true"})] if drawn else []
    return html.Li([head, facts, *figure, *foot])


def _unit_of(told: Told, table: Table, key: str) -> str:
    return unit_of(told, table.columns[table.index(key)])


def _fact(told: Told, column: Column, said: str) -> html.Div:
    unit = unit_of(told, column)
    value = html.Dd([html.B(said), *([html.Small(f" {unit}")] if unit else [])])
    return html.Div([html.Dt(lowered(words.head(told.text, column))), value])
