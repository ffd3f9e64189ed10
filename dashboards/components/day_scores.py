"""Scores of whole days: the index by lead and model with its events, and how probabilities came true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.judged_words import number
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.verified_figures import Section, legend, told_figure
from dashboards.context import Scene
from dashboards.figures.chances import chances as drawn
from dashboards.judged import LEVELS
from dashboards.judged_days import ABOVE, INDEX, Chances, DayScores

_PERCENT = ("range", "level", "strict_level", "half_level", "primary")
_PARTS = ("pod", "far", "csi")


def day_table(scene: Scene, found: Sequence[DayScores]) -> html.Div:
    """List scores of the index by lead and model, with the events above each threshold and the days behind them."""
    text = scene.text
    heads: list[Any] = [text("day_scores.lead"), text("judging.model")]
    heads += [
        html.Span(
            [text(f"day_scores.{name}"), html.Small("%" if name in _PERCENT else "")],
            title=text(f"day_scores.{name}_long"),
        )
        for name in INDEX
    ]
    heads += [text("day_scores.above", above=above) for above in LEVELS]
    body = []
    for each in found:
        cells = [html.Td(_index(name, each.index[name]), className="number") for name in INDEX]
        cells += [_event(scene, each.events.get(above)) for above in LEVELS]
        lead = html.Th(text("judging.lead_day", day=each.lead_day), scope="row")
        body.append(html.Tr([lead, html.Th(each.model, scope="row"), *cells, html.Td(each.n, className="number")]))
    return scrolling(plain_table([*heads, "n"], body, "scores day-scores"))


def _index(name: str, value: float) -> str:
    if name in _PERCENT:
        return number(100 * value, 0)
    return number(value, 0) if name == "shanghai" else number(value, 2, signed=True)


def _event(scene: Scene, found: dict[str, float] | None) -> html.Td:
    if found is None:
        return html.Td("NA", className="number")
    counts = {name: f"{found[name]:.0f}" for name in ("hits", "false_alarms", "misses", "rejections")}
    said = " / ".join(number(found[name], 2) for name in _PARTS)
    return html.Td(said, className="number", title=scene.text("day_scores.counts", **counts))


def chance_figures(scene: Scene, found: Sequence[Chances], models: Sequence[str], about: Section) -> list[Any]:
    """Show how probabilities came true, an event after the other, with Brier scores; in words where none is stored."""
    text = scene.text
    title = html.H3(text("day_scores.chances"))
    if not found:
        return [title, html.P(text("day_scores.no_chances"), className="quiet")]
    figures = [_figure(scene, event, [each for each in found if each.event == event], models, about) for event in ABOVE]
    return [title, _brier_table(scene, found), html.P(text("day_scores.chances_read"), className="footnote"),
            html.Div([each for each in figures if each is not None], className="figures")]  # fmt: skip


def _figure(
    scene: Scene, event: str, found: Sequence[Chances], models: Sequence[str], about: Section
) -> html.Div | None:
    text, lines, rows = scene.text, [], []
    for each in found:
        points = []
        for said, happened, n in zip(each.bins.said, each.bins.happened, each.bins.n, strict=True):
            if not math.isfinite(said):
                continue
            note = text("day_scores.bin_note", model=each.model, said=f"{said:.0%}", happened=f"{happened:.0%}", n=n)
            points.append((float(said), float(happened), int(n), note))
            rows.append((each.model, float(said), float(happened), int(n)))
        lines.append((models.index(each.model), points))
    if not lines:
        return None
    title = text(f"day_scores.{event}")
    svg = drawn(lines, (title, text("day_scores.said"), text("day_scores.happened")))
    signs = legend(scene, models, base=False, only={kind for kind, _ in lines})
    heads = ("model", "probability", "observed_frequency", "days")
    return told_figure(scene, title, svg, f"reliability-{event}", heads, rows, about, signs, share=True)


def _brier_table(scene: Scene, found: Sequence[Chances]) -> html.Div:
    text = scene.text
    heads = [text("day_scores.event"), text("judging.model"), text("day_scores.brier"), text("day_scores.brier_skill"),
             html.Span(text("day_scores.parts"), title=text("day_scores.parts_long")), text("day_scores.frequency")]  # fmt: skip
    body = [
        html.Tr([
            html.Th(text(f"day_scores.{each.event}"), scope="row"), html.Td(each.model),
            html.Td(number(each.score, 3), className="number"), html.Td(number(each.skill, 2, signed=True), className="number"),
            html.Td(" / ".join(number(part, 3) for part in each.bins.parts), className="number"),
            html.Td(f"{each.happened} / {each.n}", className="number"),
        ])
        for each in found
    ]  # fmt: skip
    return scrolling(plain_table(heads, body, "scores brier"))
