"""Take all variables of a run to the places, some hours at a time, so that a long run on a fine grid fills no memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from streams.records import FORECAST_VARIABLES
from streams.sources.forecasts.fields import Fields
from streams.sources.forecasts.grid_weights import Weights
from streams.sources.forecasts.layout import Layout
from streams.sources.forecasts.runs import Run
from streams.sources.tally import Unusable

MOST_AT_ONCE = 2_000_000
"""Values of one variable that are held at a time; some ten variables are, each in 4 bytes."""


@dataclass
class AtPlaces:
    """values: float64 (variable, place, step), NaN where the file has none; what else as in Fields, of all hours."""

    values: np.ndarray
    found: bool = False
    used: bool = False
    problems: list[Unusable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def at_places(run: Run, layout: Layout, weights: Weights) -> AtPlaces:
    """Read a run at the places; a variable that cannot be used in some of its hours is used in none."""
    count = layout.axis.hour_ends.size
    result = AtPlaces(np.full((len(FORECAST_VARIABLES), len(weights.places), count), np.nan))
    usable = np.ones(len(FORECAST_VARIABLES), bool)
    for first, stop in _pieces(count, weights):
        # Rain since the start is a difference: a piece begins one step early, and that step's rain is left.
        begin = max(first - 1, 0)
        fields = _fields(run, layout, weights, slice(begin, stop), whole=count == stop - begin)
        for i, name in enumerate(FORECAST_VARIABLES):
            found = fields.field(name)
            usable[i] &= found is not None
            if usable[i]:
                result.values[i, :, first:stop] = weights.apply(found[first - begin :])
        result.found |= fields.found
        _add(result, fields)
    result.values[~usable] = np.nan
    result.used = bool(usable.any())
    return result


def _pieces(count: int, weights: Weights) -> Iterator[tuple[int, int]]:
    rows, columns = (window.stop - window.start for window in (weights.rows, weights.columns))
    size = max(1, MOST_AT_ONCE // max(rows * columns, weights.index.size))
    yield from ((first, min(first + size, count)) for first in range(0, count, size))


def _fields(run: Run, layout: Layout, weights: Weights, steps: slice, *, whole: bool) -> Fields:
    window = {"rows": weights.rows, "columns": weights.columns}
    if whole:
        return Fields(run.dataset, layout, **window)
    part = replace(layout, axis=replace(layout.axis, hour_ends=layout.axis.hour_ends[steps]))
    return Fields(run.dataset.isel({layout.time: steps}), part, **window)


def _add(result: AtPlaces, fields: Fields) -> None:
    said = {(problem.position, problem.reason) for problem in result.problems}
    result.problems += [problem for problem in fields.problems if (problem.position, problem.reason) not in said]
    result.notes += [note for note in fields.notes if note not in result.notes]
