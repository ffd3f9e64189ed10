"""The stamps of a data directory: numbers that only grow, whatever is done to the clock; versions of rows begin with them.

A stamp is the milliseconds since 1970, or, where the clock stands before the last stamp, a step beyond that one. So what is
assessed later stands above what was assessed before, also after the state was lost while the clock was wrong.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from standards.whole_files import write_whole

FILE = Path("identity", "stamp")
STEP_MS = 86_400_000
"""A day: more than the versions that one run can have counted up from its stamp, of which a millisecond has room for 1000."""


def next_stamp(root: Path, *, step_ms: int = STEP_MS, clock: Callable[[], float] = time.time) -> int:
    """Take the next stamp of a data directory [ms]: above all that were taken or told (raise_to), also by other processes."""
    with _held(root) as last:
        now = int(clock() * 1000)
        stamp = now if now > last else last + step_ms
        _write(root, stamp)
    return stamp


def raise_to(root: Path, stamp: int) -> int:
    """Tell a data directory of a stamp of elsewhere, above which its next one must stand; give the last one known now."""
    with _held(root) as last:
        if stamp > last:
            _write(root, stamp)
    return max(last, stamp)


def last_stamp(root: Path) -> int:
    """Give the last stamp of a data directory [ms]; 0 where there is none, or it cannot be read."""
    try:
        return max(0, int((root / FILE).read_text(encoding="ascii")))
    except (OSError, ValueError):
        return 0


@contextlib.contextmanager
def _held(root: Path) -> Iterator[int]:
    (root / FILE).parent.mkdir(parents=True, exist_ok=True)
    with (root / FILE).with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield last_stamp(root)


def _write(root: Path, stamp: int) -> None:
    write_whole(root / FILE, f"{stamp}\n".encode("ascii"), synced=True)
