"""The region for a phone: outlines of whole numbers, one path a city, coloured by classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboards.figures.outlines import LABELS, SMALL, paths, projection, read_rings, simplified
from dashboards.figures.svg import tag


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
    shapes = paths(outlines, simplified)
    areas = [
        tag("a", tag("title", text=each.note), tag("path", d=shapes.get(each.code, ""), class_=each.level), href=each.href,
            aria_label=each.note)
        for each in cities
    ]  # fmt: skip
    dots = [_dot(each, *_place(project(each.lon, each.lat))) for each in stations]
    labels = [_label(each, *_place(project(*LABELS.get(each.code, (each.lon, each.lat))))) for each in cities]
    return tag(
        "svg", *areas, *dots, tag("g", *labels, aria_hidden="true"),
        viewBox=f"0 0 400 {project.height * SMALL:.0f}", role="group", aria_label=title, class_="small-map",
    )  # fmt: skip


def _place(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * SMALL), round(point[1] * SMALL)


def _dot(spot: Spot, x: int, y: int) -> str:
    return tag("a", tag("title", text=spot.note), tag("circle", cx=x, cy=y, r=4, class_=spot.level), href=spot.href,
               aria_label=spot.note)  # fmt: skip


def _label(spot: Spot, x: int, y: int) -> str:
    return tag("text", text=spot.name, x=x, y=y) + tag("text", text=spot.value, x=x, y=y + 17, class_="value")
