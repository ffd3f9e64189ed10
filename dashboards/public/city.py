"""A city: now, or at an hour of the past; advice, the days ahead, yesterday, this month, its stations."""

from __future__ import annotations

import dataclasses
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.levels import advice, level_chip, level_class
from dashboards.components.open_numbers import calendar, city_origin, items, number, station_link
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.outside import PLACEHOLDER
from dashboards.public import taken
from dashboards.queries import air, public
from dashboards.queries.public import DAY, HOUR, DayAhead
from dashboards.snapshots.figured import shown, taking
from dashboards.snapshots.pages import address, page, pages, reached, written
from dashboards.theme import level
from standards.editions import edition_for
from standards.index.levels import levels_of
from streams.registry import REFERENCE_KINDS, Registry

Row = dict[str, Any]


def _now(scene: Scene) -> list[Any] | None:
    if scene.waiting:
        return None
    text, city, hour = scene.text, scene.view.city, scene.moment.hour
    row = air.latest_by_city(air.city_hours(scene.connection, [city], hour - air.REACH, hour), hour).get(city)
    head = html.Div(
        [html.H2(beijing(hour)), html.Small(text("hour.zone")), marks.simulated(row, text)], className="head"
    )
    said = ahead_said(scene)
    if row is None:
        return [_card("now", head, *said, html.P(["NA ", text("na.no_row")], className="na"), _steps(scene))]
    stations = air.station_hours(scene.connection, scene.registry.stations_of(city, public.local_day(hour)), hour)
    return [_card(
        "now", head, *said, verdict(scene, row), items(scene, row), _reporting(scene, row), _steps(scene),
        city_origin(scene, row, stations, public.city_revisions(scene.connection, city, row["hour_end"])),
    )]  # fmt: skip


def verdict(scene: Scene, row: Row) -> html.Div:
    """Show the index of an hour, its level, the primary pollutants, or why there is none."""
    text, aqi = scene.text, row["aqi"]
    big = html.Div(number(aqi), className=f"aqi {level_class(aqi)}", **{"data-aqi": number(aqi)})
    if aqi is None:
        return html.Div(
            [big, html.Div([level_chip(None, text), html.P(marks.why_absent(row, text))])], className="verdict"
        )
    said = [level_chip(aqi, text), html.P([html.Small(text("card.primary")), " ", marks.primary(row, text)])]
    return html.Div([big, html.Div(said), marks.rests(row, text)], className="verdict")


def _reporting(scene: Scene, row: Row) -> html.P:
    text, share = scene.text, row["completeness"]
    counted = text(
        "card.stations", reporting=number(row["stations_reporting"]), expected=number(row["stations_expected"])
    )
    whole = text("note.completeness", percent="NA" if share is None else f"{share * 100:.0f}%")
    age = (
        marks.behind(row, scene.moment, text)
        if scene.moment.is_past
        else marks.age(scene.moment, row["hour_end"], text)
    )
    return html.P([counted, whole, " · ", age or beijing(row["hour_end"])], className="quiet")


def ahead_said(scene: Scene) -> list[html.P]:
    """Say that the hour asked for has not come yet, where what follows is of the newest hour instead."""
    ahead = scene.view.hour is not None and scene.view.hour > scene.moment.hour
    return [html.P(scene.text("public.not_yet"), className="notice waiting")] if ahead else []


def _steps(scene: Scene) -> html.Nav:
    """Link to the hour before, the hour after, the hours of the day, and the address of this very hour."""
    text, city, hour = scene.text, scene.view.city, scene.moment.hour
    links = steps(["← ", text("hour.earlier")], reached(scene, "city_hour", city=city, hour=hour - HOUR))
    if scene.moment.is_past:
        links += steps([text("hour.later"), " →"], reached(scene, "city_hour", city=city, hour=hour + HOUR))
        links.append(html.A(text("hour.newest"), href=address(scene, "city", city=city)))
    else:
        links.append(html.A(text("public.lasting"), href=address(scene, "city_hour", city=city, hour=hour)))
    links.append(html.A(text("public.this_day"), href=address(scene, "day", city=city, day=public.local_day(hour))))
    return html.Nav(links, className="steps", **{"aria-label": text("public.hours")})


def steps(shown: list[Any], to: str | None) -> list[html.A]:
    """Link to the next of a row of pages; nothing where there is none."""
    return [] if to is None else [html.A(shown, href=to)]


def _advice(scene: Scene) -> list[Any] | None:
    if scene.waiting:
        return None
    text, city, hour = scene.text, scene.view.city, scene.moment.hour
    row = air.latest_by_city(air.city_hours(scene.connection, [city], hour - air.REACH, hour), hour).get(city)
    title = html.H2(text("public.advice"))
    if row is None or row["aqi"] is None:
        return [_card("advice", title, html.P(text("public.no_advice"), className="quiet"))]
    found, groups = advice(row, text)
    effect, do = (getattr(found, f"{name}_{text.lang}") for name in ("effect", "advice"))
    named = [html.P([html.B(text("public.sensitive")), text("public.semicolon").join(groups)])] if groups else []
    source = text("public.advice_source", edition=row["edition"])
    return [
        _card("advice", title, html.P(do, className="do"), html.P(effect), *named, html.P(source, className="footnote"))
    ]


def _ahead(scene: Scene) -> list[Any] | None:
    if scene.waiting:
        return None
    text = scene.text
    days = public.days_ahead(scene.connection, scene.view.city, scene.moment.hour)
    title = html.H2(text("public.ahead"))
    if not any(day.span for day in days):
        return [_card("ahead", title, html.P(text("public.no_ahead"), className="quiet"))]
    return [
        _card(
            "ahead",
            title,
            html.Ol([_day_ahead(scene, day) for day in days], className="days-ahead"),
            _runs_told(scene, days),
        )
    ]


def _day_ahead(scene: Scene, day: DayAhead) -> html.Li:
    text, span = scene.text, day.span
    date = html.B([f"{day.day:%m-%d} ", text("public.weekdays").split(" ")[day.day.weekday()]])
    if span is None:
        return html.Li([date, html.P(["NA ", text("public.not_whole")], className="quiet")])
    low, high = span
    chips = [level_chip(low, text)] + ([" – ", level_chip(high, text)] if level(low) != level(high) else [])
    told = levels_of(edition_for(day.day))[level(high).level - 1]
    primary = marks.primary({"primary_pollutants": day.primary}, text)
    return html.Li([
        html.Div([date, marks.simulated({"simulated": day.simulated}, text)], className="head"),
        html.P([html.Span(f"{low}–{high}" if low != high else str(low), className="range"), *chips]),
        html.P([html.Small(text("card.primary")), " ", primary]),
        html.P(told.advice_zh if text.lang == "zh" else told.advice_en, className="footnote"),
    ])  # fmt: skip


def _runs_told(scene: Scene, days: list[DayAhead]) -> html.P:
    text = scene.text
    models = sorted({day.model for day in days if day.quantiles})
    if models:
        return html.P(text("public.ahead_quantiles", models=text("list.comma").join(models)), className="footnote")
    runs = sorted({run for day in days for run in day.indices}, reverse=True)
    return html.P(text("public.ahead_runs", runs=text("list.comma").join(runs)), className="footnote")


def _past(scene: Scene) -> list[Any] | None:
    if scene.waiting:
        return None
    text, city, hour = scene.text, scene.view.city, scene.moment.hour
    rows = air.city_hours(scene.connection, [city], hour - 23 * HOUR, hour)
    made_up = marks.simulated({"simulated": any(row["simulated"] for row in rows)}, text)
    known = [row["aqi"] for row in rows if row["aqi"] is not None]
    span = text("public.line_span", low=min(known), high=max(known), count=len(known)) if known else "NA"
    yesterday = public.local_day(hour) - DAY
    day = public.city_days(scene.connection, city, yesterday, yesterday).get(yesterday)
    return [
        _card(
            "line",
            html.Div([html.H2(text("public.last_day")), made_up], className="head"),
            shown(scene, "city_hour", "line", taken.city_line(scene), city=city, hour=hour),
            html.P(span, className="quiet"),
        ),
        _card("yesterday", html.H2([text("public.yesterday"), html.Small(f" {yesterday}")]), *day_said(scene, day)),
    ]


def day_said(scene: Scene, day: Row | None) -> list[Any]:
    """Show the index of a natural day, its level and primary pollutants, and what it rests on; or why there is none."""
    text = scene.text
    if day is None:
        return [html.P(["NA ", text("public.no_day")], className="na")]
    why = (
        [html.P(text("public.day_na"))]
        if day["aqi"] is None
        else [html.P([html.Small(text("card.primary")), " ", marks.primary(day, text)])]
    )
    valid = text("public.day_stations", valid=number(day["stations_valid"]), expected=number(day["stations_expected"]))
    trace = text(
        "note.short", edition=day["edition"], status=text.of_code("status.", day["status"]), revision=day["revision"]
    )
    return [
        html.Div([html.Div(number(day["aqi"]), className=f"aqi {level_class(day['aqi'])}"),
                  html.Div([level_chip(day["aqi"], text), *why]), marks.simulated(day, text)], className="verdict"),
        html.P([valid, " · ", trace], className="footnote"),
    ]  # fmt: skip


def _month(scene: Scene) -> list[Any] | None:
    if scene.waiting:
        return None
    text, city = scene.text, scene.view.city
    last = public.local_day(scene.moment.hour)
    rows = public.city_days(scene.connection, city, last.replace(day=1), last - DAY)
    there = public.days_with_data(scene.connection, city, last.replace(day=1))
    link = html.A(
        text("public.month_link", month=written("month", last)),
        href=address(scene, "month", city=city, month=last.replace(day=1)),
    )
    first = last.replace(day=1)
    drawn = taken.city_month(dataclasses.replace(scene, params={**scene.params, "month": first}))
    links = (
        [taking(scene, "month", "days", drawn, city=city, month=first)] if drawn and not scene.moment.is_past else []
    )
    return [
        _card(
            "month", html.H2(text("public.month")), calendar(scene, city, last, last, rows, there), *links, html.P(link)
        )
    ]


def _stations(scene: Scene) -> list[Any]:
    text, city = scene.text, scene.view.city
    members = [s for s in scene.registry.stations.values() if s.city == city and s.kind in REFERENCE_KINDS]
    rows = {} if scene.waiting else air.station_hours(scene.connection, [s.code for s in members], scene.moment.hour)
    lists = []
    for kind in REFERENCE_KINDS:
        of_kind = sorted(s.code for s in members if s.kind == kind)
        if of_kind:
            lines = [
                html.Li([station_link(scene, code, scene.view.hour), *station_state(scene, rows.get(code))])
                for code in of_kind
            ]
            lists += [html.H3(text(f"kind_of_station.{kind}")), html.Ul(lines, className="station-list")]
    return [_card("stations", html.H2(text("public.stations")), *lists)]


def station_state(scene: Scene, row: Row | None) -> list[Any]:
    """Show a station's index and level in a line, and by how much its hour is behind."""
    text = scene.text
    if row is None:
        return [html.Span("NA", className="chip level-0", title=text("na.no_row"))]
    behind = marks.behind(row, scene.moment, text)
    return [html.B(number(row["aqi"]), className="number"), level_chip(row["aqi"], text), marks.simulated(row, text),
            *([html.Small(behind)] if behind else [])]  # fmt: skip


def _elsewhere(scene: Scene) -> list[Any]:
    text, city = scene.text, scene.view.city
    known = [
        ("public.history_link", address(scene, "history_city", city=city)),
        ("public.method_link", address(scene, "method")),
    ]
    known += [("public.feed_link", address(scene, "data"))] if "data" in pages() else []
    links = html.Ul([html.Li(html.A(text(key), href=href)) for key, href in known])
    return [_card("elsewhere", html.H2(text("public.elsewhere")), links, _snippet(scene))]


def _snippet(scene: Scene) -> html.Details:
    """Fold away what another site copies to show the city's card."""
    text, to = scene.text, address(scene, "embed", city=scene.view.city)
    code = f'<iframe src="{scene.public_url or PLACEHOLDER}{to}" title="AQI" width="320" height="240" style="border:0"></iframe>'
    shown = [html.P(text("public.embed_how")), html.Pre(html.Code(code, **{"data-host": PLACEHOLDER}), tabIndex="0")]
    return html.Details(
        [html.Summary(text("public.embed")), *shown, html.P(html.A(text("public.embed_look"), href=to))]
    )


def _card(name: str, *children: Any) -> html.Section:
    return html.Section([*children], className=f"card {name}")


PARTS = {
    "now": _now, "advice": _advice, "ahead": _ahead, "past": _past, "month": _month, "stations": _stations,
    "elsewhere": _elsewhere,
}  # fmt: skip


def every_city(registry: Registry) -> list[dict[str, Any]]:
    """Give the addresses of all cities."""
    return [{"city": code} for code in registry.cities]


FIGURES = {"line": taken.city_line}
page("city", "/city/<city>", PARTS, ahead=every_city, figures=FIGURES)
page("city_hour", "/city/<city>/<hour>", PARTS, figures=FIGURES)
