"""Maps on the model's own grid: a field in steps of colour, the outlines of the cities, arrows of the wind. North
is up, a cell is 9 km.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from research.virtual_airshed.grid import COLUMNS, ROWS, Grid
from research.virtual_airshed.report.palette import INK, Scale
from research.virtual_airshed.report.panel import drawing
from research.virtual_airshed.report.sites import COUNTRY
from research.virtual_airshed.report.svg import path_of, png_uri, tag, text
from research.virtual_airshed.report.words import Both, same, words
from streams.registry import Registry

PIXELS = 7.0
"""Of the drawing for a cell."""
LEFT, TOP, FOOT = 6.0, 28.0, 40.0
SIMPLER_DEG = 0.02
NOTHING = Both("", "")
ARROW_EVERY = 6
"""Cells between two arrows."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What stands on every map: the outlines of a registry's cities, and their seats."""

    registry: Registry
    grid: Grid

    @cached_property
    def outlines(self) -> str:
        """The outlines as steps of a path."""
        shapes = (self.registry.outline(code).simplify(SIMPLER_DEG) for code in self.registry.cities)
        parts = [part for shape in shapes for part in shapely.get_parts(shape)]
        rings = [np.asarray(ring.coords)[:, :2] for part in parts for ring in (part.exterior, *part.interiors)]
        return "".join(path_of(*self.place(ring)) + "Z" for ring in rings)

    @cached_property
    def seats(self) -> dict[str, tuple[float, float]]:
        """Where the seats of the cities lie in the drawing."""
        xs, ys = self.place([(city.lon, city.lat) for city in self.registry.cities.values()])
        return {code: (float(x), float(y)) for code, x, y in zip(self.registry.cities, xs, ys, strict=True)}

    def name_of(self, code: str) -> Both:
        """Give the name of a city."""
        city = self.registry.cities[code]
        return Both(city.name_zh, city.name_en)

    def place(self, points: Iterable[tuple[float, float]] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give where some points (longitude, latitude) [deg] lie in the drawing."""
        row, column = self.grid.locate(*np.array(list(points), float).reshape(-1, 2).T)
        return LEFT + (column + 0.5) * PIXELS, TOP + (ROWS - 0.5 - row) * PIXELS


@dataclass(frozen=True, eq=False)
class GridMap:
    """A map. values: (row, column), rows from the south. step: how finely the value under the pointer is told.
    wind_ms: (2, row, column), None for none.

    labels: what stands below the steps of the scale, (number of the edge, text). named: whether the cities' names
    stand on it. kinds: names of the steps, told in place of the value.
    """

    title: Both
    values: np.ndarray
    scale: Scale
    labels: tuple[tuple[int, Both], ...]
    unit: Both = NOTHING
    step: float = 0.1
    wind_ms: np.ndarray | None = None
    full_arrow_ms: float = 2.0
    named: bool = False
    kinds: tuple[Both, ...] = ()

    def svg(self, stage: Stage, *, stations: Iterable[tuple[float, float]] = ()) -> str:
        """Draw it. stations: dots at (longitude, latitude) [deg]."""
        width, height = 2 * LEFT + COLUMNS * PIXELS, TOP + ROWS * PIXELS + FOOT
        marks = [
            self._field(),
            tag("path", d=stage.outlines, fill="none", stroke=INK, stroke_width=0.8, stroke_opacity=0.75),
        ]
        marks += self._arrows() + self._dots(stage, stations) + self._key(height)
        return drawing(marks, self.title, width=width, height=height, class_="panel map")

    def _field(self) -> str:
        counts = np.where(
            np.isfinite(self.values), np.clip(np.round(self.values / self.step), -32_000, 32_000), -32_768
        )
        coded = base64.b64encode(counts.astype("<i2").tobytes()).decode("ascii")
        return tag(
            "image", href=png_uri(self.scale.index(self.values)[::-1], self.scale.colours), x=LEFT, y=TOP, width=COLUMNS * PIXELS,
            height=ROWS * PIXELS, preserveAspectRatio="none", class_="field", data_values=coded, data_step=f"{self.step:g}",
            data_zh=self.unit.zh, data_en=self.unit.en, data_kinds_zh="|".join(k.zh for k in self.kinds) or None,
            data_kinds_en="|".join(k.en for k in self.kinds) or None,
        )  # fmt: skip

    def _arrows(self) -> list[str]:
        if self.wind_ms is None:
            return []
        half = ARROW_EVERY // 2
        rows, columns = np.mgrid[half:ROWS:ARROW_EVERY, half:COLUMNS:ARROW_EVERY]
        x, y = LEFT + (columns + 0.5) * PIXELS, TOP + (ROWS - 0.5 - rows) * PIXELS
        u, v = (w[rows, columns] * ARROW_EVERY * PIXELS * 0.9 / self.full_arrow_ms for w in self.wind_ms)
        steps = "".join(_arrow(*each) for each in zip(x.ravel(), y.ravel(), u.ravel(), v.ravel(), strict=True))
        return [
            tag(
                "path",
                d=steps,
                fill="none",
                stroke=INK,
                stroke_width=1.3,
                stroke_linecap="round",
                stroke_linejoin="round",
            )
        ]

    def _dots(self, stage: Stage, stations: Iterable[tuple[float, float]]) -> list[str]:
        dots = {"r": 2.2, "fill": "#ffffff", "stroke": INK}
        places = zip(*stage.place(stations), strict=True)
        drawn = [tag("circle", cx=float(x), cy=float(y), **dots) for x, y in places]
        if not self.named:
            return drawn + [tag("circle", cx=x, cy=y, r=1.6, fill=INK) for x, y in stage.seats.values()]
        names = [
            text(stage.name_of(code), x, y - 6, text_anchor="middle", class_="place")
            for code, (x, y) in stage.seats.items()
        ]
        for name, x, y in zip(COUNTRY, *stage.place(COUNTRY.values()), strict=True):
            drawn.append(tag("path", d=f"M{x - 4:.1f} {y + 3:.1f}h8l-4 -7z", fill="#ffffff", stroke=INK))
            drawn.append(text(words(f"site.{name}"), float(x), float(y) + 15, text_anchor="middle", class_="place"))
        return drawn + names

    def _key(self, height: float) -> list[str]:
        each, top = COLUMNS * PIXELS / len(self.scale.colours), height - FOOT + 8
        boxes = [
            tag("rect", x=LEFT + i * each, y=top, width=each + 0.3, height=9, fill=c)
            for i, c in enumerate(self.scale.colours)
        ]
        said = [
            text(label, LEFT + edge * each, top + 23, text_anchor="middle", class_="tick")
            for edge, label in self.labels
        ]
        if self.wind_ms is not None:
            said.append(
                tag(
                    "path",
                    d=_arrow(LEFT + 14, top - 18, ARROW_EVERY * PIXELS * 0.9, 0.0),
                    fill="none",
                    stroke=INK,
                    stroke_width=1.3,
                )
            )
            said.append(text(same(f"{self.full_arrow_ms:g} m/s"), LEFT + 24 + 22, top - 14, class_="tick halo"))
        return boxes + said


def numbers(scale: Scale, *, every: int = 2, form: str = "{:g}") -> tuple[tuple[int, Both], ...]:
    """Label every so many edges of a scale with their number, but for its ends."""
    return tuple(
        (i, same(form.format(edge)))
        for i, edge in enumerate(scale.edges)
        if i % every == 0 and 0 < i < len(scale.edges) - 1
    )


def _arrow(x: float, y: float, dx: float, dy: float) -> str:
    """Write an arrow around a point, dx to the right and dy up; one shorter than its head is a dot."""
    length = float(np.hypot(dx, dy))
    if length < 2.5:
        return f"M{x:.1f} {y:.1f}h0.1"
    x0, y0, x1, y1 = x - dx / 2, y + dy / 2, x + dx / 2, y - dy / 2
    back, side = (-dx / length, dy / length), (dy / length, dx / length)
    size = min(5.0, 0.5 * length)
    tips = [(x1 + size * (back[0] + s * 0.55 * side[0]), y1 + size * (back[1] + s * 0.55 * side[1])) for s in (-1, 1)]
    barbs = "M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}".format(*tips[0], x1, y1, *tips[1])
    return f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}{barbs}"
