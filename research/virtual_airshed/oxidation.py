"""Odd oxygen made in an hour, and by whom: the chemistry's table asked for every cell, tag and zero-out.

A source's part of the production is the path-integrated (Aumann-Shapley) one: along the straight way from no emissions
at all to all of them, NOx and VOC of a source share the integrals of the gradients by NOx and by reactivity. NOx and
reactivity are linear in the sources, and what is carried of odd oxygen is linear in its production; so the allocation
of every cell and hour adds up to the path-integrated allocation of the whole model (Dunker et al. 2015, Environmental
Science & Technology 49, 13571: path-integral method, recalled).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from research.virtual_airshed.chemistry.kernels import at, both_at

LEAST = 1e-12


@njit(nogil=True, cache=True)
def add_production(
    ox, nox, reactivity, production, by_nox, cloud_at, warmth_at, depth_m, nmol_per_ppb, sources, zeros, part
):
    """Add one hour's production to odd oxygen.

    ox, nox: states (layer, row + 2, column + 2, tracer) [nmol/m2]. reactivity: (layer, row, column, tag) [1/s].
    production, by_nox: (cloud, temperature, nox, reactivity) at the hour's sun [ppb/h], by_nox the integral of the
    gradient by NOx. cloud_at, warmth_at: (row, column), position on the axes of cloud and temperature. depth_m: (layer,
    row, column). sources: how many there are, 0 in an untagged run. zeros: first zero-out among the tracers of ox, and
    of how many of the sources there is one. part: first row, and the one after the last. Returns the total made [nmol/m2
    cell].
    """
    layers, _, columns = depth_m.shape
    here = np.empty(production.shape[2:])
    here_n = np.empty(production.shape[2:])
    first_zero, zero_outs = zeros
    made = 0.0
    for r in range(part[0], part[1]):
        for c in range(columns):
            _cut(production, cloud_at[r, c], warmth_at[r, c], here)
            if sources:
                _cut(by_nox, cloud_at[r, c], warmth_at[r, c], here_n)
            for k in range(layers):
                per = 1.0 / (depth_m[k, r, c] * nmol_per_ppb)
                scale = depth_m[k, r, c] * nmol_per_ppb
                o, n, q = ox[k, r + 1, c + 1], nox[k, r + 1, c + 1], reactivity[k, r, c]
                n_ppb, q_s = max(n[0] * per, 0.0), max(q[0], 0.0)
                if sources:
                    whole, of_nox = both_at(here, here_n, n_ppb, q_s)
                else:
                    whole, of_nox = at(here, n_ppb, q_s), 0.0
                o[0] += whole * scale
                made += whole * scale
                if not sources:
                    continue
                if n_ppb < LEAST:
                    of_nox = 0.0
                elif q_s < LEAST:
                    of_nox = whole
                a = of_nox * scale / n_ppb * per if n_ppb >= LEAST else 0.0
                b = (whole - of_nox) * scale / q_s if q_s >= LEAST else 0.0
                for t in range(1, sources + 1):
                    o[t] += a * n[t] + b * q[t]
                    if t > zero_outs:
                        continue
                    without = at(here, max(n_ppb - n[t] * per, 0.0), max(q_s - q[t], 0.0))
                    o[first_zero + t - 1] += without * scale
    return made


@njit(nogil=True, cache=True)
def _cut(table, cloud, warmth, out):
    i, j = min(int(cloud), table.shape[0] - 2), min(int(warmth), table.shape[1] - 2)
    f, g = cloud - i, warmth - j
    a, b, c, d = (1 - f) * (1 - g), (1 - f) * g, f * (1 - g), f * g
    for n in range(out.shape[0]):
        for q in range(out.shape[1]):
            out[n, q] = (a * table[i, j, n, q] + b * table[i, j + 1, n, q] + c * table[i + 1, j, n, q]
                         + d * table[i + 1, j + 1, n, q])  # fmt: skip


@njit(nogil=True, cache=True)
def add_reactivity(total, state, depth_m, per_unit, part):
    """Add to the reactivity (layer, row, column, tag) [1/s] what a species contributes:

    state per depth times per_unit [1/s per unit/m3]. part: first row, and the one after the last.
    """
    layers, _, columns, tags = total.shape
    for k in range(layers):
        for r in range(part[0], part[1]):
            for c in range(columns):
                scale = per_unit / depth_m[k, r, c]
                s, out = state[k, r + 1, c + 1], total[k, r, c]
                for t in range(tags):
                    out[t] += scale * s[t]
