"""The command `airshed normalise`: how much of a change was the weather's, month by month, into the store."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.store_url import choose_store
from infra.usage import wrong


def normalise(
    cities: Annotated[list[str], typer.Option(metavar="CITY", help="Of these cities [all of the registry].")] = [],  # noqa: B006
    items: Annotated[list[str], typer.Option(metavar="ITEM", help="so2, no2, co, o3, pm10 or pm25 [pm25, o3].")] = [],  # noqa: B006
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Work out months in the usual weather of the season, and store them: what remains of a change was not the weather."""
    from infra import normalise as normalising
    from infra.attribution import require_cities
    from standards.pollutants import ITEMS
    from streams.registry.kept import registry_in_use

    if unknown := [item for item in items if item not in ITEMS]:
        raise wrong("--items", "usage_some_of", value=", ".join(unknown), expected=", ".join(ITEMS))
    directory = data_directory(data)
    require_cities(directory, cities)
    known = registry_in_use(directory.own_registry).cities
    found = normalising.normalise(
        directory, choose_store(store, directory), cities=cities or list(known), items=items or ("pm25", "o3")
    )
    if not found:
        print(say("normalised_nothing"), file=sys.stderr)
        raise typer.Exit(FAILED)
    for each in found:
        why = ", ".join(say(f"normalised_why_{code}") for code in each.why)
        skill = "NA" if each.skill is None else f"{each.skill:.2f}"
        print(say("normalised_line" if not why else "normalised_line_why", city=each.city, item=each.item,
                  months=each.months, told=each.told, skill=skill, why=why))  # fmt: skip
