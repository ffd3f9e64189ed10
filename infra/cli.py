"""The command line: reads arguments, calls functions, shows what they give. No logic lives here."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra import helped, terminal
from infra.commands import (
    audit,
    bench,
    forecasts,
    laboratory,
    meetings,
    models,
    ozone,
    publications,
    receptor,
    registry,
    users,
)
from infra.commands import store as stores
from infra.commands.assess import assess as assess_command
from infra.commands.backup import backup as backup_command
from infra.commands.backup import restore as restore_command
from infra.commands.check import check as check_command
from infra.commands.dependencies import dependencies as dependencies_command
from infra.commands.normalise import normalise as normalise_command
from infra.commands.options import PASS_ON, AllStations, Data, Port, Simulated, Store
from infra.commands.rebuild import rebuild as rebuild_command
from infra.commands.retract import retract as retract_command
from infra.datadir import DataDirectory, data_directory
from infra.errors import FAILED, explain
from infra.messages import LANGUAGES, language, say
from infra.store_url import choose_store
from infra.unlisted import start_unlisted
from standards import logged
from standards.passwords import masked
from standards.shown import harmless, harmless_lines

if TYPE_CHECKING:
    from infra.accounts import Account

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="airshed: joint air-quality assessment for the eight cities of the Chengdu Plain.",
)  # fmt: skip
app.add_typer(stores.app, name="store")
app.add_typer(registry.app, name="registry")
app.add_typer(models.app, name="models")
app.add_typer(forecasts.app, name="forecasts")
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(publications.app, name="publications")
app.add_typer(meetings.app, name="meetings")
app.add_typer(bench.app, name="bench")
app.add_typer(laboratory.app, name="laboratory")
app.add_typer(ozone.app, name="ozone")
app.add_typer(receptor.app, name="receptor")
app.command("assess")(assess_command)
app.command("normalise")(normalise_command)
app.command("check")(check_command)
app.command("rebuild")(rebuild_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("dependencies")(dependencies_command)
app.command("retract")(retract_command)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    lang: Annotated[str, typer.Option(help="Language of messages: zh or en [AIRSHED_LANG].")] = "",
) -> None:
    """Take the options that come before the command."""
    if lang and lang not in LANGUAGES:
        raise typer.BadParameter(f"{lang!r}, expected one of {', '.join(LANGUAGES)}", param_hint="--lang")
    if lang:
        os.environ["AIRSHED_LANG"] = lang
    if debug:
        os.environ["AIRSHED_DEBUG"] = "1"
    warn_in_words()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; every error becomes one clear line and an exit code."""
    try:
        command = helped.command_in(helped.language_for(sys.argv[1:] if arguments is None else arguments), app)
        command(args=arguments, prog_name="airshed")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except KeyboardInterrupt:
        print(say("stopped_by_user"), file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("AIRSHED_DEBUG"):
            print(masked(traceback.format_exc()), file=sys.stderr)
        message, code = explain(error)
        print(message + _see_handbook(message), file=sys.stderr)
        return code
    return 0


def _see_handbook(message: str) -> str:
    """Name the entry of the handbook that says what to do; nothing where there is none."""
    from infra.handbook.entries import find

    found = find(message)
    return "" if found is None else say("see_handbook", entry=found.key)


def entry() -> None:
    """Run as the installed command `airshed`."""
    terminal.prepare()
    start_unlisted()
    sys.exit(main())


@app.command()
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


@app.command()
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


@app.command("map")
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
    from streams.registry import load
    from streams.sources.files import printable

    found = look(file, load(data_directory(data).own_registry), given=by, zone=zone, label=label)
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


@app.command()
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
        _require_running(default)
        with bar(say("ingesting", path=printable(str(folder)))) as advance:
            read = replaying.ingest(folder, default, **flags, progress=advance, speed=speed)
        tell_account(account_of(read, None))
        return
    directory = replaying.folder_for(url, default, data)
    tell_account(replaying.replay(folder, directory, url, tell=teller(), bar=bar, **flags))


@app.command()
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


@app.command()
def health(store: Store = None, data: Data = None) -> None:
    """Tell what is missing, how fresh the stored data are and whether the books balance; exit 1 where something is open."""
    from infra.health import engine_for, past_words, read_health, read_past
    from infra.own_registry import garbled_registry
    from infra.running import running
    from infra.tables import books_table, show
    from streams.store.reasons import expected_in, position_in, reason_in

    directory = data_directory(data)
    troubled = tell_troubles(running(directory))
    engine = engine_for(choose_store(store, directory))
    found, garbled = read_health(engine), garbled_registry(directory.own_registry)
    if garbled:
        print(harmless(say("health_registry", error=garbled)))
    if found.books:
        show(books_table(found.books))
    for each in found.rejects:
        where = say("list_comma").join(
            part for part in (each.source, each.file, position_in(language(), each.position)) if part
        )
        key = "health_reject" if each.value else "health_reject_of_nothing"
        told = {"where": where, "reason": reason_in(language(), each.reason)}
        print(harmless(say(key, **told, value=each.value, expected=expected_in(language(), each.expected))))
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
    if found.open_books or found.damaged or garbled:
        raise typer.Exit(FAILED)
    print(say("health_books_balance"))
    if troubled:
        raise typer.Exit(FAILED)


@app.command()
def doctor(store: Store = None, data: Data = None, port: Port = 8050) -> None:
    """Check this machine and tell how to mend what is wrong; exit 1 where something needed fails."""
    from infra.doctor import FAIL, judge, look
    from infra.tables import findings_table, show

    directory = data_directory(data)
    findings = judge(look(directory, choose_store(store, directory), port))
    show(findings_table(findings))
    raise typer.Exit(FAILED if any(f.result == FAIL for f in findings) else 0)


@app.command()
def status(data: Data = None) -> None:
    """Tell whether the platform runs here; exit 1 where it does not."""
    about = _require_running(data_directory(data))
    print(say("is_running", **{key: about.get(key, say("unknown")) for key in ("pid", "address", "since", "store")}))
    for name, pid in about.get("processes", {}).items():
        print(f"  {harmless(str(name))}: pid {harmless(str(pid))}")
    tell_troubles(about)


def tell_troubles(about: dict | None) -> bool:
    """Say what the running platform has to do without, and what to do; tell whether there is anything."""
    from infra.troubles import said_of

    lines = said_of(about, language())
    for line in lines:
        print(harmless(line))
    return bool(lines)


@app.command()
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


@app.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """Check the style and run the tests; arguments go to pytest."""
    from infra.testing import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command(context_settings=PASS_ON)
def notebooks(context: typer.Context) -> None:
    """Execute the notebooks and write them with their outputs: FOLDER [NUMBER ...]."""
    from research.notebooks.__main__ import main as execute_notebooks

    raise typer.Exit(execute_notebooks(context.args))


@app.command()
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
    from streams.registry import load

    try:
        first, last = (scenarios.hour_of(text) if text else None for text in (since, until))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--from, --to") from error
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
    found = scenarios.scenario(choose_store(store, directory), load(directory.own_registry), asked)
    if json:
        from json import dumps

        print(dumps(scenarios.as_json(found), ensure_ascii=False, indent=1))
        return
    show(scenarios.effects_table(found))
    for line in scenarios.words_of(found):
        print(harmless_lines(line))


def warn_in_words() -> None:
    """Let what a command meets in passing be said on the error output in the language asked for, and not as a raw line of a log."""

    def phrase(lang: str, told: str) -> str:
        from streams.store.reasons import told_in  # with it come the libraries of databases

        return told_in(lang, told)

    logged.warn(os.environ, sys.stderr, phrase)


def teller() -> Callable[..., None]:
    """Give what says a message with the seconds since now."""
    begun = time.monotonic()

    def tell(key: str, **values: object) -> None:
        # Who looks may have gone, and a log on a full disk takes no line: neither ends the platform.
        with contextlib.suppress(OSError):
            print(f"[{time.monotonic() - begun:6.1f} s] {masked(say(key, **values))}", flush=True)

    return tell


def _require_running(directory: DataDirectory) -> dict:
    from infra.running import running

    about = running(directory)
    if about is None:
        print(say("not_running", folder=directory.root), file=sys.stderr)
        raise typer.Exit(FAILED)
    return about


if __name__ == "__main__":
    entry()
