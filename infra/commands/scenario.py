"""The command `airshed scenario`."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.store_url import choose_store
from standards.shown import harmless_lines


def scenario(
    cut: Annotated[
        list[str], typer.Option(metavar="SECTOR:CITY:SHARE", help="A cut, for instance vehicles:510100:0.3; * for all.")
    ] = [],  # noqa: B006
    level: Annotated[list[int], typer.Option(min=1, max=3, help="A level of the plan in all cities: 1, 2 or 3.")] = [],  # noqa: B006
    plan: Annotated[str, typer.Option(help="The plan whose shares are taken.")] = "sichuan_2024",
    since: Annotated[str, typer.Option("--from", help="When the cut begins, Beijing time: 2026-11-25T08:00.")] = "",
    until: Annotated[str, typer.Option("--to", help="When it ends [the last hour that tags tell of].")] = "",
    city: Annotated[list[str], typer.Option(help="Show these cities only, by code.")] = [],  # noqa: B006
    check: Annotated[bool, typer.Option("--check", help="Compare what was measured with what would have been.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table and words.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Tell what cuts of emissions would change, with how wrong that may be; without cuts the levels of the plan side by side."""
    from infra import scenario as scenarios
    from infra.tables import show
    from streams.registry.kept import registry_in_use

    first = scenarios.hour_of(since, "--from") if since else None
    last = scenarios.hour_of(until, "--to") if until else None
    directory = data_directory(data)
    asked = scenarios.Asked(
        cuts=cut,
        levels=level,
        plan=plan,
        first=None if first is None else first + 1,
        last=last,
        cities=city,
        check=check,
    )
    found = scenarios.scenario(choose_store(store, directory), registry_in_use(directory.own_registry), asked)
    if json:
        from json import dumps

        print(dumps(scenarios.as_json(found), ensure_ascii=False, indent=1))
        return
    show(scenarios.effects_table(found))
    for line in scenarios.words_of(found):
        print(harmless_lines(line))
