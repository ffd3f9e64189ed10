"""Rain of an hour from what models write: amounts of a step, rates, totals since the start, and WRF's totals in buckets.

    amounts   of the step that ends at the stamp (RN+RC, rain_mm, precipitation_amount; cell_methods "time: sum")
    rates     mm per hour, mean of the step (prate, precipitation_flux)
    totals    since the start (RAINC+RAINNC, tp): differences, missing in the first step; where a total falls back it was set
              to zero meanwhile, nobody knows when, and the step is missing
    buckets   WRF's I_RAINC and I_RAINNC times BUCKET_MM are added to the totals

Sources: WRF-ARW User's Guide (bucket_mm), ECMWF parameter 228 (tp), CF-1.11 chapter 7.3.
"""

from __future__ import annotations

import re

import numpy as np

from streams.sources.tally import Unusable

BUCKETS = {"rainc": "I_RAINC", "rainnc": "I_RAINNC"}
"""WRF's totals to how often their bucket was emptied."""
FALL_MM = 0.1
"""How far a total may fall by packing; what falls further was set to zero."""
MOST_FALLS = 0.1
"""Share of the steps in which a total may be set to zero; a total that falls more often is none."""
SINCE_START = re.compile(
    r"\bsince (?:the )?(?:\w+ )?(?:start|begin|init)|from (?:the )?(?:start|begin\w*) of"
    r"|\b(?:run|simulation)[- ]total\b|\baccumulated total\b",
    re.IGNORECASE,
)
"""Descriptions of a total under a name of amounts."""
OF_STEP = re.compile(
    r"\b(?:in|of|over|during) (?:the )?(?:last|past|previous|preceding)\b|\bhourly\b|\bper (?:hour|step)\b"
    r"|\b(?:last|past|previous|preceding) (?:\d+ ?)?(?:h|hours?|step)\b",
    re.IGNORECASE,
)
"""Descriptions of an amount of each step under a name of totals."""
RESET_SHARE = 0.01
"""Share of the cells that must fall for the whole step to be one in which the total was set to zero."""


def of_total(total: np.ndarray, name: str) -> tuple[np.ndarray, str]:
    """Give rain of each step [mm] from totals since the start [mm], both (step, row, column), and a note (empty: none).

    Missing: the first step, cells without a total on one side, cells and steps in which the total was set to zero. Raise
    Unusable for what falls too often to be a total.
    """
    first = np.full((1, *total.shape[1:]), np.nan, np.float32)
    steps = np.diff(total, axis=0)
    with np.errstate(invalid="ignore"):
        fallen = steps < -np.maximum(FALL_MM, 1e-4 * total[:-1])
    wet = np.count_nonzero(total[:-1] > FALL_MM, axis=(1, 2))
    reset = np.count_nonzero(fallen, axis=(1, 2)) > np.maximum(RESET_SHARE * wet, 0.5)
    if reset.sum() > max(1, MOST_FALLS * reset.size):
        found = f"it falls in {int(reset.sum())} of {reset.size} steps"
        expected = "a total since the start, or amounts of a step under a name of theirs"
        raise Unusable(f"variable {name}", "not a total since the start of the run", found, expected)
    # Packing lets a total fall back by a hair.
    amounts = np.where(fallen, np.float32(np.nan), np.maximum(steps, 0))
    amounts[reset] = np.nan
    note = f"{name} was set to zero in {int(reset.sum())} steps: their rain is missing" if reset.any() else ""
    return np.concatenate([first, amounts]), note
