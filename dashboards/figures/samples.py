"""Results of samples over time: a dot for a value, and for one below a limit the whole reach from 0 to the limit. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.plot import BOTTOM, Plot, reach
from dashboards.figures.svg import tag
from dashboards.theme import ACCENT, MUTED

WIDTH, HEIGHT = 1000, 300
FOUND, BELOW, UNKNOWN = ACCENT, "#b4560c", MUTED
DATES = 7


@dataclass(frozen=True)
class Sampled:
    """A result: its day, the value or None, the limit that it lies below or None, and what is said of it."""

    day: dt.date
    value: float | None
    limit: float | None
    title: str


def samples(results: Sequence[Sampled], unit: str, title: str) -> str:
    """Draw results by their day, at least one; what lies below an unknown limit is a cross on the axis."""
    days = [each.day.toordinal() for each in results]
    first, last = min(days), max(days)
    known = [number for each in results for number in (each.value, each.limit) if number is not None]
    plot = Plot(WIDTH, HEIGHT, (first - 1, last + 1), reach(known), right=44)
    parts = [
        *plot.y_axis(unit),
        *plot.x_axis([(at, dt.date.fromordinal(at).isoformat()) for at in _dates(first, last)]),
    ]
    order = sorted(results, key=lambda each: each.value is not None)  # values over the reaches of others
    return plot.svg([*parts, *(_drawn(plot, each) for each in order)], title)


def _drawn(plot: Plot, each: Sampled) -> str:
    x, title = round(plot.across(each.day.toordinal()), 1), tag("title", text=each.title)
    if each.value is not None:
        return tag("circle", title, cx=x, cy=round(plot.up(each.value), 1), r=4, fill=FOUND, fill_opacity=0.75)
    if each.limit is None:
        y = HEIGHT - BOTTOM
        return tag("path", title, d=f"M{x - 4} {y - 4}l8 8m0 -8l-8 8", stroke=UNKNOWN, stroke_width=1.5, fill="none")
    top, zero = round(plot.up(each.limit), 1), round(plot.up(0.0), 1)
    shape = f"M{x} {zero}V{top + 6}M{x - 5} {top}h10l-5 7z"
    return tag("path", title, d=shape, stroke=BELOW, stroke_width=1.5, fill="#ffffff", fill_opacity=0.9)


def _dates(first: int, last: int) -> list[int]:
    """Give some days between two, both included, evenly."""
    count = min(DATES, last - first + 1)
    if count < 2:
        return [first]
    return sorted({first + round(i * (last - first) / (count - 1)) for i in range(count)})
