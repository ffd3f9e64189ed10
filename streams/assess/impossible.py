"""Values that cannot be: outside the range, a number that stands for nothing, a unit off by 1000, a station that is dead.

They are found in an order in which what was found before is out of sight of what comes after, so that a value that cannot be
neither accuses nor excuses another one: range; dead; unit; sentinel.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streams.assess.quality_rules import QualityRules
from streams.assess.surroundings import Cells, Group, beside, cells_of, groups_of, picked
from streams.registry.members import Neighbours

BACK, AHEAD = 12, 3
"""Hours before and after an hour on which these flags depend [h]: a fill looks 3 back to hours that look for a unit 5 back to
hours that look 4 back for a dead station; each looks 1 ahead."""
DEAD_HOURS = 5
"""So many hours in which nothing of a station moves, while others move, and it is dead; choice of this platform."""
DEAD_ITEMS = 4
"""With fewer items at once nothing is said of the whole station: after rain two or three may well be 0; choice of this platform."""
DEAD_OTHERS = 2
"""So many others must have moved meanwhile: where nobody does, the air or the feed stands still; choice of this platform."""
FACTOR = 5.0
"""The air of a city's stations is taken to agree within so much, so that 200 to 5000 times off is a unit; choice."""
UNIT_BACK, CONTEXT_BACK = 5, 3
EXCUSED = 0.5
"""A number that may stand for nothing is believed where so much of it is measured beside it, in time or around; choice."""
Found = Callable[[str, Cells], None]


def impossible(
    values: np.ndarray, reviewed: np.ndarray | None, neighbours: Neighbours | None, rules: QualityRules, found: Found
) -> np.ndarray:
    """Find the values that cannot be, and give the others: (item, station, hour), NaN where missing or found.

    values [ug/m3, CO mg/m3]: (item, station, hour), never changed. reviewed: bool (station, hour), whose values stay, though they
    are found all the same. found: is told the kind and the cells. Without anything found the very same array is given back.
    """
    sight = _Sight(values, reviewed, found)
    sight.set_aside("range", cells_of((values < rules.low) | (values > rules.high)))
    fills = _fills(sight.values, rules)
    sight.hide(fills)
    odd = cells_of((sight.values > rules.unit_above) | ((sight.values < rules.unit_below) & (sight.values > 0)))
    sight.set_aside("dead", _dead(sight.values, _without(sight.values, odd), neighbours))
    if len(odd[0]):
        sight.set_aside("unit", _unit(sight.values, _without(sight.values, odd), odd, neighbours, rules))
    wrong = _unexcused(values, sight.values, fills, neighbours)
    sight.show(fills)
    sight.set_aside("sentinel", picked(fills, wrong))
    return sight.values


class _Sight:
    """The values that are still believed; a copy is made when the first one is not."""

    def __init__(self, values: np.ndarray, reviewed: np.ndarray | None, found: Found) -> None:
        self.values, self._raw, self._reviewed, self._found = values, values, reviewed, found

    def set_aside(self, kind: str, cells: Cells) -> None:
        if len(cells[0]):
            self._found(kind, cells)
            self.hide(cells)

    def hide(self, cells: Cells) -> None:
        if self._reviewed is not None:
            cells = picked(cells, ~self._reviewed[cells[1], cells[2]])
        if len(cells[0]):
            if self.values is self._raw:
                self.values = self._raw.copy()
            self.values[cells] = np.nan

    def show(self, cells: Cells) -> None:
        if len(cells[0]) and self.values is not self._raw:
            self.values[cells] = self._raw[cells]


def _without(values: np.ndarray, cells: Cells) -> np.ndarray:
    if not len(cells[0]):
        return values
    rest = values.copy()
    rest[cells] = np.nan
    return rest


def _fills(values: np.ndarray, rules: QualityRules) -> Cells:
    """Find the cells that hold a number which may stand for nothing."""
    least = np.array([min(numbers, default=np.inf) for numbers in rules.sentinels] or [np.inf])[:, None, None]
    cells = cells_of(values >= least)
    same = np.zeros(len(cells[0]), bool)
    for each in np.unique(cells[0]).tolist():
        mine = cells[0] == each
        same[mine] = np.isin(values[picked(cells, mine)], rules.sentinels[each])
    return picked(cells, same)


def _dead(values: np.ndarray, plain: np.ndarray, neighbours: Neighbours | None) -> Cells:
    """Find the stations of which all is 0, or nothing has moved for DEAD_HOURS while others have; all their items.

    plain: the values without those that may be of another unit, which tell nothing here.
    """
    top = np.fmax.reduce(plain, axis=0)
    dead = np.zeros(top.shape, bool)
    station, hour = np.nonzero(top == 0)
    if len(station):
        known = plain[:, station, hour]
        zero = ((known == 0).sum(axis=0) >= DEAD_ITEMS) & ((known == 0) | np.isnan(known)).all(axis=0)
        dead[station[zero], hour[zero]] = True
    # Of a station that stands still the largest value does, too: that is quickly seen, and seldom so for long.
    if top.shape[-1] >= DEAD_HOURS and _lasting(top[:, 1:] == top[:, :-1]).any():
        dead |= _standing(plain, neighbours)
    station, hour = np.nonzero(dead)
    item, cell = np.nonzero(~np.isnan(values[:, station, hour]))
    return item, station[cell], hour[cell]


def _standing(values: np.ndarray, neighbours: Neighbours | None) -> np.ndarray:
    now, before = values[..., 1:], values[..., :-1]
    known = ~np.isnan(now)
    still = ((now == before) | (~known & np.isnan(before))).all(axis=0) & (known.sum(axis=0) >= DEAD_ITEMS)
    moved = ((now != before) & known & ~np.isnan(before)).any(axis=0)
    lasting, moving = _lasting(still), ~_lasting(~moved)
    dead = np.zeros(values.shape[1:], bool)
    for group in groups_of(values, neighbours):
        enough = moving[group.by].sum(axis=0) >= DEAD_OTHERS
        dead[group.judged, DEAD_HOURS - 1 :] |= lasting[group.judged] & enough
    # What is seen to stand still has done so in the hour before, too.
    dead[:, :-1] |= dead[:, 1:]
    return dead


def _lasting(steps: np.ndarray) -> np.ndarray:
    """Tell where DEAD_HOURS - 1 steps (..., step) on end hold: by the last of them, beginning with the first that can be."""
    count = steps.shape[-1] - (DEAD_HOURS - 2)
    if count <= 0:
        return np.zeros((*steps.shape[:-1], 0), bool)
    held = steps[..., :count].copy()
    for shift in range(1, DEAD_HOURS - 1):
        held &= steps[..., shift : shift + count]
    return held


def _unit(
    values: np.ndarray, plain: np.ndarray, odd: Cells, neighbours: Neighbours | None, rules: QualityRules
) -> Cells:
    """Find the values that are a thousand times off: from those around, or, where nobody stands around, from what the air can be.

    odd: the cells that may be. plain: the values without them: they judge nobody.
    """
    item = odd[0]
    above, below, hours = (limit[item, 0, 0] for limit in (rules.alone_above, rules.alone_below, rules.unit_hours))
    near = beside(values, odd, tuple(range(-UNIT_BACK, 2)))
    is_small = values[odd] < rules.unit_below[item, 0, 0]
    # What is written in thousandths was not measured in whole or tenth micrograms.
    small = (near > 0) & (near < rules.unit_below[item, 0, 0])
    fine = small & (np.abs(near * 10 - np.rint(near * 10)) > 1e-6)
    may_be = ~is_small | (2 * fine.sum(axis=0) >= small.sum(axis=0))
    ordinary = ((near >= below) & (near <= above)).any(axis=0)
    size = np.where(small, near, np.nan)
    varies = np.fmax.reduce(size, axis=0) > np.fmin.reduce(size, axis=0)  # a detection limit stands still
    count = np.where(is_small, (small & (near < below)).sum(axis=0), (near > above).sum(axis=0))
    enough = (count >= hours) & (varies | ~is_small)
    off = may_be & enough & ~ordinary
    for group in groups_of(plain, neighbours):
        mine = group.of(odd) & may_be
        off[mine] |= _thousand_off(group, picked(odd, mine), values[picked(odd, mine)])
    return picked(odd, off)


def _thousand_off(group: Group, cells: Cells, value: np.ndarray) -> np.ndarray:
    around, value = group.others(cells), value[:, None]
    known = (around > 0).sum(axis=1)
    # Those around must agree among themselves: of them the most are within a factor of 5 of their median.
    ordered = np.sort(np.where(around > 0, around, np.nan), axis=1)
    middle = np.take_along_axis(ordered, np.maximum(known - 1, 0)[:, None] // 2, axis=1)
    agree = ((around <= middle * FACTOR) & (around >= middle / FACTOR)).sum(axis=1)
    times = np.maximum(value / middle, middle / value)[:, 0]
    return (times >= 1000 / FACTOR) & (times <= 1000 * FACTOR) & (agree >= 3) & (2 * agree > known)


def _unexcused(raw: np.ndarray, values: np.ndarray, fills: Cells, neighbours: Neighbours | None) -> np.ndarray:
    """Tell which numbers that may stand for nothing stand apart from the hours beside them and from the stations around."""
    if not len(fills[0]):
        return np.zeros(0, bool)
    steps = (*range(-CONTEXT_BACK, 0), 1)
    most = np.fmax.reduce(beside(values, fills, steps), axis=0)
    for group in groups_of(values, neighbours):
        mine = group.of(fills)
        most[mine] = np.fmax(most[mine], np.fmax.reduce(group.others(picked(fills, mine)), axis=1, initial=np.nan))
    return ~(most >= EXCUSED * raw[fills])
