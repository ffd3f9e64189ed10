"""The commands `airshed ingest`, `map` and `replay`: raw data come in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.options import AllStations, Data, Simulated, Store
from infra.commands.up import require_running
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.store_url import choose_store
from infra.telling import teller

if TYPE_CHECKING:
    from infra.accounts import Account


def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", exists=True, help="Raw data: files, or folders with all that lies below them."),
    ],
    data: Data = None, all_stations: AllStations = False, simulated: Simulated = False,
) -> None:  # fmt: skip
    """Read files or folders of raw data into the topics."""
    from infra import replay as replaying
    from infra.accounts import Account, account_of
    from infra.running import running
    from infra.tables import bar
    from streams.sources.files import printable

    directory = data_directory(data).create()
    store, lines, known = choose_store(None, directory), [], 0
    for path in paths:
        before = replaying.stored_by_file(store) if running(directory) else None
        with bar(say("ingesting", path=printable(str(path)))) as advance:
            read = replaying.ingest(path, directory, all_stations=all_stations, simulated=simulated, progress=advance)
        found = account_of(read, None) if before is None else replaying.account_from(store, read, before)
        lines, known = [*lines, *found.lines], known + found.known
    tell_account(Account(tuple(lines), known))
    print(say("running_takes_over" if running(directory) else "start_to_assess"))


def map_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A table of hours: CSV, JSON lines or Excel."),
    ],
    by: Annotated[Path | None, typer.Option("--map", metavar="MAP", exists=True, help="Read it by this map.")] = None,
    zone: Annotated[str, typer.Option(help="The zone of its times: +08:00, UTC, Asia/Shanghai.")] = "",
    label: Annotated[str, typer.Option(help="Where a time stands in its hour: start, middle or end.")] = "",
    target: Annotated[Path | None, typer.Option("--write", metavar="PATH", help="Write the map there.")] = None,
    data: Data = None,
) -> None:
    """Propose a column map for a table, and show its first rows as they would be read."""
    from infra.column_map import look, write
    from infra.tables import show
    from streams.registry.kept import registry_in_use
    from streams.sources.files import printable

    found = look(file, registry_in_use(data_directory(data).own_registry), given=by, zone=zone, label=label)
    print(found.said)
    if found.toml and not target:
        print(f"\n{found.toml}")
    if found.table:
        show(found.table)
    for note in found.notes:
        print(note)
    if target and found.toml:
        write(found.toml, target, file)
        print(say("map_written", path=target))
    elif found.toml:
        print(say("map_write_with", path=printable(f"{file}.map.toml")))


def replay(
    folder: Annotated[Path, typer.Argument(exists=True, help="A folder of raw data.")],
    store: Store = None, data: Data = None, all_stations: AllStations = False, simulated: Simulated = False,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Feed the running platform, so many times as fast as it happened.")
    ] = None,
) -> None:  # fmt: skip
    """Read, assess and store a folder of history as fast as possible, then end."""
    from infra import replay as replaying
    from infra.accounts import account_of
    from infra.tables import bar
    from streams.sources.files import printable

    default = data_directory(data)
    url = choose_store(store, default)
    flags = {"all_stations": all_stations, "simulated": simulated}
    if speed:
        require_running(default)
        with bar(say("ingesting", path=printable(str(folder)))) as advance:
            read = replaying.ingest(folder, default, **flags, progress=advance, speed=speed)
        tell_account(account_of(read, None))
        return
    directory = replaying.folder_for(url, default, data)
    tell_account(replaying.replay(folder, directory, url, tell=teller(), bar=bar, **flags))


def tell_account(account: Account) -> None:
    """Show what became of what was read; exit 1 where not one row was accepted."""
    from infra.tables import accounts_table, show

    if account.lines:
        show(accounts_table(account.shown(), account.total))
    if any(line.accepted is None for line in account.lines):
        print(say("accounts_not_yet"))
    if account.known:
        print(say("accounts_known", count=account.known))
    if account.is_of_nothing:
        print(say("accounts_nothing"), file=sys.stderr)
        raise typer.Exit(FAILED)
