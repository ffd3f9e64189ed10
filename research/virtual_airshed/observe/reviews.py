"""Review: a day later the network sends the national stations' hours again, checked; some come once more, revised,
days after that.

What the reviewer sees of a fault is a matter of luck: most spikes and stuck values are struck out, most impossible
cells are put right, half of the rows that were lost on the way are found again. A drift step is not seen on the next
day; when it is found, its hours come as revision 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from research.virtual_airshed.observe.fault_events import REVIEW_KINDS, ROW, Event
from research.virtual_airshed.observe.faults import Claims, Fault, Marked, Series, runs
from research.virtual_airshed.observe.files import OutFile, path_of, text_of
from research.virtual_airshed.observe.station_lines import checked_lines
from standards.days import first_hour_of_day, natural_day

STRUCK_OUT = {"spike": 0.8, "stuck": 0.7}
"""How likely a reviewer strikes out an hour of such an event."""
PUT_RIGHT = {"text": 0.6, "negative": 0.6}
"""How likely the right value is found; else the cell is left empty."""
FOUND_AGAIN = 0.5
"""How likely rows that were missing are sent after all."""
DRIFT_FOUND = 0.6
"""How likely a drift step is found, and its hours revised."""
REVIEWED_AT_H = 10
"""Reviewed hours arrive at this hour of the next day [h]."""
REVISED_LEAST_H, REVISED_MORE_H = 72, 240
"""Revised hours arrive so long after the last of them at least, and at most so much later [h]."""
REVIEWED, REVISED = "_reviewed", "_revision1"
"""How the names of their files end."""
MOST_CHANGE = 0.15
"""By how much a correction changes a value at most [1]."""


@dataclass(frozen=True, eq=False)
class Review:
    """What review makes of a series.

    reviewed, revised: float64 (column, station, hour). there, changed: bool (station, hour), which rows are sent as
    reviewed, and which once more as revision 1. arrives: the epoch hour at which the latter come. faults: what
    differs from before.
    """

    reviewed: np.ndarray
    there: np.ndarray
    revised: np.ndarray
    changed: np.ndarray
    arrives: int
    faults: tuple[Fault, ...]


def review(marked: Marked, events: Sequence[Event]) -> Review:
    """Check a series with its faults. events: all that touch it, those of review among them."""
    series = marked.series
    desk = _Desk(marked)
    desk.check()
    desk.change([event for event in events if event.kind in REVIEW_KINDS])
    changed = differs(desk.reviewed, desk.revised).any(axis=0) & desk.there
    told = (*desk.told(desk.shown, desk.reviewed, revised=False), *desk.told(desk.reviewed, desk.revised, revised=True))
    return Review(desk.reviewed, desk.there, desk.revised, changed, _arrival(series, desk.again), told)


def files_of(series: Series, header: str, made: Review) -> list[OutFile]:
    """Write a review as files: all rows as reviewed, and those that are revised once more where there are any."""
    span, last = (series.first_hour, series.hours.size), int(series.hours[-1])
    midnight = first_hour_of_day(int(natural_day(last)) + 1) - 1
    parts = (
        (REVIEWED, 0, made.reviewed, made.there, midnight + REVIEWED_AT_H),
        (REVISED, 1, made.revised, made.changed, made.arrives),
    )
    return [
        OutFile(
            path=path_of(series.feed, *span, suffix), text=text_of(header, checked_lines(series, values, rows, revision=revision)),
            first_hour=series.first_hour, last_hour=last, arrives=arrives,
        )
        for suffix, revision, values, rows, arrives in parts if rows.any()
    ]  # fmt: skip


def differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Tell where two arrays differ; missing is like missing."""
    return (a != b) & ~(np.isnan(a) & np.isnan(b))


class _Desk:
    """The reviewer's desk: what the platform was shown, what is sent as reviewed and as revised, and which event each
    cell changed for.
    """

    def __init__(self, marked: Marked) -> None:
        self.marked, self.series = marked, marked.series
        lost = np.logical_or.reduce([marked.rows_of(kind) for kind in ("gap_row", "cut", "no_offset", "unknown")])
        self.shown = np.where(lost, np.nan, marked.values)
        for cell in marked.wrong_texts:
            self.shown[cell] = np.nan
        self.reviewed = np.where(lost, self.series.values, self.shown)
        self.there = np.ones(lost.shape, bool)
        self.cause = np.full(self.series.values.shape, None, object)
        self.again: list[Event] = []

    def check(self) -> None:
        """Deal with what is wrong."""
        marked, clean = self.marked, self.series.values
        for number, event in enumerate(marked.events):
            if event.column == ROW:
                station, hour = np.nonzero(marked.row_event == number)
                self.cause[:, station, hour] = event
                if event.kind == "gap_row" and event.luck >= FOUND_AGAIN:
                    self.there[station, hour] = False
                    self.reviewed[:, station, hour] = np.nan
                continue
            at = marked.cell_event == number
            self.cause[at] = event
            if event.luck < STRUCK_OUT.get(event.kind, 0.0):
                self.reviewed[at] = np.nan
            elif event.luck < PUT_RIGHT.get(event.kind, 0.0):
                self.reviewed[at] = clean[at]
        self.revised = self.reviewed.copy()
        for number, event in enumerate(marked.events):
            if event.kind == "drift" and event.luck < DRIFT_FOUND:
                at = marked.cell_event == number
                self.revised[at] = clean[at]
                self.again.append(event)

    def change(self, events: list[Event]) -> None:
        """Let the reviewer change what was right, where no fault is."""
        claims = Claims(self.series, events)
        claims.row_event[self.marked.row_event >= 0] = len(events)
        claims.cell_event[self.marked.cell_event >= 0] = len(events)
        for number, event in enumerate(events):
            for cell in claims.claim(number):
                self.cause[cell] = event
                self.revised[cell] = (
                    np.nan if event.kind == "invalidated" else _corrected(self.series, event, self.reviewed[cell])
                )
                if event.kind != "revised":
                    self.reviewed[cell] = self.revised[cell]
            if event.kind == "revised":
                self.again.append(event)

    def told(self, before: np.ndarray, after: np.ndarray, *, revised: bool) -> list[Fault]:
        """Tell what changed from one to the other, hours of one cause that follow each other in one fault."""
        series, found = self.series, []
        changed = differs(before, after) & self.there
        for c, s in zip(*np.nonzero(changed[: series.failing].any(axis=2)), strict=True):
            for hours in runs(np.flatnonzero(changed[c, s])):
                for event, own in groupby(hours, key=lambda h: self.cause[c, s, h]):
                    found.append(self._fault(event, int(c), int(s), list(own), before, after, revised=revised))
        return found

    def _fault(
        self, event: Event, c: int, s: int, hours: list[int], before: np.ndarray, after: np.ndarray, *, revised: bool
    ) -> Fault:
        series, first = self.series, self.series.first_hour
        if revised:
            kind = "revised"
        elif np.isnan(after[c, s, hours[0]]):
            kind = "invalidated"
        else:
            kind = "recovered" if np.isnan(before[c, s, hours[0]]) else "corrected"
        return Fault(
            event=event.name, kind=kind, feed=series.feed, station=series.codes[s], item=series.items[c],
            first_hour=first + hours[0], last_hour=first + hours[-1],
            true=";".join(series.text(c, series.values[c, s, h]) for h in hours),
            written=";".join(series.text(c, after[c, s, h]) for h in hours),
            file=path_of(series.feed, first, series.hours.size, REVISED if revised else REVIEWED),
        )  # fmt: skip


def _corrected(series: Series, event: Event, value: float) -> float:
    """Change a value by up to MOST_CHANGE, and at least by the last place that is written."""
    step = 10.0 ** -series.decimals[event.column]
    change = value * MOST_CHANGE * (2.0 * event.size - 1.0)
    change = np.copysign(max(abs(change), step), change)
    return float(np.round(value + (change if value + change >= 0 else step), series.decimals[event.column]))


def _arrival(series: Series, again: list[Event]) -> int:
    last = int(series.hours[-1])
    return max((max(e.last_hour, last) + REVISED_LEAST_H + int(REVISED_MORE_H * e.luck) for e in again), default=last)
