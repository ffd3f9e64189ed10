"""Tables: the stations of a city."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from standards.pollutants import POLLUTANTS
from streams.registry import COUNTING_KINDS

Row = dict[str, Any]


def station_table(scene: Scene, stations: Sequence[Any], rows: dict[str, Row]) -> html.Div:
    """List stations of a city, the worst first; a station without data stays in the list.

    stations: assessment points and super-sites; the latter are marked as no part of the city's assessment.
    """
    text = scene.text
    heads = [text("stations.station"), "AQI", text("stations.primary")]
    units = [html.Span([marks.SYMBOLS[i], html.Small(marks.UNITS[p.unit])]) for i, p in POLLUTANTS.items()]
    ends = [text("stations.flags"), text("stations.age")]
    order = sorted(stations, key=lambda s: -(_aqi(rows.get(s.code)) or -1))
    body = [_station(scene, station, rows.get(station.code)) for station in order]
    return scrolling(plain_table([*heads, *units, *ends], body, "stations"))


def scrolling(table: html.Table) -> html.Div:
    """Let a wide table scroll by itself, so that the page never does sideways."""
    return html.Div(table, className="scroll", tabIndex="0")


def plain_table(heads: list[Any], body: list[html.Tr], name: str) -> html.Table:
    """Make a table with one line of heads."""
    return html.Table(
        [html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])), html.Tbody(body)], className=name
    )


def _aqi(row: Row | None) -> int | None:
    return row["aqi"] if row else None


def _station(scene: Scene, station: Any, row: Row | None) -> html.Tr:
    text = scene.text
    role = [] if station.kind in COUNTING_KINDS else [html.Small(text("stations.super"), className="role")]
    name = html.Th([station.name_zh, html.Small(station.code), marks.simulated(row, text), *role], scope="row")
    if row is None:
        return html.Tr([name, html.Td(text("na.no_row"), colSpan="10", className="quiet")])
    aqi = [html.B("NA" if row["aqi"] is None else row["aqi"]), marks.chip(row["aqi"], text)]
    why = marks.why_absent(row, text) if row["aqi"] is None else marks.primary(row, text)
    items = [html.Td(marks.value(row, item), className="number") for item in POLLUTANTS]
    return html.Tr([
        name, html.Td(aqi, title=marks.provenance(row, text), className="aqi-cell"), html.Td(why), *items,
        html.Td(_flags(row["flags"], scene)), html.Td(marks.age(scene.moment, row["hour_end"], text)),
    ])  # fmt: skip


def _flags(flags: str | None, scene: Scene) -> list[html.Span] | str:
    return [html.Span(_flag(word, scene), className="flag") for word in (flags or "").split()] or "—"


def _flag(word: str, scene: Scene) -> str:
    """Write "spike:pm10,pm25" in the reader's language."""
    kind, _, items = word.partition(":")
    symbols = " ".join(marks.SYMBOLS.get(item, item) for item in items.split(","))
    return f"{scene.text.of_code('flag.', kind)} {symbols}".strip()
