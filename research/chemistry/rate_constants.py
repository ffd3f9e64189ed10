"""Rate constants of a whole mechanism over all times at once, in ppb and seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from research.chemistry.expressions import Values
from research.chemistry.mechanism import MOL_M3, Mechanism
from research.virtual_airshed.chemistry.rates import AVOGADRO_PER_MOL, GAS_CONSTANT_J_PER_MOL_K, PPB
from research.virtual_airshed.chemistry.reactions import Reaction

N2_SHARE, O2_SHARE = 0.7808, 0.2095
"""Of dry air, by volume."""


def rate_constants(
    mechanism: Mechanism,
    *,
    temperature_k: np.ndarray,
    pressure_pa: np.ndarray,
    h2o_ppb: np.ndarray,
    photolysis_s1: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Compute the rate constants of all reactions at all times.

    temperature_k [K], pressure_pa [Pa], h2o_ppb [ppb of air]: arrays of one shape (…). photolysis_s1: rates of photolysis
    [1/s] by the name that the mechanism wants, of the same shape. Returns float64 (…, reaction): [ppb^(1 - n)/s], n being
    how many unknowns come in; species of the air are multiplied in.
    Errors: ValueError that names rates of photolysis that are missing, or a form of rate that is not known.
    """
    shape = np.broadcast_shapes(*(np.shape(x) for x in (temperature_k, pressure_pa, h2o_ppb)))
    weather = _Weather(mechanism, *(np.broadcast_to(x, shape) for x in (temperature_k, pressure_pa, h2o_ppb)))
    if missing := [name for name in mechanism.photolysis_names if name not in photolysis_s1]:
        raise ValueError(f"photolysis_s1 lacks {', '.join(missing)}, expected all that {mechanism.name} wants")
    out = np.empty((*shape, len(mechanism.reactions)))
    values = weather.values(photolysis_s1)
    for i, reaction in enumerate(mechanism.reactions):
        form = _FORMS.get(reaction.rate["type"])
        if form is None:
            raise ValueError(f"form of rate is {reaction.rate['type']!r}, expected one of {', '.join(_FORMS)}")
        out[..., i] = form(reaction.rate, weather, values) * weather.counted(reaction)
    return out


class _Weather:
    """The air at all times, in the unit in which a mechanism's constants count."""

    def __init__(self, mechanism: Mechanism, temperature_k, pressure_pa, h2o_ppb) -> None:
        self.temperature_k, self.pressure_pa = temperature_k, pressure_pa
        per_mol = 1.0 if mechanism.unit == MOL_M3 else AVOGADRO_PER_MOL * 1e-6
        self.air = pressure_pa / (GAS_CONSTANT_J_PER_MOL_K * temperature_k) * per_mol
        h2o = h2o_ppb * PPB * self.air
        self.known = {"M": self.air, "AIR": self.air, "N2": N2_SHARE * self.air, "O2": O2_SHARE * self.air, "H2O": h2o}
        self.amount = {s: self.known[s] for s in mechanism.air}
        self.definitions = mechanism.definitions

    def values(self, photolysis_s1: Mapping[str, np.ndarray]) -> Values:
        """Give what names in expressions stand for."""
        air = {"TEMP": self.temperature_k, "T": self.temperature_k, "P": self.pressure_pa, "PRESS": self.pressure_pa}
        return Values({**photolysis_s1, **air, **self.known}, self.definitions)

    def counted(self, reaction: Reaction) -> np.ndarray:
        """Give what turns a rate constant into one of ppb, with the species of the air multiplied in."""
        factor, order = np.ones_like(self.air), 0.0
        for species, count in reaction.reactants.items():
            if species in self.amount:
                factor = factor * self.amount[species] ** count
            else:
                order += count
        return factor * (self.air * PPB) ** (order - 1.0)


def _power(rate: Mapping, key: str, weather: _Weather, at_k: float = 300.0) -> np.ndarray:
    """Compute A exp(C/T) (T/D)^B."""
    t = weather.temperature_k
    value = rate[key + "A"] * np.exp(rate[key + "C"] / t)
    return value * (t / rate.get(key + "D", at_k)) ** rate[key + "B"] if rate[key + "B"] else value


def _arrhenius(rate: Mapping, weather: _Weather, _values) -> np.ndarray:
    return _power(rate, "", weather) * (1.0 + rate["E"] * weather.pressure_pa)


def _falloff(rate: Mapping, weather: _Weather) -> tuple[np.ndarray, np.ndarray]:
    """Give the constant between the limits of low and high pressure, and the latter."""
    low, high = _power(rate, "k0_", weather) * weather.air, _power(rate, "kinf_", weather)
    with np.errstate(divide="ignore"):
        width = 1.0 / (1.0 + np.log10(low / high) ** 2 / rate["N"])
    return low / (1.0 + low / high) * rate["Fc"] ** width, high


def _troe(rate: Mapping, weather: _Weather, _values) -> np.ndarray:
    return _falloff(rate, weather)[0]


def _activated(rate: Mapping, weather: _Weather, _values) -> np.ndarray:
    falloff, high = _falloff(rate, weather)
    return falloff + _power(rate, "kint_", weather) * (1.0 - falloff / high)


def _given(rate: Mapping, _weather, values: Values) -> np.ndarray:
    return np.asarray(values[rate["name"]]) * rate["scaling factor"]


def _expression(rate: Mapping, _weather, values: Values) -> np.ndarray:
    return values.of(rate["text"])


_FORMS: Mapping[str, Callable] = {
    "ARRHENIUS": _arrhenius,
    "TROE": _troe,
    "TERNARY_CHEMICAL_ACTIVATION_JPL19": _activated,
    "PHOTOLYSIS": _given,
    "USER_DEFINED": _given,
    "FIRST_ORDER_LOSS": _given,
    "EMISSION": _given,
    "EXPRESSION": _expression,
}
