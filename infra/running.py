"""The one running platform of a data directory: who holds its lock, and what it says of itself."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.datadir import DataDirectory
from standards.errors import AirshedError

STOP_WITHIN_S = 20.0


class AlreadyRunning(AirshedError, RuntimeError):
    """Another supervisor holds the lock; about is what it says of itself."""

    def __init__(self, about: dict[str, Any]) -> None:
        super().__init__(f"running as pid {about.get('pid')}")
        self.about = about


@contextmanager
def only_one(data: DataDirectory) -> Iterator[None]:
    """Hold the lock of a data directory; raise AlreadyRunning where someone else does."""
    with (data.run / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_about(data)) from None
        try:
            yield
        finally:
            _card(data).unlink(missing_ok=True)


def announce(data: DataDirectory, about: dict[str, Any]) -> None:
    """Leave word of who runs here: pid, address, processes. Never a password."""
    draft = _card(data).with_suffix(".new")
    draft.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(_card(data))


def running(data: DataDirectory) -> dict[str, Any] | None:
    """Give what the running platform says of itself; None where none runs."""
    if not (data.run / "up.lock").exists():
        return None
    with (data.run / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _about(data)
    return None


def ask_to_stop(data: DataDirectory, *, within_s: float = STOP_WITHIN_S) -> bool:
    """Ask the running platform to stop and wait; tell whether it has."""
    about = running(data)
    if about is None:
        return True
    if "pid" in about:
        os.kill(about["pid"], signal.SIGTERM)
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if running(data) is None:
            return True
        time.sleep(0.2)
    return False


def _card(data: DataDirectory) -> Path:
    return data.run / "up.json"


def _about(data: DataDirectory) -> dict[str, Any]:
    try:
        return json.loads(_card(data).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
