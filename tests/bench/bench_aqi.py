"""How fast the hourly report is on one core, beside a plain numpy.interp in the same run. Prints JSON.

Run: python -m tests.bench.bench_aqi [million columns]
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from standards.editions import EDITIONS
from standards.index.aqi import hourly_aqi
from standards.pollutants import ITEMS


def columns(n: int) -> np.ndarray:
    """Reported concentrations of six items, 5 % missing: float64 (6, n)."""
    random = np.random.default_rng(20260301)
    mean = np.array([[10.0], [35.0], [0.8], [70.0], [80.0], [50.0]])
    values = random.gamma(2.0, 0.5, (len(ITEMS), n)) * mean
    values = np.where(mean < 1, np.round(values, 1), np.rint(values))
    values[random.random(values.shape) < 0.05] = np.nan
    return values


def by_interp(values: np.ndarray, lines: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, ...]:
    """The same report as one would write it first: interpolate, round up, take the largest."""
    index = np.stack([np.ceil(np.interp(v, points, ladder)) for v, (points, ladder) in zip(values, lines, strict=True)])
    top = np.fmax.reduce(index, axis=0)
    missing = np.isnan(index)
    top[missing.any(axis=0) & ~(top > 100)] = np.nan
    primary = ((index == top) & (top > 50)).T @ (1 << np.arange(len(ITEMS)))
    level = np.searchsorted([0, 51, 101, 151, 201, 301], top, side="right")
    return index, top, primary, level


def seconds(call, repeats: int) -> float:
    """The best of some repetitions [s]."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def main(million: float = 1.0) -> None:
    """Measure and print."""
    edition = EDITIONS[1]
    values = columns(int(million * 1e6))
    small = np.ascontiguousarray(values[:, :288]).reshape(6, 6, 48)
    lines = [edition.breakpoints[item, "hour"] for item in ITEMS]
    arrays = [(np.array(b.concentration, dtype=float), np.array(b.iaqi, dtype=float)) for b in lines]
    ours = seconds(lambda: hourly_aqi(values, edition=edition), 5)
    plain = seconds(lambda: by_interp(values, arrays), 3)
    print(
        json.dumps(
            {
                "rows": values.shape[1],
                "hourly_aqi_rows_per_s": round(values.shape[1] / ours),
                "numpy_interp_rows_per_s": round(values.shape[1] / plain),
                "times_faster": round(plain / ours, 2),
                "small_block_us": round(seconds(lambda: hourly_aqi(small, edition=edition), 300) * 1e6, 1),
            }
        )
    )


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
