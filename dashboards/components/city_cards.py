"""The eight city tiles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.figures.hour_bars import hour_bars
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.flags import suspect_items

Row = dict[str, Any]


def city_card(scene: Scene, code: str, row: Row | None, history: list[Row]) -> html.A:
    """Show one city: index, category, primary pollutant, last 24 hours, stations, age. row None: nothing to show."""
    text, name = scene.text, scene.city_name(code)
    aqi = row["aqi"] if row else None
    head = html.Div(
        [html.H3(name), marks.simulated(row, text), marks.rests(row, text), marks.chip(aqi, text)],
        className="card-head",
    )
    bars = Drawing(_bars(scene, name, history), className="trend")
    return html.A(
        [head, _verdict(row, aqi, scene), bars, _foot(scene, row)],
        href=scene.view.link(city=code), id=f"city-{code}", className=_class_name(scene, code, aqi),
        title=marks.provenance(row, text) if row else text("na.no_row"),
        **{"data-state": "", "data-city": code, "aria-current": "true" if code == scene.view.city else "false"},
    )  # fmt: skip


def spoken(name: str, row: Row | None, scene: Scene) -> str:
    """Say a city's state in one sentence: tooltip and name of its place on the map."""
    text, aqi = scene.text, row["aqi"] if row else None
    if aqi is None:
        return f"{name} NA: {marks.why_absent(row, text)}"
    said = f"{name} AQI {aqi} {marks.category(aqi, text)} {marks.primary(row, text)}"
    doubt = text("flags.rests") if suspect_items(row) else ""
    return " ".join(part for part in (said, doubt, marks.behind(row, scene.moment, text)) if part)


def _class_name(scene: Scene, code: str, aqi: int | None) -> str:
    return " ".join(["card city-card", *["selected"] * (code == scene.view.city), *["na"] * (aqi is None)])


def _verdict(row: Row | None, aqi: int | None, scene: Scene) -> html.Div:
    number = html.Div(
        "NA" if aqi is None else str(aqi), className="aqi", **{"data-aqi": "" if aqi is None else str(aqi)}
    )
    if aqi is None:
        return html.Div([number, html.Div(_why(row, scene), className="why")], className="verdict")
    label = html.Div(scene.text("card.primary"), className="label")
    return html.Div([number, html.Div([label, *_primary(row, scene)], className="primary")], className="verdict")


def _why(row: Row | None, scene: Scene) -> str:
    return scene.text("card.awaiting") if scene.waiting else marks.why_absent(row, scene.text)


def _primary(row: Row, scene: Scene) -> list[html.Div]:
    codes = [code for code in (row["primary_pollutants"] or "").split(",") if code in ITEMS]
    if not codes:
        return [html.Div("—", className="item")]
    unit = marks.UNITS[POLLUTANTS[codes[0]].unit]
    shown = html.Div([marks.value(row, codes[0]), html.Small(" " + unit)], className="amount")
    return [html.Div(marks.primary(row, scene.text), className="item"), shown]


def _bars(scene: Scene, name: str, history: list[Row]) -> str:
    by_hour: Mapping[dt.datetime, tuple[int | None, bool]] = {
        row["hour_end"]: (row["aqi"], bool(row["simulated"])) for row in history
    }
    return hour_bars(by_hour, scene.moment.hour, scene.text("card.trend", city=name))


def _foot(scene: Scene, row: Row | None) -> html.Div:
    if row is None:
        return html.Div(className="card-foot")
    stations = scene.text(
        "card.stations", reporting=_count(row["stations_reporting"]), expected=_count(row["stations_expected"])
    )
    return html.Div([html.Span(stations), marks.age(scene.moment, row["hour_end"], scene.text)], className="card-foot")


def _count(number: int | None) -> str:
    return "NA" if number is None else str(number)
