"""What drawings of results have in common: numbers that are kept, bars, lines over the hours of a day, heads of their files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.bench import named, shown
from dashboards.components.take import About, Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene
from dashboards.figures.day_lines import day_lines
from dashboards.figures.part_bars import part_bars
from streams.store.bench_results import Kept

SECTION = "ozone-results"
MOST_BARS = 20
NAN = float("nan")
Part = tuple[str, float, float, float]


def about_of(scene: Scene, kept: Kept, title: str, unit: str) -> About:
    """Give the head of the files of a result."""
    source = scene.text("bench.from_result", software=named.software(scene.text, kept.software))
    return About(title, kept.station, shown.period(kept.question), unit, source, kept.edition or "—", kept.simulated)


def number(value: Any) -> float:
    """Read a number that is kept; NaN for none."""
    return NAN if value is None else float(value)


def largest_first(value: Any) -> float:
    """Order values that are kept from the largest on, unknown ones last."""
    found = number(value)
    return -found if math.isfinite(found) else math.inf


def by_value(part: Part) -> float:
    """Order parts by their values so."""
    return largest_first(part[1])


def bars(scene: Scene, kept: Kept, name: str, what: str, title: str, unit: str, parts: Sequence[Part]) -> html.Div:
    """Draw bars. name: of their files; what: the parts are, "compound"; title, unit: as they are shown."""
    text, finite = scene.text, [part for part in parts if math.isfinite(part[1])][:MOST_BARS]
    svg = part_bars(finite, unit, title, decimals=1 if unit in ("%", "µg O₃/m³") else 2)
    heads = (text(f"bench.{what}"), f"{text('bench.value')} [{unit}]", text("bench.low"), text("bench.high"))
    figure = Figure(name, svg, heads, finite, about_of(scene, kept, title, unit))
    return html.Div([html.H3(title), take_figure(scene, SECTION, figure, class_name="plot-box")])


def day_cycle(
    scene: Scene, section: str, name: str, title: str, lines: Mapping[str, Sequence[float]], about: About
) -> html.Div:
    """Draw means by the hour of the day, a line for each name, all in the unit of about; section: that draws it."""
    names, values = list(lines), list(lines.values())
    rows = [(hour + 1, *(line[hour] for line in values)) for hour in range(24)]
    heads = (scene.text("bench.hour"), *(f"{each} [{about.unit}]" for each in names))
    legend = [(f"kind-{i}", each) for i, each in enumerate(names)]
    figure = Figure(name, day_lines(values, names, about.unit, title), heads, rows, about, legend)
    keys = [html.Span([html.Span(className=f"swatch {look}"), each]) for look, each in legend]
    drawn = take_figure(scene, section, figure, class_name="plot-box")
    return html.Div([html.H3(title), html.P(keys, className="legend-line"), drawn])
