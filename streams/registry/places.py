"""Cities and stations as records."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

GROUPS = 32
COUNTING_KINDS = ("national", "provincial", "city", "county")
"""Kinds of stations that are taken for assessment points (评价城市点): only they make a city's means, indices and episodes.

HJ 663-2013 3.3 and note to Table A.2: a city is assessed from its city points, not from regional, background, source or roadside
ones. 3.3 takes those of the national network for cities of prefecture level and above and those of local networks for county-level
cities; that the points of all four networks count alike is a choice of this platform. A super-site serves research, a
background station (背景站: on a ridge, upwind, away from the towns) tells what flows in, a micro-station has no reference method
and a mobile one no place: their hours are assessed as a station's and judge no city.
"""
REFERENCE_KINDS = (*COUNTING_KINDS, "super", "background")
"""Kinds that stand at one place and measure by reference methods: forecasts are taken to them, and a page lists them."""
KINDS = (*REFERENCE_KINDS, "micro", "mobile")


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

    kind: one of KINDS. lon, lat [deg, WGS-84]. valid_from and valid_to are the first and last natural day on which it
    counts for its city, where its kind counts at all; None is open.
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

    def valid_on(self, day: dt.date) -> bool:
        """Tell whether the day is within valid_from and valid_to."""
        after = self.valid_from is None or self.valid_from <= day
        return after and (self.valid_to is None or day <= self.valid_to)


def group_key(station: str) -> str:
    """Give the key "other-00" to "other-31" under which a station outside the registry's cities travels.

    The same code gives the same key on every machine and in every run (CRC-32, not Python's salted hash).
    """
    return f"other-{zlib.crc32(station.encode()) % GROUPS:02d}"
