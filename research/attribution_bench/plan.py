"""What is run and judged: seasons, tiers, seeds, and the runs that they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from research.virtual_airshed.forecasts.twin_table import NAMES as TWINS
from research.virtual_airshed.scenarios import Scenario, scenario

SEASONS = ("winter_haze", "summer_ozone")
DAYS = 50
FRESH = tuple(range(101, 111))
"""Seeds that judge a frozen method, and nothing before it is frozen."""
TIERS = {
    "told": ("none", "current"), "mild": ("mild", "current"), "severe": ("severe", "current"), "outdated": ("none", "outdated"),
}  # fmt: skip
"""A tier: how large the hidden errors of the nature run are, and which inventory the platform and its models are told."""
TITLES = {
    "told": ("告知清单", "inventory told"), "mild": ("隐藏误差（轻）", "hidden errors, mild"),
    "severe": ("隐藏误差（重）", "hidden errors, severe"), "outdated": ("过时清单", "outdated inventory"),
}  # fmt: skip
PHASES = (("told", "severe"), ("mild",), ("outdated",))
"""In which order worlds are made."""


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One run that is made and kept: kind "nature" with the size of its hidden errors, or a twin by name with what it is told."""

    season: str
    seed: int
    days: int
    kind: str
    what: str
    faults: float = 0.0

    @property
    def name(self) -> str:
        """Name its files; faults are of the instruments, so a twin has none."""
        broken = f"_faults{self.faults:g}" if self.kind == "nature" and self.faults else ""
        return f"{self.season}_{self.seed}_{self.days}d_{self.kind}_{self.what}{broken}"

    def scenario(self) -> Scenario:
        """Give the scenario of the run."""
        plain = scenario(self.season, seed=self.seed, days=self.days, faults=self.faults)
        return plain.changed(**({"hidden": self.what} if self.kind == "nature" else {"told": self.what}))


@dataclass(frozen=True, slots=True, order=True)
class Case:
    """A world that is judged: a season, a seed, a tier."""

    season: str
    seed: int
    days: int
    tier: str
    faults: float = 0.0

    @property
    def nature(self) -> Unit:
        """Give the run that plays the truth."""
        return Unit(self.season, self.seed, self.days, "nature", TIERS[self.tier][0], self.faults)

    @property
    def twins(self) -> tuple[Unit, ...]:
        """Give the runs of the ensemble; they know nothing of hidden errors, so tiers share them."""
        return tuple(Unit(self.season, self.seed, self.days, twin, TIERS[self.tier][1]) for twin in TWINS)

    @property
    def units(self) -> tuple[Unit, ...]:
        """Give all runs that the world needs."""
        return (self.nature, *self.twins)


def cases(
    seeds: Iterable[int], *, seasons: Iterable[str] = SEASONS, tiers: Iterable[str] = tuple(TIERS), days: int = DAYS,
    faults: float = 0.0,
) -> Iterator[Case]:  # fmt: skip
    """Give the worlds of some seeds, in the order in which they are made."""
    seeds, seasons, tiers = tuple(seeds), tuple(seasons), tuple(tiers)
    if unknown := [t for t in tiers if t not in TIERS] + [s for s in seasons if s not in SEASONS]:
        raise ValueError(f"{unknown[0]!r} is unknown, expected of {', '.join((*TIERS, *SEASONS))}")
    for phase in PHASES:
        for seed in seeds:
            for season in seasons:
                yield from (Case(season, seed, days, tier, faults) for tier in phase if tier in tiers)


def units_of(wanted: Iterable[Case]) -> list[Unit]:
    """Give the runs that some worlds need, each once, in their order."""
    return list(dict.fromkeys(unit for case in wanted for unit in case.units))


def seeds_in(text: str) -> tuple[int, ...]:
    """Read seeds: 101-110, 31,33 or both. Errors: ValueError for anything else."""
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        found += range(int(low), int(high or low) + 1)
    return tuple(dict.fromkeys(found))
