"""Wrong use of the command line in words: what typer refuses by itself, and what commands refuse with `wrong`.

All of it is said from messages.toml and ends with the command whose --help tells how it is used; the exit code is 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import typer

from infra.messages import say

PROGRAM = "airshed"
_NUMBERS = {
    "int": "usage_integer", "float": "usage_number", "greater": "usage_at_least", "less": "usage_at_most",
}  # fmt: skip
"""Beginnings of pydantic's names for what is wrong with a number, and the message that says it."""
_PATHS = {
    "does not exist": "usage_not_there", "is a file": "usage_a_file", "is a directory": "usage_a_folder",
    "is not readable": "usage_unreadable", "is not writable": "usage_unwritable",
}  # fmt: skip
"""Ends of what typer says of a path, and the message that says it."""
_PATH = re.compile(rf"\w+ (['\"])(?P<path>.*)\1 (?P<what>{'|'.join(_PATHS)})\.", re.S)
_NO_COMMAND = re.compile(r"No such command (['\"])(?P<name>.*?)\1", re.S)
_TOO_MANY = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.*)\)", re.S)


def wrong(option: str, key: str, **values: object) -> typer.BadParameter:
    """Give the refusal of an option's value (or of several: "--from, --to"), to be raised; key: of messages.toml."""
    return typer.BadParameter(say(key, **values), param_hint=option)


def in_words(error: Any) -> str:
    """Say what was wrong, and which --help tells more; "" where the help itself has been shown in its place."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    command = error.ctx.command_path if error.ctx else PROGRAM
    return say("usage_error", what=_what(error, command), command=command)


def _what(error: Any, command: str) -> str:
    # The classes of typer are private but for a few, so they are told by their names.
    kind, text = type(error).__name__, str(error.message)
    if kind == "NoSuchOption":
        return say("usage_no_option", command=command, name=error.option_name) + _near(error.possibilities or ())
    if kind == "BadOptionUsage":
        key = "usage_takes_no_value" if "does not take" in text else "usage_no_value"
        return say(key, name=error.option_name)
    if kind == "MissingParameter":
        return say("usage_missing", name=_name(error))
    if kind == "BadParameter":
        return say("usage_bad", name=_name(error), why=_why(error, text))
    if found := _NO_COMMAND.search(text):
        near = get_close_matches(found["name"], getattr(error.ctx.command, "commands", ()))
        return say("usage_no_command", command=command, name=found["name"]) + _near(near)
    found = _TOO_MANY.search(text)
    return say("usage_too_many", what=found["what"]) if found else text


def _name(error: Any) -> str:
    """Give what a person calls a parameter: the longest name of an option, an argument as --help shows it."""
    if error.param_hint or error.param is None:
        return str(error.param_hint or "")
    options = [name for name in error.param.opts if name.startswith("-")]
    return max(options, key=len) if options else str(error.param.metavar or error.param.name)


def _why(error: Any, text: str) -> str:
    """Say why a value will not do: what was read and what was expected; what a command itself says stands as it is."""
    if found := _PATH.fullmatch(text):
        return say(_PATHS[found["what"]], path=found["path"])
    refused: Sequence[Mapping[str, Any]] = getattr(error.__cause__, "errors", list)()
    if not refused:
        return text
    first = refused[0]
    key = next((key for begin, key in _NUMBERS.items() if str(first["type"]).startswith(begin)), None)
    limits = [value for name, value in first.get("ctx", {}).items() if name in ("ge", "gt", "le", "lt")]
    return say(key, value=repr(first["input"]), limit=limits[0] if limits else "") if key else text


def _near(names: Sequence[str]) -> str:
    return say("usage_near", names=say("list_comma").join(sorted(names))) if names else ""
