"""The data directory: one folder that holds everything the platform writes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from infra import places
from standards.addresses import sqlite_url

HOME, STORE, HISTORY = "AIRSHED_HOME", "AIRSHED_STORE", "AIRSHED_HISTORY"


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Where each part keeps its files, below one root."""

    root: Path

    @property
    def topics(self) -> Path:
        """One folder of segment files for each topic."""
        return self.root / "topics"

    @property
    def checkpoints(self) -> Path:
        """What the engine goes on from after a stop."""
        return self.root / "checkpoints"

    @property
    def inbox(self) -> Path:
        """Files dropped here are read in."""
        return self.root / "inbox"

    @property
    def logs(self) -> Path:
        """One log for each process."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """The lock of the running platform and what it says of itself."""
        return self.root / "run"

    @property
    def card(self) -> Path:
        """What the running platform says of itself."""
        return self.run / "up.json"

    @property
    def store_away(self) -> Path:
        """There while the program that stores cannot use the store: which kind of absence, since when."""
        return self.run / "store.away"

    @property
    def set_back(self) -> Path:
        """There while the engine catches up because it had to go further back than its newest checkpoint: how far, since when."""
        return self.run / "engine.set-back"

    @property
    def key_replaced(self) -> Path:
        """There after the portal's key was found damaged and made anew: since when."""
        return self.run / "portal.key-replaced"

    @property
    def check_found(self) -> Path:
        """There while something that a check found damaged was not found whole by a later one: how many faults of each part."""
        return self.run / "check.found"

    @property
    def registry(self) -> Path:
        """The user's own cities, stations and outlines; the shipped ones serve while it is not there."""
        return self.root / "registry"

    @property
    def own_registry(self) -> Path | None:
        """Give the user's registry, None while there is none."""
        return self.registry if self.registry.is_dir() else None

    @property
    def known_registry(self) -> Path | None:
        """Give the user's registry, else the demo's, which knows its super-sites; None while there is neither."""
        return self.own_registry or (self.demo_registry if self.demo_registry.is_dir() else None)

    @property
    def demo_registry(self) -> Path:
        """The demo's stations, the simulated ones among them."""
        return self.simulated / "registry"

    @property
    def simulated(self) -> Path:
        """What the demo lays down: its registry, what the platform reads of it (outbox), and the truth that it must not read."""
        return self.root / "simulated"

    @property
    def outbox(self) -> Path:
        """The simulated files that the platform reads."""
        return self.simulated / "outbox"

    @property
    def models(self) -> Path:
        """The registry of models: what was trained, approved and serves."""
        return self.root / "models"

    @property
    def portal(self) -> Path:
        """The portal's own: its secret, pages and files that are made ahead."""
        return self.root / "portal"

    @property
    def store_url(self) -> str:
        """The embedded store: one SQLite file."""
        return sqlite_url(self.root / "store.sqlite")

    def log_of(self, process: str) -> Path:
        """Give the log of one process."""
        return self.logs / f"{process}.log"

    def create(self) -> DataDirectory:
        """Make the folders that are missing; raise BadPlace, in words, where data cannot lie there."""
        folders = (self.topics, self.checkpoints, self.inbox, self.logs, self.run)
        places.require(self.root, *folders)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return self


def wants_history() -> bool:
    """Tell whether the demo's past is brought where no option says: unless AIRSHED_HISTORY is off, as in the project's tests."""
    return os.environ.get(HISTORY) != "off"


def data_directory(asked: Path | None = None) -> DataDirectory:
    """Give the data directory asked for, else that of AIRSHED_HOME, else .airshed in the current folder."""
    return DataDirectory(Path(asked or os.environ.get(HOME) or ".airshed").absolute())
