"""The outlines of the cities for maps: read from the registry, projected by our own projection, and written as paths."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from shapely.geometry import LineString, Polygon

WIDTH = 1000.0
MARGIN = 12.0
LABELS = {
    "510100": (103.50, 30.66), "510600": (104.62, 31.12), "510700": (104.55, 32.02), "510900": (105.42, 30.72),
    "511100": (103.45, 29.24), "511400": (103.58, 29.86), "511800": (102.55, 29.95), "512000": (105.10, 29.98),
}  # fmt: skip
"""Where a name has room [deg]: inside the outline, beside the stations. A city that is not here gets its centre."""
Ring = list[tuple[float, float]]
Write = Callable[[Ring], str]
"""Writes a closed ring of places in the drawing as a part of a path."""

CORNER = 3
"""Two corners nearer than this are one [units of 1000 to the width]."""
SMALL = 0.4
"""Of the drawing of the large map: 1,000 units become 400."""
TOLERANCE, LEAST_AREA = 1.2, 12.0
"""In units of the small drawing: how far an outline may stray, and the smallest island that is drawn [units²]."""


@dataclass(frozen=True)
class Projection:
    """Equirectangular with the scale true at the middle latitude: over 4 degrees the eye sees no difference."""

    west: float
    north: float
    scale: float
    shrink: float
    height: float

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        """Give x, y in the drawing for a point [deg]."""
        return MARGIN + (lon - self.west) * self.shrink * self.scale, MARGIN + (self.north - lat) * self.scale


@cache
def paths(outlines: Path, write: Write, between: str = "") -> Mapping[str, str]:
    """Give the outline of each city as one path. write: exact, cornered or simplified; between: what stands between rings."""
    rings = read_rings(outlines)
    project = projection(rings)
    return {
        code: between.join(write([project(*point) for point in ring]) for ring in of_city)
        for code, of_city in rings.items()
    }


def exact(ring: Ring) -> str:
    """Write every corner, to a tenth of a unit."""
    return f"M{' '.join('{:.1f} {:.1f}'.format(*point) for point in ring)}Z"


def cornered(ring: Ring) -> str:
    """Write whole steps from corner to corner; what is smaller than CORNER is left out."""
    kept: list[tuple[int, int]] = []
    for point in ring:
        x, y = round(point[0]), round(point[1])
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) > CORNER:
            kept.append((x, y))
    if len(kept) < 3:
        return ""
    steps = [f"{x - px} {y - py}" for (px, py), (x, y) in pairwise(kept)]
    return f"M{kept[0][0]} {kept[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def simplified(ring: Ring) -> str:
    """Write whole steps of the small drawing along a line that strays by at most TOLERANCE; small islands are left out."""
    points = [(x * SMALL, y * SMALL) for x, y in ring]
    if Polygon(points).area < LEAST_AREA:
        return ""
    kept = [(round(x), round(y)) for x, y in LineString(points).simplify(TOLERANCE).coords]
    steps, last = [f"M{kept[0][0]} {kept[0][1]}"], kept[0]
    for point in kept[1:-1]:
        if point != last:
            steps.append(f"l{point[0] - last[0]} {point[1] - last[1]}".replace(" -", "-"))
            last = point
    return "".join(steps) + "z"


@cache
def read_rings(outlines: Path) -> Mapping[str, list[Ring]]:
    """Read the outlines: city code -> rings [deg]."""
    features = json.loads(outlines.read_text(encoding="utf-8"))["features"]
    return {feature["properties"]["code"]: _rings(feature["geometry"]) for feature in features}


def projection(rings: Mapping[str, list[Ring]]) -> Projection:
    """Fit all rings into the width of the drawing."""
    points = [point for city in rings.values() for ring in city for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * shrink)
    return Projection(west, north, scale, shrink, (north - south) * scale + 2 * MARGIN)


def _rings(geometry: dict) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(x, y) for x, y, *_ in ring] for polygon in polygons for ring in polygon]
