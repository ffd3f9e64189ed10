"""The air beyond the region: what the basin sends from the east and south, and the mountains from the west and north.

Chosen, of the order of rural and background stations of the Sichuan Basin around 2015 (recalled); a feed of a background
site, or the boundary of a larger model, is better wherever there is one.
"""

from __future__ import annotations

import numpy as np

from ml.tagger.rates import SPECIES

SIDES = ("east", "north", "west", "south")
BASIN = {
    "primary": (30.0, 10.0), "so2": (24.0, 14.0), "sulphate": (15.0, 9.0), "nox": (36.0, 16.0), "nitrate": (26.0, 6.0),
    "ammonia": (13.0, 9.0), "co": (1500.0, 900.0), "voc": (60.0, 30.0), "soa": (10.0, 7.0),
}  # fmt: skip
"""In the mixed layer of the basin in January and in July [ug/m3]."""
MOUNTAIN = 0.2
"""What the mountains' air holds of it."""
FROM_BASIN = {"east": 1.0, "north": 0.3, "west": 0.0, "south": 1.0}
"""Which share of the air of each side comes from the basin."""


def usual_boundary(hour_ends: np.ndarray) -> dict[str, np.ndarray]:
    """Give the usual concentrations beyond each side: species to (side, hour) [ug/m3]. hour_ends: epoch hours."""
    moments = (np.asarray(hour_ends) - 1).astype("datetime64[h]")
    year = moments.astype("datetime64[Y]")
    turn = (moments - year).astype(np.int64) / (365.25 * 24)
    summer = 0.5 - 0.5 * np.cos(2 * np.pi * (turn - 15 / 365.25))
    side = np.array([MOUNTAIN + (1.0 - MOUNTAIN) * FROM_BASIN[name] for name in SIDES])
    return {name: side[:, None] * (BASIN[name][0] + (BASIN[name][1] - BASIN[name][0]) * summer) for name in SPECIES}
