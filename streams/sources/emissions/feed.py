"""Emissions: an annual inventory spread over hours by profiles, or emissions measured hour by hour.

An inventory is a folder with inventory.csv, profiles/monthly.csv, weekly.csv, hourly.csv and meta.toml (all but the
first optional), or the CSV file alone with `profiles` and meta.toml beside it. Measured hours are one CSV file.
docs/layouts/emissions.md describes both with an example.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from streams.records import MEASURED, SPECIES, EmissionBlock, Intake, iso_hour
from streams.registry import Registry
from streams.sources import Parsed
from streams.sources.emissions.inventory import NAME_LENGTH, Header, blocks_of, spans
from streams.sources.emissions.lines import HOURLY, KEYS, Line, Refusals, columns_of, read_lines
from streams.sources.emissions.profiles import KINDS, Profiles, read_profile

NAME = "emissions"
INVENTORY, META, PROFILES = "inventory.csv", "meta.toml", "profiles"
MOST_HOURS = 5 * 366 * 24
"""A slip in applies_to, 2092 for 2022, must not fill the memory [h]."""
_ENCODINGS = ("utf-8-sig", "gb18030")


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
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].lower().replace(b" ", b"")
    return first.startswith(",".join(KEYS).encode() + b",")


def parse(
    path: str | Path,
    registry: Registry,
    *,
    all_stations: bool = False,
    received_at: float,
    simulated: bool = False,
    hours: tuple[int, int] | None = None,
    applies_to: tuple[dt.date, dt.date] | None = None,
) -> Parsed:
    """Read an inventory or measured emissions into blocks [kg/h]; never raise for what the files contain.

    hours: first and last epoch hour wanted of an inventory, None for all; measured hours are all kept.
    applies_to: first and last natural day the inventory is used for; None: what meta.toml says, else its own years.
    all_stations means nothing here: emissions have no stations. Rows are city-hours; a line that is lost counts as one,
    of an unknown hour in an inventory.
    """
    path = Path(path)
    folder, table = (path, path / INVENTORY) if path.is_dir() else (path.parent, path)
    label = f"{path.name}/{INVENTORY}" if path.is_dir() else path.name
    refusals = Refusals(NAME, label)
    text = _text_of(table)
    measured = columns_of([name.strip().lower() for name in (text or [""])[0].split(",")], None) == HOURLY
    meta = Meta() if measured else read_meta(folder / META, refusals)
    lines = read_lines(text, registry, refusals, meta.year)
    title = "; ".join(part for part in (meta.title, meta.source) if part) or label
    name = f"{MEASURED}{path.stem}" if measured else meta.version
    header = Header(NAME, name, " ".join(title.split()), received_at, simulated or meta.simulated)
    if measured:
        blocks = list(_measured_blocks(lines, header))
    else:
        blocks = _inventory_blocks(lines, folder / PROFILES, applies_to or meta.applies_to, hours, header, refusals)
    return Parsed(blocks, refusals.rejected, _intake(blocks, refusals, path.name, received_at))


def read_profiles(folder: Path, refusals: Refusals) -> Profiles:
    """Read the profiles of an inventory; a file that is not there leaves its spread even."""
    tables = {}
    for kind in KINDS:
        path = folder / f"{kind}.csv"
        beside = replace(refusals, file=f"{folder.name}/{path.name}")  # the same list, under the profile's name
        tables[kind] = read_profile(kind, _text_of(path), beside.cell) if path.is_file() else {}
    return Profiles(tables)


def read_meta(path: Path, refusals: Refusals) -> Meta:
    """Read meta.toml; a key that cannot be used is refused and left at its default."""
    beside = replace(refusals, file=path.name)
    if not path.is_file():
        return Meta()
    try:
        raw = tomllib.loads("\n".join(_text_of(path)))
    except tomllib.TOMLDecodeError as error:
        beside.cell("meta.toml", "not readable; all is marked as simulated", str(error), "TOML")
        return Meta(simulated=True)
    found = {}
    for key, value in raw.items():
        if key not in _META_KEYS:
            beside.cell(f"key {key}", "unknown key", repr(value), f"one of {', '.join(_META_KEYS)}")
            continue
        expected, check = _META_KEYS[key]
        if (read := check(value)) is not None:
            found[key] = read
        else:
            beside.cell(f"key {key}", "not usable", repr(value), expected)
    if "simulated" in raw and "simulated" not in found:
        found["simulated"] = True
    return Meta(**found)


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) and value.isprintable() else None


def _as_name(value: object) -> str | None:
    return value if _as_text(value) and len(str(value)) <= NAME_LENGTH else None


def _as_year(value: object) -> int | None:
    return value if type(value) is int and 1990 <= value < 2100 else None


def _as_truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _as_days(value: object) -> tuple[dt.date, dt.date] | None:
    try:
        first, last = (day if type(day) is dt.date else dt.date.fromisoformat(day) for day in value)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        return None
    return (first, last) if first <= last and first.year >= 1990 and last.year < 2100 else None


_META_KEYS = {
    "version": (f"a text of up to {NAME_LENGTH} characters", _as_name),
    "year": ("a year from 1990 to 2099", _as_year),
    "title": ("a text in one line", _as_text),
    "source": ("a text in one line", _as_text),
    "simulated": ("true or false", _as_truth),
    "applies_to": ('[first, last] natural day, for instance ["2023-01-01", "2023-12-31"]', _as_days),
}


def _text_of(path: Path) -> list[str]:
    """Read the lines of a text file in UTF-8 or GB 18030; what is neither shows as replacement characters."""
    raw = path.read_bytes().replace(b"\x00", b"\xef\xbf\xbd")  # the csv module stops at NUL
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding).splitlines(keepends=True)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace").splitlines(keepends=True)


def _inventory_blocks(
    lines: list[Line],
    profile_folder: Path,
    applies_to: tuple[dt.date, dt.date] | None,
    hours: tuple[int, int] | None,
    header: Header,
    refusals: Refusals,
) -> list[EmissionBlock]:
    if not lines:
        return []
    profiles = read_profiles(profile_folder, refusals)
    _note_spread(lines, profiles, replace(refusals, file=profile_folder.name))
    years = {line.time for line in lines}
    where = spans(years, applies_to, hours)
    if not where:
        served = f"{applies_to[0]} to {applies_to[1]}" if applies_to else " ".join(map(str, sorted(years)))
        wanted = f"{iso_hour(hours[0])} to {iso_hour(hours[1])}" if hours else "all hours"
        refusals.note("applies_to", "the inventory serves none of the hours that are wanted", served, wanted)
    asked_for = sum(span.last_hour - span.first_hour + 1 for span in where)
    if asked_for > MOST_HOURS:
        expected = f"up to {MOST_HOURS} hours (five years) at once"
        refusals.line("applies_to", "more hours than one file may bring", f"{asked_for} hours", expected)
        return []
    return list(blocks_of(lines, profiles, where, header))


def _note_spread(lines: list[Line], profiles: Profiles, refusals: Refusals) -> None:
    """Say which sectors are spread evenly for want of a profile, and which profiles serve no sector."""
    sectors = dict.fromkeys(line.sector for line in lines)
    for sector in sectors:
        species = {line.species for line in lines if line.sector == sector}
        without = [kind for kind in KINDS if any(profiles.key(kind, sector, s) is None for s in species)]
        if without:
            files = " ".join(without)
            refusals.note(f"sector {sector}", "no profile: spread evenly", files, "a line of the sector in each file")
    unused = {(kind, sector) for kind in KINDS for sector, _ in profiles.tables[kind] if sector not in sectors}
    for kind, sector in sorted(unused):
        refusals.note(f"{kind}.csv", "profile of a sector without emissions", sector, f"one of {', '.join(sectors)}")


def _measured_blocks(lines: list[Line], header: Header) -> Iterator[EmissionBlock]:
    """Give one block per city and unbroken run of hours, NaN for sectors and species that an hour lacks.

    Lines that are simulated make blocks of their own, so that they cannot be taken for what was measured, nor mark it.
    """
    ordered = sorted(lines, key=lambda line: (line.city, line.simulated, line.time))
    for (city, _), group in groupby(ordered, key=lambda line: (line.city, line.simulated)):
        run: list[Line] = []
        for line in group:
            if run and line.time > run[-1].time + 1:
                yield _measured_block(city, run, header)
                run = []
            run.append(line)
        yield _measured_block(city, run, header)


def _measured_block(city: str, lines: list[Line], header: Header) -> EmissionBlock:
    sectors = tuple(sorted({line.sector for line in lines}))
    first_hour = lines[0].time
    values = np.full((len(sectors), len(SPECIES), lines[-1].time - first_hour + 1), np.nan)
    for line in lines:
        values[sectors.index(line.sector), SPECIES.index(line.species), line.time - first_hour] = line.amount
    names = "+".join(sorted({line.inventory for line in lines} - {""})) or header.version
    return EmissionBlock(
        source=header.source, city=city, inventory=names[:NAME_LENGTH], sectors=sectors, first_hour=first_hour,
        values=values, measured=True, simulated=header.simulated or any(line.simulated for line in lines),
        provenance=header.provenance, received_at=header.received_at,
    )  # fmt: skip


def _intake(blocks: list[EmissionBlock], refusals: Refusals, file: str, received_at: float) -> Intake:
    rejected: Counter[int] = Counter()
    for lost in refusals.rejected:
        if lost.rows:
            rejected[-1 if lost.hour_end is None else lost.hour_end] += lost.rows
    rows_in = Counter(rejected)
    for block in blocks:
        rows_in.update(range(block.first_hour, block.first_hour + block.hours))
    return Intake(NAME, file, received_at, dict(rows_in), dict(rejected))
