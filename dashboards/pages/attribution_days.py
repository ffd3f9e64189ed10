"""归因: who made the air day by day, by sector and place, with the wind; allocation beside removal, tier and confidence;
and how much of a change was the weather's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.asked import ATTRIBUTED_SPANS, DAY, days_asked
from dashboards.components import marks
from dashboards.components.attributed_tables import day_table, stacks, sum_table
from dashboards.components.attribution_bars import definition
from dashboards.components.judged_words import choices, fell_back
from dashboards.components.method_table import method_panel
from dashboards.components.weather_tables import change_table, month_table, trace
from dashboards.context import Scene, open_scene
from dashboards.queries import weather as queries
from dashboards.queries.attributed_days import attributed_days, winds
from dashboards.queries.methods import methods_of

dash.register_page(__name__, path="/analysis/attribution", name="attribution_days", order=22)

DEFAULT = 14


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query."""
    with open_scene(query) as scene:
        return shell.frame(
            scene,
            "attribution_days",
            html.Div([days(scene, "card"), weather(scene, "card")], className="below judging-page"),
        )


def _days(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2([scene.city_name(view.city), html.Small(text("attributed.title"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    hour, item = scene.moment.hour, "o3" if view.item == "o3" else "pm25"
    asked = days_asked(scene.params, hour, spans=ATTRIBUTED_SPANS, default=DEFAULT)
    chosen = [
        choices(text("judging.city"), [(scene.city_name(c), scene.link(city=c), c == view.city) for c in scene.registry.cities]),
        choices(text("judging.item"), [(marks.SYMBOLS[i], scene.link(item=i), i == item) for i in ("pm25", "o3")]),
        choices(text("attributed.span"), [
            (text("judging.days", days=n), scene.link({"first": f"{asked.last - (n - 1) * DAY}", "last": f"{asked.last}"}),
             n == asked.count) for n in ATTRIBUTED_SPANS
        ] + _moves(scene, asked, hour)),
    ]  # fmt: skip
    head = [title, *fell_back(scene, asked.troubles), *chosen]
    found = attributed_days(scene.connection, view.city, item, asked, hour)
    told = {day: row for day, row in found.items() if row["packed"]}
    if not told:
        return [*head, html.P(text("attributed.none", first=asked.first, last=asked.last), className="quiet")]
    title.children.append(marks.simulated({"simulated": any(row["simulated"] for row in found.values())}, text))
    blown = winds(scene.connection, view.city, asked, hour)
    return [
        *head, *(stacks(scene, told, kind, asked) for kind in ("sector", "place")),
        html.H3(text("attributed.sum", n=len(told), count=asked.count)), sum_table(scene, list(told.values())),
        *_by_method(scene, told), html.H3(text("attributed.by_day")), day_table(scene, asked, found, blown),
        html.P(text("attributed.wind_note"), className="footnote"), *definition(scene, list(told.values())),
    ]  # fmt: skip


def _by_method(scene: Scene, told: dict[dt.date, dict[str, Any]]) -> list[Any]:
    """Lay the methods out for the newest day that has an attribution."""
    day = max(told)
    quantity = scene.text(f"attribution.quantity_{told[day]['quantity']}")
    return method_panel(scene, methods_of(scene.connection, told[day]), f"{day} · {quantity}")


def _moves(scene: Scene, asked: Any, hour: dt.datetime) -> list[tuple[str, str, bool]]:
    """Move the span by its own length, never beyond the hour shown."""
    today = days_asked({}, hour, spans=ATTRIBUTED_SPANS, default=DEFAULT).last
    moves = [(f"‹ {scene.text('judging.earlier')}", scene.link(asked.moved(-asked.count)), False)]
    if asked.last < today:
        later = min(asked.count, (today - asked.last) // DAY)
        moves.append((f"{scene.text('judging.later')} ›", scene.link(asked.moved(later)), False))
    return moves


def _weather(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2(
        [text("weather.title"), html.Small([f"{scene.city_name(view.city)} · ", text("weather.title_what")])]
    )
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    hour, item = scene.moment.hour, "o3" if view.item == "o3" else "pm25"
    asked = days_asked(scene.params, hour, spans=ATTRIBUTED_SPANS, default=DEFAULT)
    last, until = asked.last.replace(day=1), hour if scene.moment.is_past else None
    year = (queries.months_back(last, 11), last)
    of_month = (last, last), (queries.year_before(last),) * 2
    symbol = marks.SYMBOLS[item]
    asked_for = [
        (text("weather.was", now=f"{last:%Y-%m}", base=f"{of_month[1][0]:%Y-%m}", item=symbol), of_month),
        (text("weather.twelve", item=symbol), (year, tuple(map(queries.year_before, year)))),
    ]
    changes = [
        (said, queries.normalised_between(scene.connection, view.city, item, *spans, hour=until))
        for said, spans in asked_for
    ]
    rows = queries.months_until(scene.connection, view.city, item, last, 13, hour=until)
    shown = [html.H3(text("weather.by_month")), month_table(scene, rows)] if rows else []
    return [title, *change_table(scene, changes), *shown, *trace(scene, rows[-1] if rows else None)]


days = live.section("attributed-days", _days)
weather = live.section("attributed-weather", _weather, at_once=False)
