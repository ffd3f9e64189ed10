"""Values that are unlikely: a spike, a sensor that is stuck, a station apart from its like, fine dust beyond all dust.

Each is judged by values that are believed (streams.assess.impossible); those that are not are judged too, and judge nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from standards.pollutants import ITEMS
from streams.assess.quality_rules import QualityRules
from streams.assess.surroundings import Cells, Group, beside, cells_of, first_known, groups_of, medians, picked
from streams.registry.members import Neighbours

BACK, AHEAD = 12, 2
"""Hours before and after an hour on which these flags depend [h]."""
MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution, 1 / 0.6745 (Iglewicz and Hoaglin 1993)."""
LEFT, RIGHT = (-1, -2, -3), (1, 2)
STUCK_HOURS = 3
MOST_CHANCE, MOST_MOVED = 4.0, 6.0
"""What one equal hour can say at most of a stuck sensor: against chance, and against what the neighbours did meanwhile."""
OF_NOTHING, NOTHING_TIMES = 1.0, 3.0
"""What an hour of 0 says of a stuck sensor where the neighbours measure so many times stuck_above: five to eight convict."""
FINER = 4.0
"""Of values with a fraction the equal ones are rarer: they count from a quarter of stuck_above."""
_STEP = np.where(np.array(ITEMS) == "co", 0.1, 1.0)[:, None, None]
_ROOT_TAU = float(np.sqrt(2 * np.pi))
PM10, PM25 = ITEMS.index("pm10"), ITEMS.index("pm25")
Found = Callable[[str, Cells], None]


def unlikely(
    raw: np.ndarray, values: np.ndarray, neighbours: Neighbours | None, rules: QualityRules, found: Found
) -> None:
    """Find the unlikely ones among the values, (item, station, hour), NaN missing or not believed; raw has those, too."""
    groups = groups_of(values, neighbours)
    gone = (np.empty(0, int),) * 3 if raw is values else cells_of(np.isnan(values) & ~np.isnan(raw))
    found("spike", _spikes(raw, values, gone, groups, rules))
    found("stuck", _stuck(values, groups, rules))
    for group in groups:
        found("apart", _apart(group, rules))
        mine = picked(gone, group.of(gone))
        found("apart", picked(mine, _far(group, mine, raw[mine], rules)))
    station, hour = np.nonzero(values[PM25] > values[PM10] * (1 + rules.inverted_share) + rules.inverted_gap_ugm3)
    for item in (PM10, PM25):
        found("inverted", (np.full(len(hour), item), station, hour))


def _spikes(raw: np.ndarray, values: np.ndarray, gone: Cells, groups: Sequence[Group], rules: QualityRules) -> Cells:
    """Find the hours that leave the hours on both sides by a step that is large for the item and for what was around."""
    if values.shape[-1] < 3:
        return (np.empty(0, int),) * 3
    cells = tuple(np.concatenate(axis) for axis in zip(_leaps(values, rules), gone, strict=True))
    value, near = raw[cells], beside(values, cells, (*LEFT, *RIGHT))
    left, right = first_known(near[: len(LEFT)]), first_known(near[len(LEFT) :])
    low, high = np.minimum(left, right), np.maximum(left, right)
    jump, share = rules.spike_jump[cells[0], 0, 0], rules.spike_share[cells[0], 0, 0]
    up = value > low
    least = jump + share * np.where(up, high, value)
    step = np.where(up, value - high, low - value)
    spread = np.fmax.reduce(near, axis=0) - np.fmin.reduce(near, axis=0)
    spike = (step > least) & (step > rules.spike_spreads * spread)
    cells, least, up = picked(cells, spike), least[spike], up[spike]
    return picked(cells, _on_its_own(raw, values, cells, np.where(up, 1.0, -1.0), least, groups, rules))


def _leaps(values: np.ndarray, rules: QualityRules) -> Cells:
    # Cells that leap up from both sides, or down, a missing side being no hindrance: few, and quickly found.
    above = rules.spike_jump + (1 + rules.spike_share) * values
    high = np.zeros(values.shape, bool)
    high[..., 1:-1] = ~((values[..., 1:-1] <= above[..., :-2]) | (values[..., 1:-1] <= above[..., 2:]))
    low = ~((above[..., 1:-1] >= values[..., :-2]) | (above[..., 1:-1] >= values[..., 2:]))
    high[..., 1:-1] |= low
    high &= values == values
    return cells_of(high)


def _on_its_own(
    raw: np.ndarray, values: np.ndarray, cells: Cells, sign: np.ndarray, least: np.ndarray, groups: Sequence[Group],
    rules: QualityRules,
) -> np.ndarray:  # fmt: skip
    """Tell which steps the median of the neighbours did not make, too; without neighbours all of them."""
    alone = np.ones(len(least), bool)
    for group in groups:
        mine = np.flatnonzero(group.of(cells))
        if len(mine):
            off = _off(raw, values, picked(cells, mine), group) * sign[mine]
            sides = np.fmax(first_known(off[: len(LEFT)]), first_known(off[-len(RIGHT) :]))
            alone[mine] = ~(off[len(LEFT)] - sides <= rules.spike_alone * least[mine])
    return alone


def _off(raw: np.ndarray, values: np.ndarray, cells: Cells, group: Group) -> np.ndarray:
    """Give how far stations are from their neighbours' median: in the hours of LEFT, in the cell's own, in those of RIGHT."""
    item, _, hour = cells
    steps = (*LEFT, 0, *RIGHT)
    near = beside(values, cells, steps)
    near[len(LEFT)] = raw[cells]
    hours = np.clip(hour + np.array(steps)[:, None], 0, values.shape[-1] - 1)
    around = group.median(np.tile(item, len(steps)), hours.ravel())
    return near - around.reshape(near.shape)


def _stuck(values: np.ndarray, groups: Sequence[Group], rules: QualityRules) -> Cells:
    """Find the hours of runs of equal ones that chance and the neighbours do not explain.

    Each equal step speaks against chance by what the item's noise makes of it, and by what the neighbours' median did
    meanwhile. The evidence of the last BACK steps counts, and reaches back over the AHEAD hours before it was enough.
    """
    equal = values[..., 1:] == values[..., :-1]
    if values.shape[-1] < STUCK_HOURS:
        return (np.empty(0, int),) * 3
    run = equal.copy()
    run[..., 1:] &= equal[..., :-1]  # two equal steps on end, by the second
    both = run.copy()
    both[..., :-1] |= run[..., 1:]
    item, station, step = cells_of(both)
    if not len(step):
        return item, station, step
    cells = item, station, step + 1
    value = values[cells]
    coarse = _STEP[item, 0, 0]
    fine = np.abs(value / coarse - np.rint(value / coarse)) > 1e-6
    sigma = np.hypot(rules.noise_least[item, 0, 0], rules.noise_share[item, 0, 0] * value)
    chance = np.clip(np.log(_ROOT_TAU * sigma / np.where(fine, coarse / 10, coarse)), 0.0, MOST_CHANCE)
    evidence = chance + np.minimum((_moved(cells, value, groups) / sigma) ** 2 / 2, MOST_MOVED)
    floor = rules.stuck_above[item, 0, 0] / np.where(fine, FINER, 1.0)
    evidence[value <= floor] = 0.0
    evidence[_nothing(cells, value, groups, rules)] = OF_NOTHING
    return _convicted(cells, evidence, rules)


def _nothing(cells: Cells, value: np.ndarray, groups: Sequence[Group], rules: QualityRules) -> np.ndarray:
    """Tell which cells are 0 where the neighbours' median is far above all that repeats by itself, bool (cell,)."""
    zero = value == 0
    if zero.any():
        none = picked(cells, zero)
        most = np.full(len(none[0]), np.nan)
        for group in groups:
            mine = group.of(none)
            most[mine] = group.median(none[0][mine], none[2][mine])
        zero[zero] = most > NOTHING_TIMES * rules.stuck_above[none[0], 0, 0]
    return zero


def _moved(cells: Cells, value: np.ndarray, groups: Sequence[Group]) -> np.ndarray:
    """Give by how much a value should have moved in the step that ends with a cell, as its neighbours' median did, (cell,)."""
    moved = np.zeros(len(value))
    for group in groups:
        mine = group.of(cells)
        item, _, hour = picked(cells, mine)
        now, before = group.median(np.tile(item, 2), np.concatenate([hour, hour - 1])).reshape(2, -1)
        scale = np.clip(value[mine] / np.maximum(before, 1e-6), 0.5, 2.0)
        moved[mine] = np.nan_to_num((now - before) * scale)
    return moved


def _convicted(cells: Cells, evidence: np.ndarray, rules: QualityRules) -> Cells:
    item, station, hour = cells
    count = len(hour)
    number = np.arange(count)
    new = np.ones(count, bool)
    new[1:] = (np.diff(hour) != 1) | (np.diff(station) != 0) | (np.diff(item) != 0)
    start = np.maximum.accumulate(np.where(new, number, 0))
    total = np.concatenate([[0.0], np.cumsum(np.rint(evidence * 4096))])  # in whole steps, so that sums are exact
    since = np.maximum(start, number - (BACK - 1))
    enough = (total[number + 1] - total[since] > rules.stuck_evidence[item, 0, 0] * 4096) & (
        number - start >= STUCK_HOURS - 2
    )
    steps = enough.copy()
    for ahead in range(1, AHEAD + 1):
        steps[:-ahead] |= enough[ahead:] & (start[ahead:] == start[:-ahead])
    # A step is of two hours; the first hour of a run ends none.
    first = np.zeros(count, bool)
    for ahead in range(AHEAD):
        first[: count - ahead] |= enough[ahead:] & (start[ahead:] == number[: count - ahead])
    begun = picked(cells, first)
    return tuple(np.concatenate(pair) for pair in zip(
        picked(cells, steps), (begun[0], begun[1], begun[2] - 1), strict=True))  # fmt: skip


def _apart(group: Group, rules: QualityRules) -> Cells:
    """Find the stations that are far from the median of those they are judged by."""
    nobody = (np.empty(0, int),) * 3
    if len(group.by) < rules.apart_others:
        return nobody
    theirs = group.values[:, group.judged]
    # Nobody is farther from the median than the stations are from each other: only such hours are worth a sort.
    wide = np.fmax.reduce(theirs, axis=1) - np.fmin.reduce(theirs, axis=1) > rules.apart_gap[:, 0]
    item, hour = np.nonzero(wide)
    if not len(hour):
        return nobody
    together = theirs[item, :, hour]
    around = together if np.array_equal(group.judged, group.by) else group.values[:, group.by][item, :, hour]
    median, least, count = _judgement(around, rules.apart_gap[item, 0], rules)
    others = count - group.judges[group.judged]
    pair, station = np.nonzero((np.abs(together - median) > least) & (others >= rules.apart_others))
    return item[pair], group.judged[station], hour[pair]


def _far(group: Group, cells: Cells, value: np.ndarray, rules: QualityRules) -> np.ndarray:
    item, _, hour = cells
    if not len(hour):
        return np.zeros(0, bool)
    median, least, count = _judgement(
        group.values[item[:, None], group.by, hour[:, None]], rules.apart_gap[item, 0], rules
    )
    return ((np.abs(value[:, None] - median) > least) & (count >= rules.apart_others))[:, 0]


def _judgement(around: np.ndarray, gap: np.ndarray, rules: QualityRules) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    median, count = medians(around)
    spread, _ = medians(np.abs(around - median))
    return median, np.maximum(gap, rules.apart_sigmas * MAD_TO_SIGMA * spread), count
