"""Outlines of the cities, and whether each station stands in its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from streams.registry.files import RegistryError

if TYPE_CHECKING:
    from streams.registry import Registry
    from streams.registry.places import Station

KM_PER_DEGREE = 111.32
TOLERATED_KM = 0.5
"""The outlines are simplified to 0.003 deg (0.3 km) and their datum is known to some 0.1 km."""


def read_outlines(path: Path) -> dict[str, BaseGeometry]:
    """Read GeoJSON of one feature a city, by its property "code"; raise RegistryError where it is none."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return {f["properties"]["code"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features}
    except json.JSONDecodeError as error:
        raise RegistryError(
            f"{path} line {error.lineno}, column {error.colno}: {error.msg}, expected GeoJSON features with a property 'code'"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise RegistryError(f"{path}: {error!r}, expected GeoJSON features with a property 'code'") from error


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
