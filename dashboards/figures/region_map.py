"""The map of the eight cities as SVG: outlines from the registry, no tiles, no network, our own projection."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboards.figures.svg import tag
from dashboards.theme import fill

WIDTH = 1000.0
MARGIN = 12.0
LABELS = {
    "510100": (103.50, 30.66), "510600": (104.62, 31.12), "510700": (104.55, 32.02), "510900": (105.42, 30.72),
    "511100": (103.45, 29.24), "511400": (103.58, 29.86), "511800": (102.55, 29.95), "512000": (105.10, 29.98),
}  # fmt: skip
"""Where a name has room [deg]: inside the outline, beside the stations. A city that is not here gets its centre."""
Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class MapPlace:
    """A city or a station on the map. note is its tooltip and its name to a screen reader; href selects it;
    mark is the word for simulated data, empty where they are measured; behind says by how much its hour is earlier than
    the one shown, empty where it is of that hour.
    """

    code: str
    lon: float
    lat: float
    aqi: int | None
    name: str
    note: str
    href: str = ""
    mark: str = ""
    behind: str = ""


@dataclass(frozen=True)
class Dots:
    """Many small dots of one level, for stations that are too many to be drawn one by one.

    points: longitude and latitude [deg] of each. note is the tooltip of all of them; mark as in MapPlace.
    """

    points: tuple[tuple[float, float], ...]
    aqi: int | None
    note: str
    mark: str = ""


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


def region_map(outlines: Path, cities: list[MapPlace], stations: list[MapPlace], selected: str, title: str, *,
               small: Sequence[Dots] = ()) -> str:  # fmt: skip
    """Draw cities filled and stations dotted with their level; a city is a link that selects it.

    small: dots below the stations', one element a level however many they are.
    """
    rings = read_rings(outlines)
    project = projection(rings)
    areas = [_area(city, rings.get(city.code, []), project, city.code == selected) for city in cities]
    areas.sort(key=lambda drawn: "selected" in drawn)  # the selected border lies above its neighbours'
    dots = [_dot(station, project) for station in stations]
    layer = [tag("g", *(_layer(each, project) for each in small), class_="small")] if small else []
    labels = [_label(city, project) for city in cities]
    return tag(
        "svg", _PATTERN, *areas, *layer, tag("g", *dots, class_="dots"), *labels,
        viewBox=f"0 0 {WIDTH:.0f} {project.height:.0f}", role="group", aria_label=title, class_="map",
    )  # fmt: skip


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


_HATCH = tag("path", d="M0 12 L12 0", stroke="#aab6c0", stroke_width=2)
_PATTERN = tag(
    "defs", tag("pattern", tag("rect", width=12, height=12, fill="#eef2f5"), _HATCH, id="absent", width=12, height=12,
                patternUnits="userSpaceOnUse"),
)  # fmt: skip


def _rings(geometry: dict) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(x, y) for x, y, *_ in ring] for polygon in polygons for ring in polygon]


def _area(city: MapPlace, rings: list[Ring], project: Projection, selected: bool) -> str:
    steps = [" ".join("{:.1f} {:.1f}".format(*project(*point)) for point in ring) for ring in rings]
    drawn = tag(
        "path", tag("title", text=city.note), d=" ".join(f"M{step}Z" for step in steps), fill_rule="evenodd",
        fill="url(#absent)" if city.aqi is None else fill(city.aqi),
        class_="area" if city.aqi is not None else "area na",
    )  # fmt: skip
    return tag(
        "a", drawn, href=city.href, data_state="", data_city=city.code, aria_label=city.note,
        aria_current="true" if selected else None, class_="city selected" if selected else "city",
    )  # fmt: skip


def _dot(station: MapPlace, project: Projection) -> str:
    x, y = project(station.lon, station.lat)
    shape = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": 9, "fill": fill(station.aqi)}
    names = ["dot", *["sim"] * bool(station.mark), *["behind"] * bool(station.behind)]
    return tag("circle", tag("title", text=station.note), class_=" ".join(names), **shape)


def _layer(dots: Dots, project: Projection) -> str:
    # A line of no length with round ends is a dot: one path draws them all.
    steps = "".join("M{:.1f} {:.1f}h0".format(*project(lon, lat)) for lon, lat in dots.points)
    ring = tag("path", d=steps, class_="sim") if dots.mark else ""
    return tag("g", tag("title", text=dots.note), ring, tag("path", d=steps, stroke=fill(dots.aqi)))


def _label(city: MapPlace, project: Projection) -> str:
    x, y = project(*LABELS.get(city.code, (city.lon, city.lat)))
    number = "NA" if city.aqi is None else str(city.aqi)
    said = [(words, name) for words, name in ((city.mark, "sim-note"), (city.behind, "behind-note")) if words]
    notes = [tag("text", text=words, y=62 + 26 * i, class_=name) for i, (words, name) in enumerate(said)]
    return tag(
        "g", tag("text", text=city.name, y=-8, class_="name"), tag("text", text=number, y=34, class_="value"), *notes,
        transform=f"translate({x:.1f} {y:.1f})", class_="label", aria_hidden="true",
    )  # fmt: skip
