"""What rests on suspect values: which items of a mean, a day or a city were made of an hour that counts and is unlikely.

Masks are uint8, bit i for ITEMS[i], as primary pollutants are.
"""

from __future__ import annotations

import numpy as np

from standards.days import HOURS_PER_DAY, hour_of_day
from standards.pollutants import ITEMS

_BITS = (1 << np.arange(len(ITEMS))).astype(np.uint8)
O3 = ITEMS.index("o3")
MEAN_HOURS, OZONE_HOURS = 24, 8


def resting_means(suspect: np.ndarray, known: np.ndarray, first_hour: int) -> np.ndarray:
    """Tell which items' moving means rest on suspect hours: uint8 (station, hour).

    suspect: uint8 (station, hour). known: bool (item, station, hour), where an item has a mean; without one nothing rests. An
    8-hour mean of ozone rests on 8 hours, the largest of the day so far on all hours of the day so far, the others on 24.
    """
    resting = np.zeros_like(suspect)
    rows = np.flatnonzero(suspect.any(axis=1))
    if not len(rows):
        return resting
    hours = (suspect[rows] & _BITS[:, None, None]) != 0
    counted = np.zeros((*hours.shape[:2], hours.shape[2] + 1), np.int32)
    np.cumsum(hours, axis=-1, out=counted[..., 1:])
    index = np.arange(hours.shape[2])
    since = np.broadcast_to(np.maximum(index + 1 - MEAN_HOURS, 0), (len(ITEMS), len(index))).copy()
    into_day = hour_of_day(first_hour + index)  # 1 to 24
    since[O3] = np.maximum(index + 1 - np.maximum(into_day, OZONE_HOURS), 0)
    before = np.take_along_axis(counted, np.broadcast_to(since[:, None], hours.shape), axis=-1)
    resting[rows] = packed_items((counted[..., 1:] > before) & known[:, rows])
    return resting


def resting_days(suspect: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Tell which items' values of whole days rest on suspect hours: uint8 (station, day).

    suspect: uint8 (station, hour) of whole days. known: bool (item, station, day), where an item has a value.
    """
    by_day = np.bitwise_or.reduce(suspect.reshape(len(suspect), -1, HOURS_PER_DAY), axis=-1)
    return by_day & packed_items(known)


def packed_items(there: np.ndarray) -> np.ndarray:
    """Pack what holds of items, bool (item, ...), into a mask, uint8 (...)."""
    return np.bitwise_or.reduce(there * _BITS.reshape(-1, *[1] * (there.ndim - 1)), axis=0)
