"""What measures would change: tables by city with their intervals, free cuts, and the check after a warning."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from dashboards.components import marks
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.queries.scenarios import Answers, Checked, Row
from dashboards.view import PERCENTS
from ml.scenario.check import Check
from ml.scenario.cuts import Cut, CutError, plan_cuts
from ml.scenario.effect import Effect, Shown
from ml.scenario.free import CUTTABLE
from ml.scenario.measures import ANSWERED, LEVEL_MEASURES, TRAFFIC, TRAFFIC_SHARE
from ml.scenario.words import (
    check_in_words,
    cuts_in_words,
    effect_in_words,
    error_in_words,
    plain,
    signed,
    unanswered_in_words,
)
from standards.warning.plan import reduction_share
from standards.warning.plan_files import Plan, plan_named
from streams.contributors import ALL

HOUR = dt.timedelta(hours=1)
MEASURES = (*LEVEL_MEASURES, TRAFFIC)


def plan_in(row: Row) -> Plan | None:
    """Give the plan of a row, None where it is not shipped any more."""
    try:
        return plan_named(row["plan"])
    except ValueError:
        return None


def level_name(scene: Scene, plan: Plan | None, level: int) -> str:
    """Name a level of a plan in the reader's language."""
    if plan is None or not 1 <= level <= len(plan.levels):
        return scene.text("scenario.level", level=level)
    return plan.levels[level - 1].name_zh if scene.text.lang == "zh" else plan.levels[level - 1].name_en


def effects_table(scene: Scene, answers: Answers, quantity: str) -> html.Div:
    """Lay out what each measure changes in each city: the change, its interval below it, the asked level of a city marked."""
    text, plan = scene.text, plan_in(answers.any_row)
    heads = [text("scenario.city"), html.Span([text("scenario.now"), html.Small("µg/m³")])]
    heads += [_measure_head(scene, plan, measure) for measure in MEASURES]
    shown = answers.shown(quantity)
    body = []
    for city in scene.registry.cities:
        rows = [answers.of(measure, quantity, city) for measure in MEASURES]
        asked = answers.asked(city)
        cells = [
            _change_cell(scene, row, asked=measure == f"level:{asked}")
            for measure, row in zip(MEASURES, rows, strict=True)
        ]
        level = next((row["level"] for row in rows if row is not None and row["level"] is not None), None)
        name = html.Th([scene.city_name(city), *_asked_mark(scene, plan, asked)], scope="row")
        now = html.Td("NA" if level is None else f"{level:.0f}", className="number")
        body.append(html.Tr([name, now, *cells], className="selected" if city == scene.view.city else ""))
    name = "effects" + (" useless" if shown.useless else "")
    return html.Div([plain_table(heads, body, name)])


def effect_words(scene: Scene, answers: Answers, quantity: str) -> list[html.P]:
    """Say what the asked level, or else the highest, changes in the selected city; or why there is no answer."""
    text, city = scene.text, scene.view.city
    level = answers.asked(city) or len(LEVEL_MEASURES)
    row = answers.of(f"level:{level}", quantity, city)
    if row is None:
        return []
    if row["change"] is None:
        return [html.P(unanswered_in_words(quantity, row["unanswered"] or "no_tags", text.lang), className="said")]
    effect = _effect_of_row(row, quantity, city, answers.shown(quantity))
    words = effect_in_words(effect, city, _level_cut(scene, plan_in(row), level), scene.city_name(city), text.lang)
    return [html.P(words, className="said")]


def help_lines(scene: Scene, answers: Answers | None, level: int) -> list[html.P]:
    """Say in a line for each quantity what a level of the plan would change in the selected city, with its known error."""
    text, city = scene.text, scene.view.city
    if answers is None:
        return [html.P(text("warning.no_effects"), className="quiet")]
    said = []
    for quantity in ANSWERED:
        row = answers.of(f"level:{level}", quantity, city)
        if row is not None and row["change"] is not None:
            effect = _effect_of_row(row, quantity, city, answers.shown(quantity))
            cut = _level_cut(scene, plan_in(row), level)
            words = [effect_in_words(effect, city, cut, scene.city_name(city), text.lang), " "]
            made = marks.simulated(row, text)
            known = html.Small(error_in_words(effect.shown, text.lang), className="known-error")
            said.append(html.P([*words, made, " ", known], className="said"))
    return said or [html.P(text("warning.no_effects"), className="quiet")]


def known_error(scene: Scene, quantity: str, shown: Shown, *, warm: bool) -> html.P:
    """Say how wrong the method was on worlds whose answer is known, of the season of the answer."""
    text = scene.text
    season = text("scenario.warm" if warm else "scenario.cold")
    name = text("scenario.error_of", quantity=text(f"scenario.{quantity}"), season=season)
    bad = " caution" if shown.useless else ""
    return html.P([html.B(name), " ", error_in_words(shown, text.lang)], className=f"known-error{bad}")


def free_choices(scene: Scene) -> html.Div:
    """Let the reader choose a free cut by links: who, where, and how much."""
    sector, place, percent = scene.view.free_cut
    groups = [
        ("scenario.who", [(s, _sector(scene, s)) for s in CUTTABLE], sector, lambda s: f"{s}:{place}:{percent}"),
        ("scenario.where", [(p, _place(scene, p)) for p in (ALL, *scene.registry.cities)], place,
         lambda p: f"{sector}:{p}:{percent}"),
        ("scenario.how_much", [(n, f"{n} %") for n in PERCENTS], percent, lambda n: f"{sector}:{place}:{n}"),
    ]  # fmt: skip
    return html.Div([_choice(scene, *group) for group in groups], className="free-choices")


def free_table(scene: Scene, effects: Mapping[str, Effect]) -> html.Div:
    """Show what a free cut changes in the selected city, by quantity, and say it in words."""
    text, city = scene.text, scene.view.city
    words, body = [], []
    cut = free_words(scene)
    for quantity, effect in effects.items():
        said = effect_in_words(effect, city, cut, scene.city_name(city), text.lang)
        words += [html.P(said, className="said")] if said else []
        numbers = {name: float(getattr(effect, name)[0]) for name in ("level", "change", "low", "high")}
        row = {**numbers, "unanswered": None}
        now = html.Td(f"{numbers['level']:.0f}", className="number")
        body.append(html.Tr([html.Th(text(f"scenario.{quantity}"), scope="row"), now, _change_cell(scene, row, asked=False)],
                            className="useless" if effect.shown.useless else ""))  # fmt: skip
    heads = [text("scenario.quantity"), html.Span([text("scenario.now"), html.Small("µg/m³")]),
             html.Span([text("scenario.change"), html.Small("µg/m³")])]  # fmt: skip
    return html.Div([*words, plain_table(heads, body, "effects free")])


def free_words(scene: Scene) -> str:
    """Name the free cut in words."""
    sector, place, percent = scene.view.free_cut
    names = {city: scene.city_name(city) for city in scene.registry.cities}
    cut = Cut(sector=sector, city=place, share=percent / 100.0, first_hour=0, last_hour=0)
    return cuts_in_words([cut], names, scene.text.lang)


def check_table(scene: Scene, found: Checked, quantity: str, check: Check) -> html.Div:
    """Lay out by city what was foreseen, what the tags say since, what was measured, and what it would have been."""
    text = scene.text
    keys = ("city", "foreseen", "since", "measured", "without", "misfit")
    heads = [text("scenario.city"), *(html.Span([text(f"scenario.{key}"), html.Small("µg/m³")]) for key in keys[1:])]
    body = []
    for i, city in enumerate(check.receptors):
        before = found.foreseen.of(f"level:{found.level[city]}", quantity, city) if found.foreseen else None
        cells = [
            _change_cell(scene, before, asked=False),
            html.Td(_number(check.change[i], signed), className="number"),
            html.Td(_number(check.observed[i], plain), className="number"),
            html.Td(
                [_number(check.without[i], plain), *_interval(check.low[i], check.high[i], plain)], className="number"
            ),
            html.Td(_number(check.misfit[i], lambda value: f"±{plain(value)}"), className="number"),
        ]
        name = html.Th([scene.city_name(city), *_asked_mark(scene, plan_in(found.row), found.level[city])], scope="row")
        body.append(html.Tr([name, *cells], className="selected" if city == scene.view.city else ""))
    return scrolling(plain_table(heads, body, "effects check"))


def check_words(scene: Scene, checks: Mapping[str, Check]) -> list[html.P]:
    """Say for the selected city what the measures have done, and whether the measurement can tell it."""
    city, lang = scene.view.city, scene.text.lang
    said = [
        check_in_words(each, city, scene.city_name(city), lang) for each in checks.values() if city in each.receptors
    ]
    return [html.P(line, className="said") for line in said if line]


def window_words(scene: Scene, answers: Answers | Checked) -> str:
    """Name a window in Beijing time."""
    return scene.text("scenario.window", first=beijing(answers.first - HOUR), last=beijing(answers.last))


def _measure_head(scene: Scene, plan: Plan | None, measure: str) -> html.Span:
    text = scene.text
    if measure == TRAFFIC:
        return html.Span([text("scenario.traffic"), html.Small(f"−{100 * TRAFFIC_SHARE:.0f} %")])
    level = int(measure.partition(":")[2])
    share = float("nan") if plan is None else reduction_share("nox", level, plan=plan)
    return html.Span([level_name(scene, plan, level), html.Small("" if math.isnan(share) else f"−{100 * share:.0f} %")])


def _change_cell(scene: Scene, row: Mapping[str, Any] | None, *, asked: bool) -> html.Td:
    marked = " asked" if asked else ""
    if row is None or row["change"] is None:
        why = scene.text("scenario.not_known") if row is None else scene.text("scenario.not_answered")
        return html.Td(html.Span("—", title=why, **{"aria-label": why}), className=f"number{marked}")
    low, high = row["low"], row["high"]
    is_open = low is not None and high is not None and low <= 0.0 <= high
    title = scene.text("scenario.open") if is_open else ""
    number = html.Span(_number(row["change"], signed), className="change")
    return html.Td(
        [number, *_interval(low, high, signed)], className=f"number{' open' if is_open else ''}{marked}", title=title
    )


def _interval(low: float | None, high: float | None, write: Any) -> list[html.Small]:
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return []
    return [html.Small(f"{write(float(low))} … {write(float(high))}")]


def _number(value: float | None, write: Any) -> str:
    return "NA" if value is None or math.isnan(value) else write(float(value))


def _asked_mark(scene: Scene, plan: Plan | None, asked: int | None) -> list[html.Span]:
    if not asked:
        return []
    return [html.Span(level_name(scene, plan, asked), className=f"warning-level w{asked}")]


def _choice(scene: Scene, title: str, choices: Sequence[tuple[Any, str]], chosen: Any, cut: Any) -> html.Div:
    links = [
        html.A(name, href=scene.view.link(cut=cut(each)),
               **{"data-state": "", "aria-current": "true" if each == chosen else "false"})
        for each, name in choices
    ]  # fmt: skip
    return html.Div(
        [html.Span(scene.text(title), className="of-choice"), html.Div(links, className="choices", role="group")]
    )


def _sector(scene: Scene, sector: str) -> str:
    return scene.text("scenario.all_sectors") if sector == ALL else scene.text.of_code("sector.", sector)


def _place(scene: Scene, place: str) -> str:
    return scene.text("scenario.all_cities") if place == ALL else scene.city_name(place)


def _level_cut(scene: Scene, plan: Plan | None, level: int) -> str:
    names = {city: scene.city_name(city) for city in scene.registry.cities}
    if plan is not None:
        try:
            return cuts_in_words(plan_cuts(plan, level, tuple(names), (0, 0)), names, scene.text.lang)
        except CutError:
            pass
    return scene.text("scenario.level", level=level)


def _effect_of_row(row: Row, quantity: str, city: str, shown: Shown) -> Effect:
    numbers = {name: np.array([row[name]], float) for name in ("level", "change", "low", "high")}
    return Effect(quantity=quantity, receptors=(city,), shown=shown, **numbers)
