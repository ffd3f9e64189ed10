"""When to start a program again that ended, and when it counts as missing: arithmetic on moments, without a clock of its own.

A program is started again without an end: whatever keeps it from running may pass, and the others do without it meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from standards.clocks import doubled_pause

MISSING_AFTER = 2
"""Ends in a row after which a program counts as missing; one end alone, and a start again, costs seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Each pause before a start is longer than the one before [s], up to the longest; who ran steadily begins anew."""

    first_wait_s: float = 1.0
    longest_wait_s: float = 300.0
    steady_s: float = 60.0

    def in_a_row(self, before: int, lasted_s: float) -> int:
        """Count an end after a run of so many seconds, with so many ends in a row before it: 1 where the run was steady."""
        return 1 if lasted_s >= self.steady_s else before + 1

    def wait_after(self, in_a_row: int) -> float:
        """Give the wait [s] before the next start after so many ends in a row (1 or more)."""
        return doubled_pause(self.first_wait_s, in_a_row - 1, self.longest_wait_s)


@dataclass(slots=True)
class Record:
    """What is known of a program's ends: how many in a row, when the first of them was, and whether it counts as missing.

    since: moment of the first end of the row [epoch s]. code: of the last end; None where it could not be started at all.
    """

    in_a_row: int = 0
    since: float = 0.0
    code: int | None = None
    missing: bool = False

    def ended(self, policy: RestartPolicy, lasted_s: float, now: float, code: int | None) -> float:
        """Take note of an end at a moment [epoch s] after so many seconds; give the wait [s] before the next start."""
        before = self.in_a_row
        self.in_a_row, self.code = policy.in_a_row(before, lasted_s), code
        if self.in_a_row <= 1 and not self.missing:
            self.since = now
        self.missing = self.missing or self.in_a_row >= MISSING_AFTER
        return policy.wait_after(self.in_a_row)

    def runs(self, policy: RestartPolicy, for_s: float) -> bool:
        """Take note that it has been running for so many seconds; tell whether it is back just now, having been missing."""
        if for_s < policy.steady_s or not self.in_a_row:
            return False
        back, self.in_a_row, self.missing = self.missing, 0, False
        return back
