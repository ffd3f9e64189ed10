"""Least squares within bounds, exactly, for many small systems: each row of a factorisation is one of its own."""

from __future__ import annotations

import numpy as np

from research.receptor.compiled import compiled
from research.receptor.lanes import settle

_LOW, _FREE, _HIGH = -1, 0, 1


@compiled
def products(f, packed):
    """Fill packed (row, p (p + 1) / 2) with the products of each row of f (row, p) with itself, lower triangle by rows."""
    for j in range(f.shape[0]):
        t = 0
        for k in range(f.shape[1]):
            for l in range(k + 1):  # noqa: E741
                packed[j, t] = f[j, k] * f[j, l]
                t += 1


@compiled
def factor(h, free, q, lower):
    """Cholesky's factor of the free part of h into lower; a pivot that vanished is made so large that its part is 0."""
    for a in range(q):
        row = free[a]
        for c in range(a + 1):
            s = h[row, free[c]]
            for d in range(c):
                s -= lower[a, d] * lower[c, d]
            if a == c:
                lower[a, a] = np.sqrt(s) if s > 1e-13 * h[row, row] and s > 0.0 else 1e150
            else:
                lower[a, c] = s / lower[c, c]


@compiled
def solve(lower, q, y):
    """Solve in place for y what lower (q, q) is Cholesky's factor of."""
    for a in range(q):
        s = y[a]
        for d in range(a):
            s -= lower[a, d] * y[d]
        y[a] = s / lower[a, a]
    for a in range(q - 1, -1, -1):
        s = y[a]
        for d in range(a + 1, q):
            s -= lower[d, a] * y[d]
        y[a] = s / lower[a, a]


@compiled
def bounded(h, b, low, high, x, state, free, lower, y):
    """Minimise x'hx - 2b'x for low <= x <= high from the start x, by an active set.

    h: (p, p), positive definite on what is free. x: changed in place, feasible at any end. state, free (p,) int64, lower
    (p, p) and y (p,) are room to work in.
    """
    p = b.shape[0]
    for k in range(p):
        if x[k] <= low[k]:
            x[k], state[k] = low[k], _LOW
        elif x[k] >= high[k]:
            x[k], state[k] = high[k], _HIGH
        else:
            state[k] = _FREE
    q, freed = 0, -1
    for _ in range(6 * p + 12):
        q = 0
        for k in range(p):
            if state[k] == _FREE:
                free[q] = k
                q += 1
        factor(h, free, q, lower)
        for a in range(q):
            s = b[free[a]]
            for k in range(p):
                if state[k] != _FREE:
                    s -= h[free[a], k] * x[k]
            y[a] = s
        solve(lower, q, y)
        # as far towards the minimum of the free ones as the bounds allow
        share, hit, side = 1.0, -1, _LOW
        for a in range(q):
            k = free[a]
            if y[a] < low[k] and low[k] - x[k] > share * (y[a] - x[k]):
                share, hit, side = (low[k] - x[k]) / (y[a] - x[k]), k, _LOW
            elif y[a] > high[k] and high[k] - x[k] < share * (y[a] - x[k]):
                share, hit, side = (high[k] - x[k]) / (y[a] - x[k]), k, _HIGH
        for a in range(q):
            k = free[a]
            x[k] = min(max(x[k] + share * (y[a] - x[k]), low[k]), high[k])
        if hit >= 0:
            x[hit] = low[hit] if side == _LOW else high[hit]
            state[hit] = side
            if hit == freed and share <= 0.0:
                break  # what was let go came straight back: its slope is rounding
            continue
        # let go of the bound that holds back most
        freed, most = -1, 0.0
        for k in range(p):
            if state[k] != _FREE and low[k] < high[k]:
                g = b[k]
                size = abs(b[k])
                for l in range(p):  # noqa: E741
                    g -= h[k, l] * x[l]
                    size += abs(h[k, l] * x[l])
                if state[k] == _HIGH:
                    g = -g
                if g > 1e-11 * size and g * g > most * h[k, k]:
                    freed, most = k, g * g / (h[k, k] + 1e-300)
        if freed < 0:
            break
        state[freed] = _FREE


@compiled
def solve_rows(gram, right, more, low, high, x, curve):
    """Solve the small systems of all rows in place of x (row, p); give nothing.

    gram: (p (p + 1) / 2, row), as products packs. right: (p, row). more: (row, p) or (0, p), added to the diagonal. low, high:
    (row, p), or (1, p) for all rows. curve: (p, p) is given the sum of the inverses of the free parts, or (0, 0).
    """
    p = right.shape[0]
    b, h, lower = np.empty(p), np.empty((p, p)), np.empty((p, p))
    y, state, free = np.empty(p), np.empty(p, np.int64), np.empty(p, np.int64)
    one = low.shape[0] == 1
    for i in settle(gram, right, more, low, high, x):
        _unpacked(gram, more, i, h)
        for k in range(p):
            b[k] = right[k, i]
        at = 0 if one else i
        bounded(h, b, low[at], high[at], x[i], state, free, lower, y)
    if curve.shape[0]:
        curve[:] = 0.0
        for i in range(right.shape[1]):
            at, q = 0 if one else i, 0
            for k in range(p):
                if low[at, k] < x[i, k] < high[at, k]:
                    free[q] = k
                    q += 1
            _unpacked(gram, more, i, h)
            factor(h, free, q, lower)
            _add_inverse(lower, free, q, y, curve)


@compiled
def _unpacked(gram, more, i, h):
    t = 0
    for k in range(h.shape[0]):
        for l in range(k + 1):  # noqa: E741
            h[k, l] = h[l, k] = gram[t, i]
            t += 1
        if more.shape[0]:
            h[k, k] += more[i, k]


@compiled
def _add_inverse(lower, free, q, column, curve):
    for c in range(q):
        for a in range(q):
            column[a] = 1.0 if a == c else 0.0
        solve(lower, q, column)
        for a in range(q):
            curve[free[c], free[a]] += column[a]


@compiled
def tied_rows(gram, right, more, low, high, x, pairs, rows):
    """Solve the rows that ties bind together as one system, in place of x.

    pairs: (tie, 5), element k of row a is to be r times element k of row b: k, a, b, r, weight. rows: int64, -1 behind them.
    The others as solve_rows.
    """
    p = x.shape[1]
    size = 0
    while size < rows.shape[0] and rows[size] >= 0:
        size += 1
    total = size * p
    h, lower = np.zeros((total, total)), np.empty((total, total))
    b, y, at, under, over = np.empty(total), np.empty(total), np.empty(total), np.empty(total), np.empty(total)
    state, free = np.empty(total, np.int64), np.empty(total, np.int64)
    one = low.shape[0] == 1
    for s in range(size):
        row, t = rows[s], 0
        bound = 0 if one else row
        for k in range(p):
            for l in range(k + 1):  # noqa: E741
                h[s * p + k, s * p + l] = h[s * p + l, s * p + k] = gram[t, row]
                t += 1
            if more.shape[0]:
                h[s * p + k, s * p + k] += more[row, k]
            b[s * p + k], at[s * p + k] = right[k, row], x[row, k]
            under[s * p + k], over[s * p + k] = low[bound, k], high[bound, k]
    for c in range(pairs.shape[0]):
        first, second = -1, -1
        for s in range(size):
            if rows[s] == int(pairs[c, 1]):
                first = s * p + int(pairs[c, 0])
            if rows[s] == int(pairs[c, 2]):
                second = s * p + int(pairs[c, 0])
        if first >= 0 and second >= 0:
            r, weight = pairs[c, 3], pairs[c, 4]
            h[first, first] += weight
            h[second, second] += weight * r * r
            h[first, second] -= weight * r
            h[second, first] -= weight * r
    bounded(h, b, under, over, at, state, free, lower, y)
    for s in range(size):
        for k in range(p):
            x[rows[s], k] = at[s * p + k]
