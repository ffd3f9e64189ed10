"""Annual totals to hours: which hours an inventory serves, under which name, and the blocks they make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from standards.days import UTC_OFFSET_HOURS
from streams.records import INVENTORY_LENGTH, LARGEST_KGH, SPECIES, EmissionBlock
from streams.sources.emissions.lines import LARGEST, TOO_MUCH, Line, lose
from streams.sources.emissions.profiles import Profiles, first_hour_of, hours_in
from streams.sources.tally import Tally, Unusable, rows_by_hour

NAME_LENGTH = INVENTORY_LENGTH
"""Characters of an inventory's name in the store."""
KG_PER_T = 1000.0
MOST_SECTOR_HOURS = 8_000_000
"""Hours of all sectors and cities of one file: a hundred sectors in eight cities for a year fill 450 MB."""


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive hours of one local year, and the year of the inventory that serves them."""

    year: int
    inventory_year: int
    first_hour: int
    last_hour: int


@dataclass(frozen=True, slots=True)
class Header:
    """What all blocks of a file have in common: the inventory's name, what is said of it, and whether it is simulated."""

    version: str
    provenance: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A span with the lines that serve it, and the share of the year in each of its hours by sector and species."""

    span: Span
    lines: list[Line]
    weights: dict[tuple[str, str], np.ndarray]

    def largest_kgh(self, line: Line) -> float:
        """Give what a line comes to in its largest hour of the span [kg/h]."""
        return line.amount * KG_PER_T * float(self.weights[line.sector, line.species].max())


def spans(
    years: set[int],
    applies_to: tuple[dt.date, dt.date] | None,
    hours: tuple[int, int] | None,
) -> list[Span]:
    """Tell which hours an inventory of some years serves.

    applies_to: first and last natural day it is used for, None for its own years. Each year is served by the newest
    inventory that is not younger, the oldest where all are. hours: first and last epoch hour wanted, None for all.
    """
    targets = years if applies_to is None else range(applies_to[0].year, applies_to[1].year + 1)
    first_wanted, last_wanted = hours or (-(1 << 40), 1 << 40)
    if applies_to is not None:
        first_wanted = max(first_wanted, _first_hour_on(applies_to[0]))
        last_wanted = min(last_wanted, _first_hour_on(applies_to[1]) + 23)
    found = []
    for year in sorted(targets):
        first = first_hour_of(year)
        span = (max(first, first_wanted), min(first + hours_in(year) - 1, last_wanted))
        if span[0] <= span[1]:
            served_by = max((y for y in years if y <= year), default=min(years))
            found.append(Span(year, served_by, *span))
    return found


def served_by(lines: list[Line], profiles: Profiles, where: list[Span], tally: Tally) -> list[Served]:
    """Spread the lines over the spans; a line that comes to more than LARGEST_KGH in any hour is rejected."""
    found = []
    for span in where:
        of_year = [line for line in lines if line.time == span.inventory_year]
        found.append(Served(span, of_year, _weights(of_year, profiles, span)))
    too_much = {line.number for served in found for line in served.lines if served.largest_kgh(line) > LARGEST_KGH}
    for line in lines:
        if line.number in too_much:
            lose(tally, f"line {line.number}, column emission_t", TOO_MUCH, f"{line.amount:g}", LARGEST)
    return [replace(each, lines=[line for line in each.lines if line.number not in too_much]) for each in found]


def pass_on_inventory(found: list[Served], header: Header, tally: Tally) -> None:
    """Pass annual totals on as hours [kg/h]: a block per city and local month, NaN where the inventory has no line."""
    for served in found:
        for lines in _by_city(served.lines).values():
            for first, last in _months(served.span):
                hours = slice(first - served.span.first_hour, last - served.span.first_hour + 1)
                _pass_on(lines, served.weights, hours, first, header, tally)


def require_room(sector_hours: int) -> None:
    """Raise Unusable where a file would bring more than MOST_SECTOR_HOURS."""
    if sector_hours > MOST_SECTOR_HOURS:
        expected = f"up to {MOST_SECTOR_HOURS}; cut the file into parts, by sector or by month"
        reason = "more sectors and hours than one file may bring"
        raise Unusable("file", reason, f"{sector_hours} hours of all sectors", expected)


def version_of(lines: list[Line], version: str, default: str) -> str:
    """Name an inventory: its version, else the names on its lines, else default; with its year where no name has it."""
    names = "+".join(sorted({line.inventory for line in lines} - {""}))
    text, year = version or names or default, str(lines[0].time)
    text = text if year in text else f"{text} ({year})"
    return text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 1] + "…"


def _first_hour_on(day: dt.date) -> int:
    return int(np.datetime64(day, "h").astype(int)) - UTC_OFFSET_HOURS + 1


def _weights(lines: list[Line], profiles: Profiles, span: Span) -> dict[tuple[str, str], np.ndarray]:
    """Give the share of the year in each hour of the span, by sector and species; equal profiles share one array."""
    start = span.first_hour - first_hour_of(span.year)
    end = span.last_hour - first_hour_of(span.year) + 1
    by_profile: dict[tuple, np.ndarray] = {}
    weights = {}
    for sector, species in {(line.sector, line.species) for line in lines}:
        key = tuple(profiles.key(kind, sector, species) for kind in profiles.tables)
        if key not in by_profile:
            by_profile[key] = profiles.weights(span.year, sector, species)[start:end]
        weights[sector, species] = by_profile[key]
    return weights


def _months(span: Span) -> Iterator[tuple[int, int]]:
    """Split a span into local months: first and last epoch hour of each."""
    for month in range(1, 13):
        first = _first_hour_on(dt.date(span.year, month, 1))
        last = _first_hour_on(dt.date(span.year + month // 12, month % 12 + 1, 1)) - 1
        first, last = max(first, span.first_hour), min(last, span.last_hour)
        if first <= last:
            yield first, last


def _by_city(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.city, []).append(line)
    return found


def _pass_on(
    lines: list[Line],
    weights: dict[tuple[str, str], np.ndarray],
    hours: slice,
    first_hour: int,
    header: Header,
    tally: Tally,
) -> None:
    sectors = {sector: i for i, sector in enumerate(dict.fromkeys(line.sector for line in lines))}
    values = np.full((len(sectors), len(SPECIES), hours.stop - hours.start), np.nan)
    for line in lines:
        share = weights[line.sector, line.species][hours]
        values[sectors[line.sector], SPECIES.index(line.species)] = line.amount * KG_PER_T * share
    pass_on_emissions(
        tally, header, city=lines[0].city, inventory=version_of(lines, header.version, "inventory"),
        sectors=tuple(sectors), first_hour=first_hour, values=values,
        simulated=header.simulated or any(line.simulated for line in lines),
    )  # fmt: skip


def pass_on_emissions(tally: Tally, header: Header, **fields: Any) -> None:
    """Count the city-hours of a block as they come into being, and pass it on."""
    for hour, rows in rows_by_hour(**fields):
        tally.came_in(hour, rows)
    tally.pass_on(EmissionBlock, provenance=header.provenance, **fields)
