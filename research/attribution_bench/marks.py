"""The marks: what must hold for the attribution to be called right, and whether it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from research.attribution_bench.plan import SEASONS, TIERS
from research.attribution_bench.scoring import Figure

SEASONS_OF = {"pm25": SEASONS, "o3": ("summer_ozone",)}
"""Ozone of winter is below what is shared out."""
HARM = 0.2
BOUNDS = {
    ("pm25", "told"): (2.0, 2.7), ("pm25", "outdated"): (2.7, None), ("pm25", "mild"): (2.5, None), ("pm25", "severe"): (3.0, 3.7),
    ("o3", "told"): (1.7, None), ("o3", "outdated"): (1.9, None), ("o3", "severe"): (2.5, None),
}  # fmt: skip
"""At most so much over ten sources, and over sources of 5 % or more [points]; None where nothing was asked."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark: of which quantity, tier and season, on which metric, from low to high.

    metric: of scoring.METRICS, "harm" for sources less raw tags, "cover_least" for the least coverage of a world.
    """

    quantity: str
    tier: str
    season: str
    metric: str
    low: float | None = None
    high: float | None = None

    @property
    def text(self) -> str:
        """Say what is asked."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} – {self.high:g}"
        return f"≤ {self.high:g}" if self.low is None else f"≥ {self.low:g}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a mark is met: "met", "missed" or "no days"; sure: whether all of the interval lies on the same side, None where
    there is no interval."""

    mark: Mark
    figure: Figure
    said: str
    sure: bool | None


def marks(tiers: tuple[str, ...] = tuple(TIERS)) -> list[Mark]:
    """Give all marks of some tiers."""
    found = []
    for quantity, seasons in SEASONS_OF.items():
        for tier in tiers:
            for season in seasons:
                of = (quantity, tier, season)
                for metric, bound in zip(("sources", "big"), BOUNDS.get((quantity, tier), (None, None)), strict=True):
                    found += [Mark(*of, metric, high=bound)] if bound else []
                found += [
                    Mark(*of, "harm", high=HARM), Mark(*of, "places", high=4.0), Mark(*of, "two", low=90.0),
                    Mark(*of, "first", low=95.0), Mark(*of, "cover", low=85.0, high=95.0), Mark(*of, "cover_least", low=75.0),
                ]  # fmt: skip
    return found


def verdicts(wanted: list[Mark], figure_of: Callable[[Mark], Figure]) -> list[Verdict]:
    """Judge the marks by their figures."""
    return [_verdict(mark, figure_of(mark)) for mark in wanted]


def _verdict(mark: Mark, figure: Figure) -> Verdict:
    if figure.value is None:
        return Verdict(mark, figure, "no days", None)

    def holds(value: float) -> bool:
        return (mark.low is None or value >= mark.low) and (mark.high is None or value <= mark.high)

    met = holds(figure.value)
    if figure.low is None or figure.high is None:
        return Verdict(mark, figure, "met" if met else "missed", None)
    ends = figure.low, figure.high
    sure = all(map(holds, ends)) if met else _apart(mark, *ends)
    return Verdict(mark, figure, "met" if met else "missed", sure)


def _apart(mark: Mark, low: float, high: float) -> bool:
    return (mark.high is not None and low > mark.high) or (mark.low is not None and high < mark.low)
