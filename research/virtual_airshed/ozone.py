"""Odd oxygen into ozone and nitrogen dioxide, and which source the parts belong to.

The three are in the balance of NO2 + light -> NO + O3 and NO + O3 -> NO2: NO2 solves (Ox - NO2)(NOx - NO2) = c NO2,
with c = j / k. A cell is no stirred vessel: c never falls below UNMIXED_PPB, so that some ozone and some NO live side
by side at night.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNMIXED_PPB = 1.5
"""What is left of c in the dark [ppb]: fresh NO and ozone of the same cell that have not met yet (a choice of this model)."""
CM3_PER_PPB = 2.4615e10
"""Molecules cm-3 per ppb at 298.15 K and 1013.25 hPa."""
_GAUSS, _PARTS = np.polynomial.legendre.leggauss(16)
_NODES, _WEIGHTS = (0.5 * (_GAUSS + 1)) ** 2, 0.5 * _PARTS * (_GAUSS + 1)
"""Nodes and weights on 0 to 1, dense near 0, where the gradient bends (Gauss-Legendre in the square root)."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Ozone and nitrogen dioxide [ppb], of the same shape."""

    o3_ppb: np.ndarray
    no2_ppb: np.ndarray


def balance_ppb(jno2_per_s: np.ndarray, no_o3_cm3_s: np.ndarray) -> np.ndarray:
    """Give c of the balance [ppb] from the photolysis of NO2 [1/s] and the rate of NO + O3 [cm3 molecule-1 s-1]."""
    return jno2_per_s / (no_o3_cm3_s * CM3_PER_PPB) + UNMIXED_PPB


def parts(ox_ppb: np.ndarray, nox_ppb: np.ndarray, c_ppb: np.ndarray) -> Parts:
    """Split odd oxygen [ppb] beside NOx [ppb]; all broadcast. Negative amounts make no NO2."""
    ox, nox = np.asarray(ox_ppb, float), np.asarray(nox_ppb, float)
    no2 = _no2(np.maximum(ox, 0.0), np.maximum(nox, 0.0), c_ppb)
    return Parts(ox - no2, no2)


def allocation(
    ox_ppb: np.ndarray, nox_ppb: np.ndarray, c_ppb: np.ndarray, *, tags: tuple[np.ndarray, np.ndarray]
) -> Parts:
    """Share ozone and NO2 among sources [ppb]: (..., source), by the path-integrated (Aumann-Shapley) allocation of the balance.

    ox_ppb, nox_ppb, c_ppb: totals (...). tags: odd oxygen and NOx by source, each (..., source), adding up to the
    totals. The sums over the sources are parts() of the totals to rounding: the part of NOx is what the quadrature
    leaves.
    """
    ox, nox = np.maximum(ox_ppb, 0.0), np.maximum(nox_ppb, 0.0)
    no2 = _no2(ox, nox, c_ppb)
    by_ox = np.zeros_like(no2)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        by_ox += weight * _gradient_by_ox(node * ox, node * nox, c_ppb)
    by_nox = np.divide(no2 - by_ox * ox, nox, out=np.zeros_like(no2), where=nox > 0)
    by_ox = np.where(nox > 0, by_ox, 0.0)
    no2_tag = by_ox[..., None] * tags[0] + by_nox[..., None] * tags[1]
    return Parts(tags[0] - no2_tag, no2_tag)


def _no2(ox: np.ndarray, nox: np.ndarray, c: np.ndarray) -> np.ndarray:
    whole = ox + nox + c
    return 2.0 * ox * nox / (whole + np.sqrt(np.maximum(whole**2 - 4.0 * ox * nox, 0.0)))


def _gradient_by_ox(ox: np.ndarray, nox: np.ndarray, c: np.ndarray) -> np.ndarray:
    whole = ox + nox + c
    root = np.sqrt(np.maximum(whole**2 - 4.0 * ox * nox, 1e-30))
    return 0.5 * (1.0 - (whole - 2.0 * nox) / root)
