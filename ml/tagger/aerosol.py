"""Ammonium nitrate: how much of nitric acid and ammonia is particle, and whose it is."""

from __future__ import annotations

import numpy as np

from ml.attribution.salt import salt

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
PPB_PER_UMOL = 24.465
"""At 298.15 K and 1013.25 hPa, the reference state of GB 3095 [ppb per umol/m3]."""


def dissociation_ppb2(temperature_c: np.ndarray, humidity_pct: np.ndarray) -> np.ndarray:
    """Give the product of NH3 and HNO3 over ammonium nitrate [ppb2].

    Source: Seinfeld and Pandis 2016, eq. 10.91 (dry salt) and 10.88 (humidity of deliquescence); above it the product falls
    towards a twentieth at saturation (their fig. 10.20, read as a straight line in the logarithm; recalled).
    """
    kelvin = np.asarray(temperature_c, np.float64) + 273.15
    dry = np.exp(84.6 - 24220.0 / kelvin - 6.1 * np.log(kelvin / 298.0))
    wet_from = np.exp(723.7 / kelvin + 1.6954)
    wetness = np.clip((np.asarray(humidity_pct) - wet_from) / np.maximum(100.0 - wet_from, 1.0), 0.0, 1.0)
    return dry * 20.0**-wetness


def shared_salt(acid: np.ndarray, base: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share the salt between acid and base along the straight way from nothing to all (Aumann and Shapley 1974) [ppb].

    Returns the parts of the acid and of the base, which add up to the salt; a source has of each the share that it has
    of acid or base.
    """
    whole = salt(acid, base, product)
    begin = np.sqrt(np.minimum(product / np.maximum(acid * base, 1e-30), 1.0))
    by_acid = np.zeros_like(whole)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        way = begin + (1.0 - begin) * 0.5 * (node + 1.0)
        root = np.sqrt((way * (acid - base)) ** 2 + 4.0 * product)
        by_acid += 0.5 * weight * (1.0 - begin) * 0.5 * acid * (1.0 - way * (acid - base) / root)
    # The integrals of both gradients add up to the whole, so the base has the remainder and the sum is exact.
    by_acid = np.where(whole > 0, np.clip(by_acid, 0.0, whole), 0.0)
    return by_acid, whole - by_acid
