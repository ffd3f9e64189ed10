"""Where the Jacobian of a mechanism and its LU factors have entries, and in which order species are eliminated.

The order is Markowitz': the species next whose elimination can make the fewest new entries. Candidates wait in a heap, and
rows and columns are sets, so that thousands of species take a second. Made once for each mechanism.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_INDEX = np.int32


@dataclass(frozen=True, slots=True)
class Factors:
    """The LU factors of a sparse matrix in the order of elimination, as lists for loops that only look up.

    order: (n,), which unknown is eliminated when. entries: how many the factors have together. place: position of each
    entry (row, column), both in the new order. diagonal: (n,) positions. lower_at: (m,) positions of the entries below the
    diagonal, row by row, lower_column their columns, lower_row (n + 1,) where each row begins. update_from (m + 1,): where
    the updates that follow each of them begin: entry[update_to] -= entry[lower_at] * entry[update_by]. upper_at,
    upper_column: entries above the diagonal, row by row, upper_row (n + 1,) where each row begins.
    """

    order: np.ndarray
    entries: int
    place: dict[tuple[int, int], int]
    diagonal: np.ndarray
    lower_at: np.ndarray
    lower_column: np.ndarray
    lower_row: np.ndarray
    update_from: np.ndarray
    update_to: np.ndarray
    update_by: np.ndarray
    upper_at: np.ndarray
    upper_column: np.ndarray
    upper_row: np.ndarray


def factors(rows: Sequence[Iterable[int]]) -> Factors:
    """Order a square sparse matrix and find the entries of its LU factors.

    rows: for each row the columns that have an entry; the diagonal is always one. Returns the factors. Pivots stay on the
    diagonal, where 1/(h gamma) makes them large.
    Source: Markowitz 1957; Duff, Erisman and Reid, Direct Methods for Sparse Matrices, chapter 7.
    """
    order, upper = _eliminate([{*columns, i} for i, columns in enumerate(rows)])
    new = {old: i for i, old in enumerate(order)}
    above = [sorted(new[c] for c in upper[old]) for old in order]
    below: list[list[int]] = [[] for _ in order]
    left = _left(rows, order, upper, new)
    for i, columns in enumerate(left):
        below[i] = sorted(columns)
    return _lists(order, below, above)


def _eliminate(rows: list[set[int]]) -> tuple[list[int], list[set[int]]]:
    """Give the order, and for each unknown the columns right of its pivot when its turn comes; fills rows in."""
    columns: list[set[int]] = [set() for _ in rows]
    for i, row in enumerate(rows):
        for c in row:
            columns[c].add(i)
    cost = [_cost(rows, columns, i) for i in range(len(rows))]
    heap = [(cost[i], i) for i in range(len(rows))]
    heapq.heapify(heap)
    order, done = [], [False] * len(rows)
    while heap:
        at, pivot = heapq.heappop(heap)
        if done[pivot] or at != cost[pivot]:
            continue
        done[pivot] = True
        order.append(pivot)
        touched = _remove(rows, columns, pivot)
        for i in touched:
            if (now := _cost(rows, columns, i)) != cost[i]:
                cost[i] = now
                heapq.heappush(heap, (now, i))
    return order, rows


def _cost(rows: list[set[int]], columns: list[set[int]], i: int) -> int:
    return (len(rows[i]) - 1) * (len(columns[i]) - 1)


def _remove(rows: list[set[int]], columns: list[set[int]], pivot: int) -> set[int]:
    """Eliminate an unknown: its row goes into each row that needs it. Returns the unknowns whose cost may have changed."""
    rows[pivot].discard(pivot)
    columns[pivot].discard(pivot)
    right, under = rows[pivot], columns[pivot]
    for i in under:
        rows[i].discard(pivot)
        for c in right - rows[i]:
            columns[c].add(i)
        rows[i] |= right
    for c in right:
        columns[c].discard(pivot)
    return right | under


def _left(rows, order, upper, new) -> list[set[int]]:
    """Give the columns left of the diagonal of each row, in the new order: what was there, and what fills in."""
    found = [{new[c] for c in rows[old] if new[c] < i} for i, old in enumerate(order)]
    above = [{new[c] for c in upper[old]} for old in order]
    for i, columns in enumerate(found):
        heap = list(columns)
        heapq.heapify(heap)
        while heap:
            k = heapq.heappop(heap)
            for c in above[k]:
                if c < i and c not in columns:
                    columns.add(c)
                    heapq.heappush(heap, c)
    return found


def _lists(order: list[int], below: list[list[int]], above: list[list[int]]) -> Factors:
    place: dict[tuple[int, int], int] = {}
    for i in range(len(order)):
        for c in (*below[i], i, *above[i]):
            place[i, c] = len(place)
    lower_at, lower_column, lower_row = [], [], [0]
    update_from, update_to, update_by = [0], [], []
    upper_at, upper_column, upper_row = [], [], [0]
    for i in range(len(order)):
        for k in below[i]:
            lower_at.append(place[i, k])
            lower_column.append(k)
            update_to += [place[i, c] for c in above[k]]
            update_by += [place[k, c] for c in above[k]]
            update_from.append(len(update_to))
        lower_row.append(len(lower_at))
        upper_at += [place[i, c] for c in above[i]]
        upper_column += above[i]
        upper_row.append(len(upper_at))
    listed = (lower_at, lower_column, lower_row, update_from, update_to, update_by, upper_at, upper_column, upper_row)
    diagonal = [place[i, i] for i in range(len(order))]
    return Factors(
        np.array(order, _INDEX), len(place), place, np.array(diagonal, _INDEX), *(np.array(x, _INDEX) for x in listed)
    )
