"""Places in a figure that lead to what stands behind a point: links without a look of their own over the drawing. Pure.

They are for a pointer; the keyboard moves from point to point by the links of the panel below, so that a figure of many points is
no long way for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dashboards.figures.plot import BOTTOM, TOP, Plot
from dashboards.figures.svg import tag

MOST = 180
"""Targets in a figure at most: narrower ones cannot be met."""


def columns(plot: Plot, points: Sequence[tuple[float, str, str]]) -> list[str]:
    """Lay a target over each point of a plot. points: x, address, what is said of it; in order of x."""
    if not points:
        return []
    xs = [plot.across(x) for x, _, _ in points]
    edges = [(a + b) / 2 for a, b in pairwise(xs)]
    half = (edges[0] - xs[0]) if edges else 20.0
    ends = [xs[0] - half, *edges, xs[-1] + half]
    high = plot.height - TOP - BOTTOM
    return [
        target(address, words, ends[i], TOP, ends[i + 1] - ends[i], high)
        for i, (_, address, words) in enumerate(points)
    ]


def target(address: str, words: str, x: float, y: float, width: float, height: float) -> str:
    """Make one target: a clear box that is a link with words."""
    box = tag(
        "rect",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{width:.1f}",
        height=f"{height:.1f}",
        fill="transparent",
        class_="ask",
    )
    return tag("a", tag("title", text=words), box, href=address, data_state="", tabindex="-1", aria_label=words)


def asking(svg: str) -> str:
    """Let a drawing be a group of links instead of one image."""
    return svg.replace('role="img"', 'role="group"', 1)
