"""What a variable of a forecast file is: by its standard name, else by its name; and how its unit becomes the canonical one.

Canonical: ug/m3 (CO mg/m3), gases at the reference state of the hour's day (standards.reference_states), particles at actual
conditions; m/s, deg C, %, m, mm per hour.

Sources: CF standard name table, GB 3095-2012 3.14 with its amendment of 2018, GB 3095-2026 clause 4.3, ICAO standard atmosphere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import pi

import numpy as np
import xarray as xr

from standards.days import date_of_day, natural_day
from standards.pollutants import ITEMS
from standards.reference_states import reference_state
from streams.sources.forecasts.attributes import text
from streams.sources.forecasts.units import unit_of
from streams.sources.tally import Unusable

ALIASES: dict[str, tuple[str, ...]] = {
    "so2": ("SO2", "SpeciesConcVV_SO2", "SpeciesConc_SO2", "so2_ugm3", "so2_conc", "sulfur_dioxide", "sulphur_dioxide"),
    "no2": ("NO2", "SpeciesConcVV_NO2", "SpeciesConc_NO2", "no2_ugm3", "no2_conc", "nitrogen_dioxide"),
    "co": ("CO", "SpeciesConcVV_CO", "SpeciesConc_CO", "co_mgm3", "co_conc", "carbon_monoxide"),
    "o3": ("O3", "SpeciesConcVV_O3", "SpeciesConc_O3", "go3", "o3_ugm3", "o3_conc", "ozone"),
    "pm10": (
        "PM10", "PM10_TOT", "pm10_ugm3", "pm10_conc", "ATOTI+ATOTJ+ATOTK", "pm10_ambient_aerosol", "pm10_dry_aerosol",
    ),
    "pm25": (
        "PM25_TOT", "PM2_5", "PM25", "PM2.5", "PM2P5", "PM25_RH35_GCC",
        "PMIJ", "ATOTIJ", "PM2_5_DRY", "PM25_FRM", "pm25_ugm3", "pm2p5_conc", "ATOTI+ATOTJ",
        "pm2p5_ambient_aerosol", "pm2p5_dry_aerosol",
    ),
    "wind_u_ms": ("U10", "u10m", "10u", "eastward_wind", "x_wind"),
    "wind_v_ms": ("V10", "v10m", "10v", "northward_wind", "y_wind"),
    "wind_speed_ms": ("WSPD10", "WSPD", "wind_speed"),
    "wind_from_deg": ("WDIR10", "WDIR", "wind_from_direction"),
    "temperature_c": ("T2", "t2m", "TEMP2", "TEMP1P5", "SFC_TMP", "2t", "air_temperature"),
    "dew_point_c": ("d2m", "2d", "T2MDEW", "dew_point_temperature_at_2_m", "dew_point_temperature"),
    "humidity_pct": ("RH2", "RH", "r2m", "relative_humidity"),
    "mixing_ratio": ("Q2", "humidity_mixing_ratio"),
    "pressure_pa": ("PSFC", "PRSFC", "sp", "PS", "surface_pressure", "surface_air_pressure"),
    "mixing_height_m": ("PBLH", "PBL", "PBL2", "blh", "hpbl", "planetary_boundary_layer_height",
        "atmosphere_boundary_layer_thickness"),
    "rain_amount_mm": ("rain_mm", "RN+RC", "precipitation_amount", "lwe_thickness_of_precipitation_amount"),
    "rain_rate_mmh": (
        "prate", "tprate", "PRECTOT", "PRECTOTCORR", "total_precipitation",
        "avg_tprate", "mtpr", "precipitation_flux", "rainfall_flux", "lwe_precipitation_rate",
        "rainfall_rate",
    ),
    "rain_since_start_mm": ("RAINC+RAINSH+RAINNC", "RAINC+RAINNC", "RAINNC", "tp"),
}  # fmt: skip
"""Names of variables and CF standard names, without regard to case; the first that a file has is taken; "A+B" is a sum.
"""

STANDARD_NAMES = {
    "mass_concentration_of_{}_in_air": "mass per volume", "mass_concentration_of_{}_particles_in_air": "mass per volume",
    "mole_fraction_of_{}_in_air": "mole fraction", "mole_concentration_of_{}_in_air": "amount per volume",
    "mass_fraction_of_{}_in_air": "mass fraction", "mass_fraction_of_{}_particles_in_air": "mass fraction", "{}": "",
}  # fmt: skip
"""How CF builds a standard name from the aliases above, and the kind of unit that such a name asks for."""
SAYS_NOTHING = ("", "unknown", "none", "undefined", "not_defined", "null", "-", "n/a")
"""Standard names by which writers say that they have none ("unknown" is what cfgrib writes)."""
_CF_NAME = re.compile(r"[a-z]\w*", re.ASCII)

MOLAR_VOLUME_L = 24.465
"""Of an ideal gas at 298.15 K and 1013.25 hPa [L/mol], as the reference state of GB 3095-2026 clause 4.3 has it."""
MOLAR_MASS_G = {"so2": 64.066, "no2": 46.0055, "co": 28.010, "o3": 47.998}
"""[g/mol], IUPAC 2021 standard atomic weights."""
AIR_MASS_G = 28.9647
"""Molar mass of dry air [g/mol], ICAO standard atmosphere."""
DRY_AIR_J = 287.05
"""Gas constant of dry air [J/(kg K)]."""
GAS_J = 8.314462618
"""Molar gas constant [J/(mol K)], CODATA 2018."""
STANDARD_DENSITY = 1.1839
"""Density of dry air at 298.15 K and 1013.25 hPa [kg/m3]: taken for particles in kg/kg where a file has no T2 and PSFC.
"""
PARTS = (1e-6, 1e-9, 1e-12)
"""Bare numbers that count parts: ppm, ppb, ppt. A gas in parts without a standard name is meant by number of molecules."""

WEATHER: dict[str, dict[str, tuple[float, float]]] = {
    "wind_u_ms": {"speed": (1, 0)}, "wind_v_ms": {"speed": (1, 0)}, "wind_speed_ms": {"speed": (1, 0)},
    "wind_from_deg": {"angle": (180 / pi, 0)},
    "temperature_c": {"temperature": (1, -273.15)}, "dew_point_c": {"temperature": (1, -273.15)},
    "humidity_pct": {"number": (100, 0)}, "mixing_ratio": {"mass fraction": (1, 0), "number": (1, 0)},
    "pressure_pa": {"pressure": (1, 0)}, "mixing_height_m": {"length": (1, 0)},
    "rain_amount_mm": {"length": (1000, 0), "mass per area": (1, 0)},
    "rain_since_start_mm": {"length": (1000, 0), "mass per area": (1, 0)},
    "rain_rate_mmh": {"speed": (3.6e6, 0), "mass per area and time": (3600, 0)},
}  # fmt: skip
"""Quantity to the kinds of unit that it may have, each with factor and offset from SI to the canonical unit."""
EXAMPLES = {
    "mole fraction": "ppmv, ppbv, pptv, mol mol-1, nmol mol-1", "mass per volume": "ug m-3, mg m-3, kg m-3",
    "mass fraction": "kg kg-1, ug kg-1", "amount per volume": "mol m-3, molecules cm-3 (with T2 and PSFC)", "speed": "m s-1",
    "angle": "degrees", "temperature": "K, degC", "number": "%, 1", "pressure": "Pa, hPa", "length": "m, km, mm",
    "mass per area": "kg m-2", "mass per area and time": "kg m-2 s-1",
}  # fmt: skip
"""What is said of a kind where a unit is refused."""
PLAUSIBLE = {
    "so2": (0, 10_000), "no2": (0, 10_000), "co": (0, 1_000), "o3": (0, 5_000), "pm10": (0, 50_000),
    "pm25": (0, 50_000),
    "wind_u_ms": (-120, 120), "wind_v_ms": (-120, 120), "wind_speed_ms": (0, 120), "wind_from_deg": (-360, 720),
    "temperature_c": (-90, 70), "dew_point_c": (-110, 50), "humidity_pct": (0, 120), "mixing_ratio": (0, 0.1),
    "pressure_pa": (30_000, 110_000), "mixing_height_m": (0, 20_000), "rain_amount_mm": (0, 500),
    "rain_rate_mmh": (0, 500), "rain_since_start_mm": (0, 50_000),
}  # fmt: skip
"""What air can have, in canonical units: a cell beyond is missing, many of them say that the unit is wrong."""


@dataclass(frozen=True)
class Conversion:
    """A linear way to the canonical unit, value x factor + offset, and what the result is to be multiplied by.

    times: "" nothing, "state" the reference state of the hour's day over that of today, "density" the air's [kg/m3], "molar"
    the volume of a mole of the air [m3] and then the state.
    """

    factor: float
    offset: float = 0.0
    times: str = ""


def standard_name(attrs: Mapping) -> str:
    """Give what a variable is said to be, in small letters; empty where it is the long name over again, in characters that no
    standard name has (CF-1.11 3.3), as the GEOS models write it: "10-meter_eastward_wind".
    """
    said = text(attrs, "standard_name")
    prose = said == text(attrs, "long_name") and not _CF_NAME.fullmatch(said.lower())
    return "" if prose else said.lower()


class Names:
    """The variables of a file by what they are: a standard name that we know decides before the variable's own name."""

    def __init__(self, dataset: xr.Dataset) -> None:
        self._standard = {str(n): standard_name(v.attrs) for n, v in dataset.data_vars.items()}
        self._by_name = {name.lower(): name for name in self._standard}

    def find(self, quantity: str) -> list[tuple[str, ...]]:
        """Give the variables that make up a quantity, the one to be taken first; several of them are a sum."""
        found: list[tuple[str, ...]] = []
        for alias in ALIASES[quantity]:
            parts = [self._by_name.get(part) for part in alias.lower().split("+")]
            if all(part and self._may_be(quantity, part) for part in parts):
                found.append(tuple(parts))
            found += [(name,) for name in self._said(quantity, alias)]
        return list(dict.fromkeys(found))

    def _said(self, quantity: str, alias: str) -> list[str]:
        forms = [form.format(alias).lower() for form in STANDARD_NAMES]
        found = [name for name, said in self._standard.items() if said in forms]
        # A standard name does not tell since when the rain fell: there the variable's own name decides.
        return [n for n in found if quantity not in RAIN or named(n) not in set(RAIN) - {quantity}]

    def _may_be(self, quantity: str, name: str) -> bool:
        said = self._standard[name]
        if said in SAYS_NOTHING or said == name.lower():
            return True
        meant = _quantity_said(said)
        return not meant or meant == quantity or (meant in RAIN and quantity in RAIN)


RAIN = ("rain_amount_mm", "rain_rate_mmh", "rain_since_start_mm")


def named(name: str) -> str:
    """Give the quantity that a variable's own name stands for, alone or in a sum; empty where it stands for none."""
    return _BY_NAME.get(name.lower(), "")


def _quantity_said(standard_name: str) -> str:
    return _BY_STANDARD.get(standard_name, ("", ""))[0]


_BY_NAME = {part.lower(): quantity for quantity, aliases in ALIASES.items() for a in aliases for part in a.split("+")}
_BY_STANDARD = {
    form.format(alias).lower(): (quantity, kind)
    for quantity, aliases in ALIASES.items()
    for alias in aliases
    for form, kind in STANDARD_NAMES.items()
}


def conversion(quantity: str, name: str, attrs: Mapping) -> Conversion:
    """Choose the conversion of a variable from its unit and standard name.

    Raise Unusable for no or an unknown unit, for a standard name that nobody knows, and where the two contradict each other.
    """
    said = standard_name(attrs)
    if said not in SAYS_NOTHING and said != name.lower() and said not in _BY_STANDARD:
        forms = ", ".join(f.format(ALIASES[quantity][-1]) for f in list(STANDARD_NAMES)[:3] if quantity in ITEMS)
        expected = forms or f"{ALIASES[quantity][-1]}, or none"
        raise Unusable(f"variable {name}", "standard_name is none that we know", said, expected)
    units = text(attrs, "units")
    unit = unit_of(units)
    kinds = WEATHER.get(quantity) or _concentrations(quantity)
    if unit is None:
        raise _unknown(name, units, kinds)
    kind = _kind(quantity, unit, _BY_STANDARD.get(said, ("", ""))[1], name, units)
    if kind not in kinds:
        raise _unknown(name, units, kinds)
    scale, offset = kinds[kind]
    return Conversion(unit.factor * scale, unit.offset * scale + offset, _times(quantity, kind))


def _kind(quantity: str, unit, asked: str, name: str, units: str) -> str:
    """Give the kind of a unit; bare numbers and parts of a pollutant are what its standard name says."""
    kind = "part" if unit.kind == "number" and quantity in ITEMS and unit.factor in PARTS else unit.kind
    if quantity not in ITEMS:
        return kind
    if kind in ("number", "part") and asked in ("mole fraction", "mass fraction"):
        return asked
    if kind == "part":
        kind = "mole fraction"
    if asked and kind != asked:
        expected = f"a unit of {asked}, for instance {EXAMPLES[asked].split(', ')[0]}"
        raise Unusable(f"variable {name}", f"standard_name and unit contradict each other: {asked}", units, expected)
    return kind


def _concentrations(quantity: str) -> dict[str, tuple[float, float]]:
    """Give the kinds of unit that a pollutant may have, each with its factor from SI to ug/m3 (CO mg/m3)."""
    scale, gas = 1e9 * (1e-3 if quantity == "co" else 1.0), MOLAR_MASS_G.get(quantity)
    if gas is None:
        return {"mass per volume": (scale, 0), "mass fraction": (scale, 0)}
    return {
        # 1 mol of air fills MOLAR_VOLUME_L: mol/mol x g/mol / L/mol = g/L = 1e9 ug/m3.
        "mole fraction": (gas / MOLAR_VOLUME_L * scale, 0),
        "mass per volume": (scale, 0),
        # At the reference state the density of the air is known, whatever it is at the model's level.
        "mass fraction": (AIR_MASS_G / MOLAR_VOLUME_L * scale, 0),
        "amount per volume": (gas / MOLAR_VOLUME_L * scale, 0),
    }


def _times(quantity: str, kind: str) -> str:
    if quantity not in ITEMS or kind == "mass per volume":
        return ""
    if kind == "amount per volume":
        return "molar"
    return "state" if quantity in MOLAR_MASS_G else "density"


def state_ratio(hour_ends: np.ndarray) -> np.ndarray:
    """Give for each hour [epoch h] what a gas weighs per m3 at the reference state of its natural day, over that of today.

    float32, 1 since 2018-09-01 (298.15 K); 298.15 / 273 before, as GB 3095-2012 3.14 had it.
    """
    days, at = np.unique(natural_day(hour_ends), return_inverse=True)
    states = [reference_state(date_of_day(day)) for day in days]
    ratios = [(298.15 / s.temperature_k) * (s.pressure_hpa / 1013.25) for s in states]
    return np.array(ratios, np.float32)[at]


def relative_humidity(temperature_c: np.ndarray, vapour_pa: np.ndarray) -> np.ndarray:
    """Give relative humidity [%] from temperature [deg C] and vapour pressure [Pa], at most 100 (WMO-No. 8, annex 4.B,
    water).
    """
    return np.clip(100 * vapour_pa / saturation_pa(temperature_c), 0, 100)


def saturation_pa(temperature_c: np.ndarray) -> np.ndarray:
    """Give the saturation vapour pressure over water [Pa] at a temperature [deg C] (WMO-No. 8, annex 4.B)."""
    return 611.2 * np.exp(17.62 * temperature_c / (243.12 + temperature_c))


def _unknown(name: str, units: str, kinds: Mapping) -> Unusable:
    reason = "unknown unit" if units else "no unit"
    return Unusable(f"variable {name}", reason, units, "one of " + ", ".join(EXAMPLES[kind] for kind in kinds))
