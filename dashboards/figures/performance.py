"""The performance diagram as SVG text: success ratio across, probability of detection up, bias and threat score as lines. Pure.

Source: Roebber 2009 (Weather and Forecasting 24:601): 1/CSI = 1/SR + 1/POD - 1, bias = POD/SR, SR = 1 - FAR.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.figures.axes import Frame, mark
from dashboards.figures.scales import written
from dashboards.figures.svg import tag

FRAME = Frame((0.0, 1.0), (0.0, 1.0), width=330, height=310, right=30, top=20)
Point = tuple[float, float, int, str, str, bool]
"""Success ratio, probability of detection, kind of the mark, title, label, whether hollow."""
BIASES = (0.5, 0.75, 1.0, 1.5, 2.0)
THREATS = (0.2, 0.4, 0.6, 0.8)


def detection_of(threat: float, success: float) -> float:
    """Give the probability of detection at which a threat score belongs to a success ratio; NaN where there is none."""
    rest = 1.0 / threat + 1.0 - 1.0 / success
    return 1.0 / rest if rest >= 1.0 else math.nan


def performance(points: Sequence[Point], words: tuple[str, str, str]) -> str:
    """Draw points; one that is NaN (nothing forecast, or nothing happened) is left out. words: title, both axes."""
    title, x_label, y_label = words
    steps = (0.2, 0.4, 0.6, 0.8, 1.0)
    parts = FRAME.axes(x_label, y_label, x_ticks=steps, y_ticks=steps)
    for bias in BIASES:
        end = (1.0, bias) if bias <= 1.0 else (1.0 / bias, 1.0)
        x, y = FRAME.at(*end)
        label = tag(
            "text", text=written(bias), x=f"{x + 3:.0f}", y=f"{y + (4 if bias <= 1 else -4):.0f}", class_="beside"
        )
        parts += [FRAME.line([(0.0, 0.0), end], "bias"), label]
    for threat in THREATS:
        first = threat  # at a detection of 1 the success ratio is the threat score
        across = [first + (1.0 - first) * i / 30 for i in range(31)]
        parts.append(FRAME.line([(each, min(detection_of(threat, each), 1.0)) for each in across], "threat"))
        x, y = FRAME.at(0.985, detection_of(threat, 0.985))
        parts.append(
            tag("text", text=written(threat), x=f"{x - 4:.0f}", y=f"{y - 3:.0f}", class_="beside", text_anchor="end")
        )
    known = [p for p in points if math.isfinite(p[0]) and math.isfinite(p[1])]
    parts += [mark(FRAME.at(x, y), kind, note, label, hollow=hollow) for x, y, kind, note, label, hollow in known]
    return FRAME.drawing(parts, title)
