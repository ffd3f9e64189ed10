"""The reliability of quantiles as SVG text: the level of a quantile across, how often what came was not above it up. Pure.

A reliable model lies on the diagonal. Source: Wilks 2011, Statistical Methods in the Atmospheric Sciences, 8.4 (calibration
of quantile forecasts).
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.figures.axes import Frame, mark

FRAME = Frame((0.0, 1.0), (0.0, 1.0), width=330, height=310)
Line = tuple[int, Sequence[tuple[float, float, str]]]
"""Kind of the mark, and level, share and title of each quantile."""


def reliability(lines: Sequence[Line], words: tuple[str, str, str]) -> str:
    """Draw a line for each model. words: title, both axes."""
    title, x_label, y_label = words
    steps = (0.1, 0.3, 0.5, 0.7, 0.9)
    parts = [*FRAME.axes(x_label, y_label, x_ticks=steps, y_ticks=steps), FRAME.line([(0.0, 0.0), (1.0, 1.0)], "one")]
    for kind, points in lines:
        parts.append(FRAME.line([(level, share) for level, share, _ in points], f"curve kind-{kind % 6}"))
        parts += [mark(FRAME.at(level, share), kind, note) for level, share, note in points]
    return FRAME.drawing(parts, title)
