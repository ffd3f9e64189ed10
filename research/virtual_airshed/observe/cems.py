"""Continuous emission monitoring at the stacks of the cities whose stacks make up all of their coal sector.

What a city reports is the sum over its stacks. Each stack's flow and gas analysers have a fixed error, and noise hour
by hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from research.virtual_airshed.chance import generator
from research.virtual_airshed.inventories.places import Stack, complete_cities
from research.virtual_airshed.inventories.places import stacks as shipped_stacks
from research.virtual_airshed.observe.clock import label
from research.virtual_airshed.observe.faults import Marked
from research.virtual_airshed.observe.files import Line
from research.virtual_airshed.observe.instruments import daily_normal
from research.virtual_airshed.tracers import SECTORS
from streams.records import SPECIES

SECTOR = "coal"
MEASURED = ("so2", "nox", "co", "pm25")
"""What the stacks measure; pm25 stands for the dust that leaves the filters, which is fine."""
GAIN_SD = (0.04, 0.04, 0.06, 0.10)
"""Spread of a stack's fixed error, standard deviation of the logarithm; a choice of the virtual airshed."""
NOISE_SHARE = (0.05, 0.05, 0.08, 0.15)
DECIMALS = 3
HEADER = "city,sector,species,hour_end,emission_kgh,simulated"
REJECTIONS = {"text": "not an emission", "negative": "not an emission"}
"""What the parser of emissions says of what it must reject."""


@dataclass(frozen=True, eq=False)
class StackHours:
    """Emissions of some stacks [kg/h]. true, measured: float64 (species, stack, hour), species in the order of MEASURED."""

    stacks: tuple[Stack, ...]
    true: np.ndarray
    measured: np.ndarray


def measured_stacks(cities: Sequence[str], stacks: Sequence[Stack] | None = None) -> tuple[Stack, ...]:
    """Give the stacks that are measured: those of cities whose stacks are complete; cities: those of the run."""
    known = tuple(shipped_stacks() if stacks is None else stacks)
    complete = complete_cities(known)
    return tuple(stack for stack in known if stack.city in complete and stack.city in cities)


def stack_hours(
    kg: np.ndarray, cities: Sequence[str], stacks: tuple[Stack, ...], hours: np.ndarray, *, seed: int, noise: float
) -> StackHours:
    """Give what the stacks emit and what is measured at them [kg/h].

    kg: what the inventory emits (city, sector, species, hour), as run.Day.kg. cities: of its first axis. hours:
    consecutive epoch hours. noise: factor on noise and fixed error, 0 for none.
    """
    of_city = [list(cities).index(stack.city) for stack in stacks]
    share = np.array([stack.share for stack in stacks])
    species = [SPECIES.index(name) for name in MEASURED]
    true = kg[of_city, SECTORS.index(SECTOR)][:, species].swapaxes(0, 1) * share[:, None]
    codes = tuple(stack.code for stack in stacks)
    gain = np.array([stack_gain(code, seed=seed) for code in codes]).reshape(-1, len(MEASURED)).T[:, :, None] ** noise
    normal = daily_normal(seed, "stack noise", codes, hours, len(MEASURED))
    measured = true * gain * np.maximum(1.0 + noise * np.array(NOISE_SHARE)[:, None, None] * normal, 0.0)
    return StackHours(stacks, true, measured)


@lru_cache(maxsize=256)
def stack_gain(code: str, *, seed: int) -> tuple[float, ...]:
    """Give the fixed errors of a stack's analysers as factors, in the order of MEASURED."""
    return tuple(np.exp(np.array(GAIN_SD) * generator(seed, "stack", code).standard_normal(len(MEASURED))).tolist())


def city_sums(hours: StackHours) -> tuple[tuple[str, ...], np.ndarray]:
    """Sum up what is measured by city: the cities, and float64 (species, city, hour) [kg/h], rounded as it is written."""
    cities = tuple(dict.fromkeys(stack.city for stack in hours.stacks))
    owned = np.array([[stack.city == city for stack in hours.stacks] for city in cities], float)
    return cities, np.round(np.einsum("cs,msh->mch", owned, hours.measured), DECIMALS)


def lines_of(marked: Marked) -> list[Line]:
    """Write the cities' hours with their faults, one line a city, species and hour; what is missing has no line."""
    series, lines = marked.series, []
    for h, hour in enumerate(series.hours.tolist()):
        for s, city in enumerate(series.codes):
            for c, species in enumerate(series.items):
                text = marked.wrong_texts.get((c, s, h), series.text(c, marked.values[c, s, h]))
                if text:
                    lines.append(Line(h, (s, c), f"{city},{SECTOR},{species},{label(hour)},{text},true"))
    return lines


def truth_rows(hours: StackHours, first_hour: int) -> list[tuple[str, ...]]:
    """Tell what each stack emitted and what was measured there: rows of STACK_COLUMNS."""
    return [
        (
            stack.code,
            stack.city,
            species,
            label(first_hour + h),
            f"{hours.true[c, s, h]:.6f}",
            f"{hours.measured[c, s, h]:.6f}",
        )
        for h in range(hours.true.shape[-1])
        for s, stack in enumerate(hours.stacks)
        for c, species in enumerate(MEASURED)
    ]


STACK_COLUMNS = ("stack", "city", "species", "hour_end", "true_kgh", "measured_kgh")
