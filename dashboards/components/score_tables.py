"""Scores of forecasts as tables: a row each with the pairs behind it, persistence under each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.judged_words import number
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.judged import PERSISTENCE, SCORES, Event, Quality, Scored
from standards.pollutants import POLLUTANTS

DIGITS = {"mb": 1, "nmb": 0, "nme": 0, "rmse": 1, "r": 2, "ioa": 2, "fac2": 2}
_SIGNED = ("mb", "nmb")
_IN_UNIT = ("mb", "rmse")


def unit_of(item: str) -> str:
    """Give the unit of an item as it is shown; nothing for the index."""
    return "" if item == "aqi" else marks.UNITS[POLLUTANTS[item].unit]


def model_name(scene: Scene, name: str) -> str:
    """Name a model, or persistence in the reader's language."""
    return scene.text("judging.persistence") if name == PERSISTENCE else name


def digits_of(score: str, item: str) -> int:
    """Give the decimals of a score; carbon monoxide has two more in its unit."""
    return DIGITS[score] + (2 if item == "co" and score in _IN_UNIT else 0)


def score_heads(scene: Scene, item: str) -> list[Any]:
    """Head the scores, with units once."""
    text, unit = scene.text, unit_of(item)
    units = {**dict.fromkeys(_IN_UNIT, unit), "nmb": "%", "nme": "%"}
    heads = [
        html.Span(
            [text(f"judging.score_{name}"), html.Small(units.get(name, ""))], title=text(f"judging.score_{name}_long")
        )
        for name in SCORES
    ]
    return [*heads, html.Span(text("judging.skill"), title=text("judging.skill_long")), "n"]


def score_cells(item: str, each: Scored) -> list[html.Td]:
    """Give the cells of scores, skill and n; NA where there are too few pairs."""
    cells = [
        html.Td(number(each.values[name], digits_of(name, item), signed=name in _SIGNED), className="number")
        for name in SCORES
    ]
    skill = "—" if each.model == PERSISTENCE else number(each.skill, 2, signed=True)
    return [*cells, html.Td(skill, className="number"), html.Td(f"{each.n:,}", className="number")]


def lead_table(
    scene: Scene, item: str, by_day: Mapping[int, Sequence[Scored]], links: Mapping[int, str], chosen: int
) -> html.Div:
    """List scores by day of lead and model."""
    text = scene.text
    body = []
    for day, found in by_day.items():
        for i, each in enumerate(found):
            first = html.Th(
                html.A(text("judging.lead_day", day=day), href=links[day],
                       **{"data-state": "", "aria-current": "true" if day == chosen else "false"}),
                scope="rowgroup", rowSpan=str(len(found)),
            )  # fmt: skip
            name = html.Th(model_name(scene, each.model), scope="row", className=_kind(each.model))
            body.append(
                html.Tr([*([first] if i == 0 else []), name, *score_cells(item, each)], className=_kind(each.model))
            )
    heads = [text("judging.lead"), text("judging.model"), *score_heads(scene, item)]
    return scrolling(plain_table(heads, body, "scores"))


def city_table(
    scene: Scene, item: str, found: Mapping[str, Sequence[Scored]], qualities: Mapping[str, Quality | None]
) -> html.Div:
    """List scores by city, with the modelling quality."""
    text = scene.text
    body = []
    for city, rows in found.items():
        for i, each in enumerate(rows):
            first = html.Th(scene.city_name(city), scope="rowgroup", rowSpan=str(len(rows)))
            made = qualities.get(city)
            quality = "—" if i else number(None if made is None else made.mqi, 2)
            note = "" if i or made is None else text("judging.mqi_n", n=made.n)
            name = html.Th(model_name(scene, each.model), scope="row", className=_kind(each.model))
            cells = [*score_cells(item, each), html.Td(quality, className="number", title=note)]
            body.append(html.Tr([*([first] if i == 0 else []), name, *cells], className=_kind(each.model)))
    heads = [text("judging.city"), text("judging.model"), *score_heads(scene, item),
             html.Span("MQI", title=text("judging.mqi_long"))]  # fmt: skip
    return scrolling(plain_table(heads, body, "scores"))


def event_table(scene: Scene, item: str, found: Sequence[Event]) -> html.Div:
    """List how events were forecast: four counts and the scores made of them."""
    text = scene.text
    names = ("hits", "false_alarms", "misses", "rejections")
    scores = ("pod", "far", "csi", "frequency_bias", "hss")
    heads = [text("judging.event"), text("judging.model"), *(text(f"judging.case_{name}") for name in names)]
    heads += [html.Span(text(f"judging.event_{name}"), title=text(f"judging.event_{name}_long")) for name in scores]
    body = []
    for each in found:
        above = f"> {number(each.above, 0)} {unit_of(item)}".strip()
        cells = [html.Td(f"{count:,}", className="number") for count in each.counts]
        cells += [html.Td(number(each.values[name], 2), className="number") for name in scores]
        name = html.Th(model_name(scene, each.model), scope="row", className=_kind(each.model))
        body.append(html.Tr([html.Th(above, scope="row"), name, *cells, html.Td(f"{each.n:,}", className="number")],
                            className=_kind(each.model)))  # fmt: skip
    return scrolling(plain_table([*heads, "n"], body, "scores"))


def _kind(model: str) -> str:
    return "baseline" if model == PERSISTENCE else ""
