"""How production divides between NOx and reactivity: the integral along the straight way from clean air (Aumann-Shapley)."""

from __future__ import annotations

import numpy as np


def by_nox(table: np.ndarray, nox_ppb: np.ndarray, reactivity_per_s: np.ndarray) -> np.ndarray:
    """Compute the part of production that belongs to NOx at every node.

    table: float64 (..., nox, reactivity) [any unit], 0 at the first node of both. nox_ppb [ppb] and reactivity_per_s
    [1/s]: the nodes, rising from 0. Returns the part in the shape and unit of the table; what is left of the table belongs
    to reactivity. At the ends of the ray the whole goes to the one that is there: all to NOx without reactivity, nothing to
    NOx without NOx.
    Errors: ValueError where a first node is not 0, or the table is not 0 there.
    Notes: A_N(N, R) = integral from 0 to 1 of N dP/dN(lN, lR) dl. The table is bilinear in each cell, so along the ray the
    integrand is linear in l between the crossings of nodes, and its middle times the length is exact.
    Source: Aumann and Shapley 1974, Values of Non-Atomic Games; in air quality as path integral, Dunker 2015.
    """
    nox, reactivity = np.asarray(nox_ppb, np.float64), np.asarray(reactivity_per_s, np.float64)
    if nox[0] != 0.0 or reactivity[0] != 0.0:
        raise ValueError(f"the first nodes are {nox[0]} and {reactivity[0]}, expected 0 and 0")
    if np.any(table[..., 0, 0] != 0.0):
        raise ValueError(
            "the table is not 0 without NOx and reactivity, expected 0: there would be a rest that nobody has"
        )
    part = np.zeros_like(table)
    for i in range(1, len(nox)):
        for j in range(len(reactivity)):
            part[..., i, j] = _along_ray(table, nox, reactivity, nox[i], reactivity[j])
    return part


def _along_ray(table, nox, reactivity, end_nox: float, end_reactivity: float) -> np.ndarray:
    crossings = [nox[nox < end_nox] / end_nox, [1.0]]
    if end_reactivity > 0.0:
        crossings.append(reactivity[reactivity < end_reactivity] / end_reactivity)
    places = np.unique(np.concatenate(crossings))
    middle = 0.5 * (places[1:] + places[:-1])
    n = np.searchsorted(nox, middle * end_nox, side="right") - 1
    r = np.minimum(np.searchsorted(reactivity, middle * end_reactivity, side="right") - 1, len(reactivity) - 2)
    g = (middle * end_reactivity - reactivity[r]) / (reactivity[r + 1] - reactivity[r])
    rise = (1.0 - g) * (table[..., n + 1, r] - table[..., n, r]) + g * (table[..., n + 1, r + 1] - table[..., n, r + 1])
    slope = rise / (nox[n + 1] - nox[n])
    return end_nox * (slope * np.diff(places)).sum(axis=-1)
