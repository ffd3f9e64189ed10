"""Shares of the inventory alone: what is left where no model carries tags. Poor, and marked so.

What a city emits, as PM2.5 equivalents, is taken for what its air is made of. Weather, transport and chemistry are
not in it, so such shares miss by 6 to 8 points a source (docs/attribution.md). They name no other city.
"""

from __future__ import annotations

import numpy as np

from ml.attribution.tags import TagEnsemble
from streams.records import SPECIES

TIER = "inventory shares"
EQUIVALENTS = {"pm25": 1.0, "so2": 0.30, "nox": 0.20, "nh3": 0.40, "voc": 0.03}
"""PM2.5 that a mass of each species makes, of the order of what secondary aerosol takes of it (a choice of this
platform)."""
OUTSIDE = 0.30
"""The share of the air from outside the region where nothing tells it (a choice of this platform)."""
SCALE_UGM3 = 100.0
"""Any number does: an observed total is shared out."""


def inventory_tags(
    kg: np.ndarray, *, cities: tuple[str, ...], first_hour: int, outside: float = OUTSIDE
) -> TagEnsemble:
    """Make tags of PM2.5 from emissions, to be attributed with tier=TIER.

    kg: (city, sector, species, hour) [kg/h], species as streams.records.SPECIES. outside: share of what comes in, 0
    to 1. Missing: an hour in which a city's emissions are missing or nothing is NaN.
    """
    weight = np.array([EQUIVALENTS.get(name, 0.0) for name in SPECIES])
    mass = np.einsum("csph,p->csh", kg, weight)
    whole = mass.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        local = np.where(whole > 0, SCALE_UGM3 * (1.0 - outside) * mass / whole, np.nan)
    rest = np.full((len(cities), 1, kg.shape[-1]), SCALE_UGM3 * outside)
    own = np.eye(len(cities))[:, :, None] * local.sum(axis=1)[:, None]
    by_sector, by_place = (np.concatenate([part, rest], axis=1)[None, None] for part in (local, own))
    return TagEnsemble(
        members=("inventory",), cities=cities, receptors=cities, city_of=np.arange(len(cities)), quantities=("pm25",),
        first_hour=first_hour, sector=by_sector, place=by_place,
    )  # fmt: skip
