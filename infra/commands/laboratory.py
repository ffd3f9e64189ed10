"""The commands `airshed laboratory …`: bring tables of laboratories into the store, and summarise what is measured."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data, Simulated, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import language, say
from infra.store_url import choose_store
from infra.usage import wrong

app = typer.Typer(no_args_is_help=True, help="Tables of laboratories: new pollutants in water, soil, sediment and air.")


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Tables as docs/laboratory.md says (CSV or xlsx).")],
    sheet: Annotated[str, typer.Option("--sheet", metavar="NAME", help="Which sheet of a workbook, where several have rows.")] = "",
    simulated: Simulated = False, store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Keep the results of laboratories' tables, those below a limit as such; every row is counted."""
    from infra import laboratory
    from infra.feeding import open_own
    from infra.kept_told import tell_kept
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    known, broken = registry_in_use(directory.own_registry), False
    engine = open_own(directory, choose_store(store, directory))
    try:
        for path in files:
            try:
                kept = laboratory.keep(
                    engine, path, known, now=dt.datetime.now(dt.UTC), sheet=sheet, simulated=simulated
                )
            except OSError as error:
                broken = True
                print(say("published_unreadable", file=path, error=error), file=sys.stderr)
                continue
            broken |= not tell_kept(kept)
    finally:
        engine.dispose()
    if broken:
        raise typer.Exit(FAILED)


@app.command()
def summary(
    city: Annotated[str, typer.Option("--city", metavar="CITY", help="Of this city alone, by code or name.")] = "",
    medium: Annotated[str, typer.Option("--medium", metavar="MEDIUM", help="Of this medium alone, such as soil or air.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also substances that are in no list.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Summarise results by substance and medium without substitution: Kaplan-Meier and robust ROS with 95 % intervals."""
    from infra import laboratory
    from infra.health import engine_for
    from infra.tables import show
    from standards.laboratory.media import UNIT_OF, medium_of
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    known = registry_in_use(directory.own_registry)
    place = known.city_named(city) if city else None
    if city and place is None:
        names = (each.name_zh if language() == "zh" else each.name_en for each in known.cities.values())
        raise wrong("--city", "laboratory_no_city", city=repr(city), cities=say("list_comma").join(names))
    what = medium_of(medium) if medium else None
    if medium and what is None:
        names = (say(f"laboratory_medium_{each}") for each in UNIT_OF)
        raise wrong("--medium", "laboratory_no_medium", medium=repr(medium), media=say("list_comma").join(names))
    engine = engine_for(choose_store(store, directory))
    try:
        chosen = {"city": place.code if place else None, "medium": what, "every": every}
        now = dt.datetime.now(dt.UTC)
        found = list(laboratory.summaries(engine, now, **chosen))
        unlisted = not found and not every and any(laboratory.summaries(engine, now, **{**chosen, "every": True}))
    finally:
        engine.dispose()
    if not found:
        print(say("laboratory_unlisted" if unlisted else "laboratory_nothing"), file=sys.stderr)
        raise typer.Exit(FAILED)
    show(laboratory.summary_table(found))
    print(say("laboratory_note"))
