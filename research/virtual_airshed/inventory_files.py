"""The inventory of a scenario as the cities would send it: a folder in the layout of docs/layouts/emissions.md.

It is what drives the run, with the scenario's factors, and what the platform is told.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Mapping
from pathlib import Path

from research.virtual_airshed.sources import INVENTORY

PROFILES = ("monthly.csv", "weekly.csv", "hourly.csv")
Factors = Mapping[tuple[str, str, str], float]


def inventory_texts(
    first: dt.date, last: dt.date, *, factors: Factors, folder: Path = INVENTORY, version: str = "virtual-2015 v1"
) -> dict[str, str]:
    """Give the files of an inventory folder that serves some natural days: path below the folder to text.

    first, last: natural days that it serves. factors: (city, sector, species), each possibly "*", to a factor on
    the annual totals. folder: the inventory that is handed on. version: shown with every number, up to 40
    characters.
    """
    texts = {"inventory.csv": _scaled((folder / "inventory.csv").read_text(encoding="utf-8"), factors)}
    for name in PROFILES:
        texts[f"profiles/{name}"] = (folder / "profiles" / name).read_text(encoding="utf-8")
    texts["meta.toml"] = (
        "# SIMULATED. The inventory of a virtual airshed: no city's inventory, not to be used for any decision.\n"
        f'version = "{version}"\nyear = 2015\ntitle = "Virtual airshed, simulated emissions"\n'
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


def _scaled(text: str, factors: Factors) -> str:
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
        writer.writerow(
            row | {"emission_t": f"{float(row['emission_t']) * factor:.6g}" if factor != 1.0 else row["emission_t"]}
        )
    return out.getvalue()
