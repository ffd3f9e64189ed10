"""Options that several commands take, with the words of their help."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from infra.messages import LANGUAGES
from infra.usage import wrong


def _speak(asked: str) -> str:
    """Let the command speak a language from here on; it is asked for at once, so that what comes next can be refused in it."""
    if asked and asked not in LANGUAGES:
        raise wrong("--lang", "usage_one_of", value=repr(asked), expected=", ".join(LANGUAGES))
    if asked:
        os.environ["AIRSHED_LANG"] = asked
    return asked


def _debug(asked: bool) -> bool:
    if asked:
        os.environ["AIRSHED_DEBUG"] = "1"
    return asked


Debug = Annotated[bool, typer.Option("--debug", is_eager=True, callback=_debug, help="Show the traceback of an error.")]
Lang = Annotated[
    str, typer.Option("--lang", is_eager=True, callback=_speak, help="Language of messages: zh or en [AIRSHED_LANG].")
]
"""Taken before and after a command (infra.helped)."""
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Data directory [AIRSHED_HOME, .airshed].")]
Store = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="Database URL or SQLite file [AIRSHED_STORE, DIR/store.sqlite]."),
]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port of the pages on 127.0.0.1.")]
AllStations = Annotated[bool, typer.Option("--all-stations", help="Also stations outside the registry's cities.")]
Simulated = Annotated[bool, typer.Option("--simulated", help="Mark the data as simulated wherever they appear.")]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who decides; written down for good.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; written down for good.")]
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
