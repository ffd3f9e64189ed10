"""Episodes of the region: what kind, since when, where from, how high."""

from __future__ import annotations

import re
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from dashboards.moment import beijing

Row = dict[str, Any]


def episode_list(scene: Scene, rows: list[Row]) -> html.Ul | html.P:
    """List episodes, those under way first."""
    if not rows:
        return html.P(scene.text("episodes.none"), className="quiet")
    return html.Ul([_episode(scene, row) for row in rows], className="episodes")


def _episode(scene: Scene, row: Row) -> html.Li:
    text = scene.text
    head = html.Div([
        html.B(text.of_code("kind.", row["kind"])),
        html.Span(text.of_code("phase.", row["phase"]), className=f"phase {row['phase']}"),
        marks.simulated(row, text), html.Span(_span(row), className="when"),
    ], className="episode-head")  # fmt: skip
    trace = text("episodes.trace", episode=row["episode"], edition=row["edition"], version=row["version"])
    return html.Li(
        [head, html.Div(_facts(scene, row), className="facts"), html.Div(_chain(scene, row), className="chain")],
        title=trace,
    )


def _span(row: Row) -> str:
    end = "" if row["end"] is None else beijing(row["end"])[5:]
    return f"{beijing(row['start'])[5:]} → {end}"


def _facts(scene: Scene, row: Row) -> str:
    facts = []
    if row["peak_value_ugm3"] is not None:
        city = scene.city_name(row["peak_city"] or "")
        facts.append(scene.text("episodes.peak", value=f"{row['peak_value_ugm3']:.0f}", city=city))
    if row["growth_ugm3_per_h"] is not None:
        facts.append(scene.text("episodes.growth", value=f"{row['growth_ugm3_per_h']:.1f}"))
    if row["city_hours"] is not None:
        facts.append(scene.text("episodes.city_hours", count=row["city_hours"]))
    return " · ".join(facts)


def _chain(scene: Scene, row: Row) -> str:
    codes = re.findall(r"\b\d{6}\b", row["cities"] or "")
    return " → ".join(scene.city_name(code) for code in codes)
