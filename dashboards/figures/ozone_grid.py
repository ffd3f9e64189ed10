"""Ozone over factors of two precursors: filled bands between isopleths of round values, the ridge, days and cuts on it. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboards.figures.pen import path_through
from dashboards.figures.plot import BOTTOM, LEFT, TOP, Plot
from dashboards.figures.scales import round_step, ticks_at, written
from dashboards.figures.svg import tag
from dashboards.theme import INK, PAPER
from standards.level_lines import level_areas, level_lines

WIDTH, HEIGHT, RIGHT = 520, 440, 70
STEPS = ("#eef4fa", "#d5e5f2", "#b6d2e8", "#8fb9da", "#649bc7", "#f3d9a4", "#e9b45f", "#da8a35", "#bd5a24", "#8f2f1c")
"""Colours from little ozone to much; bands between take a mixture of two."""
MOST_BANDS = 16
SCALE_HEIGHT, BAND_HEIGHT = 340, 24
RIDGE, CUT = "#5b2a86", "#0b6b3a"
SHORTEST_LABELLED = 60
"""Length [px] of a line that has room for its value."""
LABEL_ROOM = 18
"""Of a value to the edge, and to what lies on the grid [px]."""
Point = tuple[float, float]


@dataclass(frozen=True)
class OnGrid:
    """What lies on the grid, as factors (x, y). days: (name, x, y). ridge: None where it is beyond the grid. cut: the way of a
    cut from the day itself. aim: where the cheapest cut ends, with what is said of it."""

    days: Sequence[tuple[str, float, float]] = ()
    ridge: Sequence[Point | None] = ()
    cut: Sequence[Point] = ()
    aim: tuple[str, float, float] | None = None


def ozone_grid(
    x: Sequence[float],
    y: Sequence[float],
    ozone: Sequence[Sequence[float | None]],
    on_grid: OnGrid,
    words: tuple[str, str, str],
) -> str:
    """Draw ozone [ppb] of factors x (VOC) and y (NOx), ozone by y then x. words: title, and those of the axes.

    A cross marks the day itself, at factors of 1. Missing: where a value is none, there is neither band nor line.
    """
    title, across, up = words
    plot = Plot(WIDTH, HEIGHT, (x[0], x[-1]), (y[0], y[-1]), right=RIGHT)
    values = np.array([[math.nan if v is None else v for v in row] for row in ozone], float).T
    places = np.array(x, float), np.array(y, float)
    levels = levels_of(values)
    ticks = [(value, f"{value:g}") for value in x[:: max(1, (len(x) - 1) // 5)]]
    axes = [
        *plot.y_axis(up),
        *plot.x_axis(ticks),
        tag("text", text=across, x=WIDTH - RIGHT + 14, y=HEIGHT - 7, class_="unit"),
    ]
    parts = [*axes, *_bands(plot, places, values, levels), *_nodes(plot, places, values)]
    lines, labels = _isopleths(plot, places, values, levels, on_grid)
    parts += [*lines, *_ways(plot, on_grid), *labels, *_marks(plot, on_grid)]
    return plot.svg([*parts, *_scale(levels)], title)


def levels_of(values: np.ndarray) -> list[float]:
    """Give round values within those of a grid, some eight to sixteen; none where it is flat."""
    known = values[np.isfinite(values)]
    if not known.size or known.max() <= known.min():
        return []
    return [
        level
        for level in ticks_at(known.min(), known.max(), round_step(np.ptp(known) / MOST_BANDS))
        if level > known.min()
    ]


def _colour(n: int, count: int) -> str:
    """Give the colour of a band, of count + 1."""
    place = n * (len(STEPS) - 1) / max(count, 1)
    at = min(int(place), len(STEPS) - 2)
    low, high = (bytes.fromhex(each[1:]) for each in STEPS[at : at + 2])
    return "#" + bytes(round(a + (b - a) * (place - at)) for a, b in zip(low, high, strict=True)).hex()


def _bands(plot: Plot, places: tuple[np.ndarray, np.ndarray], values: np.ndarray, levels: Sequence[float]) -> list[str]:
    """Fill where the grid is at a level or above it, from the lowest on, each over the one before."""
    known = values[np.isfinite(values)]
    if not known.size:
        return []
    said = [f"< {written(levels[0])}" if levels else written(known[0])]
    said += [f"{written(a)}–{written(b)}" for a, b in itertools.pairwise(levels)] + [
        f"≥ {written(each)}" for each in levels[-1:]
    ]
    return [
        tag("path", tag("title", text=f"{words} ppb"), d="".join(_path(plot, ring) + "Z" for ring in rings),
            fill=_colour(n, len(levels)), fill_rule="evenodd")
        for n, (bound, words) in enumerate(zip([float(known.min()), *levels], said, strict=True))
        if (rings := level_areas(*places, values, bound))
    ]  # fmt: skip


def _path(plot: Plot, points: Sequence[Sequence[float]] | np.ndarray) -> str:
    return path_through(((plot.across(x), plot.up(y)) for x, y in points), form="{:.1f} {:.1f}")


def _nodes(plot: Plot, places: tuple[np.ndarray, np.ndarray], values: np.ndarray) -> list[str]:
    """Lay an unseen cell around each node, which tells its value under the pointer."""
    (left, right), (low, high) = _bounds(places[0]), _bounds(places[1])
    return [
        tag("rect", tag("title", text=f"VOC ×{places[0][i]:g}, NOx ×{places[1][j]:g}: O₃ {values[i, j]:.1f} ppb"),
            x=f"{plot.across(left[i]):.1f}", y=f"{plot.up(high[j]):.1f}",
            width=f"{plot.across(right[i]) - plot.across(left[i]):.1f}", height=f"{plot.up(low[j]) - plot.up(high[j]):.1f}",
            fill_opacity=0)
        for i, j in np.argwhere(np.isfinite(values)).tolist()
    ]  # fmt: skip


def _bounds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give where cells around nodes begin and end, within the outermost nodes."""
    middles = (values[1:] + values[:-1]) / 2
    return np.concatenate([values[:1], middles]), np.concatenate([middles, values[-1:]])


def _isopleths(
    plot: Plot,
    places: tuple[np.ndarray, np.ndarray],
    values: np.ndarray,
    levels: Sequence[float],
    on_grid: OnGrid,
) -> tuple[list[str], list[str]]:
    """Draw the lines, and the values of those that have room for one, away from all that lies on the grid."""
    parts, labels = [], []
    lying = [(1.0, 1.0), *(each[1:] for each in on_grid.days), *filter(None, on_grid.ridge), *on_grid.cut]
    taken = [(plot.across(x), plot.up(y)) for x, y in [*lying, *(each[1:] for each in [on_grid.aim] if each)]]
    for level in levels:
        lines = level_lines(*places, values, level)
        note, shapes = tag("title", text=f"{written(level)} ppb"), "".join(_path(plot, line) for line in lines)
        parts.append(tag("path", note, d=shapes, fill="none", stroke=INK, stroke_width=0.8))
        drawn = [np.array([(plot.across(x), plot.up(y)) for x, y in line]) for line in lines]
        longest = max(drawn, key=_length, default=None)
        if longest is not None and _length(longest) >= SHORTEST_LABELLED:
            labels += _label(longest, written(level), taken)
    return parts, labels


def _length(line: np.ndarray) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _label(line: np.ndarray, words: str, taken: list[Point]) -> list[str]:
    """Write a value along its line, farthest from what is there already; note the place as taken; no value without room."""
    apart = np.hypot(*(line[:, None] - np.array(taken)[None]).transpose(2, 0, 1)).min(axis=1)
    edges = np.minimum(line - [LEFT, TOP], [WIDTH - RIGHT, HEIGHT - BOTTOM] - line).min(axis=1)
    at = int(np.where(edges >= LABEL_ROOM, apart, 0.0).argmax())
    if edges[at] < LABEL_ROOM or apart[at] < LABEL_ROOM:
        return []
    x, y = line[at]
    taken.append((float(x), float(y)))
    over = line[min(at + 3, len(line) - 1)] - line[max(at - 3, 0)]
    turn = math.degrees(math.atan2(over[1], over[0]))
    turn -= 180.0 * round(turn / 180.0)
    return [
        tag("text", text=words, x=f"{x:.1f}", y=f"{y + 4:.1f}", text_anchor="middle", fill=INK, stroke=PAPER, stroke_width=3,
            paint_order="stroke", transform=f"rotate({turn:.0f} {x:.1f} {y:.1f})")
    ]  # fmt: skip


def _ways(plot: Plot, on_grid: OnGrid) -> list[str]:
    """Draw the ridge, and the way of a cut, over a paler line that parts them from the bands."""
    ridge = [None if each is None else (plot.across(each[0]), plot.up(each[1])) for each in on_grid.ridge]
    drawn = [(path_through(ridge, form="{:.1f} {:.1f}"), RIDGE, None), (_path(plot, on_grid.cut), CUT, "7 4")]
    return [
        tag("path", d=shape, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dashes)
        for shape, own, dashes_own in drawn if shape
        for colour, width, dashes in ((PAPER, 4.5, None), (own, 2.2, dashes_own))
    ]  # fmt: skip


def _marks(plot: Plot, on_grid: OnGrid) -> list[str]:
    """Mark the days, the day itself by a cross, and where the cheapest cut ends by a diamond."""
    parts = []
    for name, x, y in on_grid.days:
        if plot.x[0] <= x <= plot.x[1] and plot.y[0] <= y <= plot.y[1]:
            note = tag("title", text=f"{name}: VOC ×{x:.2f}, NOx ×{y:.2f}")
            parts.append(tag("circle", note, cx=f"{plot.across(x):.1f}", cy=f"{plot.up(y):.1f}", r=4, fill=INK, stroke=PAPER,
                             stroke_width=1.5))  # fmt: skip
    if plot.x[0] <= 1.0 <= plot.x[1] and plot.y[0] <= 1.0 <= plot.y[1]:
        cross = f"M{plot.across(1.0) - 9:.1f} {plot.up(1.0):.1f}h18M{plot.across(1.0):.1f} {plot.up(1.0) - 9:.1f}v18"
        parts += [tag("path", d=cross, stroke=colour, stroke_width=width) for colour, width in ((PAPER, 5), (INK, 2.5))]
    if on_grid.aim is not None:
        words, x, y = on_grid.aim
        shape = f"M{plot.across(x):.1f} {plot.up(y) - 8:.1f}l8 8l-8 8l-8 -8z"
        parts.append(tag("path", tag("title", text=words), d=shape, fill=CUT, stroke=PAPER, stroke_width=1.5))
    return parts


def _scale(levels: Sequence[float]) -> list[str]:
    """Draw the colours with the levels between them."""
    tall, foot, parts = min(BAND_HEIGHT, SCALE_HEIGHT / (len(levels) + 1)), HEIGHT - BOTTOM - 8, []
    for n in range(len(levels) + 1):
        top = foot - (n + 1) * tall
        box = {"x": WIDTH - 60, "y": f"{top:.1f}", "width": 12, "height": f"{tall + 0.2:.1f}"}
        parts.append(tag("rect", **box, fill=_colour(n, len(levels))))
        parts += [tag("text", text=written(each), x=WIDTH - 44, y=f"{top + 4:.1f}") for each in levels[n : n + 1]]
    return [*parts, tag("text", text="ppb", x=WIDTH - 60, y=f"{foot - (len(levels) + 1) * tall - 6:.1f}")]
