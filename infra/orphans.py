"""Processes of a run that has ended: found by a mark in their environment, and ended too.

The mark is inherited by everything a child starts, so grandchildren (the engine's Java and its Python workers) are
found even where they have left the session of their parent.

`python -m infra.orphans MARK` is the guard: it waits until its standard input ends without the word "done", as it does
when the supervisor is killed without a chance to stop its children, and then ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable

import psutil

from standards import temporary

MARK = "AIRSHED_RUN"


def marked(mark: str) -> list[psutil.Process]:
    """Give all processes whose mark starts so, with all that descend from them, but not this one."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK, "").startswith(mark):
                found |= {p.pid: p for p in (process, *process.children(recursive=True))}
    found.pop(os.getpid(), None)
    return [p for p in found.values() if _lives(p)]


def end(processes: Iterable[psutil.Process], *, grace_s: float) -> int:
    """Ask processes to end, force those that have not after a while [s]; give how many there were."""
    processes = list(processes)
    for process in processes:
        _send(process, signal.SIGTERM)
    _, left = psutil.wait_procs(processes, timeout=grace_s)
    for process in left:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(left, timeout=2)
    return len(processes)


def sweep(mark: str, *, grace_s: float = 2.0) -> int:
    """End all that a run left behind, and what they started meanwhile; give how many processes there were.

    What those that were forced had in the folder for temporary files goes too: nobody may come after them.
    """
    count = 0
    for _ in range(3):
        left = marked(mark)
        if not left:
            break
        count += end(left, grace_s=grace_s)
    temporary.sweep_all()
    return count


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _send(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def guard(mark: str) -> int:
    """Wait for the end of the supervisor; end its processes where it did not."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read().strip() != b"done":
        sweep(mark)
    return 0


if __name__ == "__main__":
    sys.exit(guard(sys.argv[1]))
