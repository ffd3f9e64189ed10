"""The region's desk: sees every city's series and keeps the list of episodes true, whatever arrives in whatever order."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from standards.days import date_of_day, natural_day
from standards.editions import edition_for, limit
from streams.assess.episodes import HAZE, OZONE, Episode, find_episodes
from streams.assess.hours import hour_editions
from streams.memory import book as books
from streams.memory.book import PIECE_HOURS, Draft, Mapping
from streams.records import RegionUpdate, iso_hour
from streams.results import Rows, rows_of

LAYOUT = 2
"""Number of the layout of the region's state: what RegionBook and the pieces hold. A state of another layout is not read."""
WITHDRAWN = "withdrawn"
BORDER_H = 48
"""No new episode is believed so soon after the oldest hour held, once older hours have left."""


@dataclass(slots=True)
class RegionBook:
    """The small part of the region's state."""

    version: int
    pieces: list[int] = field(default_factory=list)
    episodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Rows as last given out, by name."""
    evicted: bool = False

    def state(self) -> dict[str, Any]:
        """Give what is kept of the book."""
        return {name: getattr(self, name) for name in self.__slots__}

    def copy(self) -> RegionBook:
        """Give a book that can be changed without changing this one."""
        return RegionBook(self.version, list(self.pieces), dict(self.episodes), self.evicted)


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


def handle(update: RegionUpdate, book: RegionBook, held: Mapping) -> list[Rows]:
    """Take one city's series and give the rows of the episodes that it starts, changes or withdraws.

    book and held are changed when all has succeeded, and not at all where it fails.
    """
    return handle_all([update], book, held)


def handle_all(updates: Sequence[RegionUpdate], book: RegionBook, held: Mapping) -> list[Rows]:
    """Take several updates at once: the rows are those that they would give one after the other, without what is replaced."""
    draft, changes = book.copy(), Draft(held)
    draft.version += 1
    changed = _changed(updates, draft, changes)
    changes.apply()
    for name in RegionBook.__slots__:
        setattr(book, name, getattr(draft, name))
    return [_rows(changed, book.version)] if changed else []


def kept(book: RegionBook, held: dict[str, Any]) -> bytes:
    """Write the region's state: plain dicts, lists, texts, numbers and arrays."""
    return pickle.dumps({"layout": LAYOUT, "book": book.state(), "held": dict(held)})


def restored(state: bytes) -> tuple[RegionBook, dict[str, Any]] | None:
    """Read what kept wrote; None where it is of another layout."""
    found = pickle.loads(state)
    return (RegionBook(**found["book"]), found["held"]) if found["layout"] == LAYOUT else None


def _changed(updates: Sequence[RegionUpdate], book: RegionBook, held: Mapping) -> dict[str, dict[str, Any]]:
    """Merge updates into the state; give the episodes, by name, whose row is another one than was last given out."""
    for update in updates:
        _merge(update, book, held)
    known_until = _last_known(book, held)
    found = {}
    for first, last in _islands(book.pieces):
        found |= _episodes(book, held, first, last, known_until)
    # An episode that began before the oldest hours held left its end behind here: that rest is not an episode of its own.
    settled = book.pieces[0] * PIECE_HOURS + BORDER_H if book.evicted else 0
    found = {name: row for name, row in found.items() if row["start"] >= settled or name in book.episodes}
    changed = {name: row for name, row in found.items() if book.episodes.get(name) != row}
    for name, row in book.episodes.items():
        if name not in found and row["phase"] != WITHDRAWN and row["start"] >= book.pieces[0] * PIECE_HOURS:
            changed[name] = row | {"phase": WITHDRAWN}
    # What has left the state stays as it was last given out; it need not be remembered.
    book.episodes = {n: r for n, r in (book.episodes | changed).items() if r["start"] >= book.pieces[0] * PIECE_HOURS}
    return changed


def _merge(update: RegionUpdate, book: RegionBook, held: Mapping) -> None:
    end = update.first_hour + len(update.o3_8h)
    for piece in range(update.first_hour // PIECE_HOURS, -(-end // PIECE_HOURS)):
        known = dict(held.get(f"r{piece}")) if piece in book.pieces else {}
        empty = np.full((2, PIECE_HOURS), np.nan), np.zeros(PIECE_HOURS, bool)
        series, made_up = (part.copy() for part in known.get(update.city, empty))
        start, stop = max(update.first_hour, piece * PIECE_HOURS), min(end, (piece + 1) * PIECE_HOURS)
        source = slice(start - update.first_hour, stop - update.first_hour)
        target = slice(start - piece * PIECE_HOURS, stop - piece * PIECE_HOURS)
        series[:, target] = update.pm25_24h[source], update.o3_8h[source]
        made_up[target] = update.simulated[source]
        known[update.city] = (series, made_up)
        held.put(f"r{piece}", known)
        if piece not in book.pieces:
            book.pieces = sorted([*book.pieces, piece])
    while len(book.pieces) > books.CAPACITY:
        oldest, *book.pieces = book.pieces
        book.evicted = True
        held.remove(f"r{oldest}")


def _last_known(book: RegionBook, held: Mapping) -> dict[str, int]:
    # By kind the last hour with a value: a feed of one item that falls silent ends no episode of it.
    found = {}
    for piece in reversed(book.pieces):
        for i, kind in enumerate((HAZE, OZONE)):
            known = [~np.isnan(series[i]) for series, _ in held.get(f"r{piece}").values()]
            hours = np.flatnonzero(np.any(known, axis=0))
            if kind not in found and hours.size:
                found[kind] = piece * PIECE_HOURS + int(hours[-1])
        if len(found) == 2:
            break
    return {HAZE: -1, OZONE: -1} | found


def _islands(pieces: list[int]) -> list[tuple[int, int]]:
    """Give the first and last piece of each stretch without a missing piece: what lies apart by 10 days is apart."""
    breaks = np.flatnonzero(np.diff(pieces) > 1)
    firsts = [pieces[0], *(pieces[i + 1] for i in breaks)]
    return list(zip(firsts, [*(pieces[i] for i in breaks), pieces[-1]], strict=True))


def _episodes(
    book: RegionBook, held: Mapping, first: int, last: int, known_until: dict[str, int]
) -> dict[str, dict[str, Any]]:
    parts = {piece: held.get(f"r{piece}") for piece in range(first, last + 1)}
    cities = sorted({city for part in parts.values() for city in part})
    start, hours = first * PIECE_HOURS, (last - first + 1) * PIECE_HOURS
    # One gap more of unknown hours at the end, so that an island that others lie behind can end its episodes.
    series = np.full((2, len(cities), hours + 24), np.nan)
    simulated = np.zeros(hours + 24, bool)
    for piece, part in parts.items():
        at = (piece - first) * PIECE_HOURS
        for city, (values, made_up) in part.items():
            series[:, cities.index(city), at : at + PIECE_HOURS] = values
            simulated[at : at + PIECE_HOURS] |= made_up
    pm25_limit, o3_limit = _limits(start, hours + 24)
    found = find_episodes(
        start, cities, series[0], series[1], pm25_limit_ugm3=pm25_limit, o3_limit_ugm3=o3_limit,
        known_until=known_until,
    )  # fmt: skip
    rows = {}
    for each in found:
        last_hour = each.end if each.end is not None else known_until[each.kind]
        rows[_name(each)] = _row(each, bool(simulated[each.start - start : last_hour - start + 1].any()))
    return rows


def _limits(first_hour: int, hours: int) -> tuple[np.ndarray, np.ndarray]:
    pm25, o3 = np.empty(hours), np.empty(hours)
    for span, edition in hour_editions(first_hour, hours):
        pm25[span], o3[span] = limit("pm25", "day", edition=edition), limit("o3", "8h", edition=edition)
    return pm25, o3


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
