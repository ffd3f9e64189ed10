"""Write the inventory that the forecast model still uses: `python -m research.virtual_airshed.inventories.make_outdated`.

outdated/ follows from current/ and outdated_factors.csv alone; with --check tell whether it does, exit code 1 where not.
A factor with * holds for every city, sector or species; all factors that fit a line multiply. SIMULATED, as all here.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from research.virtual_airshed.inventories.checked_csv import Row, rows_of
from research.virtual_airshed.inventories.places import CITIES
from research.virtual_airshed.inventories.spread import SECTORS
from streams.records import SPECIES

FOLDER = Path(__file__).parent
YEAR, VERSION = 2012, "virtual-2012 v2"
ANY = "*"
INVENTORY_COLUMNS = ("city", "sector", "species", "year", "emission_t", "simulated")
FACTOR_COLUMNS = ("city", "sector", "species", "factor", "reason")
PROFILES = ("monthly", "weekly", "hourly")
_META = f"""\
# SIMULATED. Made from current/ by `python -m research.virtual_airshed.inventories.make_outdated`: edit outdated_factors.csv
# instead and run it again. No city's inventory; it must not be used for any decision.
version = "{VERSION}"
year = {YEAR}
title = "Simulated: older emissions of the virtual airshed"
source = "illustrative numbers, not an inventory of any city"
simulated = true
"""


@dataclass(frozen=True, slots=True)
class Factor:
    """How much of today's emission the older inventory has [1]; city, sector and species may be ANY."""

    city: str
    sector: str
    species: str
    factor: float
    reason: str


def read_factors(path: Path) -> tuple[Factor, ...]:
    """Read factors in the order of the file; TableError names a wrong cell or a key that is given twice."""
    seen: dict[tuple[str, str, str], int] = {}
    return tuple(_factor(row, seen) for row in rows_of(path, FACTOR_COLUMNS))


def factor_of(factors: Iterable[Factor], city: str, sector: str, species: str) -> float:
    """Multiply all factors that fit a city, sector and species; 1 where none does."""
    product = 1.0
    for each in factors:
        if each.city in (ANY, city) and each.sector in (ANY, sector) and each.species in (ANY, species):
            product *= each.factor
    return product


def outdated_lines(current: Path, factors: tuple[Factor, ...]) -> list[tuple[str, str, str, float]]:
    """Give the lines of the older inventory: city, sector, species, emission [t], to the kilogram.

    current: inventory.csv with INVENTORY_COLUMNS. Errors: TableError for a line that cannot be used.
    """
    lines = []
    for row in rows_of(current, INVENTORY_COLUMNS):
        city, sector = row.one_of("city", CITIES), row.one_of("sector", SECTORS)
        species, emission_t = row.one_of("species", SPECIES), row.number("emission_t", 0, 1e9)
        lines.append((city, sector, species, round(emission_t * factor_of(factors, city, sector, species), 3)))
    return lines


def files(folder: Path = FOLDER) -> dict[str, str]:
    """Give every file of outdated/: its path below it and its text, from current/ and the factors below folder.

    The profiles are those of current/: what the older inventory has wrong are its totals.
    """
    lines = outdated_lines(folder / "current" / "inventory.csv", read_factors(folder / "outdated_factors.csv"))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(INVENTORY_COLUMNS)
    table.writerows((*key, YEAR, f"{emission_t:.12g}", "true") for *key, emission_t in lines)
    profiles = {
        f"profiles/{kind}.csv": (folder / "current" / "profiles" / f"{kind}.csv").read_text(encoding="utf-8")
        for kind in PROFILES
    }
    return {"inventory.csv": text.getvalue(), "meta.toml": _META} | profiles


def differences(folder: Path = FOLDER) -> list[str]:
    """Name the files of outdated/ that are missing, differ from what files() gives, or are not made from anything."""
    made, there = files(folder), folder / "outdated"
    kept = {path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file()}
    differing = [name for name in kept & set(made) if (there / name).read_text(encoding="utf-8") != made[name]]
    return sorted(differing + list(kept ^ set(made)))


def write(folder: Path = FOLDER) -> list[str]:
    """Write the files of outdated/ that differ and give their names; a file that is made from nothing is left to the user."""
    made = files(folder)
    changed = [name for name in differences(folder) if name in made]
    for name in changed:
        path = folder / "outdated" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[name], encoding="utf-8")
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Write or check outdated/; give the exit code."""
    parser = argparse.ArgumentParser(description="Write the older inventory of the virtual airshed.")
    parser.add_argument("--check", action="store_true", help="only tell whether the files are up to date")
    if parser.parse_args(arguments).check:
        found = differences()
        sys.stdout.writelines(f"outdated/{name} is not what current/ and outdated_factors.csv give\n" for name in found)
        return 1 if found else 0
    sys.stdout.writelines(f"wrote outdated/{name}\n" for name in write())
    return 0


def _factor(row: Row, seen: dict[tuple[str, str, str], int]) -> Factor:
    key = (
        row.one_of("city", (ANY, *CITIES)), row.one_of("sector", (ANY, *SECTORS)),
        row.one_of("species", (ANY, *SPECIES)),
    )  # fmt: skip
    first = seen.setdefault(key, row.line)
    if first != row.line:
        raise row.error("species", f"a city, sector and species that no line before has, line {first} has these")
    return Factor(*key, row.number("factor", 0, 10), row.text("reason"))


if __name__ == "__main__":
    sys.exit(main())
