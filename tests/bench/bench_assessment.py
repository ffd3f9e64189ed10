"""How long it takes to assess eight cities from a year of hours of their stations under three editions. Prints JSON.

Run: python -m tests.bench.bench_assessment [stations of all cities together]
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from standards.assessment.assess import assess_period
from standards.assessment.city_values import city_days
from standards.assessment.periods import year
from standards.assessment.ranking import rank
from standards.days import first_hour_of_day
from standards.editions import EDITIONS
from standards.pollutants import ITEMS

CITIES = 8
PERIOD = year(2023)


def hours_of(stations: int, seed: int) -> np.ndarray:
    """Hours of a year, 3 % missing: float64 (6, station, hour)."""
    random = np.random.default_rng(seed)
    mean = np.array([10.0, 35.0, 0.8, 70.0, 80.0, 50.0]).reshape(-1, 1, 1)
    values = np.round(random.gamma(2.0, 0.5, (len(ITEMS), stations, PERIOD.n_days * 24)) * mean, 1)
    values[random.random(values.shape) < 0.03] = np.nan
    return values


def assess_all(cities: list[np.ndarray]) -> list[tuple[str, list[int]]]:
    """From hours to ranks, once for each edition."""
    results = []
    for edition in EDITIONS:
        days = [city_days(hours, first_hour_of_day(PERIOD.first_day), edition=edition) for hours in cities]
        daily = np.stack([each.values for each in days], axis=1)
        found = assess_period(daily, PERIOD.first_day, PERIOD, edition=edition)
        results.append((found.edition, rank(found.ranking.total, valid=found.index_valid).tolist()))
    return results


def main(stations: int = 50) -> None:
    """Measure and print."""
    parts = [len(part) for part in np.array_split(np.arange(stations), CITIES)]
    cities = [hours_of(n, seed) for seed, n in enumerate(parts)]
    times = []
    for _ in range(3):
        start = time.perf_counter()
        results = assess_all(cities)
        times.append(time.perf_counter() - start)
    daily = np.stack(
        [city_days(h, first_hour_of_day(PERIOD.first_day), edition=EDITIONS[0]).values for h in cities], axis=1
    )
    start = time.perf_counter()
    for edition in EDITIONS:
        assess_period(daily, PERIOD.first_day, PERIOD, edition=edition)
    from_days = time.perf_counter() - start
    print(json.dumps({
        "cities": CITIES, "stations": stations, "hours": PERIOD.n_days * 24, "editions": len(results),
        "from_hours_s": round(min(times), 3), "from_days_s": round(from_days, 4), "target_s": 1.0,
    }))  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
