"""The commands of the platform's processes: what `up` watches and what a replay runs to its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.children import Program
from infra.datadir import HOME, STORE, DataDirectory
from infra.store_url import split_password

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the platform reads beside its inbox: folders to watch, the shipped sample, stations outside the cities."""

    watch: tuple[Path, ...] = ()
    sample: bool = False
    all_stations: bool = False

    def arguments(self) -> tuple[str, ...]:
        """Give the arguments of the process that reads."""
        folders = [part for folder in self.watch for part in ("--watch", str(folder.absolute()))]
        flags = {"--sample": self.sample, "--all-stations": self.all_stations}
        return (*folders, *(flag for flag, wanted in flags.items() if wanted))


def platform(data: DataDirectory, store: str, port: int, intake: Intake) -> tuple[Program, ...]:
    """Give the four processes in the order in which they start; their times to stop [s] add up to less than 15 s."""
    return (
        _module("ingest", "streams.ingest", *_data(data), *intake.arguments(), stop_s=2.0),
        _module("pipeline", "streams.pipeline", *_data(data), stop_s=4.0),
        _module("store", "streams.store", *_data(data), *_store(store), stop_s=3.0),
        _module("portal", "dashboards", *_store(store), "--port", str(port), stop_s=2.0),
    )


def bounded(data: DataDirectory, store: str) -> tuple[Program, ...]:
    """Give the processes that assess and store all that the topics hold, and end."""
    return (
        _module("pipeline", "streams.pipeline", *_data(data), "--bounded", stop_s=4.0),
        _module("store", "streams.store", *_data(data), *_store(store), "--bounded", stop_s=3.0),
    )


def environment(data: DataDirectory, store: str, own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Give the environment of a process: it finds the project, its data and its store, and writes its log at once."""
    path = os.pathsep.join(filter(None, (str(ROOT), own.get("PYTHONPATH"))))
    password = split_password(store)[1]
    secret = {"PGPASSWORD": password} if password else {}
    return {**own, **secret, HOME: str(data.root), STORE: store, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def _module(name: str, module: str, *arguments: str, stop_s: float) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments), stop_s)


def _data(data: DataDirectory) -> tuple[str, ...]:
    return ("--data", str(data.root))


def _store(store: str) -> tuple[str, ...]:
    # The list of processes is open to everyone on the machine; the environment, where the password travels, is not.
    return ("--store", split_password(store)[0])
