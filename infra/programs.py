"""The commands of the platform's processes: what `up` watches and what a replay runs to its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infra.children import Program
from infra.datadir import HOME, STORE, DataDirectory
from infra.store_url import split_password
from standards.passwords import masked

ROOT = Path(__file__).resolve().parent.parent
DEMO, DEMO_REGISTRY = "research.virtual_airshed.live", "research.virtual_airshed.demo"
DEMO_PAST, BENCH = "research.virtual_airshed.past", "research.bench"
"""The demo is named here and not imported: nothing imports research."""
SCORERS = "AIRSHED_SCORERS"
"""module:function that loads models by their announcements (streams.scorers), in place of the registry of models."""
REGISTRY_OF_MODELS = "ml.registry.serving:load"
"""The loader that knows the registry of models of the data directory."""
MEMORY = {"MALLOC_ARENA_MAX": "2"}
"""The GNU allocator keeps what was freed apart for up to eight threads a core; two such stores hold 80 MiB less in all."""
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""For who works behind the others: NumPy's algebra takes no second core."""
UTF_8 = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
"""Names of files and lines of logs are UTF-8 wherever the platform runs: Java takes them from the locale, and under C, or one that
is not installed, finds no folder with a Chinese name; under a Turkish one an "i" is another letter."""
SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""Modules come from the project and the environment, not from the folder of the start, into which others may write."""
OFFICE = "AIRSHED_OFFICE"
"""Where the records of the office are; the portal and the press want to know."""
PASSWORD = "PGPASSWORD"
"""Where the client library of PostgreSQL looks for the password that a URL lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the platform reads beside its inbox: folders to watch, the shipped sample, stations outside the cities.

    simulated_watch: folders to watch whose files are all marked as simulated. demo: the virtual airshed in step
    with the clock, whose folder is watched as simulated too. history: its months before, too.
    """

    watch: tuple[Path, ...] = ()
    simulated_watch: tuple[Path, ...] = ()
    sample: bool = False
    demo: bool = False
    history: bool = False
    all_stations: bool = False

    def arguments(self) -> tuple[str, ...]:
        """Give the arguments of the process that reads."""
        watched = (("--watch", self.watch), ("--simulated-watch", self.simulated_watch))
        folders = [part for flag, each in watched for folder in each for part in (flag, str(folder.absolute()))]
        flags = {"--sample": self.sample, "--all-stations": self.all_stations}
        return (*folders, *(flag for flag, wanted in flags.items() if wanted))


def platform(data: DataDirectory, store: str, port: int, intake: Intake) -> tuple[Program, ...]:
    """Give the processes in the order in which they start; their times to stop [s] add up to less than 15 s.

    Seven, with the demo an eighth, and with its history a ninth, which ends. The demo's registry knows its super-sites and
    micro-stations; a registry of the user's own goes before it.
    """
    registry = _registry(data, demo=intake.demo)
    if intake.demo:
        intake = replace(intake, simulated_watch=(*intake.simulated_watch, data.outbox))
    demo = (_module("simulation", DEMO, *_data(data), stop_s=0.2),) if intake.demo else ()
    if intake.demo and intake.history:
        past = _on_store(store, "history", DEMO_PAST, *_data(data), *registry, stop_s=1.0)
        demo = (*demo, replace(past, ends=True, secrets={**past.secrets, **ONE_CORE}))
    shown = ("--port", str(port), "--platform", str(data.card))
    return (
        _module("ingest", "streams.ingest", *_data(data), *registry, *intake.arguments(), stop_s=1.5),
        _module("pipeline", "streams.pipeline", *_data(data), *registry, "--scorers", scorers(), stop_s=3.6),
        _on_store(store, "store", "streams.store", *_data(data), stop_s=2.5),
        _on_store(store, "attribution", "ml.attributing", *_data(data), *registry, stop_s=0.2),
        _bench(store, registry),
        _on_store(store, "pages", "dashboards.snapshots", *_portal(data), *registry, stop_s=0.2),
        _on_store(store, "portal", "dashboards", *shown, *_portal(data), *registry, stop_s=0.8),
        *demo,
    )


def _bench(store: str, registry: tuple[str, ...]) -> Program:
    program = _on_store(store, "bench", BENCH, *registry, stop_s=0.2)
    return replace(program, secrets={**program.secrets, **ONE_CORE})


def preparing_demo(data: DataDirectory) -> tuple[str, ...]:
    """Give the command that lays down the demo's registry, which the processes want at their start."""
    return (sys.executable, "-m", DEMO_REGISTRY, *_data(data))


def replaying(data: DataDirectory, store: str) -> tuple[Program, ...]:
    """Give the processes that assess and store what a replay reads."""
    return (
        # A replay can wait a little longer for what it stores; fewer checkpoints leave more of the machine to it.
        _module("pipeline", "streams.pipeline", *_data(data), *_registry(data), "--checkpoint-ms", "500", stop_s=0.0),
        _on_store(store, "store", "streams.store", *_data(data), stop_s=3.0),
    )


def history(data: DataDirectory, store: str, *, until: Path) -> Program:
    """Give the process that takes a history into a store without the engine; it ends when until is there and all is in."""
    arguments = (*_data(data), *_registry(data), "--until", str(until))
    return _on_store(store, "history", "streams.history", *arguments, stop_s=3.0)


def environment(data: DataDirectory, own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Give the environment of all processes: they find the project and their data, and write their logs at once.

    Neither the store nor any password is in it: the engine runs what may write its whole environment into a log.
    """
    path = os.pathsep.join(filter(None, (str(ROOT), own.get("PYTHONPATH"))))
    kept = {name: value for name, value in own.items() if name != STORE and not holds_password(name, value)}
    spoken = {name: value for name, value in kept.items() if not name.startswith(("LC_", "PYTHONIOENCODING"))}
    ours = {**UTF_8, **SAFE_PATH, HOME: str(data.root), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    return {**MEMORY, **spoken, **ours}


def scorers(own: Mapping[str, str] = os.environ) -> str:
    """Give who loads the models that are announced; the job imports it by this name, for streams knows no model."""
    return own.get(SCORERS) or REGISTRY_OF_MODELS


def _module(name: str, module: str, *arguments: str, stop_s: float) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments), stop_s)


def _on_store(store: str, name: str, module: str, *arguments: str, stop_s: float) -> Program:
    # The list of processes is open to everyone on the machine; the environment, where the password travels, is not. It
    # travels by itself: what a process says of its store, and hands on to what it starts, has none to show.
    shown, password = split_password(store)
    program = _module(name, module, "--store", shown, *arguments, stop_s=stop_s)
    return replace(program, secrets={STORE: shown, **_own_secrets(), **({PASSWORD: password} if password else {})})


def holds_password(name: str, value: str) -> bool:
    """Tell whether a setting is one that only the processes on the store may know: a password, or an address with one."""
    return "PASSWORD" in name.upper() or masked(value) != value


def _own_secrets() -> dict[str, str]:
    return {name: os.environ[name] for name in (PASSWORD, OFFICE) if name in os.environ}


def _portal(data: DataDirectory) -> tuple[str, ...]:
    return ("--models", str(data.models), "--folder", str(data.portal))


def _registry(data: DataDirectory, *, demo: bool = False) -> tuple[str, ...]:
    folder = data.own_registry or (data.demo_registry if demo else None)
    return () if folder is None else ("--registry", str(folder))


def _data(data: DataDirectory) -> tuple[str, ...]:
    return ("--data", str(data.root))
