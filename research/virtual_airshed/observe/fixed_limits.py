"""Quality flags by fixed limits, as a baseline to compare the platform's with: a spike, a run, a distance, each by one number.

They are the limits that the platform had until 2026-11. A spike is one hour that leaves the hours on both sides by a fixed step
and by twice the spread around it; a sensor is stuck from a fixed number of equal hours on; a drift is sought by who stands apart.
"""

from __future__ import annotations

import numpy as np

from standards.pollutants import ITEMS

_SPIKE = np.array([30.0, 40.0, 2.0, 60.0, 150.0, 80.0])[:, None, None]
_HOURS = np.array([12, 6, 24, 6, 5, 5])[:, None, None]
_ABOVE = np.array([8.0, 10.0, 0.5, 10.0, 20.0, 15.0])[:, None, None]
_GAP = np.array([40.0, 60.0, 2.0, 80.0, 150.0, 100.0])[:, None, None]
_SPREADS, _SIGMAS, _OTHERS = 2.0, 5.0 * 1.4826, 3


def fixed_flags(values: np.ndarray) -> dict[str, np.ndarray]:
    """Flag the hours of the stations of one city: kind of flag to bool (item, station, hour).

    values [ug/m3, CO mg/m3]: (item, station, hour). Missing: NaN is never flagged; a spike needs the hours on both sides.
    """
    if values.shape[0] != len(ITEMS):
        raise ValueError(f"values have shape {values.shape}, expected ({len(ITEMS)}, station, hour)")
    return {"spike": _spike(values), "stuck": _stuck(values), "apart": _apart(values)}


def _spike(values: np.ndarray) -> np.ndarray:
    found = np.zeros(values.shape, bool)
    padded = np.pad(values, ((0, 0), (0, 0), (3, 1)), constant_values=np.nan)
    around = np.stack([padded[..., 3 + step : 3 + step + values.shape[-1]] for step in (-3, -2, -1, 1)])
    spread = np.fmax.reduce(around) - np.fmin.reduce(around)
    left, right = values - around[2], values - around[3]
    step = np.where(left * right > 0, np.minimum(np.abs(left), np.abs(right)), 0.0)
    np.logical_and(step > _SPIKE, step > _SPREADS * spread, out=found)
    return found


def _stuck(values: np.ndarray) -> np.ndarray:
    index = np.arange(values.shape[-1])
    starts = np.broadcast_to(index, values.shape).copy()
    starts[..., 1:][values[..., 1:] == values[..., :-1]] = 0
    return (index - np.maximum.accumulate(starts, axis=-1) >= _HOURS - 1) & (values > _ABOVE)


def _apart(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    some = known.any(axis=1, keepdims=True)
    there = np.where(some, values, 0.0)
    median = np.nanmedian(there, axis=1, keepdims=True)
    distance = np.abs(there - median)
    least = np.maximum(_GAP, _SIGMAS * np.nanmedian(distance, axis=1, keepdims=True))
    return known & (distance > least) & (known.sum(axis=1, keepdims=True) - 1 >= _OTHERS)
