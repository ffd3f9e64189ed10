"""Means by the hour of the day, a line for each of several quantities. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.figures.plot import Plot, reach
from dashboards.figures.svg import tag


def day_lines(lines: Sequence[Sequence[float]], names: Sequence[str], unit: str, title: str) -> str:
    """Draw values (line, 24) over the hours 1 to 24 on one scale; names: what a line says of itself. A NaN is a gap."""
    plot = Plot(520, 260, (0.5, 24.5), reach([value for line in lines for value in line]))
    parts = [*plot.y_axis(unit), *plot.x_axis([(hour, str(hour)) for hour in range(3, 25, 3)])]
    for i, (name, line) in enumerate(zip(names, lines, strict=True)):
        path = plot.path([(hour, value) for hour, value in enumerate(line, start=1)], f"line stroke-{i}")
        parts.append(tag("g", tag("title", text=name), path))
    return plot.svg(parts, title)
