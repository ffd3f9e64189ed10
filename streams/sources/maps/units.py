"""Units of concentrations as people write them, and what values in them become: ug/m3, CO mg/m3, at the state of the day.

A unit is read in its parts, not looked up: a mass per volume (`μg/m³`, `ug m-3`, `微克/立方米`, `Micrograms/cubic meter (LC)`) or a
mixing ratio (`ppb`, `nmol/mol`, `Parts per million`). Mixing ratios of gases become what they are at the reference state that
concentrations are told at on their day: 298.15 K and 1013.25 hPa, before 2018-09-01 273 K (standards.reference_states).
Masses per volume are taken as they are told, as in every feed, unless the unit or the map says at which temperature.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from standards.days import natural_day
from standards.pollutants import POLLUTANTS
from standards.reference_states import PARTICLES, REFERENCE_STATES

MOLAR_MASS_G = {"so2": 64.066, "no2": 46.0055, "co": 28.010, "o3": 47.998}
"""[g/mol], IUPAC 2021 standard atomic weights."""
GAS_CONSTANT = 8.314462618
"""[J/(mol K)], CODATA 2018."""
EXPECTED = (
    "a mass per volume such as ug/m3, mg/m3 or 微克/立方米, or for gases a mixing ratio such as ppb, ppm or nmol/mol"
)
_EPOCH = dt.date(1970, 1, 1)
_MASSES = {
    "n": 1e-3, "u": 1.0, "mc": 1.0, "m": 1e3, "": 1e6, "k": 1e9, "nano": 1e-3, "micro": 1.0, "milli": 1e3, "kilo": 1e9,
}  # fmt: skip
_MOLES = {
    "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "pico": 1e-12, "nano": 1e-9, "micro": 1e-6, "milli": 1e-3,
}  # fmt: skip
_PARTS = {"m": 1e-6, "b": 1e-9, "t": 1e-12, "million": 1e-6, "billion": 1e-9, "trillion": 1e-12}
_SPOKEN = (("微克", "ug"), ("毫克", "mg"), ("纳克", "ng"), ("千克", "kg"), ("克", "g"), ("立方米", "m3"), ("每", "/"))
_MASS_PER_VOLUME = re.compile(
    r"(n|u|mc|m|k|nano|micro|milli|kilo)?g(?:rams?|rammes?|r)?"
    r"(?:(?: */ *| +per +|)(?:cubic met(?:er|re)s?|m(?:\^|\*\*)?3|cu\.? ?m)| *[*.·]? *m(?:\^|\*\*)?-3)"
    r"(?: *\((lc|25 ?c|20 ?c|0 ?c)\))?"
)
_MIXING_RATIO = re.compile(
    r"pp([mbt])v?|parts per (million|billion|trillion)"
    r"|(p|n|u|m|pico|nano|micro|milli)mol(?:es?)?(?: */ *mol(?:es?)?| +per +mol(?:es?)?| +mol-1)"
)
_TEMPERATURES = {"25": 298.15, "20": 293.15, "0": 273.15}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit says: per_unit ug/m3 of a mass, or mole fraction; state_k [K] where it names a temperature, else None."""

    per_unit: float
    is_mixing_ratio: bool
    state_k: float | None = None


def plain(text: str) -> str:
    """Give a unit in plain small letters: micro signs, powers and full-width signs as they are typed on any keyboard."""
    found = unicodedata.normalize("NFKC", text.replace("³", "3").replace("⁻", "-").replace("¹", "1")).strip().lower()
    for sign in ("μ", "µ", "渭", "碌"):
        found = found.replace(sign, "u")
    for spoken, written in _SPOKEN:
        found = found.replace(spoken, written)
    return re.sub(r"\s+", " ", found.replace("−", "-").replace("∕", "/"))


@lru_cache(1000)
def unit_of(text: str) -> Unit | None:
    """Read a unit, None where it is none of a concentration."""
    found = plain(text)
    if mass := _MASS_PER_VOLUME.fullmatch(found):
        # "standard" alone is no temperature: 0, 20 and 25 degrees are all called that.
        return Unit(_MASSES[mass[1] or ""], False, _TEMPERATURES.get((mass[2] or "").rstrip(" c")))
    if parts := _MIXING_RATIO.fullmatch(found):
        return Unit(_MOLES[parts[3]] if parts[3] else _PARTS[parts[1] or parts[2]], True)
    return None


def why_not(text: str, item: str) -> str:
    """Tell why a unit cannot serve an item, nothing where it can."""
    unit = unit_of(text)
    if unit is None:
        return "not a unit of a concentration"
    if item in PARTICLES and unit.is_mixing_ratio:
        return "particles have no mixing ratio"
    if item in PARTICLES and unit.state_k is not None:
        return "particles at a temperature that is not the air's"
    return ""


def converted(values: np.ndarray, hours: np.ndarray, item: str, unit: Unit, state_k: float | None = None) -> np.ndarray:
    """Give values of one item in the platform's unit [ug/m3, CO mg/m3].

    values: float (row,), NaN stays NaN. hours: epoch hours, int (row,): the reference state is that of the natural day.
    state_k [K]: at which temperature masses of gases per volume are told, where the unit does not say so; None: that of their day,
    so that they are taken as they are. Pressure is 1013.25 hPa on both sides.
    """
    scale = 1e-3 if POLLUTANTS[item].unit == "mg/m3" else 1.0
    if unit.is_mixing_ratio:
        moles = 101_325 / (GAS_CONSTANT * _kelvin(hours))  # of air in a cubic metre at the day's state
        return values * unit.per_unit * moles * MOLAR_MASS_G[item] * 1e6 * scale
    told_at = unit.state_k or state_k
    if item in PARTICLES or told_at is None:
        return values * (unit.per_unit * scale)
    return values * (unit.per_unit * scale) * (told_at / _kelvin(hours))


def _kelvin(hours: np.ndarray) -> np.ndarray:
    """Give the temperature of the reference state of gases in each epoch hour [K]."""
    starts = np.array([(state.valid_from - _EPOCH).days for state in REFERENCE_STATES])
    kelvin = np.array([state.temperature_k for state in REFERENCE_STATES])
    return kelvin[np.maximum(np.searchsorted(starts, natural_day(np.asarray(hours)), side="right") - 1, 0)]
