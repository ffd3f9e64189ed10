"""The one running platform of a data directory: who holds its lock, and what it says of itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.datadir import DataDirectory
from standards.errors import AirshedError
from standards.whole_files import FULL

STOP_WITHIN_S = 20.0
LOCKS = Path("/proc/locks")
CARD_BYTES = 16_384


class AlreadyRunning(AirshedError, RuntimeError):
    """Another supervisor holds the lock; about is what it says of itself."""

    def __init__(self, about: dict[str, Any]) -> None:
        super().__init__(f"running as pid {about.get('pid')}")
        self.about = about


@contextlib.contextmanager
def only_one(data: DataDirectory) -> Iterator[None]:
    """Hold the lock of a data directory; raise AlreadyRunning where someone else does."""
    with (data.run / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_about(data)) from None
        _withdraw(data)  # of a run that was killed: its pid may be another program's by now
        try:
            yield
        finally:
            _withdraw(data)


def announce(data: DataDirectory, about: dict[str, Any]) -> None:
    """Leave word of who runs here: pid, address, processes, troubles. Never a password.

    The card is filled up with blanks, so that on a full disk the word of it still finds room: in the place of the card before.
    """
    card, draft = data.card, data.card.with_suffix(".new")
    text = json.dumps(about, ensure_ascii=False, indent=1).encode()
    filled = text.ljust(-(-len(text) // CARD_BYTES) * CARD_BYTES)
    try:
        draft.write_bytes(filled)
        draft.replace(card)
    except OSError as error:
        if error.errno not in FULL or not _write_in_place(card, filled):
            raise


def _write_in_place(card: Path, text: bytes) -> bool:
    """Write over a card that is large enough; a reader may meet half of it, and reads again."""
    with contextlib.suppress(OSError), card.open("r+b") as file:
        if os.fstat(file.fileno()).st_size < len(text):
            return False
        os.pwrite(file.fileno(), text, 0)
        file.truncate(len(text))
        return True
    return False


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


def _withdraw(data: DataDirectory) -> None:
    with contextlib.suppress(OSError):
        data.card.unlink()


def _about(data: DataDirectory) -> dict[str, Any]:
    try:
        return json.loads(data.card.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a full disk takes no word: the lock still tells who holds it
        pid = lock_holder(data.run / "up.lock")
        return {} if pid is None else {"pid": pid}


def lock_holder(lock: Path, locks: Path = LOCKS) -> int | None:
    """Give the process that holds a lock, as Linux tells it (proc(5), /proc/locks); None where that is not to be seen."""
    try:
        found = lock.stat()
        lines = locks.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    fields = [line.split() for line in lines]
    return next(
        (int(f[4]) for f in fields if len(f) > 5 and f[1] == "FLOCK" and f[5] == place and f[4].isdigit()), None
    )
