"""The commands `airshed bench …`: ask the bench, see what it works on and what it found out."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import language, say
from infra.store_url import choose_store
from standards.shown import harmless

app = typer.Typer(no_args_is_help=True, help="Ask the bench of ozone and organic compounds, and see what it found out.")
Which = Annotated[str, typer.Argument(metavar="WHICH", help="A request, or how the digest of a result begins.")]


@app.command()
def run(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="composition, receptor, ozone_day, ekma, rir, regime, source_ozone.")],
    station: Annotated[str, typer.Argument(metavar="STATION", help="A super-site by its code.")],
    first: Annotated[str, typer.Argument(metavar="FIRST", help="First day, such as 2026-07-01.")],
    last: Annotated[str, typer.Argument(metavar="LAST", help="Last day.")],
    setting: Annotated[list[str], typer.Option("--set", metavar="NAME=VALUE", help="A setting, such as factors=6.")] = [],  # noqa: B006
    queue: Annotated[bool, typer.Option("--queue", help="Let the running platform work it out; do not wait.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write the result as JSON.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Ask a question of a station and period, and work it out; the same question is answered from what is kept."""
    from infra import bench
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    with bench.opened(choose_store(store, directory)) as engine:
        settings, known = bench.settings_read(setting), registry_in_use(directory.known_registry)
        asked = bench.ask(engine, known, kind, station, first, last, settings, by=getpass.getuser())
        print(say("bench_asked", id=asked.id), file=sys.stderr)
        if queue:
            return
        shown = {"": ""}

        def seen(request) -> None:
            line = say("bench_progress", state=bench.state_words(request), step=bench.step_words(request))
            if shown.get("") != line:
                shown[""] = line
                print(harmless(line), file=sys.stderr)

        done = bench.work_here(engine, directory, asked, seen)
        if done.state != "done":
            _tell_end(done)
            raise typer.Exit(FAILED)
        found = bench.result(engine, done.result)
    _tell(found, json)


@app.command("list")
def list_(
    most: Annotated[int, typer.Option("--last", min=1, max=400, help="So many requests.")] = 20,
    station: Annotated[str | None, typer.Option(metavar="STATION", help="Of this station alone.")] = None,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show the newest requests: what was asked, how it stands, and the digest of the result."""
    from infra import bench
    from infra.tables import show

    with bench.opened(choose_store(store, data_directory(data))) as engine:
        table = bench.requests_table(engine, most, station)
    if table is None:
        print(say("bench_none"))
        return
    show(table)


@app.command("show")
def show_(
    which: Which, json: Annotated[bool, typer.Option("--json", help="Write all of it as JSON.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show a result: what it rests on and what it answers, with --json all of it."""
    from infra import bench

    with bench.opened(choose_store(store, data_directory(data))) as engine:
        found = bench.result(engine, which)
    _tell(found, json)


@app.command()
def cancel(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request of `airshed bench list`.")],
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Cancel a request: one that waits at once, one that runs within seconds."""
    from infra import bench
    from research.bench.at_work import now_utc

    with bench.opened(choose_store(store, data_directory(data))) as engine:
        found = bench.cancel(engine, request, now_utc())
    print(harmless(say("bench_cancelled", id=found.id, state=bench.state_words(found))))


def _tell(found, json: bool) -> None:
    """Print a result: what it rests on, its main numbers, and where all of it is; or all of it as JSON."""
    from infra import bench, bench_told
    from infra.tables import show

    if json:
        print(bench.as_json(found))
        return
    tables, below = bench_told.answer(found)
    for line in bench.head_lines(found):
        print(harmless(line))
    for table in tables:
        show(table)
    for line in [*below, bench_told.where_whole(found)]:
        print(harmless(line))


def _tell_end(request) -> None:
    from streams.store.reasons import told_in

    why = told_in(language(), request.reason) if request.reason else "-"
    print(harmless(say("bench_ended", state=say(f"bench_state_{request.state}"), why=why)), file=sys.stderr)
