"""Diagnostic ratios: what a ratio of two species, or of ozone precursors, is read as. Hints, never proof.

Bands, readings, their sources and how little they can be trusted are in tables/voc_ratios.csv, to be changed there:
thresholds differ by product and region. Ratios of HCHO to NO2 (fnr-...) are for columns seen by satellite only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.measured import measured
from standards.voc.reactivity import to_ppb, to_ugm3
from standards.voc.species import ALL_SPECIES, SPECIES, places_of, species_named

_RATIO_MAX = 1e9
_LEAST = 1e-12  # [ppb, ug/m3] a denominator below this is none


@dataclass(frozen=True, slots=True)
class Band:
    """One range of a ratio and how it is read.

    low, high: bounds; open_ends is True where they do not belong ("<" and ">"). sure: False between two printed bounds,
    where the reading itself is uncertain. English is our translation.
    """

    low: float
    high: float
    open_ends: bool
    sure: bool
    reading_zh: str
    reading_en: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class RatioRule:
    """One ratio: name, its species ("" where these are no species of the list), unit of both parts, and bands."""

    name: str
    numerator: str
    denominator: str
    unit: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class RatioReading:
    """A ratio as read: value float64 (...), NaN missing; within bool (band, ...), which bands of rule it lies in."""

    rule: RatioRule
    value: np.ndarray
    within: np.ndarray


def _band(row: dict[str, str]) -> Band:
    text = row["band"]
    open_ends = text[0] in "<>"
    low, high = (float(end) for end in (text.split("..") if not open_ends else ("0", "inf")))
    if text[0] == "<":
        low, high = -1.0, float(text[1:])
    elif text[0] == ">":
        low = float(text[1:])
    texts = {key: row[key] for key in ("reading_zh", "reading_en", "source", "confidence")}
    return Band(low, high, open_ends, row["sure"] == "yes", **texts)


def _rules() -> dict[str, RatioRule]:
    rows = read_table("voc_ratios").rows
    found = {}
    for name in dict.fromkeys(row["ratio"] for row in rows):
        own = [row for row in rows if row["ratio"] == name]
        first = own[0]
        found[name] = RatioRule(
            name, first["numerator"], first["denominator"], first["unit"], tuple(_band(row) for row in own)
        )
    return found


RATIOS = _rules()
"""By name, for instance "toluene/benzene" or "voc/nox"."""


def read_ratio(name: str, value: np.ndarray | float, *, invalid: str = "raise") -> RatioReading:
    """Read a ratio that the caller has computed, in the unit of its rule.

    name: one of RATIOS. value: any shape, 0 or more. invalid: "missing" takes impossible values for missing. Returns
    RatioReading; bands may overlap, and a value between them has no reading.
    Missing: NaN lies in no band.
    Errors: ValueError for an unknown name, and where a value is negative or infinite.
    Source: per band in tables/voc_ratios.csv, most of it recalled.
    """
    if name not in RATIOS:
        raise ValueError(f"ratio is {name!r}, expected one of {', '.join(RATIOS)}")
    rule = RATIOS[name]
    x = measured(value, name, "", high=_RATIO_MAX, invalid=invalid)
    within = [
        (x > band.low) & (x < band.high) if band.open_ends else (x >= band.low) & (x <= band.high)
        for band in rule.bands
    ]
    return RatioReading(rule, x, np.stack(within))


def diagnostic_ratios(
    values: np.ndarray, species: Sequence[str | int], *, unit: str, invalid: str = "raise"
) -> dict[str, RatioReading]:
    """Compute and read every ratio of RATIOS whose two species are given.

    values [unit]: (species, ...). species: names, CAS numbers or numbers of the list; m- and p-xylene given apart are
    added. unit: "ppb" or "ug/m3", converted to that of each rule. invalid: as read_ratio. Returns RatioReading by name.
    Missing: NaN in either species, or a denominator of 0, gives NaN.
    Errors: ValueError for an unknown or repeated species or unit, another shape, and where a value is negative or
    infinite.
    Source: per band in tables/voc_ratios.csv, recalled.
    """
    if unit not in ("ppb", "ug/m3"):
        raise ValueError(f"unit is {unit!r}, expected ppb or ug/m3")
    places = places_of(species).tolist()
    other = (to_ugm3 if unit == "ppb" else to_ppb)(values, species, invalid=invalid)
    x = np.where(np.isnan(other), np.nan, np.asarray(values, dtype=np.float64))
    in_unit = {unit: x, ({"ppb", "ug/m3"} - {unit}).pop(): other}
    found = {}
    for rule in RATIOS.values():
        if not rule.numerator or rule.unit not in in_unit:
            continue
        parts = [_rows_of(name, places) for name in (rule.numerator, rule.denominator)]
        if all(parts):
            above, below = (in_unit[rule.unit][rows].sum(axis=0) for rows in parts)
            ratio = above / np.where(below > _LEAST, below, np.nan)
            found[rule.name] = read_ratio(rule.name, ratio, invalid="missing")
    return found


def readings_at(reading: RatioReading, index: tuple[int, ...] | int = ()) -> tuple[Band, ...]:
    """Give the bands that one value lies in; none where it is missing or between them.

    index: position of the value among the axes of reading.value.
    """
    index = index if isinstance(index, tuple) else (index,)
    flags = reading.within[(slice(None), *index)]
    return tuple(band for band, flag in zip(reading.rule.bands, flags, strict=True) if flag)


def _rows_of(name: str, places: list[int]) -> list[int]:
    # Rows of the caller's array that make up a species: itself, or all parts of a pair.
    wanted = species_named(name)
    place = next(i for i, each in enumerate(ALL_SPECIES) if each is wanted)
    if place in places:
        return [places.index(place)]
    parts = [SPECIES[number - 1] for number in wanted.parts]
    rows = [places.index(part.number - 1) for part in parts if part.number - 1 in places]
    return rows if parts and len(rows) == len(parts) else []
