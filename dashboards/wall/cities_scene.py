"""Scene 2: the eight cities: level, primary pollutant, trend and rank."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from dash import html

from dashboards.components import marks
from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.figures.spark import spark
from dashboards.queries.air import Row
from dashboards.wall.asked import Asked, asked
from dashboards.wall.tiles import OBSERVED, level_class, number, scene_of, tile
from dashboards.wall.trend import SPAN_H, change, direction
from standards.assessment.ranking import rank

HOURS = 24
LOWEST_TOP = 120
ARROWS = {"rising": "↗", "falling": "↘", "level": "→", "unknown": ""}
_SHOWN = ("pm25", "o3")


def cities(scene: Scene) -> html.Section:
    """Draw the scene, the cities in the registry's order."""
    found = asked(scene)
    places = ranks(found)
    return scene_of(scene, "cities", *(_tile(scene, found, code, places[code]) for code in found.cities))


def ranks(found: Asked) -> dict[str, int]:
    """Rank the cities by index, 1 for the cleanest air; 0 where there is no index."""
    values = [np.nan if _index(found, code) is None else float(_index(found, code)) for code in found.cities]
    return dict(zip(found.cities, rank(np.array(values)).tolist(), strict=True))


def _index(found: Asked, city: str) -> int | None:
    row = found.rows.get(city)
    return row["aqi"] if row else None


def _tile(scene: Scene, found: Asked, code: str, place: int) -> html.Div:
    text, row, aqi = scene.text, found.rows.get(code), _index(found, code)
    of = f"{place}/{sum(1 for each in found.rows.values() if each['aqi'] is not None)}"
    title = [scene.city_name(code), html.Small(text("wall.rank", place=of)) if place else None]
    level = html.Div([html.B(number(aqi)), html.Span(marks.category(aqi, text))], className=f"level {level_class(aqi)}")
    said = [level, html.Div(_facts(scene, row), className="facts")]
    content = [html.Div(said, className="verdict"), *_trend(scene, found.history[code])]
    at, simulated = (row["hour_end"], bool(row["simulated"])) if row else (None, False)
    return tile(scene, title, content, OBSERVED, at, kind="city-tile", simulated=simulated)


def _facts(scene: Scene, row: Row | None) -> list[Any]:
    text = scene.text
    if row is None:
        return [html.P(text("card.awaiting") if scene.waiting else text("na.no_row"))]
    if row["aqi"] is None:
        return [html.P(marks.why_absent(row, text))]
    doubt = marks.rests(row, text)
    primary = html.P([html.Small(text("card.primary")), html.B(marks.primary(row, text)), doubt])
    values = [html.P([html.Small(marks.SYMBOLS[item]), f"{marks.value(row, item)}"]) for item in _SHOWN]
    return [primary, *values]


def _trend(scene: Scene, history: list[Row]) -> list[Any]:
    text, last = scene.text, scene.moment.hour
    by_hour = {row["hour_end"]: row["aqi"] for row in history}
    if last is None or not by_hour:
        return []
    changed = change(by_hour, last)
    way = direction(changed)
    amount = "" if changed is None else f"{changed:+.0f}".replace("-", "−")
    words = text(f"wall.trend_{way}", hours=SPAN_H, amount=amount)
    values = [by_hour.get(last - dt.timedelta(hours=back)) for back in range(HOURS - 1, -1, -1)]
    top = max(LOWEST_TOP, *(each for each in values if each is not None), 0)
    drawing = Drawing(spark(values, text("wall.spark", hours=HOURS), top=top, limit=100), className="spark-box")
    return [drawing, html.P([html.B(ARROWS[way], **{"aria-hidden": "true"}), words], className=f"trend {way}")]
