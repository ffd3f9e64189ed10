"""总览: how is the air now in the eight cities, where is it going, who emits, and is this screen fresh?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import dash
from dash import dcc, html

from dashboards import live, shell, theme
from dashboards.components import marks
from dashboards.components.city_cards import city_card, spoken
from dashboards.components.drawing import Drawing
from dashboards.components.emission_bars import emission_bars
from dashboards.components.episodes import episode_list
from dashboards.components.health_tables import clock_table, reject_list, source_table
from dashboards.components.tables import station_table
from dashboards.context import Scene, open_scene
from dashboards.figures.forecast import forecast_figure
from dashboards.figures.region_map import Dots, Place, region_map
from dashboards.queries import air, health, joined
from dashboards.queries.simulated import AFTER, BEFORE
from dashboards.theme import fill
from dashboards.view import CHOICES
from standards.index.levels import LEVELS
from streams.records import MEASURED
from streams.registry import REFERENCE_KINDS

dash.register_page(__name__, path="/", name="overview", order=0)

DAY = dt.timedelta(hours=24)
GRAPH = {"displayModeBar": False, "responsive": True}


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query, filled with what the store holds now."""
    with open_scene(query) as scene:
        return shell.frame(
            scene, "overview", waiting(scene, "waiting"),
            html.Div([
                region(scene, "card region"), cities(scene, "cities"), curves(scene, "card curves"),
                sectors(scene, "card sectors"), episodes(scene, "card episodes-card"),
            ], className="wall"),
            html.Div([stations(scene, "card"), data_health(scene, "card")], className="below"),
        )  # fmt: skip


def _waiting(scene: Scene) -> html.Div | None:
    if not scene.waiting:
        return None
    text = scene.text
    steps = ["awaited.store", "awaited.rows", "awaited.hours"]
    reached = _progress(scene)
    lines = [
        html.Li(text(key), className="done" if i < reached else "now" if i == reached else "")
        for i, key in enumerate(steps)
    ]
    words = [html.H2(text("waiting.title")), html.P(text("waiting.explain")), html.Ol(lines)]
    return html.Div(words, className="card waiting-card", role="status")


def _progress(scene: Scene) -> int:
    if scene.connection is None:
        return 0
    return 2 if health.sources(scene.connection.engine, scene.moment.reference) else 1


def _region(scene: Scene) -> list[Any]:
    text, rows, dots = scene.text, {}, {}
    known = [station for station in scene.registry.stations.values() if station.kind in REFERENCE_KINDS]
    if not scene.waiting:
        rows = air.latest_by_city(
            air.city_hours(scene.connection, None, scene.moment.hour - air.REACH, scene.moment.hour), scene.moment.hour
        )
        dots = air.station_hours(scene.connection, [station.code for station in known], scene.moment.hour)
    places = [_city_place(scene, code, rows.get(code)) for code in scene.registry.cities]
    points = [_station_place(scene, station, dots.get(station.code)) for station in known]
    small = _micro_dots(scene)
    drawing = region_map(scene.registry.outlines_path, places, points, scene.view.city, text("map.title"), small=small)
    return [html.H2(text("map.title")), Drawing(drawing, className="map-box"), _legend(scene, small=bool(small))]


def _city_place(scene: Scene, code: str, row: air.Row | None) -> Place:
    city, name = scene.registry.cities[code], scene.city_name(code)
    return Place(code, city.lon, city.lat, row["aqi"] if row else None, name, spoken(name, row, scene),
                 scene.view.link(city=code), _mark(scene, row))  # fmt: skip


def _station_place(scene: Scene, station: Any, row: air.Row | None) -> Place:
    aqi = row["aqi"] if row else None
    note = f"{station.name_zh} {station.code} · AQI {'NA' if aqi is None else aqi} {marks.category(aqi, scene.text)}"
    return Place(station.code, station.lon, station.lat, aqi, station.name_zh, note, mark=_mark(scene, row))


def _micro_dots(scene: Scene) -> list[Dots]:
    """Gather the micro-stations by level, the worst last and so on top; mobile stations have no place on a map."""
    micro = [station for station in scene.registry.stations.values() if station.kind == "micro"]
    levels = {}
    if micro and not scene.waiting:
        levels = air.station_levels(scene.connection, [station.code for station in micro], scene.moment.hour)
    groups: dict[tuple[int, bool], list[Any]] = {}
    for station in micro:
        aqi, simulated = levels.get(station.code, (None, False))
        level = theme.level(aqi)
        groups.setdefault((level.aqi_to if level else -1, bool(simulated)), []).append(station)
    return [
        _dots_of(scene, None if aqi < 0 else aqi, simulated, groups[aqi, simulated])
        for aqi, simulated in sorted(groups)
    ]


def _dots_of(scene: Scene, aqi: int | None, simulated: bool, stations: list[Any]) -> Dots:
    mark = scene.text("mark.simulated") if simulated else ""
    note = scene.text("map.micro", count=len(stations), category=marks.category(aqi, scene.text))
    points = tuple((station.lon, station.lat) for station in stations)
    return Dots(points, aqi, f"{note} {mark}".strip(), mark)


def _mark(scene: Scene, row: air.Row | None) -> str:
    return scene.text("mark.simulated") if row and row["simulated"] else ""


def _legend(scene: Scene, *, small: bool) -> html.Div:
    entries = [
        (fill(level.aqi_to), marks.category(level.aqi_to, scene.text), f"{level.aqi_from}–{level.aqi_to}")
        for level in LEVELS
    ]
    keys = [html.Span([html.I(style={"background": colour}), name, html.Small(span)]) for colour, name, span in entries]
    absent = html.Span([html.I(className="hatched"), scene.text("map.absent")])
    about = [html.Span(scene.text("map.small"))] if small else []
    return html.Div([*keys, absent, *about], className="legend levels")


def _cities(scene: Scene) -> list[Any]:
    history: list[air.Row] = []
    if not scene.waiting:
        history = air.city_hours(scene.connection, None, scene.moment.hour - DAY, scene.moment.hour)
    latest = air.latest_by_city(history, scene.moment.hour) if history else {}
    return [
        city_card(scene, code, latest.get(code), [row for row in history if row["city"] == code])
        for code in scene.registry.cities
    ]


def _curves(scene: Scene) -> list[Any]:
    text, view, hour = scene.text, scene.view, scene.moment.hour
    observed, runs = [], {}
    if not scene.waiting:
        observed = air.city_hours(scene.connection, view.city, hour - BEFORE, hour)
        runs = joined.forecast_runs(scene.connection, view.city, hour, hour - BEFORE, hour + AFTER)
    choices = [
        html.A(marks.SYMBOLS.get(item, "AQI"), href=view.link(item=item), title=text.of_code("item.", item),
               **{"data-state": "", "aria-current": "true" if item == view.item else "false"})
        for item in CHOICES
    ]  # fmt: skip
    title = html.H2([scene.city_name(view.city), html.Small(text("chart.title"))])
    figure = forecast_figure(observed, runs, view.item, hour, text)
    graph = dcc.Graph(figure=figure, config=GRAPH, className="graph", responsive=True)
    head = html.Div([title, html.Div(choices, className="choices", role="group")], className="panel-head")
    return [head, graph, marks.footnote(observed[-1] if observed else None, text)]


def _sectors(scene: Scene) -> list[Any]:
    found = None if scene.waiting else joined.emissions(scene.connection, scene.view.city, scene.moment.hour)
    title = html.H2(
        [
            scene.city_name(scene.view.city),
            html.Small(scene.text("emission.title")),
            marks.simulated(found.row if found else None, scene.text),
        ]
    )
    if found is None:
        return [title, html.P(scene.text("emission.none"), className="quiet")]
    return [title, *emission_bars(scene, found), html.P(_emission_trace(scene, found.row), className="footnote")]


def _emission_trace(scene: Scene, row: air.Row) -> str:
    text, source = scene.text, row["wind_source"]
    wind = text.of_code("wind.", source) if source else text("emission.no_wind")
    inventory = (row["inventory"] or "—").replace(MEASURED, text("emission.measured"))
    return text("emission.trace", inventory=inventory, wind=wind, version=row["version"])


def _episodes(scene: Scene) -> list[Any]:
    title = html.H2(scene.text("episodes.title"))
    if scene.waiting:  # "no episode" would be a verdict from nothing
        return [title, html.P(scene.text("card.awaiting"), className="quiet")]
    return [title, episode_list(scene, joined.episodes(scene.connection, scene.moment.hour))]


def _stations(scene: Scene) -> list[Any]:
    of_city = (s for s in scene.registry.stations.values() if s.city == scene.view.city)
    members = [station for station in of_city if station.kind in REFERENCE_KINDS]
    rows = {} if scene.waiting else air.station_hours(scene.connection, [s.code for s in members], scene.moment.hour)
    title = html.H2([scene.city_name(scene.view.city), html.Small(scene.text("stations.title"))])
    return [title, station_table(scene, members, rows)]


def _health(scene: Scene) -> list[Any]:
    text, title = scene.text, html.H2([scene.text("health.title"), html.Small(scene.text("health.equation"))])
    if scene.connection is None:
        return [title, html.P(text("health.no_sources"), className="quiet")]
    engine, now = scene.connection.engine, scene.moment.reference
    sources = health.sources(engine, now)
    return [
        title, source_table(scene, sources) if sources else html.P(text("health.no_sources"), className="quiet"),
        html.H3(text("health.clocks")), clock_table(scene, health.clocks(engine, now, tuple(scene.registry.cities))),
        html.H3(text("health.rejects")), reject_list(scene, health.refused(engine)),
    ]  # fmt: skip


waiting = live.section("waiting", _waiting)
region = live.section("region", _region)
cities = live.section("cities", _cities)
curves = live.section("curves", _curves, at_once=False)
sectors = live.section("sectors", _sectors)
episodes = live.section("episodes", _episodes)
stations = live.section("stations", _stations, at_once=False)
data_health = live.section("data-health", _health, at_once=False)
