"""The target diagram as SVG text: bias up, centred error across, both over what the uncertainty of measurements allows. Pure.

A place within the circle of 1 meets the quality objective: its distance from the middle is its MQI, since
RMSE^2 = bias^2 + CRMSE^2. On the right errors of the amplitude prevail, on the left those of the timing.
Source: FAIRMODE guidance document v3.3 and v4.0 (target diagram), after Jolliff et al. 2009 (J. Mar. Syst. 76:64).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.figures.axes import Frame, mark, reach, ticks
from dashboards.figures.svg import tag

Point = tuple[float, float, bool, int, str, str]
"""Bias, centred error, whether the amplitude prevails, kind of the mark, title, label."""


def place(bias: float, centred: float, right: bool) -> tuple[float, float]:
    """Give the coordinates of a place in the diagram."""
    return (centred if right else -centred), bias


def target(points: Sequence[Point], words: tuple[str, str, str]) -> str:
    """Draw points; one that is NaN is left out. words: title, both axes."""
    title, x_label, y_label = words
    known = [p for p in points if math.isfinite(p[0]) and math.isfinite(p[1])]
    outer = reach([math.hypot(p[0], p[1]) for p in known], least=1.5)
    frame = Frame((-outer, outer), (-outer, outer), width=330, height=324)
    both = ticks(-outer, outer, 6)
    parts = frame.axes(x_label, y_label, x_ticks=both, y_ticks=both)
    parts.append(frame.line([(0.0, -outer), (0.0, outer)], "axis"))
    parts.append(frame.line([(-outer, 0.0), (outer, 0.0)], "axis"))
    x, y = frame.at(0.0, 0.0)
    edge = frame.at(1.0, 0.0)[0] - x
    parts += [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{edge * part:.1f}", class_=class_)
              for part, class_ in ((1.0, "objective"), (0.5, "grid"))]  # fmt: skip
    parts += [mark(frame.at(*place(bias, centred, right)), kind, note, label)
              for bias, centred, right, kind, note, label in known]  # fmt: skip
    return frame.drawing(parts, title)
