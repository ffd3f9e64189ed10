"""The warning that a plan's rules ask for: in a line, and the days that it follows from."""

from __future__ import annotations

import datetime as dt
import unicodedata

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from ml.scenario.warned import Day, Warned
from standards.days import date_of_day
from standards.warning.plan_files import WarningLevel

SHOWN_BACK = 4
"""So many days that are over are shown."""


def state_line(scene: Scene, found: Warned) -> html.P:
    """Say which level the rules ask for, since when or from when; or that they ask for none, or cannot tell."""
    text, state = scene.text, found.state
    if not state.level:
        return html.P(text("warning.nothing" if found.known else "warning.unknown"), className="warning-state")
    level = found.plan.levels[min(state.level, len(found.plan.levels)) - 1]
    first = _date(state.first_day) if state.first_day is not None else "NA"
    words = text("warning.holds" if found.holds else "warning.foreseen", first=first, response=_response(scene, level))
    return html.P([level_badge(scene, level), words], className="warning-state", role="status")


def level_badge(scene: Scene, level: WarningLevel) -> html.Span:
    """Show a level by its name on its colour."""
    name = level.name_zh if scene.text.lang == "zh" else level.name_en
    return html.Span(scene.text("warning.badge", name=name), className=f"warning-level w{level.level}")


def day_list(scene: Scene, found: Warned) -> html.Ol:
    """Show the days that the warning follows from: index and category, observed or forecast, and the level in force."""
    days = [day for day in found.days if day.day >= found.day - SHOWN_BACK]
    return html.Ol([_day(scene, found, day) for day in days], className="warning-days")


def _day(scene: Scene, found: Warned, day: Day) -> html.Li:
    text = scene.text
    kind = "warning.observed" if day.observed else "warning.today" if day.day == found.day else "warning.forecast"
    level = found.in_force.get(day.day, 0)
    mark = [level_badge(scene, found.plan.levels[min(level, len(found.plan.levels)) - 1])] if level else []
    index = html.B("NA" if day.index is None else str(day.index))
    chip = [marks.chip(day.index, text)] if day.index is not None else []
    return html.Li([html.Small([_date(day.day)[5:], " ", text(kind)]), html.Div([index, *chip]), *mark],
                   className="observed" if day.observed else "forecast")  # fmt: skip


def _date(day: int) -> str:
    date: dt.date = date_of_day(day)
    return date.isoformat()


def _response(scene: Scene, level: WarningLevel) -> str:
    if scene.text.lang == "zh":
        return level.response_zh
    return unicodedata.normalize("NFKC", level.response_zh.removesuffix("级"))  # "Ⅱ" is as wide as a Chinese character
