"""The region for a phone: outlines of whole numbers, one path a city, coloured by classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shapely.geometry import LineString, Polygon

from dashboards.figures.region_map import LABELS, Ring, projection, read_rings
from dashboards.figures.svg import tag

UNITS = 0.4
"""Of the drawing of the large map: 1,000 units become 400."""
TOLERANCE, LEAST_AREA = 1.2, 12.0
"""In units of the drawing: how far an outline may stray, and the smallest island that is drawn [units²]."""


@dataclass(frozen=True)
class Spot:
    """A city or station: place [deg], class of its level, what is written on it, its tooltip, and where it leads."""

    code: str
    lon: float
    lat: float
    level: str
    name: str
    value: str
    note: str
    href: str


def small_map(outlines: Path, cities: Sequence[Spot], title: str, *, stations: Sequence[Spot] = ()) -> str:
    """Draw cities filled with their level and linked; stations are dots over them, linked too."""
    project = projection(read_rings(outlines))
    paths = small_outlines(outlines)
    areas = [
        tag("a", tag("title", text=each.note), tag("path", d=paths.get(each.code, ""), class_=each.level), href=each.href,
            aria_label=each.note)
        for each in cities
    ]  # fmt: skip
    dots = [_dot(each, *_place(project(each.lon, each.lat))) for each in stations]
    labels = [_label(each, *_place(project(*LABELS.get(each.code, (each.lon, each.lat))))) for each in cities]
    return tag(
        "svg", *areas, *dots, tag("g", *labels, aria_hidden="true"),
        viewBox=f"0 0 400 {project.height * UNITS:.0f}", role="group", aria_label=title, class_="small-map",
    )  # fmt: skip


@cache
def small_outlines(outlines: Path) -> dict[str, str]:
    """Give the outline of each city as one path of whole numbers."""
    rings = read_rings(outlines)
    project = projection(rings)
    return {
        code: "".join(_ring([_scaled(project(*point)) for point in ring]) for ring in of_city)
        for code, of_city in rings.items()
    }


def _ring(points: Ring) -> str:
    if Polygon(points).area < LEAST_AREA:
        return ""
    kept = [(round(x), round(y)) for x, y in LineString(points).simplify(TOLERANCE).coords]
    steps, last = [f"M{kept[0][0]} {kept[0][1]}"], kept[0]
    for point in kept[1:-1]:
        if point != last:
            steps.append(f"l{point[0] - last[0]} {point[1] - last[1]}".replace(" -", "-"))
            last = point
    return "".join(steps) + "z"


def _scaled(point: tuple[float, float]) -> tuple[float, float]:
    return point[0] * UNITS, point[1] * UNITS


def _place(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * UNITS), round(point[1] * UNITS)


def _dot(spot: Spot, x: int, y: int) -> str:
    return tag("a", tag("title", text=spot.note), tag("circle", cx=x, cy=y, r=4, class_=spot.level), href=spot.href,
               aria_label=spot.note)  # fmt: skip


def _label(spot: Spot, x: int, y: int) -> str:
    return tag("text", text=spot.name, x=x, y=y) + tag("text", text=spot.value, x=x, y=y + 17, class_="value")
