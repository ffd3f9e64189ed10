"""The fit itself: min over G and F of sum w (x - gf)^2 by alternating exact least squares within bounds, extrapolated.

For fixed F each row of G is a small system of its own, and for fixed G each column of F. Both are solved exactly; between them
the pair is carried on by a share of its last step, and taken back to the last good one where the sum rises (Ang and Gillis 2019,
SIAM J. Matrix Anal. Appl. 40:1, for the case without weights). Arrays lie with the longer side last.
"""

from __future__ import annotations

import numpy as np

from research.receptor.compiled import compiled
from research.receptor.rows import factor, products, solve, solve_rows, tied_rows

TILE = 512


@compiled
def times(left, right, out):
    """Give left' right, transposed: out (t, n) = sum over m of left (m, n) * right (m, t), in tiles that stay in cache.

    Three rows of out and four of left at a time: what is read of left serves three sums.
    """
    m, n = left.shape
    whole = right.shape[1] - right.shape[1] % 3
    for start in range(0, n, TILE):
        end = min(n, start + TILE)
        for t in range(0, whole, 3):
            a, b, c = out[t, start:end], out[t + 1, start:end], out[t + 2, start:end]
            a[:], b[:], c[:] = 0.0, 0.0, 0.0
            for j in range(0, m - 3, 4):
                l0, l1 = left[j, start:end], left[j + 1, start:end]
                l2, l3 = left[j + 2, start:end], left[j + 3, start:end]
                p0, p1, p2, p3 = right[j, t], right[j + 1, t], right[j + 2, t], right[j + 3, t]
                q0, q1, q2, q3 = right[j, t + 1], right[j + 1, t + 1], right[j + 2, t + 1], right[j + 3, t + 1]
                r0, r1, r2, r3 = right[j, t + 2], right[j + 1, t + 2], right[j + 2, t + 2], right[j + 3, t + 2]
                for i in range(a.size):
                    w, x, y, z = l0[i], l1[i], l2[i], l3[i]
                    a[i] += w * p0 + x * p1 + y * p2 + z * p3
                    b[i] += w * q0 + x * q1 + y * q2 + z * q3
                    c[i] += w * r0 + x * r1 + y * r2 + z * r3
            for j in range(m - m % 4, m):
                l0, p0, q0, r0 = left[j, start:end], right[j, t], right[j, t + 1], right[j, t + 2]
                for i in range(a.size):
                    a[i] += l0[i] * p0
                    b[i] += l0[i] * q0
                    c[i] += l0[i] * r0
        for t in range(whole, right.shape[1]):
            a = out[t, start:end]
            a[:] = 0.0
            for j in range(m):
                l0, p0 = left[j, start:end], right[j, t]
                for i in range(a.size):
                    a[i] += l0[i] * p0


@compiled
def misfit(x, w, g, f, alpha, robust, model, weights):
    """Give the sum that is minimised, Q(true) and Q(robust); fill weights (m, n) with those of the present residuals.

    x, w: (m, n), w = 1 / u^2. g: (n, p). f: (m, p). Robust: Huber's sum, r^2 up to |r| = alpha, 2 alpha |r| - alpha^2 beyond;
    Q(robust), as EPA PMF 5 prints it, has alpha |r| beyond.
    """
    times(np.ascontiguousarray(g.T), np.ascontiguousarray(f.T), model)
    total, true, printed = 0.0, 0.0, 0.0
    square = alpha * alpha
    for j in range(x.shape[0]):
        for i in range(x.shape[1]):
            r = x[j, i] - model[j, i]
            s = w[j, i] * r * r
            true += s
            if s > square:
                a = np.sqrt(s)
                printed += alpha * a
                if robust:
                    total += 2.0 * alpha * a - square
                    weights[j, i] = w[j, i] * alpha / a
                else:
                    total += s
                    weights[j, i] = w[j, i]
            else:
                printed += s
                total += s
                weights[j, i] = w[j, i]
    return total, true, printed


@compiled
def extra(g, f, f_more, f_pull, g_pull, pairs, k, j, t):
    """Give what is added to the misfit: pulls on elements and between elements, and -t times one displaced element."""
    total = 0.0
    for a in range(f_more.shape[0]):
        for b in range(f.shape[1]):
            total += f_more[a, b] * f[a, b] * f[a, b]
    for a in range(f_pull.shape[0]):
        for b in range(f.shape[1]):
            total -= 2.0 * f_pull[a, b] * f[a, b]
    for a in range(g_pull.shape[0]):
        for b in range(g.shape[1]):
            total -= 2.0 * g_pull[a, b] * g[a, b]
    for c in range(pairs.shape[0]):
        d = f[int(pairs[c, 1]), int(pairs[c, 0])] - pairs[c, 3] * f[int(pairs[c, 2]), int(pairs[c, 0])]
        total += pairs[c, 4] * d * d
    if k >= 0:
        total -= t * f[j, k] * g[:, k].mean()
    return total


@compiled
def rescaled(g, f, floor):
    """Make the mean of each factor's contributions 1, in place, its profile taking the scale; keep g above -floor."""
    n = g.shape[0]
    for k in range(g.shape[1]):
        s = g[:, k].mean()
        if s > 0.0:
            for i in range(n):
                g[i, k] = max(g[i, k] / s, -floor)
            for j in range(f.shape[0]):
                f[j, k] *= s


@compiled
def held_means(gram, right, low, high, g, push, curve):
    """Solve for g (n, p) with the mean of each factor held at 1, by Newton's steps on what pushes it there, push (p,)."""
    p, n = right.shape
    none, every = np.empty((0, p)), np.arange(p)
    off, slope, lower, b = np.empty(p), np.empty((p, p)), np.empty((p, p)), np.empty((p, n))
    for _ in range(3):
        for k in range(p):
            for i in range(n):
                b[k, i] = right[k, i] + push[k]
        solve_rows(gram, b, none, low, high, g, curve)
        worst, t = 0.0, -1
        for k in range(p):
            t += k + 1
            off[k] = 1.0 - g[:, k].mean()
            worst = max(worst, abs(off[k]))
            # where nearly all lie at the floor the slope tells little: no step beyond what some free ones would ask for
            for l in range(p):  # noqa: E741
                slope[k, l] = curve[k, l] / n
            slope[k, k] += 0.02 / (gram[t, :].mean() + 1e-300)
        if worst < 1e-8:
            break
        factor(slope, every, p, lower)
        solve(lower, p, off)
        for k in range(p):
            push[k] += off[k]


@compiled
def normal(w, x, f, pull, gram, right):
    """Fill gram (p (p + 1) / 2, n) and right (p, n) of the small systems of x (m, n) on f (m, p). pull: (n, p) or (0, p)."""
    m, p = f.shape
    packed, wx = np.empty((m, p * (p + 1) // 2)), np.empty(x.shape)
    products(f, packed)
    times(w, packed, gram)
    for j in range(m):
        for i in range(x.shape[1]):
            wx[j, i] = w[j, i] * x[j, i]
    times(wx, f, right)
    for i in range(pull.shape[0]):
        for k in range(p):
            right[k, i] += pull[i, k]


@compiled
def half_f(w, x, g, f, low, high, more, pull, pairs, groups, k, j, t):
    """Solve for f (m, p) in place, g given. w, x: (n, m)."""
    m, p = f.shape
    gram, right = np.empty((p * (p + 1) // 2, m)), np.empty((p, m))
    normal(w, x, g, pull, gram, right)
    if k >= 0:
        right[k, j] += 0.5 * t * g[:, k].mean()
    solve_rows(gram, right, more, low, high, f, np.empty((0, 0)))
    for a in range(groups.shape[0]):
        tied_rows(gram, right, more, low, high, f, pairs, groups[a])


@compiled
def half_g(w, x, f, g, low, high, held, push, curve, pull, k, j, t):
    """Solve for g (n, p) in place, f given. w, x: (m, n). held: keep the mean of each factor at 1."""
    n, p = g.shape
    gram, right = np.empty((p * (p + 1) // 2, n)), np.empty((p, n))
    normal(w, x, f, pull, gram, right)
    if held == 0 and k >= 0:
        for i in range(n):
            right[k, i] += 0.5 * t * f[j, k] / n
    if held == 2:
        held_means(gram, right, low, high, g, push, curve)
    else:
        solve_rows(gram, right, np.empty((0, p)), low, high, g, np.empty((0, 0)))
    if held > 0:
        rescaled(g, f, -low[0, 0])


@compiled
def beyond(new, old, ahead, low, high):
    """Give new, carried on by a share of the step from old, within bounds (row, p) or (1, p)."""
    out = np.empty(new.shape)
    one = low.shape[0] == 1
    for i in range(new.shape[0]):
        at = 0 if one else i
        for k in range(new.shape[1]):
            out[i, k] = min(max(new[i, k] + ahead * (new[i, k] - old[i, k]), low[at, k]), high[at, k])
    return out


@compiled
def fit(
    x, w, g, f, floor, held, robust, alpha, tolerance, window, most,
    f_low, f_high, f_more, f_pull, g_pull, pairs, groups, k, j, t,
):  # fmt: skip
    """Fit from a start; give g, f, the sum that was minimised, Q(true), Q(robust), the number of steps.

    x, w: (n, m), w = 1 / u^2 and 0 where missing, where x is 0. g: (n, p), f: (m, p), feasible starts. floor: g >= -floor.
    held: keep means of g at 1 on the way; without it they are made 1 at the end. most: steps at most; it ends where the sum
    fell by less than tolerance in window steps. f_low, f_high: (m, p) or (1, p). f_more, f_pull: (m, p) or (0, p), as extra says;
    so g_pull (n, p), pairs (tie, 5) factor, species, other species, ratio, weight, and k, j, t (k = -1: nothing is displaced).
    groups: int64 (group, most), the species that ties bind together, -1 behind them.
    """
    n, m = x.shape
    p = g.shape[1]
    xt, wt = np.ascontiguousarray(x.T), np.ascontiguousarray(w.T)
    ww, wwt, model = w, wt, np.empty((m, n))
    weights, room = np.empty((m, n)), np.empty((m, n))
    g, f = g.copy(), f.copy()
    g_low, g_high = np.full((1, p), -floor), np.full((1, p), np.inf)
    push, curve = np.zeros(p), np.zeros((p, p))
    if held > 0:
        rescaled(g, f, floor)
    q, true, printed = misfit(xt, wt, g, f, alpha, robust, model, room)
    q += extra(g, f, f_more, f_pull, g_pull, pairs, k, j, t)
    gy, fy, best = g.copy(), f.copy(), q
    ahead, ceiling, step = 0.5, 1.0, 0
    while step < most:
        step += 1
        plain = False
        while True:
            if robust:
                misfit(xt, wt, gy, fy, alpha, robust, model, weights)
                wwt = weights
                ww = np.ascontiguousarray(weights.T)
            fn = f.copy()
            half_f(ww, x, gy, fn, f_low, f_high, f_more, f_pull, pairs, groups, k, j, t)
            fz = fn.copy() if plain else beyond(fn, f, ahead, f_low, f_high)
            gn = g.copy()
            half_g(wwt, xt, fz, gn, g_low, g_high, held, push, curve, g_pull, k, j, t)
            qn, true, printed = misfit(xt, wt, gn, fz, alpha, robust, model, room)
            qn += extra(gn, fz, f_more, f_pull, g_pull, pairs, k, j, t)
            if qn <= q or plain:
                break
            plain = True
            gy, fy = g.copy(), f.copy()
            ceiling = ahead
            ahead /= 1.5
        if plain and qn > q:
            break
        if plain:
            gy, fy = gn.copy(), fz.copy()
        else:
            gy = beyond(gn, g, ahead, g_low, g_high)
            fy = fz.copy()
            ahead = min(ceiling, 1.05 * ahead)
            ceiling = min(1.0, 1.01 * ceiling)
        g, f, q = gn, fz, qn
        if step % window == 0:
            if best - q < tolerance:
                break
            best = q
    rescaled(g, f, floor)
    q, true, printed = misfit(xt, wt, g, f, alpha, robust, model, room)
    return g, f, q + extra(g, f, f_more, f_pull, g_pull, pairs, k, j, t), true, printed, step
