"""Numbers that can be asked where they come from, as pages as text show them: six items, and a fold behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.levels import level_class, symbol
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.snapshots.pages import address
from standards.pollutants import POLLUTANTS

Row = dict[str, Any]


def items(scene: Scene, row: Row) -> html.Dl:
    """Show the six concentrations of an hour with their units; a suspect one is marked, a missing one is NA."""
    entries = [
        html.Div([html.Dt(marks.SYMBOLS[item], title=scene.text.of_code("item.", item)),
                  html.Dd([marks.shown(row, item, scene.text), html.Small(f" {marks.UNITS[p.unit]}")])], **{"data-item": item})
        for item, p in POLLUTANTS.items()
    ]  # fmt: skip
    return html.Dl(entries, className="items")


def facts(scene: Scene, row: Row) -> html.Dl:
    """Tell of a row: hour, edition, status, revision, version, and the completeness of a city's."""
    text, share = scene.text, row.get("completeness")
    told = [
        (text("public.hour"), beijing(row["hour_end"])),
        (text("public.edition"), row["edition"]),
        (text("public.status"), text.of_code("status.", row["status"])),
        (text("public.revision"), str(row["revision"])),
        (text("public.version"), str(row["version"])),
        (text("public.simulated"), text("public.yes" if row["simulated"] else "public.no")),
    ]
    if "completeness" in row:
        told.append((text("public.completeness"), "NA" if share is None else f"{share * 100:.0f} %"))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in told], className="facts")


def city_origin(scene: Scene, row: Row, stations: Mapping[str, Row], revisions: Sequence[Row]) -> html.Details:
    """Fold away where a city's numbers come from: facts, the rows of its stations, and what stood there before."""
    text = scene.text
    parts = [facts(scene, row), html.H3(text("public.from_stations")), _station_values(scene, row, stations)]
    if revisions:
        parts += [html.H3(text("origin.superseded")), revision_list(scene, revisions)]
    else:
        parts.append(html.P(text("public.not_revised"), className="quiet"))
    return html.Details([html.Summary(text("public.origin")), *parts], className="origin")


def revision_list(scene: Scene, revisions: Sequence[Row]) -> html.Ul:
    """List superseded versions of an hour: status, revision, until when it stood, and its index."""
    text = scene.text
    lines = [
        html.Li([
            html.Small(text("origin.was", status=text.of_code("status.", was["status"]), revision=was["revision"],
                            until=beijing(dt.datetime.fromisoformat(str(was["superseded_at"]))))),
            f"AQI {number(was['aqi'])}",
        ])
        for was in revisions
    ]  # fmt: skip
    return html.Ul(lines)


def number(value: int | None) -> str:
    """Write an index, NA where there is none."""
    return "NA" if value is None else str(value)


def _station_values(scene: Scene, row: Row, stations: Mapping[str, Row]) -> html.Div:
    text, hour = scene.text, row["hour_end"]
    of_hour = {code: each for code, each in stations.items() if each["hour_end"] == hour}
    if not of_hour:
        return html.P(text("public.no_station_rows"), className="quiet")
    heads = [text("stations.station"), "AQI", *(marks.SYMBOLS[item] for item in POLLUTANTS)]
    lines = [
        html.Tr([html.Th(station_link(scene, code, hour), scope="row"), html.Td(number(each["aqi"]), className="number"),
                 *(html.Td(marks.shown(each, item, text), className="number") for item in POLLUTANTS)])
        for code, each in sorted(of_hour.items())
    ]  # fmt: skip
    return scrolling(plain_table(heads, lines, "station-values"))


def station_link(scene: Scene, code: str, hour: dt.datetime | None = None) -> html.A:
    """Link to a station, at an hour where one is named."""
    station = scene.registry.stations.get(code)
    to = address(scene, "station_hour", station=code, hour=hour) if hour else address(scene, "station", station=code)
    return html.A(station.name_zh if station else code, href=to)


def day_cell(scene: Scene, city: str, day: dt.date, row: Row | None, *, linked: bool = True) -> html.Td:
    """Show a day of the calendar: its date, linked to its hours, index, level and primary pollutants; NA where there is none."""
    text, aqi = scene.text, row["aqi"] if row else None
    named = f"{day.day} · {day:%Y-%m-%d} AQI {number(aqi)} {marks.category(aqi, text)}"
    link = html.A(str(day.day), href=address(scene, "day", city=city, day=day), **{"aria-label": named})
    if row is None:
        link = link if linked else html.Span(str(day.day))
        return html.Td([link, html.Small("NA", title=text("public.no_day"))], className="no-day")
    chip = index_chip(aqi, scene)
    primary = [html.Small(marks.primary(row, text))] if row["primary_pollutants"] else []
    title = text("public.day_na") if aqi is None else f"{row['edition']} · {text.of_code('status.', row['status'])}"
    return html.Td([link, chip, *primary, *([_sim(scene)] if row["simulated"] else [])], title=title)


def index_chip(aqi: int | None, scene: Scene) -> html.Span:
    """Show an index on the colour of its level with the level's numeral; the word is its title."""
    shown = [html.B(symbol(aqi)), f" {number(aqi)}"]
    return html.Span(shown, className=f"chip {level_class(aqi)}", title=marks.category(aqi, scene.text))


def _sim(scene: Scene) -> html.Small:
    return html.Small(scene.text("mark.simulated"), className="sim-mark")


def calendar(
    scene: Scene, city: str, month: dt.date, last: dt.date, rows: Mapping[dt.date, Row], there: Collection[dt.date]
) -> html.Div:
    """Lay the days of a month out by weeks, Monday first; days after last are not shown. there: days that have hours."""
    text, start = scene.text, month.replace(day=1)
    days: list[Any] = [html.Td()] * start.weekday()
    day = start
    while day <= last and day.month == start.month:
        days.append(day_cell(scene, city, day, rows.get(day), linked=day in there))
        day += dt.timedelta(days=1)
    weeks = [html.Tr(days[at : at + 7]) for at in range(0, len(days), 7)]
    heads = [html.Th(name, scope="col") for name in text("public.weekdays").split(" ")]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(weeks)], className="calendar")
    return html.Div([table, html.P(text("public.day_note"), className="footnote")])
