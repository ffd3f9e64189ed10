"""The bars of a day's budget: which reactions make and use up ozone, radicals and NO3, under names of their own.

research.chemistry.pathways gives the rows of any species or family of any mechanism, named by what reacts; here the rows are
few, always the same, and read as papers on ozone do, so that days, stations and mechanisms can be laid side by side.

Odd oxygen (O3 + NO2 and what goes over into them at once) stands for ozone, because O3 and NO2 change into each other
within minutes. Radicals are OH, HO2, peroxy radicals and what turns into them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from research.chemistry import Mechanism
from research.chemistry.pathways import by_light
from research.ozone.errors import OzoneError
from research.ozone.roles import Roles, organic, roles_of
from research.virtual_airshed.chemistry.held import ODD_OXYGEN
from research.virtual_airshed.chemistry.reactions import Reaction, change

FORMALDEHYDE = ("CH2O", "HCHO", "FORM")
"""Its names in MOZART, in the MCM and in Carbon Bond."""
OZONE_PATHWAYS = (
    "HO2 + NO", "CH3O2 + NO", "RO2 + NO", "O1D + H2O", "O3 + HO2", "O3 + OH", "O3 + alkenes", "OH + NO2", "PANs", "NO3 + VOC",
    "other",
)  # fmt: skip
"""PANs is what they take less what they give back; "other" too has either sign."""
RADICAL_SOURCES = (
    "O1D + H2O", "formaldehyde + light", "other carbonyls + light", "O3 + alkenes", "NO3 + VOC", "other light", "other",
)  # fmt: skip
RADICAL_SINKS = ("OH + NO2", "RO2 + NO to nitrates", "PANs", "other with NOx", "radicals with each other", "other")
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


def gross_ozone(mechanism: Mechanism) -> Counted:
    """Count the odd oxygen that is made and that is used up, as "made" and "lost"; made less lost is the net."""
    net = np.array([change(r, ODD_OXYGEN) for r in mechanism.reactions])
    return Counted(("made", "lost"), np.stack([np.maximum(net, 0.0), np.maximum(-net, 0.0)]))


def ozone_pathways(mechanism: Mechanism) -> Counted:
    """Count the net change of odd oxygen by OZONE_PATHWAYS; losses are negative. The sum is the net change."""
    roles = roles_of(mechanism)
    return _classed("ozone", OZONE_PATHWAYS, mechanism, lambda r: change(r, ODD_OXYGEN), lambda r: _of_ozone(r, roles))


def radical_sources(mechanism: Mechanism) -> Counted:
    """Count the radicals that are newly made, by RADICAL_SOURCES."""
    roles = roles_of(mechanism)

    def made(reaction: Reaction) -> float:
        returned = roles.by_reservoir(reaction) or _nitrous(roles.met(reaction))
        return 0.0 if returned else max(change(reaction, roles.family), 0.0)

    return _classed("source", RADICAL_SOURCES, mechanism, made, lambda r: _of_source(r, roles))


def radical_sinks(mechanism: Mechanism) -> Counted:
    """Count the radicals that end, by RADICAL_SINKS; what goes into reservoirs, or into HONO from OH and NO, counts less what comes
    back."""
    roles = roles_of(mechanism)

    def ended(reaction: Reaction) -> float:
        amount = -change(reaction, roles.family)
        return amount if roles.by_reservoir(reaction) or _nitrous(roles.met(reaction)) else max(amount, 0.0)

    return _classed("sink", RADICAL_SINKS, mechanism, ended, lambda r: _of_sink(r, roles))


def peroxides(mechanism: Mechanism) -> Counted:
    """Count how much H2O2 and HNO3 is made, as "H2O2" and "HNO3"."""
    made = [[max(change(r, {s: 1.0}), 0.0) for r in mechanism.reactions] for s in ("H2O2", "HNO3")]
    return Counted(("H2O2", "HNO3"), np.array(made))


def nitrate_radical(mechanism: Mechanism) -> Counted:
    """Count how NO3 is made from O3 and NO2, and how it ends: with NO, by light, with compounds, as N2O5 (net)."""
    names = ("NO2 + O3", "NO3 + NO", "NO3 + light", "NO3 + VOC", "N2O5, net", "NO3, other")
    roles = roles_of(mechanism)

    def named(reaction: Reaction) -> str:
        met = roles.met(reaction)
        if met == {"NO2", "O3"}:
            return names[0]
        if "N2O5" in {*met, *reaction.products}:
            return names[4]
        if met >= {"NO3", "NO"}:
            return names[1]
        if met == {"NO3"}:
            return names[2]
        return names[3] if "NO3" in met and organic(met) else names[5]

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


def _of_ozone(reaction: Reaction, roles: Roles) -> str:
    met = roles.met(reaction)
    if roles.by_reservoir(reaction):
        return "PANs"
    if _with_vapour(met, reaction):
        return "O1D + H2O"
    for pair in ("HO2 + NO", "CH3O2 + NO", "O3 + HO2", "O3 + OH", "OH + NO2"):
        if met == set(pair.split(" + ")):
            return pair
    if "NO" in met and met & set(roles.peroxy):
        return "RO2 + NO"
    if "O3" in met and organic(met):
        return "O3 + alkenes"
    return "NO3 + VOC" if "NO3" in met and organic(met) else "other"


def _of_source(reaction: Reaction, roles: Roles) -> str:
    met = roles.met(reaction)
    if _with_vapour(met, reaction):
        return "O1D + H2O"
    if by_light(reaction):
        if met <= set(FORMALDEHYDE):
            return "formaldehyde + light"
        peroxide = any(s.endswith("OOH") or s == "H2O2" or s in roles.reservoirs for s in met)
        return "other light" if peroxide or not organic(met) else "other carbonyls + light"
    if ("O3" in met and organic(met)) or met <= roles.from_ozone:
        return "O3 + alkenes"
    return "NO3 + VOC" if "NO3" in met and organic(met) else "other"


def _of_sink(reaction: Reaction, roles: Roles) -> str:
    met = roles.met(reaction)
    if roles.by_reservoir(reaction):
        return "PANs"
    if met == {"OH", "NO2"}:
        return "OH + NO2"
    if met & {"NO2", "NO3", "HNO3"} or _nitrous(met):
        return "other with NOx"
    if "NO" in met:
        return "RO2 + NO to nitrates"
    return "radicals with each other" if len(met & set(roles.family)) == 2 or len(met) == 1 else "other"


def _with_vapour(met: set[str], reaction: Reaction) -> bool:
    """Tell whether O1D meets water: it stands in the reaction (MOZART) or in its rate (MCM), and OH comes of it."""
    return met == {"O1D"} and "OH" in reaction.products


def _nitrous(met: set[str]) -> bool:
    """Tell whether a reaction is one of OH and NO with HONO: light gives back by day what they make."""
    return met in ({"OH", "NO"}, {"HONO"})
