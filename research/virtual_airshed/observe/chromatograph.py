"""The analyser of organic compounds at a super-site: which columns it fills, from which amount on it sees a compound, its noise."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.observe.instruments import daily_normal
from standards.voc.species import SPECIES, Species, species_named
from streams.sources.stations.voc_columns import column_of

PAIR = species_named("m,p-xylene")
"""m-xylene and p-xylene leave the column together."""
_PARTS = tuple(number - 1 for number in PAIR.parts)
_SINGLE = tuple(i for i in range(len(SPECIES)) if i not in _PARTS[1:])
COMPOUNDS = tuple(PAIR if i == _PARTS[0] else SPECIES[i] for i in _SINGLE)
"""What is reported: the 117 of the list, with the pair in place of its parts."""
COLUMNS = tuple(column_of(compound.name_en) for compound in COMPOUNDS)
NAMES = tuple(compound.name_en for compound in COMPOUNDS)
DECIMALS = 3
NOISE_SHARE = 0.05
SIGMAS_TO_LIMIT = 3.0
"""A detection limit is three standard deviations of the blank (the usual definition); so is the noise taken from it."""


def limit_ppb(compound: Species) -> float:
    """Give the detection limit of a compound [ppb]: of the order of what online instruments reach (recalled, a choice)."""
    if compound.group == "ovoc":
        return 0.05
    if compound.carbons <= 3 and compound.group in ("alkane", "alkene", "alkyne"):
        return 0.04
    return 0.01 if compound.group in ("aromatic", "halocarbon") else 0.02


LIMITS = tuple(limit_ppb(compound) for compound in COMPOUNDS)


def together(ppb: np.ndarray) -> np.ndarray:
    """Put what leaves the column together into one: (species, ...) of the 117 to (compound, ...) [ppb]."""
    found = ppb[list(_SINGLE)].copy()
    found[_SINGLE.index(_PARTS[0])] = ppb[list(_PARTS)].sum(axis=0)
    return found


def measured_ppb(ppb: np.ndarray, codes: tuple[str, ...], hours: np.ndarray, *, seed: int, noise: float) -> np.ndarray:
    """Give what the analysers report [ppb], rounded: float64 (compound, station, hour); what lies below its limit is
    told apart in the file.

    ppb: the 117 species (species, station, hour). codes: of the stations. hours: consecutive epoch hours. noise:
    factor on it, 0 for none.
    """
    true = together(ppb)
    limits = np.array(LIMITS)[:, None, None]
    normal = daily_normal(seed, "voc noise", codes, hours, len(COMPOUNDS))
    shown = true + noise * np.hypot(NOISE_SHARE * true, limits / SIGMAS_TO_LIMIT) * normal
    return np.round(np.maximum(shown, 0.0), DECIMALS)
