"""A series in the weather of its whole record: the mean of a model's predictions over that weather, with its spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ml.normalise.design import TREND, Design, day_of_year, months_of
from ml.normalise.models import LIGHTGBM, trained
from ml.normalise.trees import Trees, mean_over_pool, predicted

KEEP_TREND, KEEP_TIME = "trend", "time"
"""What stays as it was: the trend term alone (Grange et al. 2018: season and working week are averaged over too, so a year has
one level), or all terms of time (only weather is averaged over, so the cycle of emissions by season, day and hour stays)."""
WHOLE, SEASON = "whole", "season"
"""Whose weather is averaged over: the whole record's, or that of the same time of the year (Vu et al. 2019), which puts no
winter's weather into July."""
SEASON_DAYS, SEASON_STEP_DAYS = 14, 7
"""How far the weather of a season reaches to both sides, and how many days share one such pool [days]."""
SEEDS = (1, 2, 3)
MONTH_SHARE = 0.5
"""Share of a month's rows that must be there for its mean (our choice)."""


@dataclass(frozen=True, eq=False)
class Normalised:
    """A normalised series [unit of the series]. values: (time,), mean over the seeds, NaN where the series or its
    weather was missing.

    by_seed: (seed, time). spread: (time,), standard deviation over the seeds, NaN with one. fit_r2: of the models on what
    they were trained on, which is no skill. keep, pool, model, seeds: how it was made.
    """

    values: np.ndarray
    by_seed: np.ndarray
    spread: np.ndarray
    fit_r2: float
    keep: str
    pool: str
    model: str
    seeds: tuple[int, ...]


def normalise(
    design: Design,
    length: int,
    *,
    keep: str = KEEP_TREND,
    pool: str = WHOLE,
    model: str = LIGHTGBM,
    seeds: Sequence[int] = SEEDS,
) -> Normalised:
    """Normalise a series.

    design: as design_of gives it. length: of the whole series. keep: KEEP_TREND or KEEP_TIME. pool: WHOLE or SEASON, the
    latter with KEEP_TIME. model: one of models.MODELS. seeds: a model is trained for each. Returns Normalised.
    Missing: stays missing. Errors: ValueError where an option is none of these or two do not go together, without a seed, or
    where the series has more rows than length.
    Source: Grange et al. 2018, Atmos. Chem. Phys. 18:6223; Grange and Carslaw 2019, Sci. Total Environ. 653:578 (both by
    drawing weather at random; the mean here is the one that drawing approaches).
    """
    if not len(seeds) or length <= design.rows.max():
        raise ValueError(
            f"{len(seeds)} seeds and a length of {length}, expected one seed or more and more than {design.rows.max()} rows"
        )
    free, groups = resampled_features(design, keep=keep), list(_pools(design, keep=keep, pool=pool))
    by_seed, fitted = np.full((len(seeds), length), np.nan), np.zeros(len(design.rows))
    for s, seed in enumerate(seeds):
        trees = trained(design.table, design.target, model=model, seed=seed)
        fitted += predicted(trees, design.table) / len(seeds)
        for rows, weather in groups:
            by_seed[s, design.rows[rows]] = mean_over_pool(
                trees, design.table[rows], design.table[weather], resampled=free
            )
    spread = by_seed.std(axis=0, ddof=1) if len(seeds) > 1 else np.full(length, np.nan)
    return Normalised(by_seed.mean(axis=0), by_seed, spread, r2(design.target, fitted), keep, pool, model, tuple(seeds))


def resampled_features(design: Design, *, keep: str) -> np.ndarray:
    """Say which features are averaged over, bool (feature,)."""
    if keep not in (KEEP_TREND, KEEP_TIME):
        raise ValueError(f"keep is {keep!r}, expected {KEEP_TREND!r} or {KEEP_TIME!r}")
    return design.weather.copy() if keep == KEEP_TIME else np.array([name != TREND for name in design.names])


def _pools(design: Design, *, keep: str, pool: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    # Rows, and whose weather they are given.
    every = np.arange(len(design.rows))
    if pool == WHOLE:
        yield every, every
        return
    if pool != SEASON or keep != KEEP_TIME:
        raise ValueError(f"pool is {pool!r} with keep {keep!r}, expected {WHOLE!r}, or {SEASON!r} with {KEEP_TIME!r}")
    day = day_of_year(design.moments)
    for first in range(1, 367, SEASON_STEP_DAYS):
        rows = every[(day >= first) & (day < first + SEASON_STEP_DAYS)]
        away = np.abs(day - (first + SEASON_STEP_DAYS // 2))
        if len(rows):
            yield rows, every[np.minimum(away, 366 - away) <= SEASON_DAYS]


def drawn(
    trees: Trees, rows: np.ndarray, pool: np.ndarray, *, resampled: np.ndarray, draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Normalise by drawing: predict each row with the resampled features of a row of the pool drawn at random, `draws` times.

    rows, pool: (row, feature). Returns mean and standard deviation over the draws, each (row,): the latter says how far
    weather alone moves the value at that time; the mean's own error is the deviation over the root of draws, which
    mean_over_pool does not have.
    Source: Grange et al. 2018 (draws with replacement, all resampled variables of one row together, so that they go
    together).
    """
    chance, total, squares = np.random.default_rng(seed), np.zeros(len(rows)), np.zeros(len(rows))
    for _ in range(draws):
        table = np.where(resampled, pool[chance.integers(len(pool), size=len(rows))], rows)
        y = predicted(trees, table)
        total += y
        squares += y * y
    mean = total / draws
    return mean, np.sqrt(np.maximum(squares / draws - mean**2, 0.0))


def monthly(
    values: np.ndarray, moments: np.ndarray, *, min_share: float = MONTH_SHARE
) -> tuple[np.ndarray, np.ndarray]:
    """Average a series over calendar months.

    values: (..., time). moments: local datetime64 (time,), as design.local_moments of the whole series. Returns months
    datetime64[M] (month,), consecutive, and means (..., month).
    Missing: NaN is left out; a month with less than min_share of the days that it has in the calendar, as a share of rows at
    the series' usual step, is NaN.
    """
    months = months_of(moments)
    every = np.arange(months[0], months[-1] + 1)
    at = (months - months[0]).astype(np.int64)
    step_h = float(np.median(np.diff(moments.astype("datetime64[h]").astype(np.int64)))) if len(moments) > 1 else 24.0
    days = ((every + 1).astype("datetime64[D]") - every.astype("datetime64[D]")).astype(np.int64)
    present, flat = np.isfinite(values), np.nan_to_num(values)
    shape = (*values.shape[:-1], len(every))
    sums, counts = np.zeros(shape), np.zeros(shape)
    for m in range(len(every)):
        sums[..., m], counts[..., m] = flat[..., at == m].sum(axis=-1), present[..., at == m].sum(axis=-1)
    enough = counts >= np.maximum(min_share * days * 24.0 / step_h, 1.0)
    return every, np.where(enough, sums / np.maximum(counts, 1.0), np.nan)


def r2(observed: np.ndarray, predicted_values: np.ndarray) -> float:
    """Give the share of the variance that predictions account for, 1 - SSE / SST, over pairs without a gap; below 0 where the
    mean would have been better, NaN where observations do not vary."""
    both = np.isfinite(observed) & np.isfinite(predicted_values)
    seen, told = observed[both], predicted_values[both]
    around = float(((seen - seen.mean()) ** 2).sum()) if len(seen) else 0.0
    return 1.0 - float(((seen - told) ** 2).sum()) / around if around > 0 else float("nan")
