"""Hours of any age at the desks: what damage costs, what a restart finds, and what a live hour costs after ten years."""

from __future__ import annotations

import pickle
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streams.desks import citydesk, regiondesk
from streams.memory import book as books
from streams.memory.archive import Archive
from streams.memory.book import LAYOUT, PIECE_HOURS, Book
from streams.memory.shelf import Shelf
from streams.records import CompositionBlock, RegionUpdate, VocBlock
from streams.spans import hours_of
from tests.streams import replaying as r

CITY, OTHER = "510100", "510600"
START = -(-r.FIRST // PIECE_HOURS) * PIECE_HOURS
YEARS_AGO = START - 2 * 8760 // PIECE_HOURS * PIECE_HOURS


@pytest.fixture(autouse=True)
def small(monkeypatch) -> None:
    monkeypatch.setattr(books, "CAPACITY", 2)


def _history(first: int, pieces: int, *, cities: tuple[str, ...] = (CITY, OTHER)) -> list:
    made = []
    for n in range(pieces):
        at = first + n * PIECE_HOURS
        for city in cities:
            values = r.observations(city, PIECE_HOURS, n, first=at, missing=0)
            values[5] = np.where(np.arange(PIECE_HOURS) // 60 % 2, 190.0, 20.0)  # episodes of haze come and go
            made += r.blocks_of(city, values, first=at, size=PIECE_HOURS)
        made += r.forecasts(CITY, 60, n, first=at) + r.emissions(CITY, 40, n, first=at)
        made += [_compounds(at, n), _composition(at, n)]
    return made


def _compounds(first: int, seed: int) -> VocBlock:
    values = np.random.default_rng(seed).integers(1, 90, (1, 1, 40)) / 10
    return VocBlock(source="voc-csv", city=CITY, stations=("S1",), first_hour=first, species=("toluene",), values=values,
                    present=np.ones((1, 40), bool))  # fmt: skip


def _composition(first: int, seed: int) -> CompositionBlock:
    values = np.random.default_rng(seed).integers(1, 90, (1, 1, 40)) / 10
    return CompositionBlock(source="composition-csv", city=CITY, stations=("S1",), first_hour=first, species=("oc",),
                            values=values, present=np.ones((1, 40), bool))  # fmt: skip


def _taken(blocks: list, archive: Path | None) -> r.Desks:
    desks = r.Desks(archive=archive)
    for block in blocks:
        desks.take(block)
    return desks


def test_reviewed_values_of_two_years_ago_reach_every_row_that_they_touch(tmp_path) -> None:
    past, present = _history(YEARS_AGO, 2), _history(START, 6)
    revised = [
        replace(block, status="reviewed", revision=1, values=np.ascontiguousarray(block.values[..., 60:120] + 40),
                present=np.ones((4, 60), bool), first_hour=block.first_hour + 60)
        for block in past if hasattr(block, "wind_ms")
    ]  # fmt: skip
    before, desks = _taken([*past, *present], tmp_path), _taken([*past, *present, *revised], tmp_path / "b")
    unbounded = _taken([*past, *present, *revised], None)
    found, old = desks.rows(), before.rows()
    assert found == unbounded.rows() and not desks.rejected
    for table in (
        "air_station_hour",
        "air_city_hour",
        "air_station_day",
        "air_city_day",
        "air_joined_hour",
        "episode_event",
    ):
        assert found[table] != old[table], table
    # The running mean of the hour 23 hours after the last revised one still holds it; a day later none does.
    station, last = r.STATIONS[CITY][0], YEARS_AGO + 119
    for hour, changes in ((last + 23, True), (last + 47, False)):
        rows = [rows["air_station_hour"][station, r.moment(hour)]["pm25_24h_ugm3"] for rows in (old, found)]
        assert (rows[0] != rows[1]) is changes


def test_a_restart_from_an_older_state_gives_the_same_rows_again(tmp_path) -> None:
    blocks = _history(START, 5)
    late = r.blocks_of(CITY, r.observations(CITY, 30, 99, first=START), first=START, size=30, status="reviewed")
    desks = _taken(blocks, tmp_path)
    checkpoint = deepcopy((desks.books, dict(desks.pieces), desks.region_book, desks.region_pieces))
    desks.lines.clear()

    def go_on() -> list[str]:
        desks.lines.clear()
        for block in (*late, *_history(START + 5 * PIECE_HOURS, 3), *late):
            desks.take(block)
        return list(desks.lines)

    first = go_on()
    for _ in range(2):
        desks.books, desks.pieces, desks.region_book, desks.region_pieces = deepcopy(checkpoint)
        assert go_on() == first
    assert not desks.rejected


def _harm(folder: Path, kind: str, number: int, how: str) -> list[Path]:
    paths = [path for path in folder.rglob(f"{kind}{number}.*") if CITY in path.parts]
    assert paths
    for path in paths:
        if how == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-3])
    return paths


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_damage_to_the_archive_costs_the_rows_that_need_it_and_is_named(tmp_path, how, caplog) -> None:
    desks, whole = _taken(_history(START, 6), tmp_path), _taken(_history(START, 6), None)
    number = START // PIECE_HOURS + 1
    paths = _harm(tmp_path, "o", number, how)
    again = [
        block
        for block in _history(START, 6, cities=(CITY,))
        if hasattr(block, "wind_ms") and block.first_hour < START + 720
    ]
    again = [replace(block, status="reviewed", revision=1, values=block.values + 1) for block in again]
    (one,) = again[:1]
    joined = replace(one, values=np.concatenate([b.values for b in again], axis=-1), present=np.ones((4, 720), bool))
    desks.take(joined)
    rows = desks.rows()
    late = sorted(hour for (source, hour), counts in rows["source_hour"].items() if source == "made" and counts["late"])
    # The hours of the piece, those before it whose means reach into it, and those after it whose means need it.
    assert late[0] < START + PIECE_HOURS and late[-1] >= START + 2 * PIECE_HOURS
    assert late == list(range(late[0], late[-1] + 1)) and len(late) < PIECE_HOURS + 5 * 24
    for part in (hours_of(joined, START, late[0]), hours_of(joined, late[-1] + 1, START + 720)):
        whole.take(part)
    expected = whole.rows()
    for table in ("air_station_hour", "air_station_day", "air_city_hour", "air_city_day", "air_joined_hour"):
        assert rows[table] == expected[table], table
    touched = {key for key, row in rows["air_station_hour"].items() if row["status"] == "reviewed"}
    assert len(touched) == 4 * (720 - len(late))
    (reject,) = {(each.source, each.value) for each in desks.rejected}
    assert reject == ("engine", str(paths[0].relative_to(tmp_path)))
    assert str(number) in caplog.text
    accounted = [sum(counts.values()) for (source, _), counts in rows["source_hour"].items() if source == "made"]
    assert sum(accounted) == 4 * (6 * PIECE_HOURS * 2 + 720)


@pytest.mark.parametrize("kind", ["e", "v", "c", "f", "i"])
def test_damage_to_what_another_feed_keeps_costs_that_feed_its_hours_alone(tmp_path, kind) -> None:
    desks, blocks = _taken(_history(START, 6), tmp_path), _history(START, 6)
    if kind == "f":
        for path in tmp_path.rglob("fCDAQS*"):
            path.unlink()
    else:
        _harm(tmp_path, kind, START // PIECE_HOURS + 1, "missing")
    if kind == "i":
        blocks += r.forecasts(CITY, 60, 99, first=START + PIECE_HOURS + 7)
    before = desks.rows()
    for block in blocks:
        desks.take(block)
    rows = desks.rows()
    late = {source for (source, _), counts in rows["source_hour"].items() if counts["late"]}
    assert late == {{"e": "emissions", "v": "voc-csv", "c": "composition-csv", "f": "cdaqs", "i": "cdaqs"}[kind]}
    assert {table: each for table, each in rows.items() if table != "source_hour"} == {
        table: each for table, each in before.items() if table != "source_hour"
    }
    assert all(each.source == "engine" and each.value.startswith(f"layout-{LAYOUT}/{CITY}/") for each in desks.rejected)


def test_damage_to_the_regions_archive_leaves_the_episodes_that_it_held_as_they_were(tmp_path) -> None:
    desks, blocks = _taken(_history(START, 6), tmp_path), _history(START, 6)
    before = desks.rows()["episode_event"]
    for path in tmp_path.rglob(f"r{START // PIECE_HOURS + 1}.*"):
        path.unlink()
    harmed = [START + PIECE_HOURS, START + 2 * PIECE_HOURS]
    for block in (each for each in blocks if hasattr(each, "wind_ms") and each.first_hour in (*harmed, START + 1200)):
        desks.take(replace(block, status="reviewed", revision=1, values=block.values + 7))
    after = desks.rows()["episode_event"]
    assert {each.value.split("/")[0] for each in desks.rejected} == {f"layout-{regiondesk.LAYOUT}"}
    in_it = {key for key, row in before.items() if r.moment(harmed[0]) <= row["start"] < r.moment(harmed[1] - 24)}
    assert in_it and {key: after[key] for key in in_it} == {key: before[key] for key in in_it}
    peaks = [
        {
            row["peak_value_ugm3"]
            for row in rows.values()
            if row["kind"] == "haze" and row["start"] > r.moment(START + 1230)
        }
        for rows in (before, after)
    ]
    assert peaks == [{190.0}, {197.0}]


class _Counted(r.Pieces):
    """Keyed state that counts who asks for what, and how much is written."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.bytes = Counter(), 0

    def get(self, key: str):
        self.asked[key[0]] += 1
        return super().get(key)

    def put(self, key: str, value) -> None:
        self.bytes += len(pickle.dumps(value))
        super().__setitem__(key, value)


def _live_costs(folder: Path, pieces: int) -> list[tuple]:
    """Give what each of a few live hours asks of the state after a history, with a row of a far year before one of them."""
    shelf, book = Shelf(_Counted(), Archive(folder, layout=LAYOUT, lasting=False), CITY), Book(version=1)
    first = START - pieces * PIECE_HOURS
    for block in _history(first, pieces, cities=(CITY,)):
        citydesk.handle(block, CITY, book, shelf, r.ROSTER)
    costs = []
    for hour in range(4):
        if hour == 2:
            for far in range(5):
                block = r.blocks_of(CITY, r.observations(CITY, 1, 5), first=1_100_000 + far * 9000, size=1)[0]
                citydesk.handle(block, CITY, book, shelf, r.ROSTER)
        shelf.held.asked.clear()
        shelf.held.bytes = 0
        values = np.full((6, 4, 1), 30.0)
        citydesk.handle(r.blocks_of(CITY, values, first=START + hour)[0], CITY, book, shelf, r.ROSTER)
        costs.append((dict(shelf.held.asked), shelf.held.bytes, len(pickle.dumps(book.state()))))
    return costs


def test_a_live_hour_asks_and_writes_the_same_after_a_month_and_after_ten_years(tmp_path) -> None:
    month, decade = _live_costs(tmp_path / "a", 3), _live_costs(tmp_path / "b", 365)
    assert [(asked, written) for asked, written, _ in decade] == [(asked, written) for asked, written, _ in month]
    assert [book for *_, book in decade] == pytest.approx([book for *_, book in month], abs=4)  # numbers of more digits
    assert all(sum(asked.values()) <= 8 for asked, _, _ in month[1:2] + month[3:])
    assert max(book for *_, book in decade) < 1000


def _live_region(folder: Path, pieces: int) -> list[tuple]:
    shelf = Shelf(_Counted(), Archive(folder, layout=regiondesk.LAYOUT, lasting=False), "region")
    book, first = regiondesk.RegionBook(version=1), START - pieces * PIECE_HOURS
    haze = np.where(np.arange(PIECE_HOURS) // 60 % 2, 190.0, 20.0)
    for piece in range(pieces):
        for city in (CITY, OTHER):
            at = first + piece * PIECE_HOURS
            regiondesk.handle(RegionUpdate(city, at, haze, haze / 4, np.zeros(PIECE_HOURS, bool)), book, shelf)
    costs = []
    for hour in range(3):
        shelf.held.asked.clear()
        shelf.held.bytes = 0
        update = RegionUpdate(CITY, START + hour, np.array([190.0]), np.array([30.0]), np.zeros(1, bool))
        regiondesk.handle(update, book, shelf)
        costs.append((dict(shelf.held.asked), shelf.held.bytes, len(pickle.dumps(book.state()))))
    return costs


def test_an_hour_of_the_region_asks_and_writes_the_same_after_a_month_and_after_ten_years(tmp_path) -> None:
    month, decade = _live_region(tmp_path / "a", 3), _live_region(tmp_path / "b", 365)
    assert [asked for asked, *_ in decade[1:]] == [asked for asked, *_ in month[1:]]
    assert [written for _, written, _ in decade[1:]] == [written for _, written, _ in month[1:]]
    assert all(sum(asked.values()) <= 12 for asked, *_ in decade[1:])
    assert max(book for *_, book in decade) < 1000
