"""A mechanism as lists for the compiled loops: which species are free, the Jacobian, its LU factors."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from research.chemistry import kept
from research.chemistry.families import Family, balanced, lists_of, refuse
from research.chemistry.mechanism import Mechanism
from research.chemistry.pattern import Factors, factors
from research.virtual_airshed.chemistry.reactions import Reaction

_MOST_REACTANTS = 3
_TINY = 1e-12


@dataclass(frozen=True)
class Kernel:
    """What integrate needs of a mechanism.

    held: species whose amount is given and not computed. order: (species,) place in mechanism.species of each species of
    the kernel, free ones first in the order of elimination, then held ones. free: how many are free. tables: lists.
    families: sums that are given, by name, with the weight of each member.
    """

    mechanism: Mechanism
    held: tuple[str, ...]
    order: np.ndarray
    free: int
    tables: tuple
    sums: tuple
    families: Mapping[str, Family] = field(default_factory=dict)

    @functools.cached_property
    def place(self) -> Mapping[str, int]:
        """Place of each species in the kernel."""
        return {self.mechanism.species[old]: new for new, old in enumerate(self.order)}

    @functools.cached_property
    def family_lists(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where members of each family begin, their places, and their weights."""
        return lists_of(self.families, self.place)


def compiled(mechanism: Mechanism, *, held: Iterable[str] = (), families: Mapping[str, Family] | None = None) -> Kernel:
    """Order a mechanism for the solver, or take what was ordered before (see `kept`).

    held: species whose net tendency is taken out of every reaction; their amounts are given to each window. They react,
    and what they make is made, but they stay. families: the same of sums, by a name of one's own: {"NOX": {"NO": 1.0,
    "NO2": 1.0}}; how a sum is shared among its members stays free.
    Errors: ValueError for a species that the mechanism does not have, for reactions of more than three unknowns or with
    a fraction of a reactant, and for families that cannot be held.
    """
    held, families = tuple(dict.fromkeys(held)), dict(families or {})
    places = {mechanism.index(s) for s in held}
    refuse(families, mechanism.species, held)
    told = [f"{name} {member} {weight!r}" for name, family in families.items() for member, weight in family.items()]
    key = kept.key_of(mechanism.digest, (*held, *told))
    lists = kept.fetch(key)
    if lists is None or len(lists) != _LISTS:
        lists = _ordered(mechanism, places, list(families.values()))
        kept.keep(key, lists)
    parts = iter(lists[1:])
    tables = tuple(tuple(itertools.islice(parts, many)) for many in _TABLES)
    free = len(mechanism.species) - len(places)
    return Kernel(mechanism, held, lists[0], free, tables, tuple(parts), families)


_TABLES = (_MOST_REACTANTS, 3, 4, 3, 10)
"""Lists of each table: reactants, net changes, derivatives, Jacobian, factors."""
_LISTS = 1 + sum(_TABLES) + 3


def _ordered(mechanism: Mechanism, held: set[int], families: Sequence[Family]) -> list[np.ndarray]:
    reactants = [_unknowns(mechanism, r) for r in mechanism.reactions]
    nets = [_net(mechanism, r, held, families) for r in mechanism.reactions]
    free = [i for i in range(len(mechanism.species)) if i not in held]
    local = {old: i for i, old in enumerate(free)}
    rows: list[set[int]] = [set() for _ in free]
    for coming, net in zip(reactants, nets, strict=True):
        for species in net:
            rows[local[species]].update(local[s] for s in coming if s in local)
    lu = factors(rows)
    order = np.array([*(free[i] for i in lu.order), *sorted(held)], np.int32)
    new = {int(old): i for i, old in enumerate(order)}
    reactants = [[new[s] for s in coming] for coming in reactants]
    nets = [{new[s]: amount for s, amount in net.items()} for net in nets]
    return [order, *itertools.chain(*_tables(reactants, nets, lu)), *_sums(mechanism, new)]


def _unknowns(mechanism: Mechanism, reaction: Reaction) -> list[int]:
    found: list[int] = []
    for species, count in reaction.reactants.items():
        if species in mechanism.air:
            continue
        if count != int(count):
            raise ValueError(f"{mechanism.name}: {count:g} {species} comes in, expected a whole number")
        found += [mechanism.index(species)] * int(count)
    if len(found) > _MOST_REACTANTS:
        words = " + ".join(f"{count:g} {species}" for species, count in reaction.reactants.items())
        raise ValueError(f"{mechanism.name}: {words} react, expected at most {_MOST_REACTANTS} besides the air")
    return found


def _net(mechanism: Mechanism, reaction: Reaction, held: set[int], families: Sequence[Family]) -> dict[int, float]:
    net: dict[str, float] = {}
    for side, sign in ((reaction.products, 1.0), (reaction.reactants, -1.0)):
        for species, amount in side.items():
            if species not in mechanism.air and mechanism.index(species) not in held:
                net[species] = net.get(species, 0.0) + sign * amount
    for family in families:
        net = balanced(net, reaction.reactants, family)
    return {mechanism.index(s): amount for s, amount in net.items() if abs(amount) > _TINY}


def _tables(reactants: Sequence[Sequence[int]], nets: Sequence[Mapping[int, float]], lu: Factors) -> tuple:
    n = len(lu.order)
    terms = tuple(np.array([r[s] if len(r) > s else -1 for r in reactants], np.int32) for s in range(_MOST_REACTANTS))
    net = _compressed(((i, q, c) for q, each in enumerate(nets) for i, c in each.items()), n)
    of, slot, species, start, entries = [], [], [], [0], []
    for q, (coming, each) in enumerate(zip(reactants, nets, strict=True)):
        for s, b in enumerate(coming):
            if b < n:
                entries += [(lu.place[a, b], len(of), c) for a, c in each.items()]
                of.append(q)
                slot.append(s)
                species.append(b)
        start.append(len(of))
    parts = tuple(np.array(x, np.int32) for x in (of, slot, start, species))
    jacobian = _compressed(entries, lu.entries)
    lists = (
        lu.diagonal, lu.lower_at, lu.lower_column, lu.lower_row, lu.update_from, lu.update_to, lu.update_by, lu.upper_at,
        lu.upper_column, lu.upper_row,
    )  # fmt: skip
    return terms, net, parts, jacobian, lists


def _compressed(entries: Iterable[tuple[int, int, float]], rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort (row, column, amount) by row; returns where rows begin (rows + 1,), columns, amounts."""
    listed = sorted(entries)
    start = np.zeros(rows + 1, np.int32)
    np.add.at(start, np.array([e[0] + 1 for e in listed], np.int64), 1)
    amounts = np.array([e[2] for e in listed], np.float64)
    return np.cumsum(start, dtype=np.int32), np.array([e[1] for e in listed], np.int32), amounts


def _sums(mechanism: Mechanism, new: Mapping[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    total, start, member = [], [0], []
    for species, members in mechanism.sums.items():
        total.append(new[mechanism.index(species)])
        member += [new[mechanism.index(m)] for m in members]
        start.append(len(member))
    return tuple(np.array(x, np.int32) for x in (total, start, member))
