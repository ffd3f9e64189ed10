"""The figure of a substance's results over time: what was found, and what lies somewhere below a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.drawing import Drawing
from dashboards.components.take import About, Figure, taking
from dashboards.context import Scene
from dashboards.figures.samples import BELOW, FOUND, UNKNOWN, Sampled, samples
from standards.laboratory.summary import written
from streams.store.laboratory import limit_of

Row = dict[str, Any]
MOST_DRAWN = 2000
"""More marks than this are no figure but a cloud; the newest are drawn."""
_COLUMNS = (
    "sampled_on",
    "point",
    "sample",
    "result",
    "below",
    "detection_limit",
    "quantification_limit",
    "method",
    "simulated",
)
_WITH_UNIT = ("result", "detection_limit", "quantification_limit")


def sample_figure(scene: Scene, section: str, name: str, rows: Sequence[Row]) -> list[Any]:
    """Draw results of one substance in one medium, by day; rows: one at least. name: what they are of, in words."""
    text, drawn, unit = scene.text, rows[-MOST_DRAWN:], unit_of(rows[0])
    svg = samples([_sampled(row) for row in drawn], unit, name)
    entries = [(FOUND, text("laboratory.drawn_found")), (BELOW, text("laboratory.drawn_below"))]
    if any(row["result"] is None and limit_of(row) is None for row in drawn):
        entries.append((UNKNOWN, text("laboratory.drawn_unknown")))
    figure = Figure(
        "laboratory", svg, _heads(scene, unit), _told(scene, drawn), _about(scene, name, unit, drawn), entries
    )
    box = html.Div(Drawing(svg=svg, className="wide-plot"), className="scroll samples-plot", tabIndex="0")
    legend = [html.Span([html.I(style={"backgroundColor": colour}), words]) for colour, words in entries]
    rest = [html.P(text("laboratory.left_out", n=MOST_DRAWN), className="footnote")] if len(rows) > MOST_DRAWN else []
    shown = html.Figure([box, taking(scene, section, figure)], className="figure")
    return [html.Div(legend, className="legend"), shown, *rest]


def unit_of(row: Row) -> str:
    """Write the unit of a result."""
    return marks.UNITS.get(row["unit"], row["unit"].replace("m3", "m³"))


def _about(scene: Scene, name: str, unit: str, drawn: Sequence[Row]) -> About:
    cities = sorted({scene.city_name(row["city"]) for row in drawn if row["city"]})
    period = f"{drawn[0]['sampled_on']} – {drawn[-1]['sampled_on']}"
    simulated = any(row["simulated"] for row in drawn)
    return About(name, scene.text("list.comma").join(cities) or "—", period, unit, "laboratory_sample", "—", simulated)


def _heads(scene: Scene, unit: str) -> list[str]:
    text = scene.text
    return [text(f"laboratory.head_{name}") + (f" [{unit}]" if name in _WITH_UNIT else "") for name in _COLUMNS]


def _told(scene: Scene, drawn: Sequence[Row]) -> list[list[Any]]:
    words = {
        "sampled_on": str,
        "below": lambda kind: scene.text.of_code("laboratory.below_", kind) if kind else "—",
        "simulated": lambda flag: scene.text("take.yes" if flag else "take.no"),
    }
    return [[words[name](row[name]) if name in words else row[name] for name in _COLUMNS] for row in drawn]


def _sampled(row: Row) -> Sampled:
    limit = limit_of(row)
    amount = written(row["result"]) if row["result"] is not None else f"< {'NA' if limit is None else written(limit)}"
    said = f"{row['sampled_on']} {row['point']} {amount} {unit_of(row)}"
    return Sampled(row["sampled_on"], row["result"], limit, said)
