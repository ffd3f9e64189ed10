"""Blocks of all feeds whose joined hours are kept in tests/golden/joined_hours.json.gz.

Made so that the mean of a run over the city's area is also its mean over the points: every place of a run has the same
concentrations. One city measures wind, one says nothing about emissions, one inventory is simulated, hours are missing everywhere.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from standards.pollutants import ITEMS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, SPECIES, Block, EmissionBlock, ForecastBlock
from tests.streams import replaying as r

HOURS = 30


def blocks() -> list[Block]:
    """Make them, always the same."""
    made: list[Block] = []
    for n, place in enumerate(r.CITIES):
        values = r.observations(place.code, HOURS, 11)
        present = np.ones(values.shape[1:], bool)
        present[:, 9 + n] = False
        made += [_windy(block, n) for block in r.blocks_of(place.code, values, size=12, present=present)]
        made += _runs(place.code, n)
        if n != 1:
            made += _emissions(place.code, simulated=n == 2)
    return made


def _windy(block: Block, n: int) -> Block:
    if n:
        return block
    rng = np.random.default_rng([5, block.first_hour])
    wind = np.round(rng.normal(0, 1.5, (2, *block.present.shape)), 2)
    wind[:, :, ::5] = np.nan
    return replace(block, wind_ms=wind)


def _runs(city: str, n: int) -> list[Block]:
    rng = np.random.default_rng([int(city), 13])
    runs = []
    for init, length in ((r.FIRST - 12, HOURS - 4), (r.FIRST, HOURS + 6)):
        values = np.round(rng.gamma(4, 15, (len(FORECAST_VARIABLES), 1, length)), 3)
        values[6:8] = np.round(rng.normal(0, 2, (2, 1, length)), 3)
        values[: len(ITEMS)] = np.rint(values[: len(ITEMS)])  # as reported: a city is the mean of such numbers
        values[ITEMS.index("co")] = np.round(values[ITEMS.index("co")] / 100, 1)
        values[ITEMS.index("so2"), 0, 3] = np.nan
        values[:, 0, 7] = np.nan
        places = (CITY_MEAN, *r.STATIONS[city])
        runs.append(ForecastBlock(
            source="cdaqs", model="CDAQS", run_init=init, city=city, places=places, first_hour=r.FIRST,
            values=np.repeat(values, len(places), axis=1), simulated=n == 1 and init == r.FIRST,
        ))  # fmt: skip
    return runs


def _emissions(city: str, *, simulated: bool) -> list[Block]:
    rng = np.random.default_rng([int(city), 17])
    values = np.round(rng.gamma(2, 100, (3, len(SPECIES), HOURS - 2)))
    values[1, 3] = np.nan
    values[:, 6, 5] = np.nan
    head = {
        "source": "emissions",
        "city": city,
        "inventory": "made-2022",
        "first_hour": r.FIRST,
        "simulated": simulated,
    }
    return [EmissionBlock(**head, sectors=("industry", "solvent", "vehicles"), values=values)]
