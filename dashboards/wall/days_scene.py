"""Scene 3: the next seven days: index and level by day, how far the runs agree, and the warning that the plan asks for."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components.warning_days import level_badge
from dashboards.context import Scene
from dashboards.queries.wall import DayAhead
from dashboards.wall.agreement import agreement
from dashboards.wall.asked import Asked, asked
from dashboards.wall.tiles import FORECAST, absent, level_class, number, scene_of, tile
from ml.scenario.warned import Warned
from standards.days import date_of_day


def days(scene: Scene) -> html.Section:
    """Draw the scene."""
    found, text = asked(scene), scene.text
    title = text("wall.days_title")
    if found.started is None:
        words = text("card.awaiting") if scene.waiting else text("wall.no_run")
        return scene_of(scene, "days", tile(scene, title, absent(words), FORECAST, None))
    table = html.Table([_head(scene, found), html.Tbody([_line(scene, found, code) for code in found.cities])],
                       className="days")  # fmt: skip
    simulated = any(each.simulated for each in found.coming.values())
    content = [
        table,
        html.P([_reach(scene, found), " ", text("wall.agreement_note")], className="fine"),
    ]
    return scene_of(scene, "days", tile(scene, title, content, FORECAST, found.started, simulated=simulated))


def _head(scene: Scene, found: Asked) -> html.Thead:
    text = scene.text
    dates = [day.date for day in found.coming[found.cities[0]].days]
    heads = [
        html.Th([text(f"wall.weekday_{date.weekday()}"), html.Small(f"{date:%m-%d}")], scope="col") for date in dates
    ]
    first = [html.Th(text(key), scope="col") for key in ("wall.city", "wall.warning")]
    return html.Thead(html.Tr([first[0], *heads, first[1]]))


def _line(scene: Scene, found: Asked, code: str) -> html.Tr:
    cells = [html.Td(_day(scene, day), className=level_class(day.index)) for day in found.coming[code].days]
    warning = html.Td(warning_words(scene, found.warned.get(code)), className="asked")
    return html.Tr([html.Th(scene.city_name(code), scope="row"), *cells, warning])


def _day(scene: Scene, day: DayAhead) -> list[Any]:
    if day.index is None:
        return ["NA"]
    words = scene.text(f"wall.agreement_{agreement(day.told)}")
    span = f"{min(day.told)}–{max(day.told)} " if len(set(day.told)) > 1 else ""
    return [html.B(number(day.index)), html.Small([span, words])]


def _reach(scene: Scene, found: Asked) -> str:
    """Say how far the runs reach: beyond it nothing is known."""
    known = [day.date for each in found.coming.values() for day in each.days if day.index is not None]
    if not known:
        return scene.text("wall.reach_none")
    runs = " ".join(sorted({each.run for each in found.coming.values() if each.run})[-2:])
    return scene.text("wall.reach", last=f"{max(known):%m-%d}", run=runs)


def warning_words(scene: Scene, found: Warned | None) -> list[Any]:
    """Say which level the rules of the plan ask for and since when; that they ask for none; or why it is not known."""
    text = scene.text
    if found is None:
        return [html.Small(text("wall.no_plan"))]
    state = found.state
    if not state.level:
        return [html.Small(text("wall.warning_none" if found.known else "wall.warning_unknown"))]
    level = found.plan.levels[min(state.level, len(found.plan.levels)) - 1]
    since = "NA" if state.first_day is None else f"{date_of_day(state.first_day):%m-%d}"
    key = "wall.warning_holds" if found.holds else "wall.warning_foreseen"
    return [level_badge(scene, level), html.Small(text(key, first=since))]
