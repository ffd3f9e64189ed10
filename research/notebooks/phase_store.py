"""A store with daily values of the eight cities for the same half-year of two years, made from a seed. SIMULATED."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from standards.editions import edition_for
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS
from streams import registry
from streams.columns import DAY_MEANS
from streams.store import open_store
from streams.store.schema import air_city_day

LEVELS = np.array([7.0, 30.0, 0.8, 100.0, 60.0, 38.0])
"""Of so2, no2, co [mg m-3], o3 (MDA8), pm10 and pm25 [µg m-3], in the middle of the cities and seasons."""
SEASON = np.array([0.2, 0.3, 0.2, -0.6, 0.4, 0.5])
"""How much more than in the middle of the year there is in January; ozone has less."""


def phase_store(folder: Path, *, years: tuple[int, ...] = (2025, 2026), change: float = -0.06, seed: int = 1) -> str:
    """Fill a store in a folder with January to June of some years; give its URL.

    change: of all particles from each year to the next, known because it was put in. Two days in a hundred are missing.
    """
    url, cities = f"sqlite:///{folder}/air.sqlite", tuple(registry.load().cities)
    engine = open_store(url)
    for nth, year in enumerate(years):
        first, days = dt.date(year, 1, 1), (dt.date(year, 7, 1) - dt.date(year, 1, 1)).days
        values = _made(len(cities), days, seed + nth)
        values[4:] *= (1 + change) ** nth
        with engine.begin() as connection:
            connection.execute(sa.insert(air_city_day), _rows(cities, first, np.round(values, 3)))
    engine.dispose()
    return url


def _made(places: int, days: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    season = 1 + SEASON[:, None, None] * np.cos(2 * np.pi * np.arange(days) / 365.25)
    place = 1 + 0.25 * np.linspace(-1, 1, places)[:, None]
    values = LEVELS[:, None, None] * place * season * chance.gamma(6, 1 / 6, (len(ITEMS), places, days))
    return np.where(chance.random(values.shape) < 0.02, np.nan, values)


def _rows(cities: tuple[str, ...], first: dt.date, values: np.ndarray) -> list[dict]:
    found = []
    for at in range(values.shape[-1]):
        day = first + dt.timedelta(days=at)
        edition = edition_for(day)
        aqi = daily_aqi(values[..., at : at + 1], edition=edition).aqi[:, 0]
        for place, city in enumerate(cities):
            means = [None if np.isnan(value) else float(value) for value in values[:, place, at]]
            found.append(
                {"city": city, "day": day, **dict(zip(DAY_MEANS, means, strict=True)), "primary_pollutants": "",
                 "aqi": None if np.isnan(aqi[place]) else int(aqi[place]), "edition": edition.code, "status": "reviewed",
                 "revision": 0, "simulated": True, "version": 1}
            )  # fmt: skip
    return found
