"""Times of labelled data: hours as epoch hours, natural days as day numbers, and the edition in force on each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from standards.days import day_of_date, natural_day
from standards.editions import EDITIONS, Edition, edition_named

HOUR_END, DAY = "hour_end", "day"
_NS_PER_HOUR = 3_600_000_000_000
_STARTS = np.array([day_of_date(edition.valid_from) for edition in EDITIONS])


def time_level(index: pd.Index, axis: str | None = None) -> tuple[pd.Index, int]:
    """Find the times of a DataFrame's index: the level named as the axis, or the only level of times.

    Returns the values of that level, row by row, and its number (0 where the index has one level).
    Errors: ValueError where there is none, or more than one.
    """
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    named = [i for i, name in enumerate(index.names) if name == axis and axis is not None]
    timed = named or [i for i, level in enumerate(levels) if isinstance(level, pd.DatetimeIndex | pd.PeriodIndex)]
    if len(timed) != 1:
        names = ", ".join(str(name) for name in index.names)
        raise ValueError(f"the index ({names}) has {len(timed)} levels of times, expected one, a DatetimeIndex")
    return levels[timed[0]], timed[0]


def axis_of(data: pd.DataFrame | xr.Dataset) -> str:
    """Tell whether data are by hour ("hour_end") or by natural day ("day")."""
    if isinstance(data, xr.Dataset):
        return DAY if DAY in data.dims else HOUR_END
    return DAY if DAY in data.index.names else HOUR_END


def frame_times(index: pd.Index, axis: str) -> np.ndarray:
    """Read the times of a DataFrame's index, row by row: int64 epoch hours or natural days.

    Errors: ValueError where hours have no time zone or are not whole, days have one or are not midnights, or a time is
    missing; it names the index and the first bad time.
    """
    times, _ = time_level(index, axis)
    name = times.name or "the index"
    if isinstance(times, pd.PeriodIndex):
        times = times.to_timestamp() if axis == DAY else times
    if axis == DAY and not isinstance(times, pd.DatetimeIndex):
        times = pd.DatetimeIndex(times)
    if not isinstance(times, pd.DatetimeIndex):
        raise ValueError(f"{name} holds {times.dtype}, expected a DatetimeIndex")
    if axis == HOUR_END and times.tz is None:
        raise ValueError(
            f"the times of {name} have no time zone (the first is {times[0] if len(times) else None}), expected hour "
            "ends with one: tz_localize('Asia/Shanghai'), or 'UTC' for those of the store"
        )
    if axis == DAY and times.tz is not None:
        raise ValueError(f"the days of {name} have the time zone {times.tz}, expected dates: tz_localize(None)")
    stamps = (times.tz_convert("UTC").tz_localize(None) if times.tz is not None else times).to_numpy()
    return _whole(stamps.astype("datetime64[ns]"), axis, name)


def dataset_times(data: xr.Dataset, axis: str) -> np.ndarray:
    """Read the times of a Dataset's dimension: int64 epoch hours or natural days.

    Errors: ValueError where there is no such dimension or its values are no whole hours or days.
    """
    if axis not in data.dims or axis not in data.coords:
        said = ", ".join(map(str, data.dims))
        meaning = "ends of hours, UTC" if axis == HOUR_END else "natural days in Asia/Shanghai"
        raise ValueError(f"the dimensions are {said}, expected {axis} ({meaning}): rename the dimension of time")
    stamps = data[axis].to_numpy()
    if stamps.dtype.kind != "M":
        raise ValueError(f"{axis} holds {stamps.dtype}, expected datetime64, UTC")
    return _whole(stamps.astype("datetime64[ns]"), axis, axis)


def stamps_of(times: np.ndarray, axis: str) -> np.ndarray:
    """Give epoch hours or natural days as datetime64, hours in UTC."""
    return times.astype("datetime64[h]" if axis == HOUR_END else "datetime64[D]").astype("datetime64[ns]")


def days_of(times: np.ndarray, axis: str) -> np.ndarray:
    """Give the natural day of each time."""
    return natural_day(times) if axis == HOUR_END else times


def edition_groups(days: np.ndarray, edition: str | Edition | None) -> list[tuple[np.ndarray, Edition]]:
    """Group positions by the edition that judges them: the one that is given, else the one in force on the day.

    days [days since 1970-01-01 local]: (time,), in any order. Returns [(positions, edition), …] by date of edition.
    """
    if edition is not None:
        chosen = edition if isinstance(edition, Edition) else edition_named(edition)
        return [(np.arange(len(days)), chosen)]
    codes = np.clip(np.searchsorted(_STARTS, days, side="right") - 1, 0, None)
    return [(np.flatnonzero(codes == i), each) for i, each in enumerate(EDITIONS) if (codes == i).any()]


def _whole(stamps: np.ndarray, axis: str, name: str) -> np.ndarray:
    if np.isnat(stamps).any():
        raise ValueError(f"a time of {name} is missing (NaT), expected one in every row")
    step = _NS_PER_HOUR if axis == HOUR_END else 24 * _NS_PER_HOUR
    counts = stamps.astype(np.int64)
    if (counts % step).any():
        first = stamps[np.flatnonzero(counts % step)[0]]
        raise ValueError(f"a time of {name} is {first}, expected whole {'hours' if axis == HOUR_END else 'days'}")
    return counts // step
