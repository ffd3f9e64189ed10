"""What a warning has to choose from, and over which hours its effect is averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.scenario.cuts import Cut, plan_cuts, traffic_cut
from standards.days import hour_of_day
from standards.warning.plan_files import Plan
from streams.registry import Registry

ANSWERED = ("pm25", "o3")
AFTERNOON = (13, 20)
"""Hours of a day in which ozone is averaged, by their ends."""
LEVELS = (1, 2, 3)
TRAFFIC_SHARE = 0.5
"""Of the traffic limit that is always answered: odd and even numbers."""
FREE = "free"
LEVEL_MEASURES = tuple(f"level:{level}" for level in LEVELS)
TRAFFIC = f"traffic:{TRAFFIC_SHARE}"
_KM = 111.2


def standing_measures(plan: Plan, cities: Sequence[str], hours: tuple[int, int]) -> dict[str, tuple[Cut, ...]]:
    """Give the measures that are always answered, by name: the levels of a plan and a traffic limit, in all cities.

    hours: first and last epoch hour.
    """
    levels = {name: plan_cuts(plan, level, cities, hours) for level, name in zip(LEVELS, LEVEL_MEASURES, strict=True)}
    return levels | {TRAFFIC: traffic_cut(TRAFFIC_SHARE, cities, hours)}


def averaged_hours(quantity: str, first: int, last: int) -> np.ndarray:
    """Give the epoch hours of a window, both ends included, over which a quantity is averaged (hour,)."""
    hours = np.arange(first, last + 1)
    at = hour_of_day(hours)
    return hours[(at >= AFTERNOON[0]) & (at <= AFTERNOON[1])] if quantity == "o3" else hours


def distances_km(registry: Registry) -> np.ndarray:
    """Give the distances between the cities of a registry (city, city) [km], on a plain map of the region."""
    lon, lat = (np.array([getattr(c, name) for c in registry.cities.values()], float) for name in ("lon", "lat"))
    return _KM * np.hypot((lon[:, None] - lon) * np.cos(np.radians(lat.mean())), lat[:, None] - lat)
