"""The commands `airshed up`, `status`, `stop` and `doctor`: the platform as a whole on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import AllStations, Data, Port, Store
from infra.datadir import DataDirectory, data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.store_url import choose_store
from infra.telling import tell_troubles, teller
from standards.shown import harmless


def up(
    data: Data = None,
    store: Store = None,
    port: Port = 8050,
    all_stations: AllStations = False,
    watch: Annotated[list[Path], typer.Option(metavar="FOLDER", exists=True, help="Read this folder too.")] = [],  # noqa: B006
    sample: Annotated[
        bool | None,
        typer.Option(help="Show the shipped sample and the simulated demo [only where there are no other data]."),
    ] = None,
    history: Annotated[
        bool | None,
        typer.Option(help="Bring the simulated demo's previous and current year in the background [with the demo]."),
    ] = None,
    allow_open_ports: Annotated[
        bool,
        typer.Option("--allow-open-ports", help="Start where others on this machine could reach the engine."),
    ] = False,
) -> None:
    """Start the platform and watch it; stop with Ctrl-C."""
    from infra import closing
    from infra.datadir import wants_history
    from infra.demo_or_own import show_demo
    from infra.programs import Intake
    from infra.up import up as run

    if allow_open_ports:
        closing.allow()
    directory = data_directory(data)
    tell = teller()
    wanted = show_demo(directory, sample, watch, tell)
    past = history if history is not None else wants_history()
    intake = Intake(watch=tuple(watch), sample=wanted, demo=wanted, history=past, all_stations=all_stations)
    raise typer.Exit(run(directory, choose_store(store, directory), port=port, intake=intake, tell=tell))


def status(data: Data = None) -> None:
    """Tell whether the platform runs here; exit 1 where it does not, or its store is damaged."""
    about = require_running(data_directory(data))
    print(say("is_running", **{key: about.get(key, say("unknown")) for key in ("pid", "address", "since", "store")}))
    for name, pid in about.get("processes", {}).items():
        print(f"  {harmless(str(name))}: pid {harmless(str(pid))}")
    tell_troubles(about)
    require_whole(str(about.get("store", "")))


def stop(data: Data = None) -> None:
    """Stop the running platform."""
    from infra.running import STOP_WITHIN_S, ask_to_stop, running

    directory = data_directory(data)
    about = running(directory)
    if about is None:
        print(say("not_running", folder=directory.root))
    elif ask_to_stop(directory):
        print(say("stopped"))
    else:
        print(
            say("did_not_stop", pid=about.get("pid", say("unknown")), seconds=f"{STOP_WITHIN_S:.0f}"), file=sys.stderr
        )
        raise typer.Exit(FAILED)


def doctor(store: Store = None, data: Data = None, port: Port = 8050) -> None:
    """Check this machine and tell how to mend what is wrong; exit 1 where something needed fails."""
    from infra.doctor import FAIL, judge, look
    from infra.tables import findings_table, show

    directory = data_directory(data)
    findings = judge(look(directory, choose_store(store, directory), port))
    show(findings_table(findings))
    raise typer.Exit(FAILED if any(f.result == FAIL for f in findings) else 0)


def require_whole(store: str) -> None:
    """Raise StoreDamaged where a store in a file is found damaged when it is looked at, as `health` looks.

    What else keeps it from being read passes by itself or is told by the programs. A store on a server is asked by `health`:
    its address here is without its password.
    """
    import sqlalchemy as sa

    from infra.health import engine_for, read_health
    from streams.store.refusals import StoreDamaged, StoreError

    if not store.startswith("sqlite"):
        return
    try:
        read_health(engine_for(store))
    except StoreDamaged:
        raise
    except (StoreError, sa.exc.SQLAlchemyError):
        return


def require_running(directory: DataDirectory) -> dict:
    """Give what the running platform says of itself; say so and exit 1 where none runs."""
    from infra.running import running

    about = running(directory)
    if about is None:
        print(say("not_running", folder=directory.root), file=sys.stderr)
        raise typer.Exit(FAILED)
    return about
