"""How much of a change was the weather's: changes between months, months beside the usual weather, and an episode above it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.judged_words import number
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.queries.weather import Excess
from ml.normalise.month_change import MonthChange

Row = dict[str, Any]
UNIT = "µg/m³"


def change_table(scene: Scene, found: Sequence[tuple[str, MonthChange]]) -> list[Any]:
    """List changes, a row each with what it compares in words: observed, without the weather, the rest, with intervals; below it
    what stands behind them, or why nothing is told."""
    text = scene.text
    heads = [
        text("weather.compared"),
        *(html.Span([text(f"weather.{name}"), html.Small(UNIT)]) for name in ("observed", "us", "of_weather")),
    ]
    body, notes = [], []
    for said, each in found:
        parts = [number(each.observed, signed=True), *(_with_interval(v, each.half) for v in (each.us, each.weather))]
        flag = marks.simulated({"simulated": each.simulated}, text)
        body.append(
            html.Tr([html.Th([said, flag], scope="row"), *(html.Td(part, className="number") for part in parts)])
        )
        notes.append(
            html.P([f"{said}：" if text.lang == "zh" else f"{said}: ", _note(scene, each)], className="footnote")
        )
    return [scrolling(plain_table(heads, body, "scores weather-change")), *notes]


def _note(scene: Scene, found: MonthChange) -> str:
    text = scene.text
    if found.why:
        return text("weather.not_told", why=text.of_code("weather.why_", found.why))
    now, base = (f"{number(each)} {UNIT}" for each in (found.now, found.base))
    return text("weather.means", now=now, base=base, hours_now=found.hours[0], hours_base=found.hours[1],
                skill=number(found.skill, 2))  # fmt: skip


def month_table(scene: Scene, rows: Sequence[Row]) -> html.Div:
    """List months, the newest first: observed, in the usual weather with its interval, the difference; NA with its reason."""
    text = scene.text
    heads = [text("weather.month"), html.Span([text("weather.seen"), html.Small(UNIT)]),
             html.Span([text("weather.usual"), html.Small(UNIT)]), html.Span([text("weather.added"), html.Small(UNIT)]),
             text("weather.hours")]  # fmt: skip
    body = []
    for row in reversed(rows):
        why = text.of_code("weather.why_", row["unanswered"]) if row["unanswered"] else None
        told, ends = _or_nan(row["normalised"]), f"{number(row['low'])} … {number(row['high'])}"
        usual = "NA" if why else [number(told), html.Small(f" {ends}")]
        body.append(html.Tr([
            html.Th([f"{row['month']:%Y-%m}", marks.simulated(row, text)], scope="row"),
            html.Td(number(row["observed"]), className="number"), html.Td(usual, className="number", title=why),
            html.Td(number(_or_nan(row["observed"]) - told, signed=True), className="number"),
            html.Td(row["hours"], className="number"),
        ]))  # fmt: skip
    return scrolling(plain_table(heads, body, "scores weather-months"))


def excess_words(scene: Scene, found: Excess) -> html.P:
    """Say how far the hours of an episode lay above the usual weather of its season; or why that is not told."""
    text = scene.text
    if found.why:
        why = text.of_code("weather.why_", found.why)
        return html.P(text("weather.not_told", why=why), className="quiet")
    key = "weather.episode_above" if found.above > 0 else "weather.episode_below"
    values = {"observed": number(found.observed), "usual": number(found.normalised), "above": number(found.above),
              "low": number(found.normalised - found.half), "high": number(found.normalised + found.half)}  # fmt: skip
    return html.P(text(key, **values), className="said")


def trace(scene: Scene, row: Row | None) -> list[html.P]:
    """Say what the numbers mean and what they rest on; nothing without a row."""
    text = scene.text
    if row is None:
        return []
    days = {"first": row["record_first"] or "NA", "last": row["record_last"] or "NA"}
    source = text.of_code("weather.from_", row["weather"] or "unknown")
    said = text("weather.trace", weather=source, model=row["model"] or "NA", method=row["method"], version=row["version"],
                **days)  # fmt: skip
    return [html.P(f"{text('weather.about')}{'' if text.lang == 'zh' else ' '}{said}", className="footnote")]


def _with_interval(value: float, half: float) -> Any:
    if not math.isfinite(value):
        return "NA"
    ends = f" {number(value - half, signed=True)} … {number(value + half, signed=True)}"
    return [number(value, signed=True), html.Small(ends)]


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
