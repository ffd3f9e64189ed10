"""The map of the eight cities as SVG: outlines from the registry, no tiles, no network, our own projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboards.figures.outlines import LABELS, WIDTH, Projection, exact, paths, projection, read_rings
from dashboards.figures.svg import tag
from dashboards.theme import fill


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


def region_map(outlines: Path, cities: list[MapPlace], stations: list[MapPlace], selected: str, title: str, *,
               small: Sequence[Dots] = ()) -> str:  # fmt: skip
    """Draw cities filled and stations dotted with their level; a city is a link that selects it.

    small: dots below the stations', one element a level however many they are.
    """
    project, shapes = projection(read_rings(outlines)), paths(outlines, exact, " ")
    areas = [_area(city, shapes.get(city.code, ""), city.code == selected) for city in cities]
    areas.sort(key=lambda drawn: "selected" in drawn)  # the selected border lies above its neighbours'
    dots = [_dot(station, project) for station in stations]
    layer = [tag("g", *(_layer(each, project) for each in small), class_="small")] if small else []
    labels = [_label(city, project) for city in cities]
    return tag(
        "svg", _PATTERN, *areas, *layer, tag("g", *dots, class_="dots"), *labels,
        viewBox=f"0 0 {WIDTH:.0f} {project.height:.0f}", role="group", aria_label=title, class_="map",
    )  # fmt: skip


_HATCH = tag("path", d="M0 12 L12 0", stroke="#aab6c0", stroke_width=2)
_PATTERN = tag(
    "defs", tag("pattern", tag("rect", width=12, height=12, fill="#eef2f5"), _HATCH, id="absent", width=12, height=12,
                patternUnits="userSpaceOnUse"),
)  # fmt: skip


def _area(city: MapPlace, shape: str, selected: bool) -> str:
    drawn = tag(
        "path", tag("title", text=city.note), d=shape, fill_rule="evenodd",
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
