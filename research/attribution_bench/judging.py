"""Judging: worlds one by one, methods that are given what is told, scores that are given the truth too."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from research.attribution_bench.marks import Mark, Verdict, marks, verdicts
from research.attribution_bench.methods import CORRECTED, JUDGED, RAW, Answer, answers
from research.attribution_bench.plan import TIERS, Case
from research.attribution_bench.scoring import (
    Figure,
    Sums,
    difference,
    figure,
    sums_of,
    truth_of,
)
from research.attribution_bench.told import Told, told_of
from research.attribution_bench.worlds import Worlds

LOG = logging.getLogger(__name__)
WHICH = ("episode", "all")
IDENTICAL = "identical twin"
Key = tuple[str, str, str]
"""Quantity, method, which days."""
Judged = Mapping[Key, Mapping[str, Sums]]
Answering = Callable[[Told], Iterable[tuple[str, str, Answer]]]


@dataclass(frozen=True, eq=False)
class Card:
    """All that was judged: world to its sums, and for the identical twin apart."""

    worlds: dict[Case, Judged] = field(default_factory=dict)
    identical: dict[Case, Judged] = field(default_factory=dict)

    @property
    def cases(self) -> tuple[Case, ...]:
        """Name the worlds."""
        return tuple(self.worlds)

    def methods(self, quantity: str) -> tuple[str, ...]:
        """Name the methods that say anything of a quantity, in their order."""
        return tuple(dict.fromkeys(m for judged in self.worlds.values() for q, m, _ in judged if q == quantity))

    def figure(self, tier: str, season: str, key: Key, metric: str) -> Figure:
        """Give one figure over the worlds of a tier and season."""
        return figure(self._sums(self.worlds, tier, season, key, metric))

    def by_world(self, tier: str, season: str, key: Key, metric: str) -> dict[int, float]:
        """Give the figure of each world by itself, by seed; worlds without any such day are left out."""
        own = {case.seed: found for case, found in self.worlds.items() if (case.tier, case.season) == (tier, season)}
        sums = {seed: found.get(key, {}).get(metric, Sums(0.0, 0.0)) for seed, found in own.items()}
        return {seed: each.above / each.below for seed, each in sums.items() if each.below > 0}

    def harm(self, tier: str, season: str, quantity: str, which: str = "episode") -> Figure:
        """Give the error over ten sources, corrected less raw tags."""
        pairs = (self._sums(self.worlds, tier, season, (quantity, m, which), "sources") for m in (CORRECTED, RAW))
        return difference(list(zip(*pairs, strict=True)))

    def reference(self, tier: str, season: str, quantity: str, which: str, metric: str) -> Figure:
        """Give a figure of the identical twin."""
        return figure(self._sums(self.identical, tier, season, (quantity, IDENTICAL, which), metric))

    def verdicts(self) -> list[Verdict]:
        """Judge all marks of the tiers that are here."""
        tiers = tuple(t for t in TIERS if any(case.tier == t for case in self.worlds))
        seasons = {case.season for case in self.worlds}
        return verdicts([m for m in marks(tiers) if m.season in seasons], self._of_mark)

    def _of_mark(self, mark: Mark) -> Figure:
        of = mark.tier, mark.season
        if mark.metric == "harm":
            return self.harm(*of, mark.quantity)
        key = (mark.quantity, CORRECTED, "episode")
        if mark.metric == "cover_least":
            pooled = self.figure(*of, key, "cover")
            return replace(pooled, value=pooled.least, low=None, high=None)
        return self.figure(*of, key, mark.metric)

    @staticmethod
    def _sums(judged: Mapping[Case, Judged], tier: str, season: str, key: Key, metric: str) -> list[Sums]:
        own = [found for case, found in judged.items() if (case.tier, case.season) == (tier, season)]
        return [found.get(key, {}).get(metric, Sums(0.0, 0.0)) for found in own]


def judge(
    worlds: Worlds, cases: Iterable[Case], *, workers: int = 1, answering: Answering = answers, report=LOG.info
) -> Card:
    """Judge the methods on worlds that have been made, in some processes at once.

    Errors: FileNotFoundError names a run that has not been made.
    """
    cases = tuple(cases)
    if missing := [unit.name for case in cases for unit in case.units if not worlds.has(unit)]:
        raise FileNotFoundError(
            f"{missing[0]} and {len(missing) - 1} more are not in {worlds.folder}, expected them made"
        )
    one, card = partial(judge_one, worlds, answering=answering), Card()
    with ExitStack() as stack:
        judged = map(one, cases) if workers == 1 else stack.enter_context(ProcessPoolExecutor(workers)).map(one, cases)
        for number, (case, (found, reference)) in enumerate(zip(cases, judged, strict=True), start=1):
            card.worlds[case] = found
            if reference is not None:
                card.identical[case] = reference
            report(f"{number}/{len(cases)} {case.season} {case.seed} {case.tier}")
    return card


def judge_one(worlds: Worlds, case: Case, *, answering: Answering = answers) -> tuple[Judged, Judged | None]:
    """Judge one world; the second is the identical twin's, None where there is none."""
    # What is told is read and answered before the truth is opened.
    given = list(answering(told_of(worlds, case)))
    truths = {quantity: truth_of(worlds.true(case.nature), quantity) for quantity in JUDGED}
    twin, reference = replace(case, tier="told").nature, None
    if case.nature.what != "none" and worlds.has(twin):
        reference = _scored(identical(worlds.true(twin)), truths)
    return _scored(given, truths), reference


def _scored(given: Iterable[tuple[str, str, Answer]], truths: Mapping[str, object]) -> dict[Key, dict[str, Sums]]:
    return {
        (quantity, method, which): sums_of(answer, truth, truth.days(quantity, which))
        for quantity, method, answer in given
        for truth in (truths[quantity],)
        for which in WHICH
    }


def identical(true_told: Mapping[str, np.ndarray]) -> list[tuple[str, str, Answer]]:
    """Answer by the tags of the nature run's own model under the told inventory: all but the hidden errors is right. A reference
    that nobody could have."""
    found = []
    for quantity in JUDGED:
        own = truth_of(true_told, quantity)
        found.append((quantity, IDENTICAL, Answer(sector=own.sector, place=own.place, both=own.both)))
    return found
