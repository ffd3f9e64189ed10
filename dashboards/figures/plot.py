"""The inside of a figure with two axes as SVG text: scales, ticks and paths with whole numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.figures.pen import path_through
from dashboards.figures.scales import round_step, ticks_at, written
from dashboards.figures.svg import tag

LEFT, RIGHT, TOP, BOTTOM = 44, 44, 24, 24


@dataclass(frozen=True)
class Plot:
    """A figure of width x height with an inside between margins; x and y: (lowest, highest) value shown."""

    width: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]
    right: int = 12

    def across(self, value: float) -> float:
        """Give where a value of x lies."""
        return LEFT + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.width - LEFT - self.right)

    def up(self, value: float, scale: tuple[float, float] | None = None) -> float:
        """Give where a value of y (of another scale where one is given) lies."""
        low, high = scale or self.y
        return self.height - BOTTOM - (value - low) / (high - low) * (self.height - TOP - BOTTOM)

    def path(self, points: Iterable[tuple[float, float]], class_: str, scale: tuple[float, float] | None = None) -> str:
        """Draw a line through (x, y); a gap where y is NaN, a dot where a value stands alone."""
        return tag("path", d=broken((self.across(x), self.up(y, scale)) for x, y in points), class_=class_)

    def y_axis(self, label: str, *, scale: tuple[float, float] | None = None, class_: str = "") -> list[str]:
        """Draw ticks of the left axis, or of a second scale on the right."""
        place, anchor = (LEFT - 5, "end") if scale is None else (self.width - self.right + 5, "start")
        parts = []
        for value in ticks(*(scale or self.y)):
            at = round(self.up(value, scale))
            if scale is None:
                parts.append(tag("path", d=f"M{LEFT} {at}H{self.width - self.right}", class_="grid"))
            parts.append(tag("text", text=written(value), x=place, y=at + 4, text_anchor=anchor, class_=class_ or None))
        edge, anchor = (2, "start") if scale is None else (self.width - 2, "end")
        return [*parts, tag("text", text=label, x=edge, y=12, text_anchor=anchor, class_=f"unit {class_}".strip())]

    def x_axis(self, marks: Sequence[tuple[float, str]]) -> list[str]:
        """Draw words below the axis."""
        y = self.height - 7
        return [tag("text", text=word, x=round(self.across(x)), y=y, text_anchor="middle") for x, word in marks]

    def svg(self, parts: Sequence[str], title: str) -> str:
        """Put the parts together; title says what is seen to whoever does not see it."""
        return figure(parts, self.width, self.height, title)


def figure(parts: Sequence[str], width: int, height: int, title: str) -> str:
    """Put parts together as a figure."""
    return tag("svg", *parts, viewBox=f"0 0 {width} {height}", role="img", aria_label=title, class_="plot")


def broken(points: Iterable[tuple[float, float]]) -> str:
    """Write the path through points; NaN in y is a gap, a point between two gaps a dot."""
    places = (None if math.isnan(y) else (x, y) for x, y in points)
    return path_through(places, form="{:.0f} {:.0f}", alone="h.1")


def reach(values: Iterable[float], *, zero: bool = True) -> tuple[float, float]:
    """Give the lowest and highest value of a scale for known values, with zero where they are not below it; (0, 1) for none."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    low = min(low, 0.0) if zero else low
    step = _step((high - low) or abs(high) or 1.0)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return (low, high) if high > low else (low, low + step)


def ticks(low: float, high: float) -> list[float]:
    """Give round values of a scale, some five."""
    return ticks_at(low, high, _step(high - low))


def _step(width: float) -> float:
    return round_step(width / 5)
