"""The way back from a number: the files that may have brought it, and what stood there before it was revised."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.queries.origins import Origin
from dashboards.text import Text
from standards.pollutants import POLLUTANTS
from streams.store.flags import set_aside

Row = dict[str, Any]
DIGITS = 8
"""Digits of a digest that are shown; the whole one is its title."""


def origin_details(scene: Scene, row: Row, origin: Origin) -> html.Details:
    """Show the feed of a row, and on opening its files and its superseded values."""
    text = scene.text
    summary: list[Any] = [text("origin.source", source=row["source"] or "NA")]
    if origin.superseded:
        summary.append(html.Span(text("origin.count", count=len(origin.superseded)), className="revised"))
    files = [_file(scene, each) for each in origin.files] or [html.Li(text("origin.no_files"), className="quiet")]
    parts = [html.Div([html.B(text("origin.files")), html.Ul(files)])]
    if origin.superseded:
        following = [*origin.superseded[1:], row]
        old = [_version(scene, was, then) for was, then in zip(origin.superseded, following, strict=True)]
        parts.append(html.Div([html.B(text("origin.superseded")), html.Ul(old)]))
    return html.Details([html.Summary(summary), html.Div(parts)], className="origin")


def _file(scene: Scene, file: Row) -> html.Li:
    told = scene.text("origin.file", digest=file["digest"][:DIGITS], received=beijing(file["received_at"]))
    return html.Li([html.Span(file["file"]), marks.simulated(file, scene.text), html.Small(told, title=file["digest"])])


def _version(scene: Scene, was: Row, then: Row) -> html.Li:
    """Tell of a replaced version its status, until when it stood, and the values that the next one changed."""
    text = scene.text
    changed = [
        f"{marks.SYMBOLS[item]} {_value(was, item, text)} → {_value(then, item, text)}"
        for item, pollutant in POLLUTANTS.items()
        if was[pollutant.column] != then[pollutant.column] or (item in set_aside(was)) != (item in set_aside(then))
    ]
    if was["aqi"] != then["aqi"]:
        changed.insert(0, f"AQI {_index(was)} → {_index(then)}")
    status = text.of_code("status.", was["status"])
    head = text("origin.was", status=status, revision=was["revision"], until=beijing(was["superseded_at"]))
    return html.Li([html.Small(head), html.Span(text("list.comma").join(changed) or text("origin.same"))])


def _value(row: Row, item: str, text: Text) -> str:
    return marks.value(row, item) + (text("flags.not_counted") if item in set_aside(row) else "")


def _index(row: Row) -> str:
    return "NA" if row["aqi"] is None else str(row["aqi"])
