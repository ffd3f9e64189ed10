"""Scene 1: the region on a map with its stations, and the hours to come of the newest run beside it, in steps of six hours.

The table of the hours to come is the slider: a script walks through its columns and colours the map by their cells; without one
the map shows now and the table all of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.figures.wall_map import Place, wall_map
from dashboards.moment import SHANGHAI
from dashboards.queries import air
from dashboards.wall.asked import Asked, asked
from dashboards.wall.tiles import FORECAST, OBSERVED, absent, level_class, number, scene_of, tile
from standards.index.levels import LEVELS
from streams.registry import REFERENCE_KINDS

STEP_H, REACH_H = 6, 72
LEADS = tuple(range(0, REACH_H + 1, STEP_H))


def region(scene: Scene) -> html.Section:
    """Draw the scene."""
    found = asked(scene)
    return scene_of(
        scene, "map", _map(scene, found), html.Div([_ahead(scene, found), _legend(scene)], className="side")
    )


def _map(scene: Scene, found: Asked) -> html.Div:
    text, hour = scene.text, scene.moment.hour
    known = [each for each in scene.registry.stations.values() if each.kind in REFERENCE_KINDS]
    levels = {} if scene.waiting else air.station_levels(scene.connection, [each.code for each in known], hour)
    cities = [
        Place(
            code,
            city.lon,
            city.lat,
            level_class(_index(found, code)),
            scene.city_name(code),
            number(_index(found, code)),
        )
        for code, city in scene.registry.cities.items()
    ]
    stations = []
    for each in known:
        aqi, _, earlier = levels.get(each.code, (None, False, False))
        colour = level_class(aqi) + (" earlier" if earlier else "")
        stations.append(Place(each.code, each.lon, each.lat, colour, note=f"{each.name_zh} {number(aqi)}"))
    drawing = Drawing(wall_map(scene.registry.outlines_path, cities, stations, text("map.title")), className="map-box")
    simulated = any(row["simulated"] for row in found.rows.values())
    newest = max((row["hour_end"] for row in found.rows.values()), default=hour)
    reporting = sum(1 for aqi, _, _ in levels.values() if aqi is not None)
    said = html.P(text("wall.stations_shown", reporting=reporting, known=len(known)), className="fine dots-note")
    return tile(scene, text("wall.map_now"), [drawing, said], OBSERVED, newest, kind="map-tile", simulated=simulated)


def _index(found: Asked, city: str) -> int | None:
    row = found.rows.get(city)
    return row["aqi"] if row else None


def _ahead(scene: Scene, found: Asked) -> html.Div:
    text, hour = scene.text, scene.moment.hour
    title = text("wall.map_ahead")
    if found.started is None:
        words = text("card.awaiting") if scene.waiting else text("wall.no_run")
        return tile(scene, title, absent(words), FORECAST, None, kind="ahead-tile")
    ends = [hour + dt.timedelta(hours=lead) for lead in LEADS]
    heads = [html.Th(_hour_head(scene, ends, i), scope="col", **_frame(ends, i, text)) for i in range(len(ends))]
    head = html.Thead(html.Tr([html.Th(text("wall.city"), scope="col"), *heads]))
    body = [_line(scene, found, code, ends) for code in found.cities]
    table = html.Table([head, html.Tbody(body)], className="frames", id="frames")
    run = text("wall.run", run=_runs(found))
    simulated = any(each.simulated for each in found.coming.values())
    content = [table, html.P([run, " · ", text("wall.ahead_note")], className="fine")]
    return tile(scene, title, content, FORECAST, found.started, kind="ahead-tile", simulated=simulated)


def _frame(ends: list[dt.datetime], at: int, text: Any) -> dict[str, str]:
    """Name a column to the script: what the map says above itself when it shows it."""
    said = text("wall.map_now") if at == 0 else text(
        "wall.map_at", hour=(ends[at] + SHANGHAI).strftime("%m-%d %H:%M"), lead=LEADS[at])  # fmt: skip
    return {"data-frame-title": said}


def _hour_head(scene: Scene, ends: list[dt.datetime], at: int) -> list[Any]:
    if at == 0:
        return [scene.text("wall.now")]
    return [html.Small(f"+{LEADS[at]}"), html.Br(), (ends[at] + SHANGHAI).strftime("%H:%M")]


def _line(scene: Scene, found: Asked, code: str, ends: list[dt.datetime]) -> html.Tr:
    hours = found.coming[code].hours
    shown = [_index(found, code), *(hours.get(end) for end in ends[1:])]
    cells = [html.Td(number(each), className=level_class(each)) for each in shown]
    return html.Tr([html.Th(scene.city_name(code), scope="row"), *cells], **{"data-city": code})


def _runs(found: Asked) -> str:
    return " ".join(sorted({each.run for each in found.coming.values() if each.run})[-2:])


def _legend(scene: Scene) -> html.Ul:
    """Name the levels beside their colours; the colour is never alone."""
    keys = [
        html.Li([html.I(f"{level.aqi_from}–{level.aqi_to}", className=f"l{level.level}"),
                 marks.category(level.aqi_to, scene.text)])
        for level in LEVELS
    ]  # fmt: skip
    return html.Ul([*keys, html.Li([html.I("NA", className="l0"), scene.text("map.absent")])], className="levels")
