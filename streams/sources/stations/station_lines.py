"""Lines of our own layouts, one a station-hour, and what each needs.

station,hour_end,…[,status][,revision][,simulated][,released_at]
"""

from __future__ import annotations

import datetime as dt
import itertools
import operator
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from streams.records import STATUSES, RecordError, epoch_hour
from streams.sources.cells import CODE, FIRST_YEAR, LAST_YEAR, whole
from streams.sources.headers import Heading
from streams.sources.stations.station_hours import HourRows
from streams.sources.tally import UNKNOWN_HOUR, Tally

PLACE_COLUMNS = ("station", "hour_end")
"""The first two columns."""
HEADING = Heading(PLACE_COLUMNS)
RELEASE_COLUMN = "released_at"
KIND_COLUMNS = ("status", "revision", "simulated")
"""Columns that may stand anywhere behind, or be absent, as RELEASE_COLUMN may."""
MAX_REVISION = 30_000
CHUNK = 2_000
"""Lines that are held as text at a time."""
LABELS = 100_000
"""Labels of hours that are remembered: those of eleven years."""
_MIDNIGHT = re.compile(r"([0-9]{4}-?[0-9]{2}-?[0-9]{2})[T ]24(:?00(?::?00)?)?(?=Z|[+-][0-9]{2}|$)")
_TRUTH = {"true": True, "1": True, "false": False, "0": False, "": False}
_HOUR = f"an hour's end from {FIRST_YEAR} to {LAST_YEAR} as ISO 8601 with an offset, such as 2023-01-20T08:00+08:00"

_MOMENT = "a moment before the file came, as ISO 8601 with an offset, such as 2023-01-20T09:25+08:00"
CLOCKS_DIFFER_S = 3600.0
"""By so much [s] the clock of a source may be ahead of ours: what says that it was released later than that says nothing."""
FIRST_MOMENT_S = 631_152_000.0
"""1990-01-01 [s since 1970]: a moment before it says that a clock was not set."""
AS_FILE = -1.0
"""The release of a row that has none of its own: that of its file."""
Kind = tuple[str, int, bool, float]
"""Status, revision, whether simulated, and when released [epoch s] or AS_FILE: what a block has one of."""


@dataclass(slots=True)
class StationLine:
    """One line that can be placed: where it stands in the file, as text and number, its station, epoch hour and kind,
    and its cells.
    """

    # Not frozen: a file has a million of them, and making a frozen one takes a fifth of the time of reading it.

    position: str
    station: str
    hour: int
    kind: Kind
    cells: list[str]
    number: int = 0


def station_lines(
    rows: Iterable[tuple[int, list[str]]], header: list[str], tally: Tally, *, each: int = 1
) -> Iterator[StationLine]:
    """Give the lines that can be placed; count all, and reject the others.

    rows: number and cells of each line below the header; station and hour_end are the first two cells. each: how many
    rows a line is.
    """
    column = {name: i for i, name in reversed(list(enumerate(header)))}
    placed = tuple(header[: len(PLACE_COLUMNS)]) == PLACE_COLUMNS
    # Labels and kinds repeat a thousand times: each is read once.
    hour_of, kind_of = lru_cache(LABELS)(_hour), lru_cache(LABELS)(partial(_kind, latest_s=_latest(tally)))
    for number, cells in rows:
        position = f"line {number}"
        if len(cells) != len(header) or not placed:
            tally.came_in(UNKNOWN_HOUR, each)
            reason = "wrong number of cells" if placed else "the first line does not name the places"
            expected = f"{len(header)} cells" if placed else f"a first line that begins with {','.join(PLACE_COLUMNS)}"
            tally.reject(position, reason, ",".join(cells), expected, rows=each)
            continue
        station, label = cells[0], cells[1]
        hour = hour_of(label)
        tally.came_in(UNKNOWN_HOUR if isinstance(hour, str) else hour, each)
        if isinstance(hour, str):
            tally.reject(position, hour, label, _HOUR, rows=each)
            continue
        told = tuple(cells[column[n]].lower() if n in column else "" for n in (*KIND_COLUMNS, RELEASE_COLUMN))
        kind = kind_of(told)
        if not CODE.fullmatch(station):
            expected = "1 to 24 letters, digits, '.', '_' or '-'"
            tally.reject(f"{position}, column station", "not a station code", station, expected, hour=hour, rows=each)
        elif isinstance(kind[1], str):
            name, value, expected = kind
            tally.reject(f"{position}, column {name}", f"unknown {name}", value, expected, hour=hour, rows=each)
        else:
            yield StationLine(position, station, hour, kind, cells, number)


class Gathered:
    """Gathers the numbers of lines by status, revision, whether simulated, when released, and by which columns they have."""

    def __init__(self) -> None:
        self._found: dict[tuple[Kind, Hashable], HourRows] = {}

    def add(
        self, lines: Iterator[StationLine], columns: Hashable, values_of: Callable[[list[StationLine]], np.ndarray]
    ) -> None:
        """Take lines of the same columns; values_of reads some of them: float (item, line).

        A line takes a kilobyte, so no more than CHUNK are held at a time.
        """
        while chunk := list(itertools.islice(lines, CHUNK)):
            by_kind: dict[Kind, list[StationLine]] = {}
            for line in chunk:
                by_kind.setdefault(line.kind, []).append(line)
            for kind, some in by_kind.items():
                stations, hours = (line.station for line in some), [line.hour for line in some]
                self._found.setdefault((kind, columns), HourRows()).add(
                    stations, hours, values_of(some), [line.number for line in some]
                )

    def tables(self) -> Iterator[tuple[Kind, Hashable, HourRows]]:
        """Give what was gathered, each with its kind and columns."""
        for (kind, columns), rows in sorted(self._found.items(), key=operator.itemgetter(0)):
            yield kind, columns, rows


def told_of(kind: Kind) -> dict[str, Any]:
    """Give what a kind says as the fields of a block."""
    status, revision, simulated, released_at = kind
    released = None if released_at == AS_FILE else released_at
    return {"status": status, "revision": revision, "simulated": simulated, "released_at": released}


def reject_cells(
    lines: list[StationLine], cells: list[str], wrong: list[int], told: tuple[str, str, str], tally: Tally
) -> None:
    """Report the wrong cells of a column; told is its name, the reason, and what was expected. No row is lost."""
    name, reason, expected = told
    for i in wrong:
        position = f"{lines[i].position}, station {lines[i].station}, column {name}"
        tally.reject(position, reason, cells[i], expected, hour=lines[i].hour, rows=0)


def reject_all(
    lines: Iterable[StationLine], number: int, header: list[str], told: tuple[str, str], tally: Tally
) -> None:
    """Reject, by the hour, the lines below a header (in line number) of which nothing can be used; told: reason and expectation."""
    for hour, rows in sorted(Counter(line.hour for line in lines).items()):
        tally.reject(f"line {number}", told[0], ",".join(header), told[1], hour=hour, rows=rows)


def _hour(label: str) -> int | str:
    """Give the epoch hour of a label, or the reason why it has none; 24:00 is 00:00 of the next day."""
    midnight = _MIDNIGHT.match(label)
    try:
        moment = dt.datetime.fromisoformat(f"{midnight[1]}T00:00{label[midnight.end() :]}" if midnight else label)
        hour = epoch_hour(moment) + (24 if midnight else 0)
    except RecordError:
        return "time has no offset" if moment.tzinfo is None else "time is not on the full hour"
    except (ValueError, OverflowError):
        return "not a time"
    return hour if FIRST_YEAR <= moment.year <= LAST_YEAR and label.isascii() else "time is out of range"


def _latest(tally: Tally) -> float:
    """Give the last moment [epoch s] at which rows of a file can have been released."""
    received_at = tally.origin.received_at
    return received_at + CLOCKS_DIFFER_S if received_at >= FIRST_MOMENT_S else float("inf")


def _kind(told: tuple[str, ...], *, latest_s: float) -> Kind | tuple[str, str, str]:
    """Give status, revision, simulated and release, or the column, value and expectation of the first that is wrong."""
    status, revision, simulated, released = told
    if status not in ("", *STATUSES):
        return "status", status, f"one of {', '.join(STATUSES)}"
    number = whole(revision or "0", 0, MAX_REVISION)
    if number is None:
        return "revision", revision, f"a whole number from 0 to {MAX_REVISION}"
    if simulated not in _TRUTH:
        return "simulated", simulated, "true or false"
    moment = _moment(released)
    if moment is None or moment > latest_s:
        return RELEASE_COLUMN, released, _MOMENT
    return status or "provisional", number, _TRUTH[simulated], moment


def _moment(text: str) -> float | None:
    """Read when a row was released [epoch s], AS_FILE where nothing is said, None where it cannot be."""
    if not text:
        return AS_FILE
    try:
        moment = dt.datetime.fromisoformat(text.upper())
        seconds = moment.timestamp() if moment.tzinfo else 0.0
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= FIRST_MOMENT_S else None
