"""A month of a city as a calendar of natural days, and a day of it hour by hour."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.levels import level_chip
from dashboards.components.open_numbers import calendar, index_chip
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import Figure
from dashboards.context import Scene
from dashboards.public import taken
from dashboards.public.city import day_said, steps
from dashboards.queries import air, public
from dashboards.queries.public import DAY, HOUR
from dashboards.snapshots.figured import taking
from dashboards.snapshots.pages import address, page, reached, written
from dashboards.theme import LEVELS, level
from standards.pollutants import POLLUTANTS

Row = dict[str, Any]


def _month(scene: Scene) -> list[Any]:
    text, city, first = scene.text, scene.view.city, scene.params["month"].replace(day=1)
    if scene.waiting:
        return [html.P(text("card.awaiting"), className="quiet")]
    last = min(public.month_end(first), public.local_day(scene.moment.newest))
    rows = public.city_days(scene.connection, city, first, last)
    there = public.days_with_data(scene.connection, city, first)
    title = html.H2(f"{first:%Y-%m}")
    links = [*_step(scene, first - DAY, "← "), *_step(scene, public.month_end(first) + DAY, "", " →")]
    steps = html.Nav(links, className="steps", **{"aria-label": text("public.months")})
    if last < first:
        return [_card(title, html.P(text("public.not_yet"), className="quiet"), steps)]
    return [
        _card(
            title,
            _counts(scene, rows, _days_over(scene, first, last)),
            calendar(scene, city, first, last, rows, there),
            *_taking(scene, "month", "days", taken.city_month(scene), month=first),
            steps,
        )
    ]


def _step(scene: Scene, day: dt.date, before: str = "", after: str = "") -> list[html.A]:
    to = reached(scene, "month", city=scene.view.city, month=day.replace(day=1))
    return steps([before, written("month", day), after], to)


def _days_over(scene: Scene, first: dt.date, last: dt.date) -> int:
    """Count the days from first to last that are over: the one under way has no values yet, which is no gap."""
    return (last - first).days + (public.hours_of(last)[1] <= scene.moment.newest)


def level_counts(rows: dict[dt.date, Row]) -> Counter[int]:
    """Count the days of each level, 0 for days that are stored and have no index."""
    return Counter(found.level if (found := level(row["aqi"])) else 0 for row in rows.values())


def _counts(scene: Scene, rows: dict[dt.date, Row], days: int) -> html.Ul:
    counts, text = level_counts(rows), scene.text
    entries = [
        html.Li([level_chip(each.aqi_to, text), html.B(f" {counts[each.level]} "), text("public.days")])
        for each in LEVELS if counts[each.level]
    ]  # fmt: skip
    absent = max(counts[0] + days - len(rows), 0)
    missing = [html.Li([level_chip(None, text), html.B(f" {absent} "), text("public.days")])] if absent else []
    return html.Ul([*entries, *missing], className="level-legend")


def _day(scene: Scene) -> list[Any]:
    text, city, day = scene.text, scene.view.city, scene.params["day"]
    if scene.waiting:
        return [html.P(text("card.awaiting"), className="quiet")]
    first, last = public.hours_of(day)
    links = [*steps([f"← {day - DAY}"], reached(scene, "day", city=city, day=day - DAY)),
             *steps([f"{day + DAY} →"], reached(scene, "day", city=city, day=day + DAY)),
             html.A(written("month", day), href=address(scene, "month", city=city, month=day.replace(day=1)))]  # fmt: skip
    days = html.Nav(links, className="steps", **{"aria-label": text("public.day_steps")})
    if first > scene.moment.now and first > scene.moment.newest:
        return [_card(html.H2(str(day)), html.P(text("public.day_ahead"), className="quiet"), days)]
    rows = {row["hour_end"]: row for row in air.city_hours(scene.connection, [city], first, last)}
    assessed = public.city_days(scene.connection, city, day, day).get(day)
    return [
        _card(html.H2(str(day)), *day_said(scene, assessed), _day_values(scene, assessed), days),
        _card(_hours(scene, first, rows), *_taking(scene, "day", "hours", taken.city_day(scene), day=day)),
    ]


def _taking(scene: Scene, name: str, figure: str, drawn: Figure | None, **params: dt.date) -> list[html.Figcaption]:
    return [taking(scene, name, figure, drawn, city=scene.view.city, **params)] if drawn else []


def _day_values(scene: Scene, day: Row | None) -> html.Dl | None:
    if day is None:
        return None
    text, shown = scene.text, []
    for item, pollutant in POLLUTANTS.items():
        value = day["o3_mda8_ugm3" if item == "o3" else pollutant.column]
        written_value = "NA" if value is None else f"{value:.{pollutant.decimals}f}"
        key = "quantity.mda8" if item == "o3" else "quantity.day"
        name = html.Dt(text(key, symbol=marks.SYMBOLS[item]))
        shown.append(html.Div([name, html.Dd([written_value, html.Small(f" {marks.UNITS[pollutant.unit]}")])]))
    return html.Dl(shown, className="items")


def _hours(scene: Scene, first: dt.datetime, rows: dict[dt.datetime, Row]) -> html.Div:
    text, city = scene.text, scene.view.city
    symbols = [html.Span([marks.SYMBOLS[i], html.Small(f" {marks.UNITS[p.unit]}")]) for i, p in POLLUTANTS.items()]
    heads = [text("public.hour"), "AQI", *symbols]
    lines = []
    for at in range(24):
        hour = first + at * HOUR
        row, name = rows.get(hour), f"{at + 1:02d}:00"
        if row is None:
            said = [text("public.hour_ahead")] if hour > scene.moment.now else ["NA ", text("na.no_row")]
            lines.append(html.Tr([html.Th(name, scope="row"), html.Td(said, colSpan=7)]))
            continue
        link = html.A(name, href=address(scene, "city_hour", city=city, hour=hour))
        values = [html.Td(marks.shown(row, item, text), className="number") for item in POLLUTANTS]
        chip = [index_chip(row["aqi"], scene), " ", marks.simulated(row, text)]
        lines.append(html.Tr([html.Th(link, scope="row"), html.Td(chip), *values]))
    return scrolling(plain_table(heads, lines, "hours"))


def _card(*children: Any) -> html.Section:
    return html.Section([*children], className="card")


page("month", "/city/<city>/month/<month>", {"month": _month}, figures={"days": taken.city_month})
page("day", "/city/<city>/day/<day>", {"day": _day}, figures={"hours": taken.city_day})
