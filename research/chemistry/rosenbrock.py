"""Rodas3 for blocks of boxes side by side, compiled.

A block is LANES boxes; the box is the innermost axis everywhere, so that a processor does the same for all of them at once.
Boxes of a block share the length of a step, which the worst of them decides and which is carried on between windows.

Stages, with A = 1/(h gamma) - J, gamma = 1/2 (Sandu et al. 1997, Atmos. Environ. 31, 3459; L-stable, order 3, embedded 2):

    A k1 = f(y)                      A k2 = f(y) + 4 k1/h
    A k3 = f(y + 2 k1) + (k1 - k2)/h
    A k4 = f(y + 2 k1 + k3) + (k1 - k2 - 8/3 k3)/h
    y1 = y + 2 k1 + k3 + k4,  error = k4

What reactions have done is integrated by the same stages, as if each had a counter among the unknowns: the change of a
species is then the sum over its reactions up to rounding.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from research.kernel_cache import compiler

LANES = 8
"""Boxes of a block: one register of 512 bits, two of 256."""
_GAMMA = 0.5
_SMALLEST_STEP_S = 1e-9
_MOST_STEPS = 200_000
_FAST = {"contract", "reassoc", "nsz", "arcp"}  # not nnan: what is not a number must be seen
SOURCES = (Path(__file__),)
"""The files whose content a compiled kernel depends on."""
_kernel = compiler(SOURCES, fastmath=_FAST, error_model="numpy")


@_kernel
def reaction_rates(k, y, terms, r):
    """Compute rates of all reactions [ppb/s]; r (reaction, lane) is written."""
    first, second, third = terms
    for q in range(first.size):
        a, b, c = first[q], second[q], third[q]
        if a < 0:
            for box in range(LANES):
                r[q, box] = k[q, box]
        elif b < 0:
            for box in range(LANES):
                r[q, box] = k[q, box] * y[a, box]
        elif c < 0:
            for box in range(LANES):
                r[q, box] = k[q, box] * y[a, box] * y[b, box]
        else:
            for box in range(LANES):
                r[q, box] = k[q, box] * y[a, box] * y[b, box] * y[c, box]


@_kernel
def _tendency(k, y, gain, loss, terms, net, r, f):
    """Compute dy/dt of the free species; r is written too."""
    reaction_rates(k, y, terms, r)
    start, reaction, amount = net
    for i in range(f.shape[0]):
        for box in range(LANES):
            f[i, box] = gain[i, box] - loss[i, box] * y[i, box]
        for t in range(start[i], start[i + 1]):
            q, c = reaction[t], amount[t]
            for box in range(LANES):
                f[i, box] += c * r[q, box]


@_kernel
def _partials(k, y, terms, parts, d):
    """Compute the derivative of each reaction's rate by each free species that comes in."""
    first, second, third = terms
    of, slot = parts[0], parts[1]
    for t in range(of.size):
        q, s = of[t], slot[t]
        a, b, c = first[q], second[q], third[q]
        if b < 0:
            for box in range(LANES):
                d[t, box] = k[q, box]
        elif c < 0:
            o = b if s == 0 else a
            for box in range(LANES):
                d[t, box] = k[q, box] * y[o, box]
        else:
            o = b if s == 0 else a
            p = b if s == 2 else c
            for box in range(LANES):
                d[t, box] = k[q, box] * y[o, box] * y[p, box]


@_kernel
def _matrix(d, loss, shift, jacobian, diagonal, matrix):
    """Fill shift - J."""
    start, part, amount = jacobian
    for p in range(matrix.shape[0]):
        for box in range(LANES):
            matrix[p, box] = 0.0
        for t in range(start[p], start[p + 1]):
            e, c = part[t], amount[t]
            for box in range(LANES):
                matrix[p, box] -= c * d[e, box]
    for i in range(diagonal.size):
        p = diagonal[i]
        for box in range(LANES):
            matrix[p, box] += loss[i, box] + shift


@_kernel
def _factorise(matrix, lu, inverse):
    """Factorise in place, row by row; inverse (n, lane) gets 1/pivot. Returns whether all pivots are above zero.

    One that is not means that something grows faster than the step can follow; an L-stable method would damp it, unseen.
    """
    good = True
    diagonal, lower_at, lower_column, lower_row, update_from, update_to, update_by = lu[:7]
    for i in range(diagonal.size):
        for t in range(lower_row[i], lower_row[i + 1]):
            p, k = lower_at[t], lower_column[t]
            for box in range(LANES):
                matrix[p, box] *= inverse[k, box]
            for u in range(update_from[t], update_from[t + 1]):
                a, b = update_to[u], update_by[u]
                for box in range(LANES):
                    matrix[a, box] -= matrix[p, box] * matrix[b, box]
        for box in range(LANES):
            inverse[i, box] = 1.0 / matrix[diagonal[i], box]
            good &= matrix[diagonal[i], box] > 0.0
    return good


@_kernel
def _solve(matrix, inverse, lu, b):
    """Solve in place by the factors."""
    lower_at, lower_column, lower_row = lu[1], lu[2], lu[3]
    upper_at, upper_column, upper_row = lu[7], lu[8], lu[9]
    n = inverse.shape[0]
    for i in range(n):
        for t in range(lower_row[i], lower_row[i + 1]):
            p, c = lower_at[t], lower_column[t]
            for box in range(LANES):
                b[i, box] -= matrix[p, box] * b[c, box]
    for i in range(n - 1, -1, -1):
        for t in range(upper_row[i], upper_row[i + 1]):
            p, c = upper_at[t], upper_column[t]
            for box in range(LANES):
                b[i, box] -= matrix[p, box] * b[c, box]
        for box in range(LANES):
            b[i, box] *= inverse[i, box]


@_kernel
def _count(r, d, k, parts, counted, previous, share, z):
    """Do a stage for the counters: z = r + (c/h sums of earlier stages, in previous) + the derivative along k, times share."""
    start, of = parts[2], parts[3]
    for j in range(counted.size):
        q = counted[j]
        for box in range(LANES):
            z[j, box] = r[q, box] + previous[j, box]
        for t in range(start[q], start[q + 1]):
            s = of[t]
            for box in range(LANES):
                z[j, box] += d[t, box] * k[s, box]
        for box in range(LANES):
            z[j, box] *= share


@_kernel
def _worst(y, new, error, rtol, atol):
    """Give the largest error of the boxes, each as the root of the mean square over species, in units of what is allowed."""
    n = error.shape[0]
    total = np.zeros(LANES)
    for i in range(n):
        for box in range(LANES):
            v = error[i, box] / (atol + rtol * max(abs(y[i, box]), abs(new[i, box])))
            total[box] += v * v
    worst = 0.0
    for box in range(LANES):
        if not total[box] <= worst:  # so that what is no number is the worst
            worst = total[box]
    return math.sqrt(worst / n)


@_kernel
def _step(y, k, gain, loss, step, tables, counted, work):
    """Do a step of all four stages: z becomes the new amounts, k4 their error; False where a pivot is not above zero.

    work holds r0 and f0 of y, and gets r of the last stage and the counters of the first three.
    """
    terms, net, parts, jacobian, lu = tables
    r, f0, f, d, matrix, inverse, k1, k2, k3, k4, z = work[:11]
    n = f.shape[0]
    _partials(k, y, terms, parts, d)
    _matrix(d, loss, 1.0 / (step * _GAMMA), jacobian, lu[0], matrix)
    if not _factorise(matrix, lu, inverse):
        return False
    for i in range(n):
        for box in range(LANES):
            k1[i, box] = f0[i, box]
    _solve(matrix, inverse, lu, k1)
    for i in range(n):
        for box in range(LANES):
            k2[i, box] = f0[i, box] + 4.0 / step * k1[i, box]
    _solve(matrix, inverse, lu, k2)
    for i in range(n):
        for box in range(LANES):
            z[i, box] = y[i, box] + 2.0 * k1[i, box]
    _tendency(k, z, gain, loss, terms, net, r, f)
    for i in range(n):
        for box in range(LANES):
            k3[i, box] = f[i, box] + (k1[i, box] - k2[i, box]) / step
    _solve(matrix, inverse, lu, k3)
    if counted.size:
        _count_three(step, parts, counted, work)
    for i in range(n):
        for box in range(LANES):
            z[i, box] += k3[i, box]
    _tendency(k, z, gain, loss, terms, net, r, f)
    for i in range(n):
        for box in range(LANES):
            k4[i, box] = f[i, box] + (k1[i, box] - k2[i, box] - 8.0 / 3.0 * k3[i, box]) / step
    _solve(matrix, inverse, lu, k4)
    for i in range(n):
        for box in range(LANES):
            z[i, box] += k4[i, box]
    return True


@_kernel
def _count_three(step, parts, counted, work):
    """Do the first three stages for the counters."""
    r, _, _, d, _, _, k1, k2, k3, _, _, r0, c1, c2, c3, _, before = work
    share = step * _GAMMA
    for j in range(counted.size):
        for box in range(LANES):
            before[j, box] = 0.0
    _count(r0, d, k1, parts, counted, before, share, c1)
    for j in range(counted.size):
        for box in range(LANES):
            before[j, box] = 4.0 / step * c1[j, box]
    _count(r0, d, k2, parts, counted, before, share, c2)
    for j in range(counted.size):
        for box in range(LANES):
            before[j, box] = (c1[j, box] - c2[j, box]) / step
    _count(r, d, k3, parts, counted, before, share, c3)


@_kernel
def _count_last(step, parts, counted, done, work):
    """Do the last stage for the counters, and add the step to them."""
    r, d, k4 = work[0], work[3], work[9]
    c1, c2, c3, c4, before = work[12:]
    for j in range(counted.size):
        for box in range(LANES):
            before[j, box] = (c1[j, box] - c2[j, box] - 8.0 / 3.0 * c3[j, box]) / step
    _count(r, d, k4, parts, counted, before, step * _GAMMA, c4)
    for j in range(counted.size):
        for box in range(LANES):
            done[j, box] += 2.0 * c1[j, box] + c3[j, box] + c4[j, box]


@_kernel
def _advance(y, k, gain, loss, seconds, h, rtol, atol, tables, counted, done, work):
    """Integrate one window; y (species, lane) and done (counter, lane) are written. Returns the next step [s], steps, ok."""
    f0, k4, z, r0 = work[1], work[9], work[10], work[11]
    t, steps, tries = 0.0, 0, 0
    _tendency(k, y, gain, loss, tables[0], tables[1], r0, f0)
    while seconds - t > _SMALLEST_STEP_S:
        tries += 1
        step = h if h < seconds - t else seconds - t
        if tries > _MOST_STEPS or step < _SMALLEST_STEP_S:
            return h, steps, False
        if not _step(y, k, gain, loss, step, tables, counted, work):
            h = 0.5 * step
            continue
        error = _worst(y, z, k4, rtol, atol)
        if not error < 1e300:
            h = 0.1 * step
            continue
        factor = min(6.0, max(0.2, 0.9 * error ** (-1.0 / 3.0))) if error > 0.0 else 6.0
        if error > 1.0:
            h = step * factor
            continue
        if counted.size:
            _count_last(step, tables[2], counted, done, work)
        for i in range(k4.shape[0]):
            for box in range(LANES):
                y[i, box] = max(z[i, box], 0.0)
        t += step
        steps += 1
        h = max(step * factor, h) if step < h and factor >= 1.0 else step * factor
        _tendency(k, y, gain, loss, tables[0], tables[1], r0, f0)
    return h, steps, True


@_kernel
def run_blocks(
    begin, end, start, constants, site, seconds, physics, rtol, atol, tables, sums, counting, keep, out, totals, state
):
    """Integrate blocks begin … end - 1 over all windows.

    start (species, box): at first, in the kernel's order. constants (site, window, reaction). site (box,). seconds
    (window,). physics: places and values of held, source, background and deposition, (window, place, box) each, dilution
    (window, box), and of families where members begin, places, weights, sums. sums: (total, member) places. counting:
    which reactions are counted, and what each adds to which total. keep: places to write to out (box, window, kept);
    totals (box, window, total) gets sums of integrated rates; state (block, 2): steps, and the window that failed or -1.
    """
    terms, _, parts, jacobian, lu = tables
    held_at, held, source_at, source, background_at, background, deposition_at, deposition, dilution = physics[:9]
    families = physics[9:]
    counted, into_counter, into_total, into_weight = counting
    species, n, reactions = start.shape[0], lu[0].size, terms[0].size
    y, k = np.empty((species, LANES)), np.empty((reactions, LANES))
    gain, loss, done = np.zeros((n, LANES)), np.zeros((n, LANES)), np.zeros((counted.size, LANES))
    work = (
        np.empty((reactions, LANES)), np.empty((n, LANES)), np.empty((n, LANES)), np.empty((parts[0].size, LANES)),
        np.empty((jacobian[0].size - 1, LANES)), np.empty((n, LANES)), np.empty((n, LANES)), np.empty((n, LANES)),
        np.empty((n, LANES)), np.empty((n, LANES)), np.zeros((species, LANES)), np.empty((reactions, LANES)),
        np.empty((counted.size, LANES)), np.empty((counted.size, LANES)), np.empty((counted.size, LANES)),
        np.empty((counted.size, LANES)), np.empty((counted.size, LANES)),
    )  # fmt: skip
    for block in range(begin, end):
        o = block * LANES
        h = 1.0
        state[block, 0], state[block, 1] = 0, -1
        for i in range(species):
            for box in range(LANES):
                y[i, box] = start[i, o + box]
        for w in range(seconds.size):
            for box in range(LANES):
                place = site[o + box]
                for q in range(reactions):
                    k[q, box] = constants[place, w, q]
            for i in range(n):
                for box in range(LANES):
                    gain[i, box], loss[i, box] = 0.0, dilution[w, o + box]
            for j in range(source_at.size):
                for box in range(LANES):
                    gain[source_at[j], box] += source[w, j, o + box]
            for j in range(background_at.size):
                for box in range(LANES):
                    gain[background_at[j], box] += dilution[w, o + box] * background[w, j, o + box]
            for j in range(deposition_at.size):
                for box in range(LANES):
                    loss[deposition_at[j], box] += deposition[w, j, o + box]
            for j in range(held_at.size):
                for box in range(LANES):
                    y[held_at[j], box] = held[w, j, o + box]
            _put_families(y, gain, loss, families, w, o)
            _put_sums(y, sums)
            for j in range(counted.size):
                for box in range(LANES):
                    done[j, box] = 0.0
            for i in range(n, species):  # stages do not change what is held
                for box in range(LANES):
                    work[10][i, box] = y[i, box]
            h, steps, ok = _advance(y, k, gain, loss, seconds[w], h, rtol, atol, tables, counted, done, work)
            state[block, 0] += steps
            if not ok:
                state[block, 1] = w
                break
            for j in range(keep.size):
                for box in range(LANES):
                    out[o + box, w, j] = y[keep[j], box]
            for j in range(into_counter.size):
                for box in range(LANES):
                    totals[o + box, w, into_total[j]] += into_weight[j] * done[into_counter[j], box]


@_kernel
def _put_sums(y, sums):
    """Set each sum to what its members are: clipping at zero must not add up."""
    total, start, member = sums
    for j in range(total.size):
        for box in range(LANES):
            y[total[j], box] = 0.0
        for t in range(start[j], start[j + 1]):
            for box in range(LANES):
                y[total[j], box] += y[member[t], box]


@_kernel
def _put_families(y, gain, loss, families, w, o):
    """Multiply the members of each family so that their sum is what is told; mixing and sources do not touch them.

    Where no member is there yet, all of it is the first one.
    """
    start, member, weight, told = families
    for j in range(start.size - 1):
        for box in range(LANES):
            total = 0.0
            for t in range(start[j], start[j + 1]):
                total += weight[t] * y[member[t], box]
            for t in range(start[j], start[j + 1]):
                if total > 0.0:
                    y[member[t], box] *= told[w, j, o + box] / total
                gain[member[t], box] = 0.0
                loss[member[t], box] = 0.0
            if total <= 0.0:
                y[member[start[j]], box] = told[w, j, o + box] / weight[start[j]]
