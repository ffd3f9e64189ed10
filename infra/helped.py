"""What --help says, in the language asked for: the code says it in English, helped.toml has the Chinese."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer import rich_utils

from infra.messages import LANGUAGES, language

LANG = "--lang"
_SHOWN = ("DEFAULT_STRING", "REQUIRED_LONG_STRING", "ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE",
          "ERRORS_PANEL_TITLE", "ABORTED_TEXT")  # fmt: skip
"""What typer itself writes around our texts."""
_ENGLISH = {name: getattr(rich_utils, name) for name in _SHOWN}


def command_in(lang: str, app: typer.Typer) -> Any:
    """Give the command of an app with all its texts in a language, "zh" or "en"."""
    command = typer.main.get_command(app)
    for name, text in _ENGLISH.items():
        setattr(rich_utils, name, in_words(lang, text))
    for each in texts(command):
        each.help = in_words(lang, each.help)
    return command


def language_for(arguments: Sequence[str]) -> str:
    """Give the language that an option before the command asks for, else that of AIRSHED_LANG."""
    asked = next((a.partition("=")[2] for a in arguments if a.startswith(f"{LANG}=")), "")
    if LANG in arguments[:-1]:
        asked = arguments[list(arguments).index(LANG) + 1]
    return asked if asked in LANGUAGES else language()


def texts(command: Any) -> Iterator[Any]:
    """Give whatever has a text of help: a command, its parameters, the option for help itself, and the commands below it."""
    yield command
    context = command.context_class(command, info_name=command.name)
    yield from (each for each in command.get_params(context))
    for each in getattr(command, "commands", {}).values():
        yield from texts(each)


def in_words(lang: str, text: str | None) -> str | None:
    """Give a text in a language; one that the catalogue lacks stays in English."""
    return catalogue().get(text or "", text) if lang == "zh" else text


@cache
def catalogue() -> dict[str, str]:
    """Read the Chinese of each text by its English."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["text"]
    return {entry["en"]: entry["zh"] for entry in entries}
