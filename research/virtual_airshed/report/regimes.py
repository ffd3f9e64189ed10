"""What limits ozone, cell by cell: from the sensitivities of its production at summer noon."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.chemistry.surface import production
from research.virtual_airshed.report.noon import Noon

REGIMES = ("suppressed", "voc", "transition", "nox")
"""More NOx makes less ozone; VOC tells more than TIMES what NOx tells; neither; NOx tells more than TIMES what VOC
tells.
"""
TIMES = 2.0
"""A choice of this page; studies draw the line between 1.5 and 4 by many measures."""


def regime_of(by_nox: np.ndarray, by_reactivity: np.ndarray) -> np.ndarray:
    """Give the number of each cell's regime in REGIMES, from logarithmic sensitivities of one unit; -1 where one is
    missing.
    """
    found = np.full(np.shape(by_nox), REGIMES.index("transition"))
    found = np.where(by_reactivity > TIMES * by_nox, REGIMES.index("voc"), found)
    found = np.where(by_nox > TIMES * by_reactivity, REGIMES.index("nox"), found)
    found = np.where(by_nox < 0, REGIMES.index("suppressed"), found)
    return np.where(np.isfinite(by_nox) & np.isfinite(by_reactivity), found, -1)


def shares(regime: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Give the share of the cells in each regime within a mask [1], (regime,); NaN for an empty mask."""
    inside = regime[where]
    return np.array([(inside == r).mean() if inside.size else np.nan for r in range(len(REGIMES))])


def plane(noon: Noon, nox_ppb: np.ndarray, reactivity_per_s: np.ndarray) -> np.ndarray:
    """Give production under the mean sky of the noon hours [ppb/h]: (nox, reactivity)."""
    n, r = np.meshgrid(nox_ppb, reactivity_per_s, indexing="ij")
    return production(n, r, noon.cos_zenith, noon.cloud_transmission, noon.temperature_c)
