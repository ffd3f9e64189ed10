"""The sentence above all scenes, filled from the store."""

from __future__ import annotations

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.wall.asked import Asked, asked
from dashboards.wall.causes import leading, parts_of
from dashboards.wall.causes_scene import part_name
from dashboards.wall.headline import City, Said, headline
from dashboards.wall.tiles import level_class
from dashboards.wall.trend import change, direction
from streams.contributors import OUTSIDE
from streams.store.attribution import contributions_of


def sentence(scene: Scene) -> html.P:
    """Draw the sentence, with the level of the worst city as its colour."""
    if scene.waiting:
        key = f"wall.say_{scene.trouble}" if scene.trouble else ""
        words = scene.text(key) if key else headline(None, scene.text)
        return html.P(words, className="headline l0")
    found = asked(scene)
    worst = max((row["aqi"] for row in found.rows.values() if row["aqi"] is not None), default=None)
    return html.P(
        [html.I(className=level_class(worst)), headline(said_of(scene, found), scene.text)], className="headline"
    )


def said_of(scene: Scene, found: Asked) -> Said:
    """Gather what the sentence tells of."""
    cities = {code: _city(scene, found, code) for code in found.cities}
    known = [code for code in found.cities if cities[code].aqi is not None]
    worst = max(known, key=lambda code: cities[code].aqi) if known else ""
    tomorrow = [
        (scene.city_name(code), each.days[0].index) for code, each in found.coming.items()
        if each.days and each.days[0].index is not None
    ]  # fmt: skip
    causes, outside = _causes(scene, found, worst)
    shown = [row for code, row in found.rows.items() if code in known]
    return Said(
        when=beijing(scene.moment.hour)[5:], cities=list(cities.values()), causes=causes, outside=outside,
        tomorrow=max(tomorrow, key=lambda each: each[1], default=None), warned=_warned(scene, found),
        replayed=scene.moment.replayed, simulated=any(row["simulated"] for row in shown),
    )  # fmt: skip


def _city(scene: Scene, found: Asked, code: str) -> City:
    row = found.rows.get(code)
    if row is None:
        return City(scene.city_name(code), None)
    by_hour = {each["hour_end"]: each["aqi"] for each in found.history[code]}
    way = direction(change(by_hour, scene.moment.hour))
    return City(scene.city_name(code), row["aqi"], marks.primary(row, scene.text), way)


def _causes(scene: Scene, found: Asked, city: str) -> tuple[list[str], int | None]:
    row = found.made_by.get(city)
    parts = contributions_of(row) if row else None
    if parts is None:
        return [], None
    groups = parts_of(parts, "group", row["quantity"])
    first = leading(groups)
    outside = next((each.share for each in groups if each.name == OUTSIDE), 0.0)
    more = bool(first) and outside > first[0].share
    return [part_name(scene, "group", each.name) for each in first], round(outside) if more else None


def _warned(scene: Scene, found: Asked) -> list[tuple[str, str]]:
    said = []
    for code, each in found.warned.items():
        if each is not None and each.state.level:
            level = each.plan.levels[min(each.state.level, len(each.plan.levels)) - 1]
            said.append((scene.city_name(code), level.name_zh if scene.text.lang == "zh" else level.name_en))
    return said
