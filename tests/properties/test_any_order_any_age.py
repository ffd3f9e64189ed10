"""Whatever the order, the repetition and the age of what comes, and however little stays in the state: the same rows."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standards.days import date_of_day, natural_day
from standards.editions import edition_for, limit
from streams.assess.episodes import find_episodes
from streams.desks import regiondesk
from streams.memory import book as books
from streams.memory.archive import Archive
from streams.memory.book import PIECE_HOURS
from streams.memory.shelf import Shelf
from streams.records import CompositionBlock, RegionUpdate, VocBlock, iso_hour
from streams.results import Rows, rows_of
from streams.wire import messages
from tests.streams import replaying as r

CITY, OTHER = "510100", "510600"
START = -(-r.FIRST // PIECE_HOURS) * PIECE_HOURS
MICRO = ("M1", "M2", "M3", "M4")
ROSTER = replace(r.ROSTER, kinds={CITY: dict.fromkeys(MICRO, "micro")})
DAYS = (0, 4, 9, 10, 21, 35, 60, 61, 100, 730)
"""Days on which something is measured, forecast and emitted: next to each other, across the borders of pieces, and years apart."""


def _blocks() -> list:
    made = []
    for n, day in enumerate(DAYS):
        first = START + 24 * day
        for city in (CITY, OTHER):
            values = r.observations(city, 24, n, first=first)
            values[5] += 120 * (n % 3)  # haze comes and goes
            made += r.blocks_of(city, values, first=first, size=24)
        made += r.forecasts(CITY, 60, n, first=first) + r.emissions((CITY, OTHER)[n % 2], 30, n, first=first)
        made += [_compounds(first, n), *(_composition(first, n, averaging_h) for averaging_h in (1, 24))]
        micro = r.observations(CITY, 24, n + 50, first=first)
        made += [replace(block, stations=MICRO) for block in r.blocks_of(CITY, micro, first=first)]
    revised = r.observations(CITY, 30, 77, first=START)
    made += r.blocks_of(CITY, revised, first=START, size=30, status="reviewed", revision=1)
    return [*made, *r.blocks_of(CITY, revised * 2, first=START + 24 * 730, size=30, source="other")]


def _compounds(first: int, seed: int) -> VocBlock:
    values = np.random.default_rng(seed).integers(1, 90, (1, 1, 12)) / 10
    return VocBlock(source="voc-csv", city=CITY, stations=("S1",), first_hour=first, species=("toluene",), values=values,
                    present=np.ones((1, 12), bool))  # fmt: skip


def _composition(first: int, seed: int, averaging_h: int) -> CompositionBlock:
    values = np.random.default_rng(seed + averaging_h).integers(1, 90, (1, 1, 12)) / 10
    return CompositionBlock(source="composition-csv", city=CITY, stations=("S1",), first_hour=first, species=("oc",),
                            values=values, present=np.ones((1, 12), bool), averaging_h=averaging_h)  # fmt: skip


BLOCKS = _blocks()


def _rows(blocks: list, archive: Path | None = None) -> dict:
    desks = r.Desks(ROSTER, archive=archive)
    for block in blocks:
        desks.take(block)
    assert not desks.rejected
    return desks.rows()


@pytest.fixture(scope="module")
def in_order() -> dict:
    return _rows(BLOCKS)


@given(
    st.permutations(range(len(BLOCKS))),
    st.lists(st.integers(0, len(BLOCKS) - 1), max_size=6),
    st.sampled_from([1, 2, 3]),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_small_state_gives_the_rows_of_an_unbounded_one_in_any_order(in_order, order, again, capacity) -> None:
    blocks = [BLOCKS[i] for i in (*order, *again)]
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(books, "CAPACITY", capacity)
        found = _rows(blocks, Path(folder))
        assert any(Path(folder).rglob("o*"))
    counts = found.pop("source_hour")
    assert found == {table: rows for table, rows in in_order.items() if table != "source_hour"}
    assert not any(each["late"] for each in counts.values())
    brought = {key: sum(each.values()) for key, each in in_order["source_hour"].items()}
    assert all(sum(counts[key].values()) >= rows for key, rows in brought.items())


HOURS = PIECE_HOURS * 5
CITIES = ("510100", "510600", "511100")
_UPDATES = st.lists(
    st.tuples(
        st.sampled_from(CITIES), st.integers(0, HOURS - 1), st.integers(1, 200), st.integers(0, 2**32 - 1),
        st.sampled_from([0.02, 0.3, 0.9]), st.booleans(),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


@given(_UPDATES, st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_episodes_are_those_of_the_whole_series_however_it_came(updates, together) -> None:
    series, made_up = np.full((2, len(CITIES), HOURS + 24), np.nan), np.zeros((len(CITIES), HOURS + 24), bool)
    book, given_out = regiondesk.RegionBook(version=1), []
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(books, "CAPACITY", 2)
        shelf = Shelf(r.Pieces(), Archive(Path(folder), layout=regiondesk.LAYOUT, lasting=False), "region")
        waiting = []
        for number, (city, first, hours, seed, share, simulated) in enumerate(updates):
            update = _update(city, first, min(hours, HOURS - first), seed, share, simulated)
            at = slice(first, first + len(update.o3_8h))
            series[:, CITIES.index(city), at] = update.pm25_24h, update.o3_8h
            made_up[CITIES.index(city), at] = simulated
            waiting.append(update)
            if len(waiting) == together or number == len(updates) - 1:
                outcome = regiondesk.handle_all(waiting, book, shelf)
                given_out += [messages.rows_line(rows, "region") for rows in outcome.rows]
                waiting = []
    whole = [messages.rows_line(rows, "region") for rows in _whole(series, made_up.any(axis=0))]
    assert _as_stored(given_out) == _as_stored(whole)


def _update(city: str, first: int, hours: int, seed: int, share: float, simulated: bool) -> RegionUpdate:
    rng = np.random.default_rng(seed)
    high = rng.random((2, hours)) < share
    values = np.where(high, rng.integers(170, 400, (2, hours)), rng.integers(5, 60, (2, hours))).astype(float)
    values[:, rng.random(hours) < 0.2] = np.nan
    return RegionUpdate(city, START + first, values[0], values[1], np.full(hours, simulated))


def _as_stored(lines: list[str]) -> dict[tuple, dict]:
    return r.stored(lines).get("episode_event", {})


def _whole(series: np.ndarray, simulated: np.ndarray) -> list[Rows]:
    """Give the episodes of the whole history at once."""
    edition = edition_for(date_of_day(int(natural_day(START))))
    limits = {
        "pm25_limit_ugm3": limit("pm25", "day", edition=edition),
        "o3_limit_ugm3": limit("o3", "8h", edition=edition),
    }
    known = {
        kind: START + int(hours[-1]) if (hours := np.flatnonzero(~np.isnan(values).all(axis=0))).size else -1
        for kind, values in zip(("haze", "ozone"), series, strict=True)
    }
    found = []
    for each in find_episodes(START, CITIES, *series, known_until=known, **limits):
        last = each.end if each.end is not None else known[each.kind]
        cities = " ".join(f"{city}@{iso_hour(hour)[5:13]}Z" for city, hour in each.cities)
        found.append({
            "episode": f"{each.kind}/{iso_hour(each.start)[:13]}Z",
            "kind": each.kind, "start": each.start, "peak": each.peak, "end": each.end, "phase": each.phase,
            "peak_value_ugm3": each.peak_value_ugm3, "peak_city": each.peak_city,
            "growth_ugm3_per_h": each.growth_ugm3_per_h, "cities": cities, "city_hours": each.city_hours,
            "edition": edition.code, "simulated": bool(simulated[each.start - START : last - START + 1].any()),
            "version": 1,
        })  # fmt: skip
    return [rows_of("episode_event", {name: [row[name] for row in found] for name in found[0]})] if found else []
