"""A card of a city for other sites: index, level, primary pollutant, hour, and a link back."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.public.city import every_city, verdict
from dashboards.queries import air
from dashboards.snapshots.pages import address, page


def _card(scene: Scene) -> list[Any]:
    text, city = scene.text, scene.view.city
    link = html.A(scene.city_name(city), href=address(scene, "city", city=city), target="_top")
    if scene.waiting:
        return [html.H1(link), html.P(text("card.awaiting"), className="quiet")]
    hour = scene.moment.hour
    row = air.latest_by_city(air.city_hours(scene.connection, [city], hour - air.REACH, hour), hour).get(city)
    if row is None:
        return [html.H1(link), html.P(["NA ", text("na.no_row")])]
    when = html.P(
        [beijing(row["hour_end"]), " ", text("hour.zone"), " · ", marks.age(scene.moment, row["hour_end"], text)]
    )
    return [
        html.H1([link, marks.simulated(row, text)]),
        verdict(scene, row),
        when,
        html.P(text("header.title"), className="footnote"),
    ]


page("embed", "/embed/<city>", {"card": _card}, ahead=every_city, frame="embed")
