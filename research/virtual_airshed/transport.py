"""Transport on the grid: air moves between cells and layers, and carries every tracer with it.

State is an amount per area and layer, float64 (layer, row + 2, column + 2, tracer), unit of the tracer per m2; a concentration is
the amount over the layer's depth. Layer 0 is the mixed layer, layer 1 the rest up to the top. The outermost ring of cells holds the
concentrations outside the grid.

The scheme is the donor cell: what leaves a cell leaves with the cell's own concentration. It is linear in the tracers
(so a tag is exactly what its source alone would give), positive, and loses nothing. Its numerical diffusion, some 4,000
m2/s in a wind of 1 m/s, stands for the unresolved turning of the wind. Air itself obeys the same balance, the exchange
between the layers following from it, so that a uniform concentration stays uniform.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from research.virtual_airshed.flow import Flow
from research.virtual_airshed.grid import CELL_M, TOP_M

STEP_S = 3600.0
MOST_COURANT = 0.95
"""How much of its air a cell may give away in one step."""
STAY, WEST, EAST, SOUTH, NORTH, OTHER, LID, LEAVING = range(8)
"""What the last axis of the shares counts: the part of a cell that stays, what comes in from each side, and which part of the cell
leaves the grid."""
SHARES = 8
_fast = njit(nogil=True, cache=True, fastmath={"contract"})


def steps_needed(flow: Flow, before_m: np.ndarray, after_m: np.ndarray) -> int:
    """Give into how many substeps an hour must be cut.

    flow: (layer, ...), speeds through the faces [m/s]. before_m, after_m: height of the mixed layer [m] (row, column).
    """
    return max(1, math.ceil(_largest_outflow(flow.east, flow.north, before_m, after_m) / MOST_COURANT))


def hour_shares(flow: Flow, before_m: np.ndarray, after_m: np.ndarray) -> np.ndarray:
    """Give the shares of an hour's substeps, (step, layer, row, column, SHARES), in as many steps as keep every share >= 0.

    flow: (layer, ...), speeds through the faces [m/s]. before_m, after_m: height of the mixed layer at the hour's ends
    [m], with a ring of their own (row + 2, column + 2).
    """
    steps = steps_needed(flow, before_m[1:-1, 1:-1], after_m[1:-1, 1:-1])
    while True:
        ends = [before_m + (after_m - before_m) * (j / steps) for j in range(steps + 1)]
        shares = np.empty((steps, 2, *(n - 2 for n in before_m.shape), SHARES))
        least = min(
            shares_of(flow.east, flow.north, ends[j], ends[j + 1], STEP_S / steps, shares[j]) for j in range(steps)
        )
        if least >= 0.0:
            return shares
        steps += 1  # the estimate took the depth at a face for that of the cell


@_fast
def _largest_outflow(east, north, before_m, after_m):
    rows, columns = before_m.shape
    scale, largest = STEP_S / CELL_M, 0.0
    for r in range(rows):
        for c in range(columns):
            h = 0.5 * (before_m[r, c] + after_m[r, c])
            low = min(before_m[r, c], after_m[r, c])
            growth = after_m[r, c] - before_m[r, c]
            for k in range(2):
                d = h if k == 0 else TOP_M - h
                net = (east[k, r, c + 1] - east[k, r, c] + north[k, r + 1, c] - north[k, r, c]) * scale * d
                out = (max(east[k, r, c + 1], 0.0) - min(east[k, r, c], 0.0) + max(north[k, r + 1, c], 0.0)
                       - min(north[k, r, c], 0.0)) * scale * d  # fmt: skip
                rise = growth + net if k == 0 else net - growth
                out += max(-rise, 0.0)
                least = low if k == 0 else TOP_M - max(before_m[r, c], after_m[r, c])
                largest = max(largest, out / least)
    return largest


@_fast
def shares_of(east, north, before_m, after_m, seconds, shares):
    """Give for one substep which share of each cell's neighbours it takes over: into shares (layer, row, column, SHARES).

    east (layer, row, column + 1), north (layer, row + 1, column): speeds through the faces [m/s]. before_m, after_m:
    height of the mixed layer at the substep's ends [m], with a ring of their own (row + 2, column + 2). Shares are per
    amount [m-2], from outside the grid and above the lid per concentration. Returns the smallest share that stays.
    """
    _, rows, columns, _ = shares.shape
    scale, least = seconds / CELL_M, 1.0
    per_amount = np.ones((2, rows + 2, columns + 2))  # the ring holds concentrations: amounts at a depth of 1
    for r in range(1, rows + 1):
        for c in range(1, columns + 1):
            per_amount[0, r, c], per_amount[1, r, c] = 1.0 / before_m[r, c], 1.0 / (TOP_M - before_m[r, c])
    for r in range(rows):
        for c in range(columns):
            down = lid = 0.0
            for k in range(2):
                west = east[k, r, c] * scale * _face(before_m, after_m, k, r + 1, c + 1, r + 1, c)
                east_ = -east[k, r, c + 1] * scale * _face(before_m, after_m, k, r + 1, c + 1, r + 1, c + 2)
                south = north[k, r, c] * scale * _face(before_m, after_m, k, r + 1, c + 1, r, c + 1)
                north_ = -north[k, r + 1, c] * scale * _face(before_m, after_m, k, r + 1, c + 1, r + 2, c + 1)
                growth = after_m[r + 1, c + 1] - before_m[r + 1, c + 1]
                if k == 0:
                    down = growth - (west + east_ + south + north_)  # what the balance of the air asks of layer 1
                else:
                    lid = down - growth - (west + east_ + south + north_)  # and then of the air above
                lost = min(west, 0.0) + min(east_, 0.0) + min(south, 0.0) + min(north_, 0.0)
                lost += min(down, 0.0) if k == 0 else min(-down, 0.0) + min(lid, 0.0)
                here = shares[k, r, c]
                here[STAY] = 1.0 + lost * per_amount[k, r + 1, c + 1]
                here[WEST] = max(west, 0.0) * per_amount[k, r + 1, c]
                here[EAST] = max(east_, 0.0) * per_amount[k, r + 1, c + 2]
                here[SOUTH] = max(south, 0.0) * per_amount[k, r, c + 1]
                here[NORTH] = max(north_, 0.0) * per_amount[k, r + 2, c + 1]
                here[OTHER] = max(down if k == 0 else -down, 0.0) * per_amount[1 - k, r + 1, c + 1]
                here[LID] = 0.0 if k == 0 else max(lid, 0.0)
                gone = 0.0 if k == 0 else min(lid, 0.0)
                gone += (min(west, 0.0) if c == 0 else 0.0) + (min(east_, 0.0) if c == columns - 1 else 0.0)
                gone += (min(south, 0.0) if r == 0 else 0.0) + (min(north_, 0.0) if r == rows - 1 else 0.0)
                here[LEAVING] = -gone * per_amount[k, r + 1, c + 1]
                least = min(least, here[STAY])
    return least


@_fast
def _face(before_m, after_m, k, r, c, row, column):
    h = 0.25 * (before_m[r, c] + after_m[r, c] + before_m[row, column] + after_m[row, column])
    return h if k == 0 else TOP_M - h


@_fast
def advance(state, new, shares, lid, counted, balance):
    """Move the tracers through one substep, from state to new, both (layer, row + 2, column + 2, tracer).

    shares: as shares_of gives them. lid: (tracer,), concentration above the top. counted: tracers whose balance is kept.
    balance: (counted, 2), what came into the grid and what went out is added [unit m-2 cell].
    """
    layers, rows, columns, _ = shares.shape
    tracers = state.shape[3]
    for k in range(layers):
        for r in range(rows):
            for c in range(columns):
                a = shares[k, r, c]
                stay, west, east, south, north, other, top = a[0], a[1], a[2], a[3], a[4], a[5], a[6]
                # Air rarely comes in from two opposite sides: only where it does are both read.
                x, y = c + 2 if east > west else c, r + 2 if north > south else r
                from_x, from_y = max(west, east), max(south, north)
                if other > 0.0:
                    for t in range(tracers):
                        new[k, r + 1, c + 1, t] = (
                            stay * state[k, r + 1, c + 1, t] + from_x * state[k, r + 1, x, t]
                            + from_y * state[k, y, c + 1, t] + other * state[1 - k, r + 1, c + 1, t]
                        )  # fmt: skip
                else:
                    for t in range(tracers):
                        new[k, r + 1, c + 1, t] = (
                            stay * state[k, r + 1, c + 1, t]
                            + from_x * state[k, r + 1, x, t]
                            + from_y * state[k, y, c + 1, t]
                        )
                out = new[k, r + 1, c + 1]
                if min(west, east) > 0.0:
                    _add(out, min(west, east), state[k, r + 1, 2 * c + 2 - x])
                if min(south, north) > 0.0:
                    _add(out, min(south, north), state[k, 2 * r + 2 - y, c + 1])
                if top > 0.0:
                    _add(out, top, lid)
                edge = r == 0 or c == 0 or r == rows - 1 or c == columns - 1
                if k == 1 or edge:
                    for i in range(counted.size):
                        t = counted[i]
                        came = top * lid[t]
                        came += west * state[k, r + 1, 0, t] if c == 0 else 0.0
                        came += east * state[k, r + 1, columns + 1, t] if c == columns - 1 else 0.0
                        came += south * state[k, 0, c + 1, t] if r == 0 else 0.0
                        came += north * state[k, rows + 1, c + 1, t] if r == rows - 1 else 0.0
                        balance[i, 0] += came
                        balance[i, 1] += a[7] * state[k, r + 1, c + 1, t]


@_fast
def _add(out, share, source):
    for t in range(out.size):
        out[t] += share * source[t]


@_fast
def exchange(state, height_m, between_m, lid_m, lid, counted, balance):
    """Let the layers, and the upper one and the air above, trade equal depths of air [m] (row, column): implicit, linear, lossless.

    height_m: of the mixed layer (row, column). lid: (tracer,), concentration above the top. counted, balance: as in advance.
    """
    rows, columns = height_m.shape
    tracers = state.shape[3]
    for r in range(rows):
        for c in range(columns):
            h = height_m[r, c]
            a, b, top = between_m[r, c] / h, between_m[r, c] / (TOP_M - h), lid_m[r, c] / (TOP_M - h)
            # (1 + a) m0 - b m1 = M0;  -a m0 + (1 + b + top) m1 = M1 + lid_m * lid
            scale = 1.0 / ((1.0 + a) * (1.0 + b + top) - a * b)
            p, q, u, v = scale * (1.0 + b + top), scale * b, scale * a, scale * (1.0 + a)
            low, high = state[0, r + 1, c + 1], state[1, r + 1, c + 1]
            for t in range(tracers):
                m0, m1 = low[t], high[t] + lid_m[r, c] * lid[t]
                low[t], high[t] = p * m0 + q * m1, u * m0 + v * m1
            for i in range(counted.size):
                balance[i, 0] += lid_m[r, c] * lid[counted[i]]
                balance[i, 1] += top * high[counted[i]]


@_fast
def surround(state, ring, carried):
    """Put the air outside into the outermost cells: state (layer, row + 2, column + 2, tracer), ring (layer, row + 2, column + 2).

    carried: (tracer,), 1 where the tracer comes in with that air, else 0.
    """
    layers, rows, columns, tracers = state.shape
    for k in range(layers):
        for r in range(rows):
            step = 1 if r == 0 or r == rows - 1 else columns - 1
            for c in range(0, columns, step):
                for t in range(tracers):
                    state[k, r, c, t] = ring[k, r, c] * carried[t]
