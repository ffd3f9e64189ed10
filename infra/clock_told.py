"""What the clock of the machine seems to be: compared with the last run at the start, and with an even clock while it runs."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

from infra.supervisor import Tell
from standards.clocks import DAY_S, ClockWatch
from standards.days import SHANGHAI

EARLIEST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""No clock that is right stands before this release was made."""
BACK_S = 3600.0
AHEAD_S = 30 * DAY_S
"""The age from which segments of topics are removed: a platform that rested for so long is told what a wrong clock would cost."""
NOTED_EVERY_S = 60.0


def at_start(last: float | None, now: float) -> tuple[str, dict[str, object]] | None:
    """Give the message that a start should say, from the moment [epoch s] of the last run's note; None where all seems well."""
    told = {"now": beijing(now)}
    if now < EARLIEST.timestamp():
        return "clock_early", told
    if last is None or -BACK_S < now - last < AHEAD_S:
        return None
    key = "clock_back" if now < last else "clock_ahead"
    return key, {**told, "last": beijing(last), "days": f"{abs(now - last) / DAY_S:.1f}"}


def while_running(by_s: float) -> tuple[str, dict[str, object]] | None:
    """Give the message for a clock that moved by so much [s]; None where it did not."""
    if not by_s:
        return None
    return ("clock_moved_ahead" if by_s > 0 else "clock_moved_back"), {"hours": f"{abs(by_s) / 3600:.1f}"}


def beijing(moment: float) -> str:
    """Write a moment [epoch s] as Beijing time."""
    return f"{dt.datetime.fromtimestamp(moment, SHANGHAI):%Y-%m-%d %H:%M}"


class ClockTold:
    """Says what is odd about the clock, and keeps a note of the time in a file for the next start. wall [epoch s], even [s]."""

    def __init__(
        self,
        note: Path,
        tell: Tell,
        *,
        wall: Callable[[], float] = time.time,
        even: Callable[[], float] = time.monotonic,
    ) -> None:
        self.note, self.tell, self._wall, self._even = note, tell, wall, even
        self._watch, self._noted = ClockWatch(wall, even), even()
        if message := at_start(self.last(), wall()):
            tell(message[0], **message[1])

    def last(self) -> float | None:
        """Give the moment of the last note [epoch s]; None where there is none that can be read."""
        try:
            return float(self.note.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def look(self) -> None:
        """Say it where the clock was set, and renew the note once in NOTED_EVERY_S."""
        if message := while_running(self._watch.moved()):
            self.tell(message[0], **message[1])
        if self._even() - self._noted >= NOTED_EVERY_S:
            self._noted = self._even()
            self.write()

    def write(self) -> None:
        """Write the note; where it cannot be, the next start knows an older one."""
        with contextlib.suppress(OSError):
            self.note.write_text(f"{self._wall():.0f}", encoding="ascii")
