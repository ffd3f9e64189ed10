"""How fast a year of hourly attribution of eight cities is, and a live hour. Prints JSON; seconds of one thread, and of the clock.

Run: python -m tests.bench.bench_attribution [days]
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from ml.attribution.attribute import attribute
from ml.attribution.history import attribute_history
from ml.attribution.learn import learn
from ml.attribution.observations import Observations
from ml.attribution.tags import SOURCES, TagEnsemble
from standards.pollutants import ITEMS
from tests.ml.attribution.made import FIRST_HOUR, QUANTITIES, SIZE

CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
MEMBERS = 4


def tags_of(days: int) -> TagEnsemble:
    """Make tags of some days in single precision, without sector x city."""
    rng = np.random.default_rng(7)
    hours, lead = 24 * days, (MEMBERS, len(QUANTITIES), len(CITIES))
    size = np.array([SIZE[name] or 60.0 for name in QUANTITIES], np.float32)[None, :, None, None, None]
    whole = size * rng.gamma(4.0, 0.25, (1, 1, len(CITIES), 1, hours)).astype(np.float32)
    share = rng.gamma(2.0, 0.5, (*lead, len(SOURCES), 1)).astype(np.float32)
    place = rng.gamma(2.0, 0.5, (*lead, len(CITIES), 1)).astype(np.float32)
    share /= share.sum(axis=-2, keepdims=True)
    place *= (1.0 - share[..., -1:, :]) / place.sum(axis=-2, keepdims=True)
    return TagEnsemble(
        members=tuple("ABCD"), cities=CITIES, receptors=CITIES, city_of=np.arange(len(CITIES)), quantities=QUANTITIES,
        first_hour=FIRST_HOUR, sector=share * whole, place=np.concatenate([place, share[..., -1:, :]], axis=-2) * whole,
    )  # fmt: skip


def seen_of(tags: TagEnsemble) -> Observations:
    """Make observations near the tags."""
    rng = np.random.default_rng(8)
    by_name = {
        name: tags.by_sector(name).mean(axis=0).sum(axis=1) for name in ("so2", "no2", "co", "o3", "coarse", "pm25")
    }
    by_name["pm10"] = by_name["coarse"] + by_name["pm25"]
    items = np.stack([by_name[item] for item in ITEMS]).astype(float)
    return Observations(first_hour=tags.first_hour, items=items * np.exp(0.2 * rng.standard_normal(items.shape)))


def timed(call) -> tuple[float, float]:
    """Seconds of the processor and of the clock that a call takes."""
    cpu, clock = time.process_time(), time.perf_counter()
    call()
    return round(time.process_time() - cpu, 2), round(time.perf_counter() - clock, 2)


def main(days: int) -> None:
    tags = tags_of(days)
    seen = seen_of(tags)
    window = min(45, days)
    last = tags.first_hour + 24 * window - 1
    part, heard = tags.between(tags.first_hour, last), seen.between(tags.first_hour, last)
    correction = learn(part, heard)
    hour, now = tags.between(last, last), seen.between(last, last)
    figures = {
        f"pm25 of {days} days, {len(CITIES)} cities, corrections learned on the way": timed(
            lambda: attribute_history(tags, seen)
        ),
        f"a correction of {window} days": timed(lambda: learn(part, heard)),
        "a live hour, pm25": timed(lambda: attribute(hour, now, correction)),
    }
    print(json.dumps({name: {"cpu_s": cpu, "clock_s": clock} for name, (cpu, clock) in figures.items()}, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
