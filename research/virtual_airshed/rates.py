"""How fast things change and leave: first-order rates from the weather alone, so that every tracer stays linear in its sources.

Sources: rate constants at 298 K as in JPL 19-5 and IUPAC (recalled); deposition speeds over mixed land of the order of
Wesely (1989) and Seinfeld and Pandis (2016), ch. 19 (recalled); washout by the scavenging coefficients of Seinfeld and
Pandis (2016), ch. 20 (recalled, as orders of magnitude). Rates in moist and cloudy air (sulphur, nitrogen at night) are
choices of this model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from research.virtual_airshed.closures import NATURE, Chemistry
from research.virtual_airshed.tracers import VOC_GROUPS
from research.virtual_airshed.transport import STEP_S

PRODUCT = {"so2": "sulphate", "nox": "nitrate", **dict.fromkeys(VOC_GROUPS, "soa")}
"""What a species turns into."""
OH_NO2_CM3_S, OH_SO2_CM3_S, OH_CO_CM3_S = 1.1e-11, 9.5e-13, 2.4e-13
NO2_SHARE = 0.75
"""Of NOx by day."""
DRY_MS = {
    "so2": (0.0036, 0.0008), "sulphate": (0.0012, 0.0004), "nox": (0.0018, 0.0004), "nitrate": (0.0045, 0.0007),
    "ammonia": (0.0045, 0.0009), "co": (0.0, 0.0), "primary": (0.0014, 0.0005), "coarse": (0.009, 0.005), "alkanes": (0.0, 0.0),
    "alkenes": (0.0, 0.0), "aromatics": (0.0, 0.0), "ovoc": (0.0025, 0.0005), "isoprene": (0.001, 0.0), "soa": (0.0012, 0.0004),
    "ox": (0.0050, 0.0012),
}  # fmt: skip
"""Deposition speed by day and by night [m/s]; in the still air of night little comes down to the ground."""
ACID_TIMES, ACID_C, ACID_STEP_C = 3.0, 17.0, 4.0
"""How much faster nitric acid deposits than nitrate, and the temperature at which half of the sum is acid [deg C]."""
LEAFLESS, LEAVES_C = 0.4, 15.0
"""Of ozone's deposition speed, what is left in the cold season, and the temperature at which half of the rest is there [deg C]."""
WASHOUT_PER_H = {
    "so2": 0.12, "sulphate": 0.30, "nitrate": 0.38, "ammonia": 0.30, "primary": 0.24, "coarse": 0.55, "soa": 0.26, "ovoc": 0.05,
}  # fmt: skip
"""Washout at 1 mm/h [1/h]; it grows with the rain to the power WASHOUT_POWER."""
WASHOUT_POWER = 0.75
SOA_YIELD = {"alkanes": 0.04, "alkenes": 0.02, "aromatics": 0.35, "ovoc": 0.01, "isoprene": 0.05}
"""Mass of organic aerosol per mass of VOC oxidised: of the order of chamber yields at urban aerosol loads (recalled)."""


@dataclass(frozen=True, eq=False)
class Air:
    """What the rates depend on, in one hour: oh_cm3 [molecules cm-3], rain_mm, humidity_pct, transmission, each (row, column).

    light: whether the sun is up. temperature_c: of the plain.
    """

    oh_cm3: np.ndarray
    rain_mm: np.ndarray
    humidity_pct: np.ndarray
    transmission: np.ndarray
    light: bool
    temperature_c: float


def reaction_per_s(species: str, air: Air, voc_k_cm3_s: dict[str, float], chemistry: Chemistry = NATURE) -> np.ndarray:
    """Give the rate at which a species reacts away [1/s] (row, column), 0 where it does not.

    voc_k_cm3_s: reaction with OH of each VOC group [cm3 molecule-1 s-1]. chemistry: of the model.
    """
    return chemistry.of_reaction(species, voc_k_cm3_s, light=air.light) * _natural_per_s(species, air, voc_k_cm3_s)


def _natural_per_s(species: str, air: Air, voc_k_cm3_s: dict[str, float]) -> np.ndarray:
    damp = np.clip((air.humidity_pct - 45.0) / 55.0, 0.0, 1.0) ** 2
    if species == "so2":
        cloud = 1.4 - air.transmission
        return OH_SO2_CM3_S * air.oh_cm3 + (0.004 + 0.030 * damp * cloud) / 3600.0
    if species == "nox":
        # By day by OH, at night by N2O5 on wet particles.
        return OH_NO2_CM3_S * NO2_SHARE * air.oh_cm3 if air.light else (0.014 + 0.080 * damp) / 3600.0
    if species == "co":
        return OH_CO_CM3_S * air.oh_cm3
    if species in voc_k_cm3_s:
        # Ozone and NO3 take the alkenes and isoprene at night.
        night = {"alkenes": 0.06, "isoprene": 0.25}.get(species, 0.0) / 3600.0
        return voc_k_cm3_s[species] * air.oh_cm3 + (0.0 if air.light else night)
    return np.zeros_like(air.oh_cm3)


def dry_ms(species: str, air: Air, chemistry: Chemistry = NATURE) -> float:
    """Give the deposition speed of a species [m/s]. Warm nitrate is mostly nitric acid, which sticks to
    everything; leaves take up ozone in the warm season. chemistry: of the model."""
    day, night = DRY_MS[species]
    speed = day if air.light else night
    if species == "nitrate":
        speed *= 1.0 + ACID_TIMES / (1.0 + np.exp((ACID_C - air.temperature_c) / ACID_STEP_C))
    if species == "ox":
        speed *= LEAFLESS + (1.0 - LEAFLESS) / (1.0 + np.exp((LEAVES_C - air.temperature_c) / ACID_STEP_C))
    return chemistry.of_deposition(species) * speed


def washed_per_s(air: Air) -> np.ndarray:
    """Give the washout of a species with WASHOUT_PER_H 1 [1/s], (row, column)."""
    return air.rain_mm**WASHOUT_POWER / 3600.0


@njit(nogil=True, cache=True)
def react(state, product, height_m, reaction, extra, washed, dry, wash, gain, sums):
    """Let an hour's losses act on a species: it decays, falls, is washed out, and what reacts becomes its product.

    state, product: (layer, row + 2, column + 2, tracer) [unit/m2]; product has at least as many tracers and is only
    touched where gain is not 0. height_m: mixed layer [m]. reaction: rate of becoming the product, extra: of other
    chemical loss, washed: see washed_per_s [1/s], all (row, column). dry: deposition speed [m/s]. wash: the species'
    WASHOUT_PER_H. gain: product per unit that reacts. sums: (2,), total lost and total gained by the product are added.
    """
    rows, columns = height_m.shape
    tracers = state.shape[3]
    for k in range(2):
        for r in range(rows):
            for c in range(columns):
                gone = reaction[r, c] + extra[r, c] + wash * washed[r, c]
                gone += dry / height_m[r, c] if k == 0 else 0.0
                if gone == 0.0:
                    continue
                kept = math.exp(-gone * STEP_S)
                passed = (1.0 - kept) * reaction[r, c] / gone * gain
                s, p = state[k, r + 1, c + 1], product[k, r + 1, c + 1]
                sums[0] += s[0] * (1.0 - kept)
                if passed:
                    sums[1] += s[0] * passed
                    for t in range(tracers):
                        p[t] += passed * s[t]
                for t in range(tracers):
                    s[t] *= kept


__all__ = ["PRODUCT", "SOA_YIELD", "WASHOUT_PER_H", "Air", "dry_ms", "react", "reaction_per_s", "washed_per_s"]
