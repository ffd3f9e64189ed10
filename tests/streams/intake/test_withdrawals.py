"""What is taken out of forecasts, tags, emissions and hours of species leaves what would be there without it, in whatever order."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.intake.retraction import NothingToRetract, Retraction, Said, Wrong, plan
from streams.records import (
    CITY_MEAN,
    FORECAST_VARIABLES,
    SPECIES,
    Block,
    CompositionBlock,
    EmissionBlock,
    ForecastBlock,
    TagBlock,
    VocBlock,
)
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams import replaying as r

CITY, FIRST, HOURS = "510100", r.FIRST, 6
POINTS = (*r.STATIONS[CITY][:3], "MICRO")
SAID = Said("w.csv", "wang", "wrong units", 5_000.0)
HOW_IT_CAME = ("released_at", "received_at", "file_digest", "line", "source", "simulated", "status", "revision")
TABLES = {
    VocBlock: ("voc_station_hour",),
    CompositionBlock: ("composition_station_hour",),
    ForecastBlock: ("forecast_station_hour", "forecast_city_hour"),
    TagBlock: ("tag_hour",),
    EmissionBlock: ("emission_city_hour",),
}
KEPT_EMPTY = ("hour_end", "lead_hours", "lead_day", "averaging_h", "run_init", "points", "n_", "species_", "edition",
              "ofp_species", "oh_reactivity_species", "city", "station", "place", "axes", "run", "upwind_weights")  # fmt: skip
"""What a row without values still tells: which row it is, and how many values it has, none."""


def came(at: int) -> dict:
    """How the delivery number `at` came: each is a file of its own."""
    return {"received_at": 100.0 + at, "released_at": 100.0 + at, "file": f"{at}.csv", "digest": f"{at + 1:02x}" * 32}


def amounts(rng: random.Random, shape: tuple[int, ...], gaps: float = 0.2) -> np.ndarray:
    made = np.array([rng.choice((5.0, 20.0, 40.0, 90.0)) for _ in range(int(np.prod(shape)))]).reshape(shape)
    return np.where(np.array([rng.random() < gaps for _ in range(made.size)]).reshape(shape), np.nan, made)


def some_of(rng: random.Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if rng.random() < 0.6) or names[:1]


def forecast(rng: random.Random, at: int, first: int, hours: int) -> ForecastBlock:
    places = some_of(rng, (*POINTS, CITY_MEAN))
    values = amounts(rng, (len(FORECAST_VARIABLES), len(places), hours), 0.3)
    if rng.random() < 0.3:
        values[6:] = np.nan
    return ForecastBlock(source=f"s{at % 2}", model="M", run_init=FIRST, city=CITY, places=places, first_hour=first,
                         values=values, **came(at))  # fmt: skip


def tag(rng: random.Random, at: int, first: int, hours: int) -> TagBlock:
    places = some_of(rng, (*POINTS, CITY_MEAN))
    values = amounts(rng, (1, 2, len(places), hours), 0)
    values[..., np.array([[rng.random() < 0.3 for _ in range(hours)] for _ in places])] = np.nan
    return TagBlock(source=f"s{at % 2}", model="M", run_init=FIRST, city=CITY, places=places, first_hour=first,
                    quantities=("pm25",), contributors=(("coal", "*"), ("vehicles", "*")), values=values, **came(at))  # fmt: skip


def emission(rng: random.Random, at: int, first: int, hours: int) -> EmissionBlock:
    measured = rng.random() < 0.5
    name = f"measured {rng.choice('XY')}" if measured else rng.choice("AB")
    sectors = some_of(rng, ("coal", "road", "steel"))
    return EmissionBlock(source=f"s{at % 2}", city=CITY, inventory=name, sectors=sectors, first_hour=first,
                         values=amounts(rng, (len(sectors), len(SPECIES), hours), 0.5), measured=measured, **came(at))  # fmt: skip


def species(rng: random.Random, at: int, first: int, hours: int, kind=VocBlock, names=("ethene", "toluene")) -> Block:
    stations = some_of(rng, ("S1", "S2", "S3"))
    shape = (len(stations), hours)
    present = np.array([rng.random() < 0.8 for _ in range(shape[0] * shape[1])]).reshape(shape)
    present[0, 0] = True
    return kind(source=f"s{at % 2}", city=CITY, stations=stations, first_hour=first, species=names,
                values=amounts(rng, (len(names), *shape)) / 10, present=present, **came(at))  # fmt: skip


def composition(rng: random.Random, at: int, first: int, hours: int) -> Block:
    return species(rng, at, first, hours, CompositionBlock, ("sulphate", "nitrate"))


FEEDS = [forecast, tag, emission, species, composition]


def blocks_of(make, rng: random.Random) -> list[Block]:
    """Some deliveries over six hours, several of which may be one file."""
    found = []
    for at in range(rng.randint(2, 6)):
        first = FIRST + rng.randrange(HOURS)
        found.append(make(rng, at, first, rng.randint(1, FIRST + HOURS - first)))
    return found


def planned(blocks: list[Block], wrong: Wrong, said: Said = SAID) -> Retraction:
    with tempfile.TemporaryDirectory() as folder:
        for number, block in enumerate(blocks):
            topic = open_topic(Path(folder) / messages.TOPICS[messages.schema_of(block)])
            topic.append([messages.block_line(block)], key=str(number))
        return plan(Path(folder), wrong, said)


def rows_after(blocks, tables: tuple[str, ...]) -> dict[tuple, dict]:
    desks = r.Desks(ROSTER)
    for block in blocks:
        desks.take(block)
    rows = desks.rows()
    return {(table, *key): without_origin(row) for table in tables for key, row in rows.get(table, {}).items()}


def without_origin(row: dict) -> dict:
    return {name: None if value != value else value for name, value in row.items() if name not in HOW_IT_CAME}


def roster():
    points = {city: [(station, 0, 10**7) for station in stations] for city, stations in r.STATIONS.items()}
    return r.Roster(r.CITIES, {c: tuple(p) for c, p in points.items()}, {CITY: {"MICRO": "micro"}})


ROSTER = roster()


def says_nothing(row: dict) -> bool:
    told = {n: v for n, v in row.items() if not n.startswith(KEPT_EMPTY) and v not in (None, "", "{}")}
    return not told


@pytest.mark.parametrize("make", FEEDS)
@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 1 << 30))
def test_what_is_left_is_what_would_be_there_without_the_wrong_file(make, seed):
    rng = random.Random(seed)
    blocks = blocks_of(make, rng)
    number = rng.randrange(len(blocks))
    wrong = Wrong(file=f"{number}.csv")
    tables = TABLES[type(blocks[0])]
    try:
        found = planned(blocks, wrong)
    except NothingToRetract:
        found = None
    left = rows_after(blocks[:number] + blocks[number + 1 :], tables)
    messages_ = blocks if found is None else [*blocks, *found.withdrawn, *found.restored]
    after = rows_after(messages_, tables)
    assert left.keys() <= after.keys()
    for key, row in after.items():
        if key in left:
            assert row == left[key], key
        else:
            assert says_nothing(row), (key, row)


@pytest.mark.parametrize("make", FEEDS)
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1 << 30))
def test_the_order_in_which_it_is_read_again_does_not_matter(make, seed):
    rng = random.Random(seed)
    blocks = blocks_of(make, rng)
    try:
        found = planned(blocks, Wrong(file=f"{rng.randrange(len(blocks))}.csv", first=FIRST + 1, end=FIRST + 4))
    except NothingToRetract:
        return
    all_of_it, tables = [*blocks, *found.withdrawn, *found.restored], TABLES[type(blocks[0])]
    told = rows_after(all_of_it, tables)
    mixed = [*all_of_it, *rng.sample(all_of_it, min(2, len(all_of_it)))]
    rng.shuffle(mixed)
    again = rows_after(mixed, tables)
    for key in told.keys() | again.keys():
        # An hour of which nothing was ever said may have a row that says so, by what stood there when it came.
        if key in told and key in again:
            assert told[key] == again[key], key
        else:
            assert says_nothing({**told, **again}[key]), key


@pytest.mark.parametrize("make", FEEDS)
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1 << 30))
def test_what_was_taken_out_is_not_there_to_be_taken_out_again(make, seed):
    rng = random.Random(seed)
    blocks = blocks_of(make, rng)
    wrong = Wrong(file=f"{rng.randrange(len(blocks))}.csv")
    try:
        found = planned(blocks, wrong)
    except NothingToRetract:
        return
    again = replace(SAID, at=SAID.at + 3600)
    with pytest.raises(NothingToRetract):
        planned([*blocks, *found.withdrawn, *found.restored], wrong, again)
