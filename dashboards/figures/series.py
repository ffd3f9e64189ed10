"""Two quantities over a span as lines, and against each other as points. Pure: arrays in, SVG text out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence

import numpy as np

from dashboards.analysis.effective import Line, envelope
from dashboards.figures.plot import BOTTOM, RIGHT, Plot, reach
from dashboards.figures.svg import tag
from dashboards.figures.targets import MOST, asking, columns
from dashboards.moment import SHANGHAI

WIDTH, HEIGHT = 1180, 280
COLUMNS = 1080
"""Stretches of the inside at most: beyond that many hours a line is drawn with its envelope."""
LINES = ("#0f62a8", "#b4560c")
"""Colours of the two lines, as the style sheet has them."""
POINTS = 2000
"""Points of a scatter at most, evenly taken; the line and its numbers rest on all of them."""


def series_lines(
    first: dt.datetime, series: Sequence[tuple[np.ndarray, str, str]], revised: Sequence[dt.datetime], title: str,
    ask: Callable[[dt.datetime], tuple[str, str]] | None = None,
) -> str:  # fmt: skip
    """Draw one or two series (hours,) with an axis each. series: (values, unit, name); revised: hours that are marked below;
    ask: where a point of an hour leads, and its words.
    """
    hours = len(series[0][0])
    scales = [reach(values[np.isfinite(values)].tolist()) for values, _, _ in series]
    plot = Plot(WIDTH, HEIGHT, (0, max(hours - 1, 1)), scales[0], right=RIGHT)
    parts = [*plot.y_axis(series[0][1], class_="of-a"), *plot.x_axis(_days(first, hours))]
    for (values, unit, _), scale, name in zip(series, scales, "ab", strict=False):
        parts += plot.y_axis(unit, scale=scale, class_=f"of-{name}") if name == "b" else []
        parts += _line(plot, values, scale, name)
    low = HEIGHT - BOTTOM
    marks = [f"M{plot.across((hour - first) / dt.timedelta(hours=1)):.0f} {low}v-7" for hour in revised]
    parts += [tag("path", d="".join(dict.fromkeys(marks)), class_="revised")] if marks else []
    if ask is None:
        return plot.svg(parts, title)
    # A target stands for the last hour of its stretch; the panel leads on to each hour of it.
    step = -(-hours // MOST)
    places = sorted({min(at + step - 1, hours - 1) for at in range(0, hours, step)})
    return asking(
        plot.svg([*parts, *columns(plot, [(at, *ask(first + dt.timedelta(hours=at))) for at in places])], title)
    )


def _line(plot: Plot, values: np.ndarray, scale: tuple[float, float], name: str) -> list[str]:
    if len(values) <= COLUMNS:
        return [plot.path(enumerate(values.tolist()), f"line of-{name}", scale)]
    low, high, mean = envelope(values, COLUMNS)
    step = -(-len(values) // COLUMNS)
    places = [plot.across((i + 0.5) * step - 0.5) for i in range(len(low))]
    band = "".join(
        f"M{x:.0f} {plot.up(a, scale):.0f}V{plot.up(b, scale):.0f}"
        for x, a, b in zip(places, low.tolist(), high.tolist(), strict=True)
        if not math.isnan(a)
    )
    line = plot.path(
        [((i + 0.5) * step - 0.5, value) for i, value in enumerate(mean.tolist())], f"line of-{name}", scale
    )
    return [tag("path", d=band, class_=f"envelope of-{name}"), line]


def _days(first: dt.datetime, hours: int) -> list[tuple[float, str]]:
    """Give some eight days of the span at their midnight in Beijing."""
    begun = first + SHANGHAI - dt.timedelta(hours=1)
    days = -(-hours // 24)
    step = next((each for each in (1, 2, 5, 10, 15, 30, 45) if days / each <= 9), 60)
    midnights = [(24 - begun.hour) % 24 + 24 * i - 1 for i in range(0, days, step)]
    return [(at, f"{begun + dt.timedelta(hours=at + 1):%m-%d}") for at in midnights if 0 <= at < hours]


def scatter(x: np.ndarray, y: np.ndarray, line: Line, labels: tuple[str, str], title: str) -> str:
    """Draw the complete pairs of two series and the line through them, with labels (x, y) at the axes."""
    both = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    scales = reach(x[both].tolist()), reach(y[both].tolist())
    plot = Plot(360, 300, *scales)
    parts = plot.y_axis(labels[1])
    marks = [(value, f"{value:g}".replace("-", "−")) for value in np.linspace(*scales[0], 5).round(6).tolist()]
    parts += plot.x_axis(marks)
    parts.append(tag("text", text=labels[0], x=348, y=300 - BOTTOM - 5, text_anchor="end", class_="unit"))
    shown = both[:: max(1, -(-len(both) // POINTS))]
    dots = dict.fromkeys(f"M{plot.across(x[i]):.0f} {plot.up(y[i]):.0f}h.1" for i in shown.tolist())
    parts.append(tag("path", d="".join(dots), class_="dots"))
    if math.isfinite(line.slope):
        parts.append(_fit(plot, line))
    return plot.svg(parts, title)


def _fit(plot: Plot, line: Line) -> str:
    """Draw the line as far as it stays inside."""
    ends = []
    for x in plot.x:
        y = line.slope * x + line.intercept
        inside = min(max(y, plot.y[0]), plot.y[1])
        ends.append((x if line.slope == 0 else x + (inside - y) / line.slope, inside))
    (x0, y0), (x1, y1) = ends
    d = f"M{plot.across(x0):.0f} {plot.up(y0):.0f}L{plot.across(x1):.0f} {plot.up(y1):.0f}"
    return tag("path", d=d, class_="fit")
