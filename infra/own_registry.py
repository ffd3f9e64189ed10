"""A registry of one's own: the shipped cities, stations and outlines as files in the data directory, to edit or add to."""

from __future__ import annotations

import contextlib
import csv
import shutil
from pathlib import Path

from infra.datadir import DataDirectory
from standards.whole_files import taking_place

FILES = ("cities.csv", "stations.csv", "cities.geojson")
COLUMNS = ("code", "name_zh", "aliases", "kind", "lon", "lat", "city", "valid_from", "valid_to", "source", "note")


def files_in(folder: Path) -> tuple[str, ...]:
    """Name the files of a registry that a folder holds."""
    return tuple(name for name in FILES if (folder / name).exists())


def copy_in_use(data: DataDirectory) -> Path:
    """Copy the files of the registry in use that are not there yet, all of them or none; give the folder.

    The demo's come before the shipped ones: its stations are simulated, and its data go on coming in.

    Errors: OSError, with nothing of it left.
    """
    from streams.registry import SHIPPED

    there = files_in(data.registry)
    data.registry.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.ExitStack() as placed:
            for name in (name for name in FILES if name not in there):
                of_demo = data.demo_registry / name
                draft = placed.enter_context(taking_place(data.registry / name))
                shutil.copyfile(of_demo if of_demo.exists() else SHIPPED / name, draft)
    except BaseException:
        with contextlib.suppress(OSError):  # a folder with files of the user's stays
            data.registry.rmdir()
        raise
    return data.registry


def require_sound(folder: Path) -> None:
    """Raise RegistryError where a registry's files are garbled, outlines too."""
    from streams.registry import load
    from streams.registry.outlines import read_outlines

    read_outlines(load(folder).outlines_path)


def garbled_registry(folder: Path | None) -> str:
    """Tell in English what is wrong with a registry's files, outlines too; empty where nothing is, or where there is none."""
    from streams.registry import RegistryError

    try:
        require_sound(folder) if folder else None
    except RegistryError as error:
        return str(error)
    return ""


def add_stations(data: DataDirectory, path: Path) -> int:
    """Add the stations of a CSV file, checked first, to the registry; give how many the file holds."""
    from streams.registry import Station, load

    folder = copy_in_use(data)
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
