"""Hours of organic compounds of a station as arrays, for who describes them: pages, and the bench."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np
import orjson
import sqlalchemy as sa

from standards.days import UTC_OFFSET_HOURS
from standards.voc.species import species_named
from streams.store.schema import voc_station_hour

_AHEAD = dt.timedelta(hours=UTC_OFFSET_HOURS)


@dataclass(frozen=True, slots=True)
class CompoundHours:
    """Hours of a station.

    hour_end: naive UTC, in their order. species: English names. ppb, below_ppb [ppb]: float64 (species, hour), value, and detection
    limit where it lies below it, else NaN. hour: hours of the day 1 to 24 in Beijing. digest: SHA-256 of the rows.
    """

    hour_end: tuple[dt.datetime, ...]
    species: tuple[str, ...]
    ppb: np.ndarray
    below_ppb: np.ndarray
    hour: np.ndarray
    simulated: bool
    digest: str

    def between(self, first: dt.datetime, last: dt.datetime) -> CompoundHours:
        """Give the hours that end from first to last, both included; the digest stays that of all rows."""
        at = [n for n, hour in enumerate(self.hour_end) if first <= hour <= last]
        hours = tuple(self.hour_end[n] for n in at)
        return CompoundHours(
            hours, self.species, self.ppb[:, at], self.below_ppb[:, at], self.hour[at], self.simulated, self.digest
        )


def compound_hours(connection: sa.Connection, station: str, first: dt.datetime, last: dt.datetime) -> CompoundHours:
    """Read the hours of a station that end from first to last (naive UTC), both included; one question along the key.

    Errors: ValueError where a row holds a compound that the tables do not know.
    """
    c, seen, rows = voc_station_hour.c, hashlib.sha256(), []
    query = (
        sa.select(c.hour_end, c.version, c.simulated, c.species_ppb)
        .where(c.station == station, c.hour_end.between(first, last)).order_by(c.hour_end)
    )  # fmt: skip
    flags = False
    for hour, version, flag, text in connection.execute(query):
        seen.update(f"{hour.isoformat()} {version} {text}\n".encode())
        rows.append((hour, orjson.loads(text or "{}")))
        flags = flags or bool(flag)
    own = {name: species_named(name).name_en for name in dict.fromkeys(name for _, cells in rows for name in cells)}
    names = tuple(sorted(set(own.values())))
    at = {name: names.index(each) for name, each in own.items()}
    values, limits = (np.full((len(names), len(rows)), np.nan) for _ in range(2))
    for column, (_, cells) in enumerate(rows):
        for name, cell in cells.items():
            if isinstance(cell, str):
                limits[at[name], column] = float(cell[1:])
            elif cell is not None:
                values[at[name], column] = cell
    hours = tuple(hour for hour, _ in rows)
    of_day = np.array([((hour + _AHEAD).hour + 23) % 24 + 1 for hour in hours], int)
    return CompoundHours(hours, names, values, limits, of_day, flags, seen.hexdigest())
