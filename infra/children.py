"""One child process: started in a session of its own, its output in a log, ended together with all it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil

LARGEST_LOG = 20_000_000
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a name for people and logs, the command, how long [s] it may take to stop, what only it may know.

    ends: it has an end of its own, and the others can do without it.
    """

    name: str
    command: tuple[str, ...]
    stop_s: float = 3.0
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    ends: bool = False


class Child:
    """A running program."""

    def __init__(self, program: Program, log: Path, environment: Mapping[str, str]) -> None:
        self.program, self.log = program, log
        with _output(log) as output:
            self.process = subprocess.Popen(
                program.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**environment, **program.secrets},
                start_new_session=True, preexec_fn=_die_with(os.getpid()),
            )  # fmt: skip

    def exit_code(self) -> int | None:
        """Give the exit code; None while it runs."""
        return self.process.poll()

    def stop(self, *, grace_s: float | None = None) -> None:
        """Ask the program to end, force it after its time [s], and end whatever is left in its session."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.program.stop_s if grace_s is None else grace_s)
        self.end_session()

    def end_session(self) -> None:
        """End what the program left behind: Flink's Java outlives the Python that started it."""
        members = _session(self.process.pid)
        for process in members:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, left = psutil.wait_procs(members, timeout=0.7)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)


def _output(log: Path) -> BinaryIO:
    """Open a log; where it cannot be made or written (a full disk) the program runs without one."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        trim(log)
        return log.open("ab")
    except OSError:
        return open(os.devnull, "ab")


def _session(leader: int) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def _die_with(parent: int) -> Callable[[], None] | None:
    """Give what makes Linux end a child when its parent dies, even by kill -9; None elsewhere: the guard does it."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return prepare


def trim(log: Path) -> None:
    """Put a large log aside as NAME.log.1 and go on with an empty one; writers append, so they need not be told."""
    if not log.exists() or log.stat().st_size <= LARGEST_LOG:
        return
    aside = log.with_name(log.name + ".1")
    try:
        shutil.copyfile(log, aside)
    except (
        OSError
    ):  # no room for the copy: what is there stays in one piece, and no half of it takes the room that is left
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        return
    os.truncate(log, 0)


def tail(log: Path, lines: int = 15) -> str:
    """Give the last lines of a log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return "\n".join(file.read().decode("utf-8", errors="replace").splitlines()[-lines:])
