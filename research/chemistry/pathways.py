"""Which reactions make and which use up a species or a family: rows for `integrate(count=…)`, with their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from research.chemistry.mechanism import Mechanism
from research.virtual_airshed.chemistry.held import ODD_OXYGEN
from research.virtual_airshed.chemistry.reactions import Reaction, change

PRODUCTION, LOSS, EXCHANGE = "production", "loss", "exchange"
"""Sides of a budget. Exchange goes to and fro (a radical with NO2 and the PAN that falls apart again): its net may have
either sign, and gross it would be many times what the rest is."""
_TINY = 1e-12
_NO_OTHER = frozenset({"O3", "HO2", "NO", "NO2", "NO3", "OH", "O", "O1D", "H", "H2", "H2O2", "CO", "SO2"})


@dataclass(frozen=True)
class Pathways:
    """Rows of a budget.

    labels: (row,) names of pathways; sides: (row,) PRODUCTION, LOSS or EXCHANGE. count: (row, reaction) how much of the
    family each reaction makes (production, exchange) or uses up (loss) each time: what `integrate` counts by.
    """

    labels: tuple[str, ...]
    sides: tuple[str, ...]
    count: np.ndarray

    def total(self, totals_ppb: np.ndarray, side: str) -> np.ndarray:
        """Add up a side: totals_ppb (…, row) of a run; returns (…)."""
        return totals_ppb[..., [i for i, s in enumerate(self.sides) if s == side]].sum(axis=-1)

    def net(self, totals_ppb: np.ndarray) -> np.ndarray:
        """Give production less loss, with what exchange leaves: (…, row) to (…)."""
        return totals_ppb @ np.array([-1.0 if side == LOSS else 1.0 for side in self.sides])


def pathways(
    mechanism: Mechanism, family: Mapping[str, float] = ODD_OXYGEN, *, label: Callable[[Reaction], str] | None = None
) -> Pathways:
    """Sort the reactions that change a family into pathways.

    family: weight of each member; ODD_OXYGEN, or {"OH": 1.0} for one species. label: gives the name of the pathway of a
    reaction; left out, `odd_oxygen_label` for odd oxygen and `reactants_label` for all else. Reactions that only shift
    members count nothing. Returns rows, those of a side together, in the order of the mechanism.
    Errors: ValueError where the mechanism has none of the members.
    """
    if not any(member in mechanism.species for member in family):
        raise ValueError(f"family is {', '.join(family)}, expected a species of {mechanism.name}")
    label = label or (odd_oxygen_label if family is ODD_OXYGEN else reactants_label)
    fro = to_and_fro(mechanism)
    rows: dict[tuple[str, str], np.ndarray] = {}
    for i, reaction in enumerate(mechanism.reactions):
        net = change(reaction, family)
        if abs(net) > _TINY:
            side = EXCHANGE if i in fro else PRODUCTION if net > 0.0 else LOSS
            key = side, fro[i] if i in fro else label(reaction)
            rows.setdefault(key, np.zeros(len(mechanism.reactions)))[i] = -net if side == LOSS else net
    listed = sorted(rows, key=lambda key: (PRODUCTION, LOSS, EXCHANGE).index(key[0]))
    count = np.array([rows[key] for key in listed]).reshape(len(listed), len(mechanism.reactions))
    return Pathways(tuple(name for _, name in listed), tuple(side for side, _ in listed), count)


def reactants_label(reaction: Reaction) -> str:
    """Name a pathway by what comes in: "OH + NO2", "NO2 + light"; third bodies (M) are left out."""
    names = [s for s, count in reaction.reactants.items() for _ in range(round(count)) if s != "M"]
    return " + ".join([*names, "light"] if by_light(reaction) else names)


def odd_oxygen_label(reaction: Reaction) -> str:
    """Name a pathway as budgets of ozone usually do: HO2 + NO, RO2 + NO, O3 + VOC, NO3 + VOC, RO2 + NO2, else by reactants."""
    others = set(reaction.reactants) - {"M", "N2", "O2", "H2O"}
    for radical, name in (("NO", "RO2 + NO"), ("O3", "O3 + VOC"), ("NO3", "NO3 + VOC"), ("NO2", "RO2 + NO2")):
        if radical in others and len(others) == 2 and not (others - {radical}) & _NO_OTHER:
            return name
    return reactants_label(reaction)


def partner_label(species: str) -> Callable[[Reaction], str]:
    """Give a label by what reacts with one species: losses of OH by partner are the parts of its reactivity."""

    def label(reaction: Reaction) -> str:
        others = [s for s in reaction.reactants if s not in (species, "M")]
        return others[0] if others else species

    return label


def to_and_fro(mechanism: Mechanism) -> dict[int, str]:
    """Find pairs of reactions of which one undoes the other by heat; gives the name of the pair by the place of each."""
    sides: dict[tuple, list[int]] = {}
    for i, reaction in enumerate(mechanism.reactions):
        if by_light(reaction):
            continue  # light does not undo what heat does: HNO3 falls apart by light hours after it was made
        sides.setdefault((_side(mechanism, reaction.reactants), _side(mechanism, reaction.products)), []).append(i)
    found: dict[int, str] = {}
    for (left, right), places in sides.items():
        if len(left) == 2 and (back := sides.get((right, left))):
            for i in (*places, *back):
                found[i] = " + ".join(name for name, _ in left)
    return found


def by_light(reaction: Reaction) -> bool:
    """Tell whether light makes a reaction happen."""
    return reaction.rate["type"] == "PHOTOLYSIS" or bool(reaction.rate.get("photolysis"))


def _side(mechanism: Mechanism, amounts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    passed_over = (*mechanism.air, *mechanism.sums)  # a sum goes with its members on either side
    return tuple(sorted((s, c) for s, c in amounts.items() if s not in passed_over))
