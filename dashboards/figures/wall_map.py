"""The map of the wallboard: small enough to be sent with every page, its cities coloured by classes, so that a script can
show another hour by changing eight of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboards.figures.outlines import LABELS, Projection, cornered, paths, projection, read_rings
from dashboards.figures.svg import tag


@dataclass(frozen=True)
class Place:
    """A city or a station: where [deg], its class of colour, what stands there, what is read out."""

    code: str
    lon: float
    lat: float
    colour: str
    label: str = ""
    number: str = ""
    note: str = ""


def wall_map(outlines: Path, cities: Sequence[Place], stations: Sequence[Place], title: str) -> str:
    """Draw cities filled and stations dotted; what a script changes is marked data-map by the code of the city."""
    project, shapes = projection(read_rings(outlines)), paths(outlines, cornered)
    areas = [tag("path", d=shapes.get(c.code, ""), class_=f"area {c.colour}", data_map=c.code) for c in cities]
    dots = [_dot(each, project) for each in stations]
    labels = [_label(each, project) for each in cities]
    return tag(
        "svg", tag("g", *areas), tag("g", *dots, class_="dots"), *labels,
        viewBox=f"0 0 1000 {project.height:.0f}", role="img", aria_label=title, class_="wall-map",
    )  # fmt: skip


def _dot(station: Place, project: Projection) -> str:
    x, y = project(station.lon, station.lat)
    return tag("circle", tag("title", text=station.note), cx=f"{x:.0f}", cy=f"{y:.0f}", r=9, class_=station.colour)


def _label(city: Place, project: Projection) -> str:
    x, y = project(*LABELS.get(city.code, (city.lon, city.lat)))
    name = tag("text", text=city.label, y=-14)
    value = tag("text", text=city.number, y=42, class_="value", data_number=city.code)
    return tag("g", name, value, transform=f"translate({x:.0f} {y:.0f})", class_="label")
