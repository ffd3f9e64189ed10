"""Keeps published daily values in the store, as what they are: rows without stations, reviewed, beside what hours gave.

A row of air_city_day that was published has no stations_valid: nobody counted stations. It has version 0, so that a day that is
computed from hours takes its place whenever it comes, and the published one is kept in row_history. It is refused where
such a day is there already. The same file again changes nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from standards.days import day_of_date, first_hour_of_day
from standards.editions import edition_for
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS
from streams.columns import DAY_MEANS
from streams.published.reading import SOURCE, PublishedDay, read_days
from streams.records import Rejected
from streams.registry import Registry
from streams.store.connect import begin_write
from streams.store.lines import EPOCH, Count, reject_row, summed
from streams.store.schema import air_city_day
from streams.store.upserts import add_counts, keep_files, keep_rejects

SHOWN = 10
"""So many rejects of a file are told one by one."""
VERSION = 0
"""Below every version that an assessment gives."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the rows of a file; rows is their sum. reasons: why rows were refused, each with its count.

    first: the first SHOWN of the rejects, as they stand in the file.
    """

    file: str
    rows: int
    accepted: int
    duplicate: int
    rejected: int
    reasons: tuple[tuple[str, int], ...] = ()
    first: tuple[Rejected, ...] = ()


def keep_days(engine: sa.Engine, path: Path, registry: Registry, *, now: dt.datetime) -> Kept:
    """Read a file of published days and store them, all or none; count every row in the books.

    now: when it was received (naive UTC). Errors: OSError and UnicodeDecodeError where the file cannot be read.
    """
    content = path.read_bytes()
    days, rejects = read_days(content.decode("utf-8-sig"), path.name, registry)
    with begin_write(engine) as connection:
        new, duplicate, refused = _sorted_out(connection, days, path.name)
        _write(connection, new)
        rejects += refused
        kept = Kept(
            path.name, len(days) + len(rejects) - len(refused), len(new), len(duplicate), len(rejects),
            tuple(Counter(each.reason for each in rejects).items()), tuple(rejects[:SHOWN]),
        )  # fmt: skip
        _count(connection, kept, new, duplicate, rejects, now, hashlib.sha256(content).hexdigest())
    return kept


def _sorted_out(
    connection: sa.Connection, days: Sequence[PublishedDay], file: str
) -> tuple[list[tuple[PublishedDay, int]], list[PublishedDay], list[Rejected]]:
    """Tell the days to write, each with its revision, from those that are stored as they are and those that are refused."""
    stored, new, duplicate, refused = _stored(connection, days), {}, [], []
    for each in days:
        key = each.city, each.day
        values, revision, from_hours = stored.get(key, (None, -1, False))
        if from_hours:
            refused.append(_refusal(each, file, "a day computed from hours is there", "a day without one"))
        elif key in new and new[key][0].values != each.values:
            refused.append(
                _refusal(each, file, "the day comes twice with other values", f"it once, as in line {new[key][0].line}")
            )
        elif key in new or values == each.values:
            duplicate.append(each)
        else:
            new[key] = each, revision + 1
    return list(new.values()), duplicate, refused


def _stored(connection: sa.Connection, days: Sequence[PublishedDay]) -> dict[tuple[str, dt.date], tuple]:
    """Give values, revision and origin of the days that are stored, by city and day."""
    c, found = air_city_day.c, {}
    for city in sorted({each.city for each in days}):
        mine = [each.day for each in days if each.city == city]
        query = sa.select(c.day, c.revision, c.stations_valid, *(c[name] for name in DAY_MEANS))
        for row in connection.execute(query.where(c.city == city, c.day.between(min(mine), max(mine)))):
            found[city, row.day] = tuple(row[3:]), row.revision, row.stations_valid is not None
    return found


def _refusal(each: PublishedDay, file: str, reason: str, expected: str) -> Rejected:
    hour = int(first_hour_of_day(day_of_date(each.day) + 1)) - 1
    return Rejected(SOURCE, f"line {each.line}", reason, f"{each.city} {each.day}", expected, file=file, hour_end=hour)


def _write(connection: sa.Connection, new: Sequence[tuple[PublishedDay, int]]) -> None:
    rows = list(_rows(new))
    c = air_city_day.c
    replacing = [row for row in rows if row["revision"] > 0]
    if replacing:
        keys = {f"b_{name}": name for name in ("city", "day")}
        change = sa.update(air_city_day).where(*(c[name] == sa.bindparam(bound) for bound, name in keys.items()))
        told = [name for name in replacing[0] if name not in ("city", "day")]
        connection.execute(
            change.values({name: sa.bindparam(f"v_{name}") for name in told}),
            [{b: row[n] for b, n in keys.items()} | {f"v_{name}": row[name] for name in told} for row in replacing],
        )
    if first := [row for row in rows if row["revision"] == 0]:
        connection.execute(sa.insert(air_city_day), first)


def _rows(new: Sequence[tuple[PublishedDay, int]]) -> Iterator[dict]:
    for each, revision in new:
        edition = edition_for(each.day)
        values = np.array([[np.nan if v is None else v] for v in each.values])
        report = daily_aqi(values, edition=edition)
        aqi, primary = float(report.aqi[0]), int(report.primary[0])
        yield {
            "city": each.city, "day": each.day, **dict(zip(DAY_MEANS, each.values, strict=True)),
            "aqi": None if np.isnan(aqi) else int(aqi),
            "primary_pollutants": ",".join(item for i, item in enumerate(ITEMS) if primary >> i & 1),
            "stations_valid": None, "stations_expected": None, "completeness": None, "edition": edition.code,
            "status": "reviewed", "revision": revision, "simulated": False, "version": VERSION, "suspect": None,
        }  # fmt: skip


def _count(
    connection: sa.Connection, kept: Kept, new: Sequence[tuple[PublishedDay, int]], duplicate: Sequence[PublishedDay],
    rejects: Sequence[Rejected], now: dt.datetime, digest: str,
) -> None:  # fmt: skip
    """Enter every row of a file into the books of its day, a reject whose day is not known under the first hour of all."""
    told = [("accepted", each.day) for each, _ in new] + [("duplicate", each.day) for each in duplicate]
    counts = [Count(SOURCE, _end_of(day), {"rows_in": 1, name: 1}, now) for name, day in told]
    for each in rejects:
        hour = EPOCH if each.hour_end is None else EPOCH + dt.timedelta(hours=each.hour_end)
        counts.append(Count(SOURCE, hour, {"rows_in": 1, "rejected": 1}, now))
    if counts:
        add_counts(connection, summed(counts))
    if rejects:
        keep_rejects(connection, [reject_row(each, now) for each in rejects])
    days = sorted(day for _, day in told)
    keep_files(connection, [{
        "digest": digest, "file": kept.file, "source": SOURCE, "first_hour": _end_of(days[0]) if days else None,
        "last_hour": _end_of(days[-1]) if days else None, "rows_in": kept.rows, "rejected": kept.rejected,
        "accepted": kept.accepted, "duplicate": kept.duplicate, "late": 0, "simulated": False, "released_at": None,
        "received_at": now,
    }])  # fmt: skip


def _end_of(day: dt.date) -> dt.datetime:
    return EPOCH + (int(first_hour_of_day(day_of_date(day) + 1)) - 1) * dt.timedelta(hours=1)
