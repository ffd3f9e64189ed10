"""Tables of any city by a column map: `NAME.map.toml` beside the file NAME, `map.toml` in its folder, or a shipped one.

A table for which there is no map is refused, with the command that proposes one: what a column means, in which unit, zone and at
which end of the hour its times stand, is said or the file is not read.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from streams.registry import Registry
from streams.sources.csv_lines import header_of
from streams.sources.files import shown
from streams.sources.maps import excel, json_lines
from streams.sources.maps.opening import is_plain_file, opened
from streams.sources.maps.reader import read_table
from streams.sources.maps.spec import ColumnMap, MapError, map_of, read_map
from streams.sources.maps.tables import Table, csv_table
from streams.sources.tally import Tally, Unusable

NAME = "map"
SUFFIX, IN_FOLDER = ".map.toml", "map.toml"
SHIPPED = Path(__file__).with_name("shipped")
FEWEST_COLUMNS = 3
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t|"
_BINARY = (
    b"CDF",
    b"\x89HDF",
    b"\x1f\x8b",
    b"%PDF",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x89PNG",
    b"GRIB",
    b"PAR1",
    b"SQLite",
)
_TIME_OR_ITEM = re.compile(
    r"date|time|hour|year|month|datum|fecha|heure|日期|时间|小时|时刻|年|月"
    r"|pm ?(2[._]?5|10)|\b(so2|no2|o3|co)\b|臭氧|二氧化|一氧化碳|颗粒物",
    re.IGNORECASE,
)
"""What a header of a table of hours names somewhere."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell a table that has a map, and one that would need one."""
    return is_table(path, head) and (
        beside(path) is not None or shipped_for(head) is not None or looks_like_hours(path, head)
    )


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a table by its map; see streams.sources for the contract. Errors: Unusable where it has none."""
    spec = map_for(path)
    if spec is None:
        raise unmapped(path)
    tally.origin = replace(tally.origin, source=f"{NAME}-{spec.name}")
    read_table(table_of(path, spec), spec, registry, tally, all_stations=all_stations)


def unmapped(path: Path) -> Unusable:
    """Give the answer to a table that has no map."""
    from streams.sources import layouts

    line = first_bytes(path).decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
    value = "".join(sign if sign.isprintable() else " " for sign in line)[:120] if format_of(path) == "csv" else ""
    reason = "the layout is not recognised, and no column map says what the columns mean"
    expected = f"a column map, which `airshed map {shown(path)}` proposes, or one of the layouts {', '.join(layouts())}"
    return Unusable("file", reason, value, expected)


def map_for(path: Path) -> ColumnMap | None:
    """Give the map of a file, None where there is none. Errors: Unusable where it cannot be used."""
    try:
        place = beside(path)
        return named(read_map(place, by_link=False), place) if place else shipped_for(first_bytes(path))
    except MapError as error:
        raise error.unusable() from None


def named(spec: ColumnMap, place: Path) -> ColumnMap:
    """Give a map its name: the one it says, else that of its table or of the folder it is for, in letters that sources have."""
    stem = place.parent.name if place.name == IN_FOLDER else place.name.removesuffix(SUFFIX).removesuffix(".toml")
    plain = re.sub(r"[^a-z0-9_-]+", "-", Path(stem).stem.lower()).strip("-")[:30]
    return spec if spec.name else replace(spec, name=plain or "table")


def beside(path: Path) -> Path | None:
    """Give where the map of a file lies: beside it, else in its folder."""
    places = (path.with_name(path.name + SUFFIX), path.with_name(IN_FOLDER)) if path.name else ()
    return next(filter(is_plain_file, places), None)


def table_of(path: Path, spec: ColumnMap) -> Table:
    """Give the table of a file. Errors: Unusable where it cannot be opened."""
    return _OPENED[spec.file.format or format_of(path)](path, spec)


def format_of(path: Path) -> str:
    """Tell what a file is by its first bytes: "xlsx", "jsonl" or "csv"."""
    head = first_bytes(path)
    if head.startswith(b"PK"):
        return "xlsx"
    return "jsonl" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[{")) else "csv"


def first_bytes(path: Path) -> bytes:
    """Give the first bytes of a file."""
    with opened(path) as file:
        return file.read(4096)


@cache
def shipped() -> tuple[ColumnMap, ...]:
    """Give the maps that the platform knows, of public files."""
    return tuple(map_of(each.read_text(encoding="utf-8"), each.name) for each in sorted(SHIPPED.glob("*.toml")))


def shipped_for(head: bytes) -> ColumnMap | None:
    """Give the shipped map whose header the first bytes of a file have."""
    header = set(header_of(head))
    return next((spec for spec in shipped() if spec.recognise and header.issuperset(spec.recognise)), None)


def is_table(path: Path, head: bytes) -> bool:
    """Tell whether a file may be a table at all."""
    if not head or head.startswith(_BINARY):
        return False
    if head.startswith(_UTF_16):
        return True
    return _is_workbook(path) if head.startswith(b"PK") else head.count(b"\0") * 4 <= len(head)


def looks_like_hours(path: Path, head: bytes) -> bool:
    """Tell whether a file looks like a table of hours, by one of its first lines."""
    if head.startswith(b"PK"):
        return True
    if json_lines.looks_like_one(head):
        return True
    encodings = ("utf-16",) if head.startswith(_UTF_16) else ("utf-8-sig", "gb18030")
    return any(_is_header(line) for each in encodings for line in head.decode(each, "replace").splitlines()[:10])


def delimiter_of(line: str) -> str:
    """Give the sign that parts the cells of a header."""
    return max(_DELIMITERS, key=line.count)


def _is_header(line: str) -> bool:
    return line.count(delimiter_of(line)) >= FEWEST_COLUMNS - 1 and bool(_TIME_OR_ITEM.search(line))


def _is_workbook(path: Path) -> bool:
    try:
        with opened(path) as file, excel.archive_of(file) as archive:
            return excel.WORKBOOK in archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return False


_OPENED: dict[str, Callable[[Path, ColumnMap], Table]] = {
    "csv": lambda path, spec: csv_table(path, spec.file),
    "jsonl": json_lines.table,
    "xlsx": excel.table,
}
