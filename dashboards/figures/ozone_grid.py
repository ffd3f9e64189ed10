"""Ozone over factors of two precursors as coloured cells with isopleths' values, and days as marks on it. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from dashboards.figures.plot import LEFT, TOP, Plot
from dashboards.figures.svg import tag

WIDTH, HEIGHT = 520, 440
STEPS = ("#eef4fa", "#d5e5f2", "#b6d2e8", "#8fb9da", "#649bc7", "#f3d9a4", "#e9b45f", "#da8a35", "#bd5a24", "#8f2f1c")
"""Colours from little ozone to much."""


def ozone_grid(
    x: Sequence[float], y: Sequence[float], ozone: Sequence[Sequence[float | None]], days: Sequence[tuple[str, float, float]],
    words: tuple[str, str, str],
) -> str:  # fmt: skip
    """Draw ozone [ppb] of factors x (VOC) and y (NOx), ozone by y then x; days: (name, x, y). words: title, and those of the axes.

    A cross marks the day itself, at factors of 1. Missing: a cell without a value is left out.
    """
    title, across, up = words
    edges_x, edges_y = _edges(x), _edges(y)
    plot = Plot(WIDTH, HEIGHT, (edges_x[0], edges_x[-1]), (edges_y[0], edges_y[-1]), right=70)
    known = [value for row in ozone for value in row if value is not None and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    step = (high - low) / len(STEPS) or 1.0
    parts = []
    for j, row in enumerate(ozone):
        for i, value in enumerate(row):
            if value is None or not math.isfinite(value):
                continue
            left, right = plot.across(edges_x[i]), plot.across(edges_x[i + 1])
            top, bottom = plot.up(edges_y[j + 1]), plot.up(edges_y[j])
            note = tag("title", text=f"VOC ×{x[i]:g}, NOx ×{y[j]:g}: O₃ {value:.1f} ppb")
            parts.append(
                tag("rect", note, x=f"{left:.1f}", y=f"{top:.1f}", width=f"{right - left + .3:.1f}",
                    height=f"{bottom - top + .3:.1f}", fill=STEPS[min(int((value - low) / step), len(STEPS) - 1)])
            )  # fmt: skip
    parts += plot.y_axis(up)
    parts += plot.x_axis([(value, f"{value:g}") for value in x[:: max(1, (len(x) - 1) // 5)]])
    for n, colour in enumerate(STEPS):
        at = HEIGHT - 40 - n * 24
        parts.append(tag("rect", x=WIDTH - 60, y=at, width=12, height=24, fill=colour))
        parts.append(tag("text", text=f"{low + n * step:.0f}", x=WIDTH - 44, y=at + 26))
    parts.append(tag("text", text="ppb", x=WIDTH - 60, y=HEIGHT - 40 - 9 * 24 - 6))
    inside = [each for each in days if edges_x[0] <= each[1] <= edges_x[-1] and edges_y[0] <= each[2] <= edges_y[-1]]
    for name, at_x, at_y in inside:
        note = tag("title", text=f"{name}: VOC ×{at_x:.2f}, NOx ×{at_y:.2f}")
        parts.append(
            tag("circle", note, cx=f"{plot.across(at_x):.1f}", cy=f"{plot.up(at_y):.1f}", r=4, fill="#14202b", stroke="#fff",
                stroke_width=1.5)
        )  # fmt: skip
    if edges_x[0] <= 1.0 <= edges_x[-1] and edges_y[0] <= 1.0 <= edges_y[-1]:
        at_x, at_y = plot.across(1.0), plot.up(1.0)
        cross = f"M{at_x - 9:.1f} {at_y:.1f}h18M{at_x:.1f} {at_y - 9:.1f}v18"
        parts += [
            tag("path", d=cross, stroke=colour, stroke_width=width) for colour, width in (("#fff", 5), ("#14202b", 2.5))
        ]
    parts.append(tag("text", text=across, x=(LEFT + WIDTH - 70) // 2, y=TOP - 10, text_anchor="middle", class_="unit"))
    return plot.svg(parts, title)


def _edges(values: Sequence[float]) -> list[float]:
    """Give the bounds of cells around values, of which there are two at least."""
    middles = [(a + b) / 2 for a, b in itertools.pairwise(values)]
    return [2 * values[0] - middles[0], *middles, 2 * values[-1] - middles[-1]]
