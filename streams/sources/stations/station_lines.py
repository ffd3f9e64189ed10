"""Lines of our own layouts: `station,hour_end,…[,status][,revision][,simulated]`, one a station-hour, and what each needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.records import STATUSES, RecordError, epoch_hour
from streams.sources.cells import CODE, FIRST_YEAR, LAST_YEAR
from streams.sources.tally import UNKNOWN_HOUR, Tally

PLACE_COLUMNS = ("station", "hour_end")
"""The first two columns."""
KIND_COLUMNS = ("status", "revision", "simulated")
"""Columns that may stand anywhere behind, or be absent."""
MAX_REVISION = 30_000
_TRUTH = {"true": True, "1": True, "false": False, "0": False, "": False}
_HOUR = f"an hour's end from {FIRST_YEAR} to {LAST_YEAR} as ISO 8601 with an offset, such as 2023-01-20T08:00+08:00"

Kind = tuple[str, int, bool]
"""Status, revision and whether simulated: what a block has one of."""


@dataclass(slots=True)
class StationLine:
    """One line that can be placed: where it stands in the file, its station, epoch hour and kind, and all its cells."""

    # Not frozen: a file has a million of them, and making a frozen one takes a fifth of the time of reading it.

    position: str
    station: str
    hour: int
    kind: Kind
    cells: list[str]


def station_lines(rows: Iterable[tuple[int, list[str]]], header: list[str], tally: Tally) -> Iterator[StationLine]:
    """Give the lines that can be placed; count all, and reject the others.

    rows: number and cells of each line below the header; station and hour_end are the first two cells.
    """
    column = {name: i for i, name in reversed(list(enumerate(header)))}
    placed = tuple(header[: len(PLACE_COLUMNS)]) == PLACE_COLUMNS
    hours: dict[str, int | str] = {}
    kinds: dict[tuple[str, ...], Kind | tuple[str, str, str]] = {}
    for number, cells in rows:
        position = f"line {number}"
        if len(cells) != len(header) or not placed:
            tally.came_in(UNKNOWN_HOUR)
            reason = "wrong number of cells" if placed else "the first line does not name the places"
            expected = f"{len(header)} cells" if placed else f"a first line that begins with {','.join(PLACE_COLUMNS)}"
            tally.reject(position, reason, ",".join(cells), expected)
            continue
        station, label = cells[0].strip(), cells[1].strip()
        # Labels and kinds repeat a thousand times: each is read once.
        hour = hours[label] if label in hours else hours.setdefault(label, _hour(label))
        tally.came_in(UNKNOWN_HOUR if isinstance(hour, str) else hour)
        if isinstance(hour, str):
            tally.reject(position, hour, label, _HOUR)
            continue
        told = tuple(cells[column[n]].strip().lower() if n in column else "" for n in KIND_COLUMNS)
        kind = kinds[told] if told in kinds else kinds.setdefault(told, _kind(told))
        if not CODE.fullmatch(station):
            expected = "1 to 24 letters, digits, '.', '_' or '-'"
            tally.reject(f"{position}, column station", "not a station code", station, expected, hour=hour)
        elif isinstance(kind[1], str):
            name, value, expected = kind
            tally.reject(f"{position}, column {name}", f"unknown {name}", value, expected, hour=hour)
        else:
            yield StationLine(position, station, hour, kind, cells)


def by_kind(lines: Iterable[StationLine]) -> list[tuple[Kind, list[StationLine]]]:
    """Sort lines by status, revision and whether simulated."""
    found: dict[Kind, list[StationLine]] = {}
    for line in lines:
        found.setdefault(line.kind, []).append(line)
    return sorted(found.items())


def reject_cells(
    lines: list[StationLine], cells: list[str], wrong: list[int], told: tuple[str, str, str], tally: Tally
) -> None:
    """Report the wrong cells of a column; told is its name, the reason, and what was expected. No row is lost."""
    name, reason, expected = told
    for i in wrong:
        position = f"{lines[i].position}, station {lines[i].station}, column {name}"
        tally.reject(position, reason, cells[i], expected, hour=lines[i].hour, rows=0)


def _hour(label: str) -> int | str:
    """Give the epoch hour of a label, or the reason why it has none."""
    try:
        moment = dt.datetime.fromisoformat(label)
        hour = epoch_hour(moment)
    except RecordError:
        return "time has no offset" if moment.tzinfo is None else "time is not on the full hour"
    except (ValueError, OverflowError):
        return "not a time"
    return hour if FIRST_YEAR <= moment.year <= LAST_YEAR else "time is out of range"


def _kind(told: tuple[str, ...]) -> Kind | tuple[str, str, str]:
    """Give status, revision and simulated, or the column, value and expectation of the first that is wrong."""
    status, revision, simulated = told
    if status not in ("", *STATUSES):
        return "status", status, f"one of {', '.join(STATUSES)}"
    if revision and not (revision.isdecimal() and int(revision) <= MAX_REVISION):
        return "revision", revision, f"a whole number from 0 to {MAX_REVISION}"
    if simulated not in _TRUTH:
        return "simulated", simulated, "true or false"
    return status or "provisional", int(revision or 0), _TRUTH[simulated]
