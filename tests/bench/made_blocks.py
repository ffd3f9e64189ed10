"""Blocks of made-up hours for benches that ask how much there is, not what it says: plausible sizes, no pattern."""

from __future__ import annotations

import numpy as np

from standards.pollutants import ITEMS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, ForecastBlock, ObservationBlock


def observed(
    city: str, stations: tuple[str, ...], first: int, hours: int, rng: np.random.Generator
) -> ObservationBlock:
    """Make hours of a city's stations from an epoch hour on."""
    values = np.rint(np.abs(rng.normal(60, 30, (len(ITEMS), len(stations), hours))))
    values[2] = np.round(values[2] / 50, 1)
    return ObservationBlock(
        source="bench", city=city, stations=stations, first_hour=first, values=values,
        present=np.ones(values.shape[1:], bool),
    )  # fmt: skip


def run(city: str, stations: tuple[str, ...], hour: int, hours: int, rng: np.random.Generator) -> ForecastBlock:
    """Make a forecast run of so many hours, begun at an epoch hour, for a city's mean and its stations."""
    shape = (len(FORECAST_VARIABLES), len(stations) + 1, hours)
    return ForecastBlock(
        source="bench", model="CDAQS", run_init=hour, city=city, places=(CITY_MEAN, *stations), first_hour=hour + 1,
        values=np.round(np.abs(rng.normal(40, 20, shape)), 1),
    )  # fmt: skip
