"""Reactions of a mechanism as the library musica ships them (JSON), and which of them matter to a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

LEFT_OUT = ("SURFACE", "USER_DEFINED")
"""Kinds that are not read: uptake on particles, and placeholders of stratospheric reactions on them."""

_TINY = 1e-12
Amounts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction: how much of which species goes in and comes out, and the rest of its entry (kind, rate constants)."""

    reactants: Amounts
    products: Amounts
    rate: Mapping[str, Any]


def read_reactions(mechanism: Mapping[str, Any]) -> list[Reaction]:
    """Read the gas-phase reactions of a mechanism.

    mechanism: the parsed file. Returns the reactions in the order of the file, without the kinds LEFT_OUT; a species
    that stands twice on a side is added up.
    Errors: KeyError where an entry is not as musica 0.17 writes it.
    """
    found = []
    for entry in mechanism["reactions"]:
        if entry["type"] not in LEFT_OUT:
            rate = {k: v for k, v in entry.items() if k not in ("reactants", "products") and not k.startswith("__")}
            found.append(Reaction(_side(entry["reactants"]), _side(entry["products"]), rate))
    return found


def write_mechanism(reactions: Sequence[Reaction], *, name: str, version: str) -> dict[str, Any]:
    """Write reactions as a mechanism of their own, with every species that occurs in them.

    version: of the format, taken from the file that was read. Returns what json.dump needs.
    """
    species = [{"name": s} for s in sorted({s for r in reactions for s in (*r.reactants, *r.products)})]
    entries = []
    for each in reactions:
        # musica 0.17.2 wants this one key for the newer kinds and the other for the older ones.
        key = "species name" if each.rate["type"].startswith("TERNARY") else "name"
        sides = {"reactants": each.reactants, "products": each.products}
        listed = {s: [{key: n, "coefficient": c} for n, c in amounts.items()] for s, amounts in sides.items()}
        entries.append({**each.rate, **listed})
    phase = {"name": "gas", "species": [dict(s) for s in species]}
    return {"version": version, "name": name, "species": species, "phases": [phase], "reactions": entries}


def change(reaction: Reaction, family: Amounts) -> float:
    """Count how much of a family a reaction makes (positive) or uses up (negative) each time it happens.

    family: weight of each member. Returns the sum over products less the sum over reactants.
    """
    made, used = (
        sum(family.get(s, 0.0) * c for s, c in side.items()) for side in (reaction.products, reaction.reactants)
    )
    return made - used


def possible(reactions: Sequence[Reaction], present: Iterable[str]) -> list[Reaction]:
    """Keep the reactions that can happen where only some species are there at first.

    present: those species; what reactions between them make is there too. Returns the reactions in their order.
    """
    there = set(present)
    while True:
        happening = [r for r in reactions if there.issuperset(r.reactants)]
        made = {s for r in happening for s in r.products} - there
        if not made:
            return happening
        there |= made


def relevant(reactions: Sequence[Reaction], to: Iterable[str]) -> list[Reaction]:
    """Keep the reactions on which the amounts of some species depend, and of products only what they depend on.

    to: those species. A reaction counts when it changes one of them or something that another counting reaction needs;
    what it makes beside that is dropped (aerosol precursors, CO2), which alters nothing of what is asked.
    """
    needed = set(to)
    while True:
        counting = [r for r in reactions if any(abs(change(r, {s: 1.0})) > _TINY for s in needed.intersection(_all(r)))]
        more = {s for r in counting for s in r.reactants} - needed
        if not more:
            return [replace(r, products={s: c for s, c in r.products.items() if s in needed}) for r in counting]
        needed |= more


def _all(reaction: Reaction) -> set[str]:
    return {*reaction.reactants, *reaction.products}


def _side(entries: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for entry in entries:
        name = entry["name"] if "name" in entry else entry["species name"]
        amounts[name] = amounts.get(name, 0.0) + float(entry.get("coefficient", 1.0))
    return amounts
