"""Daily values that stand out so far that a person should look: flagged, never removed."""

from __future__ import annotations

import numpy as np

from standards.assessment.percentiles import percentile
from standards.assessment.rules import AssessmentRules

_PERCENT = 98


def suspect_bound(daily: np.ndarray, *, rules: AssessmentRules) -> np.ndarray:
    """Give the value above which a day of a period is flagged.

    daily [any unit]: (..., day). Returns float64 [same unit] of the leading shape: rules.suspect_times_p98 times the
    98th percentile of the period.
    Missing: fewer than rules.suspect_min_days values give NaN, which flags nothing.
    Source: none; a rule of ours, in tables/hj663_*.csv.
    """
    enough = np.isfinite(daily).sum(axis=-1) >= rules.suspect_min_days
    return np.where(enough, rules.suspect_times_p98 * percentile(daily, _PERCENT), np.nan)


def suspect_days(daily: np.ndarray, bound: np.ndarray) -> np.ndarray:
    """Flag the days above their bound: daily (..., day) and bound (...) give bool (..., day), False where missing."""
    return np.asarray(daily) > np.asarray(bound)[..., None]
