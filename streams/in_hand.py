"""What a program has in hand, noted where it outlives the program: what ends it twice is known by name and set aside.

The note lies in a small file that is written in place, without a sync: it has to outlive the death of a process, not of the
machine, and costs some microseconds. A death counts against what was in hand only where the run is the same: a whole platform
that was ended from outside, or lost its power, blames nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from standards.whole_files import write_whole

HANDS = Path("run") / "in-hand"
"""Below the data directory: the notes of all programs."""
RUN = "AIRSHED_RUN"
"""Names a run of the platform in the environment of its programs; unset, all starts are of one run."""
ENGINE_RUN = "AIRSHED_ENGINE_RUN"
"""Names one start of the engine in its environment: what dies with the whole engine is blamed for nothing."""
MOST_DEATHS = 2
"""After so many deaths over the same thing it is set aside: once may be chance."""
TURN_S = 3.0
"""How long after another's turn a program that dies with it may still live [s]."""
NOTE_BYTES = 2048
LONGEST_NAME = 1000
KEPT = 100
"""Of how many things the deaths are remembered."""


def run_of(environment: Mapping[str, str]) -> str:
    """Give the run of the platform in which this program runs."""
    return environment.get(RUN, "")


def counted(left: Mapping[str, object] | None, deaths: Mapping[str, int], run: str) -> dict[str, int]:
    """Give the deaths by name after a start, from the note that was left (None: none was) and those known before. Pure.

    A note of another run blames nothing. The things blamed last are kept, KEPT at most.
    """
    known = dict(deaths)
    if left is not None and left.get("run") == run and isinstance(name := left.get("name"), str) and name:
        known[name] = known.pop(name, 0) + 1
    return dict(list(known.items())[-KEPT:])


def is_poison(name: str, deaths: Mapping[str, int]) -> bool:
    """Tell whether a thing is to be set aside: the program has died over it MOST_DEATHS times."""
    return deaths.get(short(name), 0) >= MOST_DEATHS


def short(name: str) -> str:
    """Give a name as notes hold it: one that is too long by its beginning and a digest of it all."""
    if len(name) <= LONGEST_NAME // 4:
        return name
    return f"{name[: LONGEST_NAME // 5]}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class InHand:
    """The note of one program: at most one thing is in hand at a time. Where the file cannot be written there is no note.

    turns: a file by which programs that die together take turns over what one of them may have died of, so that the other's thing
    is not blamed with it; None where a program dies alone.
    """

    def __init__(self, path: Path, run: str, *, turns: Path | None = None) -> None:
        self._run, self._path, self._turns = run, path, turns
        self._file: int | None = None
        self.deaths: dict[str, int] = {}
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self.deaths = counted(_read(self._file), _known(self._tally), run)
            self._remember()
            os.pwrite(self._file, b" " * NOTE_BYTES, 0)  # takes its room now: later there may be none

    @property
    def _tally(self) -> Path:
        return self._path.with_suffix(".deaths")

    def poison(self, name: str) -> bool:
        """Tell whether a thing has ended this program too often."""
        return bool(self.deaths) and is_poison(name, self.deaths)

    @contextlib.contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Note a thing while it is worked on; what is worked through, or fails with an exception, is blamed for nothing."""
        with self._turn(name):
            self._write(short(name))
            try:
                yield
            finally:
                self._write("")
                self.forgive(name)

    @contextlib.contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        """Wait for the turn of a thing that was in hand at a death, and see first whether another death takes this one along."""
        if self._turns is None or short(name) not in self.deaths:
            yield
            return
        with self._turns.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            time.sleep(TURN_S)
            yield

    def forgive(self, name: str | None = None) -> None:
        """Forget the deaths over a thing that came to a good end; None: over all things."""
        if name is None and self.deaths:
            self.deaths.clear()
            self._remember()
        elif name is not None and self.deaths.pop(short(name), 0):
            self._remember()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, name: str) -> None:
        if self._file is None:
            return
        text = json.dumps({"run": self._run, "name": name}, ensure_ascii=False).encode("utf-8", "surrogatepass")
        with contextlib.suppress(OSError):
            os.pwrite(self._file, text[:NOTE_BYTES].ljust(NOTE_BYTES), 0)

    def _remember(self) -> None:
        if not self.deaths:
            with contextlib.suppress(OSError):
                self._tally.unlink()
            return
        with contextlib.suppress(OSError):
            write_whole(self._tally, json.dumps(self.deaths).encode(), synced=False)


def _read(file: int) -> dict[str, object] | None:
    try:
        said = json.loads(os.pread(file, NOTE_BYTES, 0))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) and said.get("name") else None


def _known(path: Path) -> dict[str, int]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    fits = isinstance(said, dict) and all(isinstance(k, str) and isinstance(v, int) for k, v in said.items())
    return said if fits else {}
