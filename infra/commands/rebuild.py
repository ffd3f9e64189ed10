"""The command `airshed rebuild`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.store_url import choose_store


def rebuild(
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on although rows of the old store cannot be read.")
    ] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Make the store anew from the topics, with what only the old one knows; the old one is kept under a dated name."""
    from infra.rebuild import rebuild as run
    from infra.tables import bar

    directory = data_directory(data)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with bar(say("rebuilding")) as advance:
        found = run(
            directory, choose_store(store, directory), accept_loss=accept_loss, now=now,
            progress=lambda _, count: advance(count, None),
        )  # fmt: skip
    remade = found.remade
    print(
        say(
            "rebuilt",
            rows=sum(remade.rows.values()),
            told=sum(remade.told.values()),
            carried=sum(remade.carried.values()),
        )
    )
    for name, count in sorted(remade.lost.items()):
        print(say("rebuild_lost", table=name, count=count) if count else say("rebuild_lost_some", table=name))
    if remade.short:
        print(say("rebuild_short", folder=directory.root))
    if found.aside:
        print(say("rebuild_aside", place=found.aside))
