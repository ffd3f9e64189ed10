"""A long history, window after window: each is attributed by what was known at its end, and by nothing later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ml.attribution.attribute import attribute
from ml.attribution.learn import Correction, learn
from ml.attribution.observations import Observations
from ml.attribution.outcome import Attribution
from ml.attribution.pseudo import Prior
from ml.attribution.tags import TagEnsemble
from standards.days import HOURS_PER_DAY

STEP_DAYS, REACH_DAYS = 30, 45
"""A correction serves for so many days, and is learned from so many up to their end."""


def corrections(
    tags: TagEnsemble,
    seen: Observations,
    *,
    step_days: int = STEP_DAYS,
    reach_days: int = REACH_DAYS,
    prior: Prior | None = None,
    seed: int = 1,
) -> Iterator[tuple[TagEnsemble, Observations, Correction]]:
    """Give the windows of a history with their corrections, each learned from the days up to its end."""
    last = tags.first_hour + tags.hours - 1
    for first in range(tags.first_hour, last + 1, step_days * HOURS_PER_DAY):
        end = min(first + step_days * HOURS_PER_DAY - 1, last)
        begin = max(tags.first_hour, end + 1 - reach_days * HOURS_PER_DAY)
        how = learn(tags.between(begin, end), seen.between(begin, end), prior=prior, seed=seed)
        yield tags.between(first, end), seen.between(first, end), how


def attribute_history(tags: TagEnsemble, seen: Observations, *, quantity: str = "pm25", **settings) -> Attribution:
    """Attribute all hours of a history; settings: of corrections(). A history's first hour begins a natural day."""
    parts = [attribute(t, s, how, quantity=quantity) for t, s, how in corrections(tags, seen, **settings)]
    return joined(parts)


def joined(parts: list[Attribution]) -> Attribution:
    """Put attributions of spans that follow one another together; the grounds are those of the last."""

    def end_to_end(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    removal = None if any(part.removal is None for part in parts) else end_to_end("removal")
    widths = {k: np.concatenate([p.half_width[k] for p in parts], axis=-1) for k in parts[0].half_width}
    return replace(
        parts[-1], times=end_to_end("times"), total=end_to_end("total"), observed=end_to_end("observed"),
        values=end_to_end("values"), half_width=widths, removal=removal,
    )  # fmt: skip
