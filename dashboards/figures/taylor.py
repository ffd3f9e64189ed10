"""Taylor's diagram as SVG text: correlation as the angle, standard deviation as the radius, observations at 1. Pure.

Source: Taylor 2001 (J. Geophys. Res. 106:7183): the distance to the observations is the centred error, as
E'^2 = s^2 + 1 - 2 s r with the standard deviation s over that of the observations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.figures.axes import mark, path_of
from dashboards.figures.scales import written
from dashboards.figures.svg import tag

Point = tuple[float, float, int, str, str, bool]
"""Correlation, ratio of standard deviations, kind of the mark, title, label, whether hollow."""
RADIUS = 210
TOP, SIDE, FOOT = 22, 30, 44
CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99)


def place(r: float, ratio: float, *, outer: float, middle: float) -> tuple[float, float]:
    """Give where a point lies [px]. outer: the ratio at the rim. middle: across to the centre of the circles."""
    angle = math.acos(max(-1.0, min(1.0, r)))
    length = RADIUS * ratio / outer
    return middle + length * math.cos(angle), TOP + RADIUS - length * math.sin(angle)


def taylor(points: Sequence[Point], words: tuple[str, str, str, str]) -> str:
    """Draw points; one without a correlation or a ratio (NaN) is left out. words: title, axis, correlation, observed."""
    known = [p for p in points if math.isfinite(p[0]) and math.isfinite(p[1])]
    half = any(p[0] < 0 for p in known)
    outer = max(1.5, *(math.ceil(p[1] * 2 + 0.1) / 2 for p in known)) if known else 1.5
    middle = SIDE + (RADIUS if half else 0)
    width, height = middle + RADIUS + SIDE + 16, TOP + RADIUS + FOOT
    title, axis, correlation, observed = words

    def at(r: float, ratio: float) -> tuple[float, float]:
        return place(r, ratio, outer=outer, middle=middle)

    parts = [_ring(at, ratio, half, "axis" if ratio == outer else "grid") for ratio in _rings(outer)]
    parts.append(_ring(at, 1.0, half, "one"))
    parts += [_centred(at, error, outer, half, middle) for error in (0.5, 1.0)]
    for r in (*((-each for each in CORRELATIONS[1:]) if half else ()), *CORRELATIONS):
        (x0, y0), (x1, y1), (tx, ty) = at(r, 0.0), at(r, outer), at(r, outer * 1.055)
        parts += [tag("path", d=f"M{x0:.0f} {y0:.0f}L{x1:.1f} {y1:.1f}", class_="grid"),
                  tag("text", text=written(r), x=f"{tx:.0f}", y=f"{ty + 4:.0f}", text_anchor="middle")]  # fmt: skip
    base = TOP + RADIUS
    parts.append(
        tag(
            "path",
            d=f"M{at(-1.0 if half else 0.0, outer if half else 0.0)[0]:.0f} {base}H{at(1, outer)[0]:.0f}",
            class_="axis",
        )
    )
    for ratio in _rings(outer):
        parts.append(tag("text", text=written(ratio), x=f"{at(1, ratio)[0]:.0f}", y=base + 15, text_anchor="middle"))
    parts.append(tag("text", text=axis, x=f"{middle + RADIUS / 2:.0f}", y=base + 34, text_anchor="middle"))
    cx, cy = at(math.cos(math.pi / 4), outer * 1.13)
    parts.append(tag("text", text=correlation, x=f"{cx:.0f}", y=f"{cy:.0f}", text_anchor="middle",
                     transform=f"rotate(45 {cx:.0f} {cy:.0f})"))  # fmt: skip
    x, y = at(1.0, 1.0)
    parts.append(
        tag("g", tag("title", text=observed), tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=6, class_="observed"))
    )
    parts += [mark(at(r, ratio), kind, note, label, hollow=hollow) for r, ratio, kind, note, label, hollow in known]
    return tag("svg", *parts, viewBox=f"0 0 {width} {height}", role="img", aria_label=title, class_="judged taylor")


def _rings(outer: float) -> list[float]:
    return (
        [i / 2 for i in range(1, round(outer * 2) + 1)] if outer <= 3 else [float(i) for i in range(1, int(outer) + 1)]
    )


def _ring(at, ratio: float, half: bool, class_: str) -> str:
    (x0, y0), (x1, y1) = at(1.0, ratio), at(-1.0 if half else 0.0, ratio)
    radius = abs(x0 - at(0.0, 0.0)[0])
    return tag("path", d=f"M{x0:.1f} {y0:.1f}A{radius:.1f} {radius:.1f} 0 0 0 {x1:.1f} {y1:.1f}", class_=class_)


def _centred(at, error: float, outer: float, half: bool, middle: float) -> str:
    """The points of one centred error lie on a circle around the observations; only what is within the rim is drawn."""
    places = []
    for step in range(91):
        angle = math.pi * step / 90
        x, y = 1.0 + error * math.cos(angle), error * math.sin(angle)
        length = math.hypot(x, y)
        inside = length <= outer and (half or x >= 0) and length > 0
        places.append(at(x / length, length) if inside else None)
    return tag("path", d=path_of(places), class_="error")
