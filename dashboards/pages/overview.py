"""总览: how is the air now in the eight cities, where is it going, who emits, and is this screen fresh?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import dash
from dash import html

from dashboards import live, shell, theme
from dashboards.components import marks
from dashboards.components.attribution_bars import attribution_panel, definition
from dashboards.components.city_cards import city_card, spoken
from dashboards.components.drawing import Drawing
from dashboards.components.emission_bars import emission_bars
from dashboards.components.episodes import episode_list
from dashboards.components.health_tables import clock_table, file_table, reject_list, source_table
from dashboards.components.overview_files import bars_file, chart_file, emissions_file, map_file
from dashboards.components.scenario_tables import help_lines
from dashboards.components.tables import station_table
from dashboards.components.take import taking
from dashboards.components.warning_days import state_line
from dashboards.context import Scene, open_scene
from dashboards.figures.chart import drawn
from dashboards.figures.forecast import forecast_chart
from dashboards.figures.region_map import Dots, MapPlace, region_map
from dashboards.moment import beijing
from dashboards.navigation import ANALYSIS
from dashboards.queries import air, attributions, emissions, forecasts, health, origins, scenarios
from dashboards.queries.simulated import AFTER, BEFORE
from dashboards.theme import fill
from dashboards.view import CHOICES
from standards.index.levels import LEVELS
from streams.records import MEASURED
from streams.registry import REFERENCE_KINDS
from streams.store.episodes import episodes_at
from streams.store.health import Books

dash.register_page(__name__, path=ANALYSIS, name="overview", order=0)

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(hours=24)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query, filled with what the store holds now."""
    with open_scene(query) as scene:
        return shell.frame(
            scene, "overview", waiting(scene, "waiting"),
            html.Div([
                region(scene, "card region"), cities(scene, "cities"), curves(scene, "card curves"),
                sectors(scene, "card sectors"), episodes(scene, "card episodes-card"),
            ], className="wall"),
            warning(scene, "card warning-card"), attribution(scene, "card attribution"),
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
    return 2 if health.books(scene.connection, scene.moment) else 1


def _region(scene: Scene) -> list[Any]:
    text, rows, dots = scene.text, {}, {}
    known = [station for station in scene.registry.stations.values() if station.kind in REFERENCE_KINDS]
    if not scene.waiting:
        rows = air.latest_by_city(_hours_of_all(scene, air.REACH), scene.moment.hour)
        dots = air.station_hours(scene.connection, [station.code for station in known], scene.moment.hour)
    places = [_city_place(scene, code, rows.get(code)) for code in scene.registry.cities]
    points = [_station_place(scene, station, dots.get(station.code)) for station in known]
    levels = _micro_levels(scene)
    small = _micro_dots(scene, levels)
    drawing = region_map(scene.registry.outlines_path, places, points, scene.view.city, text("map.title"), small=small)
    links = [taking(scene, "region", map_file(scene, drawing, rows, dots, levels))]
    bars = bars_file(scene, [] if scene.waiting else _hours_of_all(scene, DAY))
    if bars is not None:
        links.append(html.Div([html.Span(text("take.bars_label")), taking(scene, "region", bars)], className="of-bars"))
    taken = html.Div(links, className="takes")
    return [html.H2(text("map.title")), Drawing(drawing, className="map-box"), _legend(scene, small=bool(small)), taken]


def _hours_of_all(scene: Scene, back: dt.timedelta) -> list[air.Row]:
    hour = scene.moment.hour
    return air.city_hours(scene.connection, tuple(scene.registry.cities), hour - back, hour)


def _city_place(scene: Scene, code: str, row: air.Row | None) -> MapPlace:
    city, name = scene.registry.cities[code], scene.city_name(code)
    return MapPlace(
        code, city.lon, city.lat, row["aqi"] if row else None, name, spoken(name, row, scene),
        scene.view.link(city=code), _mark(scene, row), marks.behind(row, scene.moment, scene.text),
    )  # fmt: skip


def _station_place(scene: Scene, station: Any, row: air.Row | None) -> MapPlace:
    aqi, behind = row["aqi"] if row else None, marks.behind(row, scene.moment, scene.text)
    level = f"AQI {'NA' if aqi is None else aqi} {marks.category(aqi, scene.text)}"
    note = " · ".join(part for part in (f"{station.name_zh} {station.code}", level, behind) if part)
    return MapPlace(
        station.code, station.lon, station.lat, aqi, station.name_zh, note, mark=_mark(scene, row), behind=behind
    )


def _micro_levels(scene: Scene) -> dict[str, Any]:
    micro = [station.code for station in scene.registry.stations.values() if station.kind == "micro"]
    return air.station_levels(scene.connection, micro, scene.moment.hour) if micro and not scene.waiting else {}


def _micro_dots(scene: Scene, levels: dict[str, Any]) -> list[Dots]:
    """Gather the micro-stations by level, the worst last and so on top; mobile stations have no place on a map."""
    micro = [station for station in scene.registry.stations.values() if station.kind == "micro"]
    groups: dict[tuple[int, bool, bool], list[Any]] = {}
    for station in micro:
        aqi, simulated, earlier = levels.get(station.code, (None, False, False))
        level = theme.level(aqi)
        groups.setdefault((level.aqi_to if level else -1, bool(simulated), earlier), []).append(station)
    return [_dots_of(scene, None if key[0] < 0 else key[0], *key[1:], groups[key]) for key in sorted(groups)]


def _dots_of(scene: Scene, aqi: int | None, simulated: bool, earlier: bool, stations: list[Any]) -> Dots:
    text, mark = scene.text, scene.text("mark.simulated") if simulated else ""
    note = text("map.micro", count=len(stations), category=marks.category(aqi, text))
    if earlier:
        note += text("map.earlier", hours=air.REACH // HOUR)
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
        history = _hours_of_all(scene, DAY)
    latest = air.latest_by_city(history, scene.moment.hour) if history else {}
    return [
        city_card(scene, code, latest.get(code), [row for row in history if row["city"] == code])
        for code in scene.registry.cities
    ]


def _curves(scene: Scene) -> list[Any]:
    text, view, hour = scene.text, scene.view, scene.moment.hour
    observed, runs = [], {}
    if not scene.waiting:
        observed = air.city_hours(scene.connection, [view.city], hour - BEFORE, hour)
        runs = forecasts.forecast_runs(scene.connection, view.city, hour, hour - BEFORE, hour + AFTER)
    choices = [
        html.A(marks.SYMBOLS.get(item, "AQI"), href=view.link(item=item), title=text.of_code("item.", item),
               **{"data-state": "", "aria-current": "true" if item == view.item else "false"})
        for item in CHOICES
    ]  # fmt: skip
    title = html.H2([scene.city_name(view.city), html.Small(text("chart.title"))])
    chart = forecast_chart(observed, runs, view.item, hour, text)
    graph, links = (
        Drawing(drawn(chart), className="chart-box"),
        taking(scene, "curves", chart_file(scene, chart, observed, runs)),
    )
    head = html.Div([title, html.Div(choices, className="choices", role="group")], className="panel-head")
    return [head, graph, links, marks.footnote(observed[-1] if observed else None, text)]


def _sectors(scene: Scene) -> list[Any]:
    text, hour = scene.text, scene.moment.hour
    found = None if scene.waiting else emissions.emissions(scene.connection, scene.view.city, hour)
    title = [scene.city_name(scene.view.city), html.Small(text("emission.title"))]
    if found is None:
        return [html.H2(title), html.P(text("card.awaiting" if scene.waiting else "emission.none"), className="quiet")]
    title += [marks.simulated({"simulated": found.simulated}, text), _emission_hour(scene, found)]
    earlier = [html.P(text("emission.earlier", hour=beijing(found.hour)), className="other-hour")]
    return [
        html.H2(title), *(earlier if found.hour < hour else []), *emission_bars(scene, found),
        taking(scene, "sectors", emissions_file(scene, found)),
        html.P(_emission_trace(scene, found), className="footnote"),
    ]  # fmt: skip


def _emission_hour(scene: Scene, found: emissions.HourEmissions) -> html.Small:
    shown = beijing(found.hour)[5:]
    return html.Small([shown, " ", marks.age(scene.moment, found.hour, scene.text)], className="of-hour")


def _emission_trace(scene: Scene, found: emissions.HourEmissions) -> str:
    text = scene.text
    wind = text.of_code("wind.", found.wind_source) if found.wind_source else text("emission.no_wind")
    inventory = (found.inventory or "NA").replace(MEASURED, text("emission.measured"))
    return text("emission.trace", inventory=inventory, wind=wind, version=found.version)


def _warning(scene: Scene) -> list[Any]:
    """Say which warning the plan asks for in the selected city, and what its level would change; more is a page of its own."""
    text, city = scene.text, scene.view.city
    title = html.H2([scene.city_name(city), html.Small(text("warning.title"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    found = scenarios.warned(scene.connection, city, scene.moment.hour)
    if found is None:
        return [title, html.P([text("warning.no_plan"), " ", _more(scene, "warning.help")], className="quiet")]
    said = []
    if found.state.level:
        ahead = scenarios.ahead(scene.connection, city, tuple(scene.registry.cities), scene.moment.hour)
        said = help_lines(scene, ahead, found.state.level)
    return [html.Div([title, state_line(scene, found), _more(scene, "warning.help")], className="warning-head"), *said]


def _more(scene: Scene, key: str) -> html.A:
    return html.A(scene.text(key), href="/scenario" + scene.view.link(), className="button")


def _attribution(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2([scene.city_name(view.city), html.Small(text("attribution.title"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    found = attributions.attributions(scene.connection, view.city, scene.moment.hour, item=view.item)
    rows = [row for row in (found.span, found.hour) if row is not None]
    head = html.Div([title, _attributed_items(scene), _more(scene, "scenario.link")], className="panel-head")
    if not rows:
        return [head, html.P(text("attribution.none"), className="quiet")]
    panels = [attribution_panel(scene, row, grouped=i > 0, section="attribution") for i, row in enumerate(rows)]
    summary = rows[0][f"summary_{text.lang}"]
    said = [html.P(summary, className="said")] if summary else []
    return [head, *said, html.Div(panels, className="panels"), *definition(scene, rows)]


def _attributed_items(scene: Scene) -> html.Div:
    """Let the reader choose whose makers are shown: ozone's, or those of PM2.5, which any other item shows too."""
    ozone = scene.view.item == "o3"
    links = [
        html.A(marks.SYMBOLS[item], href=scene.view.link(item=item),
               **{"data-state": "", "aria-current": "true" if (item == "o3") is ozone else "false"})
        for item in ("pm25", "o3")
    ]  # fmt: skip
    return html.Div(links, className="choices", role="group")


def _episodes(scene: Scene) -> list[Any]:
    title = html.H2(scene.text("episodes.title"))
    if scene.waiting:  # "no episode" would be a verdict from nothing
        return [title, html.P(scene.text("card.awaiting"), className="quiet")]
    cities, moment = tuple(scene.registry.cities), scene.moment
    rows = episodes_at(scene.connection, moment.hour, cities, newest=moment.newest)
    found = scenarios.warned(scene.connection, scene.view.city, moment.hour)
    asked = found is not None and found.state.level > 0
    return [title, *([html.A(state_line(scene, found), href="/scenario" + scene.view.link())] if asked else []),
            episode_list(scene, rows)]  # fmt: skip


def _stations(scene: Scene) -> list[Any]:
    of_city = (s for s in scene.registry.stations.values() if s.city == scene.view.city)
    members = [station for station in of_city if station.kind in REFERENCE_KINDS]
    rows = {} if scene.waiting else air.station_hours(scene.connection, [s.code for s in members], scene.moment.hour)
    found = origins.origins(scene.connection, rows) if rows else {}
    title = html.H2([scene.city_name(scene.view.city), html.Small(scene.text("stations.title"))])
    return [title, station_table(scene, members, rows, found)]


def _health(scene: Scene) -> list[Any]:
    text, moment = scene.text, scene.moment
    title = [text("health.title"), html.Small(text("health.equation"))]
    if scene.connection is None:
        return [html.H2(title), html.P(text("health.no_sources"), className="quiet")]
    if moment.is_past:
        title.append(html.Small(text("health.past")))
    books, rejects = (ask(scene.connection, moment) for ask in (health.books, health.refused))
    return [
        html.H2(title), source_table(scene, books), *_source(scene, books),
        html.H3(text("health.clocks")), _clocks(scene),
        html.H3(text("health.rejects")), reject_list(scene, rejects),
    ]  # fmt: skip


def _source(scene: Scene, books: Sequence[Books]) -> list[html.Div]:
    """Give what lies behind the source that the reader opened: its files and refused rows; nothing where none is open."""
    source = scene.view.source
    if source not in {each.source for each in books}:
        return []
    files, rejects = health.of_source(scene.connection, scene.moment, source)
    heads = [html.H3(scene.text(f"health.{name}", source=source)) for name in ("files_of", "rejects_of")]
    return [html.Div([heads[0], file_table(scene, files), heads[1], reject_list(scene, rejects)], id="of-source")]


def _clocks(scene: Scene) -> html.Div | html.P:
    if not scene.moment.is_present:
        return html.P(scene.text("health.clocks_past"), className="quiet")
    cities = tuple(scene.registry.cities)
    return clock_table(scene, health.clocks(scene.connection, scene.moment.now, cities))


waiting = live.section("waiting", _waiting)
region = live.section("region", _region)
cities = live.section("cities", _cities, scrolls=True)
curves = live.section("curves", _curves, at_once=False)
sectors = live.section("sectors", _sectors, scrolls=True)
warning = live.section("warning", _warning, at_once=False)
attribution = live.section("attribution", _attribution, at_once=False)
episodes = live.section("episodes", _episodes, scrolls=True)
stations = live.section("stations", _stations, at_once=False)
data_health = live.section("data-health", _health, at_once=False)
