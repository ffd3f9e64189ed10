"""The commands `airshed registry …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from standards.shown import harmless

app = typer.Typer(no_args_is_help=True, help="Look after the cities and stations that are assessed.")


@app.command()
def init(data: Data = None) -> None:
    """Copy the cities, stations and outlines in use into the data directory, where they can be edited."""
    from infra.own_registry import copy_in_use, files_in, require_sound

    directory = data_directory(data).create()
    there = files_in(directory.registry)
    folder = copy_in_use(directory)
    require_sound(folder)
    if there:
        print(say("registry_left", files=say("list_comma").join(there)))
    print(say("registry_copied", folder=folder))


@app.command("import")
def import_(
    stations: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, help="Stations as CSV, in the columns of stations.csv.")
    ],
    data: Data = None,
) -> None:
    """Add the stations of a CSV file to the registry of the data directory; a known code is replaced."""
    from infra.own_registry import add_stations

    print(say("registry_imported", count=add_stations(data_directory(data).create(), stations), path=stations))


@app.command()
def check(data: Data = None) -> None:
    """Read the registry and tell which stations lie outside their city; exit 1 where something is odd."""
    from streams.registry import load

    registry = load(data_directory(data).own_registry)
    odd = registry.check()
    for line in odd:
        print(harmless(line))
    print(say("registry_read", cities=len(registry.cities), stations=len(registry.stations)))
    raise typer.Exit(FAILED if odd else 0)
