"""Files as text: the lines of a feed, what comes late apart from what is on time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from research.virtual_airshed.observe.clock import label, stamp
from research.virtual_airshed.observe.fault_events import ALL, Event
from research.virtual_airshed.observe.faults import Fault

STEMS = {
    "stations": "national", "micro": "micro", "super": "super", "voc": "voc", "composition": "composition", "cems": "cems",
}  # fmt: skip
"""How the names of a feed's files begin; its folder has the name of the feed."""
DELAY_H = {"stations": 0, "micro": 0, "super": 0, "voc": 4, "composition": 2, "cems": 1}
"""When a file of a feed arrives after the end of its last hour [h]; a chromatograph and a filter tape need their time."""
LATE_LEAST_H, LATE_MORE_H = 12, 84
"""What is late arrives so long after its last hour at least, and at most so much later [h]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutFile:
    """One file.

    path: under the folder of all feeds. first_hour, last_hour: epoch hours of the span that it was made for. arrives:
    the epoch hour at whose end the platform would get it.
    """

    path: str
    text: str
    first_hour: int
    last_hour: int
    arrives: int


class Line(NamedTuple):
    """One line of a file to be: the hour it tells of, as a place in its span, what it tells of (a station and more), its text."""

    hour: int
    of: tuple[int, ...]
    text: str


@dataclass(frozen=True, eq=False)
class Written:
    """The files of a feed for one span, where each line stands (hour and `of` to path and number), and the faults of lateness."""

    first_hour: int
    files: tuple[OutFile, ...]
    places: dict[tuple[int, tuple[int, ...]], tuple[str, int]]
    late: tuple[Fault, ...]


def path_of(feed: str, first_hour: int, hours: int, suffix: str = "") -> str:
    """Name a file of a feed: stations/national_20150101.csv, stations/national_20150101T08_late.csv."""
    return f"{feed}/{STEMS[feed]}_{stamp(first_hour, hours)}{suffix}.csv"


def text_of(header: str, lines: Iterable[str]) -> str:
    """Put a first line and lines together."""
    return "\n".join((header, *lines, ""))


def write(feed: str, header: str, lines: Sequence[Line], span: tuple[int, int], late: Sequence[Event]) -> Written:
    """Make the files of a feed for a span: one of the hours that are on time, one of those that are late, each only
    if it has lines.

    span: epoch hour of the first hour's end, and how many hours. late: when the feed is late.
    """
    first_hour, hours = span
    last_hour = first_hour + hours - 1
    at = first_hour + np.arange(hours)
    is_late = np.zeros(hours, bool)
    for event in late:
        is_late |= (at >= event.first_hour) & (at <= event.last_hour)
    waits = [LATE_LEAST_H + int(LATE_MORE_H * event.size) for event in late]
    arrives = (last_hour + DELAY_H[feed], last_hour + max(waits, default=0))
    files, places = [], {}
    for path, wanted, when in zip(
        (path_of(feed, *span), path_of(feed, *span, "_late")), (~is_late, is_late), arrives, strict=True
    ):
        own = [line for line in lines if wanted[line.hour]]
        places |= {(line.hour, line.of): (path, number) for number, line in enumerate(own, start=2)}
        if own:
            text = text_of(header, (line.text for line in own))
            files.append(OutFile(path=path, text=text, first_hour=first_hour, last_hour=last_hour, arrives=when))
    return Written(first_hour, tuple(files), places, tuple(_lateness(feed, event, span, arrives) for event in late))


def placed(
    faults: Iterable[Fault], written: Written, *, codes: Sequence[str], items: Sequence[str] = ()
) -> list[Fault]:
    """Tell of each fault that must be rejected in which line of which file it stands.

    items: where a line holds one of them alone.
    """
    found = []
    for fault in faults:
        of = (codes.index(fault.station), *((items.index(fault.item),) if items else ()))
        path, line = (
            written.places.get((fault.first_hour - written.first_hour, of), ("", 0)) if fault.rejected else ("", 0)
        )
        found.append(replace(fault, file=path, line=line))
    return found


def _lateness(feed: str, event: Event, span: tuple[int, int], arrives: tuple[int, int]) -> Fault:
    first, last = max(event.first_hour, span[0]), min(event.last_hour, span[0] + span[1] - 1)
    return Fault(
        event=event.name, kind="late", feed=feed, station=ALL, item="", first_hour=first, last_hour=last,
        true=label(arrives[0]), written=label(arrives[1]), file=path_of(feed, *span, "_late"),
    )  # fmt: skip
