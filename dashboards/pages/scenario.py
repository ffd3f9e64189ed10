"""措施效果: which warning the plan asks for, what each level would change, free cuts, and what a warning has changed."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.components import marks
from dashboards.components.scenario_tables import (
    check_table,
    check_words,
    effect_words,
    effects_table,
    free_choices,
    free_table,
    known_error,
    window_words,
)
from dashboards.components.warning_days import day_list, state_line
from dashboards.context import Scene, open_scene
from dashboards.moment import beijing
from dashboards.queries import scenarios
from ml.scenario.effect import WARM_MONTHS
from ml.scenario.measures import ANSWERED
from streams.store.moments import local

dash.register_page(__name__, path="/scenario", name="scenario", order=1)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query. It only reads: what is asked was worked out beside the attribution."""
    with open_scene(query) as scene:
        parts = [warning(scene, "card"), effects(scene, "card"), free(scene, "card"), check(scene, "card")]
        return shell.frame(scene, "scenario", html.Div(parts, className="below scenario-page"))


def _warning(scene: Scene) -> list[Any]:
    text, city = scene.text, scene.view.city
    title = html.H2([scene.city_name(city), html.Small(text("warning.title"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    cities = [
        html.A(scene.city_name(each), href=scene.view.link(city=each),
               **{"data-state": "", "aria-current": "true" if each == city else "false"})
        for each in scene.registry.cities
    ]  # fmt: skip
    head = html.Div([title, html.Div(cities, className="choices", role="group")], className="panel-head")
    found = scenarios.warned(scene.connection, city, scene.moment.hour)
    if found is None:
        return [head, html.P(text("warning.no_plan"), className="quiet")]
    trace = text(
        "warning.trace", plan=found.plan.title if text.lang == "en" else found.plan.code, run=found.run or "NA"
    )
    return [head, state_line(scene, found), day_list(scene, found), html.P(text("warning.only_rules"), className="footnote"),
            html.P([trace, marks.simulated({"simulated": found.simulated}, text)], className="footnote")]  # fmt: skip


def _effects(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("scenario.title"))
    found = _ahead(scene)
    if found is None:
        return [title, html.P(text("card.awaiting" if scene.waiting else "scenario.none"), className="quiet")]
    title.children = [
        text("scenario.title"), html.Small(window_words(scene, found)), marks.simulated({"simulated": found.simulated}, text),
    ]  # fmt: skip
    tables = []
    for quantity in ANSWERED:
        tables.append(html.Div([html.H3(text(f"scenario.{quantity}")), *effect_words(scene, found, quantity),
                                effects_table(scene, found, quantity)]))  # fmt: skip
    notes = [text("scenario.definition"), text("scenario.levels"), _trace(scene, found)]
    return [title, html.Div(tables, className="panels"), *_errors(scene, found),
            *(html.P(note, className="footnote") for note in notes)]  # fmt: skip


def _free(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("scenario.free_title"), html.Small(scene.city_name(scene.view.city))])
    found = _ahead(scene)
    if found is None:
        return [title, html.P(text("card.awaiting" if scene.waiting else "scenario.none"), className="quiet")]
    title.children = [
        text("scenario.free_title"), html.Small(f"{scene.city_name(scene.view.city)} · {window_words(scene, found)}"),
        marks.simulated({"simulated": found.simulated}, text),
    ]  # fmt: skip
    sector, place, percent = scene.view.free_cut
    effects = scenarios.free_effects(found, (sector, place, percent / 100.0), tuple(scene.registry.cities))
    shown = free_table(scene, effects) if effects else html.P(text("scenario.none"), className="quiet")
    return [
        title,
        free_choices(scene),
        shown,
        html.P(text("scenario.free_note"), className="footnote"),
        *_errors(scene, found),
    ]


def _check(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("scenario.check_title"))
    found = None
    if not scene.waiting:
        found = scenarios.checked(scene.connection, scene.view.city, tuple(scene.registry.cities), scene.moment.hour)
    if found is None or not found.checks:
        return [title, html.P(text("card.awaiting" if scene.waiting else "scenario.no_check"), className="quiet")]
    title.children = [
        text("scenario.check_title"), html.Small(window_words(scene, found)),
        marks.simulated({"simulated": found.row["simulated"]}, text),
    ]  # fmt: skip
    parts = [html.Div([html.H3(text(f"scenario.{quantity}")), check_table(scene, found, quantity, each)])
             for quantity, each in found.checks.items()]  # fmt: skip
    before = []
    if found.foreseen is not None:
        before = [html.P(text("scenario.foreseen_window", run=beijing(found.foreseen.run),
                              window=window_words(scene, found.foreseen)), className="footnote")]  # fmt: skip
    return [title, *check_words(scene, found.checks), html.Div(parts, className="panels"), *before,
            html.P(text("scenario.check_note"), className="footnote")]  # fmt: skip


def _ahead(scene: Scene) -> scenarios.Answers | None:
    if scene.waiting:
        return None
    return scenarios.ahead(scene.connection, scene.view.city, tuple(scene.registry.cities), scene.moment.hour)


def _errors(scene: Scene, found: scenarios.Answers) -> list[html.P]:
    warm = local(found.first).month in WARM_MONTHS
    return [known_error(scene, quantity, found.shown(quantity), warm=warm) for quantity in ANSWERED]


def _trace(scene: Scene, found: scenarios.Answers) -> str:
    row = found.any_row
    return scene.text(
        "scenario.trace", models=row["models"], run=beijing(found.run), method=row["method"], version=row["version"]
    )


warning = live.section("scenario-warning", _warning)
effects = live.section("scenario-effects", _effects)
free = live.section("scenario-free", _free)
check = live.section("scenario-check", _check)
