"""The command line: names the commands (each in infra/commands), runs one, and says what went wrong in words."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from infra import helped, terminal
from infra.commands import (
    audit,
    bench,
    developers,
    forecasts,
    laboratory,
    meetings,
    models,
    ozone,
    publications,
    reading,
    receptor,
    registry,
    store,
    users,
)
from infra.commands.assess import assess
from infra.commands.attribute import attribute
from infra.commands.backup import backup, restore
from infra.commands.check import check
from infra.commands.dependencies import dependencies
from infra.commands.health import health
from infra.commands.normalise import normalise
from infra.commands.options import PASS_ON, Debug, Lang
from infra.commands.rebuild import rebuild
from infra.commands.retract import retract
from infra.commands.scenario import scenario
from infra.commands.up import doctor, status, stop, up
from infra.errors import FAILED, explain
from infra.messages import say
from infra.telling import warn_in_words
from infra.unlisted import start_unlisted
from infra.usage import PROGRAM
from standards.passwords import masked

COMMANDS = {
    "up": up, "status": status, "stop": stop, "doctor": doctor, "health": health,
    "ingest": reading.ingest, "map": reading.map_, "replay": reading.replay, "retract": retract,
    "attribute": attribute, "scenario": scenario, "assess": assess, "normalise": normalise,
    "check": check, "rebuild": rebuild, "backup": backup, "restore": restore, "dependencies": dependencies,
}  # fmt: skip
"""Commands of one word, as a person meets them: the platform, data in, answers out, care of what is kept."""
PASSING_ON = {"test": developers.test, "notebooks": developers.notebooks}
"""Commands that hand their arguments to another program."""
GROUPS = {
    "store": store, "registry": registry, "models": models, "forecasts": forecasts, "users": users, "audit": audit,
    "publications": publications, "meetings": meetings, "bench": bench, "laboratory": laboratory, "ozone": ozone,
    "receptor": receptor,
}  # fmt: skip
"""Modules with commands of two words (`airshed store path`)."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="airshed: joint air-quality assessment for the eight cities of the Chengdu Plain.",
)  # fmt: skip
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
for _name, _command in PASSING_ON.items():
    app.command(_name, context_settings=PASS_ON)(_command)
for _name, _group in GROUPS.items():
    app.add_typer(_group.app, name=_name)


@app.callback()
def options(debug: Debug = False, lang: Lang = "") -> None:
    """Take the options of every command, which have been obeyed where they were read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; every error becomes one clear line and an exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    lang = helped.language_for(given)
    warn_in_words(lang)
    try:
        command = helped.command_in(lang, app)
        code = command(args=given, prog_name=PROGRAM, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except (KeyboardInterrupt, typer.Abort):
        print(say("stopped_by_user"), file=sys.stderr)
        return 130
    except Exception as error:
        if isinstance(error, typer.TyperException):
            os.environ["AIRSHED_LANG"] = lang  # what asks for it may stand behind what could not be read
        if os.environ.get("AIRSHED_DEBUG"):
            print(masked(traceback.format_exc()), file=sys.stderr)
        message, code = explain(error)
        if message:
            print(message + _see_handbook(message, error), file=sys.stderr)
        return code


def _see_handbook(message: str, error: Exception) -> str:
    """Name the entry of the handbook that says what to do, by what is said, else by who refuses; nothing where there is none."""
    from infra.handbook.entries import find, of_error

    found = find(message) or of_error(type(error.__cause__)) or of_error(type(error))
    return "" if found is None else say("see_handbook", entry=found.key)


def entry() -> None:
    """Run as the installed command `airshed`."""
    terminal.prepare()
    start_unlisted()
    sys.exit(terminal.to_the_end(main))


if __name__ == "__main__":
    entry()
