"""From the topics to the store: what is taken out of every feed follows there, is in the books, and can come again."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from streams.intake.retraction import Said, Wrong, plan, publish
from streams.records import Block, EmissionBlock, Intake
from streams.store.schema import air_joined_hour, metadata, voc_station_hour
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams.intake.test_withdrawals import (
    CITY_MEAN,
    FEEDS,
    FIRST,
    TABLES,
    emission,
    forecast,
    says_nothing,
    species,
)
from tests.streams.intake.test_withdrawals import without_origin as told
from tests.streams.test_releases import Platform

SAID = Said("wrong.csv", "wang", "wrong units", 5_000.0)


@pytest.fixture
def platform(store, tmp_path) -> Platform:
    return Platform(tmp_path, store)


def bring(topics: Path, block: Block) -> None:
    """Append a block and its counts, as the publisher does with a file."""
    open_topic(topics / messages.TOPICS[messages.schema_of(block)]).append([messages.block_line(block)], key=block.file)
    rows = 1 if isinstance(block, EmissionBlock) else len(getattr(block, "places", ()))
    counts = np.full(block.hours, rows) if rows else block.present.sum(axis=0)
    rows_in = {block.first_hour + hour: int(n) for hour, n in enumerate(counts) if n}
    intake = Intake(
        block.source, block.file, block.received_at, rows_in, digest=block.digest, released_at=block.released_at
    )
    open_topic(topics / messages.INTAKE_TOPIC).append([messages.intake_line(intake)], key=block.file)


def stored(platform: Platform, kind: type) -> dict[tuple, dict]:
    found = {}
    for name in TABLES[kind]:
        table = metadata.tables[name]
        for row in platform.rows(table):
            row.pop("version")
            found[name, *(row[column.name] for column in table.primary_key)] = told(row)
    return found


@pytest.mark.parametrize("make", FEEDS)
def test_the_store_has_what_was_there_before_and_its_books_name_who_and_why(platform, make):
    topics, rng = platform.folder / "topics", random.Random(11)
    first, wrong = make(rng, 0, FIRST, 6), make(rng, 1, FIRST, 6)
    bring(topics, first)
    platform.assess()
    before = stored(platform, type(first))
    bring(topics, wrong)
    platform.assess()
    assert stored(platform, type(first)) != before
    found = plan(topics, Wrong(file="1.csv"), SAID)
    publish(topics, found, SAID)
    platform.assess()
    after = stored(platform, type(first))
    assert before.keys() <= after.keys() and before
    for key, row in after.items():
        assert row == before[key] if key in before else says_nothing(row), key
    platform.require_balance()
    if found.withdrawn:
        assert platform.files()["retraction of wrong.csv, by wang: wrong units"]["rows_in"] > 0


def test_the_joined_hour_follows_a_run_and_an_inventory_that_are_taken_out(platform):
    topics, rng = platform.folder / "topics", random.Random(3)
    drawn = (forecast(rng, 0, FIRST, 4) for _ in range(200))
    run = next(each for each in drawn if CITY_MEAN in each.places)  # with the city's weather, which the joined hour has
    for block in (run, emission(rng, 1, FIRST, 4)):
        bring(topics, block)
    platform.assess()
    assert any(row["temperature_c"] is not None for row in platform.rows(air_joined_hour))
    publish(topics, plan(topics, Wrong(run=f"M/{run_name()}"), SAID), SAID)
    platform.assess()
    assert all(row["temperature_c"] is None for row in platform.rows(air_joined_hour))
    platform.require_balance()


def run_name() -> str:
    return str(np.datetime64(FIRST, "h")) + "Z"


def test_what_ozone_the_compounds_can_form_follows(platform):
    topics, rng = platform.folder / "topics", random.Random(5)
    block = species(rng, 0, FIRST, 2)
    bring(topics, block)
    platform.assess()
    assert any(row["ofp_ugm3"] for row in platform.rows(voc_station_hour))
    publish(topics, plan(topics, Wrong(source="s0"), SAID), SAID)
    platform.assess()
    rows = platform.rows(voc_station_hour)
    assert rows and all(row["ofp_ugm3"] is None and json.loads(row["species_ppb"]) == {} for row in rows)


def test_hours_alone_take_out_what_was_measured_and_no_forecast(platform):
    topics, rng = platform.folder / "topics", random.Random(7)
    for block in (forecast(rng, 0, FIRST, 3), emission(rng, 1, FIRST, 3), species(rng, 2, FIRST, 3)):
        bring(topics, block)
    found = plan(topics, Wrong(first=FIRST, end=FIRST + 3), SAID)
    assert {type(block).__name__ for block in (*found.withdrawn, *found.restored)} == {"VocBlock"}
