"""The days of a period of one city as small calendars: each with its index and level, linked to its hours."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

from dash import html

from dashboards.components.phase_figures import MOST_DAYS, level_name, table_of
from dashboards.components.phase_tables import Told
from dashboards.context import Scene
from dashboards.phase.content import Content
from dashboards.snapshots.pages import address

Day = tuple[int | None, str]
"""An index and the number of its level, "0" where there is none."""


def calendars(scene: Scene, told: Told, content: Content) -> html.Section | None:
    """Show the months of a period; None where it has no days or too many."""
    table, text = table_of(content, "days"), told.text
    if table is None or len(table.rows) > MOST_DAYS:
        return None
    city = str(table.rows[0][0])
    columns = [table.column(key) for key in ("date", "aqi", "level")]
    days: dict[dt.date, Day] = {
        dt.date.fromisoformat(str(date)): (aqi, str(level or 0))  # type: ignore[misc]  # an index is a whole number
        for date, aqi, level in zip(*columns, strict=True)
    }
    months = sorted({(day.year, day.month) for day in days})
    drawn = [_month(scene, text, city, year, month, days) for year, month in months]
    used = sorted({level for _, level in days.values()})
    legend = [html.Li([html.I(className=f"level-{k}"), html.Span(level_name(text, k))]) for k in used]
    return html.Section(
        [
            html.H2(text("phase_page.calendar")), html.Div(drawn, className="calendars"),
            html.Ul(legend, className="legend"), html.Small(text("phase_page.calendar_note")),
        ],
        className="card",
    )  # fmt: skip


def _month(scene: Scene, text: Any, city: str, year: int, month: int, days: dict[dt.date, Day]) -> html.Table:
    heads = [html.Th(name, scope="col") for name in text("public.weekdays").split(" ")]
    weeks = [
        html.Tr([_day(scene, text, city, day, days.get(day)) if day.month == month else html.Td() for day in week])
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    name = text("phase_page.month", year=year, month=month) if text.lang == "zh" else f"{dt.date(year, month, 1):%B %Y}"
    return html.Table([html.Caption(name), html.Thead(html.Tr(heads)), html.Tbody(weeks)], className="month")


def _day(scene: Scene, text: Any, city: str, day: dt.date, found: Day | None) -> html.Td:
    if found is None:
        return html.Td(html.Span(str(day.day)), className="beyond")
    aqi, level = found
    number = text("phase_page.na") if aqi is None else str(aqi)
    link = html.A([html.Small(str(day.day)), " ", html.B(number)], href=address(scene, "day", city=city, day=day))
    return html.Td(link, className=f"level-{level}", title=f"{day} AQI {number} {level_name(text, level)}")
