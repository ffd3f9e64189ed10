"""The region's desk: sees every city's series and keeps the list of episodes true, whatever arrives in whatever order.

What changes is looked at again from the last quiet hours before it to the first quiet hours after it: what lies beyond them is
another episode. So an update costs what the episode around it is long, however long the history is, and hours of any age
reach theirs.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from standards.days import date_of_day, natural_day
from standards.editions import edition_for, limit
from streams.assess.episodes import HAZE, OZONE, Episode, EpisodeRules, above, episodes_of
from streams.assess.hours import hour_editions
from streams.desks.damage import Damage
from streams.memory.archive import ArchiveError
from streams.memory.book import PIECE_HOURS, Mapping, pieces_of
from streams.memory.shelf import Draft, Shelf
from streams.records import RegionUpdate, Rejected, iso_hour
from streams.results import Rows, rows_of
from streams.spans import stretches

LAYOUT = 3
"""Number of the layout of the region's state: what RegionBook and the pieces hold. A state of another layout is not read."""
WITHDRAWN = "withdrawn"
PAGE = 64
"""Pieces that are listed together."""
KINDS = (HAZE, OZONE)
QUIET_H = {kind: EpisodeRules().gap_h(kind) for kind in KINDS}
"""So many hours with no city in part any two episodes of a kind [h]."""


@dataclass(slots=True)
class RegionBook:
    """The small part of the region's state.

    Behind it lie pieces: r<piece>, the cities' series; q<piece>, the episodes that began in it, as last given out; p<page>, which
    pieces there are.
    """

    version: int
    last: dict[str, int] = field(default_factory=dict)
    """By kind the last hour with a value: a feed of one item that falls silent ends no episode of it."""
    pages: list[int] = field(default_factory=list)
    """The pages on which any piece is listed, rising: one in two years."""
    hot: dict[str, list[str]] = field(default_factory=dict)
    """Which pieces lie in the keyed state (streams.memory.shelf)."""

    def state(self) -> dict[str, Any]:
        """Give what is kept of the book."""
        return {name: getattr(self, name) for name in self.__slots__}

    def copy(self) -> RegionBook:
        """Give a book that can be changed without changing this one."""
        return RegionBook(self.version, dict(self.last), list(self.pages), dict(self.hot))


@dataclass(slots=True)
class Outcome:
    """What updates led to: rows of episodes, and what was damaged in the archive."""

    rows: list[Rows] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def update_line(update: RegionUpdate) -> str:
    """Write an update for the way from the cities' operator to the region's."""
    fields = {"city": update.city, "first_hour": update.first_hour, "simulated": update.simulated.tolist()}
    series = {"pm25_24h": update.pm25_24h.tolist(), "o3_8h": update.o3_8h.tolist()}
    return orjson.dumps(fields | series).decode()


def update_from(line: str) -> RegionUpdate:
    """Read what update_line wrote."""
    message = orjson.loads(line)
    series = {name: np.array(message.pop(name), float) for name in ("pm25_24h", "o3_8h")}
    series["simulated"] = np.array(message.pop("simulated"), bool)
    return RegionUpdate(**message, **series)


def handle(update: RegionUpdate, book: RegionBook, held: Shelf | Mapping) -> Outcome:
    """Take one city's series and give the rows of the episodes that it starts, changes or withdraws.

    book and held are changed when all has succeeded, and not at all where it fails.
    """
    return handle_all([update], book, held)


def handle_all(updates: Sequence[RegionUpdate], book: RegionBook, held: Shelf | Mapping) -> Outcome:
    """Take several updates at once: the rows are those that they would give one after the other, without what is replaced."""
    draft, changes, damage = book.copy(), Draft(held), Damage()
    draft.version += 1
    changed = _changed(updates, draft, changes, damage)
    draft.hot = changes.apply(draft.hot)
    for name in RegionBook.__slots__:
        setattr(book, name, getattr(draft, name))
    return Outcome([_rows(changed, book.version)] if changed else [], damage.rejected())


def kept(book: RegionBook, held: dict[str, Any]) -> bytes:
    """Write the region's state: plain dicts, lists, texts, numbers and arrays."""
    return pickle.dumps({"layout": LAYOUT, "book": book.state(), "held": dict(held)})


def restored(state: bytes) -> tuple[RegionBook, dict[str, Any]] | None:
    """Read what kept wrote; None where it is of another layout."""
    found = pickle.loads(state)
    return (RegionBook(**found["book"]), found["held"]) if found["layout"] == LAYOUT else None


def _changed(
    updates: Sequence[RegionUpdate], book: RegionBook, held: Mapping, damage: Damage
) -> dict[str, dict[str, Any]]:
    """Merge updates into the state; give the episodes, by name, whose row is another one than was last given out."""
    spans = [span for update in updates for span in _merge(update, book, held, damage)]
    changed: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        done = 0
        for first, end in sorted([*spans, *_moved_end(kind, updates, book, held, damage)]):
            if end > done:
                try:
                    window = _window(kind, first, end, held)
                    done = window.end
                    changed |= _episodes_in(window, book, held)
                except ArchiveError as error:
                    damage.note(error)  # the episodes that reach into what is damaged stay as they were last given out
    return changed


def _merge(update: RegionUpdate, book: RegionBook, held: Mapping, damage: Damage) -> Iterator[tuple[int, int]]:
    """Merge an update; give the stretches of hours [first, end) in which it says something new."""
    end = update.first_hour + len(update.o3_8h)
    new = np.stack([update.pm25_24h, update.o3_8h])
    for piece in pieces_of(update.first_hour, end):
        start, stop = max(update.first_hour, piece * PIECE_HOURS), min(end, (piece + 1) * PIECE_HOURS)
        source = slice(start - update.first_hour, stop - update.first_hour)
        target = slice(start - piece * PIECE_HOURS, stop - piece * PIECE_HOURS)
        try:
            known = held.get(f"r{piece}")
        except ArchiveError as error:
            damage.note(error)
            continue
        empty = np.full((2, PIECE_HOURS), np.nan), np.zeros(PIECE_HOURS, bool)
        series, made_up = (part.copy() for part in (known or {}).get(update.city, empty))
        before = series[:, target]
        differs = ((new[:, source] != before) & ~(np.isnan(new[:, source]) & np.isnan(before))).any(axis=0)
        differs |= update.simulated[source] != made_up[target]
        if differs.any():
            series[:, target], made_up[target] = new[:, source], update.simulated[source]
            held.put(f"r{piece}", (known or {}) | {update.city: (series, made_up)})
            if known is None:
                _list(piece, book, held)
            yield from stretches(differs, start)


def _list(piece: int, book: RegionBook, held: Mapping) -> None:
    page = piece // PAGE
    held.put(f"p{page}", sorted({*(held.get(f"p{page}") or ()), piece}))
    if page not in book.pages:
        book.pages = sorted([*book.pages, page])


def _moved_end(
    kind: str, updates: Sequence[RegionUpdate], book: RegionBook, held: Mapping, damage: Damage
) -> list[tuple[int, int]]:
    """Set the last hour with a value of a kind; give the hours in which an episode has ended, or has not, because it moved."""
    before = book.last.get(kind, -1)
    values = [(update, update.pm25_24h if kind == HAZE else update.o3_8h) for update in updates]
    ends = [
        update.first_hour + int(np.flatnonzero(~np.isnan(each))[-1])
        for update, each in values
        if not np.isnan(each).all()
    ]
    now = max([before, *ends])
    # Only who speaks of that hour can have taken its value away.
    if any(update.first_hour <= now < update.first_hour + len(update.o3_8h) for update in updates):
        try:
            now = _last_known(kind, now, book, held)
        except ArchiveError as error:
            damage.note(error)
    book.last = book.last | {kind: now}
    at = min(now, before)
    return [(at - QUIET_H[kind], at + 1)] if now != before and at >= 0 else []


def _last_known(kind: str, at: int, book: RegionBook, held: Mapping) -> int:
    """Give the last hour up to `at` in which any city has a value of a kind, -1 where none has."""
    i = KINDS.index(kind)
    for page in reversed(book.pages):
        if page * PAGE * PIECE_HOURS > at:
            continue
        for piece in reversed(held.get(f"p{page}")):
            if piece * PIECE_HOURS <= at:
                known = np.any([~np.isnan(series[i]) for series, _ in held.get(f"r{piece}").values()], axis=0)
                hours = np.flatnonzero(known[: at - piece * PIECE_HOURS + 1])
                if hours.size:
                    return piece * PIECE_HOURS + int(hours[-1])
    return -1


@dataclass(frozen=True, slots=True)
class _Window:
    """The hours [first, end) of a kind between two quiet stretches, and the series from there to the end of the quiet after them.

    values [ug/m3]: float64 (city, hour). simulated: bool (hour,). limit_ugm3: float64 (hour,).
    """

    kind: str
    first: int
    end: int
    cities: tuple[str, ...]
    values: np.ndarray
    simulated: np.ndarray
    limit_ugm3: np.ndarray


def _window(kind: str, first: int, end: int, held: Mapping) -> _Window:
    """Widen the hours [first, end) until they lie between quiet hours, piece by piece. Errors: ArchiveError."""
    low, high, quiet_h = first // PIECE_HOURS, -(-end // PIECE_HOURS), QUIET_H[kind]
    parts = {piece: held.get(f"r{piece}") for piece in range(low, high)}
    busy = {piece: _busy(kind, piece, part) for piece, part in parts.items()}
    # What is not known is quiet: a piece that is not there ends what lies beside it, as a gap of ten days does.
    nothing_before = nothing_after = False
    while True:
        whole = np.concatenate([busy[piece] for piece in range(low, high)])
        left = _quiet_before(whole, first - low * PIECE_HOURS, quiet_h, open_=nothing_before)
        right = _quiet_after(whole, end - low * PIECE_HOURS, quiet_h, open_=nothing_after)
        if left is not None and right is not None:
            return _cut(kind, parts, low * PIECE_HOURS + left, low * PIECE_HOURS + right)
        for piece in [low - 1] * (left is None) + [high] * (right is None):
            part = held.get(f"r{piece}")
            if part is not None:
                parts[piece], busy[piece] = part, _busy(kind, piece, part)
                low, high = min(low, piece), max(high, piece + 1)
            elif piece < low:
                nothing_before = True
            else:
                nothing_after = True


def _busy(kind: str, piece: int, part: dict[str, Any] | None) -> np.ndarray:
    """Tell in which hours of a piece any city is in: bool (hour,)."""
    if not part:
        return np.zeros(PIECE_HOURS, bool)
    values = np.stack([series[KINDS.index(kind)] for series, _ in part.values()])
    return above(values, _limit(kind, piece * PIECE_HOURS, PIECE_HOURS)).any(axis=0)


def _quiet_before(busy: np.ndarray, at: int, quiet_h: int, *, open_: bool) -> int | None:
    """Give the last index up to `at` before which enough hours are quiet, None where these would lie before what is there."""
    hours = np.flatnonzero(busy[:at])
    edges = np.concatenate([[-1 - (quiet_h if open_ else 0)], hours, [at]])
    found = np.flatnonzero(np.diff(edges) > quiet_h)
    return int(edges[found[-1] + 1]) if found.size else None


def _quiet_after(busy: np.ndarray, at: int, quiet_h: int, *, open_: bool) -> int | None:
    """Give the first index from `at` on from which enough hours are quiet, None where these would lie behind what is there."""
    hours = at + np.flatnonzero(busy[at:])
    edges = np.concatenate([[at - 1], hours, [len(busy) + (quiet_h if open_ else 0)]])
    found = np.flatnonzero(np.diff(edges) > quiet_h)
    return int(edges[found[0]]) + 1 if found.size else None


def _cut(kind: str, parts: dict[int, dict[str, Any] | None], first: int, end: int) -> _Window:
    """Put together the hours [first, end) and the quiet ones after them, NaN where nothing is known."""
    last, cities = end + QUIET_H[kind], sorted({city for part in parts.values() for city in part or ()})
    values, simulated = np.full((len(cities), last - first), np.nan), np.zeros(last - first, bool)
    for piece, part in parts.items():
        start, stop = max(first, piece * PIECE_HOURS), min(last, (piece + 1) * PIECE_HOURS)
        if start < stop:
            here, there = slice(start - first, stop - first), slice(start % PIECE_HOURS, stop - piece * PIECE_HOURS)
            for city, (series, made_up) in (part or {}).items():
                values[cities.index(city), here] = series[KINDS.index(kind), there]
                simulated[here] |= made_up[there]
    return _Window(kind, first, end, tuple(cities), values, simulated, _limit(kind, first, last - first))


def _episodes_in(window: _Window, book: RegionBook, held: Mapping) -> dict[str, dict[str, Any]]:
    """Find the episodes of a window anew, keep them, and give those whose row is another one than was last given out."""
    pieces = pieces_of(window.first, window.end)
    given = {piece: held.get(f"q{piece}") or {} for piece in pieces}
    known = {
        name: row
        for of_piece in given.values()
        for name, row in of_piece.items()
        if row["kind"] == window.kind and window.first <= row["start"] < window.end
    }
    found = _found(window, book.last)
    changed = {name: row for name, row in found.items() if known.get(name) != row}
    changed |= {
        name: row | {"phase": WITHDRAWN}
        for name, row in known.items()
        if name not in found and row["phase"] != WITHDRAWN
    }
    for piece in pieces:
        if news := {name: row for name, row in changed.items() if row["start"] // PIECE_HOURS == piece}:
            held.put(f"q{piece}", given[piece] | news)
    return changed


def _found(window: _Window, known_until: dict[str, int]) -> dict[str, dict[str, Any]]:
    known = known_until[window.kind]
    found = episodes_of(
        window.kind,
        window.first,
        window.cities,
        window.values,
        window.limit_ugm3,
        rules=EpisodeRules(),
        known_until=known,
    )
    rows = {}
    for each in found:
        last_hour = known if each.end is None else each.end
        made_up = window.simulated[each.start - window.first : last_hour - window.first + 1].any()
        rows[_name(each)] = _row(each, bool(made_up))
    return rows


def _limit(kind: str, first_hour: int, hours: int) -> np.ndarray:
    item, mean = {HAZE: ("pm25", "day"), OZONE: ("o3", "8h")}[kind]
    limits = np.empty(hours)
    for span, edition in hour_editions(first_hour, hours):
        limits[span] = limit(item, mean, edition=edition)
    return limits


def _name(episode: Episode) -> str:
    return f"{episode.kind}/{iso_hour(episode.start)[:13]}Z"


def _row(episode: Episode, simulated: bool) -> dict[str, Any]:
    cities = " ".join(f"{city}@{iso_hour(hour)[5:13]}Z" for city, hour in episode.cities)
    return {
        "kind": episode.kind, "start": episode.start, "peak": episode.peak, "end": episode.end, "phase": episode.phase,
        "peak_value_ugm3": episode.peak_value_ugm3, "peak_city": episode.peak_city,
        "growth_ugm3_per_h": episode.growth_ugm3_per_h, "cities": cities, "city_hours": episode.city_hours,
        "edition": edition_for(date_of_day(int(natural_day(episode.start)))).code, "simulated": simulated,
    }  # fmt: skip


def _rows(episodes: dict[str, dict[str, Any]], version: int) -> Rows:
    fields = {name: [row[name] for row in episodes.values()] for name in next(iter(episodes.values()))}
    return rows_of("episode_event", {"episode": list(episodes), **fields, "version": version})
