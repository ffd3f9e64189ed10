"""Gates of what a model has said: in the order of time, better than simple forecasts, complete, and calibrated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.gates.errors import GateError
from ml.gates.evaluation import PERSISTENCE, Evaluation
from ml.gates.results import (
    CALIBRATION,
    CHRONOLOGY,
    COMPLETENESS,
    FAILED,
    PASSED,
    RANDOM_GAP,
    SKILL,
    WARNED,
    GateResult,
)
from ml.gates.scores import LeadScore, by_lead, complete
from ml.gates.splits import BY_TIME, CHRONOLOGICAL

LEAST_COMPLETE = 0.9
"""Share of the observed rows for which a model has to have said something."""
LEAST_BESIDE = 0.75
"""Share of the predicted rows for which each baseline has to have said something: persistence lacks what was not observed at
the issue, and rows that lack one do not count in any score. Chosen."""
BASELINE_WITHIN, LEAST_MATCHED = 0.1, 24
"""By which part of its own error persistence may differ from what was observed at the issue, and on how many pairs at least
that is looked at."""
LEAST_DAYS = 30
"""Days of test below which a score is shown with a warning [d]."""
BLOCK_DAYS, LEAST_BLOCKS = 5, 6
"""Days of a block [d], within which errors belong together; below so many blocks chance is not worked out."""
INDEPENDENT_H = 72
"""Hours of air that go together [h], so that a month holds about ten that tell of something new."""
CALIBRATED_WITHIN = 0.05
"""By how much the share of observations below a quantile may differ from its level."""
RANDOM_GAP_FROM = 0.1
"""From which part of the chronological error on the gap to a random split is a warning."""


def in_time(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Give the evaluations whose training ended before their test, the only ones that count as scores."""
    return [each for each in evaluations if each.split in BY_TIME]


def chronology(
    evaluations: Sequence[Evaluation], *, quantities: Sequence[str], embargo_h: int, until: int | None = None,
    horizon_h: int | None = None,
) -> GateResult:  # fmt: skip
    """Judge the order of time: each quantity has a test that lies more than embargo_h [h] after the training, in each row.

    until [epoch h]: the last hour that the model itself has learned from, by its card; a test that was trained once cannot
    have been trained until an earlier one. horizon_h [h]: the longest lead that the card declares, by which the embargo was
    worked out; a longer one is not judged by it.
    """
    timely = in_time(evaluations)
    if lacking := [name for name in quantities if name not in {each.quantity for each in timely}]:
        return GateResult(CHRONOLOGY, FAILED, "chronology_lacking", {"names": ", ".join(lacking)})
    longest = max((int(each.lead_h.max()) for each in timely), default=0)
    if horizon_h is not None and longest > horizon_h:
        return GateResult(CHRONOLOGY, FAILED, "chronology_beyond", {"lead": longest, "horizon": horizon_h})
    gap = min((int((each.hour - _until(each, until)).min()) for each in timely), default=0)
    said = {"gap": gap, "embargo": embargo_h}
    return GateResult(
        CHRONOLOGY, *((PASSED, "chronology_kept") if gap > embargo_h else (FAILED, "chronology_broken")), said
    )


def _until(evaluation: Evaluation, until: int | None) -> np.ndarray:
    # Of a rolling origin each row has a training of its own; one training for all rows is that of the card.
    once = evaluation.split == CHRONOLOGICAL or len(np.unique(evaluation.trained_until)) == 1
    return np.maximum(evaluation.trained_until, until) if once and until is not None else evaluation.trained_until


def skill(evaluations: Sequence[Evaluation]) -> GateResult:
    """Judge the mean absolute error beside every baseline: failed where one is not beaten, warned where so at some lead.

    Persistence has to be what it says: the value that was observed at the issue time, where the pairs have that hour too. A
    weaker one would make any model good, and one of other hours tells that the observations are shifted.
    """
    worse: list[str] = []
    for each in in_time(evaluations):
        away, of, pairs = _persistence_off(each)
        if away > BASELINE_WITHIN * of:
            return GateResult(
                SKILL, FAILED, "skill_baseline", {"quantity": each.quantity, "away": away, "pairs": pairs}
            )
        total, *leads = by_lead(each)
        if total.mae is None:
            return GateResult(SKILL, FAILED, "skill_nothing", {"quantity": each.quantity})
        name, best = _best(total)
        if not total.mae < best:
            said = {"quantity": each.quantity, "mae": total.mae, "baseline": name, "best": best}
            return GateResult(SKILL, FAILED, "skill_not", said)
        worse += [f"{each.quantity} {s.lead_h} h" for s in leads if s.mae is not None and not s.mae < _best(s)[1]]
    if worse:
        return GateResult(SKILL, WARNED, "skill_some", {"where": ", ".join(worse[:8]), "count": len(worse)})
    return GateResult(SKILL, PASSED, "skill_all")


def _persistence_off(evaluation: Evaluation) -> tuple[float, float, int]:
    """Give by how much persistence differs from the observation of the issue time, the error of the latter, and pairs."""
    places, place = np.unique(evaluation.place, return_inverse=True)
    first = min(int(evaluation.hour.min()), int(evaluation.issued.min()))
    seen = np.full((len(places), int(evaluation.hour.max()) - first + 1), np.nan)
    known = np.isfinite(evaluation.observed)
    seen[place[known], evaluation.hour[known] - first] = evaluation.observed[known]
    before = seen[place, evaluation.issued - first]
    both = np.isfinite(before) & np.isfinite(evaluation.baselines[PERSISTENCE]) & known
    if both.sum() < LEAST_MATCHED:
        return 0.0, 0.0, int(both.sum())
    away = np.abs(evaluation.baselines[PERSISTENCE] - before)[both].mean()
    return float(away), float(np.abs(before - evaluation.observed)[both].mean()), int(both.sum())


def _best(score: LeadScore) -> tuple[str, float]:
    return min(score.baselines.items(), key=lambda item: item[1])


def completeness(evaluations: Sequence[Evaluation]) -> GateResult:
    """Judge for how many of the observed rows the model said something, and the baselines beside it, whether days were left
    out, and whether the test is long enough."""
    least, days, of = 1.0, np.inf, ""
    for each in in_time(evaluations):
        observed = np.isfinite(each.observed)
        share = float(np.isfinite(each.predicted[observed]).mean()) if observed.any() else 0.0
        if share <= least:
            least, of = share, each.quantity
        if beside := _without_baseline(each, observed):
            return GateResult(COMPLETENESS, FAILED, "completeness_beside", beside)
        held = np.unique(each.hour // 24)
        if len(held) < LEAST_COMPLETE * (span := int(held[-1] - held[0]) + 1):
            picked = {"quantity": each.quantity, "span": span, "days": len(held)}
            return GateResult(COMPLETENESS, FAILED, "completeness_days", picked)
        days = min(days, len(np.unique(each.hour[complete(each)] // 24)))
    said = {"share": 100 * least, "quantity": of, "least": 100 * LEAST_COMPLETE}
    if not of or least < LEAST_COMPLETE:
        return GateResult(COMPLETENESS, FAILED, "completeness_not", said)
    if days < LEAST_DAYS:
        return GateResult(COMPLETENESS, WARNED, "completeness_short", {"days": int(days), "least": LEAST_DAYS})
    return GateResult(COMPLETENESS, PASSED, "completeness_kept", said)


def _without_baseline(evaluation: Evaluation, observed: np.ndarray) -> dict[str, str | float]:
    """Give what is said of the baseline that is missing most where the model is judged; nothing where all are there."""
    judged = observed & np.isfinite(evaluation.predicted)
    if not judged.any():
        return {}
    shares = {name: float(np.isfinite(values[judged]).mean()) for name, values in evaluation.baselines.items()}
    name = min(shares, key=shares.__getitem__)
    said = {"quantity": evaluation.quantity, "baseline": name, "share": 100 * shares[name], "least": 100 * LEAST_BESIDE}
    return said if shares[name] < LEAST_BESIDE else {}


def calibration(
    evaluations: Sequence[Evaluation], *, levels: Sequence[float], within: float = CALIBRATED_WITHIN
) -> GateResult:
    """Judge the quantiles: there for the rows that were predicted, in order in every row, and as many observations below each
    as its level says, give or take within.

    What is further off than that, but by no more than chance explains in a test of so many days, is a warning.

    Where observations equal a quantile (they are rounded), any share between those below and those not above will do.
    """
    worst = (-np.inf, 0.0, {})
    for each in in_time(evaluations):
        if lacking := [level for level in levels if level not in each.quantiles]:
            return GateResult(CALIBRATION, FAILED, "calibration_lacking",
                              {"quantity": each.quantity, "levels": ", ".join(f"{v:g}" for v in lacking)})  # fmt: skip
        table = np.stack([each.quantiles[level] for level in sorted(levels)])
        rows = np.isfinite(table).all(axis=0) & np.isfinite(each.observed)
        if not rows.any():
            return GateResult(CALIBRATION, FAILED, "calibration_lacking",
                              {"quantity": each.quantity, "levels": ", ".join(f"{v:g}" for v in levels)})  # fmt: skip
        judged = np.isfinite(each.observed) & np.isfinite(each.predicted)
        if (share := float(np.isfinite(table[:, judged]).all(axis=0).mean())) < LEAST_COMPLETE:
            said = {"quantity": each.quantity, "share": 100 * share, "least": 100 * LEAST_COMPLETE}
            return GateResult(CALIBRATION, FAILED, "calibration_picked", said)
        if (crossed := _crossed(table)) > 0:
            return GateResult(CALIBRATION, FAILED, "calibration_crossed", {"quantity": each.quantity, "rows": crossed})
        for level, values in zip(sorted(levels), table[:, rows], strict=True):
            share, chance = _below(each.observed[rows], values, level, each.hour[rows])
            away, said = abs(share - level), {"level": 100 * level, "share": 100 * share}
            # The gravest is what chance explains least.
            worst = max(worst, (away - chance, away, {"quantity": each.quantity} | said), key=lambda found: found[0])
    beyond, _, said = worst
    away = max(abs(said["share"] - said["level"]) / 100, 0.0)
    said |= {"within": 100 * within}
    if beyond > within:
        return GateResult(CALIBRATION, FAILED, "calibration_not", said)
    if away > within:
        return GateResult(CALIBRATION, WARNED, "calibration_open", said)
    return GateResult(CALIBRATION, PASSED, "calibration_kept", said)


def _crossed(table: np.ndarray) -> int:
    """Count the rows of which a quantile (level, row) lies below that of a smaller level, whichever are missing between."""
    return int((table < np.fmax.accumulate(table, axis=0)).any(axis=0).sum())


def _below(observed: np.ndarray, values: np.ndarray, level: float, hours: np.ndarray) -> tuple[float, float]:
    """Give the share of observations below a quantile, and by how much chance alone moves it in 95 of 100 cases: errors of
    an episode belong together, so that blocks of days are counted and not rows; 0 where there are too few blocks to tell."""
    low, high = observed < values, observed <= values
    share = float(np.clip(level, low.mean(), high.mean()))
    _, block = np.unique(hours // (24 * BLOCK_DAYS), return_inverse=True)
    count = np.bincount(block)
    if len(count) < LEAST_BLOCKS:
        return share, 0.0
    hits = np.bincount(block, np.clip(level, low, high) if share == level else (low if share > level else high))
    spread = np.sqrt(((hits - share * count) ** 2).sum() * len(count) / (len(count) - 1)) / count.sum()
    # Few hits spread little: at least as much as so many independent stretches of air would.
    least = np.sqrt(level * (1 - level) / len(np.unique(hours // INDEPENDENT_H)))
    return share, 1.645 * float(max(spread, least))


def random_split_gap(quantity: str, *, random_mae: float, chronological_mae: float) -> GateResult:
    """Say how much smaller the error of a random split looks: a warning where it is much, and never a score.

    random_mae, chronological_mae [the quantity's unit]: mean absolute errors of the same model in both splits. Errors:
    GateError where one is no number, or the latter is 0.
    """
    if not (np.isfinite(random_mae) and np.isfinite(chronological_mae) and chronological_mae > 0):
        raise GateError(
            f"errors of {quantity} are {random_mae:g} in a random split and {chronological_mae:g} in the order of time, "
            f"expected numbers, the latter above 0"
        )
    gap = 1 - random_mae / chronological_mae
    outcome = (WARNED, "random_gap_large") if gap >= RANDOM_GAP_FROM else (PASSED, "random_gap_small")
    return GateResult(RANDOM_GAP, *outcome, {"quantity": quantity, "gap": 100 * gap, "honest": chronological_mae})
