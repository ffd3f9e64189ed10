"""Benchmarks of model performance: whether a score meets the goal, the criteria, or neither, and why.

The goal is what the best models reach, the criteria what most reach. The numbers are data (tables/benchmarks.csv,
tables/boylan_russell_curves.csv) with their source and how far each can be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.verification.pairs import checked


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What one score of one species must keep to.

    benchmark: "emery2017", "boylan2006" or "huang2025". species: an item, or so4, nh4, no3, oc, ec. period: "hour",
    "8h" (largest 8-hour mean of the day) or "day". score: a name of standards.verification.scores.SCORES. sense:
    "within" bounds the
    magnitude, "at_least" the value from below. goal, criteria [unit]. cutoff_ppb [ppb]: pairs with observations below
    are left out before scoring; None for no cut-off. confidence: how the numbers are known.
    """

    benchmark: str
    species: str
    period: str
    score: str
    sense: str
    goal: float
    criteria: float
    unit: str
    cutoff_ppb: float | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement: grade "goal", "criteria", "fail" or "NA", and the reason in words."""

    grade: str
    reason: str


def _benchmark(row: dict[str, str]) -> Benchmark:
    numbers = {"goal": float(row["goal"]), "criteria": float(row["criteria"])}
    return Benchmark(**{**row, **numbers, "cutoff_ppb": float(row["cutoff_ppb"]) if row["cutoff_ppb"] else None})


BENCHMARKS = {
    (row["benchmark"], row["species"], row["period"], row["score"]): _benchmark(row)
    for row in read_table("benchmarks").rows
}
"""By (benchmark, species, period, score)."""

_CURVES = {
    (row["score"], row["grade"]): tuple(float(row[key]) for key in ("rise", "scale", "floor"))
    for row in read_table("boylan_russell_curves").rows
}


def benchmark_of(benchmark: str, species: str, period: str, score: str) -> Benchmark:
    """Give one benchmark; raise ValueError where the paper has none, naming what it has."""
    try:
        return BENCHMARKS[benchmark, species, period, score]
    except KeyError:
        known = [" ".join(key) for key in BENCHMARKS if key[0] == benchmark] or sorted({k[0] for k in BENCHMARKS})
        asked = f"{benchmark!r}, {species!r}, {period!r}, {score!r}"
        raise ValueError(f"there is no benchmark {asked}, expected one of {', '.join(known)}") from None


def verdict(value: float, *, by: Benchmark, concentration: float | None = None) -> Verdict:
    """Judge one score.

    value [by.unit]: of the score, over the pairs that by.cutoff_ppb leaves. by: as benchmark_of gives it.
    concentration [ug/m3]: half the sum of the mean observation and the mean forecast; when given, mfb and mfe are
    judged by the limits of boylan_russell. Returns Verdict; a value on a limit meets it.
    Missing: NaN gives the grade "NA".
    Errors: ValueError where the value is infinite or the concentration negative or infinite, or where a concentration
    is given and the score has no curve.
    Source: as the benchmark; Boylan and Russell 2006 for the curves.
    """
    value = float(checked(value, by.score, lowest=None))
    goal, criteria, name = by.goal, by.criteria, f"{by.score.upper()} of {by.species} ({by.period})"
    if math.isnan(value):
        return Verdict("NA", f"{name} is missing, so {by.benchmark} says nothing")
    if concentration is not None:
        goal, criteria = (float(limit) for limit in boylan_russell(concentration, by.score))
        if math.isnan(goal):
            return Verdict("NA", f"the concentration of {name} is missing, so {by.benchmark} says nothing")
    grade = "goal" if _meets(value, goal, by) else "criteria" if _meets(value, criteria, by) else "fail"
    unit = "" if by.unit == "1" else f" {by.unit}"
    bound = "at least " if by.sense == "at_least" else "within ±" if by.score in ("nmb", "mfb") else "at most "
    said = {"goal": "meets the goal", "criteria": "meets the criteria, not the goal", "fail": "fails the criteria"}
    limit = goal if grade == "goal" else criteria
    also = f", goal {bound}{goal:.4g}{unit}" if grade == "criteria" else ""
    cutoff = f", observations from {by.cutoff_ppb:g} ppb" if by.cutoff_ppb is not None else ""
    reason = f"{name} is {value:.4g}{unit}: {said[grade]} of {by.benchmark} ({bound}{limit:.4g}{unit}{also}{cutoff})"
    return Verdict(grade, reason)


def verdicts(values: Mapping[str, float], *, benchmark: str, species: str, period: str) -> dict[str, Verdict]:
    """Judge the scores of one species that a paper has benchmarks for, leaving out the others.

    values [as standards.verification.scores]: by short name. benchmark, species, period: as Benchmark. Returns Verdict by short
    name.
    Missing and errors: as verdict; ValueError also where the paper has no benchmark of the species and period.
    """
    known = {key[3]: by for key, by in BENCHMARKS.items() if key[:3] == (benchmark, species, period)}
    if not known:
        have = sorted({" ".join(key[:3]) for key in BENCHMARKS})
        raise ValueError(f"there is no benchmark {benchmark!r}, {species!r}, {period!r}, expected one of {have}")
    return {name: verdict(value, by=known[name]) for name, value in values.items() if name in known}


def boylan_russell(concentration: np.ndarray | float, score: str) -> tuple[np.ndarray, np.ndarray]:
    """Compute the goal and the criteria that widen at low concentrations, rise exp(-C / scale) + floor.

    concentration [ug/m3]: C, half the sum of the mean observation and the mean forecast, any shape. score: "mfb" or
    "mfe". Returns (goal, criteria) [%], both of the same shape.
    Missing: NaN stays NaN.
    Errors: ValueError where a concentration is negative or infinite, or for another score.
    Source: Boylan and Russell 2006 (Atmos. Environ. 40:4946); the numbers are tables/boylan_russell_curves.csv.
    """
    if (score, "goal") not in _CURVES:
        raise ValueError(f"score is {score!r}, expected mfb or mfe")
    c = checked(concentration, "concentration", unit="ug/m3")
    curves = (_CURVES[score, grade] for grade in ("goal", "criteria"))
    return tuple(rise * np.exp(-c / scale) + floor for rise, scale, floor in curves)


def _meets(value: float, limit: float, by: Benchmark) -> bool:
    return value >= limit if by.sense == "at_least" else abs(value) <= limit
