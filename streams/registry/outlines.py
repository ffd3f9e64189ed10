"""Outlines of the cities, and whether each station stands in its own."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from streams.registry.files import RegistryError, text_of

if TYPE_CHECKING:
    from streams.registry import Registry
    from streams.registry.places import Station

KM_PER_DEGREE = 111.32
TOLERATED_KM = 0.5
"""The outlines are simplified to 0.003 deg (0.3 km) and their datum is known to some 0.1 km."""


OUTLINES = "GeoJSON features with a geometry and a property 'code'"


def read_outlines(path: Path) -> dict[str, BaseGeometry]:
    """Read GeoJSON of one feature a city, by its property "code"; raise RegistryError with line and column where it is none."""
    text, found = text_of(path, OUTLINES), {}
    try:
        for feature in json.loads(text)["features"]:
            found[feature["properties"]["code"]] = shapely.from_geojson(json.dumps(feature["geometry"]))
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        raise RegistryError(f"{path} line {line}, column {column}: no JSON from here on, expected {OUTLINES}") from None
    except (ValueError, KeyError, TypeError, shapely.errors.GEOSException, RecursionError):
        line, column = _place_of_feature(text, len(found))
        raise RegistryError(f"{path} line {line}, column {column}: no outline of a city, expected {OUTLINES}") from None
    return found


def _place_of_feature(text: str, number: int) -> tuple[int, int]:
    """Give line and column of a feature (counted from 0) in JSON that can be read; of its beginning where it holds no such one."""
    at, decoder = 0, json.JSONDecoder()
    if list_begins := re.search(r'"features"\s*:\s*\[\s*', text):
        at = list_begins.end()
        with contextlib.suppress(ValueError, RecursionError):
            for _ in range(number):
                at = decoder.raw_decode(text, at)[1]
                at = re.compile(r"[\s,]*").match(text, at).end()
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def misplaced(registry: Registry) -> list[str]:
    """Name the stations that stand more than TOLERATED_KM outside the outline of their city."""
    found = []
    for station in registry.stations.values():
        away_km = _distance_km(station, registry.outline(station.city))
        if away_km > TOLERATED_KM:
            city = registry.cities[station.city]
            found.append(
                f"station {station.code} {station.name_zh} at {station.lon} {station.lat} lies {away_km:.1f} km "
                f"outside {city.name_zh} ({city.code}); expected a coordinate inside the outline of its city"
            )
    return found


def _distance_km(station: Station, outline: BaseGeometry) -> float:
    # A degree of longitude is shortened to that of the station's latitude: exact enough over some tens of kilometres.
    scale = np.array([KM_PER_DEGREE * np.cos(np.radians(station.lat)), KM_PER_DEGREE])
    return shapely.transform(outline, lambda points: points * scale).distance(
        shapely.Point(scale * (station.lon, station.lat))
    )
