"""The limits of the quality flags: read from tables that say of each where it comes from.

quality_limits.csv has a line for each limit, item and day from which it holds; basis is "standard", "physics", "choice" (this
platform's) or "tuned" (on one seed of the virtual airshed). quality_sentinels.csv has the numbers that stand for "nothing was
measured" though they look like one.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS

LIMITS = Path(__file__).with_name("quality_limits.csv")
SENTINELS = Path(__file__).with_name("quality_sentinels.csv")
NAMES = (
    "low", "high", "unit_above", "unit_below", "alone_above", "alone_below", "unit_hours", "stuck_above", "stuck_evidence",
    "noise_least", "noise_share", "spike_jump", "spike_share", "apart_gap",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class QualityRules:
    """Limits by item, each (item, 1, 1) in the order of ITEMS and in the item's unit unless said otherwise.

    low, high: what is outside cannot be. unit_above, unit_below: beyond which a value is looked at for a unit that is off by
    1000; alone_above, alone_below, unit_hours [h]: beyond which, for how many hours, it is where nobody stands around.
    stuck_above: small values repeat by themselves. stuck_evidence [1]: logarithm of the odds against chance from which a run of
    equal hours is stuck. noise_least, noise_share [1]: by how much two hours of steady air differ, absolute and relative.
    spike_jump, spike_share [1]: the least step up and down again, absolute and as a share of the higher side. apart_gap: the
    least distance from the neighbours' median.
    sentinels: by item the numbers that stand for nothing.
    """

    low: np.ndarray
    high: np.ndarray
    unit_above: np.ndarray
    unit_below: np.ndarray
    alone_above: np.ndarray
    alone_below: np.ndarray
    unit_hours: np.ndarray
    stuck_above: np.ndarray
    stuck_evidence: np.ndarray
    noise_least: np.ndarray
    noise_share: np.ndarray
    spike_jump: np.ndarray
    spike_share: np.ndarray
    apart_gap: np.ndarray
    sentinels: tuple[np.ndarray, ...] = ()
    spike_spreads: float = 0.8
    """A spike's step must pass so many times the spread of the hours around it."""
    spike_alone: float = 0.8
    """And so much of it must be left over what the neighbours' median did in these hours."""
    apart_sigmas: float = 5.0
    apart_others: int = 3
    """With fewer other stations nobody stands apart."""
    inverted_gap_ugm3: float = 20.0
    inverted_share: float = 0.2
    """PM2.5 is a part of PM10: by how much it must be the larger, absolute and relative, before the two contradict each other."""


@lru_cache(maxsize=8)
def load_rules(on: dt.date | None = None, path: Path = LIMITS, sentinels: Path = SENTINELS) -> QualityRules:
    """Read the limits in force on a day, None for the newest.

    Errors: ValueError where a limit is missing for an item, or a line has no source.
    """
    chosen: dict[tuple[str, str], float] = {}
    for row in sorted(_rows(path), key=lambda row: row["valid_from"]):
        if on is None or row["valid_from"] <= on.isoformat():
            chosen[row["limit"], row["item"]] = float(row["value"])
    if missing := [f"{name} of {item}" for name in NAMES for item in ITEMS if (name, item) not in chosen]:
        raise ValueError(
            f"{path.name} has no line for {', '.join(missing[:3])} on {on}, expected one per limit and item"
        )
    limits = {name: np.array([chosen[name, item] for item in ITEMS])[:, None, None] for name in NAMES}
    return QualityRules(**limits, sentinels=_sentinels(sentinels))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if bare := [row for row in rows if not row["source"] or not row["basis"]]:
        raise ValueError(f"{path.name}: {bare[0]} has no source, expected one in every line")
    return rows


def _sentinels(path: Path) -> tuple[np.ndarray, ...]:
    rows = _rows(path)
    return tuple(np.array(sorted(float(row["value"]) for row in rows if row["item"] == item)) for item in ITEMS)
