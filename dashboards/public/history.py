"""The way to any hour of the past: by links from months to days to hours, or by a form that needs no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.moment import SHANGHAI, beijing
from dashboards.public import taken
from dashboards.public.city import every_city
from dashboards.queries import public
from dashboards.snapshots.figured import taking
from dashboards.snapshots.pages import ENGLISH, address, found, page, pages
from dashboards.view import LANGUAGES
from streams.registry import Registry

GO = "/history/go"
"""Where the form leads; the server answers with the address that gone_to gives."""


def gone_to(fields: Mapping[str, str], registry: Registry, lang: str) -> str | None:
    """Give the address of the hour, or without an hour of the day, that the form's fields name; None where they name none.

    fields: city, date "YYYY-MM-DD", hour "1" to "24" (ending, in Beijing) or "".
    """
    city, date, hour = (fields.get(name, "") for name in ("city", "date", "hour"))
    if city not in registry.cities or lang not in LANGUAGES:
        return None
    to = _named(city, date, hour, lang)
    return to if to and found(to, registry) else None


def _named(city: str, date: str, hour: str, lang: str) -> str | None:
    try:
        day = dt.datetime.strptime(date, "%Y-%m-%d").date()
        if not hour:
            return pages()["day"].address(lang, city=city, day=day)
        if not (hour.isascii() and hour.isdecimal() and 1 <= int(hour) <= 24 and len(hour) <= 2):
            return None
        end = dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=int(hour)) - SHANGHAI
        return pages()["city_hour"].address(lang, city=city, hour=end)
    except (ValueError, OverflowError):
        return None


def _form(scene: Scene) -> html.Section:
    text, newest = scene.text, scene.moment.newest
    options = [
        html.Option(scene.city_name(code), value=code, selected=code == scene.view.city or None)
        for code in scene.registry.cities
    ]
    hours = [html.Option(text("public.whole_day"), value="")]
    hours += [html.Option(f"{hour:02d}:00", value=str(hour)) for hour in range(1, 25)]
    day = public.local_day(newest).isoformat() if newest else ""
    # Dash has no plain input; the text holds nothing but a date of ours.
    date = Drawing(f'<input type="date" id="date" name="date" required value="{day}">')
    fields = [
        html.Label([text("public.city"), html.Select(options, name="city")]),
        html.Div([html.Label(text("public.date"), htmlFor="date"), date]),
        html.Label([text("public.hour_ending"), html.Select(hours, name="hour")]),
        html.Button(text("public.show"), type="submit", className="button"),
    ]
    form = html.Form(fields, action=GO if text.lang == LANGUAGES[0] else ENGLISH + GO, method="get", className="go")
    return html.Section([html.H2(text("public.pick_hour")), form], className="card")


def _all(scene: Scene) -> list[Any]:
    text = scene.text
    lines = [html.Li([html.A(scene.city_name(code), href=address(scene, "history_city", city=code)), _span(scene, code)])
             for code in scene.registry.cities]  # fmt: skip
    return [
        _form(scene),
        html.Section(
            [html.H2(text("public.by_city")), html.Ul(lines, className="spans"), *_taking(scene, "history", "spans")],
            className="card",
        ),
    ]


def _span(scene: Scene, city: str) -> html.Small:
    span = None if scene.waiting else public.span_of(scene.connection, city)
    if span is None:
        return html.Small(scene.text("na.no_row" if not scene.waiting else "card.awaiting"))
    return html.Small(f"{beijing(span[0])} – {beijing(span[1])}")


def _months(scene: Scene) -> list[Any]:
    text, city = scene.text, scene.view.city
    months = [] if scene.waiting else public.months_with_data(scene.connection, city)
    years = [
        _year(scene, year, list(of_year)) for year, of_year in groupby(reversed(months), key=lambda month: month.year)
    ]
    if not years:
        years = [html.P(text("card.awaiting" if scene.waiting else "public.no_hours"), className="quiet")]
    taken_as = _taking(scene, "history_city", "months", city=city) if months else []
    return [_form(scene), html.Section([html.H2(text("public.by_month")), *years, *taken_as], className="card")]


def _taking(scene: Scene, name: str, figure: str, **params: str) -> list[html.Figcaption]:
    drawn = pages()[name].figures[figure](scene)
    return [taking(scene, name, figure, drawn, **params)] if drawn else []


def _year(scene: Scene, year: int, months: list[dt.date]) -> html.Div:
    city = scene.view.city
    links = [
        html.Li(html.A(f"{month:%Y-%m}", href=address(scene, "month", city=city, month=month)))
        for month in reversed(months)
    ]
    return html.Div([html.H3(str(year)), html.Ul(links, className="links")])


page("history", "/history", {"explorer": _all}, in_navigation=True, figures={"spans": taken.spans})
page("history_city", "/history/<city>", {"explorer": _months}, ahead=every_city, figures={"months": taken.months})
