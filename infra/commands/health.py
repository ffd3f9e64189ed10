"""The command `airshed health`."""

from __future__ import annotations

import datetime as dt
import time

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.store_url import choose_store
from infra.telling import tell_troubles


def health(store: Store = None, data: Data = None) -> None:
    """Tell what is missing, how fresh the stored data are and whether the books balance; exit 1 where something is open."""
    from infra.health import engine_for, past_words, read_health, read_past
    from infra.kept_told import reject_said
    from infra.noted import noted
    from infra.running import running
    from infra.tables import books_table, show
    from infra.troubles import FOUND, REGISTRY

    directory = data_directory(data)
    damage = noted(directory, time.time())
    troubled = tell_troubles(running(directory), damage)
    engine = engine_for(choose_store(store, directory))
    found = read_health(engine)
    if found.books:
        show(books_table(found.books))
    for each in found.rejects:
        print(reject_said([each.source, each.file], each.position, each.reason, each.value, each.expected))
    if found.newest is None:
        print(say(found.emptiness, rows=found.taken))
        raise typer.Exit(FAILED)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    age = found.age_hours(now)
    if past := read_past(engine):
        key, values = past_words(past)
        print(say(key, **values))
    told = "health_newest" if age >= 0 else "health_newest_ahead"
    print(say(told, hour=f"{found.newest:%Y-%m-%dT%H:00Z}", age=abs(age), cities=found.cities))
    for books in found.open_books:
        print(say("health_books_open", source=books.source, rows_in=books.rows_in, known=books.accounted))
    if found.damaged:
        print(say("health_damaged", count=found.damaged))
    key, values = found.verified_words(now)
    print(say(key, **values))
    if found.open_books or found.damaged or any(each.kind in (FOUND, REGISTRY) for each in damage):
        raise typer.Exit(FAILED)
    print(say("health_books_balance" if found.verified else "health_books_balance_so_far"))
    if troubled:
        raise typer.Exit(FAILED)
