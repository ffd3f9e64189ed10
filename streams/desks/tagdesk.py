"""A city's tagged contributions: takes blocks in any order and gives back the rows that they change. Called from the city's desk.

The keyed state, or the archive behind it, holds for each run in a piece of its own the strength of the row held for each place
and hour.
"""

from __future__ import annotations

import warnings

import numpy as np

from streams.desks.accounts import count_rows
from streams.memory import taghours
from streams.memory.book import Mapping
from streams.memory.origins import from_block
from streams.memory.vochours import stronger, unlike
from streams.records import CITY_MEAN, TagBlock
from streams.registry.members import Members
from streams.results import Rows


def handle(block: TagBlock, held: Mapping, *, members: Members, city: str | None, version: int) -> list[Rows]:
    """Take one block at a city's desk and give its result rows; held is changed.

    city: the city's code, None for stations that belong to none. version: of the rows that this block changes. Errors: ArchiveError
    where the run's piece is damaged; then nothing has changed.
    """
    axes, quantities, contributors = taghours.axes_of(block)
    run = dict(held.get(f"t{block.run}") or {})
    known, moved, fresh, told = dict(run.get(axes) or {}), False, [], []
    for place, values, points in _places(block, members, city):
        rows, kept, changed = _take(block, known.get(place), values, points)
        known[place], moved = kept, moved or changed
        if place in block.places:
            fresh.append(rows[0])
        if place != CITY_MEAN:
            told.append((place, *rows, points))
    if moved:
        held.put(f"t{block.run}", run | {axes: known})
    accepted = np.sum(fresh, axis=0)
    found = count_rows(block, block.first_hour, accepted, len(block.places) - accepted, np.zeros(block.hours, int))
    if (given := _rows(block, told, axes)) is not None:
        found.append(given.same(city=city, version=version))
        found.append(
            Rows("tag_axes").same(
                axes=axes,
                definition=block.definition,
                quantities=quantities,
                contributors=contributors,
                version=version,
            )
        )
    return found


def _places(block: TagBlock, members: Members, city: str | None) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    """Give each place with its values (quantity, contributor, hour) and, of the city as a whole, the points of each hour."""
    found: list = [(place, block.values[:, :, i], None) for i, place in enumerate(block.places)]
    return found if city is None else [*found, (city, *_city(block, members))]


def _city(block: TagBlock, members: Members) -> tuple[np.ndarray, np.ndarray]:
    """Give the mean over the assessment points that count in each hour, and over how many it is.

    Where none of them has a value, it is what the file itself says of the city, over 0 points.
    """
    counts = members.counting(block.places, np.arange(block.first_hour, block.first_hour + block.hours))
    values = np.where(counts, block.values, np.nan)
    points = np.isfinite(values).any(axis=(0, 1)).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an hour without any point is missing
        mean = np.nanmean(values, axis=2)
    if CITY_MEAN in block.places:
        mean = np.where(points > 0, mean, block.values[:, :, block.places.index(CITY_MEAN)])
    return mean, points


def _take(
    block: TagBlock, kept: dict | None, values: np.ndarray, points: np.ndarray | None
) -> tuple[tuple[np.ndarray, list[str]], dict, bool]:
    """Merge the hours of one place: bool (hour,), where a row won and says something else, with the texts; what is kept of the
    place; and whether that has changed.
    """
    texts = taghours.contents(values)
    said = np.array([bool(text) for text in texts]).astype(np.uint8)
    if points is not None:
        said = np.where(said, 1 + np.minimum(points, taghours.MOST_POINTS), 0).astype(np.uint8)
    new = taghours.strengths(block, texts, said)
    first, rows = taghours.held_over(kept, block.first_hour, block.first_hour + block.hours)
    span = slice(block.first_hour - first, block.first_hour - first + block.hours)
    before = rows[span]
    wins = stronger(new, before)
    if points is not None:
        wins &= said > 0  # a city of which this block has nothing is left as it is: another file may hold its points
    differs = wins & unlike(new, before)
    # An hour without any value gives no row, but for one that had something to say before.
    emits = differs & ((said > 0) | (before["says"] > 0))
    rows[span] = np.where(wins, new, before)
    return (
        (differs, [text if each else None for text, each in zip(texts, emits, strict=True)]),
        taghours.kept_of(first, rows),
        bool(wins.any()),
    )


def _rows(block: TagBlock, told: list, axes: str) -> Rows | None:
    names = [place for place, *_ in told]
    emitted = [
        (i, hour, text)
        for i, (_, _, texts, _) in enumerate(told)
        for hour, text in enumerate(texts)
        if text is not None
    ]
    if not emitted:
        return None
    index, hour, texts = zip(*emitted, strict=True)
    index, hour = np.array(index), np.array(hour)
    points = np.array(
        [np.nan if told[i][3] is None else told[i][3][h] for i, h in zip(index, hour, strict=True)], float
    )
    hour_end = (block.first_hour + hour).astype(np.int32)
    rows = Rows("tag_hour").same(run=block.run, axes=axes, simulated=block.simulated)
    rows.coded("place", index.astype(np.uint16), names).numbers("hour_end", hour_end)
    rows.numbers("lead_hours", (hour_end - block.run_init).astype(np.int16)).texts("packed", list(texts))
    return from_block(rows.numbers("points", points), block)
