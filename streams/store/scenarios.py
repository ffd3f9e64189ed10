"""What measures would change, in the store: how free cuts are packed, how rows travel to it, and what reads them.

A row is the answer of a measure for a city over a window of hours, worked out of the tags as one knew them at the
start of a run (run_init). Every question goes by the key (city, run_init).
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from streams.records import Rejected
from streams.results import Rows, rows_of
from streams.store.attribution import numbers_of, text_of
from streams.store.schema import scenario
from streams.wire import messages
from streams.wire.topics import open_topic

AHEAD, SINCE = "ahead", "since"
KINDS = (AHEAD, SINCE)
STEPS = 100_000
"""Changes by free cuts are stored in hundred-thousandths of the level."""
_UNKNOWN = -(2**31)
Row = dict[str, Any]


def packed_free(middle: np.ndarray, spread: np.ndarray) -> str:
    """Write mean and standard deviation of changes (share, sector, place) as shares of the level, NaN where not known."""
    numbers = np.rint(np.stack([middle, spread]).ravel() * STEPS)
    return text_of(np.where(np.isfinite(numbers), numbers, _UNKNOWN))


def unpacked_free(text: str, shape: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Give back what packed_free wrote, shape (share, sector, place); ValueError where the text is of another shape or damaged."""
    try:
        numbers = numbers_of(text)
    except zlib.error as error:
        raise ValueError(f"a table of free cuts cannot be read: {error}") from error
    if numbers.size != 2 * np.prod(shape):
        raise ValueError(f"{numbers.size} numbers for a table of {tuple(shape)}, expected {2 * int(np.prod(shape))}")
    middle, spread = np.where(numbers == _UNKNOWN, np.nan, numbers / STEPS).reshape(2, *shape)
    return middle, spread


def publish_scenarios(
    topics: Path, rows: Sequence[Mapping[str, Any]], rejects: Iterable[Rejected], *, version: int, key: str,
    received_at: float,
) -> None:  # fmt: skip
    """Append rows (moments are epoch hours) and rejects to the topic from which the materialiser takes them."""
    lines = [messages.rows_line(as_rows(rows, version), scenario.name)] if rows else []
    lines += [messages.rejected_line(each, received_at) for each in rejects]
    open_topic(topics / messages.ATTRIBUTION_TOPIC).append(lines, key=key)


def as_rows(rows: Sequence[Mapping[str, Any]], version: int) -> Rows:
    """Lay rows, at least one, out in columns with their version."""
    return rows_of(scenario.name, {name: [row[name] for row in rows] for name in rows[0]} | {"version": version})


def newest_windows(
    connection: sa.Connection, city: str, hour: dt.datetime, *, kind: str, back: dt.timedelta
) -> tuple[dt.datetime, dt.datetime] | None:
    """Give the end and the run of a city's newest window that was known at an hour (naive UTC), None where there is none.

    The newest run counts. back: how long ago it may have started.
    """
    c = scenario.c
    query = sa.select(c.hour_end, c.run_init).where(
        c.city == city, c.kind == kind, c.run_init.between(hour - back, hour)
    )
    if kind == SINCE:
        query = query.where(c.hour_end <= hour)
    query = query.order_by(c.run_init.desc(), c.hour_end.desc())
    found = connection.execute(query.limit(1)).first()
    return None if found is None else (found.hour_end, found.run_init)


def rows_of_window(
    connection: sa.Connection, cities: Sequence[str], window: tuple[dt.datetime, dt.datetime], *, free_of: str = ""
) -> list[Row]:
    """Give the rows of a window for some cities; those of free cuts, which are long, for free_of alone."""
    c = scenario.c
    query = sa.select(scenario).where(
        c.city.in_(list(cities)), c.run_init == window[1], c.hour_end == window[0],
        sa.or_(c.measure != "free", c.city == free_of),
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query.order_by(c.city, c.quantity, c.measure)).mappings()]
