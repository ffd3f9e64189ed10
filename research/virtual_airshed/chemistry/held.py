"""A mechanism in which what the axes of the surface fix cannot change, and in which odd oxygen is counted.

The usual way is to run a box for some minutes, put NOx, ozone and the emitted compounds back to their values, and go on.
Here they are put back by the reactions themselves, at every instant: a reaction that would use them up returns what it
took. No rate constant is touched. The solver may then take the steps it likes, and no error of splitting is left.

* An emitted compound has a twin, by the name `X_held`. The twin reacts as X does, makes what X makes, and stays. What
  chemistry makes of the same compound (formaldehyde, CO) is the plain X, which builds up and is lost as usual.
* Ozone is returned by what uses it and not made by what makes it.
* NOx (NO + NO2 + NO3 + 2 N2O5) is returned, as NO2 where NO2, NO3 or N2O5 was taken and else as NO, or not made. The
  ratio of NO to NO2 is free, and so in balance with ozone, sunlight and peroxy radicals.
* Odd oxygen that a reaction makes or uses up goes to two counters; reactions that only shift it between O3, NO2 and the
  rest count nothing.
* Everything else is thinned out at a first-order rate, as by mixing with clean air.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from research.virtual_airshed.chemistry.reactions import (
    Reaction,
    change,
    possible,
    read_reactions,
    relevant,
    write_mechanism,
)

ODD_OXYGEN = MappingProxyType({"O3": 1.0, "O": 1.0, "O1D": 1.0, "NO2": 1.0, "NO3": 2.0, "N2O5": 3.0, "HO2NO2": 1.0})
"""Members of odd oxygen and how much each counts. HNO3 and the PANs are not members: NO2 that goes there is lost."""
NOX = MappingProxyType({"NO": 1.0, "NO2": 1.0, "NO3": 1.0, "N2O5": 2.0})
"""Members of NOx and how many N they hold."""
AIR = ("M", "N2", "O2", "H2O", "CH4", "H2")
"""Species of which there is so much that they are neither held nor thinned out."""

MADE, LOST = "ODD_OXYGEN_MADE", "ODD_OXYGEN_LOST"
"""Counters of the odd oxygen that was made and used up since the start [as the species]."""
HELD = "_held"
_TINY = 1e-12


def constrained(mechanism: Mapping[str, Any], emitted: Sequence[str], *, dilution_per_s: float) -> dict[str, Any]:
    """Rewrite a mechanism so that NOx, O3 and emitted compounds stay, and odd oxygen is counted.

    mechanism: the parsed file. emitted: species that get a twin. dilution_per_s [1/s]: loss of everything else. Returns
    a mechanism of the reactions that can happen and bear on odd oxygen. Names of photolysis rates of twins end as theirs.
    Errors: ValueError where an emitted species is unknown.
    """
    every = [mended(reaction) for reaction in read_reactions(mechanism)]
    known = {s for r in every for s in r.reactants}
    if missing := sorted(set(emitted) - known):
        raise ValueError(f"the mechanism has no reaction of {', '.join(missing)}, expected species of the mechanism")
    counting = relevant(possible(every, {*AIR, "O3", "NO", "NO2", *emitted}), {*ODD_OXYGEN, *NOX})
    fixed = {*AIR, *NOX, "O3", MADE, LOST, *(s + HELD for s in emitted)}
    both = [version for reaction in counting for version in (_held(reaction), *_twins(reaction, emitted))]
    rewritten = possible(both, fixed)
    species = {s for r in rewritten for s in (*r.reactants, *r.products)}
    thinned = [_dilution(s, dilution_per_s) for s in sorted(species - fixed)]
    return write_mechanism([*rewritten, *thinned], name="held", version=mechanism["version"])


def mended(reaction: Reaction) -> Reaction:
    """Put a slip of conversion in the file of T1S2 right.

    JPL's table writes the limit of high pressure as k (T/300)^-m. The file has m in the place of N, the width of the
    falloff, and no exponent. The file ts1.json of the same package has N = 1 and the exponent -m for the same reactions.
    """
    rate = reaction.rate
    if rate["type"] != "TROE" or rate["N"] == 1.0 or rate["kinf_B"] != 0.0:
        return reaction
    return replace(reaction, rate={**rate, "kinf_B": -rate["N"], "N": 1.0})


def _held(reaction: Reaction) -> Reaction:
    """Return the ozone and NOx that a reaction takes, make none, and count the odd oxygen of the reaction as it was."""
    products = {s: c for s, c in reaction.products.items() if s != "O3"}
    if "O3" in reaction.reactants:
        products["O3"] = reaction.reactants["O3"]
    made = change(reaction, NOX)
    if made < -_TINY:
        returned = "NO2" if {"NO2", "NO3", "N2O5"} & set(reaction.reactants) else "NO"
        products[returned] = products.get(returned, 0.0) - made
    for member in ("NO2", "NO3", "NO"):
        if made > _TINY and member in products:
            dropped = min(products[member], made)
            products[member] -= dropped
            made -= dropped
    net = change(reaction, ODD_OXYGEN)
    if abs(net) > _TINY:
        products[MADE if net > 0 else LOST] = abs(net)
    return replace(reaction, products={s: c for s, c in products.items() if c > _TINY})


def _twins(reaction: Reaction, emitted: Iterable[str]) -> list[Reaction]:
    """Give the same reaction of the twin of each emitted reactant."""
    found = []
    for species in set(reaction.reactants) & set(emitted):
        twin, taken = species + HELD, reaction.reactants[species]
        held = _held(reaction)
        rate = dict(held.rate)
        if "name" in rate:
            rate["name"] += HELD
        reactants = {(twin if s == species else s): c for s, c in held.reactants.items()}
        found.append(Reaction(reactants, {**held.products, twin: taken}, rate))
    return found


def _dilution(species: str, per_s: float) -> Reaction:
    rate = {"type": "ARRHENIUS", "A": per_s, "B": 0.0, "C": 0.0, "D": 300.0, "E": 0.0, "gas phase": "gas"}
    return Reaction({species: 1.0}, {}, rate)
