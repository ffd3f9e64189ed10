"""The fraternal twins as a table: models whose physics and chemistry differ from the nature run's, and how they were drawn.

`python -m research.virtual_airshed.forecasts.twin_table [--check]` writes twins.csv, or tells whether it is what follows from here.

TWIN-A was chosen by hand, before any result of an attribution was seen. The others are drawn around it, once, with the standard
deviations of SPREAD (in the logarithm): an ensemble does not know where the truth lies, and errs with its first member.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from research.virtual_airshed.chance import generator
from research.virtual_airshed.closures import Chemistry
from research.virtual_airshed.forecasts.imperfections import Imperfections
from research.virtual_airshed.inventories.checked_csv import rows_of

FILE = Path(__file__).with_name("twins.csv")
NAMES = ("TWIN-A", "TWIN-B", "TWIN-C", "TWIN-D")
SEED, DECIMALS = 20261, 3
PHYSICS = ("mixing_height", "wind", "deposition", "evenly")
CHEMISTRY = tuple(each.name for each in fields(Chemistry))
COLUMNS = ("name", *PHYSICS, *CHEMISTRY, "excess", "simulated")
SPREAD = {
    "mixing_height": 0.12, "wind": 0.12, "deposition": 0.20, "evenly": 0.30, "so2": 0.30, "nox_day": 0.20, "nox_night": 0.25,
    "voc": 0.15, "soa": 0.30, "dry_nitrate": 0.25, "dry_ammonia": 0.20, "town_oh": 0.15, "excess": 0.20,
}  # fmt: skip
"""Standard deviations of the logarithm of what is drawn: 10 to 30 %, as such models differ from one another (choices)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A fraternal twin. name: at most 22 characters. imperfections, chemistry: how it differs from the nature run.

    excess: factor on what the air outside has beyond clean air.
    """

    name: str
    imperfections: Imperfections
    chemistry: Chemistry
    excess: float


FIRST = Twin(
    name=NAMES[0], imperfections=Imperfections(),
    chemistry=Chemistry(
        so2=0.65, nox_day=1.2, nox_night=1.4, voc=1.15, soa=0.6, dry_nitrate=0.7, dry_ammonia=1.3, town_oh=0.85
    ),
    excess=1.25,
)  # fmt: skip


@lru_cache(maxsize=1)
def shipped_twins() -> tuple[Twin, ...]:
    """Read the twins of the table, in its order. Errors: TableError names a cell that cannot be."""
    return tuple(_twin({name: row.text("name") if name == "name" else row.number(name, 0, 10) for name in COLUMNS[:-1]})
                 for row in rows_of(FILE, COLUMNS))  # fmt: skip


def twin(name: str) -> Twin:
    """Give a twin by name; ValueError for one that is not there."""
    for each in shipped_twins():
        if each.name == name:
            return each
    raise ValueError(f"the twin is {name!r}, expected one of {', '.join(each.name for each in shipped_twins())}")


def drawn() -> tuple[Twin, ...]:
    """Draw the twins as the table has them."""
    return (FIRST, *(_drawn(name) for name in NAMES[1:]))


def text_of(twins: Iterable[Twin]) -> str:
    """Write twins as the table."""
    lines = [",".join(COLUMNS)]
    for each in twins:
        lines.append(",".join((each.name, *(f"{number:.{DECIMALS}f}" for number in _numbers(each).values()), "true")))
    return "\n".join(lines) + "\n"


def _drawn(name: str) -> Twin:
    numbers = {
        key: round(
            number * math.exp(SPREAD[key] * float(generator(SEED, "twin", name, key).standard_normal())), DECIMALS
        )
        for key, number in _numbers(FIRST).items()
    }
    return _twin({"name": name, **numbers, "evenly": min(numbers["evenly"], 1.0)})


def _numbers(each: Twin) -> dict[str, float]:
    physics = {name: getattr(each.imperfections, name) for name in PHYSICS}
    return physics | {name: getattr(each.chemistry, name) for name in CHEMISTRY} | {"excess": each.excess}


def _twin(row: dict) -> Twin:
    return Twin(
        name=row["name"],
        imperfections=dataclasses.replace(Imperfections(), **{name: row[name] for name in PHYSICS}),
        chemistry=Chemistry(**{name: row[name] for name in CHEMISTRY}),
        excess=row["excess"],
    )


def main(arguments: list[str] | None = None) -> int:
    """Write or check the table; give the exit code."""
    parser = argparse.ArgumentParser(description="Draw the fraternal twins of the virtual airshed.")
    parser.add_argument("--check", action="store_true", help="only tell whether the table is what is drawn")
    text = text_of(drawn())
    if parser.parse_args(arguments).check:
        return int(FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
