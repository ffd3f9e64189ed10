"""A tag ensemble: what runs of models that are all wrong, each in its own way, say of who made the air.

Sources stand in one order everywhere: the nine sectors, then what comes from outside (SOURCES). Places are the
cities, then outside. Every array has time on its last axis, hours labelled by their end as epoch hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from standards.errors import AirshedError
from streams.contributors import ALL, OUTSIDE, SECTORS, TAG_QUANTITIES

SOURCES = (*SECTORS, OUTSIDE)
"""Whom a quantity is shared among by sector."""
AGREES = 0.01
"""By how much of the whole the sums over sectors, places and sector x place may differ: files are in single
precision."""
LEAST = 1e-9
"""What counts as nothing where a ratio is formed [unit of the quantity]."""


class AttributionError(AirshedError, ValueError):
    """Tags or observations do not fit together; the message says what was found and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TagEnsemble:
    """Contributions by sector and by place, of some runs, at some receptors.

    members: names of the runs. cities: codes; the first receptors are the means of these cities, in their order, and
    may be followed by stations. city_of: int (receptor,), the city of each receptor, -1 for none. quantities: of
    TAG_QUANTITIES. sector: (member, quantity, receptor, len(SOURCES), hour). place: (member, quantity, receptor,
    cities + outside, hour). joint: (member, quantity, receptor, sector, city, hour) or None where the models do not
    tell sector x city. Units: TAG_QUANTITIES. removal: contributions by "if it were not there" (quantity name to
    (member, receptor, len(SOURCES), hour)), may be empty. Missing: NaN.
    """

    members: tuple[str, ...]
    cities: tuple[str, ...]
    receptors: tuple[str, ...]
    city_of: np.ndarray
    quantities: tuple[str, ...]
    first_hour: int
    sector: np.ndarray
    place: np.ndarray
    joint: np.ndarray | None = None
    removal: dict[str, np.ndarray] | None = None

    def __post_init__(self) -> None:
        lead = (len(self.members), len(self.quantities), len(self.receptors))
        hours = self.sector.shape[-1]
        wanted = {"sector": (*lead, len(SOURCES), hours), "place": (*lead, len(self.cities) + 1, hours)}
        if self.joint is not None:
            wanted["joint"] = (*lead, len(SECTORS), len(self.cities), hours)
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise AttributionError(f"tags by {name} have the shape {getattr(self, name).shape}, expected {shape}")
        if self.receptors[: len(self.cities)] != self.cities:
            raise AttributionError(f"receptors begin with {self.receptors[:3]}, expected the cities {self.cities}")
        if unknown := [q for q in self.quantities if q not in TAG_QUANTITIES]:
            raise AttributionError(f"unknown quantity {unknown[0]!r}, expected one of {', '.join(TAG_QUANTITIES)}")

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.sector.shape[-1]

    def has(self, *quantities: str) -> bool:
        """Tell whether all of some quantities are there."""
        return set(quantities) <= set(self.quantities)

    def by_sector(self, quantity: str) -> np.ndarray:
        """Give one quantity by source (member, receptor, source, hour)."""
        return self.sector[:, self._at(quantity)]

    def by_place(self, quantity: str) -> np.ndarray:
        """Give one quantity by place (member, receptor, place, hour)."""
        return self.place[:, self._at(quantity)]

    def _at(self, quantity: str) -> int:
        if quantity not in self.quantities:
            raise AttributionError(f"the tags do not tell {quantity}, only {', '.join(self.quantities)}")
        return self.quantities.index(quantity)

    def between(self, first: int, last: int) -> TagEnsemble:
        """Give the hours from one epoch hour up to another, both included; hours that are not there are left out."""
        cut = slice(max(first - self.first_hour, 0), max(last - self.first_hour + 1, 0))
        removal = None if self.removal is None else {q: v[..., cut] for q, v in self.removal.items()}
        joint = None if self.joint is None else self.joint[..., cut]
        return replace(
            self, first_hour=self.first_hour + (cut.start or 0), sector=self.sector[..., cut], place=self.place[..., cut],
            joint=joint, removal=removal,
        )  # fmt: skip

    def where(self, kept: np.ndarray) -> TagEnsemble:
        """Give some hours, bool (hour,), as if they followed one another."""
        removal = None if self.removal is None else {q: v[..., kept] for q, v in self.removal.items()}
        joint = None if self.joint is None else self.joint[..., kept]
        return replace(self, sector=self.sector[..., kept], place=self.place[..., kept], joint=joint, removal=removal)

    def some(self, members: Sequence[int]) -> TagEnsemble:
        """Give some of the members, by their numbers."""
        at = list(members)
        removal = None if self.removal is None else {q: v[at] for q, v in self.removal.items()}
        joint = None if self.joint is None else self.joint[at]
        names = tuple(self.members[i] for i in at)
        return replace(self, members=names, sector=self.sector[at], place=self.place[at], joint=joint, removal=removal)


def ensemble_of(
    values: np.ndarray,
    *,
    members: Sequence[str],
    quantities: Sequence[str],
    contributors: Sequence[tuple[str, str]],
    receptors: Sequence[str],
    cities: Sequence[str],
    city_of: Sequence[int] | None = None,
    first_hour: int,
    removal: dict[str, np.ndarray] | None = None,
) -> TagEnsemble:
    """Sort contributions of some runs into a tag ensemble.

    values: (member, quantity, contributor, receptor, hour), as the values of tag blocks stacked over members, in the
    units of TAG_QUANTITIES. contributors: pairs as in streams.contributors; sectors and places, or sector x city, or
    both. What is not given is summed from sector x city. receptors: names, the cities first; city_of: the city of
    each, None where they are the cities alone. removal: quantity to (member, receptor, source, hour). Errors:
    AttributionError where neither is complete, or sums over sectors, places and sector x city differ by more than
    AGREES. Missing: NaN stays; a contributor that no run tells counts as missing, not as 0.
    """
    at = {tuple(pair): i for i, pair in enumerate(contributors)}
    by_city = [(ALL, city) for city in cities]
    cross = [(sector, city) for sector in SECTORS for city in cities]
    outside = (ALL, OUTSIDE)
    if outside not in at:
        raise AttributionError(f"no contributor {outside}, expected what comes in from outside beside the sectors")
    pick = lambda pairs: np.moveaxis(values[:, :, [at[p] for p in pairs]], 2, -2)  # noqa: E731
    joint = None
    if all(pair in at for pair in cross):
        flat = pick(cross)
        joint = flat.reshape(*flat.shape[:-2], len(SECTORS), len(cities), flat.shape[-1])
    sides = []
    for pairs, axis, what in (([(s, ALL) for s in SECTORS], -2, "sectors"), (by_city, -3, "cities")):
        if all(pair in at for pair in pairs):
            sides.append(pick(pairs))
        elif joint is not None:
            sides.append(joint.sum(axis=axis))
        else:
            raise AttributionError(f"the {what} are not all told, expected all of them or all of sector x city")
    rest = pick([outside])
    _agree(sides[0], sides[1], "sectors", "cities")
    if joint is not None:
        _agree(sides[0], joint.sum(axis=-2), "sectors", "sector x city")
    return TagEnsemble(
        members=tuple(members), cities=tuple(cities), receptors=tuple(receptors),
        city_of=np.arange(len(receptors)) if city_of is None else np.asarray(city_of), quantities=tuple(quantities),
        first_hour=first_hour, sector=np.concatenate([sides[0], rest], axis=-2),
        place=np.concatenate([sides[1], rest], axis=-2), joint=joint, removal=removal,
    )  # fmt: skip


def _agree(a: np.ndarray, b: np.ndarray, of_a: str, of_b: str) -> None:
    one, two = a.sum(axis=-2), b.sum(axis=-2)
    # Contributions of both signs may cancel (nitric acid), but each was rounded by its own size, or by that of its series.
    size = np.maximum(np.abs(a).sum(axis=-2), np.abs(b).sum(axis=-2))
    known = np.isfinite(size)  # a city of which nothing is told has no mean, and is none's fault
    usual = np.where(known, size, 0.0).sum(axis=-1, keepdims=True) / np.maximum(known.sum(axis=-1, keepdims=True), 1)
    apart = np.abs(one - two) > AGREES * np.maximum(size, usual) + 1e-6
    if apart.any():
        raise AttributionError(
            f"the sums over {of_a} and over {of_b} differ in {int(apart.sum())} hours, expected them within {AGREES:.0%}"
        )
