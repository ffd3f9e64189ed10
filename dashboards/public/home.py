"""The first page: a sentence about the region, the eight cities to choose from, and their map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.city_cards import spoken
from dashboards.components.levels import legend, level_chip, level_class
from dashboards.components.open_numbers import number
from dashboards.components.take import Figure
from dashboards.context import Scene
from dashboards.figures.small_map import Spot
from dashboards.moment import beijing
from dashboards.public import taken
from dashboards.queries import air
from dashboards.snapshots.figured import shown
from dashboards.snapshots.pages import address, page

Row = dict[str, Any]
GOOD_UP_TO = 100
"""Days and hours up to this index are 优 or 良 (HJ 633-2026 Table 1)."""
TREND_BACK, TREND_LEAST = dt.timedelta(hours=3), 10
"""An index that has changed by at least so much in so long has a direction (our choice)."""


def headline(scene: Scene, latest: Mapping[str, Row]) -> str:
    """Say in one sentence how many cities have good air, which is worst, and how many have no index."""
    text = scene.text
    known = {code: row for code, row in latest.items() if row["aqi"] is not None}
    absent = len(scene.registry.cities) - len(known)
    if not known:
        return text("public.headline_none")
    good = sum(row["aqi"] <= GOOD_UP_TO for row in known.values())
    worst = max(known, key=lambda code: known[code]["aqi"])
    row = known[worst]
    said = text(
        "public.headline", hour=beijing(scene.moment.hour), good=good, polluted=len(known) - good,
        city=scene.city_name(worst), aqi=row["aqi"], category=marks.category(row["aqi"], text),
    )  # fmt: skip
    of = text("public.headline_primary", items=marks.primary(row, text)) if row["primary_pollutants"] else ""
    return said + of + (text("public.headline_absent", count=absent) if absent else "") + text("public.stop")


def trend(now: int | None, before: int | None) -> str:
    """Name the direction of an index: "up", "down", "steady", or "unknown" where either end is missing."""
    if now is None or before is None:
        return "unknown"
    change = now - before
    return "up" if change >= TREND_LEAST else "down" if change <= -TREND_LEAST else "steady"


def _cities(scene: Scene) -> list[Any]:
    text, latest, earlier = scene.text, {}, {}
    if not scene.waiting:
        hour = scene.moment.hour
        rows = air.city_hours(scene.connection, tuple(scene.registry.cities), hour - air.REACH - TREND_BACK, hour)
        latest = air.latest_by_city(rows, hour)
        earlier = {(row["city"], row["hour_end"]): row["aqi"] for row in rows}
    said = [] if scene.waiting else [html.P(headline(scene, latest), className="headline")]
    cards = [html.Li(_card(scene, code, latest.get(code), earlier)) for code in scene.registry.cities]
    return [*said, html.H2(text("public.my_city")), html.Ul(cards, className="city-list")]


def _card(scene: Scene, code: str, row: Row | None, earlier: Mapping[tuple[str, dt.datetime], int | None]) -> html.A:
    text, aqi = scene.text, row["aqi"] if row else None
    lines: list[Any] = [html.Span([html.B(scene.city_name(code)), marks.simulated(row, text)], className="head")]
    if row is None:
        lines.append(html.Span(["NA ", html.Small(text("card.awaiting" if scene.waiting else "na.no_row"))]))
        return html.A(lines, href=address(scene, "city", city=code), className="card city-card")
    way = trend(aqi, earlier.get((code, row["hour_end"] - TREND_BACK)))
    arrow = html.Span(text(f"public.trend_{way}"), className=f"trend {way}")
    why = marks.primary(row, text) if aqi is not None else marks.why_absent(row, text)
    lines += [
        html.Span([html.Span(number(aqi), className=f"aqi {level_class(aqi)}"), level_chip(aqi, text)], className="head"),
        html.Span([html.Small(why), arrow], className="head"), marks.age(scene.moment, row["hour_end"], text),
    ]  # fmt: skip
    return html.A(lines, href=address(scene, "city", city=code), className="card city-card", **{"data-city": code})


def _map(scene: Scene) -> list[Any]:
    text = scene.text
    drawn = shown(scene, "home", "map", map_figure(scene))
    links = html.P(html.A(text("public.all_stations"), href=address(scene, "stations")))
    return [html.Section([html.H2(text("map.title")), drawn, legend(text), links], className="card map-card")]


def map_figure(scene: Scene) -> Figure:
    """Give the map of the cities at the hour shown."""
    latest = {}
    if not scene.waiting:
        hour = scene.moment.hour
        rows = air.city_hours(scene.connection, tuple(scene.registry.cities), hour - air.REACH, hour)
        latest = air.latest_by_city(rows, hour)
    return taken.region_map(scene, city_spots(scene, latest), latest)


def city_spots(scene: Scene, latest: Mapping[str, Row]) -> list[Spot]:
    """Give the cities as they stand on the small map: name and index in the level's colour, a link to the city."""
    found = []
    for code, city in scene.registry.cities.items():
        row, name = latest.get(code), scene.city_name(code)
        aqi = row["aqi"] if row else None
        mark = " " + scene.text("mark.simulated") if row and row["simulated"] else ""
        found.append(Spot(code, city.lon, city.lat, level_class(aqi), name, number(aqi), spoken(name, row, scene) + mark,
                          address(scene, "city", city=code)))  # fmt: skip
    return found


page("home", "/", {"cities": _cities, "region": _map}, in_navigation=True, figures={"map": map_figure})
