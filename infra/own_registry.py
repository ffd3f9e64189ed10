"""A registry of one's own: the shipped cities, stations and outlines as files in the data directory, to edit or add to."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from infra.datadir import DataDirectory
from standards.whole_files import taking_place

FILES = ("cities.csv", "stations.csv", "cities.geojson")
COLUMNS = ("code", "name_zh", "aliases", "kind", "lon", "lat", "city", "valid_from", "valid_to", "source", "note")


def copy_shipped(data: DataDirectory) -> Path:
    """Copy the shipped files that are not there yet; give the folder."""
    from streams.registry import SHIPPED

    data.registry.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if not (data.registry / name).exists():
            shutil.copyfile(SHIPPED / name, data.registry / name)
    return data.registry


def garbled_registry(folder: Path | None) -> str:
    """Tell in English what is wrong with a registry's files, outlines too; empty where nothing is, or where there is none."""
    from streams.registry import RegistryError, load
    from streams.registry.outlines import read_outlines

    try:
        read_outlines(load(folder).outlines_path) if folder else None
    except RegistryError as error:
        return str(error)
    return ""


def add_stations(data: DataDirectory, path: Path) -> int:
    """Add the stations of a CSV file, checked first, to the registry; give how many the file holds."""
    from streams.registry import Station, load

    folder = copy_shipped(data)
    before = load(folder)
    after = before.import_stations(path)

    def row(station: Station) -> list[object]:
        cells = {name: getattr(station, name) for name in COLUMNS} | {"aliases": "|".join(station.aliases)}
        return ["" if cell is None else cell for cell in cells.values()]

    with taking_place(folder / "stations.csv") as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row(station) for station in after.stations.values())
    return sum(before.stations.get(code) != station for code, station in after.stations.items())
