"""The figures of the page of verification, each with its numbers to take away."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from dash import html

from dashboards import judged
from dashboards.asked import Judging
from dashboards.components.judged_words import number
from dashboards.components.score_tables import digits_of, model_name, unit_of
from dashboards.components.take import About, Figure, figure
from dashboards.context import Scene
from dashboards.figures.axes import SHAPES
from dashboards.figures.lead_curves import lead_curves
from dashboards.figures.performance import performance
from dashboards.figures.reliability import reliability
from dashboards.figures.target import target
from dashboards.figures.taylor import taylor
from dashboards.judged import PERSISTENCE, Event, Quality, Scored
from standards.editions import edition_for

_CURVES = (("rmse", False), ("mb", True), ("r", False))
_SIGNS = dict(zip(SHAPES, "●■◆▲", strict=True))


@dataclass(frozen=True)
class Section:
    """What all figures of a section are of: the head of a file but for title and unit, how its name ends, and the section."""

    of: About
    file: str
    section: str


def about_of(scene: Scene, asked: Judging, section: str, *, place: str, simulated: bool) -> Section:
    """Say of which place and span the numbers are, what they rest on, and whether anything in them is simulated."""
    text, days = scene.text, asked.days
    period = text("judging.csv_issued", first=days.first, last=days.last)
    pairs = text("judging.same_pairs", fewest=judged.FEWEST)
    edition = edition_for(days.last).code
    return Section(
        About("", place, period, "", "forecast_city_hour, air_city_hour", edition, simulated, (pairs,)),
        f"{scene.view.city}-{scene.view.item}-{days.first}-{days.last}",
        section,
    )


def curve_figures(scene: Scene, table: pd.DataFrame, models: Sequence[str], about: Section) -> list[html.Div]:
    """Show error, bias and correlation by lead, of models and of persistence."""
    text, item = scene.text, scene.view.item
    found = {model: judged.curve(table, model) for model in models}
    made = []
    for score, signed in _CURVES:
        lines, rows = [], []
        for kind, (model, points) in enumerate(found.items()):
            # Persistence of every model is nearly the same line; that of the first stands for it.
            for i, name in enumerate((model, PERSISTENCE) if kind == 0 else (model,)):
                told = [(lead, each[i]) for lead, *each in points]
                lines.append((kind, name == PERSISTENCE, name, [
                    (float(lead), each.values[score], _note(scene, name, score, each, lead)) for lead, each in told
                ]))  # fmt: skip
                rows += [(name, lead, each.values[score], each.n) for lead, each in told]
        title = text(f"judging.score_{score}_long")
        unit = unit_of(item) if score in ("mb", "rmse") else ""
        drawn = lead_curves(lines, (title, text("judging.lead_h"), f"{text(f'judging.score_{score}')} {unit}".strip()),
                            signed=signed)  # fmt: skip
        heads = ("model", "lead_h", f"{score}{f' [{unit}]' if unit else ''}", "n")
        made.append(
            told_figure(scene, title, drawn, f"{score}-by-lead", heads, rows, about, legend(scene, models, base=True))
        )
    return made


def taylor_figure(
    scene: Scene, found: Mapping[int, Sequence[Scored]], models: Sequence[str], about: Section
) -> html.Div:
    """Show correlation and spread by day of lead, of models and of persistence."""
    text, points, rows = scene.text, [], []
    for day, scored in found.items():
        for place, each in enumerate(scored):
            note = text("judging.taylor_note", model=model_name(scene, each.model), day=day, n=each.n,
                        r=number(each.values["r"], 2), ratio=number(each.ratio, 2))  # fmt: skip
            rows.append((each.model, day, each.values["r"], each.ratio, each.n))
            if each.model != PERSISTENCE or place == 1:
                kind = models.index(scored[place - place % 2].model)
                points.append((each.values["r"], each.ratio, kind, note, str(day), each.model == PERSISTENCE))
    words = (text("judging.taylor"), text("judging.ratio"), text("judging.score_r_long"), text("judging.observed"))
    return told_figure(scene, text("judging.taylor"), taylor(points, words), "taylor", ("model", "lead_day", "r", "sd_ratio", "n"),
                   rows, about, legend(scene, models, base=True), text("judging.taylor_read"))  # fmt: skip


def event_figure(scene: Scene, found: Mapping[int, Sequence[Event]], about: Section) -> html.Div:
    """Show how events were forecast: a point for each threshold, of the model and of persistence."""
    text, points, rows = scene.text, [], []
    names = [each.model for each in next(iter(found.values()), ())][:1]
    for level, events in found.items():
        for each in events:
            success = 1.0 - each.values["far"]
            note = text("judging.event_note", model=model_name(scene, each.model), above=number(each.above, 0), n=each.n,
                        hits=each.counts[0], alarms=each.counts[1], misses=each.counts[2])  # fmt: skip
            points.append((success, each.values["pod"], 0, note, str(level), each.model == PERSISTENCE))
            rows.append((each.model, each.above, *each.counts, success, each.values["pod"], each.values["csi"], each.n))
    words = (text("judging.performance"), text("judging.success"), text("judging.event_pod_long"))
    heads = ("model", "above", "hits", "false_alarms", "misses", "rejections", "success_ratio", "pod", "csi", "n")
    return told_figure(scene, text("judging.performance"), performance(points, words), "performance", heads, rows, about,
                   legend(scene, names, base=True), text("judging.performance_read"))  # fmt: skip


def quality_figure(scene: Scene, found: Mapping[str, Quality | None], model: str, about: Section) -> html.Div:
    """Show the cities in the target diagram."""
    text, points, rows = scene.text, [], []
    for city, each in found.items():
        if each is None:
            continue
        name = scene.city_name(city)
        note = text("judging.target_note", city=name, mqi=number(each.mqi, 2), n=each.n)
        if math.isfinite(each.mqi):
            points.append((each.bias, each.centred, each.right, 0, note, name))
        rows.append((city, name, each.mqi, each.bias, each.centred if each.right else -each.centred, each.n))
    words = (text("judging.target"), text("judging.target_x"), text("judging.target_y"))
    heads = ("city", "name", "mqi", "bias_over_allowed", "crmse_over_allowed_signed", "n")
    return told_figure(scene, text("judging.target"), target(points, words), "target", heads, rows, about,
                   legend(scene, [model], base=False), text("judging.target_read"))  # fmt: skip


def reliability_figure(scene: Scene, table: pd.DataFrame, models: Sequence[str], about: Section) -> html.Div:
    """Show how reliable quantiles are, of the models that give them; in words where none does."""
    text, lines, rows = scene.text, [], []
    for kind, model in enumerate(models):
        found = judged.reliability(table, model)
        if found and found[0][2] >= judged.FEWEST:
            lines.append((kind, [
                (level, share, text("judging.reliability_note", model=model, level=f"{level:.0%}", share=f"{share:.0%}", n=n))
                for level, share, n in found
            ]))  # fmt: skip
            rows += [(model, *each) for each in found]
    if not lines:
        return html.Div([html.H3(text("judging.reliability")), html.P(text("judging.no_quantiles"), className="quiet")])
    words = (text("judging.reliability"), text("judging.level"), text("judging.share"))
    return told_figure(scene, text("judging.reliability"), reliability(lines, words), "reliability",
                   ("model", "level", "share_not_above", "n"), rows, about,
                   legend(scene, models, base=False, only={kind for kind, _ in lines}),
                   text("judging.reliability_read"))  # fmt: skip


def legend(scene: Scene, models: Sequence[str], *, base: bool, only: Collection[int] | None = None) -> html.Div:
    """Name the marks of the models (only: of some, by their place), and the hollow ones of persistence."""
    parts = [
        html.Span([html.I(_SIGNS[SHAPES[kind % len(SHAPES)]], className=f"sign kind-{kind % 6}"), model])
        for kind, model in enumerate(models)
        if only is None or kind in only
    ]
    if base:
        parts.append(html.Span([html.I("○", className="sign"), scene.text("judging.persistence")]))
    return html.Div(parts, className="legend signs")


def _note(scene: Scene, model: str, score: str, each: Scored, lead: int) -> str:
    value = number(each.values[score], digits_of(score, scene.view.item))
    return scene.text("judging.curve_note", model=model_name(scene, model), first=lead - judged.BIN_H + 1, last=lead,
                      score=scene.text(f"judging.score_{score}"), value=value, n=each.n)  # fmt: skip


def _looks(signs: html.Div) -> list[tuple[str, str]]:
    """Give the keys that stand beside a figure: their classes and words."""
    keys = [each.children for each in signs.children]
    return [(sign.className.split()[-1], words) for sign, words in keys]


def told_figure(
    scene: Scene, title: str, svg: str, name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], about: Section,
    signs: html.Div, read: str = "", *, share: bool = False,
) -> html.Div:  # fmt: skip
    """Show a figure with its keys and the way to take it; share: its values are shares of one, not concentrations of the item."""
    unit = "" if share else unit_of(scene.view.item)
    own = replace(about.of, title=title if share else f"{title}: {scene.view.item} {unit}".strip(), unit=unit or "1")
    notes = [html.P(read, className="footnote")] if read else []
    return html.Div(
        [
            html.H3(title),
            signs,
            figure(scene, about.section, Figure(f"{name}-{about.file}", svg, heads, rows, own, _looks(signs))),
            *notes,
        ]
    )
