"""The way back from a number: the line of the file that brought it, and what stood there before it was revised or corrected."""

from __future__ import annotations

import datetime as dt
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
_NOTHING = dict.fromkeys([*(p.column for p in POLLUTANTS.values()), "aqi", "flags", "status", "revision"])
DIGITS = 8
"""Digits of a digest that are shown; the whole one is its title."""


def origin_details(scene: Scene, row: Row, origin: Origin) -> html.Details:
    """Show the feed of a row, and on opening its file and line, or the files that may have brought it, and its
    superseded values.
    """
    text = scene.text
    summary: list[Any] = [text("origin.source", source=row["source"] or "NA")]
    if origin.superseded:
        summary.append(html.Span(text("origin.count", count=len(origin.superseded)), className="revised"))
    own = origin.named.get(row.get("file_digest") or "")
    shown = [_own(scene, row, own)] if own else [_file(scene, each) for each in origin.files]
    files = shown or [html.Li(text("origin.no_files"), className="quiet")]
    parts = [html.Div([html.B(text("origin.own" if own else "origin.files")), html.Ul(files)])]
    if origin.superseded:
        following = [*origin.superseded[1:], row]
        old = [_version(scene, was, then, origin) for was, then in zip(origin.superseded, following, strict=True)]
        parts.append(html.Div([html.B(text("origin.superseded")), html.Ul(old)]))
    return html.Details([html.Summary(summary), html.Div(parts)], className="origin")


def _file(scene: Scene, file: Row) -> html.Li:
    told = scene.text("origin.file", digest=file["digest"][:DIGITS], received=beijing(file["received_at"]))
    return html.Li([html.Span(file["file"]), marks.simulated(file, scene.text), html.Small(told, title=file["digest"])])


def _own(scene: Scene, row: Row, file: Row) -> html.Li:
    """Name the file and the line that a row stands in, and when that was released and received."""
    return html.Li([html.Span(file["file"]), marks.simulated(file, scene.text), _trace(scene, row, file)])


def _trace(scene: Scene, row: Row, file: Row) -> html.Small:
    text, digest = scene.text, file["digest"]
    released, received = (_moment(row.get(name)) for name in ("released_at", "received_at"))
    told = text("origin.row", digest=digest[:DIGITS], released=released, received=received)
    line = [text("origin.line", line=row["line"]), " · "] if row.get("line") else []
    return html.Small([*line, told], title=digest)


def _moment(moment: dt.datetime | str | None) -> str:
    # A replaced row is text: SQLite and PostgreSQL write moments in their own ways, both as ISO 8601.
    return "NA" if moment is None else beijing(dt.datetime.fromisoformat(str(moment)))


def _version(scene: Scene, was: Row, then: Row, origin: Origin) -> html.Li:
    """Tell of a replaced version its status, until when it stood, the values that the next one changed, and its file and line."""
    text = scene.text
    # A row that was replaced before a column came to be lacks it.
    was, then = ({**_NOTHING, **each} for each in (was, then))
    changed = [
        f"{marks.SYMBOLS[item]} {_value(was, item, text)} → {_value(then, item, text)}"
        for item, pollutant in POLLUTANTS.items()
        if was[pollutant.column] != then[pollutant.column] or (item in set_aside(was)) != (item in set_aside(then))
    ]
    if was["aqi"] != then["aqi"]:
        changed.insert(0, f"AQI {_index(was)} → {_index(then)}")
    status = text.of_code("status.", was["status"])
    head = text("origin.was", status=status, revision=was["revision"], until=beijing(was["superseded_at"]))
    values = html.Span(text("list.comma").join(changed) or text("origin.same"))
    file = origin.named.get(was.get("file_digest") or "")
    return html.Li([html.Small(head), values, *([" ", file["file"], " ", _trace(scene, was, file)] if file else [])])


def _value(row: Row, item: str, text: Text) -> str:
    return marks.value(row, item) + (text("flags.not_counted") if item in set_aside(row) else "")


def _index(row: Row) -> str:
    return "NA" if row["aqi"] is None else str(row["aqi"])
