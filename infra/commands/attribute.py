"""The command `airshed attribute`."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import language, say
from infra.store_url import choose_store


def attribute(
    start: Annotated[str, typer.Option("--from", metavar="MOMENT", help="First hour end, UTC [the first stored].")] = "",
    end: Annotated[str, typer.Option("--to", metavar="MOMENT", help="Last hour end, UTC [the newest stored].")] = "",
    city: Annotated[list[str], typer.Option(metavar="CITY", help="Keep rows of this city only.")] = [],  # noqa: B006
    processes: Annotated[int, typer.Option(min=1, help="So many processes at once.")] = 2,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Attribute a stored history: who made the air, hour by hour, corrected by what was known before."""
    from infra.attribution import attribute_history, newest_days
    from infra.tables import bar

    directory = data_directory(data)
    with bar(say("attributing")) as advance:
        written = attribute_history(
            directory, choose_store(store, directory), start, end, cities=city, processes=processes, progress=advance
        )
    print(say("attributed", rows=written))
    for told in newest_days(choose_store(store, directory), directory, city, language(), end):
        print(say("attributed_day", **told))
