"""变化规律: what the hours of a day, the days of a week and the months have in the mean, and between which bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import Asked, Quantity, whole
from dashboards.analysis.cycles import KINDS, LEAST_HOURS, Group, cycle
from dashboards.components import behind, exploring, marks
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene, open_scene
from dashboards.figures.cycle import cycle_figure
from dashboards.queries import analysis

dash.register_page(__name__, path="/analysis/cycles", name="cycles", order=11, in_navigation=False)

STATISTICS = ("mean", "quartiles")


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: span or from and to, stat (mean or quartiles)."""
    with open_scene(query) as scene:
        parts = [exploring.sister_pages(scene, "cycles"), choice(scene, "card"), cycles(scene, "card"),
                 asked_point(scene, "card")]  # fmt: skip
        return shell.frame(scene, "cycles", html.Div(parts, className="below exploring"))


def _choice(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("explore.cycles"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    asked = Asked(scene.params)
    span, stat = asked.span(scene.moment.hour, "90d"), asked.among("stat", STATISTICS, "mean")
    words = {each: text(f"explore.stat_{each}") for each in STATISTICS}
    chosen = [exploring.city_choice(scene), exploring.item_choice(scene), exploring.span_choice(scene, span)]
    chosen.append(exploring.own_choice(scene, text("explore.statistic"), "stat", words, stat))
    return [title, exploring.fallen_back(scene, asked.troubles), *chosen]


def _cycles(scene: Scene) -> list[Any]:
    text, item = scene.text, scene.view.item
    title = html.H2(text("explore.cycles_of", city=scene.city_name(scene.view.city), item=exploring.item_name(item)))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    asked = Asked(scene.params)
    span, quartiles = asked.span(scene.moment.hour, "90d"), asked.among("stat", STATISTICS, "mean") == "quartiles"
    quantity = Quantity(scene.view.city, "air", item)
    found = analysis.hours_of(scene.connection, quantity, span)
    if not found.n:
        return [title, html.P(text("explore.nothing"), className="quiet")]
    about = exploring.about(scene, "", [(quantity, found)], span)
    panels = [
        _panel(scene, kind, cycle(found.values, span.first, kind, quartiles=quartiles), quartiles, about)
        for kind in KINDS
    ]
    title.children = [
        title.children,
        html.Small(exploring.span_words(scene, span)),
        marks.simulated({"simulated": found.simulated}, text),
    ]
    notes = [
        text("explore.quartiles_note" if quartiles else "explore.mean_note"),
        text("explore.days_note", hours=LEAST_HOURS),
    ]
    return [title, html.Div(panels, className="panels"), exploring.rests_on(scene, exploring.item_name(item), found, span),
            *(html.P(note, className="footnote") for note in notes)]  # fmt: skip


def _panel(scene: Scene, kind: str, groups: list[Group], quartiles: bool, about: About) -> html.Div:
    text, item = scene.text, scene.view.item
    words = _words(scene, kind, groups)
    head = text(f"explore.by_{kind}")
    label = f"{head} · {exploring.item_name(item)} {exploring.item_unit(item)}".strip()
    names = ("median", "quartile_1", "quartile_3") if quartiles else ("mean", "low_95", "high_95")
    unit = exploring.item_unit(item) or "1"
    columns = (kind, *(f"{name} [{unit}]" for name in names), "n", "n_effective")
    rows = [(group.key, group.middle, group.low, group.high, group.n, group.effective) for group in groups]
    asks = [(scene.link({"at": f"{kind}:{group.key}"}), word) for group, word in zip(groups, words, strict=True)]
    svg = cycle_figure(groups, words, exploring.item_unit(item), label, asks)
    drawn = Figure(f"by-{kind}", svg, columns, rows, replace(about, title=f"{label} · {names[0]}"))
    figure = take_figure(scene, "cycles", drawn, class_name="plot-box")
    heads = [head, text("explore.median" if quartiles else "explore.mean"),
             text("explore.quartiles" if quartiles else "explore.interval"),
             text("explore.n_hours" if kind == "hour" else "explore.n_days"), text("explore.effective")]  # fmt: skip
    decimals = 2 if item == "co" else 1
    body = [_line(word, group, decimals) for word, group in zip(words, groups, strict=True)]
    return html.Div([html.H3(head), figure, html.Details([html.Summary(text("explore.numbers")),
                                                          scrolling(plain_table(heads, body, "stats"))])])  # fmt: skip


def _line(word: str, group: Group, decimals: int) -> html.Tr:
    bounds = (
        "NA"
        if group.low != group.low
        else " – ".join(exploring.signed(edge, decimals) for edge in (group.low, group.high))
    )
    cells = [exploring.signed(group.middle, decimals), bounds, str(group.n), f"{group.effective:.0f}"]
    return html.Tr([html.Th(word, scope="row"), *(html.Td(cell, className="number") for cell in cells)])


def _words(scene: Scene, kind: str, groups: list[Group]) -> list[str]:
    if kind == "weekday":
        return [scene.text(f"explore.weekday_{group.key}") for group in groups]
    return [str(group.key) for group in groups]


def _key(text: str) -> tuple[str, int]:
    """Read a group, "hour:13", "weekday:0" or "month:7"; raise ValueError for what there is not."""
    kind, _, key = text.partition(":")
    bounds = {"hour": (1, 24), "weekday": (0, 6), "month": (1, 12)}
    if kind not in bounds:
        raise ValueError(text)
    return kind, whole(key, *bounds[kind])


def _point(scene: Scene) -> list[Any]:
    """Show what stands behind a group: its definition, its numbers, and the rows that it was made of."""
    text, item = scene.text, scene.view.item
    if scene.waiting:
        return exploring.awaiting(scene, html.H2(text("point.title")))
    asked = Asked(scene.params)
    span, stat = asked.span(scene.moment.hour, "90d"), asked.among("stat", STATISTICS, "mean")
    asked = Asked(scene.params)
    kind, key = asked.read("at", _key, ("hour", 8))
    quantity = Quantity(scene.view.city, "air", item)
    found = analysis.hours_of(scene.connection, quantity, span)
    groups = cycle(found.values, span.first, kind, quartiles=stat == "quartiles")
    at = next(i for i, group in enumerate(groups) if group.key == key)
    steps = [(text(f"point.{way}"), scene.link({"at": f"{kind}:{groups[at + by].key}"}))
             for way, by in (("previous", -1), ("next", 1)) if 0 <= at + by < len(groups)]  # fmt: skip
    group, word = groups[at], _words(scene, kind, groups)[at]
    name = text("point.month_name", name=key) if kind == "month" else word
    by_day = "hour" if kind == "hour" else "day"
    defined = text(f"point.of_{by_day}_{stat}", name=f"{key:02d}" if kind == "hour" else name, least=LEAST_HOURS)
    unit, decimals = exploring.item_unit(item), 2 if item == "co" else 1
    bounds = " – ".join(exploring.signed(edge, decimals) for edge in (group.low, group.high))
    told = [
        (text("point.value"), [exploring.signed(group.middle, decimals), html.Small(f" {unit}")]),
        (text("point.unit"), unit or "1"),
        (text("point.definition"), defined), (text(f"point.bounds_{stat}"), bounds), (text("point.members"), str(group.n)),
        (text("point.effective"), f"{group.effective:.0f}"), *behind.hours_told(scene, found, span),
    ]  # fmt: skip
    head = html.H3([exploring.quantity_name(scene, quantity), html.Small(f" {text(f'explore.by_{kind}')}: {word}")])
    rows = html.P(behind.rows_link(scene, quantity, span.first, span.last))
    said = exploring.fallen_back(scene, asked.troubles)
    return behind.panel(scene, steps, said, html.Div([head, behind.facts(told), rows], className="behind"))


choice = live.section("cycles-choice", _choice)
asked_point = live.section("cycles-point", _point, at_once=False)
cycles = live.section("cycles", _cycles)
