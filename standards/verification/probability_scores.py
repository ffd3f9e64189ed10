"""Scores of forecasts that say how sure they are: quantiles and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.verification.pairs import Score, checked, paired, ratio


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How often an event happened where its probability was said to be so. said, happened: mean probability and observed
    frequency of each bin (bin,), NaN where it has no forecast. n: forecasts in it (bin,).
    """

    said: np.ndarray
    happened: np.ndarray
    n: np.ndarray

    @property
    def parts(self) -> tuple[float, float, float]:
        """Give reliability, resolution and uncertainty; the first less the second plus the third is the Brier score of the bins'
        mean probabilities. NaN without a forecast.

        Source: Murphy 1973 (J. Appl. Meteorol. 12:595), equation 9; Wilks 2011, 8.4.3.
        """
        there, total = self.n > 0, float(self.n.sum())
        if not total:
            return (float("nan"),) * 3
        n, said, happened = self.n[there], self.said[there], self.happened[there]
        base = float((n * happened).sum() / total)
        off, apart = (float((n * (happened - each) ** 2).sum() / total) for each in (said, base))
        return off, apart, base * (1.0 - base)


def reliability(obs: np.ndarray, fcst: np.ndarray, *, bins: int = 10) -> Reliability:
    """Compare probabilities with how often the event happened, in bins of equal width.

    obs: 1 where the event happened, 0 where not. fcst: its probability, 0 to 1, of the same shape. A probability on the edge
    of two bins belongs to the lower one. Missing: pairs that are not complete take no part.
    Errors: ValueError where the shapes differ, a value is not within 0 to 1, or there is no bin.
    Source: Wilks 2011, 8.4.4 (the reliability diagram).
    """
    if bins < 1:
        raise ValueError(f"bins is {bins}, expected 1 or more")
    obs, fcst = checked(obs, "obs", highest=1.0), checked(fcst, "fcst", highest=1.0)
    p = paired(obs, fcst, axis=None, missing="omit")
    seen, said = p.obs[p.complete], p.fcst[p.complete]
    at = np.searchsorted(np.linspace(0.0, 1.0, bins + 1)[1:-1], said)
    n = np.bincount(at, minlength=bins)
    sums = (np.bincount(at, weights=each, minlength=bins) for each in (said, seen))
    told, happened = (ratio(each, n) for each in sums)
    return Reliability(told, happened, n)


def quantile_loss(
    obs: np.ndarray, fcst: np.ndarray, *, level: float, axis: int | None = None, missing: str = "omit"
) -> Score:
    """Compute the mean quantile loss, 1/N sum((O - F) (level - [O < F])), which the true quantile makes least.

    obs, fcst [one unit, 0 or more]: of one shape, NaN for missing. level: of the quantile, between 0 and 1. axis: over
    which pairs are scored, None for all. missing: "omit" or "propagate". Returns Score [same unit].
    Missing: no complete pair gives NaN, with n = 0.
    Errors: ValueError where the shapes differ, a value is negative or infinite, or level is not between 0 and 1.
    Source: Koenker and Bassett 1978 (Econometrica 46:33).
    """
    _require_level(level)
    p = paired(obs, fcst, axis=axis, missing=missing)
    off = p.obs - p.fcst
    return Score(ratio(p.sum(off * (level - (off < 0))), p.n), p.n)


def coverage(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the share of observations within an interval, both ends belonging to it.

    obs [one unit, 0 or more]: (...). fcst [same unit]: (2, ...), low and high. axis: of obs. missing: "omit" or
    "propagate". Returns Score [1].
    Missing: NaN in any of the three leaves the pair out.
    Errors: ValueError where the shapes differ, a value is negative or infinite, or low is above high.
    Source: Wilks 2011, 8.4 (interval forecasts).
    """
    low, high = checked(fcst, "fcst")
    if (low > high).any():
        raise ValueError(
            f"fcst has the interval {low[low > high][0]:g} to {high[low > high][0]:g}, expected low not above high"
        )
    obs = checked(obs, "obs")
    within = np.where(np.isnan(obs + low + high), np.nan, (low <= obs) & (obs <= high))
    p = paired(within, within, axis=axis, missing=missing)
    return Score(ratio(p.sum(p.obs), p.n), p.n)


def brier(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the Brier score, 1/N sum((P - O)^2), 0 perfect.

    obs: 1 where the event happened, 0 where not. fcst: its probability, 0 to 1. Other arguments and missing values as
    quantile_loss. Returns Score [1].
    Errors: ValueError where the shapes differ or a value is not within 0 to 1.
    Source: Brier 1950 (Mon. Weather Rev. 78:1).
    """
    obs, fcst = checked(obs, "obs", highest=1.0), checked(fcst, "fcst", highest=1.0)
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(ratio(p.sum((p.fcst - p.obs) ** 2), p.n), p.n)


def _require_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}, expected between 0 and 1")
