"""Cities and stations as records."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

GROUPS = 32


@dataclass(frozen=True, slots=True)
class City:
    """One city: six-digit division code, names, centre [deg, WGS-84] and inhabitants (None where unknown)."""

    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    population: int | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """One station: its code is its identity; names change over the years, the former ones are its aliases.

    lon, lat [deg, WGS-84]. valid_from and valid_to are the first and last natural day on which it counts for its
    city; None is open.
    """

    code: str
    name_zh: str
    kind: str
    lon: float
    lat: float
    city: str
    aliases: tuple[str, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: str = ""
    note: str = ""

    def counts_on(self, day: dt.date) -> bool:
        """Tell whether the station is one of its city's stations on that day."""
        after = self.valid_from is None or self.valid_from <= day
        return after and (self.valid_to is None or day <= self.valid_to)


def group_key(station: str) -> str:
    """Give the key "other-00" to "other-31" under which a station outside the registry's cities travels.

    The same code gives the same key on every machine and in every run (CRC-32, not Python's salted hash).
    """
    return f"other-{zlib.crc32(station.encode()) % GROUPS:02d}"
