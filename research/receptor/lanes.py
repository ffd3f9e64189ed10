"""Small systems side by side: where each element lies, at a bound or free, is guessed for many rows, and all are solved at once.

A row is taken where its guess is proved right: the free elements lie within their bounds, and no bound holds one back that would
go. That is the minimum, and there is but one. Where it was wrong, all that was wrong of it is exchanged (Kim and Park 2011, SIAM
J. Sci. Comput. 33:3261, recalled); what a few rounds do not settle is left to the active set of research.receptor.rows. The row is
the innermost axis, so that a processor does the same for many of them at once.
"""

from __future__ import annotations

import numpy as np

from research.receptor.compiled import compiled

LANES, ROUNDS = 64, 4
SLOPE, PIVOT = 1e-11, 1e-13
"""A slope below this share of its terms is rounding, and so is a pivot below this share of its diagonal."""


@compiled
def settle(gram, right, more, low, high, x):
    """Solve in place of x (row, p) the rows whose guess comes out right; give the places of the others, whose x stays.

    Shapes as research.receptor.rows.solve_rows has them. The first guess is how x lies.
    """
    p, n = right.shape
    packed = gram.shape[0]
    h, lower = np.empty((packed, LANES)), np.empty((packed, LANES))
    b, y, free, under, over = (np.empty((p, LANES)), np.empty((p, LANES)), np.empty((p, LANES)), np.empty((p, LANES)),
                               np.empty((p, LANES)))  # fmt: skip
    slope, size, fine = np.empty(LANES), np.empty(LANES), np.empty(LANES, np.bool_)
    side, left = np.empty((p, n)), np.arange(n)
    for i in range(n):
        at = 0 if low.shape[0] == 1 else i
        for k in range(p):
            side[k, i] = -1.0 if x[i, k] <= low[at, k] else 1.0 if x[i, k] >= high[at, k] else 0.0
    for _ in range(ROUNDS):
        kept = 0
        for start in range(0, left.size, LANES):
            rows = left[start : start + LANES].copy()
            laid(gram, right, more, low, high, side, rows, h, b, y, free, under, over)
            solved(h, b, y, free, lower, fine, rows.size)
            exchanged(h, b, y, free, under, over, slope, size, side, rows, fine)
            for l in range(rows.size):  # noqa: E741
                i = rows[l]
                if fine[l]:
                    for k in range(p):
                        x[i, k] = y[k, l]
                else:
                    left[kept] = i
                    kept += 1
        left = left[:kept]
        if kept == 0:
            break
    return left


@compiled
def laid(gram, right, more, low, high, side, rows, h, b, y, free, under, over):
    """Lay the systems of some rows side by side; y is given the bound at which an element lies, 0 where it is free."""
    width, first, t = rows.size, rows[0], -1
    together = rows[width - 1] - first == width - 1
    for u in range(gram.shape[0]):
        if together:
            for l in range(width):  # noqa: E741
                h[u, l] = gram[u, first + l]
        else:
            for l in range(width):  # noqa: E741
                h[u, l] = gram[u, rows[l]]
    for k in range(b.shape[0]):
        t += k + 1
        for l in range(width):  # noqa: E741
            i = rows[l]
            at = 0 if low.shape[0] == 1 else i
            b[k, l], free[k, l], under[k, l], over[k, l] = right[k, i], side[k, i], low[at, k], high[at, k]
        for l in range(width):  # noqa: E741
            s = free[k, l]
            y[k, l] = under[k, l] if s < 0.0 else over[k, l] if s > 0.0 else 0.0
            free[k, l] = 1.0 - s * s
        if more.shape[0]:
            for l in range(width):  # noqa: E741
                h[t, l] += more[rows[l], k]


@compiled
def solved(h, b, y, free, lower, fine, width):
    """Solve for the free elements of each lane in place of y; fine tells where the pivots were above rounding."""
    p = b.shape[0]
    for l in range(width):  # noqa: E741
        fine[l] = True
    # what the elements at their bounds leave of the right side: y is 0 where an element is free, and keeps its bound elsewhere
    t, rest = 0, np.empty(b.shape)
    for a in range(p):
        for l in range(width):  # noqa: E741
            rest[a, l] = b[a, l]
    for a in range(p):
        for c in range(a + 1):
            for l in range(width):  # noqa: E741
                rest[a, l] -= h[t, l] * y[c, l]
            if c < a:
                for l in range(width):  # noqa: E741
                    rest[c, l] -= h[t, l] * y[a, l]
            t += 1
    for a in range(p):
        for l in range(width):  # noqa: E741
            y[a, l] += free[a, l] * (rest[a, l] - y[a, l])
    t = 0
    for a in range(p):
        first = t
        for c in range(a + 1):
            row = c * (c + 1) // 2
            for l in range(width):  # noqa: E741
                lower[t, l] = h[t, l] * free[a, l] * free[c, l]
            for d in range(c):
                for l in range(width):  # noqa: E741
                    lower[t, l] -= lower[first + d, l] * lower[row + d, l]
            if c < a:
                for l in range(width):  # noqa: E741
                    lower[t, l] *= lower[row + c, l]
            else:  # the diagonal holds the inverse of the pivot
                for l in range(width):  # noqa: E741
                    s = lower[t, l] + 1.0 - free[a, l]
                    good = s > PIVOT * h[t, l] or free[a, l] == 0.0
                    fine[l] = fine[l] and good
                    lower[t, l] = 1.0 / np.sqrt(s if good else 1.0)
            t += 1
    for a in range(p):
        row = a * (a + 1) // 2
        for d in range(a):
            for l in range(width):  # noqa: E741
                y[a, l] -= lower[row + d, l] * y[d, l]
        for l in range(width):  # noqa: E741
            y[a, l] *= lower[row + a, l]
    for a in range(p - 1, -1, -1):
        row = a * (a + 1) // 2
        for l in range(width):  # noqa: E741
            y[a, l] *= lower[row + a, l]
        for d in range(a):
            for l in range(width):  # noqa: E741
                y[d, l] -= lower[row + d, l] * y[a, l]


@compiled
def exchanged(h, b, y, free, under, over, slope, size, side, rows, fine):
    """Tell in fine where y is the minimum; elsewhere what left its bounds goes to them, and what is held back goes free."""
    p, width = b.shape[0], rows.size
    for k in range(p):
        held = False
        for l in range(width):  # noqa: E741
            held = held or free[k, l] == 0.0
        if held:
            for l in range(width):  # noqa: E741
                slope[l], size[l] = b[k, l], abs(b[k, l])
            for a in range(p):
                t = k * (k + 1) // 2 + a if a <= k else a * (a + 1) // 2 + k
                for l in range(width):  # noqa: E741
                    term = h[t, l] * y[a, l]
                    slope[l] -= term
                    size[l] += abs(term)
        for l in range(width):  # noqa: E741
            i, value = rows[l], y[k, l]
            if free[k, l] == 1.0:
                if not value >= under[k, l]:
                    side[k, i], fine[l] = -1.0, False
                elif not value <= over[k, l]:
                    side[k, i], fine[l] = 1.0, False
            elif under[k, l] < over[k, l] and -side[k, i] * slope[l] > SLOPE * size[l]:
                side[k, i], fine[l] = 0.0, False
