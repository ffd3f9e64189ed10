"""What the job keeps: plain things only, and pinned to the number of their layout."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from streams.desks import regiondesk
from streams.memory import book as books
from streams.memory.specieshours import STRENGTH
from streams.records import CompositionBlock, TagBlock, VocBlock
from streams.wire.arrays import folded
from tests.streams import replaying as r
from tests.streams.joined_scenario import blocks

PINNED = {"city": (7, "99ea628f"), "region": (3, "828a836f")}
"""By operator the number of the layout and the beginning of the digest of what is kept. A change of what is kept changes the
digest: raise the number in streams.memory.book or streams.desks.regiondesk, then write both down here."""


@pytest.fixture(scope="module")
def desks() -> r.Desks:
    desks = r.Desks()
    for block in blocks():
        desks.take(block)
    values = np.full((1, 1, 3), 2.0)
    desks.take(VocBlock(source="voc-csv", city="510100", stations=("S1",), first_hour=r.FIRST, species=("toluene",),
                        values=values, present=np.ones((1, 3), bool)))  # fmt: skip
    desks.take(TagBlock(source="tags", model="TWIN-A", run_init=r.FIRST, city="510100", places=("0100A",), first_hour=r.FIRST,
                        quantities=("o3",), contributors=(("*", "*"),), values=np.full((1, 1, 1, 3), 2.0)))  # fmt: skip
    desks.take(CompositionBlock(source="composition-csv", city="510100", stations=("S1",), first_hour=r.FIRST,
                                species=("sulphate",), values=values, present=np.ones((1, 3), bool)))  # fmt: skip
    haze = np.full((6, 4, 60), 400.0)
    haze[2] = 1.0
    for place in r.CITIES:
        for block in r.blocks_of(place.code, haze, size=60, revision=1):
            desks.take(block)
    return desks


def shape(kept: object) -> object:
    """Describe what is kept by names and kinds, whatever the values: of several things alike one stands for all."""
    if isinstance(kept, dict):
        named = all(isinstance(key, str) and key.isidentifier() for key in kept)
        if named:
            return {key: shape(value) for key, value in sorted(kept.items())}
        kinds = {json.dumps(shape(value)) for value in kept.values()}
        return {"each of": sorted({type(key).__name__ for key in kept}), "is": sorted(kinds)}
    if isinstance(kept, list | tuple):
        return [type(kept).__name__, sorted({json.dumps(shape(each)) for each in kept})]
    if isinstance(kept, np.ndarray):
        return f"array {kept.ndim} {'strength' if kept.dtype == STRENGTH else kept.dtype.kind}"
    return type(kept).__name__


def digest_of(*kept: object) -> str:
    return hashlib.sha256(json.dumps([shape(each) for each in kept], sort_keys=True).encode()).hexdigest()[:8]


def _first_letters(pieces: dict) -> dict[str, object]:
    # The keys of pieces hold numbers and names of runs: their first letter says what they are.
    found: dict[str, object] = {}
    for key, value in sorted(pieces.items()):
        found.setdefault(key[0], value)
    return found


def test_what_a_city_keeps_is_pinned_to_its_layout(desks) -> None:
    found = digest_of(desks.books["510100"].state(), _first_letters(desks.pieces["510100"]))
    assert (books.LAYOUT, found) == PINNED["city"]


def test_what_the_region_keeps_is_pinned_to_its_layout(desks) -> None:
    found = digest_of(desks.region_book.state(), _first_letters(desks.region_pieces))
    assert (regiondesk.LAYOUT, found) == PINNED["region"]


def test_only_plain_things_are_kept(desks) -> None:
    plain = (dict, list, tuple, str, int, float, bool, type(None), np.ndarray)

    def look(kept: object) -> None:
        assert type(kept) in plain, type(kept)
        if isinstance(kept, dict):
            for key, value in kept.items():
                look(key)
                look(value)
        elif isinstance(kept, list | tuple):
            for each in kept:
                look(each)

    for key, book in desks.books.items():
        look(book.state())
        look(dict(desks.pieces[key]))
    look(desks.region_book.state())
    look(dict(desks.region_pieces))


def test_a_book_is_the_same_after_it_was_kept(desks) -> None:
    for book in desks.books.values():
        assert books.Book(**book.state()) == book
    assert regiondesk.RegionBook(**desks.region_book.state()) == desks.region_book
    book, held = regiondesk.restored(regiondesk.kept(desks.region_book, desks.region_pieces))
    assert book == desks.region_book and set(held) == set(desks.region_pieces)


def test_folded_arrays_unfold_to_what_they_were() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        array = rng.integers(0, 2, (3, 4, 5))
        for axis in range(3):
            if rng.random() < 0.5:
                array = np.broadcast_to(array.take([0], axis=axis), array.shape).copy()
        small = folded(array)
        np.testing.assert_array_equal(np.broadcast_to(small, array.shape), array)
    assert folded(np.full((3, 4), 7)).shape == (1, 1)
