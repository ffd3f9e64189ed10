"""Families that are held: their sum is given, how it is shared among members is not.

NOx is the usual one. Its sum is measured; the ratio of NO to NO2 must follow sunlight, ozone and peroxy radicals, or it would
fight them. So each reaction returns what it takes from the family, and makes none of it; at each window all members are
multiplied by one factor, so that the sum is what is told.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_TINY = 1e-12
Family = Mapping[str, float]
"""Weight of each member. The first two carry: what is taken from the first alone is returned as the first, else as the second."""


def balanced(net: Mapping[str, float], reactants: Mapping[str, float], family: Family) -> dict[str, float]:
    """Give the net change of a reaction by which the family as a whole does not change.

    net: change of each species. reactants: what comes in. What is made of the family is taken away from the members that
    are made, the first one last.
    """
    found, members = dict(net), list(family)
    change = sum(weight * net.get(member, 0.0) for member, weight in family.items())
    if change < -_TINY:
        alone = not any(member in reactants for member in members[1:])
        to = members[0] if alone else members[min(1, len(members) - 1)]
        found[to] = found.get(to, 0.0) - change / family[to]
    for member in (*members[1:], members[0]):
        if change > _TINY and found.get(member, 0.0) > 0.0:
            less = min(found[member], change / family[member])
            found[member] -= less
            change -= less * family[member]
    return {species: amount for species, amount in found.items() if abs(amount) > _TINY}


def lists_of(families: Mapping[str, Family], place: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give where the members of each family begin, their places in the kernel, and their weights."""
    start, member, weight = [0], [], []
    for family in families.values():
        member += [place[s] for s in family]
        weight += list(family.values())
        start.append(len(member))
    return np.array(start, np.int32), np.array(member, np.int32), np.array(weight, np.float64)


def refuse(families: Mapping[str, Family], species: tuple[str, ...], held: tuple[str, ...]) -> None:
    """Refuse families that cannot be held: ValueError that names the member that is unknown, held, or in two of them."""
    seen: dict[str, str] = {}
    for name, family in families.items():
        if name in species:
            raise ValueError(f"family is called {name!r}, expected a name that no species has")
        for member, weight in family.items():
            if member not in species:
                raise ValueError(f"member of {name} is {member!r}, expected a species of the mechanism")
            if member in held or member in seen:
                raise ValueError(
                    f"{member} is of {name} and of {seen.get(member, 'what is held')}, expected one of them"
                )
            if not weight > 0.0:
                raise ValueError(f"weight of {member} in {name} is {weight}, expected above 0")
            seen[member] = name
