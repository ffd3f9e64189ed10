"""A frame with two straight axes for small figures as SVG text: where a value lies, ticks, and lines with gaps. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.pen import path_through
from dashboards.figures.scales import round_step, ticks_at, written
from dashboards.figures.svg import tag

SHAPES = ("circle", "square", "diamond", "triangle")
"""Of marks, in the order of models: whoever sees no colours tells them apart by these."""


@dataclass(frozen=True)
class Frame:
    """The inside of a figure: width and height of all of it, margins, and what the axes reach from and to."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int = 420
    height: int = 300
    left: int = 46
    right: int = 12
    top: int = 12
    bottom: int = 40

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give where a value lies in the figure [px]."""
        across, down = self.width - self.left - self.right, self.height - self.top - self.bottom
        return (
            self.left + across * (x - self.x[0]) / (self.x[1] - self.x[0]),
            self.height - self.bottom - down * (y - self.y[0]) / (self.y[1] - self.y[0]),
        )

    def line(self, points: Sequence[tuple[float, float]], class_: str) -> str:
        """Draw a line through values; one that is NaN is a gap."""
        return tag(
            "path", d=path_of([self.at(*p) if all(map(math.isfinite, p)) else None for p in points]), class_=class_
        )

    def axes(
        self,
        x_label: str,
        y_label: str,
        *,
        x_ticks: Sequence[float] | None = None,
        y_ticks: Sequence[float] | None = None,
    ) -> list[str]:
        """Draw grid, ticks and labels; without ticks round ones are found."""
        (x0, y0), (x1, y1) = self.at(self.x[0], self.y[0]), self.at(self.x[1], self.y[1])
        parts = [tag("path", d=f"M{x0:.0f} {y1:.0f}V{y0:.0f}H{x1:.0f}", class_="axis")]
        for value in ticks(*self.x) if x_ticks is None else x_ticks:
            at = self.at(value, self.y[0])[0]
            parts += [tag("path", d=f"M{at:.0f} {y0:.0f}V{y1:.0f}", class_="grid"),
                      tag("text", text=written(value), x=f"{at:.0f}", y=f"{y0 + 15:.0f}", text_anchor="middle")]  # fmt: skip
        for value in ticks(*self.y) if y_ticks is None else y_ticks:
            at = self.at(self.x[0], value)[1]
            parts += [tag("path", d=f"M{x0:.0f} {at:.0f}H{x1:.0f}", class_="grid"),
                      tag("text", text=written(value), x=f"{x0 - 5:.0f}", y=f"{at + 4:.0f}", text_anchor="end")]  # fmt: skip
        middle = (y0 + y1) / 2
        parts.append(tag("text", text=x_label, x=f"{(x0 + x1) / 2:.0f}", y=self.height - 6, text_anchor="middle"))
        turned = f"rotate(-90 11 {middle:.0f})"
        parts.append(tag("text", text=y_label, x=11, y=f"{middle:.0f}", text_anchor="middle", transform=turned))
        return parts

    def drawing(self, parts: Sequence[str], title: str) -> str:
        """Put parts together as a figure with its name."""
        return tag(
            "svg", *parts, viewBox=f"0 0 {self.width} {self.height}", role="img", aria_label=title, class_="judged"
        )


def path_of(places: Sequence[tuple[float, float] | None]) -> str:
    """Write the path through places [px]; None is a gap."""
    return path_through(places, form="{:.1f} {:.1f}", alone="")


def mark(place: tuple[float, float], kind: int, title: str, label: str = "", *, hollow: bool = False) -> str:
    """Draw a mark of the kind of a model (its place in the order), with a title to hover and a short label beside it."""
    x, y = place
    shape = SHAPES[kind % len(SHAPES)]
    class_ = f"mark kind-{kind % 6}" + (" hollow" if hollow else "")
    if shape == "circle":
        drawn = tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=5, class_=class_)
    else:
        outline = {
            "square": f"M{x - 4.5:.1f} {y - 4.5:.1f}h9v9h-9z", "diamond": f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6-6z",
            "triangle": f"M{x:.1f} {y - 6:.1f}l6 10h-12z",
        }[shape]  # fmt: skip
        drawn = tag("path", d=outline, class_=class_)
    beside = [tag("text", text=label, x=f"{x + 7:.1f}", y=f"{y - 5:.1f}", class_="beside")] if label else []
    return tag("g", tag("title", text=title), drawn, *beside)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Give round values from low to high, about so many."""
    if not high > low:
        return [low]
    return ticks_at(low, high, round_step((high - low) / count, among=(1, 2, 2.5, 5, 10)))


def reach(values: Sequence[float], *, least: float = 1.0) -> float:
    """Give where an axis from 0 ends so that all finite values are on it; at least `least`."""
    top = max([least, *(abs(v) for v in values if math.isfinite(v))])
    size = 10.0 ** math.floor(math.log10(top))
    return next(size * factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if size * factor >= top * 0.9999)
