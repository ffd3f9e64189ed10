"""A series with its models: what it is in the usual weather of the season, and what models said of stretches kept from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.normalise.design import Design, design_of
from ml.normalise.models import LIGHTGBM, LIGHTGBM_SETTINGS, ROUNDS, trained
from ml.normalise.normalised import KEEP_TIME, SEASON, normalise, r2
from ml.normalise.trees import predicted
from standards.days import UTC_OFFSET_HOURS

SEEDS = (1, 2)
STRETCH_DAYS, FOLDS = 14, 5
"""Fortnights are kept from the models in turn, every fifth together: weather goes together for days, not for weeks."""
DIGITS = 16


@dataclass(frozen=True, eq=False)
class Fitted:
    """A series as its models have it, a row each of its complete rows [unit of the series].

    days: datetime64[D], local. hours: averaged hours of each row. observed, held_out: (row,), the latter by models that had
    not seen the row's fortnight. by_seed: (seed, row), normalised: weather of the same fortnights of all years in place of its own,
    season, week and hour of the day kept. skill: R2 of held_out, at most 1, below 0 where the mean had been better. digest: of
    all that the models are made of.
    """

    days: np.ndarray
    hours: np.ndarray
    observed: np.ndarray
    held_out: np.ndarray
    by_seed: np.ndarray
    skill: float
    digest: str

    @property
    def normalised(self) -> np.ndarray:
        """Give the mean over the seeds (row,)."""
        return self.by_seed.mean(axis=0)

    @property
    def record_days(self) -> int:
        """Tell how many days lie between the first and the last row, both counted."""
        return int((self.days[-1] - self.days[0]).astype(np.int64)) + 1


def fitted(
    values: np.ndarray,
    hour_ends: np.ndarray,
    weather: Mapping[str, np.ndarray],
    *,
    hours: np.ndarray | None = None,
    utc_offset_h: float = UTC_OFFSET_HOURS,
    seeds: Sequence[int] = SEEDS,
) -> Fitted:
    """Fit a series to its weather and normalise it.

    values, hour_ends, weather: as design_of takes them. hours: how many hours each value averages (time,), by default 1.
    Missing: a row that lacks its value or any weather takes no part.
    Errors: TooLittle and ValueError of design_of.
    Source: weather of the same fortnights: Vu et al. 2019, Atmos. Chem. Phys. 19:11303; the mean itself: ml.normalise.normalised.
    """
    design = design_of(values, hour_ends, weather, utc_offset_h=utc_offset_h)
    made = normalise(design, len(values), keep=KEEP_TIME, pool=SEASON, seeds=seeds)
    told = held_out(design, seed=seeds[0])
    counted = np.ones(len(values)) if hours is None else np.asarray(hours, np.float64)
    return Fitted(
        design.moments.astype("datetime64[D]"), counted[design.rows], design.target, told, made.by_seed[:, design.rows],
        r2(design.target, told), digest_of(design, seeds),
    )  # fmt: skip


def held_out(design: Design, *, seed: int) -> np.ndarray:
    """Give what models say of the fortnights that were kept from them (row,) [unit of the series]."""
    days = design.moments.astype("datetime64[D]").astype(np.int64)
    fold = (days - days[0]) // STRETCH_DAYS % FOLDS
    told = np.full(len(design.target), np.nan)
    for each in np.unique(fold):
        kept = fold != each
        trees = trained(design.table[kept], design.target[kept], model=LIGHTGBM, seed=seed)
        told[~kept] = predicted(trees, design.table[~kept])
    return told


def digest_of(design: Design, seeds: Sequence[int]) -> str:
    """Give how the SHA-256 of what models are made of begins: rows, names, settings, seeds; equal digests, equal models."""
    made = hashlib.sha256(repr((design.names, sorted(LIGHTGBM_SETTINGS.items()), ROUNDS, tuple(seeds))).encode())
    for each in (design.table, design.target):
        made.update(np.ascontiguousarray(each).tobytes())
    return made.hexdigest()[:DIGITS]
