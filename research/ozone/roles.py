"""Which species of a mechanism are peroxy radicals, other radicals, and reservoirs, read off its reactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from research.chemistry import Mechanism
from research.chemistry.pathways import by_light, to_and_fro
from research.virtual_airshed.chemistry.held import NOX, ODD_OXYGEN
from research.virtual_airshed.chemistry.reactions import Reaction

RADICALS = ("OH", "HO2", "H", "EO", "PHENO", "ROR", "CRO")
"""Radicals that are no peroxy radicals, where they are there: the last four are alkoxy radicals of MOZART and of Carbon Bond, made
together with others, so that no rule finds them."""
_INORGANIC = {
    *ODD_OXYGEN, *NOX, *RADICALS[:3], "M", "N2", "O2", "H2O", "H2", "H2O2", "HNO3", "HONO", "CO", "CH4", "O2_1S", "O2_1D", "N",
    "N2O", "SO2", "SO3", "HSO3",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Roles:
    """What species do.

    passed_over: species of the air and sums such as RO2 of the MCM, which go with their members. peroxy: peroxy radicals. family:
    all radicals, each counted once. reservoirs: what a radical and NO2 go into by heat and come back from (PAN, HO2NO2).
    from_ozone: what ozone and a compound leave and what falls apart by itself (Criegee intermediates).
    """

    passed_over: frozenset[str]
    peroxy: tuple[str, ...]
    family: Mapping[str, float]
    reservoirs: frozenset[str]
    from_ozone: frozenset[str]

    def met(self, reaction: Reaction) -> set[str]:
        """Name what comes in, without the air and sums."""
        return set(reaction.reactants) - self.passed_over

    def by_reservoir(self, reaction: Reaction) -> bool:
        """Tell whether a reaction takes a radical and NO2 into a reservoir, or gives them back."""
        inside = sum(reaction.products.get(s, 0.0) - reaction.reactants.get(s, 0.0) for s in self.reservoirs)
        other = self.met(reaction) - self.reservoirs
        return bool(inside) and (not other or "NO2" in other)


def organic(met: set[str]) -> bool:
    """Tell whether something organic is among what comes in."""
    return bool(met - _INORGANIC)


def peroxy_radicals(mechanism: Mechanism) -> tuple[str, ...]:
    """Name the peroxy radicals of a mechanism: the members of its sum RO2 where it has one, else what reacts with NO and is neither
    odd oxygen, nitrogen, HO2 nor a Criegee intermediate (which react with CO or SO2 too)."""
    if "RO2" in mechanism.sums:
        return tuple(s for s in mechanism.species if s in set(mechanism.sums["RO2"]))
    other = {*ODD_OXYGEN, *NOX, "OH", "HO2", "N", "H", *mechanism.air}
    other |= {s for r in mechanism.reactions if {"CO", "SO2"} & set(r.reactants) for s in r.reactants}
    found = {s for r in mechanism.reactions if "NO" in r.reactants and len(r.reactants) == 2 for s in r.reactants}
    return tuple(s for s in mechanism.species if s in found - other)


def roles_of(mechanism: Mechanism) -> Roles:
    """Read the roles of the species of a mechanism."""
    passed_over = frozenset((*mechanism.air, *mechanism.sums))
    peroxy = peroxy_radicals(mechanism)
    left = _left_to_no(mechanism, peroxy, passed_over)
    whole = {s for r in mechanism.reactions if "OH" in r.reactants for s in r.reactants}
    alkoxy = {s for made in left.values() if len(made) == 1 for s in made} - set(peroxy) - whole - _INORGANIC
    operators = {s for s, made in left.items() if not made}
    family = dict.fromkeys((*RADICALS, *(s for s in peroxy if s not in operators), *sorted(alkoxy)), 1.0)
    return Roles(
        passed_over, peroxy, family, _reservoirs(mechanism), _from_ozone(mechanism, passed_over, family, whole)
    )


def _left_to_no(mechanism: Mechanism, peroxy: tuple[str, ...], passed_over: frozenset[str]) -> dict[str, set[str]]:
    """Give what peroxy radicals leave beside NO2 when they give an O to NO.

    What stands alone there, and does not react with OH as whole molecules do, is an alkoxy radical (`CH3O2 + NO = CH3O + NO2` of
    the MCM). Where nothing does, the peroxy radical is an operator that only counts NO that becomes NO2 (XO2 of Carbon Bond).
    """
    found: dict[str, set[str]] = {}
    for reaction in mechanism.reactions:
        met = set(reaction.reactants) - passed_over
        if "NO" in met and "NO2" in reaction.products:
            for species in met & set(peroxy):
                found.setdefault(species, set()).update(set(reaction.products) - passed_over - {"NO2"})
    return found


def _reservoirs(mechanism: Mechanism) -> frozenset[str]:
    pairs = {place: set(pair.split(" + ")) for place, pair in to_and_fro(mechanism).items()}
    back = [mechanism.reactions[place] for place, pair in pairs.items() if "NO2" in pair and not pair & {"NO", "NO3"}]
    return frozenset(s for r in back if "NO2" not in r.reactants for s in r.reactants if s not in mechanism.air)


def _from_ozone(
    mechanism: Mechanism, passed_over: frozenset[str], family: Mapping[str, float], whole: set[str]
) -> frozenset[str]:
    """Give what ozone and a compound leave that is neither a radical nor a whole molecule, and falls apart by itself."""
    met = [(r, set(r.reactants) - passed_over) for r in mechanism.reactions]
    left = {s for r, each in met if "O3" in each and organic(each) for s in r.products}
    apart = {next(iter(each)) for r, each in met if len(each) == 1 and not by_light(r)}
    return frozenset((left & apart) - passed_over - set(family) - whole - _INORGANIC)
