"""Which edition of the standards holds on which day: breakpoints of HJ 633, limits of GB 3095, from dated tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from standards.dated_tables import Table, read_table
from standards.days import date_of_day, day_of_date


@dataclass(frozen=True, slots=True)
class Breakpoints:
    """The index of one item over one averaging period: a line of HJ 633's table.

    iaqi: the index at each breakpoint. concentration [ug/m3, CO mg/m3]: the breakpoints, ascending, exact.
    above: the index of anything above the last breakpoint, or None where it is not computed.
    """

    iaqi: tuple[int, ...]
    concentration: tuple[Fraction, ...]
    above: int | None


@dataclass(frozen=True, eq=False)
class Edition:
    """What holds between two dates: the index of code, the limits of limits_code.

    name: "2012", "2026T" or "2031". code and limits_code: as stored with results. valid_from, valid_to: first and last
    day. breakpoints: by (item, period), as printed. network: by (item, period), the few that the national network used
    instead in its hourly index. limits [ug/m3, CO mg/m3]: by (item, period), (grade 1, grade 2).
    """

    name: str
    code: str
    limits_code: str
    valid_from: dt.date
    valid_to: dt.date
    breakpoints: Mapping[tuple[str, str], Breakpoints] = field(repr=False)
    network: Mapping[tuple[str, str], Breakpoints] = field(repr=False)
    limits: Mapping[tuple[str, str], tuple[float, float]] = field(repr=False)

    def __reduce__(self) -> tuple:
        return edition_named, (self.name,)


def _breakpoints(table: Table, base: Mapping[tuple[str, str], Breakpoints] | None = None) -> Mapping:
    lines = {key: (list(zip(b.iaqi, b.concentration, strict=True)), b.above) for key, b in (base or {}).items()}
    seen = set()
    for row in table.rows:
        key = row["item"], row["period"]
        steps, above = lines.get(key, ([], None))
        if row["concentration"].startswith(">"):
            above = int(row["iaqi"]) if row["iaqi"] else None
        else:
            steps = steps if key in seen else []
            steps.append((int(row["iaqi"]), Fraction(row["concentration"])))
            seen.add(key)
        lines[key] = steps, above
    return MappingProxyType(
        {key: Breakpoints(*map(tuple, zip(*steps, strict=True)), above) for key, (steps, above) in lines.items()}
    )


def _limits(table: Table) -> Mapping[tuple[str, str], tuple[float, float]]:
    return MappingProxyType({(r["item"], r["period"]): (float(r["grade1"]), float(r["grade2"])) for r in table.rows})


def _edition(name: str, index_table: str, limits_table: str, network_table: str | None = None) -> Edition:
    index, limits = read_table(index_table), read_table(limits_table)
    breakpoints = _breakpoints(index)
    return Edition(
        name=name,
        code=index.head["code"],
        limits_code=limits.head["code"],
        valid_from=max(index.valid_from, limits.valid_from),
        valid_to=min(index.valid_to, limits.valid_to),
        breakpoints=breakpoints,
        network=_breakpoints(read_table(network_table), breakpoints) if network_table else breakpoints,
        limits=_limits(limits),
    )


EDITIONS = (
    _edition("2012", "hj633_2012", "gb3095_2012", "hj633_2012_network"),
    _edition("2026T", "hj633_2026", "gb3095_2026_transition"),
    _edition("2031", "hj633_2026", "gb3095_2026_final"),
)
"""All editions in the order of their dates: "2012", "2026T" (transition), "2031"."""


def edition_named(name: str) -> Edition:
    """Give the edition "2012", "2026T" or "2031", whatever the date; raise ValueError for another name."""
    for edition in EDITIONS:
        if edition.name == name:
            return edition
    raise ValueError(f"edition is {name!r}, expected one of {', '.join(e.name for e in EDITIONS)}")


def edition_for(date: dt.date) -> Edition:
    """Give the edition in force on the day of an observation.

    date: the natural day in local time. Up to 2026-02-28 it is "2012" (also before 2012, when there was no index: our
    assumption), from 2026-03-01 "2026T", from 2031-01-01 "2031".
    Source: GB 3095-2026 (in force 2026-03-01, transition until 2030-12-31); HJ 633-2026 (in force 2026-03-01).
    """
    for edition in reversed(EDITIONS):
        if date >= edition.valid_from:
            return edition
    return EDITIONS[0]


def edition_runs(first_day: int, n_days: int) -> list[tuple[slice, Edition]]:
    """Split consecutive natural days by the edition in force.

    first_day [days since 1970-01-01 local], n_days [days]. Returns (slice of 0..n_days, edition) in order; no days give
    an empty list.
    """
    runs = []
    start = 0
    while start < n_days:
        edition = edition_for(date_of_day(first_day + start))
        following = EDITIONS[EDITIONS.index(edition) + 1 :]
        stop = min(n_days, day_of_date(following[0].valid_from) - first_day) if following else n_days
        runs.append((slice(start, stop), edition))
        start = stop
    return runs


def limit(item: str, period: str, *, grade: int = 2, edition: Edition) -> float:
    """Give an ambient limit.

    item: "so2" … "pm25", or "tsp", "nox", "pb", "bap", or a reference value of annex A ("cd" … "f"). period: "hour",
    "8h" (largest 8-hour mean of the day), "day", "quarter" or "year". grade: 1 or 2. Returns the limit [ug/m3, CO
    mg/m3]; standards.assessment.limits.limit_line gives its unit, clause and confidence too.
    Errors: ValueError where the edition has no such limit or grade.
    Source: GB 3095, Tables 1 and 2 and annex A of the edition.
    """
    if grade not in (1, 2):
        raise ValueError(f"grade is {grade!r}, expected 1 or 2")
    try:
        return edition.limits[item, period][grade - 1]
    except KeyError:
        periods = sorted(p for i, p in edition.limits if i == item)
        raise ValueError(
            f"{edition.limits_code} has no limit for {item!r} over {period!r}, expected one of {periods}"
        ) from None
