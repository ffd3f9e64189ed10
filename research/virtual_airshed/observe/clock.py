"""Epoch hours as the files tell them: natural days of Asia/Shanghai, labels with an offset, stamps in names of files."""

from __future__ import annotations

import datetime as dt

import numpy as np

from standards.days import HOURS_PER_DAY, SHANGHAI, hour_of_day, natural_day


def place_in_day(hour: np.ndarray | int) -> np.ndarray | int:
    """Give the places of epoch hours in their natural days: 0 ends at 01:00, 23 at 24:00."""
    return hour_of_day(hour) - 1


def label(hour: int) -> str:
    """Write the end of an epoch hour as the layouts want it: 2015-01-01T08:00+08:00."""
    return dt.datetime.fromtimestamp(hour * 3600, SHANGHAI).isoformat(timespec="minutes")


def hour_labelled(text: str) -> int:
    """Read what label() writes; ValueError for anything else."""
    seconds = dt.datetime.fromisoformat(text).timestamp()
    if seconds % 3600:
        raise ValueError(f"the time is {text!r}, expected a full hour")
    return int(seconds // 3600)


def stamp(first_hour: int, hours: int) -> str:
    """Name consecutive hours for a file: 20150101 a natural day, 20150101T08 the hour to 08:00, 20150101T09-24 others of a day."""
    first, last = _parts(first_hour), _parts(first_hour + hours - 1)
    if hours == HOURS_PER_DAY and first[0] == last[0]:
        return first[0]
    if hours == 1:
        return "T".join(first)
    until = last[1] if last[0] == first[0] else f"{last[0][4:]}T{last[1]}"
    return f"{first[0]}T{first[1]}-{until}"


def _parts(hour: int) -> tuple[str, str]:
    date = dt.date(1970, 1, 1) + dt.timedelta(days=int(natural_day(hour)))
    return date.strftime("%Y%m%d"), f"{place_in_day(hour) + 1:02d}"
