"""Tells the running job which version serves, over the topic that its scoring seam reads."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from ml.registry.journal import Journal
from ml.registry.registry import Registry
from ml.registry.standing import SERVING, standings
from streams.records import ScorerNotice
from streams.scorers import announce

_LOCK = ".announcing"
FOLDER, TOPICS = "models", "topics"
"""Where the registry and the topics lie in a data directory."""


def open_registry(data: Path) -> Registry:
    """Open the registry of a data directory; what is approved in it is announced to the job that runs there."""
    return Registry(data / FOLDER, announce=announcer(data / FOLDER, data / TOPICS))


def announcer(root: Path, topics: Path) -> Callable[[str], None]:
    """Give what tells the job of a name: the version that the journal says serves, or that none does.

    root: folder of the registry. topics: folder of the topics. The journal is read under a lock right before the notice
    is written, so that of two writers the last notice is always of what serves in the end.
    """

    def tell(name: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        with open(root / _LOCK, "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (notice := notice_of(root, name)) is not None:
                announce(topics, notice)

    return tell


def announce_all(root: Path, topics: Path) -> list[str]:
    """Tell the job of every model that serves; give their names. For the start of the platform: its state may be new."""
    tell = announcer(root, topics)
    names = sorted(standings(Journal(root / "journal").read()).serving)
    for name in names:
        tell(name)
    return names


def notice_of(root: Path, name: str) -> ScorerNotice | None:
    """Give the notice of what serves under a name; of the version that last served, without a digest, where none does.

    Such a notice is refused by the loader (ml.registry.serving), so that the job lets go of the model. None where no
    version ever served.
    """
    found = standings(Journal(root / "journal").read())
    served = found.served.get(name)
    if not served:
        return None
    version = found.serving.get(name, served[-1])
    model = found.of(name, version)
    digest = model.artefact if model.status == SERVING else ""
    return ScorerNotice(name, version, artefact=f"{name}/{version}", digest=digest)
