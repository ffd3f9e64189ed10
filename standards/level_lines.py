"""Lines of equal value on a grid, and the areas that they enclose: straight between nodes, in two triangles for each cell. Pure.

Triangles leave no cell ambiguous, so that a saddle is drawn in one way.
"""

from __future__ import annotations

import numpy as np

Node = tuple[int, int]
Side = tuple[Node, Node]
"""Two nodes between which a line passes: pieces are joined by these, never by comparing numbers."""


def level_lines(x: np.ndarray, y: np.ndarray, values: np.ndarray, level: float) -> list[np.ndarray]:
    """Give the lines on which a grid has a value.

    x, y: growing places of the nodes (x,), (y,); values: (x, y). Returns lines, each float64 (point, 2), x and y in the order
    along the line; closed lines end where they begin. Missing: no line passes a triangle with a node that is no number. A
    level that the grid does not reach has no line.
    """
    return [
        np.array([_crossing(x, y, values, side, level) for side in line]) for line in _joined(_pieces(values, level))
    ]


def level_areas(x: np.ndarray, y: np.ndarray, values: np.ndarray, level: float) -> list[np.ndarray]:
    """Give closed rings around where a grid is at a level or above it, to be filled by the rule of even and odd.

    As level_lines, with the edge of the grid where the area reaches it. Missing: a node that is no number is outside.
    """
    known = values[np.isfinite(values)]
    if not known.size or level > known.max():
        return []
    # Around the grid stands a rim of nodes on the same places that are so low that every crossing is at the grid's own node.
    floor = level - 1e12 * max(float(np.ptp(known)), 1.0)
    ringed = np.pad(np.where(np.isfinite(values), values, floor), 1, constant_values=floor)
    return level_lines(np.pad(x, 1, mode="edge"), np.pad(y, 1, mode="edge"), ringed, level)


def _pieces(values: np.ndarray, level: float) -> list[tuple[Side, Side]]:
    above = values >= level
    count = above[:-1, :-1].astype(int) + above[1:, :-1] + above[1:, 1:] + above[:-1, 1:]
    found = []
    for i, j in np.argwhere((count > 0) & (count < 4)).tolist():
        corners = (i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)
        for triangle in ((corners[0], corners[1], corners[2]), (corners[0], corners[2], corners[3])):
            if not all(np.isfinite(values[node]) for node in triangle):
                continue
            sides = [(triangle[a], triangle[b]) for a, b in ((0, 1), (1, 2), (0, 2))]
            crossed = [tuple(sorted(side)) for side in sides if above[side[0]] != above[side[1]]]
            if crossed:
                found.append((crossed[0], crossed[1]))
    return found


def _crossing(x: np.ndarray, y: np.ndarray, values: np.ndarray, side: Side, level: float) -> tuple[float, float]:
    a, b = side
    share = (level - values[a]) / (values[b] - values[a])
    return float(x[a[0]] + share * (x[b[0]] - x[a[0]])), float(y[a[1]] + share * (y[b[1]] - y[a[1]]))


def _joined(pieces: list[tuple[Side, Side]]) -> list[list[Side]]:
    """Join pieces that share an end into lines."""
    ends: dict[Side, list[int]] = {}
    for n, (a, b) in enumerate(pieces):
        ends.setdefault(a, []).append(n)
        ends.setdefault(b, []).append(n)
    left, lines = set(range(len(pieces))), []
    for start in [*(end for end, of in ends.items() if len(of) == 1), *ends]:
        line = [start]
        while (piece := next((n for n in ends[line[-1]] if n in left), None)) is not None:
            left.discard(piece)
            a, b = pieces[piece]
            line.append(b if a == line[-1] else a)
        if len(line) > 1:
            lines.append(line)
    return lines
