"""Compiled look-ups in the ozone surface, for loops that ask hundreds of millions of times.

A table is indexed (cos_zenith, cloud_transmission, temperature_c, nox_ppb, reactivity_per_s). `slice_at` makes the plane of
one sky from it, `at` reads the plane. All are linear between nodes, keep the value of the last node beyond the ends, and
give NaN where an argument is NaN. Numba does not notice when a function called from another file has changed: whoever
calls these from cached functions must clear the cache after a change here.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from research.virtual_airshed.chemistry.axes import (
    CLOUD_TRANSMISSION,
    COS_ZENITH,
    NOX_PPB,
    OCTAVE,
    REACTIVITY_PER_S,
    TEMPERATURE_C,
)

_EXPONENT_BITS, _BIAS = 52, 1023
_FRACTION, _SCALE = (1 << 52) - 1, 2.0**-52
_OFFSET = np.array(OCTAVE) - 1.0
_PER_WIDTH = 1.0 / np.diff((*OCTAVE, 2.0))
_NOX_LAST, _REACTIVITY_LAST = len(NOX_PPB) - 1, len(REACTIVITY_PER_S) - 1
_NOX_TOP, _REACTIVITY_TOP = NOX_PPB[-1], REACTIVITY_PER_S[-1]
_NOX_ONE, _REACTIVITY_ONE = NOX_PPB.index(1.0), REACTIVITY_PER_S.index(1.0)
_, _N1, _N2, _N3 = NOX_PPB[:4]  # below the octaves
_R1 = REACTIVITY_PER_S[1]
_COS, _CLOUD, _TEMPERATURE = np.array(COS_ZENITH), np.array(CLOUD_TRANSMISSION), np.array(TEMPERATURE_C)


@njit(nogil=True, cache=True, inline="always")
def _octave_cell(value):
    """Give the cell of a number above zero, counted from the node 1, and how far into it, 0 to 1."""
    bits = np.float64(value).view(np.int64)
    octave = 2 * ((bits >> _EXPONENT_BITS) - _BIAS)
    fraction = (bits & _FRACTION) * _SCALE
    beyond = np.int64(fraction >= _OFFSET[1])  # looked up and not branched: a processor guesses wrong half of the time
    return octave + beyond, (fraction - _OFFSET[beyond]) * _PER_WIDTH[beyond]


@njit(nogil=True, cache=True, inline="always")
def _nox_cell(nox_ppb):
    """Give the cell of NOx and how far into it, 0 to 1."""
    if nox_ppb >= _N3:
        if nox_ppb >= _NOX_TOP:
            return _NOX_LAST - 1, 1.0
        cell, f = _octave_cell(nox_ppb)
        return cell + _NOX_ONE, f
    if nox_ppb >= _N2:
        return 2, (nox_ppb - _N2) / (_N3 - _N2)
    if nox_ppb >= _N1:
        return 1, (nox_ppb - _N1) / (_N2 - _N1)
    return 0, max(nox_ppb, 0.0) / _N1


@njit(nogil=True, cache=True, inline="always")
def _reactivity_cell(reactivity_per_s):
    """Give the cell of reactivity and how far into it, 0 to 1."""
    if reactivity_per_s >= _R1:
        if reactivity_per_s >= _REACTIVITY_TOP:
            return _REACTIVITY_LAST - 1, 1.0
        cell, g = _octave_cell(reactivity_per_s)
        return cell + _REACTIVITY_ONE, g
    return 0, max(reactivity_per_s, 0.0) / _R1


@njit(nogil=True, cache=True, inline="always")
def _plane(slice_, n, f, r, g):
    low = (1.0 - g) * slice_[n, r] + g * slice_[n, r + 1]
    high = (1.0 - g) * slice_[n + 1, r] + g * slice_[n + 1, r + 1]
    return (1.0 - f) * low + f * high


@njit(nogil=True, cache=True, error_model="numpy")
def at(slice_, nox_ppb, reactivity_per_s):
    """Read a plane that slice_at made, at one point.

    slice_: float64 (nox, reactivity). nox_ppb [ppb], reactivity_per_s [1/s]: float64. Returns the plane's value
    [ppb/h for production].
    Missing: NaN gives NaN.
    """
    if not nox_ppb + reactivity_per_s < np.inf and (np.isnan(nox_ppb) or np.isnan(reactivity_per_s)):
        return np.nan
    n, f = _nox_cell(nox_ppb)
    r, g = _reactivity_cell(reactivity_per_s)
    return _plane(slice_, n, f, r, g)


@njit(nogil=True, cache=True, error_model="numpy")
def both_at(first, second, nox_ppb, reactivity_per_s):
    """Read two planes at the same point, as `at` does but looking the cell up once; returns both values."""
    if not nox_ppb + reactivity_per_s < np.inf and (np.isnan(nox_ppb) or np.isnan(reactivity_per_s)):
        return np.nan, np.nan
    n, f = _nox_cell(nox_ppb)
    r, g = _reactivity_cell(reactivity_per_s)
    return _plane(first, n, f, r, g), _plane(second, n, f, r, g)


@njit(nogil=True, cache=True)
def _cell(nodes, value):
    """Give the cell of a short axis and how far into it, 0 to 1; NaN stays NaN in the second."""
    last = len(nodes) - 2
    i = 0
    while i < last and value >= nodes[i + 1]:
        i += 1
    f = (value - nodes[i]) / (nodes[i + 1] - nodes[i])
    if f < 0.0:
        f = 0.0
    elif f > 1.0:
        f = 1.0
    return i, f


@njit(nogil=True, cache=True, error_model="numpy")
def slice_at(table, cos_zenith, cloud_transmission, temperature_c, out):
    """Make the plane of one sky.

    table: float64 (cos_zenith, cloud_transmission, temperature_c, nox, reactivity). cos_zenith, cloud_transmission (0 to
    1), temperature_c [°C]: of the sky. out: float64 (nox, reactivity), written.
    Missing: NaN in the sky makes the whole plane NaN.
    """
    c, f = _cell(_COS, cos_zenith)
    t, g = _cell(_CLOUD, cloud_transmission)
    k, h = _cell(_TEMPERATURE, temperature_c)
    w0, w1 = (1.0 - f) * (1.0 - g) * (1.0 - h), (1.0 - f) * (1.0 - g) * h
    w2, w3 = (1.0 - f) * g * (1.0 - h), (1.0 - f) * g * h
    w4, w5 = f * (1.0 - g) * (1.0 - h), f * (1.0 - g) * h
    w6, w7 = f * g * (1.0 - h), f * g * h
    a, b = table[c, t], table[c, t + 1]
    d, e = table[c + 1, t], table[c + 1, t + 1]
    for n in range(out.shape[0]):
        for r in range(out.shape[1]):
            near = w0 * a[k, n, r] + w1 * a[k + 1, n, r] + w2 * b[k, n, r] + w3 * b[k + 1, n, r]
            far = w4 * d[k, n, r] + w5 * d[k + 1, n, r] + w6 * e[k, n, r] + w7 * e[k + 1, n, r]
            out[n, r] = near + far


@njit(nogil=True, cache=True, error_model="numpy")
def sky_at(table, cos_zenith, cloud_transmission, temperature_c):
    """Read a table of the sky alone, such as loss or OH: float64 (cos_zenith, cloud_transmission, temperature_c).

    Returns its value at one sky, NaN where an argument is NaN.
    """
    k, h = _cell(_TEMPERATURE, temperature_c)
    return (1.0 - h) * sun_at(table[:, :, k], cos_zenith, cloud_transmission) + h * sun_at(
        table[:, :, k + 1], cos_zenith, cloud_transmission
    )


@njit(nogil=True, cache=True, error_model="numpy")
def sun_at(table, cos_zenith, cloud_transmission):
    """Read a table of sun and cloud, such as the photolysis of NO2: float64 (cos_zenith, cloud_transmission).

    Returns its value at one sky, NaN where an argument is NaN.
    """
    c, f = _cell(_COS, cos_zenith)
    t, g = _cell(_CLOUD, cloud_transmission)
    low = (1.0 - g) * table[c, t] + g * table[c, t + 1]
    high = (1.0 - g) * table[c + 1, t] + g * table[c + 1, t + 1]
    return (1.0 - f) * low + f * high


@njit(nogil=True, cache=True)
def points_at(table, cos_zenith, cloud_transmission, temperature_c, nox_ppb, reactivity_per_s, out):
    """Read a table at many points: one-dimensional float64 arrays of one length, each point under a sky of its own."""
    plane = np.empty(table.shape[3:])
    for i in range(len(out)):
        slice_at(table, cos_zenith[i], cloud_transmission[i], temperature_c[i], plane)
        out[i] = at(plane, nox_ppb[i], reactivity_per_s[i])
