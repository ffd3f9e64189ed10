"""The commands as a person meets them: --help in the language asked for, --lang and --debug taken by every one.

The code says what --help says in English, helped.toml has the Chinese.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer import rich_utils

from infra.messages import LANGUAGES, language

LANG, USAGE = "--lang", "Usage:"
OF_ALL = {"lang": "--lang", "debug": "--debug"}
"""Options that are taken before a command and after it."""
_SHOWN = (
    "DEFAULT_STRING",
    "REQUIRED_LONG_STRING",
    "ARGUMENTS_PANEL_TITLE",
    "OPTIONS_PANEL_TITLE",
    "COMMANDS_PANEL_TITLE",
)
"""What typer itself writes around our texts, and USAGE."""
_ENGLISH = {name: getattr(rich_utils, name) for name in _SHOWN}


def command_in(lang: str, app: typer.Typer) -> Any:
    """Give the command of an app with all its texts in a language, "zh" or "en"; what it takes, every command below takes."""
    command = typer.main.get_command(app)
    for name, text in _ENGLISH.items():
        setattr(rich_utils, name, in_words(lang, text))
    shared = [option for option in command.params if option.name in OF_ALL]
    for each in _commands(command):
        _take(each, shared)
        _begin(each, in_words(lang, USAGE))
        _name_itself(each)
    for each in texts(command):
        each.help = in_words(lang, each.help)
    return command


def language_for(arguments: Sequence[str]) -> str:
    """Give the language that an option asks for, before the command or after it, else that of AIRSHED_LANG."""
    ours = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    asked = next((a.partition("=")[2] for a in ours if a.startswith(f"{LANG}=")), "")
    if LANG in ours[:-1]:
        asked = ours[ours.index(LANG) + 1]
    return asked if asked in LANGUAGES else language()


def _take(command: Any, shared: Sequence[Any]) -> None:
    """Let a command take options of the program too, but for what it calls so itself, or hands on to another program."""
    own = {name for option in command.params for name in option.opts}
    hands_on = command.context_settings.get("ignore_unknown_options")
    for option in shared:
        if not own & set(option.opts) and not (hands_on and option.name == "debug"):
            taken = copy.copy(option)
            taken.expose_value = False  # its callback obeys it; the command's function need not know it
            command.params.append(taken)


def _begin(command: Any, usage: str) -> None:
    """Let the line of use begin with a word in our language in place of typer's."""
    english = command.get_usage
    command.get_usage = lambda context: english(context).replace(USAGE, usage, 1)


def _name_itself(command: Any) -> None:
    """Let a refusal tell which command it is of, also where typer leaves that open: an option without its value."""
    read = command.parse_args

    def parse_args(context: typer.Context, arguments: list[str]) -> list[str]:
        try:
            return read(context, arguments)
        except typer.TyperException as error:
            error.ctx = getattr(error, "ctx", None) or context
            raise

    command.parse_args = parse_args


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _commands(each)


def texts(command: Any) -> Iterator[Any]:
    """Give whatever has a text of help: a command, its parameters, the option for help itself, and the commands below it."""
    for each in _commands(command):
        yield each
        yield from each.get_params(each.context_class(each, info_name=each.name))


def in_words(lang: str, text: str | None) -> str | None:
    """Give a text in a language; one that the catalogue lacks stays in English."""
    return catalogue().get(text or "", text) if lang == "zh" else text


@cache
def catalogue() -> dict[str, str]:
    """Read the Chinese of each text by its English."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["text"]
    return {entry["en"]: entry["zh"] for entry in entries}
