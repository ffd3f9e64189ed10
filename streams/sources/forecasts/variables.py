"""The names and units under which models give pollutants and weather, and what they become: two tables and a few rules.

Canonical: ug/m3 (CO mg/m3), gases at 298.15 K and 1013.25 hPa, particles at actual conditions (GB 3095-2026 clause
4.3); m/s, deg C, %, m, mm per hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.sources.tally import Unusable

ALIASES: dict[str, tuple[str, ...]] = {
    "so2": ("SO2", "so2_ugm3", "sulfur_dioxide", "sulphur_dioxide"),
    "no2": ("NO2", "no2_ugm3", "nitrogen_dioxide"),
    "co": ("CO", "co_mgm3", "carbon_monoxide"),
    "o3": ("O3", "go3", "o3_ugm3", "ozone"),
    "pm10": ("PM10", "PM10_TOT", "pm10_ugm3", "ATOTI+ATOTJ+ATOTK", "pm10_ambient_aerosol", "pm10_conc"),
    "pm25": (
        "PM25_TOT", "PM2_5", "PM25", "PM2P5", "PMIJ", "ATOTIJ", "PM2_5_DRY", "PM25_FRM", "pm25_ugm3", "ATOTI+ATOTJ",
        "pm2p5_ambient_aerosol", "pm2p5_conc",
    ),
    "wind_u_ms": ("U10", "u10m", "eastward_wind", "x_wind"),
    "wind_v_ms": ("V10", "v10m", "northward_wind", "y_wind"),
    "wind_speed_ms": ("WSPD10", "WSPD", "wind_speed"),
    "wind_from_deg": ("WDIR10", "WDIR", "wind_from_direction"),
    "temperature_c": ("T2", "t2m", "TEMP2", "TEMP1P5", "SFC_TMP", "2t", "air_temperature"),
    "dew_point_c": ("d2m", "2d", "dew_point_temperature"),
    "humidity_pct": ("RH2", "RH", "r2m", "relative_humidity"),
    "mixing_ratio": ("Q2", "humidity_mixing_ratio"),
    "pressure_pa": ("PSFC", "PRSFC", "sp", "surface_air_pressure"),
    "mixing_height_m": ("PBLH", "PBL", "PBL2", "blh", "hpbl", "atmosphere_boundary_layer_thickness"),
    "rain_amount_mm": ("rain_mm", "RN+RC", "precipitation_amount", "lwe_thickness_of_precipitation_amount"),
    "rain_since_start_mm": ("RAINC+RAINNC", "RAINNC", "tp"),
}  # fmt: skip
"""Names of variables and CF standard names, without regard to case; the first that a file has is taken; "A+B" is a sum.
"""

STANDARD_NAMES = (
    "mass_concentration_of_{}_in_air", "mole_fraction_of_{}_in_air", "mass_fraction_of_{}_in_air",
    "mass_concentration_of_{}_particles_in_air", "mass_fraction_of_{}_particles_in_air", "{}",
)  # fmt: skip
"""How CF builds a standard name from the aliases above."""

MOLAR_VOLUME_L = 24.465
"""Of an ideal gas at 298.15 K and 1013.25 hPa [L/mol], as the reference state of GB 3095-2026 clause 4.3 has it."""
MOLAR_MASS_G = {"so2": 64.066, "no2": 46.0055, "co": 28.010, "o3": 47.998}
"""[g/mol], IUPAC 2021 standard atomic weights."""
AIR_MASS_G = 28.9647
"""Molar mass of dry air [g/mol], ICAO standard atmosphere."""
DRY_AIR_J = 287.05
"""Gas constant of dry air [J/(kg K)]."""
STANDARD_DENSITY = 1.1839
"""Density of dry air at 298.15 K and 1013.25 hPa [kg/m3]: taken for particles in kg/kg where a file has no T2 and PSFC.
"""

MOLE_FRACTIONS = {
    "ppmv": 1e-6,
    "ppm": 1e-6,
    "ppbv": 1e-9,
    "ppb": 1e-9,
    "pptv": 1e-12,
    "mol mol-1": 1.0,
    "mol/mol": 1.0,
    "1e-9": 1e-9,
}
MASS_PER_VOLUME = {
    "ug m-3": 1.0, "ug/m3": 1.0, "micrograms/m3": 1.0, "microg/m3": 1.0, "microg m-3": 1.0, "mg m-3": 1e3, "mg/m3": 1e3,
    "g m-3": 1e6, "g/m3": 1e6, "kg m-3": 1e9, "kg/m3": 1e9, "ng m-3": 1e-3,
}  # fmt: skip
"""To ug/m3."""
MASS_FRACTIONS = {"kg kg-1": 1.0, "kg/kg": 1.0, "g kg-1": 1e-3, "g/kg": 1e-3, "ug kg-1": 1e-9, "ug/kg": 1e-9}
WEATHER_UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "wind": {"m s-1": (1, 0), "m/s": (1, 0), "m/sec": (1, 0), "km h-1": (1 / 3.6, 0), "km/h": (1 / 3.6, 0)},
    "degrees": {"degrees": (1, 0), "degree": (1, 0), "deg": (1, 0), "degrees true": (1, 0)},
    "temperature": {
        "k": (1, -273.15),
        "kelvin": (1, -273.15),
        "c": (1, 0),
        "degc": (1, 0),
        "deg c": (1, 0),
        "celsius": (1, 0),
    },
    "humidity": {"%": (1, 0), "percent": (1, 0), "pct": (1, 0), "1": (100, 0), "fraction": (100, 0)},
    "ratio": {"kg kg-1": (1, 0), "kg/kg": (1, 0), "g kg-1": (1e-3, 0), "g/kg": (1e-3, 0)},
    "pressure": {"pa": (1, 0), "pascal": (1, 0), "hpa": (100, 0), "mb": (100, 0), "mbar": (100, 0)},
    "height": {"m": (1, 0), "meters": (1, 0), "metres": (1, 0), "km": (1000, 0)},
    "rain": {"mm": (1, 0), "kg m-2": (1, 0), "m": (1000, 0), "cm": (10, 0)},
}
"""Unit to (factor, offset) into the canonical unit."""
QUANTITY = {
    "wind_u_ms": "wind", "wind_v_ms": "wind", "wind_speed_ms": "wind", "wind_from_deg": "degrees",
    "temperature_c": "temperature", "dew_point_c": "temperature", "humidity_pct": "humidity", "mixing_ratio": "ratio",
    "pressure_pa": "pressure", "mixing_height_m": "height", "rain_amount_mm": "rain", "rain_since_start_mm": "rain",
}  # fmt: skip
PLAUSIBLE = {
    "so2": (0, 10_000), "no2": (0, 10_000), "co": (0, 1_000), "o3": (0, 5_000), "pm10": (0, 50_000),
    "pm25": (0, 50_000),
    "wind_u_ms": (-120, 120), "wind_v_ms": (-120, 120), "wind_speed_ms": (0, 120), "wind_from_deg": (-360, 720),
    "temperature_c": (-90, 70), "dew_point_c": (-110, 50), "humidity_pct": (0, 120), "mixing_ratio": (0, 0.1),
    "pressure_pa": (30_000, 110_000), "mixing_height_m": (0, 20_000), "rain_amount_mm": (0, 500),
    "rain_since_start_mm": (0, 50_000),
}  # fmt: skip
"""Values beyond these say that a unit is wrong: the variable is rejected as a whole, never cut into shape."""
PACKING_NOISE = 1e-5
"""Share of the upper limit by which a packed zero may fall below zero: it becomes zero."""


@dataclass(frozen=True)
class Conversion:
    """A linear way to the canonical unit: value x factor + offset; by_density where the air's density [kg/m3]
    multiplies.
    """

    factor: float
    offset: float = 0.0
    by_density: bool = False


def find(quantity: str, names: dict[str, str]) -> tuple[str, ...]:
    """Give the file's variables that make up a quantity, () where there are none.

    names: lower-case variable and standard names to the file's own names.
    """
    for alias in ALIASES[quantity]:
        parts = alias.lower().split("+")
        if all(part in names for part in parts):
            return tuple(names[part] for part in parts)
        for form in STANDARD_NAMES:
            if form.format(alias) in names:
                return (names[form.format(alias)],)
    return ()


def conversion(quantity: str, name: str, units: str) -> Conversion:
    """Choose the conversion of a variable from its unit; raise Unusable for no or an unknown unit."""
    unit = plain_unit(units)
    if quantity in QUANTITY:
        known = WEATHER_UNITS[QUANTITY[quantity]]
        if unit in known:
            return Conversion(*known[unit])
        raise _unknown(name, units, known)
    scale = 1e-3 if quantity == "co" else 1.0
    gas = MOLAR_MASS_G.get(quantity)
    if unit in MASS_PER_VOLUME:
        return Conversion(MASS_PER_VOLUME[unit] * scale)
    if gas and unit in MOLE_FRACTIONS:
        # 1 mol of air fills MOLAR_VOLUME_L: mol/mol x g/mol / L/mol = g/L = 1e9 ug/m3.
        return Conversion(MOLE_FRACTIONS[unit] * gas / MOLAR_VOLUME_L * 1e9 * scale)
    if gas and unit in MASS_FRACTIONS:
        # At the reference state the density of the air is known, whatever it is at the model's level.
        return Conversion(MASS_FRACTIONS[unit] * AIR_MASS_G / MOLAR_VOLUME_L * 1e9 * scale)
    if unit in MASS_FRACTIONS:
        return Conversion(MASS_FRACTIONS[unit] * 1e9, by_density=True)
    raise _unknown(name, units, {**(MOLE_FRACTIONS if gas else {}), **MASS_PER_VOLUME, **MASS_FRACTIONS})


def plain_unit(units: str) -> str:
    """Write a unit plainly: lower case, no powers' marks, one blank: "ug m**-3", "ug m^-3" and "µg m-3" are one."""
    text = str(units).strip("\0 \t").replace("**", "").replace("^", "").replace("µ", "u").replace("μ", "u")
    return " ".join(text.lower().replace("°", "deg").replace("_", "-").split())


def checked(quantity: str, name: str, values: np.ndarray) -> np.ndarray:
    """Refuse values [canonical] that no unit explains, and lift zeros that packing pushed below; NaN is missing.

    Raise Unusable that names the variable, the worst value and the range.
    """
    low, high = PLAUSIBLE[quantity]
    noise = PACKING_NOISE * high
    finite = values[~np.isnan(values)]
    if finite.size and not (finite.min() >= low - noise and finite.max() <= high):
        worst = finite.min() if finite.min() < low - noise else finite.max()
        raise Unusable(
            f"variable {name}", f"value beyond what {quantity} can be", f"{worst:.6g}", f"{low:g} to {high:g}"
        )
    return np.clip(values, low, None) if low == 0 else values


def relative_humidity(temperature_c: np.ndarray, vapour_pa: np.ndarray) -> np.ndarray:
    """Give relative humidity [%] from temperature [deg C] and vapour pressure [Pa], at most 100 (WMO-No. 8, annex 4.B,
    water).
    """
    return np.clip(100 * vapour_pa / saturation_pa(temperature_c), 0, 100)


def saturation_pa(temperature_c: np.ndarray) -> np.ndarray:
    """Give the saturation vapour pressure over water [Pa] at a temperature [deg C] (WMO-No. 8, annex 4.B)."""
    return 611.2 * np.exp(17.62 * temperature_c / (243.12 + temperature_c))


def _unknown(name: str, units: str, known: dict) -> Unusable:
    reason = "unknown unit" if str(units).strip("\0 \t") else "no unit"
    # Of two spellings of a unit one is enough to say.
    listed = [unit for unit in known if "/" not in unit and unit not in ("microg m-3", "1e-9")]
    return Unusable(f"variable {name}", reason, str(units).strip(), "one of " + ", ".join(listed))
