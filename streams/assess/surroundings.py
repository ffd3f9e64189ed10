"""What the stations around one measure in the same hour: medians that are worked out only for the hours that are asked for."""

from __future__ import annotations

import numpy as np

from streams.registry.members import Neighbours

Cells = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Item, station and hour of some cells, as indices."""


class Group:
    """Stations that are judged, and those by whose median they are.

    values: (item, station, hour), NaN missing. judged, by: indices of stations. A station of `by` is among those that it is
    judged by: so nobody needs a median of his own.
    """

    def __init__(self, values: np.ndarray, judged: np.ndarray, by: np.ndarray) -> None:
        self.values, self.judged, self.by = values, judged, by
        self.judges = np.isin(np.arange(values.shape[1]), by)
        self._median: np.ndarray | None = None

    def of(self, cells: Cells) -> np.ndarray:
        """Tell which of some cells are of stations that are judged here, bool (cell,)."""
        return np.isin(cells[1], self.judged)

    def median(self, item: np.ndarray, hour: np.ndarray) -> np.ndarray:
        """Give the median of `by` for some items and hours, (cell,); NaN where fewer than three have a value."""
        hours = self.values.shape[-1]
        if self._median is None:
            self._median, self._asked = np.full(self.values.shape[::2], np.nan), np.zeros(self.values.shape[::2], bool)
        new = ~self._asked[item, hour]
        if new.any():
            key = np.zeros(self._asked.size, bool)
            key[item[new] * hours + hour[new]] = True
            items, at = np.divmod(np.flatnonzero(key), hours)
            middle, count = medians(self.values[items[:, None], self.by, at[:, None]])
            self._median[items, at] = np.where(count >= 3, middle, np.nan)[:, 0]
            self._asked[items, at] = True
        return self._median[item, hour]

    def others(self, cells: Cells) -> np.ndarray:
        """Give what the others of `by` measure beside some cells, (cell, station of by), NaN for the cell's own station."""
        item, station, hour = cells
        around = self.values[item[:, None], self.by, hour[:, None]]
        return np.where(self.by == station[:, None], np.nan, around)


def groups_of(values: np.ndarray, neighbours: Neighbours | None) -> list[Group]:
    """Make the groups that have anybody; neighbours None: all stations are judged by all."""
    everybody = np.arange(values.shape[1])
    pairs = ((everybody, everybody),) if neighbours is None else neighbours
    return [Group(values, judged, by) for judged, by in pairs if len(judged) and len(by)]


def medians(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the median of each row and the count of its values, both (row, 1); NaN for none."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = values.shape[1] - np.isnan(values).sum(axis=1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[1] - 1), axis=1)
    return (low + high) / 2, count


def cells_of(flagged: np.ndarray) -> Cells:
    """Give the cells where something holds, bool (item, station, hour); quick where there are few."""
    return np.unravel_index(np.flatnonzero(flagged), flagged.shape)


def picked(cells: Cells, some: np.ndarray) -> Cells:
    """Give some of the cells, bool (cell,)."""
    return tuple(axis[some] for axis in cells)


def beside(values: np.ndarray, cells: Cells, steps: tuple[int, ...]) -> np.ndarray:
    """Give what stands so many hours beside some cells, (step, cell); NaN beyond the ends."""
    item, station, hour = cells
    hours = values.shape[-1]
    found = np.empty((len(steps), len(hour)))
    for row, step in zip(found, steps, strict=True):
        at = hour + step
        row[:] = np.where((at >= 0) & (at < hours), values[item, station, np.clip(at, 0, hours - 1)], np.nan)
    return found


def first_known(rows: np.ndarray) -> np.ndarray:
    """Give of each column the first value that is known, NaN for none."""
    found = rows[0].copy()
    for row in rows[1:]:
        np.copyto(found, row, where=np.isnan(found))
    return found
