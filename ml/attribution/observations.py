"""What the real world sends: each feed may be missing, and what is missing is NaN or None, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from standards.pollutants import ITEMS

CRUSTAL = ("al", "si", "ca", "ti", "fe")
"""The elements whose sum stands for the earth's crust."""
FEEDS = ("stations", "stacks", "composition", "background", "organic", "micro")
"""The feeds that an attribution can use; stations are the least that a correction needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observations:
    """Measured values of a span of hours, hours labelled by their end as epoch hours.

    items: (item, city, hour), means over the assessment points of each city in the order of
    standards.pollutants.ITEMS [ug/m3, CO mg/m3]. composition: component to (city, hour) [ug/m3]; components as in
    profiles.csv. background: site to (item, hour), of sites among the receptors of the tags. stacks: (city, sector,
    species) to measured over told emission of the span, species as in streams.records.SPECIES. organic: sector to the
    factor on its organic emissions and the standard deviation of its logarithm, as organic.factors finds them, with
    organic_city the city whose air it is. micro: (item, city, hour), calibrated means of micro-stations. Missing: NaN
    in arrays, an empty mapping or None for a feed.
    """

    first_hour: int
    items: np.ndarray
    composition: Mapping[str, np.ndarray] = field(default_factory=dict)
    background: Mapping[str, np.ndarray] = field(default_factory=dict)
    stacks: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    organic: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    organic_city: str = ""
    micro: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.items.ndim != 3 or self.items.shape[0] != len(ITEMS):
            raise ValueError(f"items have the shape {self.items.shape}, expected ({len(ITEMS)}, city, hour)")

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.items.shape[-1]

    @property
    def feeds(self) -> tuple[str, ...]:
        """Name the feeds that say anything."""
        has = {
            "stations": np.isfinite(self.items).any(),
            "stacks": bool(self.stacks),
            "composition": any(np.isfinite(v).any() for v in self.composition.values()),
            "background": any(np.isfinite(v).any() for v in self.background.values()),
            "organic": bool(self.organic),
            "micro": self.micro is not None and np.isfinite(self.micro).any(),
        }
        return tuple(name for name in FEEDS if has[name])

    def between(self, first: int, last: int) -> Observations:
        """Give the hours from one epoch hour up to another, both included. What holds for a span as a whole stays."""
        cut = slice(max(first - self.first_hour, 0), max(last - self.first_hour + 1, 0))
        return replace(self._each(cut), first_hour=self.first_hour + cut.start)

    def over(self, first: int, hours: int) -> Observations:
        """Give the span of some hours from one epoch hour on; what lies outside of the observations is missing."""
        if (first, hours) == (self.first_hour, self.hours):
            return self
        at = np.arange(first, first + hours) - self.first_hour
        there = (at >= 0) & (at < self.hours)
        if not there.any():
            return nothing_seen(first, self.items.shape[1], hours)
        found = self._each(np.clip(at, 0, self.hours - 1))
        return replace(
            found, first_hour=first, items=np.where(there, found.items, np.nan),
            composition={n: np.where(there, v, np.nan) for n, v in found.composition.items()},
            background={n: np.where(there, v, np.nan) for n, v in found.background.items()},
            micro=None if found.micro is None else np.where(there, found.micro, np.nan),
        )  # fmt: skip

    def where(self, kept: np.ndarray) -> Observations:
        """Give some hours, bool (hour,), as if they followed one another."""
        return self._each(kept)

    def _each(self, cut: slice | np.ndarray) -> Observations:
        return replace(
            self, items=self.items[..., cut], composition={n: v[..., cut] for n, v in self.composition.items()},
            background={n: v[..., cut] for n, v in self.background.items()},
            micro=None if self.micro is None else self.micro[..., cut],
        )  # fmt: skip


def components_of(columns: Mapping[str, np.ndarray], names: tuple[str, ...], hours: int) -> np.ndarray:
    """Put the columns of a composition feed into components (component, hour) [ug/m3]; "crustal" is the sum of CRUSTAL.

    names: pseudo.COMPONENTS. Missing: a column that is not there is NaN, and so is a sum that lacks one.
    """
    missing = np.full(hours, np.nan)
    known = {name: np.asarray(values, float) for name, values in columns.items()}
    known["crustal"] = sum(known.get(element, missing) for element in CRUSTAL)
    return np.stack([known.get(name, missing) for name in names])


def nothing_seen(first_hour: int, cities: int, hours: int) -> Observations:
    """Give the observations of a world that sends nothing."""
    return Observations(first_hour=first_hour, items=np.full((len(ITEMS), cities, hours), np.nan))
