"""The commands `airshed meetings …`: the joint meetings, and what is due when."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.usage import wrong

app = typer.Typer(no_args_is_help=True, help="Look at the joint meetings of the cities, and at what is due.")


@app.command("list")
def list_(
    most: Annotated[int, typer.Option("--last", min=1, max=400, help="So many meetings.")] = 12,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show the newest meetings with host, day and state."""
    from infra import meetings
    from infra.office import office
    from infra.tables import show
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    with office(directory, store) as engine, engine.connect() as connection:
        table = meetings.listed_table(connection, registry_in_use(directory.own_registry), most)
    if table is None:
        print(say("meetings_none"))
        return
    show(table)


@app.command()
def due(
    quarter: Annotated[str, typer.Argument(metavar="[QUARTER]", help="Such as 2026-Q3 [the last one and this one].")] = "",
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show what is due for a quarter and how it stands, who hosts, and what the cities still have to do."""
    from dashboards.context import utc_now
    from dashboards.meetings.quarters import quarter_named, quarter_of
    from dashboards.moment import SHANGHAI
    from infra import meetings
    from infra.office import office
    from infra.tables import show
    from streams.registry.kept import registry_in_use

    asked = quarter_named(quarter)
    if quarter and asked is None:
        raise wrong("QUARTER", "usage_quarter", value=repr(quarter))
    directory = data_directory(data)
    known, today = registry_in_use(directory.own_registry), (utc_now() + SHANGHAI).date()
    held, now = meetings.rules(directory.portal, known), quarter_of(today)
    if held.trouble:
        print(say("meetings_trouble", why=held.trouble), file=sys.stderr)
    with office(directory, store) as engine, engine.connect() as connection:
        show(meetings.due_table(connection, known, [asked] if asked else [now.later(-1), now], held, today))
        actions = meetings.action_table(connection, known, today)
    if actions is not None:
        show(actions)
