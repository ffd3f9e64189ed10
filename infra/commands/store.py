"""The commands `airshed store …`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data, Store, Why
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.store_url import choose_store
from infra.usage import wrong
from standards.passwords import masked

Table = Annotated[str, typer.Argument(help="A table of the store, such as air_city_hour.")]
app = typer.Typer(no_args_is_help=True, help="Look after the store.")


@app.command()
def upgrade(store: Store = None, data: Data = None) -> None:
    """Make the store or bring its tables to the newest version."""
    from streams.store.connect import open_store, require_place

    directory = data_directory(data)
    url = choose_store(store, directory)
    require_place(url, directory.root)
    open_store(url).dispose()
    print(say("store_upgraded", store=masked(url)))


@app.command()
def path(store: Store = None, data: Data = None) -> None:
    """Print which store is meant, without its password."""
    print(masked(choose_store(store, data_directory(data))))


@app.command()
def feeders(store: Store = None, data: Data = None) -> None:
    """Tell which data directory feeds the store, and which ones did."""
    from infra.feeding import feeders_of

    found = feeders_of(choose_store(store, data_directory(data)))
    if not found:
        print(say("feeder_none"))
    for each in found:
        key = "feeder_now" if each.handed_over_at is None else "feeder_before"
        print(say(key, **dataclasses.asdict(each)))


@app.command()
def adopt(why: Why, store: Store = None, data: Data = None) -> None:
    """Hand the store over to this data directory; from then on the one that fed it is refused."""
    from infra.feeding import adopt as hand_over

    directory = data_directory(data)
    url = choose_store(store, directory)
    before = hand_over(directory, url, why)
    print(say("adopted", store=masked(url), folder=directory.root))
    if before is not None:
        print(say("adopted_from", folder=before.folder, host=before.host))


@app.command()
def dump(table: Table, store: Store = None, data: Data = None) -> None:
    """Write a table as CSV to the standard output."""
    from infra.dump import table_rows
    from infra.sheets import write

    with table_rows(choose_store(store, data_directory(data)), table) as (columns, rows):
        write(sys.stdout, columns, rows)


@app.command()
def days(
    files: Annotated[list[Path], typer.Argument(help="Daily values of cities as they were published (CSV).")],
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Keep daily values of cities that were published; they are marked as such, and refused where hours gave a day."""
    from infra.feeding import open_own
    from infra.kept_told import tell_kept
    from streams.published.keeping import keep_days
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    engine, known, broken = (
        open_own(directory, choose_store(store, directory)),
        registry_in_use(directory.own_registry),
        False,
    )
    for path in files:
        try:
            kept = keep_days(engine, path, known, now=dt.datetime.now(dt.UTC).replace(tzinfo=None))
        except (OSError, UnicodeDecodeError) as error:
            broken = True
            print(say("published_unreadable", file=path, error=error), file=sys.stderr)
            continue
        broken |= not tell_kept(kept)
    engine.dispose()
    if broken:
        raise typer.Exit(FAILED)


@app.command()
def history(
    table: Table,
    place: Annotated[str, typer.Argument(help="A station's or city's code.")],
    moment: Annotated[str, typer.Argument(help="Hour end (2023-01-20T04:00Z) or day.")],
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Write a row and the versions that revisions replaced as CSV, oldest first, and name the files of its feed."""
    from infra.history import history_of
    from infra.sheets import write

    try:
        found = history_of(choose_store(store, data_directory(data)), table, place, moment)
    except ValueError as error:
        raise wrong("MOMENT", "usage_moment", value=repr(moment)) from error
    if not found.versions:
        print(say("no_row", table=table, place=place, moment=moment), file=sys.stderr)
        raise typer.Exit(FAILED)
    write(sys.stdout, found.columns, found.versions)
    for key, files in (("history_own", found.named), ("history_file", found.files)):
        for file in files:
            print(say(key, **file), file=sys.stderr)
