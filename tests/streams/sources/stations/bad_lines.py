"""Lines of our own layouts that cannot be placed: what of a good line is changed, and the reason and expectation that follow.

The good line is of station 1431A, 2024-01-01T08:00+08:00, provisional.
"""

from __future__ import annotations

BAD_LINES = [
    ("+08:00", "", "time has no offset", "with an offset"),
    ("08:00+", "08:30+", "time is not on the full hour", "an hour's end"),
    ("2024-01-01", "2024-02-30", "not a time", "ISO 8601"),
    ("2024-01-01", "1970-01-01", "time is out of range", "1991 to 2099"),
    ("provisional", "final", "unknown status", "provisional, reviewed"),
    ("1431A", "14 31A", "not a station code", "letters, digits"),
]
