"""Put faults into what instruments measured, and keep a record of each: what would have been written, and what was.

An hour of an item has at most one fault, a row likewise; where two events meet, the one that stands first in
fault_events.KINDS has the hour. That is decided hour by hour, so it does not depend on which hours are made together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.observe.fault_events import REVIEW_KINDS, ROW, Event

NOTHING: Mapping[str, float] = {}
WRONG_TEXTS = ("ERR", "维护", "OFF", "N/A?", "#")
"""What an analyser or its operator may write in place of a number; no reader takes one for a missing value."""
REJECTED_KINDS = ("cut", "no_offset", "unknown", "text", "negative")
"""What a parser must reject (or, of unknown stations, set aside)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it was written: of an event, some consecutive hours of one item of one station, or of its whole rows.

    event: the event's name. kind: of fault_events.KINDS. feed, station: where. item: "" for whole rows. first_hour,
    last_hour: epoch hours. true, written: cells hour by hour, joined by ";" (a row's cells by " "): what would have
    been written without the fault, and what was. rejected: whether a parser must reject it, for reason, in line of
    file; line 0 where it has no line of its own.
    """

    event: str
    kind: str
    feed: str
    station: str
    item: str
    first_hour: int
    last_hour: int
    true: str
    written: str
    rejected: bool = False
    reason: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, eq=False)
class Series:
    """What one feed measured in consecutive hours: float64 (column, station, hour), rounded as it is written, NaN where missing.

    items: names of the columns. decimals: places that are written, of each column. steps: size of a spike, of each
    column, in its unit. limits: detection limits by column, values below which are written as "<limit"; None for
    none. failing: how many of the columns events fall on; the others (wind) have no faults of their own.
    """

    feed: str
    codes: tuple[str, ...]
    items: tuple[str, ...]
    first_hour: int
    values: np.ndarray
    decimals: Sequence[int]
    steps: Sequence[float]
    failing: int
    limits: Sequence[float] | None = None

    @property
    def hours(self) -> np.ndarray:
        """Give the epoch hours (hour,)."""
        return self.first_hour + np.arange(self.values.shape[-1])

    def text(self, column: int, value: float) -> str:
        """Write one value as a cell."""
        if value != value:
            return ""
        if self.limits is not None and value < self.limits[column]:
            return f"<{self.limits[column]:g}"
        return f"{value:.{self.decimals[column]}f}"

    def texts(self, values: np.ndarray) -> list[list[str]]:
        """Write all values (column, station, hour) as cells: a list for each column, hour by hour, in an hour station
        by station.
        """
        by_hour = np.moveaxis(values, 2, 1).reshape(len(values), -1)
        return [[self.text(c, value) for value in column] for c, column in enumerate(by_hour.tolist())]


@dataclass(frozen=True, eq=False)
class Marked:
    """A series with its faults.

    values: with wrong numbers in, NaN where a cell is missing. wrong_texts: cells that hold no number, (column,
    station, hour) to text. row_event (station, hour), cell_event (column, station, hour): int, which of the events
    has the row or cell, -1 for none. held: what stuck sensors show, by the event's name.
    """

    series: Series
    events: tuple[Event, ...]
    values: np.ndarray
    wrong_texts: Mapping[tuple[int, int, int], str]
    row_event: np.ndarray
    cell_event: np.ndarray
    held: Mapping[str, float]

    def rows_of(self, kind: str) -> np.ndarray:
        """Tell which rows an event of this kind has: bool (station, hour)."""
        numbers = [i for i, event in enumerate(self.events) if event.kind == kind]
        return np.isin(self.row_event, numbers)


def mark(series: Series, events: Sequence[Event], held: Mapping[str, float] = NOTHING) -> Marked:
    """Let events act on a series; those of review are left to reviews.py.

    held: what sensors show that stuck in hours before these, from the Marked of those; without it such an event is
    not seen.
    """
    kept = tuple(event for event in events if event.kind not in REVIEW_KINDS)
    claims = Claims(series, kept)
    values, texts, holding = series.values.copy(), {}, {}
    for number, event in enumerate(kept):
        if event.kind == "stuck":
            shown = _held(series, event, held)
            if shown is None:
                continue
            holding[event.name] = shown
        for c, s, h in claims.claim(number):
            if event.kind in ("text", "negative"):
                texts[c, s, h] = _wrong_text(series, event, values[c, s, h])
            elif event.column != ROW:
                values[c, s, h] = _wrong_value(series, event, values[c, s, h], holding)
    last = int(series.hours[-1])
    still = {event.name for event in kept if event.kind == "stuck" and event.last_hour > last}
    left = {name: shown for name, shown in holding.items() if name in still}
    return Marked(series, kept, values, texts, claims.row_event, claims.cell_event, left)


class Claims:
    """Which event has which row and cell."""

    def __init__(self, series: Series, events: Sequence[Event]) -> None:
        self.series, self.events = series, events
        self.row_event = np.full(series.values.shape[1:], -1)
        self.cell_event = np.full(series.values.shape, -1)
        self._station = {code: s for s, code in enumerate(series.codes)}

    def claim(self, number: int) -> list[tuple[int, int, int]]:
        """Give an event the rows or cells in its hours that are free; give those it got as (column, station, hour)."""
        event = self.events[number]
        s, first = self._station[event.station], self.series.first_hour
        begin = event.first_hour + (event.kind == "stuck")  # in its first hour a sensor still shows what is true
        span = range(max(begin - first, 0), min(event.last_hour - first + 1, self.row_event.shape[1]))
        if event.column == ROW:
            got = [h for h in span if self.row_event[s, h] < 0]
            self.row_event[s, got] = number
            return [(ROW, s, h) for h in got]
        c = event.column
        there = np.isfinite(self.series.values[c, s])
        got = [h for h in span if there[h] and self.row_event[s, h] < 0 and self.cell_event[c, s, h] < 0]
        self.cell_event[c, s, got] = number
        return [(c, s, h) for h in got]


def record(marked: Marked, *, rejections: Mapping[str, str]) -> list[Fault]:
    """Tell what each event did, hours that follow each other in one fault. rejections: the parser's reason by kind."""
    series, found = marked.series, []
    for number, event in enumerate(marked.events):
        by = marked.row_event if event.column == ROW else marked.cell_event[event.column]
        s = series.codes.index(event.station)
        for hours in runs(np.flatnonzero(by[s] == number)):
            true, written = zip(*(_told(marked, event, s, h) for h in hours), strict=True)
            found.append(Fault(
                event=event.name, kind=event.kind, feed=series.feed, station=event.station,
                item="" if event.column == ROW else series.items[event.column],
                first_hour=series.first_hour + hours[0], last_hour=series.first_hour + hours[-1],
                true=";".join(true), written=";".join(written),
                rejected=event.kind in REJECTED_KINDS, reason=rejections.get(event.kind, ""),
            ))  # fmt: skip
    return found


def runs(places: np.ndarray) -> Iterator[list[int]]:
    """Cut rising whole numbers where they do not follow each other."""
    if places.size:
        yield from (part.tolist() for part in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1))


def damaged_rows(event: Event, code: str, label: str, cells: Sequence[str]) -> list[str]:
    """Write the lines of a row that an event has; none where it is missing. label: of the hour. cells: after the first two."""
    line = ",".join((code, label, *cells))
    if event.kind == "gap_row":
        return []
    if event.kind == "duplicate":
        return [line, line]
    if event.kind == "no_offset":
        return [",".join((code, label[:16], *cells))]
    if event.kind == "unknown":
        return [",".join((f"X{code}"[:24], label, *cells))]
    if event.kind == "cut":
        least, most = len(code) + 1 + len(label), line.rindex(",")
        return [line[: least + int(event.size * (most - least + 1))]]
    raise ValueError(
        f"an event of kind {event.kind!r} has a row, expected gap_row, duplicate, no_offset, unknown or cut"
    )


def _told(marked: Marked, event: Event, s: int, h: int) -> tuple[str, str]:
    """Tell what would have been written in an hour, and what was."""
    series = marked.series
    if event.column != ROW:
        c = event.column
        wrong = marked.wrong_texts.get((c, s, h))
        written = series.text(c, marked.values[c, s, h]) if wrong is None else wrong
        return series.text(c, series.values[c, s, h]), written
    true = " ".join(series.text(c, series.values[c, s, h]) for c in range(series.failing))
    return true, {"gap_row": "", "duplicate": "twice"}.get(event.kind, event.kind)


def _held(series: Series, event: Event, held: Mapping[str, float]) -> float | None:
    """Give what a stuck sensor shows, None where that is not known."""
    place = event.first_hour - series.first_hour
    if place < 0:
        return held.get(event.name)
    shown = float(series.values[event.column, series.codes.index(event.station), place])
    return shown if np.isfinite(shown) else None


def _wrong_value(series: Series, event: Event, value: float, holding: Mapping[str, float]) -> float:
    if event.kind == "gap":
        return np.nan
    if event.kind == "stuck":
        return holding[event.name]
    if event.kind == "spike":
        wrong = value * (1.0 + event.size) + series.steps[event.column] * (1.0 + 5.0 * event.size)
    else:
        wrong = value * drift_factor(event)
    return float(np.round(wrong, series.decimals[event.column]))


def drift_factor(event: Event) -> float:
    """Give by what a drift step multiplies: from 0.6 to 0.85 or from 1.18 to 1.67."""
    return float(np.exp(np.where(event.size < 0.5, -1.0, 1.0) * (0.165 + 0.345 * abs(2.0 * event.size - 1.0))))


def _wrong_text(series: Series, event: Event, value: float) -> str:
    if event.kind == "text":
        return WRONG_TEXTS[int(event.size * len(WRONG_TEXTS))]
    return f"-{max(value, 10.0 ** -series.decimals[event.column]):.{series.decimals[event.column]}f}"
