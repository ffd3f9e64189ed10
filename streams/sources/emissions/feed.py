"""Emissions: an annual inventory spread over hours by profiles, or emissions measured hour by hour.

An inventory is a folder with inventory.csv, profiles/monthly.csv, weekly.csv, hourly.csv and meta.toml (all but the
first optional), or the CSV file alone with `profiles` and meta.toml beside it. Measured hours are one CSV file.
docs/layouts/emissions.md describes both with an example.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from streams.records import MEASURED, SPECIES, iso_hour
from streams.registry import Registry
from streams.sources.cells import FIRST_YEAR, LAST_YEAR
from streams.sources.csv_lines import header_of, lines_of
from streams.sources.emissions.inventory import (
    NAME_LENGTH,
    Header,
    Span,
    pass_on_emissions,
    pass_on_inventory,
    require_room,
    served_by,
    spans,
)
from streams.sources.emissions.lines import HEADING, HOURLY, KEYS, Line, columns_of, lose, read_lines
from streams.sources.emissions.profiles import Profiles, read_profile
from streams.sources.files import INVENTORY, META, PROFILE_KINDS, PROFILES, digest_of, shown
from streams.sources.headers import rows_of
from streams.sources.tally import Origin, Parsed, Tally, Unusable

NAME = "emissions"
LARGEST_META_MB = 1
"""Size of the largest meta.toml [MB]; there are six keys."""
MOST_HOURS = 5 * 366 * 24
"""A slip in applies_to, 2092 for 2022, must not fill the memory [h]."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What meta.toml says of an inventory; simulated is True where that cannot be read: real is never guessed."""

    version: str = ""
    year: int | None = None
    title: str = ""
    source: str = ""
    simulated: bool = False
    applies_to: tuple[dt.date, dt.date] | None = None


def recognises(path: Path, head: bytes) -> bool:
    """Tell an emission file by its first three columns, a folder by inventory.csv."""
    if path.is_dir():
        return (path / INVENTORY).is_file()
    header = [name.lower() for name in header_of(head)]
    return tuple(header[: len(KEYS)]) == KEYS and len(header) > len(KEYS)


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read an inventory or measured emissions into blocks [kg/h]; see streams.sources for the contract.

    all_stations means nothing here: emissions have no stations. Rows are city-hours; a line that is lost counts as one,
    of an unknown hour in an inventory.
    """
    read(path, registry, tally)


def read(
    path: Path,
    registry: Registry,
    tally: Tally,
    *,
    hours: tuple[int, int] | None = None,
    applies_to: tuple[dt.date, dt.date] | None = None,
) -> None:
    """Read as parse does.

    hours: first and last epoch hour wanted of an inventory, None for all; measured hours are all kept.
    applies_to: first and last natural day the inventory is used for; None: what meta.toml says, else its own years.
    """
    folder, table = (path, path / INVENTORY) if path.is_dir() else (path.parent, path)
    rows = rows_of(lines_of(table), HEADING)
    _, first = next(rows, (1, []))
    header = [name.lower() for name in first]
    measured = columns_of(header, None) == HOURLY
    meta = read_meta(folder / META, tally) if table.name == INVENTORY and not measured else Meta()
    lines = read_lines(header, rows, registry, tally, meta.year)
    if measured:
        _pass_on_measured(
            lines, Header(f"{MEASURED}{Path(tally.origin.file).stem}", tally.origin.provenance, False), tally
        )
        return
    said = " ".join("; ".join(part for part in (meta.title, meta.source) if part).split())
    about = Header(meta.version, f"{tally.origin.provenance} {said}".strip(), meta.simulated)
    _read_inventory(lines, folder / PROFILES, applies_to or meta.applies_to, hours, about, tally)


def read_inventory(
    path: Path,
    registry: Registry,
    *,
    hours: tuple[int, int] | None = None,
    applies_to: tuple[dt.date, dt.date] | None = None,
) -> Parsed:
    """Read an inventory for a program that wants certain hours of it, or for other days than its own; arguments as `read`.

    Errors: Unusable where nothing of it can be used, OSError where it cannot be read.
    """
    tally = Tally(Origin(NAME, shown(path), digest_of(path), 0.0))
    read(path, registry, tally, hours=hours, applies_to=applies_to)
    return tally.parsed()


def read_profiles(folder: Path, tally: Tally) -> Profiles:
    """Read the profiles of an inventory; a file that is not there leaves its spread even."""
    tables = {}
    for kind in PROFILE_KINDS:
        path = folder / f"{kind}.csv"
        refuse = partial(tally.reject, rows=0, file=f"{folder.name}/{path.name}")
        tables[kind] = read_profile(kind, lines_of(path), refuse) if path.is_file() else {}
    return Profiles(tables)


def read_meta(path: Path, tally: Tally) -> Meta:
    """Read meta.toml; a key that cannot be used is rejected and left at its default."""
    if not path.is_file():
        return Meta()
    refuse = partial(tally.reject, rows=0, file=path.name)
    try:
        raw = tomllib.loads("\n".join(lines_of(path, largest_mb=LARGEST_META_MB)))
    except (ValueError, RecursionError) as error:
        # Of TOML, of its size, of a number with thousands of digits, of brackets without end.
        refuse("meta.toml", "not readable; all is marked as simulated", _why(error), "TOML")
        return Meta(simulated=True)
    found = {}
    for key, value in raw.items():
        if key not in _META_KEYS:
            refuse(f"key {key}", "unknown key", _written(value), f"one of {', '.join(_META_KEYS)}")
            continue
        expected, check = _META_KEYS[key]
        if (read := check(value)) is not None:
            found[key] = read
        else:
            refuse(f"key {key}", "not usable", _written(value), expected)
    if "simulated" in raw and "simulated" not in found:
        found["simulated"] = True
    return Meta(**found)


def _why(error: Exception) -> str:
    if isinstance(error, Unusable):
        return f"{error.reason}: {error.value}"
    return "brackets nested too deep" if isinstance(error, RecursionError) else str(error)


def _written(value: object) -> str:
    try:
        return repr(value)
    except ValueError:
        return "a number of thousands of digits"
    except RecursionError:
        return "brackets nested too deep"


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) and value.isprintable() else None


def _as_name(value: object) -> str | None:
    return value if _as_text(value) and len(str(value)) <= NAME_LENGTH else None


def _as_year(value: object) -> int | None:
    return value if type(value) is int and FIRST_YEAR <= value <= LAST_YEAR else None


def _as_truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _as_days(value: object) -> tuple[dt.date, dt.date] | None:
    try:
        first, last = (day if type(day) is dt.date else dt.date.fromisoformat(day) for day in value)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        return None
    return (first, last) if first.year >= FIRST_YEAR and first <= last and last.year <= LAST_YEAR else None


_META_KEYS = {
    "version": (f"a text of up to {NAME_LENGTH} characters", _as_name),
    "year": (f"a year from {FIRST_YEAR} to {LAST_YEAR}", _as_year),
    "title": ("a text in one line", _as_text),
    "source": ("a text in one line", _as_text),
    "simulated": ("true or false", _as_truth),
    "applies_to": ('[first, last] natural day, for instance ["2023-01-01", "2023-12-31"]', _as_days),
}


def _read_inventory(
    lines: list[Line],
    profile_folder: Path,
    applies_to: tuple[dt.date, dt.date] | None,
    hours: tuple[int, int] | None,
    header: Header,
    tally: Tally,
) -> None:
    if not lines:
        return
    years = {line.time for line in lines}
    where = spans(years, applies_to, hours)
    if not where:
        served = f"{applies_to[0]} to {applies_to[1]}" if applies_to else " ".join(map(str, sorted(years)))
        wanted = f"{iso_hour(hours[0])} to {iso_hour(hours[1])}" if hours else "all hours"
        reason = "the inventory serves none of the hours that are wanted"
        tally.reject("applies_to", reason, served, wanted, rows=0, set_aside=True)
    asked_for = sum(span.last_hour - span.first_hour + 1 for span in where)
    if asked_for > MOST_HOURS:
        expected = f"up to {MOST_HOURS} hours (five years) at once"
        lose(tally, "applies_to", "more hours than one file may bring", f"{asked_for} hours", expected)
        return
    require_room(sum((span.last_hour - span.first_hour + 1) * len(_places(lines, span)) for span in where))
    profiles = read_profiles(profile_folder, tally)
    _note_spread(lines, profiles, partial(tally.reject, rows=0, set_aside=True, file=profile_folder.name))
    pass_on_inventory(served_by(lines, profiles, where, tally), header, tally)


def _places(lines: list[Line], span: Span) -> set[tuple[str, str]]:
    return {(line.city, line.sector) for line in lines if line.time == span.inventory_year}


def _note_spread(lines: list[Line], profiles: Profiles, note: Callable[..., None]) -> None:
    """Say which sectors are spread evenly for want of a profile, and which profiles serve no sector."""
    species_of: dict[str, set[str]] = {}
    for line in lines:
        species_of.setdefault(line.sector, set()).add(line.species)
    for sector, species in species_of.items():
        without = [kind for kind in PROFILE_KINDS if any(profiles.key(kind, sector, s) is None for s in species)]
        if without:
            files = " ".join(without)
            note(f"sector {sector}", "no profile: spread evenly", files, "a line of the sector in each file")
    unused = {
        (kind, sector) for kind in PROFILE_KINDS for sector, _ in profiles.tables[kind] if sector not in species_of
    }
    for kind, sector in sorted(unused):
        note(f"{kind}.csv", "profile of a sector without emissions", sector, f"one of {', '.join(species_of)}")


def _pass_on_measured(lines: list[Line], header: Header, tally: Tally) -> None:
    """Pass on one block per city and unbroken run of hours, NaN for sectors and species that an hour lacks.

    Lines that are simulated make blocks of their own, so that they cannot be taken for what was measured, nor mark it.
    """
    ordered = sorted(lines, key=lambda line: (line.city, line.simulated, line.time))
    runs = list(_runs(ordered))
    require_room(sum(len({line.sector for line in run}) * (run[-1].time - run[0].time + 1) for run in runs))
    for run in runs:
        sectors = sorted({line.sector for line in run})
        place = {sector: i for i, sector in enumerate(sectors)}
        values = np.full((len(sectors), len(SPECIES), run[-1].time - run[0].time + 1), np.nan)
        for line in run:
            values[place[line.sector], SPECIES.index(line.species), line.time - run[0].time] = line.amount
        names = "+".join(sorted({line.inventory for line in run} - {""})) or header.version
        pass_on_emissions(
            tally, header, city=run[0].city, inventory=names[:NAME_LENGTH], sectors=tuple(sectors),
            first_hour=run[0].time, values=values, measured=True, simulated=run[0].simulated,
        )  # fmt: skip


def _runs(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Give lines, sorted by city, simulated and time, in runs of one city and kind without a missing hour."""
    for _, group in groupby(lines, key=lambda line: (line.city, line.simulated)):
        run: list[Line] = []
        for line in group:
            if run and line.time > run[-1].time + 1:
                yield run
                run = []
            run.append(line)
        yield run
