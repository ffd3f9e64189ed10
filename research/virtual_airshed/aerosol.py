"""Ammonium and nitrate: what of them is particle, and which source it belongs to.

Ammonia takes up sulphate first, two to one; what is left of it and the nitric acid settle at the product K of their
concentrations. Sources are told apart by the path-integrated (Aumann-Shapley) allocation: each source's share of the
integral of the gradient along the straight way from nothing to the whole. It adds up exactly, for the integrals are in
closed form and of two parts the second is the remainder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.tracers import NMOL_PER_PPB

SULPHATE_G, NITRATE_G, AMMONIUM_G = 96.06, 62.00, 18.04
"""Molar masses of SO4, NO3 and NH4 [g/mol]."""
UG_PER_NMOL = 1e-3


@dataclass(frozen=True, eq=False)
class Secondary:
    """Inorganic aerosol [ug/m3]: sulphate, nitrate, ammonium, each of the same shape."""

    sulphate_ugm3: np.ndarray
    nitrate_ugm3: np.ndarray
    ammonium_ugm3: np.ndarray

    @property
    def total_ugm3(self) -> np.ndarray:
        """Their sum."""
        return self.sulphate_ugm3 + self.nitrate_ugm3 + self.ammonium_ugm3


def dissociation_nmol2(temperature_c: np.ndarray, humidity_pct: np.ndarray) -> np.ndarray:
    """Give the product K of ammonia and nitric acid over ammonium nitrate [nmol2 m-6], on dry salt or over its solution.

    temperature_c, humidity_pct: the same shape. Source: Mozurkewich (1993), Atmospheric Environment 27A, 261: ln K of
    the dry salt [nb2], the humidity of deliquescence, and the ratio over solutions (recalled).
    """
    kelvin = np.asarray(temperature_c, float) + 273.15
    dry = np.exp(118.87 - 24084.0 / kelvin - 6.025 * np.log(kelvin))
    deliquescent_pct = np.exp(723.7 / kelvin + 1.7037)
    away = 1.0 - np.clip(np.asarray(humidity_pct, float), 0.0, 99.0) / 100.0
    p1 = np.exp(-135.94 + 8763.0 / kelvin + 19.12 * np.log(kelvin))
    p2 = np.exp(-122.65 + 9969.0 / kelvin + 16.22 * np.log(kelvin))
    p3 = np.exp(-182.61 + 13875.0 / kelvin + 24.46 * np.log(kelvin))
    wet = (p1 - p2 * away + p3 * away**2) * away**1.75 * dry
    product_ppb2 = np.where(humidity_pct > deliquescent_pct, wet, dry)
    return np.maximum(product_ppb2, 1e-6) * NMOL_PER_PPB**2


def secondary(sulphate: np.ndarray, nitrate: np.ndarray, ammonia: np.ndarray, product: np.ndarray) -> Secondary:
    """Give the inorganic aerosol [ug/m3] of total sulphate, nitrate and ammonia [nmol/m3] under the product K [nmol2 m-6].

    All arrays broadcast. Negative amounts count as none.
    """
    s, n, a = (np.maximum(x, 0.0) for x in (sulphate, nitrate, ammonia))
    bound = np.minimum(2.0 * s, a)
    salt = _salt(n, a - bound, product)
    scale = UG_PER_NMOL
    return Secondary(SULPHATE_G * s * scale, NITRATE_G * salt * scale, AMMONIUM_G * (bound + salt) * scale)


def allocation(
    sulphate: np.ndarray, nitrate: np.ndarray, ammonia: np.ndarray, product: np.ndarray, *, tags: tuple[np.ndarray, ...]
) -> Secondary:
    """Share the inorganic aerosol among sources [ug/m3]: (..., source).

    sulphate, nitrate, ammonia: totals (...) [nmol/m3]. tags: the same three by source, each (..., source), adding up to the totals.
    product: K (...) [nmol2 m-6]. The sum over the sources is secondary() of the totals to rounding.
    """
    s_tag, n_tag, a_tag = tags
    free = np.maximum(ammonia - 2.0 * sulphate, 0.0)
    rich = (ammonia > 2.0 * sulphate)[..., None]
    bound = np.where(rich, 2.0 * s_tag, a_tag)
    free_tag = np.where(rich, a_tag - 2.0 * s_tag, 0.0)
    by_nitrate = _nitrate_gradient(nitrate, free, product)
    rest = _salt(nitrate, free, product) - by_nitrate * nitrate
    by_ammonia = np.divide(rest, free, out=np.zeros_like(rest), where=free > 0)
    salt = by_nitrate[..., None] * n_tag + by_ammonia[..., None] * free_tag
    scale = UG_PER_NMOL
    return Secondary(SULPHATE_G * s_tag * scale, NITRATE_G * salt * scale, AMMONIUM_G * (bound + salt) * scale)


def _salt(nitrate: np.ndarray, free: np.ndarray, product: np.ndarray) -> np.ndarray:
    # x solves (n - x)(a - x) = K; none where n a <= K. Written so that small x keeps its digits.
    above = nitrate * free - product
    root = np.sqrt((nitrate - free) ** 2 + 4.0 * product)
    return np.where(above > 0, 2.0 * above / (nitrate + free + root), 0.0)


def _nitrate_gradient(nitrate: np.ndarray, free: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Integrate the gradient of the salt by nitrate along the straight way, from where salt begins: in closed form.

    With d = a - n the gradient at l is (1 + l d / sqrt(l^2 d^2 + 4 K)) / 2, and its integral (l + sqrt(l^2 d^2 + 4 K) /
    d) / 2; salt begins at l0 = sqrt(K / (n a)), where the root is l0 (n + a).
    """
    exists = nitrate * free > product
    n, a = (np.where(exists, x, 1.0) for x in (nitrate, free))
    begin = np.where(exists, np.sqrt(np.where(exists, product, 0.0) / (n * a)), 1.0)
    apart = a - n
    root = np.sqrt(apart**2 + 4.0 * product)
    # (root(1) - root(l0)) / d without its 0/0: the difference of squares is d^2 (1 - l0^2).
    slope = apart * (1.0 - begin**2) / (root + begin * (n + a))
    return np.where(exists, 0.5 * (1.0 - begin + slope), 0.0)
