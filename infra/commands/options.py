"""Options that several commands take, with the words of their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
