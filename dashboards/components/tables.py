"""Tables: the stations of a city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.origin import origin_details
from dashboards.context import Scene
from dashboards.queries.origins import Origin
from standards.pollutants import POLLUTANTS
from streams.registry import COUNTING_KINDS
from streams.store.flags import IMPOSSIBLE, overruled

Row = dict[str, Any]


def station_table(
    scene: Scene, stations: Sequence[Any], rows: dict[str, Row], origins: Mapping[str, Origin]
) -> html.Div:
    """List stations of a city, the worst first; a station without data stays in the list.

    stations: assessment points, super-sites and background stations; those that are no points are marked as no part of the
    city's assessment. rows, origins: by station its hour and where it comes from.
    """
    text = scene.text
    heads = [text("stations.station"), "AQI", text("stations.primary")]
    units = [html.Span([marks.SYMBOLS[i], html.Small(marks.UNITS[p.unit])]) for i, p in POLLUTANTS.items()]
    ends = [text("stations.flags"), text("stations.age")]
    order = sorted(stations, key=lambda s: _worst_first(rows.get(s.code)))
    body = [
        line
        for station in order
        for line in _station(scene, station, rows.get(station.code), origins.get(station.code, Origin()))
    ]
    return scrolling(plain_table([*heads, *units, *ends], body, "stations"))


def scrolling(table: html.Table) -> html.Div:
    """Let a wide table scroll by itself, so that the page never does sideways."""
    return html.Div(table, className="scroll", tabIndex="0")


def plain_table(heads: list[Any], body: list[html.Tr], name: str) -> html.Table:
    """Make a table with one line of heads."""
    return html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(body)], className=name
    )


def simple_table(heads: Sequence[Any], rows: Sequence[Sequence[Any]]) -> html.Table:
    """Make a table of heads and cells, nothing more."""
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    return html.Table([head, html.Tbody([html.Tr([html.Td(each) for each in row]) for row in rows])])


def turning_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> html.Div:
    """Make a table whose rows stand as lists of named cells where the screen is narrow; wider, it scrolls by itself."""
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    body = [
        html.Tr([html.Td(cell, **{"data-head": name}) for name, cell in zip(heads, row, strict=True)]) for row in rows
    ]
    return scrolling(html.Table([head, html.Tbody(body)], className="turning"))


def card(*content: Any) -> html.Section:
    """Put content into a card; what is None is left out."""
    return html.Section([each for each in content if each is not None], className="card")


def _worst_first(row: Row | None) -> tuple[bool, int]:
    aqi = row["aqi"] if row else None
    return (True, 0) if aqi is None else (False, -aqi)


def _station(scene: Scene, station: Any, row: Row | None, origin: Origin) -> list[html.Tr]:
    """Give the line of a station, and under it where its hour comes from."""
    text = scene.text
    role = [] if station.kind in COUNTING_KINDS else [html.Small(text(f"stations.{station.kind}"), className="role")]
    name = html.Th([station.name_zh, html.Small(station.code), marks.simulated(row, text), *role], scope="row")
    if row is None:
        return [html.Tr([name, html.Td(text("na.no_row"), colSpan="10", className="quiet")])]
    aqi = [html.B("NA" if row["aqi"] is None else row["aqi"]), marks.chip(row["aqi"], text)]
    why = marks.why_absent(row, text) if row["aqi"] is None else marks.primary(row, text)
    items = [html.Td(marks.shown(row, item, text), className="number") for item in POLLUTANTS]
    values = html.Tr([
        name, html.Td(aqi, title=marks.provenance(row, text), className="aqi-cell"), html.Td(why), *items,
        html.Td(_flags(row, scene)), html.Td(marks.age(scene.moment, row["hour_end"], text)),
    ], className="values")  # fmt: skip
    return [values, html.Tr(html.Td(origin_details(scene, row, origin), colSpan="11"))]


def _flags(row: Row, scene: Scene) -> list[html.Span] | str:
    """Show the flags of a row by rank: what does not count, what is suspect, and both as overruled after a review."""
    words = (row["flags"] or "").split()
    shown = [html.Span(_flag(word, scene), className=f"flag {_rank(word, row)}".strip()) for word in words]
    if shown and overruled(row):
        shown.append(html.Small(scene.text("flags.overruled"), className="role"))
    return shown or "—"


def _rank(word: str, row: Row) -> str:
    if overruled(row):
        return "overruled"
    return "invalid" if word.partition(":")[0] in IMPOSSIBLE else ""


def _flag(word: str, scene: Scene) -> str:
    """Write "spike:pm10,pm25" in the reader's language."""
    kind, _, items = word.partition(":")
    symbols = " ".join(marks.SYMBOLS.get(item, item) for item in items.split(","))
    return f"{scene.text.of_code('flag.', kind)} {symbols}".strip()
