"""The reliability of probabilities as SVG text: what was said across, how often it happened up, days in each bin below. Pure.

A reliable model lies on the diagonal. Source: Wilks 2011, Statistical Methods in the Atmospheric Sciences, 8.4.4 (the reliability
diagram).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.figures.axes import Frame, mark
from dashboards.figures.svg import tag

FRAME = Frame((0.0, 1.0), (0.0, 1.0), width=330, height=310)
DEEP = 56.0
"""Height of the tallest bar of counts [px]."""
Line = tuple[int, Sequence[tuple[float, float, int, str]]]
"""Kind of the mark, and what was said, how often it happened, days and title of each bin."""


def chances(lines: Sequence[Line], words: tuple[str, str, str]) -> str:
    """Draw a line for each model and a bar of its days under each bin. words: title, both axes."""
    title, x_label, y_label = words
    steps = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    parts = [*FRAME.axes(x_label, y_label, x_ticks=steps, y_ticks=steps), FRAME.line([(0.0, 0.0), (1.0, 1.0)], "one")]
    most = max((n for _, points in lines for *_, n, _ in points), default=0)
    for kind, points in lines:
        known = [each for each in points if math.isfinite(each[0]) and math.isfinite(each[1])]
        for said, _, n, _note in known:
            x, y = FRAME.at(said, 0.0)
            height = DEEP * n / most
            parts.append(tag("rect", x=f"{x - 5 + 4 * kind:.1f}", y=f"{y - height:.1f}", width="4", height=f"{height:.1f}",
                             class_=f"bar kind-{kind % 6}"))  # fmt: skip
        parts.append(FRAME.line([(said, share) for said, share, *_ in known], f"curve kind-{kind % 6}"))
        parts += [mark(FRAME.at(said, share), kind, note) for said, share, _, note in known]
    return FRAME.drawing(parts, title)
