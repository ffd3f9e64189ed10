"""A small curve: whole numbers and one path, a gap where a value is missing."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.figures.pen import path_through
from dashboards.figures.svg import tag

WIDTH, HEIGHT = 240, 60


def spark(values: Sequence[float | None], title: str, *, top: float, limit: float | None = None) -> str:
    """Draw values at equal steps; top: the value at the upper edge. limit: where a line is drawn, None for no line."""
    step = WIDTH / max(len(values) - 1, 1)
    line = "" if limit is None or limit > top else tag(
        "path", d=f"M0 {_y(limit, top)}h{WIDTH}", class_="limit", vector_effect="non-scaling-stroke")  # fmt: skip
    curve = tag("path", d=path(values, step, top), class_="curve", vector_effect="non-scaling-stroke")
    return tag("svg", line, curve, viewBox=f"0 0 {WIDTH} {HEIGHT}", preserveAspectRatio="none", role="img",
               aria_label=title, class_="spark")  # fmt: skip


def path(values: Sequence[float | None], step: float, top: float, height: int = HEIGHT) -> str:
    """Write a curve; a value between two gaps is a dot of the line's width."""
    return path_through(
        None if value is None else (round(i * step), _y(value, top, height)) for i, value in enumerate(values)
    )


def _y(value: float, top: float, height: int = HEIGHT) -> int:
    return round(height - 2 - min(max(value / top, 0.0), 1.0) * (height - 4))
