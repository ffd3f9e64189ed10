"""What benchmarks of model performance say of scores on labelled data (standards.verification.benchmarks)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

import standards.verification.benchmarks as benchmarks
from standards.labelled.groups import as_table
from standards.labelled.one import attrs_by_name
from standards.labelled.shapes import simulated_of
from standards.labelled.words import pure, reference


def benchmark_verdicts(
    scores: pd.DataFrame, *, benchmark: str, period: str, species: str | None = None
) -> pd.DataFrame:
    """Judge scores by lead, as scores_by_lead gives them, by the benchmarks of a paper.

    scores: columns named as standards.verification.scores.SCORES, units in attrs. benchmark, period: as
    standards.verification.benchmarks.
    species: by default attrs["item"]. Pairs below the cut-off of the benchmark are to be left out before scoring.
    Returns a row for each group and score: value, grade ("goal", "criteria", "fail", "NA") and reason.
    Missing: as standards.verification.benchmarks.verdict.
    Errors: ValueError where no species is said, the paper has no benchmark of it, or a score has another unit.
    """
    species = species or scores.attrs.get("item")
    if species is None:
        raise ValueError("no species is said, expected species=, or attrs['item']")
    known = {key[3]: by for key, by in benchmarks.BENCHMARKS.items() if key[:3] == (benchmark, species, period)}
    said = scores.attrs.get("units")
    for name, by in known.items():
        units = said.get(name) if isinstance(said, Mapping) and name in scores else None
        if units is not None and units != by.unit:
            raise ValueError(f"{name} is in {units!r}, expected {by.unit}")
    rows, index = [], []
    for key, row in zip(scores.index, scores.to_dict("records"), strict=True):
        numbers = {name: float(row[name]) for name in scores.columns if name in known}
        found = benchmarks.verdicts(numbers, benchmark=benchmark, species=species, period=period)
        for name, verdict in found.items():
            rows.append({"value": numbers[name], "grade": verdict.grade, "reason": verdict.reason})
            index.append((*(key if isinstance(key, tuple) else (key,)), name))
    made = as_table(rows, index, [*scores.index.names, "score"], ["value", "grade", "reason"])
    words = {
        "value": pure("the score", "评分", units=None),
        "grade": pure("grade by the benchmark", "等级", units=None),
    }
    confidence = {name: by.confidence for name, by in known.items()}
    made.attrs = attrs_by_name(words) | simulated_of(scores) | {"item": species, "confidence": confidence}
    made.attrs |= {"edition": benchmark, "references": reference(benchmarks.verdict)}
    return made
