"""A score by lead as SVG text: a line for each model, that of persistence broken. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.figures.axes import Frame, mark, reach

Line = tuple[int, bool, str, Sequence[tuple[float, float, str]]]
"""Kind of the mark, whether it is a baseline, name, and lead [h], score and title of each point."""


def lead_curves(lines: Sequence[Line], words: tuple[str, str, str], *, signed: bool = False) -> str:
    """Draw scores; NaN is a gap. words: title, both axes. signed: the axis goes as far below 0 as above; else as far as needed."""
    title, x_label, y_label = words
    points = [point for *_, each in lines for point in each]
    top = reach([score for _, score, _ in points])
    last = max([24.0, *(lead for lead, *_ in points)])
    below = [score for _, score, _ in points if score < 0]
    frame = Frame((0.0, last), (-top if signed else -reach(below, least=0.2) if below else 0.0, top))
    days = [float(lead) for lead in range(0, int(last) + 1, 24)]
    parts = frame.axes(x_label, y_label, x_ticks=days)
    for kind, base, _, each in lines:
        shape = f"curve kind-{kind % 6}" + (" base" if base else "")
        parts.append(frame.line([(lead, score) for lead, score, _ in each], shape))
        parts += [
            mark(frame.at(lead, score), kind, note, hollow=base) for lead, score, note in each if math.isfinite(score)
        ]
    return frame.drawing(parts, title)
