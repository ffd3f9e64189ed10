"""Ammonium nitrate between gas and particle, as far as an attribution needs it: how it answers when its sources
change.

The tags bring total nitrate and total ammonia by source (gas and particle together, linear in emissions) and what of
them is particle. The equilibrium product of an hour is read off the tags themselves, so no temperature or humidity is
needed and the salt of unchanged tags is exactly theirs. Shared among sources by the path integral (Aumann-Shapley).
Source: Seinfeld and Pandis 2016, ch. 10 (NH4NO3 equilibrium); Aumann and Shapley 1974; Dunker 2015, GMD 8:1763.
"""

from __future__ import annotations

import numpy as np

SULPHATE_G, NITRATE_G, AMMONIUM_G, NITRIC_ACID_G, AMMONIA_G = 96.06, 62.00, 18.04, 63.01, 17.03
"""Molar masses of SO4, NO3, NH4, HNO3, NH3 [g/mol]."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def salt(nitrate: np.ndarray, free: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Give the salt x of (nitrate - x)(free - x) = product, 0 where there is none; all broadcast, in one molar
    unit."""
    above = nitrate * free - product
    root = np.sqrt(np.maximum((nitrate - free) ** 2 + 4.0 * product, 0.0))
    return np.where(above > 0, 2.0 * above / np.maximum(nitrate + free + root, 1e-30), 0.0)


def product_of(nitrate: np.ndarray, free: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Give the product under which the salt of total nitrate and free ammonia is `held`, all in one molar unit."""
    x = np.clip(held, 0.0, 0.999 * np.minimum(nitrate, np.maximum(free, 0.0)))
    return (nitrate - x) * np.maximum(free - x, 0.0)


def shared_salt(nitrate: np.ndarray, free: np.ndarray, product: np.ndarray, axis: int) -> np.ndarray:
    """Share the salt among the sources on an axis.

    nitrate, free: total nitrate and free ammonia by source, in one molar unit; free may be negative for a source.
    product: without that axis. Returns the salt by source, adding up to salt() of the sums to rounding.
    """
    n, a = nitrate.sum(axis=axis), np.maximum(free.sum(axis=axis), 0.0)
    exists = n * a > product
    begin = np.where(exists, np.sqrt(product / np.maximum(n * a, 1e-30)), 1.0)
    by_nitrate = np.zeros_like(n)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        way = begin + (1.0 - begin) * 0.5 * (node + 1.0)
        x = salt(way * n, way * a, product)
        slope = (way * a - x) / np.maximum(way * (n + a) - 2.0 * x, 1e-30)
        by_nitrate += 0.5 * weight * (1.0 - begin) * np.clip(slope, 0.0, 1.0)
    whole = salt(n, a, product)
    by_ammonia = np.divide(whole - by_nitrate * n, a, out=np.zeros_like(n), where=exists & (a > 0))
    by_nitrate = np.where(exists & (a > 0), by_nitrate, 0.0)
    spread = np.where(np.expand_dims(free.sum(axis=axis) > 0, axis), free, 0.0)
    return np.expand_dims(by_nitrate, axis) * nitrate + np.expand_dims(by_ammonia, axis) * spread
