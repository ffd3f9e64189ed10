"""Two cities far apart, and a steady weather between them."""

from __future__ import annotations

import numpy as np
from shapely.geometry import box

from ml.tagger.places import Places, places_of
from ml.tagger.tagger import INVENTORY
from streams.contributors import SECTORS

WEST, EAST = "510100", "512000"
FIRST_HOUR = 394_464
"""2015-01-01T00:00Z."""
HOURS, SETTLED = 96, 60
"""How long the made weather is, and from which hour on all trajectories have their history."""


def places() -> Places:
    """Give two cities of 40 km, 190 km apart from west to east."""
    outlines = {WEST: box(103.8, 30.4, 104.2, 30.8), EAST: box(105.8, 30.4, 106.2, 30.8)}
    return places_of(outlines, {WEST: [(104.0, 30.6), (104.05, 30.65)], EAST: [(106.0, 30.6)]})


def weather(
    *, u: float = 0.0, v: float = 0.0, height: float = 500.0, rain: float = 0.0, hours: int = HOURS
) -> dict[str, np.ndarray]:
    """Give a weather that is the same everywhere and always."""
    values = {
        "wind_u_ms": u,
        "wind_v_ms": v,
        "mixing_height_m": height,
        "rain_mm": rain,
        "temperature_c": 8.0,
        "humidity_pct": 75.0,
    }
    return {name: np.full((2, hours), value) for name, value in values.items()}


def emissions(*, hours: int = HOURS, seed: int = 1) -> dict[str, np.ndarray]:
    """Give emissions of all sectors and species in both cities, of different sizes."""
    chance = np.random.default_rng(seed)
    sizes = dict(zip(INVENTORY, (1e3, 1e3, 3e3, 2e3, 3e4, 4e3), strict=True))
    return {
        name: size * chance.uniform(0.2, 1.0, (2, len(SECTORS), 1)) * np.ones(hours) for name, size in sizes.items()
    }
