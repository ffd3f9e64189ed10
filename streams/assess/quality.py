"""Quality flags of station hours: out of range, spike, stuck, apart from its neighbours. A flag never deletes a value.

The kinds follow the usual checks of a network (for Chinese stations: Wu et al. 2018, Advances in Atmospheric Sciences
35, 1522, who look for spatially and temporally inconsistent and for invariant values). The thresholds are in
quality_limits.csv: where no standard gives one they were chosen so that of ten thousand hours at six stations of
Beijing, 2013 to 2017, some three are spikes, one is stuck (ozone: 66, its published values do stand still) and twenty
stand apart.

Flags are local: those of an hour depend only on the hours from LOOKBACK before to LOOKAHEAD after it.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from streams.registry.members import Neighbours

KINDS = ("range", "spike", "stuck", "apart")
"""range: outside what is physically likely. spike: one hour far from the hours on both sides, which agree.
stuck: the same value for hours. apart: far from what the stations of its like measure in the same city and hour."""
LOOKBACK, LOOKAHEAD = 23, 1
"""Hours before and after an hour on which its flags depend [h]."""
LIMITS = Path(__file__).with_name("quality_limits.csv")
MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution, 1 / 0.6745 (Iglewicz and Hoaglin 1993)."""
_COLUMNS = ("low", "high", "stuck_hours", "stuck_above", "spike_jump", "apart_gap")


@dataclass(frozen=True, eq=False)
class QualityRules:
    """Thresholds by item, each (item, 1, 1) in the order of ITEMS and in the item's unit, hours [h] for stuck_hours.

    stuck_hours: so many equal hours, above stuck_above: small whole numbers repeat by themselves. spike_jump: the least
    step up and down again (or down and up), which must also pass spike_spreads times the spread of the hours around.
    apart_gap: the least distance from the neighbours' median, which must also pass apart_sigmas robust standard deviations;
    with fewer than apart_others other stations nobody stands apart.
    """

    low: np.ndarray
    high: np.ndarray
    stuck_hours: np.ndarray
    stuck_above: np.ndarray
    spike_jump: np.ndarray
    apart_gap: np.ndarray
    spike_spreads: float = 2.0
    apart_sigmas: float = 5.0
    apart_others: int = 3

    def __post_init__(self) -> None:
        if not ((self.stuck_hours >= 2) & (self.stuck_hours <= LOOKBACK + 1)).all():
            raise ValueError(f"stuck_hours are {self.stuck_hours.ravel().tolist()}, expected 2 to {LOOKBACK + 1}")


@lru_cache(maxsize=8)
def load_rules(on: dt.date | None = None, path: Path = LIMITS) -> QualityRules:
    """Read the thresholds in force on a day, None for the newest.

    Errors: ValueError where an item has none or stuck_hours reach past LOOKBACK.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["valid_from"])
    chosen = {row["item"]: row for row in rows if on is None or row["valid_from"] <= on.isoformat()}
    if missing := set(ITEMS) - set(chosen):
        raise ValueError(f"{path.name} has no line for {', '.join(sorted(missing))} on {on}, expected one per item")
    columns = {name: np.array([float(chosen[item][name]) for item in ITEMS])[:, None, None] for name in _COLUMNS}
    return QualityRules(**columns)


def quality_flags(
    values: np.ndarray, *, neighbours: Neighbours | None = None, rules: QualityRules | None = None
) -> np.ndarray:
    """Flag the hours of the stations of one city: bool (kind, item, station, hour), in the order of KINDS and ITEMS.

    values [ug/m3, CO mg/m3]: (item, station, hour), hours consecutive. neighbours: who is compared with whom
    (streams.registry.members), None: all with all. rules None: the newest shipped thresholds.
    Missing: NaN is never flagged; a spike needs the hours on both sides, an equal run is broken by a missing hour.
    """
    rules = rules or load_rules()
    flags = np.zeros((len(KINDS), *values.shape), bool)
    np.logical_or(values < rules.low, values > rules.high, out=flags[0])
    _spike(values, rules, flags[1])
    _stuck(values, rules, flags[2])
    everybody = np.arange(values.shape[1])
    for judged, by in ((everybody, everybody),) if neighbours is None else neighbours:
        _apart(values, rules, flags[3], judged, by)
    return flags


def pack(flags: np.ndarray) -> np.ndarray:
    """Pack flags (kind, item, station, hour) into int32 (station, hour): bit kind * 6 + item."""
    bits = np.arange(len(KINDS) * len(ITEMS), dtype=np.int32)
    flat = flags.reshape(bits.size, *flags.shape[2:])
    packed = np.zeros(flat.shape[1:], np.int32)
    # Most cells of most hours have no flag: only the bits that occur are worth a pass over the array.
    for bit in bits[flat.any(axis=(1, 2))]:
        packed |= flat[bit].astype(np.int32) << bit
    return packed


def unpack(code: np.ndarray) -> np.ndarray:
    """Give the flags (kind, item, station, hour) of pack()."""
    bits = np.arange(len(KINDS) * len(ITEMS), dtype=np.int32)
    return (code[None] >> bits[:, None, None] & 1).astype(bool).reshape(len(KINDS), len(ITEMS), *code.shape)


def flag_text(code: int) -> str:
    """Write a packed code as "spike:pm10,pm25 stuck:o3", empty where nothing is flagged; at most 120 characters."""
    words = []
    for kind, name in enumerate(KINDS):
        items = [item for bit, item in enumerate(ITEMS) if code >> (kind * len(ITEMS) + bit) & 1]
        if items:
            words.append(f"{name}:{','.join(items)}")
    return " ".join(words)


def _spike(values: np.ndarray, rules: QualityRules, out: np.ndarray) -> None:
    """Flag an hour that leaves the hours on both sides by a jump that is large against the spread around it."""
    if values.shape[-1] < 3:
        return
    steps = np.diff(values)
    large = np.abs(steps) > rules.spike_jump
    item, station, hour = np.nonzero(large[..., :-1] & large[..., 1:])
    up, down = steps[item, station, hour], -steps[item, station, hour + 1]
    jump = np.where((up > 0) == (down > 0), np.minimum(np.abs(up), np.abs(down)), 0.0)
    hour += 1
    around = np.stack([values[item, station, np.maximum(hour + step, 0)] for step in (-3, -2, -1, 1)])
    around[0, hour < 3] = around[1, hour < 2] = np.nan
    spread = np.fmax.reduce(around) - np.fmin.reduce(around)
    keep = jump > rules.spike_spreads * spread
    out[item[keep], station[keep], hour[keep]] = True


def _stuck(values: np.ndarray, rules: QualityRules, out: np.ndarray) -> None:
    """Flag an hour that ends a run of enough equal hours; the first ones of a run cannot be told from chance."""
    index = np.arange(values.shape[-1], dtype=np.int32)
    starts = np.broadcast_to(index, values.shape).copy()
    starts[..., 1:][values[..., 1:] == values[..., :-1]] = 0
    run = index - np.maximum.accumulate(starts, axis=-1)
    np.logical_and(run >= rules.stuck_hours - 1, values > rules.stuck_above, out=out)


def _apart(values: np.ndarray, rules: QualityRules, out: np.ndarray, judged: np.ndarray, by: np.ndarray) -> None:
    """Flag a station of `judged` that is far from the median of `by` in the same hour; `by` is part of `judged`."""
    if not len(judged) or len(by) < rules.apart_others:
        return
    theirs = values[:, judged]
    # Nobody is farther from the median than the stations are from each other: only such hours are worth a sort.
    wide = np.fmax.reduce(theirs, axis=1) - np.fmin.reduce(theirs, axis=1) > rules.apart_gap[:, 0]
    item, hour = np.nonzero(wide)
    together = theirs[item, :, hour]
    measure = together if np.array_equal(judged, by) else values[:, by][item, :, hour]
    median, count = _median(measure)
    spread, _ = _median(np.abs(measure - median))
    least = np.maximum(rules.apart_gap[item, 0], rules.apart_sigmas * MAD_TO_SIGMA * spread)
    distance = np.abs(together - median)
    others = count - np.isin(judged, by)
    pair, station = np.nonzero((distance > least) & (others >= rules.apart_others))
    out[item[pair], judged[station], hour[pair]] = True


def _median(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the median of each row and the count of its values, both (row, 1); NaN for none."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = values.shape[1] - np.isnan(values).sum(axis=1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[1] - 1), axis=1)
    return (low + high) / 2, count
