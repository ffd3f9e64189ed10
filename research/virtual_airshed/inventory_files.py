"""The inventory of a scenario as the cities would send it: a folder in the layout of docs/layouts/emissions.md.

It is what the platform is told, with the scenario's told factors. The run is driven by the current inventory, by these factors,
and by the scenario's hidden errors, of which nothing is said here.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from research.virtual_airshed.observe.laying import OutboxError, csv_text, lay_down
from research.virtual_airshed.sources import INVENTORY

PROFILES = ("monthly.csv", "weekly.csv", "hourly.csv")
HIDDEN, HIDDEN_COLUMNS = "hidden_emissions.csv", ("city", "sector", "species", "factor", "simulated")
"""Where the errors of the inventory that nobody is told are kept, below the folder of the truth."""
Factors = Mapping[tuple[str, str, str], float]


def inventory_texts(
    first: dt.date,
    last: dt.date,
    *,
    factors: Factors,
    folder: Path = INVENTORY,
    version: str | None = None,
    year: int | None = None,
) -> dict[str, str]:
    """Give the files of an inventory folder that serves some natural days: path below the folder to text.

    first, last: natural days that it serves. factors: (city, sector, species), each possibly "*", to a factor on
    the annual totals. folder: the inventory that is handed on. version: shown with every number, up to 40
    characters; None for that of the folder. year: that the annual totals are told to be of; None for that of the folder.
    """
    texts = {"inventory.csv": _scaled((folder / "inventory.csv").read_text(encoding="utf-8"), factors, year)}
    for name in PROFILES:
        texts[f"profiles/{name}"] = (folder / "profiles" / name).read_text(encoding="utf-8")
    meta = tomllib.loads((folder / "meta.toml").read_text(encoding="utf-8"))
    texts["meta.toml"] = (
        "# SIMULATED. The inventory of a virtual airshed: no city's inventory, not to be used for any decision.\n"
        f'version = "{version or meta["version"]}"\nyear = {year or meta["year"]}\ntitle = "Virtual airshed, simulated emissions"\n'
        f'source = "virtual airshed; illustrative"\nsimulated = true\napplies_to = ["{first}", "{last}"]\n'
    )
    return texts


def write_inventory(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write an inventory folder whole or not at all; one that is there stays as it is. Give the folder."""
    if folder.exists():
        return folder
    hidden = folder.with_name(f".{folder.name}.{os.getpid()}")
    for name, text in texts.items():
        path = hidden / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    hidden.rename(folder)
    return folder


def keep_hidden(truth: Path, factors: Factors) -> None:
    """Lay the hidden errors of an inventory down in the folder of the truth, where there are any.

    Errors: OutboxError where the folder holds those of another run.
    """
    path = truth / HIDDEN
    if factors:
        rows = ((*line, f"{factor:.6f}", "true") for line, factor in factors.items())
        lay_down(path, csv_text(HIDDEN_COLUMNS, rows))
    elif path.exists():
        raise OutboxError(f"{path} is there, expected no hidden errors: take another folder or the same ones")


def _scaled(text: str, factors: Factors, year: int | None) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    reader = csv.DictReader(lines)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(reader.fieldnames or ()), lineterminator="\n")
    writer.writeheader()
    for row in reader:
        factor = 1.0
        for names, each in factors.items():
            own = (row["city"], row["sector"], row["species"])
            if all(name in ("*", mine) for name, mine in zip(names, own, strict=True)):
                factor *= each
        told = {"emission_t": f"{float(row['emission_t']) * factor:.6g}"} if factor != 1.0 else {}
        writer.writerow(row | told | ({"year": str(year)} if year is not None else {}))
    return out.getvalue()
