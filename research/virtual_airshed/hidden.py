"""Errors of the inventory that nobody is told: they drive the nature run, and neither a platform nor its models know of them.

A line of the inventory (city, sector, species) errs by the error of its activity, drawn for each city and sector, times that of its
emission factor, drawn for each sector and species. Both are lognormal of median 1. PM10 goes with PM2.5, as both come out of the
same stack. Sizes are choices: totals of the Jing-Jin-Ji region are known to 16 to 51 % (95 %, by species), and a
line of one city is worse than a regional total, so that an sd of 0.21 is kind and one of 0.39 is severe.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from research.virtual_airshed.chance import generator
from research.virtual_airshed.inventories.places import CITIES
from research.virtual_airshed.tracers import SECTORS
from streams.records import SPECIES

SIZES = {"none": 0.0, "mild": 0.21, "severe": 0.39}
"""Words for the standard deviation of the logarithm of a line's error."""
ACTIVITY, SPECIFIC = 0.30, 0.25
"""How the error is made up of that of the activity (city x sector) and that of the emission factor (sector x species)."""
FOLLOWS = {"pm10": "pm25"}
"""Whose draw a species shares."""
Line = tuple[str, str, str]


def size_of(text: str) -> float:
    """Read how large the hidden errors are: a word of SIZES or a number. Errors: ValueError for anything else."""
    try:
        return SIZES[text] if text in SIZES else float(text)
    except ValueError:
        raise ValueError(f"hidden is {text!r}, expected {', '.join(SIZES)} or a number") from None


def hidden_factors(sd: float, *, seed: int) -> dict[Line, float]:
    """Draw the hidden factors on the emissions: (city, sector, species) to a factor [1]; none where sd is 0.

    sd: standard deviation of the logarithm of a line's error. seed: of the scenario; each part draws by itself, so that no other
    draw of the scenario depends on these.
    """
    if sd == 0:
        return {}
    part = sd / math.hypot(ACTIVITY, SPECIFIC)
    activity = {(c, s): part * ACTIVITY * _normal(seed, c, s) for c in CITIES for s in SECTORS}
    specific = {(s, p): part * SPECIFIC * _normal(seed, s, FOLLOWS.get(p, p)) for s in SECTORS for p in SPECIES}
    return {
        (city, sector, species): math.exp(error + specific[sector, species])
        for (city, sector), error in activity.items()
        for species in SPECIES
    }


def together(told: Mapping[Line, float], hidden: Mapping[Line, float]) -> dict[Line, float]:
    """Put told and hidden factors into one table: what names the same line multiplies."""
    both = dict(told)
    for line, factor in hidden.items():
        both[line] = both.get(line, 1.0) * factor
    return both


def _normal(seed: int, *words: str) -> float:
    return float(generator(seed, "hidden", *words).standard_normal())
