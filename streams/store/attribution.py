"""Attributions in the store: how their numbers are packed, how they travel to it, and what reads them.

A row is the air of a city in a span (an hour, a natural day, the hours of a day's largest 8-hour mean of ozone, an
episode up to an hour), shared out among sector x city and outside. Every span ends with its hour_end and begins with
its first_hour, so that whoever looks back sees nothing of a later hour.
"""

from __future__ import annotations

import base64
import datetime as dt
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa

from streams.contributors import GROUPS, OUTSIDE, SECTORS
from streams.records import Rejected
from streams.results import Counted, Rows, Same, rows_of
from streams.store.lines import EPOCH, reject_row
from streams.store.schema import attribution, topic_position
from streams.store.upserts import keep_rejects
from streams.wire import messages
from streams.wire.topics import open_topic

SPANS = ("hour", "day", "mda8", "episode")
QUANTITIES = ("pm25", "o3", "ox")
TIERS = ("corrected tags", "raw tags", "light tagger", "inventory shares", "none")
"""What an attribution rests on, from the best to the poorest; none where there is no attribution."""
CONFIDENCES = ("high", "medium", "low", "poor", "none")
KINDS = ("sector", "place", "group")
"""By what contributions are put together with an interval."""
STEPS, HALF_STEPS = 1000, 10
"""Contributions are stored in thousandths [ug/m3], half widths of intervals of shares in tenths [%]."""
_WIDEST = 1000.0
"""A half width beyond this counts as this [%]."""


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """The numbers of a row. cities: of the places. values: (sector, city) [ug/m3], outside beside it. half_width: kind
    of KINDS to the half width of the 90 % interval of its shares (name,) [%]."""

    cities: tuple[str, ...]
    values: np.ndarray
    outside: float
    half_width: Mapping[str, np.ndarray]

    @property
    def total(self) -> float:
        """Give the whole [ug/m3]."""
        return float(self.values.sum() + self.outside)

    def names(self, kind: str) -> tuple[str, ...]:
        """Name what a kind is made of; outside is the last."""
        return {"sector": (*SECTORS, OUTSIDE), "place": (*self.cities, OUTSIDE), "group": (*GROUPS, OUTSIDE)}[kind]

    def by(self, kind: str) -> np.ndarray:
        """Give the contributions by a kind (name,) [ug/m3]; they add up to the whole."""
        if kind == "place":
            parts = self.values.sum(axis=0)
        else:
            parts = self.values.sum(axis=1)
            if kind == "group":
                parts = np.array([sum(parts[SECTORS.index(s)] for s in members) for members in GROUPS.values()])
        return np.append(parts, self.outside)

    def interval(self, kind: str, *, signed: bool) -> tuple[np.ndarray, np.ndarray]:
        """Give the ends of the 90 % interval of the contributions by a kind (name,) [ug/m3]; signed: where a share may
        be below nothing."""
        middle, half = self.by(kind), self.half_width[kind] / 100.0 * self.total
        low, high = middle - half, middle + half
        return (low, high) if signed else (np.maximum(low, 0.0), np.minimum(high, max(self.total, 0.0)))


def means_of(parts: Sequence[Contributions], kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the means over contributions of the same cities by a kind (name,) [ug/m3], and of both ends of their unsigned
    intervals."""
    axis = 1 if kind == "place" else 2
    inside, outside = np.stack([each.values for each in parts]), np.array([each.outside for each in parts])
    if kind == "group":
        middle = np.stack([each.by(kind) for each in parts])
    else:
        middle = np.concatenate([inside.sum(axis=axis), outside[:, None]], axis=1)
    whole = inside.sum(axis=(1, 2))[:, None] + outside[:, None]
    half = np.stack([each.half_width[kind] for each in parts]) / 100.0 * whole
    low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, np.maximum(whole, 0.0))
    return middle.mean(axis=0), low.mean(axis=0), high.mean(axis=0)


def packed(values: np.ndarray, half_width: Mapping[str, np.ndarray]) -> str:
    """Write contributions (sector x city, then outside) [ug/m3] and half widths by kind [%] as a text.

    Each contribution is within a thousandth of what was given, and the sum is the rounded sum. Base64 of zlib of
    little-endian 32-bit whole numbers, all lowest bytes first.
    """
    edges = np.rint(np.cumsum(values, dtype=np.float64) * STEPS).astype(np.int64)
    halves = [np.rint(np.minimum(half_width[kind], _WIDEST) * HALF_STEPS) for kind in KINDS]
    return text_of(np.concatenate([np.diff(edges, prepend=0), *halves]))


def unpacked(text: str, cities: Sequence[str]) -> Contributions:
    """Give back what packed wrote for these cities; ValueError where the text is of others."""
    numbers = numbers_of(text)
    cross = len(SECTORS) * len(cities)
    sizes = {"sector": len(SECTORS) + 1, "place": len(cities) + 1, "group": len(GROUPS) + 1}
    if len(numbers) != cross + 1 + sum(sizes.values()):
        raise ValueError(f"{len(numbers)} numbers for {len(cities)} cities, expected {cross + 1 + sum(sizes.values())}")
    half_width, at = {}, cross + 1
    for kind in KINDS:
        half_width[kind] = numbers[at : at + sizes[kind]] / HALF_STEPS
        at += sizes[kind]
    values = numbers[:cross].reshape(len(SECTORS), len(cities)) / STEPS
    return Contributions(tuple(cities), values, float(numbers[cross] / STEPS), half_width)


def packed_removal(removal: np.ndarray) -> str:
    """Write by how much less there would be without each source (source,) [ug/m3], signed."""
    return text_of(np.rint(np.where(np.isfinite(removal), removal, 0.0) * STEPS))


def unpacked_removal(text: str) -> np.ndarray:
    """Give back what packed_removal wrote."""
    return numbers_of(text) / STEPS


def contributions_of(row: Mapping[str, Any]) -> Contributions | None:
    """Give the numbers of a row of the table; None where there is no attribution."""
    return unpacked(row["packed"], row["cities"].split(",")) if row["packed"] else None


def text_of(numbers: np.ndarray) -> str:
    """Write whole numbers as base64 of zlib of little-endian 32-bit ones, all lowest bytes first."""
    quarters = np.ascontiguousarray(numbers.astype("<i4")).view(np.uint8).reshape(-1, 4).T
    return base64.b64encode(zlib.compress(quarters.tobytes(), 1)).decode("ascii")


def numbers_of(text: str) -> np.ndarray:
    """Give back the whole numbers that text_of wrote."""
    quarters = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    return np.ascontiguousarray(quarters.reshape(4, -1).T).view("<i4").ravel().astype(np.float64)


def as_rows(rows: Sequence[Mapping[str, Any]], version: int) -> Rows:
    """Lay rows, at least one, out in columns with their version; moments are epoch hours."""
    return rows_of(attribution.name, {name: [row[name] for row in rows] for name in rows[0]} | {"version": version})


def publish(topics: Path, rows: Rows | None, rejects: Iterable[Rejected], *, key: str, received_at: float) -> None:
    """Append rows and rejects to the topic from which the materialiser takes them; once for a key.

    received_at: seconds since 1970-01-01, of the rejects.
    """
    lines = [] if rows is None else [messages.rows_line(rows, attribution.name)]
    lines += [messages.rejected_line(each, received_at) for each in rejects]
    open_topic(topics / messages.ATTRIBUTION_TOPIC).append(lines, key=key)


def keep_rejects_of(connection: sa.Connection, rejects: Iterable[Rejected], received_at: float) -> None:
    """Keep rejects in a transaction that the caller holds, for whoever writes without a topic; received_at: seconds."""
    when = EPOCH + dt.timedelta(seconds=received_at)
    if rows := [reject_row(each, when) for each in rejects]:
        keep_rejects(connection, rows)


def latest(
    connection: sa.Connection,
    city: str,
    hour: dt.datetime,
    *,
    quantities: Collection[str],
    span: str,
    back: dt.timedelta,
) -> list[dict[str, Any]]:
    """Give the rows of a city's newest span that ends at an hour or within `back` before it, one for each quantity."""
    c = attribution.c
    query = sa.select(attribution).where(
        c.city == city, c.hour_end.between(hour - back, hour), c.span == span, c.quantity.in_(list(quantities))
    )
    rows = [
        dict(row) for row in connection.execute(query.order_by(c.hour_end.desc()).limit(len(quantities))).mappings()
    ]
    return [row for row in rows if row["hour_end"] == rows[0]["hour_end"]]


@dataclass(frozen=True, slots=True)
class Stored:
    """How far the store had come: the moment of the newest segments, and all that are not older than SETTLED by name."""

    at: dt.datetime
    segments: frozenset[str]


SETTLED = dt.timedelta(minutes=5)
"""Segments stored so long before the newest one are all known."""
TOUCHING = ("tag_hour", "air_city_hour", "forecast_city_hour", "emission_city_hour")
"""Tables whose rows an attribution is made of."""


def newest_stored(connection: sa.Connection) -> dt.datetime | None:
    """Give when the newest segment was stored, by an index."""
    return connection.scalar(sa.select(sa.func.max(topic_position.c.stored_at)))


def stored_since(connection: sa.Connection, known: Stored | None) -> tuple[list[str], Stored | None]:
    """Give the segments of results that were stored since a position, oldest first, and the position after them."""
    c = topic_position.c
    query = sa.select(c.segment, c.stored_at).where(c.topic == messages.RESULT_TOPIC).order_by(c.stored_at, c.segment)
    if known is not None:
        query = query.where(c.stored_at >= known.at - SETTLED)
    found = connection.execute(query).all()
    if not found:
        return [], known
    newest = max(row.stored_at for row in found)
    inside = frozenset(row.segment for row in found if row.stored_at >= newest - SETTLED)
    seen = known.segments if known is not None else frozenset()
    return [row.segment for row in found if row.segment not in seen], Stored(newest, inside)


def touched_by(topics: Path, segment: str) -> dict[str, set[int]]:
    """Give by table of TOUCHING the epoch hours of which a segment of results brought rows; nothing where it has gone."""
    found: dict[str, set[int]] = {}
    try:
        for line in open_topic(topics / messages.RESULT_TOPIC).read(segment):
            table = _table_of(line)
            if table in TOUCHING:
                found.setdefault(table, set()).update(_hours_of(line))
    except FileNotFoundError:
        return {}
    return found


def _table_of(line: str) -> str:
    _, _, rest = line[:200].partition('"table":"')
    return rest.partition('"')[0]


def _hours_of(line: str) -> set[int]:
    try:
        column = dict(messages.rows_from(line).columns())["hour_end"]
        if isinstance(column, Counted):
            return set(column.numbers().tolist())
        hours = np.atleast_1d(column.value if isinstance(column, Same) else column.values)
        return set(np.unique(hours).astype(np.int64).tolist())
    except (ValueError, KeyError, AttributeError, TypeError):  # the materialiser rejects it in words
        return set()


def as_json(reasons: Sequence[str]) -> str:
    """Write reasons as they are stored."""
    return orjson.dumps(list(reasons)).decode()


def hour_of(moment: dt.datetime) -> int:
    """Give the epoch hour of a stored moment."""
    return (moment - EPOCH) // dt.timedelta(hours=1)
