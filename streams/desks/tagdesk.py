"""A city's tagged contributions: takes blocks in any order and gives back the rows that they change. Called from the city's desk.

The keyed state, or the archive behind it, holds for each run in a piece of its own the strength of the row held for each place
and hour.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from streams.desks.accounts import count_rows
from streams.memory import taghours
from streams.memory.book import Mapping
from streams.memory.origins import from_block
from streams.memory.specieshours import stronger, unlike
from streams.records import CITY_MEAN, TagBlock
from streams.registry.members import Members
from streams.results import Rows


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of a block: values (quantity, contributor, hour); speaks: bool (hour,), whether the block is about it at all.

    points: int (hour,), of the city as a whole over how many points its mean is; None at a station.
    """

    name: str
    values: np.ndarray
    speaks: np.ndarray
    points: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class _News:
    """What became of the hours of a place: fresh, bool (hour,), where a row won and says something else.

    texts: what is to be stored of each hour, None where nothing is. kept: what is kept of the place, and whether that has changed.
    """

    place: _Place
    fresh: np.ndarray
    texts: list[str | None]
    kept: dict
    moved: bool


def handle(block: TagBlock, held: Mapping, *, members: Members, city: str | None, version: int) -> list[Rows]:
    """Take one block at a city's desk and give its result rows; held is changed.

    city: the city's code, None for stations that belong to none. version: of the rows that this block changes. Errors: ArchiveError
    where the run's piece is damaged; then nothing has changed.
    """
    axes, quantities, contributors = taghours.axes_of(block)
    run = dict(held.get(f"t{block.run}") or {})
    known = dict(run.get(axes) or {})
    news = [_take(block, known.get(place.name), place) for place in _places(block, members, city)]
    if any(each.moved for each in news):
        held.put(f"t{block.run}", run | {axes: known | {each.place.name: each.kept for each in news}})
    accepted = np.sum([each.fresh for each in news if each.place.points is None], axis=0)
    found = count_rows(block, block.first_hour, accepted, len(block.places) - accepted, np.zeros(block.hours, int))
    rows = _rows(block, [each for each in news if each.place.name != CITY_MEAN], axes)
    if rows is not None:
        said = {"definition": block.definition, "quantities": quantities, "contributors": contributors}
        found += [rows.same(city=city, version=version), Rows("tag_axes").same(axes=axes, **said, version=version)]
    return found


def _places(block: TagBlock, members: Members, city: str | None) -> list[_Place]:
    """Give the places that a block names, and the city as a whole."""
    always = np.ones(block.hours, bool)
    found = [_Place(name, block.values[:, :, i], always) for i, name in enumerate(block.places)]
    return found if city is None else [*found, _city(block, members, city)]


def _city(block: TagBlock, members: Members, city: str) -> _Place:
    """Give the city as the mean over the assessment points that count in each hour.

    Where none of them has a value, it is what the file itself says of the city, over 0 points. A block of none of its points and
    without such a mean says nothing of the city.
    """
    counts = members.counting(block.places, np.arange(block.first_hour, block.first_hour + block.hours))
    values, speaks = np.where(counts, block.values, np.nan), counts.any(axis=0)
    points = np.isfinite(values).any(axis=(0, 1)).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an hour without any point is missing
        mean = np.nanmean(values, axis=2)
    if CITY_MEAN in block.places:
        mean = np.where(points > 0, mean, block.values[:, :, block.places.index(CITY_MEAN)])
        speaks = np.ones(block.hours, bool)
    return _Place(city, mean, speaks, points)


def _take(block: TagBlock, kept: dict | None, place: _Place) -> _News:
    """Merge the hours of one place into what is kept of it."""
    texts = taghours.contents(place.values)
    said = np.array([bool(text) for text in texts]).astype(np.uint8)
    if place.points is not None:
        said *= (1 + np.minimum(place.points, taghours.MOST_POINTS)).astype(np.uint8)
    new = taghours.strengths(block, texts, said)
    first, rows = taghours.held_over(kept, block.first_hour, block.first_hour + block.hours)
    span = slice(block.first_hour - first, block.first_hour - first + block.hours)
    before = rows[span].copy()
    wins = place.speaks & stronger(new, before)
    fresh = wins & unlike(new, before)
    # An hour without any value gives no row, but for one that had something to say before, or was withdrawn.
    emits = fresh & ((said > 0) | (before["says"] > 0) | block.withdrawn)
    rows[span] = np.where(wins, new, before)
    given = [text if each else None for text, each in zip(texts, emits.tolist(), strict=True)]
    return _News(place, fresh, given, taghours.kept_of(first, rows), bool(wins.any()))


def _rows(block: TagBlock, news: list[_News], axes: str) -> Rows | None:
    index, hour = np.nonzero([[text is not None for text in each.texts] for each in news])
    if not len(index):
        return None
    points = np.array(
        [np.full(block.hours, np.nan) if each.place.points is None else each.place.points for each in news]
    )
    hour_end = (block.first_hour + hour).astype(np.int32)
    rows = Rows("tag_hour").same(run=block.run, axes=axes, simulated=block.simulated)
    rows.coded("place", index.astype(np.uint16), [each.place.name for each in news]).numbers("hour_end", hour_end)
    rows.numbers("lead_hours", (hour_end - block.run_init).astype(np.int16)).numbers("points", points[index, hour])
    rows.texts("packed", [text for each in news for text in each.texts if text is not None])
    return from_block(rows, block)
