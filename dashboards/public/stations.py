"""All stations by kind on a small map and in a list, and a station now or at an hour of the past."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.levels import legend
from dashboards.components.open_numbers import facts, index_chip, items, station_link
from dashboards.components.origin import origin_details
from dashboards.components.take import Figure
from dashboards.context import Scene
from dashboards.figures.small_map import Spot
from dashboards.moment import beijing
from dashboards.public import taken
from dashboards.public.city import ahead_said, station_state, steps, verdict
from dashboards.public.home import city_spots
from dashboards.queries import air, origins
from dashboards.queries.public import HOUR
from dashboards.snapshots.figured import shown
from dashboards.snapshots.pages import address, page, reached
from streams.registry import COUNTING_KINDS, KINDS, REFERENCE_KINDS

Row = dict[str, Any]


def _overview(scene: Scene) -> list[Any]:
    text, known = scene.text, scene.registry.stations
    rows: dict[str, Row] = {}
    if not scene.waiting:
        rows = air.station_hours(scene.connection, list(known), scene.moment.hour)
    drawn = shown(scene, "stations", "map", map_figure(scene))
    head = html.Section([html.H2(text("public.station_map")), drawn, legend(text)], className="card map-card")
    return [head, *(_of_kind(scene, kind, rows) for kind in KINDS if any(s.kind == kind for s in known.values()))]


def map_figure(scene: Scene) -> Figure:
    """Give the map of the stations at the hour shown."""
    return taken.station_map(scene, [_plain(spot) for spot in city_spots(scene, {})])


def _plain(spot: Spot) -> Spot:
    return Spot(spot.code, spot.lon, spot.lat, "ground", spot.name, "", spot.name, spot.href)


def _of_kind(scene: Scene, kind: str, rows: dict[str, Row]) -> html.Section:
    """List the stations of a kind by city; kinds that may be many are folded and shortened."""
    text, blocks, few = scene.text, [], kind in REFERENCE_KINDS
    for city in scene.registry.cities:
        codes = sorted(s.code for s in scene.registry.stations.values() if s.kind == kind and s.city == city)
        if codes:
            state = station_state if few else _short_state
            lines = [html.Li([station_link(scene, code), *state(scene, rows.get(code))]) for code in codes]
            names = [html.Small(f" {len(codes)}")] if not few else []
            blocks.append(
                html.Div([html.H3([scene.city_name(city), *names]), html.Ul(lines, className="station-list")])
            )
    counts = [] if kind in COUNTING_KINDS else [html.P(text("public.counts_not"), className="footnote")]
    title = text(f"kind_of_station.{kind}")
    if few:
        return html.Section([html.H2(title), *counts, *blocks], className="card")
    return html.Section([html.Details([html.Summary(title), *counts, *blocks])], className="card")


def _short_state(scene: Scene, row: Row | None) -> list[Any]:
    return [index_chip(row["aqi"] if row else None, scene), marks.simulated(row, scene.text)]


def _station(scene: Scene) -> list[Any]:
    text, code = scene.text, scene.params["station"]
    station = scene.registry.stations[code]
    city = html.A(scene.city_name(station.city), href=address(scene, "city", city=station.city))
    about = html.P([code, " · ", text(f"kind_of_station.{station.kind}"), " · ", city], className="quiet")
    if scene.waiting:
        return [html.Section([about, html.P(text("card.awaiting"))], className="card")]
    hour = scene.moment.hour
    row = air.station_hours(scene.connection, [code], hour).get(code)
    head = html.Div([html.H2(beijing(row["hour_end"] if row else hour)), html.Small(text("hour.zone")), marks.simulated(row, text)],
                    className="head")  # fmt: skip
    if row is None:
        return [
            html.Section(
                [
                    about,
                    head,
                    *ahead_said(scene),
                    html.P(["NA ", text("na.no_row")], className="na"),
                    _steps(scene, code),
                ],
                className="card",
            )
        ]
    found = origins.origins(scene.connection, {code: row})[code]
    behind = (
        marks.behind(row, scene.moment, text)
        if scene.moment.is_past
        else marks.age(scene.moment, row["hour_end"], text)
    )
    fold = html.Details(
        [html.Summary(text("public.origin")), facts(scene, row), origin_details(scene, row, found)], className="origin"
    )
    shown = [
        about,
        head,
        *ahead_said(scene),
        verdict(scene, row),
        items(scene, row),
        html.P(behind, className="quiet"),
        _steps(scene, code),
        fold,
    ]
    return [html.Section(shown, className="card now"), _line(scene, code)]


def _line(scene: Scene, code: str) -> html.Section:
    text, hour = scene.text, scene.moment.hour
    drawn = taken.station_line(scene)
    made_up = marks.simulated({"simulated": drawn.about.simulated}, text)
    line = shown(scene, "station_hour", "line", drawn, station=code, hour=hour)
    return html.Section(
        [html.Div([html.H2(text("public.last_day")), made_up], className="head"), line], className="card line"
    )


def _steps(scene: Scene, code: str) -> html.Nav:
    text, hour = scene.text, scene.moment.hour
    links = steps(["← ", text("hour.earlier")], reached(scene, "station_hour", station=code, hour=hour - HOUR))
    if scene.moment.is_past:
        links += steps([text("hour.later"), " →"], reached(scene, "station_hour", station=code, hour=hour + HOUR))
        links.append(html.A(text("hour.newest"), href=address(scene, "station", station=code)))
    else:
        links.append(html.A(text("public.lasting"), href=address(scene, "station_hour", station=code, hour=hour)))
    return html.Nav(links, className="steps", **{"aria-label": text("public.hours")})


page("stations", "/stations", {"stations": _overview}, in_navigation=True, figures={"map": map_figure})
FIGURES = {"line": taken.station_line}
page("station", "/station/<station>", {"station": _station}, figures=FIGURES)
page("station_hour", "/station/<station>/<hour>", {"station": _station}, figures=FIGURES)
