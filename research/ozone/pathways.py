"""Which reactions make and use up ozone and radicals, by the names that bars of a budget have.

Odd oxygen (O3 + NO2 and what goes over into them at once) stands for ozone, because O3 and NO2 change into each other
within minutes. Radicals are OH, HO2, peroxy radicals and what turns into them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from research.chemistry import Mechanism
from research.ozone.errors import OzoneError
from research.virtual_airshed.chemistry.held import NOX, ODD_OXYGEN
from research.virtual_airshed.chemistry.reactions import Reaction, change

RADICALS = ("OH", "HO2", "H", "EO", "PHENO")
"""Radicals beside the peroxy radicals: two alkoxy radicals have names of their own in MOZART."""
OZONE_PATHWAYS = (
    "HO2 + NO", "CH3O2 + NO", "RO2 + NO", "O1D + H2O", "O3 + HO2", "O3 + OH", "O3 + alkenes", "OH + NO2", "PANs", "NO3 + VOC",
    "other",
)  # fmt: skip
"""PANs is what they take less what they give back; "other" too has either sign."""
RADICAL_SOURCES = (
    "O1D + H2O", "formaldehyde + light", "other carbonyls + light", "O3 + alkenes", "NO3 + VOC", "other light", "other",
)  # fmt: skip
RADICAL_SINKS = ("OH + NO2", "RO2 + NO to nitrates", "PANs", "other with NOx", "radicals with each other", "other")
RESERVOIRS = ("PAN", "MPAN", "PBZNIT", "HO2NO2")
"""What radicals and NO2 go into and come back from: only the difference counts."""
_WITH_NOX = RADICAL_SINKS[:4]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What is counted of a run: names of totals, and weights float64 (total, reaction) for research.chemistry.integrate."""

    names: tuple[str, ...]
    weights: np.ndarray

    def of(self, totals: np.ndarray, names: Iterable[str]) -> np.ndarray:
        """Pick totals by name from (..., total): (..., name)."""
        return totals[..., [self.names.index(name) for name in names]]


def joined(parts: Sequence[Counted]) -> Counted:
    """Put several counts together; their names must differ."""
    names = tuple(name for part in parts for name in part.names)
    if len(set(names)) < len(names):
        raise OzoneError(f"names are {', '.join(names)}, expected each once")
    return Counted(names, np.concatenate([part.weights for part in parts]))


def peroxy_radicals(mechanism: Mechanism) -> tuple[str, ...]:
    """Name the peroxy radicals of a mechanism: what reacts with NO and is neither odd oxygen, nitrogen nor HO2."""
    other = {*ODD_OXYGEN, *NOX, "OH", "HO2", "N", "H"}
    found = {s for r in mechanism.reactions if "NO" in r.reactants and len(r.reactants) == 2 for s in r.reactants}
    return tuple(s for s in mechanism.species if s in found - other - set(mechanism.air))


def gross_ozone(mechanism: Mechanism) -> Counted:
    """Count the odd oxygen that is made and that is used up, as "made" and "lost"; made less lost is the net."""
    net = np.array([change(r, ODD_OXYGEN) for r in mechanism.reactions])
    return Counted(("made", "lost"), np.stack([np.maximum(net, 0.0), np.maximum(-net, 0.0)]))


def ozone_pathways(mechanism: Mechanism) -> Counted:
    """Count the net change of odd oxygen by OZONE_PATHWAYS; losses are negative. The sum is the net change."""
    peroxy = set(peroxy_radicals(mechanism))
    return _classed("ozone", OZONE_PATHWAYS, mechanism, lambda r: change(r, ODD_OXYGEN), lambda r: _of_ozone(r, peroxy))


def radical_sources(mechanism: Mechanism) -> Counted:
    """Count the radicals that are newly made, by RADICAL_SOURCES."""
    family = dict.fromkeys((*RADICALS, *peroxy_radicals(mechanism)), 1.0)
    return _classed("source", RADICAL_SOURCES, mechanism, lambda r: max(_radicals(r, family), 0.0), _of_source)


def radical_sinks(mechanism: Mechanism) -> Counted:
    """Count the radicals that end, by RADICAL_SINKS; what goes into reservoirs counts less what comes back."""
    peroxy = set(peroxy_radicals(mechanism))
    family = dict.fromkeys((*RADICALS, *peroxy), 1.0)

    def ended(reaction: Reaction) -> float:
        amount = -change(reaction, family)
        return amount if _reservoir(reaction) else max(amount, 0.0)

    return _classed("sink", RADICAL_SINKS, mechanism, ended, lambda r: _of_sink(r, family))


def peroxides(mechanism: Mechanism) -> Counted:
    """Count how much H2O2 and HNO3 is made, as "H2O2" and "HNO3"."""
    made = [[max(change(r, {s: 1.0}), 0.0) for r in mechanism.reactions] for s in ("H2O2", "HNO3")]
    return Counted(("H2O2", "HNO3"), np.array(made))


def nitrate_radical(mechanism: Mechanism) -> Counted:
    """Count how NO3 is made from O3 and NO2, and how it ends: with NO, by light, with compounds, as N2O5 (net)."""
    names = ("NO2 + O3", "NO3 + NO", "NO3 + light", "NO3 + VOC", "N2O5, net", "NO3, other")

    def named(reaction: Reaction) -> str:
        met = set(reaction.reactants)
        if met == {"NO2", "O3"}:
            return names[0]
        if "N2O5" in {*met, *reaction.products}:
            return names[4]
        if met >= {"NO3", "NO"}:
            return names[1]
        if met == {"NO3"}:
            return names[2]
        return names[3] if "NO3" in met and _organic(met) else names[5]

    return _classed("", names, mechanism, lambda r: change(r, {"NO3": 1.0}), named)


def with_nox(counted: Counted, totals: np.ndarray) -> np.ndarray:
    """Give how many radicals end with NOx, from totals (..., total) of radical_sinks."""
    return counted.of(totals, [f"sink: {name}" for name in _WITH_NOX]).sum(axis=-1)


def _classed(
    what: str,
    names: Sequence[str],
    mechanism: Mechanism,
    amount: Callable[[Reaction], float],
    named: Callable[[Reaction], str],
) -> Counted:
    weights = np.zeros((len(names), len(mechanism.reactions)))
    for q, reaction in enumerate(mechanism.reactions):
        if value := amount(reaction):
            weights[names.index(named(reaction)), q] = value
    return Counted(tuple(f"{what}: {name}" if what else name for name in names), weights)


def _radicals(reaction: Reaction, family: dict[str, float]) -> float:
    return 0.0 if _reservoir(reaction) else change(reaction, family)


def _reservoir(reaction: Reaction) -> bool:
    """Tell whether a reaction takes a radical and NO2 into a reservoir, or gives them back."""
    inside = sum(reaction.products.get(s, 0.0) - reaction.reactants.get(s, 0.0) for s in RESERVOIRS)
    other = {s for s in reaction.reactants if s not in ("M", *RESERVOIRS)}
    return bool(inside) and (not other or "NO2" in other)


_INORGANIC = {
    *ODD_OXYGEN, *NOX, *RADICALS[:3], "M", "N2", "O2", "H2O", "H2", "H2O2", "HNO3", "CO", "CH4", "O2_1S", "O2_1D", "N", "N2O",
}  # fmt: skip


def _organic(met: set[str]) -> bool:
    return bool(met - _INORGANIC)


def _of_ozone(reaction: Reaction, peroxy: set[str]) -> str:
    met = set(reaction.reactants)
    if _reservoir(reaction):
        return "PANs"
    for pair in ("HO2 + NO", "CH3O2 + NO", "O1D + H2O", "O3 + HO2", "O3 + OH", "OH + NO2"):
        if met - {"M"} == set(pair.split(" + ")):
            return pair
    if "NO" in met and met & peroxy:
        return "RO2 + NO"
    if "O3" in met and _organic(met):
        return "O3 + alkenes"
    return "NO3 + VOC" if "NO3" in met and _organic(met) else "other"


def _of_source(reaction: Reaction) -> str:
    met = set(reaction.reactants)
    if met == {"O1D", "H2O"}:
        return "O1D + H2O"
    if reaction.rate["type"] == "PHOTOLYSIS":
        if met == {"CH2O"}:
            return "formaldehyde + light"
        return "other light" if any(map(_peroxide, met)) or not _organic(met) else "other carbonyls + light"
    if "O3" in met and _organic(met):
        return "O3 + alkenes"
    return "NO3 + VOC" if "NO3" in met and _organic(met) else "other"


def _peroxide(species: str) -> bool:
    return species.endswith("OOH") or species in ("H2O2", "HNO3", *RESERVOIRS)


def _of_sink(reaction: Reaction, family: dict[str, float]) -> str:
    met = set(reaction.reactants) - {"M", "H2O"}
    if _reservoir(reaction):
        return "PANs"
    if met == {"OH", "NO2"}:
        return "OH + NO2"
    if "NO" in met:
        return "RO2 + NO to nitrates"
    if met & {"NO2", "NO3", "HNO3"}:
        return "other with NOx"
    return "radicals with each other" if len([s for s in met if s in family]) == 2 or len(met) == 1 else "other"
