"""Rate constants of the mechanism's thermal reactions, by the formulas of musica's configuration format."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from research.virtual_airshed.chemistry.reactions import Reaction, change

AVOGADRO_PER_MOL = 6.02214076e23
"""Exact by the definition of the mole."""
GAS_CONSTANT_J_PER_MOL_K = 8.31446261815324
"""Exact by the definitions of mole and kelvin."""
PPB = 1e-9


def air_mol_m3(temperature_k: float, pressure_pa: float) -> float:
    """Give the amount of air in a volume [mol/m3] from temperature [K] and pressure [Pa]: the ideal gas."""
    return pressure_pa / (GAS_CONSTANT_J_PER_MOL_K * temperature_k)


def molecules_per_ppb(temperature_k: float, pressure_pa: float) -> float:
    """Give how many molecules in a cm3 are 1 ppb [1/cm3] at a temperature [K] and pressure [Pa]."""
    return air_mol_m3(temperature_k, pressure_pa) * PPB * AVOGADRO_PER_MOL * 1e-6


def bimolecular_cm3_per_s(rate: Mapping[str, Any], *, temperature_k: float, pressure_pa: float) -> float:
    """Compute the rate constant of a reaction of two species [cm3/molecule/s].

    rate: the entry of the reaction. temperature_k [K], pressure_pa [Pa].
    Errors: ValueError for a kind other than ARRHENIUS, TROE and TERNARY_CHEMICAL_ACTIVATION_JPL19.
    Source: documentation of the mechanism configuration format of MUSICA 0.17; the forms are those of JPL 19-5, section 2.
    """
    kind, forms = (
        rate["type"],
        {"ARRHENIUS": _arrhenius, "TROE": _troe, "TERNARY_CHEMICAL_ACTIVATION_JPL19": _activated},
    )
    if kind not in forms:
        raise ValueError(f"kind of reaction is {kind!r}, expected one of {', '.join(forms)}")
    return forms[kind](rate, temperature_k, pressure_pa) / AVOGADRO_PER_MOL * 1e6


def k_cm3_per_s(
    reactions: Sequence[Reaction], species: str, partner: str, *, temperature_k: float, pressure_pa: float
) -> float:
    """Compute how fast a partner uses a species up [cm3/molecule/s], over all channels.

    reactions: of the mechanism; those that give the species back (made for aerosol yields) do not count. temperature_k
    [K], pressure_pa [Pa].
    Errors: ValueError where there is no such reaction.
    """
    channels = [r for r in reactions if set(r.reactants) == {species, partner} and change(r, {species: 1.0}) < 0]
    if not channels:
        raise ValueError(f"the mechanism has no reaction of {species} with {partner}")
    return sum(bimolecular_cm3_per_s(r.rate, temperature_k=temperature_k, pressure_pa=pressure_pa) for r in channels)


def _arrhenius(rate: Mapping[str, Any], temperature_k: float, pressure_pa: float) -> float:
    power = (temperature_k / rate["D"]) ** rate["B"]
    return rate["A"] * math.exp(rate["C"] / temperature_k) * power * (1.0 + rate["E"] * pressure_pa)


def _falloff(rate: Mapping[str, Any], temperature_k: float, pressure_pa: float) -> tuple[float, float]:
    """Give the rate constant between the limits of low and high pressure, and the latter limit [m3/mol/s]."""
    low = rate["k0_A"] * math.exp(rate["k0_C"] / temperature_k)
    low *= (temperature_k / rate.get("k0_D", 300.0)) ** rate["k0_B"] * air_mol_m3(temperature_k, pressure_pa)
    high = rate["kinf_A"] * math.exp(rate["kinf_C"] / temperature_k)
    high *= (temperature_k / rate.get("kinf_D", 300.0)) ** rate["kinf_B"]
    broadening = rate["Fc"] ** (1.0 / (1.0 + math.log10(low / high) ** 2 / rate["N"]))
    return low / (1.0 + low / high) * broadening, high


def _troe(rate: Mapping[str, Any], temperature_k: float, pressure_pa: float) -> float:
    return _falloff(rate, temperature_k, pressure_pa)[0]


def _activated(rate: Mapping[str, Any], temperature_k: float, pressure_pa: float) -> float:
    falloff, high = _falloff(rate, temperature_k, pressure_pa)
    direct = rate["kint_A"] * math.exp(rate["kint_C"] / temperature_k)
    direct *= (temperature_k / rate["kint_D"]) ** rate.get("kint_B", 0.0)
    return falloff + direct * (1.0 - falloff / high)
