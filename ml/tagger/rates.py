"""How fast things turn into others and leave the air, from a forecast's weather: first-order rates, so every source stands alone.

Sources: rate constants of OH with NO2, SO2 and aromatics: Seinfeld and Pandis 2016, appendix B (recalled). OH at noon: 2 to 3
million in winter (Tan et al. 2018, Atmos. Chem. Phys. 18:12391, Beijing), 10 million in Chengdu's summer (Yang et al. 2021,
J. Environ. Sci. 99:324; both recalled). Sulphate: 1 to 2 % an hour by OH in summer, some per cent in wet air (Wang et al.
2014, Geophys. Res. Lett. 41; recalled). Nitrate at night: uptake of N2O5, some per cent an hour (Brown and Stutz 2012, Chem.
Soc. Rev. 41:6405; recalled). Deposition: Wesely and Hicks 2000, Atmos. Environ. 34:2261; scavenging: Seinfeld and Pandis ch.
20 (both recalled, as orders of magnitude). Yields of organic aerosol: of the order of Griffin et al. 1999 for aromatics,
spread over all VOC that inventories count (recalled).
"""

from __future__ import annotations

import numpy as np

SPECIES = ("primary", "so2", "sulphate", "nox", "nitrate", "ammonia", "co", "voc", "soa")
"""What is followed; nitrate is nitric acid and nitrate, ammonia is ammonia and ammonium [ug/m3]."""
PRIMARY, SO2, SULPHATE, NOX, NITRATE, AMMONIA, CO, VOC, SOA = range(9)
OH_NOON_CM3, OH_POWER = 8.0e6, 2.0
"""OH [cm-3] under a sun overhead, and how it falls with the cosine of the zenith."""
OH_NO2, OH_SO2, OH_VOC = 1.1e-11, 9.5e-13, 8.0e-12
"""[cm3 s-1]; VOC as a town's mixture."""
NO2_SHARE = 0.75
WET_SO2_PER_H, SO2_BASE_PER_H = 0.025, 0.004
"""Oxidation of SO2 in and on wet particles at 100 % humidity, and at any [h-1]."""
NIGHT_NOX_PER_H, WET_NOX_PER_H = 0.02, 0.06
DEPOSITION_MMS = {
    "primary": (1.5, 0.5), "so2": (4.0, 1.0), "sulphate": (1.3, 0.5), "nox": (2.0, 0.5), "nitrate": (4.5, 0.8),
    "ammonia": (5.0, 1.0),
    "co": (0.0, 0.0), "voc": (0.5, 0.1), "soa": (1.3, 0.5),
}  # fmt: skip
"""By day and by night [mm/s]; nitrate by day as a mean of the acid and the particle."""
WASHOUT_PER_H = {
    "primary": 0.25, "so2": 0.12, "sulphate": 0.3, "nox": 0.0, "nitrate": 0.35, "ammonia": 0.3, "co": 0.0, "voc": 0.0,
    "soa": 0.25,
}  # fmt: skip
"""At 1 mm/h [h-1]; grows with the rain to the power RAIN_POWER."""
RAIN_POWER = 0.75
YIELD = {"solvent": 0.08, "vehicles": 0.05, "industry": 0.05, "biogenic": 0.03}
"""Organic aerosol per VOC that reacts, by mass; OTHER_YIELD for the rest."""
OTHER_YIELD = 0.04
SULPHATE_PER_SO2, NITRATE_PER_NOX = 96.06 / 64.06, 62.00 / 46.01
"""By mass; NOx counts as NO2."""


def cos_zenith(hour_ends: np.ndarray, lon: float, lat: float) -> np.ndarray:
    """Give the cosine of the sun's zenith in the middle of hours, below 0 at night. hour_ends: epoch hours. lon, lat [deg].

    Source: declination after Cooper 1969; the equation of time is left out (a quarter of an hour).
    """
    begins = (np.asarray(hour_ends) - 1).astype("datetime64[h]")
    day = (begins - begins.astype("datetime64[Y]")).astype(np.int64) / 24.0 + 1
    middle = begins.astype(np.int64) + 0.5
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365.0)
    angle = np.radians(15.0 * (middle % 24 - 12) + lon)
    return np.sin(np.radians(lat)) * np.sin(declination) + np.cos(np.radians(lat)) * np.cos(declination) * np.cos(angle)


def change_per_h(light: np.ndarray, humidity_pct: np.ndarray) -> np.ndarray:
    """Give the rates at which SO2, NOx and VOC turn into their products [h-1], (3, ...).

    light: cosine of the sun's zenith (hour,). humidity_pct: (..., hour).
    """
    oh = OH_NOON_CM3 * np.maximum(light, 0.0) ** OH_POWER
    damp = np.clip((humidity_pct - 50.0) / 50.0, 0.0, 1.0) ** 2
    so2 = 3600.0 * OH_SO2 * oh + SO2_BASE_PER_H + WET_SO2_PER_H * damp
    nox = np.where(light > 0, 3600.0 * OH_NO2 * NO2_SHARE * oh, NIGHT_NOX_PER_H + WET_NOX_PER_H * damp)
    return np.stack(np.broadcast_arrays(so2, nox, 3600.0 * OH_VOC * oh))


def deposition_m_h(light: np.ndarray) -> np.ndarray:
    """Give the speeds of deposition [m/h] (species, ...) by day and by night."""
    day, night = (np.array([DEPOSITION_MMS[name][i] for name in SPECIES]) * 3.6 for i in (0, 1))
    shape = (len(SPECIES), *[1] * np.ndim(light))
    return np.where(np.asarray(light) > 0, day.reshape(shape), night.reshape(shape))


def washout_per_h() -> np.ndarray:
    """Give the washout [h-1] (species,) in a rain whose RAIN_POWER is 1."""
    return np.array([WASHOUT_PER_H[name] for name in SPECIES])
