"""Roses: hours of wind and means of an item by the side that the wind comes from, north up. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from dashboards.analysis.winds import LEAST_HOURS, SECTORS, SPEEDS, Means, Winds
from dashboards.figures.plot import figure, reach, ticks
from dashboards.figures.scales import written
from dashboards.figures.svg import tag

SIZE, MIDDLE, FULL, INNER = 320, 160, 124, 16
"""Width of the figure, its middle, radius of the outermost ring and of the disc of calm hours."""
SHADES = ("#cfe3f5", "#a3cbea", "#6fabd9", "#3f87c0", "#1f6399", "#0f4675", "#082a4a")
"""From little to much: a light to a dark blue, told apart without colour vision too."""
GREY = "#d5dbe1"


def wind_rose(found: Winds, compass: Sequence[str], calm: str, title: str) -> str:
    """Draw the share of hours by sector, its parts by speed; the disc holds the share of calm hours in words."""
    share = found.counts / max(found.known, 1) * 100.0
    top = reach([float(share.sum(axis=1).max(initial=0.0))])[1]
    marks = [(value, f"{written(value)}%") for value in ticks(0, top) if value > 0]
    parts = _rings(marks, top)
    for sector in range(SECTORS):
        inner = 0.0
        for rank, part in enumerate(share[sector].tolist()):
            if part > 0:
                parts.append(_wedge(sector, _radius(inner, top), _radius(inner + part, top), SHADES[rank], 0.8))
            inner += part
    return figure([*parts, *_ring_words(marks, top), *_compass(compass), *_disc(calm, GREY)], SIZE, SIZE, title)


def pollution_rose(means: Means, calm: str, words: Sequence[str], compass: Sequence[str], title: str) -> str:
    """Draw the mean by sector with a line over its standard error; words: a title for each sector. Few hours are grey."""
    ends = means.mean + np.nan_to_num(means.error)
    top = reach([0.0, *(value for value in ends.tolist() if value > 0)])[1]
    marks = [(value, written(value)) for value in ticks(0, top) if value > 0]
    parts = _rings(marks, top)
    for sector in range(SECTORS):
        if not means.hours[sector]:
            continue
        mean, error = float(means.mean[sector]), float(means.error[sector])
        few = means.hours[sector] < LEAST_HOURS
        parts.append(
            _wedge(sector, _radius(0, top), _radius(mean, top), GREY if few else SHADES[3], 0.8, words[sector])
        )
        if math.isfinite(error):
            (x0, y0), (x1, y1) = (_point(sector, _radius(value, top)) for value in (mean - error, mean + error))
            parts.append(tag("path", d=f"M{x0:.0f} {y0:.0f}L{x1:.0f} {y1:.0f}", class_="bounds"))
    return figure([*parts, *_ring_words(marks, top), *_compass(compass), *_disc(calm, GREY)], SIZE, SIZE, title)


def polar_plot(
    values: np.ndarray, means: Means, scale: tuple[float, float], calm: tuple[str, float], words: Callable[[int, int], str],
    compass: Sequence[str], title: str,
) -> str:  # fmt: skip
    """Draw values (SECTORS, speeds) as cells by direction and speed; cells of few hours are grey, those of none are left out.

    scale: values of the lightest and the darkest shade. calm: words of the disc in the middle, and its value.
    """
    rings = len(SPEEDS)
    parts = []
    for sector in range(SECTORS):
        for rank in range(rings):
            if not means.hours[sector, rank]:
                continue
            grey = means.hours[sector, rank] < LEAST_HOURS or not math.isfinite(values[sector, rank])
            colour = GREY if grey else shade(float(values[sector, rank]), scale)
            inner, outer = (INNER + (FULL - INNER) * (rank + i) / rings for i in (0, 1))
            parts.append(_wedge(sector, inner, outer, colour, 1.0, words(sector, rank)))
    for rank in range(0, rings, 2):
        radius = INNER + (FULL - INNER) * rank / rings
        parts.append(tag("text", text=written(SPEEDS[rank]), x=MIDDLE + 3, y=round(MIDDLE - radius - 2), class_="ring"))
    middle = shade(calm[1], scale) if math.isfinite(calm[1]) else GREY
    return figure([*parts, *_compass(compass), *_disc(calm[0], middle)], SIZE, SIZE, title)


def shade(value: float, scale: tuple[float, float]) -> str:
    """Give the shade of a value between the ends of a scale."""
    share = (value - scale[0]) / (scale[1] - scale[0]) if scale[1] > scale[0] else 0.0
    return SHADES[min(max(int(share * len(SHADES)), 0), len(SHADES) - 1)]


def _radius(value: float, top: float) -> float:
    return INNER + (FULL - INNER) * max(value, 0.0) / top


def _point(sector: float, radius: float) -> tuple[float, float]:
    angle = math.radians(sector * 360.0 / SECTORS)
    return MIDDLE + radius * math.sin(angle), MIDDLE - radius * math.cos(angle)


def _wedge(sector: int, inner: float, outer: float, colour: str, width: float, words: str = "") -> str:
    corners = [
        (sector - width / 2, inner),
        (sector - width / 2, outer),
        (sector + width / 2, outer),
        (sector + width / 2, inner),
    ]
    (a, b, c, d) = (f"{x:.1f} {y:.1f}" for x, y in (_point(*corner) for corner in corners))
    path = f"M{a}L{b}A{outer:.1f} {outer:.1f} 0 0 1 {c}L{d}A{inner:.1f} {inner:.1f} 0 0 0 {a}Z"
    return tag("path", *([tag("title", text=words)] if words else []), d=path, fill=colour)


def _rings(marks: Sequence[tuple[float, str]], top: float) -> list[str]:
    return [tag("circle", cx=MIDDLE, cy=MIDDLE, r=round(_radius(value, top)), class_="grid") for value, _ in marks]


def _ring_words(marks: Sequence[tuple[float, str]], top: float) -> list[str]:
    parts = []
    for value, word in marks:
        x, y = _point(0.5, _radius(value, top))
        parts.append(tag("text", text=word, x=round(x), y=round(y), class_="ring"))
    return parts


def _compass(words: Sequence[str]) -> list[str]:
    parts = []
    for i, word in enumerate(words):
        x, y = _point(i * SECTORS / len(words), FULL + 18)
        parts.append(tag("text", text=word, x=round(x), y=round(y) + 4, text_anchor="middle"))
    return parts


def _disc(words: str, colour: str) -> list[str]:
    note = tag("title", text=words)
    return [tag("circle", note, cx=MIDDLE, cy=MIDDLE, r=INNER, fill=colour, class_="calm")]
