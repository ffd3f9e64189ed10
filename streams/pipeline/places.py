"""Where a line stands in its topic travels with it through the job, so that its rows are counted once however often it is read.

A message is JSON, in which no tab stands, so a third field of the line is free for it.
"""

from __future__ import annotations

_MARK = "\t@"


def placed(line: str, place: str) -> str:
    """Give a line with its place, `topic/segment@byte`."""
    return f"{line}{_MARK}{place}"


def parted(line: str) -> tuple[str, str]:
    """Give a line and its place, empty where none is known."""
    bare, mark, place = line.rpartition(_MARK)
    return (bare, place) if mark and "\t" not in place else (line, "")
