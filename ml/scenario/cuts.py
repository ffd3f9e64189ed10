"""Cuts of emissions: who is to emit how much less, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.errors import AirshedError
from standards.warning.plan import reduction_share
from standards.warning.plan_files import Plan
from streams.contributors import ALL, GROUPS, SECTORS

CUT_SPECIES = ("so2", "nox", "co", "nh3", "voc", "pm")
"""What can be cut; pm is primary particles, fine and coarse."""
NOT_MANAGED = ("biogenic",)
"""What no measure reaches."""


class CutError(AirshedError, ValueError):
    """A cut cannot be meant so; the message says what was found and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A share of emissions that is not emitted.

    sector: of SECTORS, a group of GROUPS, or ALL (all but what no measure reaches). city: its code, or ALL. share: 0
    to 1. first_hour, last_hour: epoch hours (ends of hours), both included. species: of CUT_SPECIES."""

    sector: str
    city: str
    share: float
    first_hour: int
    last_hour: int
    species: tuple[str, ...] = CUT_SPECIES

    def __post_init__(self) -> None:
        if not self.sectors:
            raise CutError(f"sector is {self.sector!r}, expected {ALL} or one of {', '.join((*SECTORS, *GROUPS))}")
        if not 0.0 <= self.share <= 1.0:
            raise CutError(f"share is {self.share}, expected 0 to 1")
        if self.first_hour > self.last_hour:
            raise CutError(f"the cut lasts from {self.first_hour} to {self.last_hour}, expected an end after its start")
        if unknown := set(self.species) - set(CUT_SPECIES):
            raise CutError(f"unknown species {sorted(unknown)[0]!r}, expected some of {', '.join(CUT_SPECIES)}")

    @property
    def sectors(self) -> tuple[str, ...]:
        """The sectors that it reaches."""
        if self.sector == ALL:
            return tuple(s for s in SECTORS if s not in NOT_MANAGED)
        if self.sector in SECTORS:
            return (self.sector,)
        return tuple(s for s in GROUPS.get(self.sector, ()) if s not in NOT_MANAGED)


def plan_cuts(plan: Plan, level: int, cities: Sequence[str], hours: tuple[int, int]) -> tuple[Cut, ...]:
    """Give the cuts that a level of a warning plan asks of cities.

    level: 1 to 3. hours: first and last epoch hour. The plan asks for shares of a city's whole emissions by species;
    which sectors bear them is left to lists of enterprises, so all managed sectors bear them alike. Source:
    环办大气函〔2019〕648号, by the plan's [reduction]. Errors: CutError where the plan names no shares."""
    shares: dict[float, list[str]] = {}
    for species in ("so2", "nox", "pm", "voc"):
        share = reduction_share(species, level, plan=plan)
        if np.isfinite(share):
            shares.setdefault(share, []).append(species)
    if not shares:
        raise CutError(f"plan {plan.name} names no shares for level {level}, expected [reduction] in its file")
    return tuple(
        Cut(sector=ALL, city=city, share=share, first_hour=hours[0], last_hour=hours[1], species=tuple(species))
        for city in cities
        for share, species in shares.items()
    )


def traffic_cut(share: float, cities: Sequence[str], hours: tuple[int, int]) -> tuple[Cut, ...]:
    """Give the cut of a traffic limit: a share of what vehicles on roads emit in cities (0 to 1).

    An odd-and-even limit takes about half of the private cars off the road, and a fifth a day is taken off by two end
    digits; which share of the emissions that is, whoever asks must say: lorries emit most of the NOx and are limited
    by other rules."""
    return tuple(
        Cut(sector="vehicles", city=city, share=share, first_hour=hours[0], last_hour=hours[1]) for city in cities
    )


def left(cuts: Sequence[Cut], species: str, cities: Sequence[str], hours: np.ndarray) -> np.ndarray:
    """Give which share of each emission is left: float64 (sector, city, hour), 1 where nothing is cut.

    hours: epoch hours (hour,). Cuts of the same emission multiply: a tenth off what a limit has left.
    """
    kept = np.ones((len(SECTORS), len(cities), len(hours)))
    for cut in cuts:
        if species not in cut.species:
            continue
        if cut.city != ALL and cut.city not in cities:
            raise CutError(f"cut of city {cut.city!r}, expected {ALL} or one of {', '.join(cities)}")
        when = (hours >= cut.first_hour) & (hours <= cut.last_hour)
        where = np.array([cut.city in (ALL, city) for city in cities])
        who = np.isin(SECTORS, cut.sectors)
        kept *= np.where(who[:, None, None] & where[:, None] & when, 1.0 - cut.share, 1.0)
    return kept
