"""Parts of a whole as bars with their intervals, lying one below the other. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.figures.plot import ticks, written
from dashboards.figures.svg import tag

WIDTH, LEFT, RIGHT, STEP, FOOT = 520, 150, 60, 20, 24


def part_bars(parts: Sequence[tuple[str, float, float, float]], unit: str, title: str, *, decimals: int = 1) -> str:
    """Draw parts (name, value, low, high) on a scale that begins at nought or below; low and high are NaN where unknown."""
    ends = [each for _, *values in parts for each in values if math.isfinite(each)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    high = high if high > low else low + 1.0
    bottom = STEP * len(parts)

    def at(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    drawn = [tag("path", d=f"M{at(v):.0f} 0V{bottom}", class_="grid") for v in ticks(low, high)]
    drawn += [
        tag("text", text=written(v), x=f"{at(v):.0f}", y=bottom + 14, text_anchor="middle") for v in ticks(low, high)
    ]
    for i, (name, value, begin, end) in enumerate(parts):
        y, (x0, x1) = STEP * i + 4, sorted((at(0.0), at(value)))
        drawn.append(tag("text", text=name, x=LEFT - 8, y=y + 10, text_anchor="end"))
        drawn.append(tag("rect", x=f"{x0:.1f}", y=y, width=f"{x1 - x0:.1f}", height=12, class_="kind-0"))
        if math.isfinite(begin) and math.isfinite(end):
            drawn.append(tag("path", d=f"M{at(begin):.1f} {y + 6}H{at(end):.1f}", stroke="#14202b", stroke_width=2))
        drawn.append(tag("text", text=f"{value:.{decimals}f}", x=WIDTH - 4, y=y + 10, text_anchor="end"))
    drawn.append(tag("text", text=unit, x=2, y=bottom + 14))
    return tag("svg", *drawn, viewBox=f"0 0 {WIDTH} {bottom + FOOT}", role="img", aria_label=title, class_="judged")
