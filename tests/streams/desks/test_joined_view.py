"""The joined hour as a view has the values that it had when it was written out."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from streams.wire.messages import rows_from
from tests.streams import joined_scenario as scenario
from tests.streams import replaying as r

GOLDEN = Path(__file__).parents[2] / "golden" / "joined_hours.json.gz"
"""Made by the three-way join as a table, one row for each run over an hour, before it became a view."""
TOLERANCE_KGH = 0.002
"""Both carry thousandths; what lies upwind is a sum of products, of exact numbers then, of thousandths now."""


@pytest.fixture(scope="module")
def rows() -> dict[tuple, dict]:
    desks = r.Desks()
    for block in scenario.blocks():
        desks.take(block)
    return desks.rows()["air_joined_hour"]


def test_every_value_of_every_joined_hour_is_as_it_was(rows) -> None:
    golden = [json.loads(line) for line in gzip.decompress(GOLDEN.read_bytes()).splitlines()]
    assert len(golden) == len(rows) == 267
    for row in golden:
        found = rows[row["city"], row["hour_end"], row["run"]]
        for name, value in row.items():
            if name.startswith("upwind_") and value is not None:
                assert found[name] == pytest.approx(value, abs=TOLERANCE_KGH), (name, row["city"], row["hour_end"])
            else:
                assert found[name] == value, (name, row["city"], row["hour_end"], row["run"])


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_feeds_does_not_matter(rows, seed) -> None:
    desks = r.Desks()
    for block in r.shuffled(scenario.blocks(), seed):
        desks.take(block)
    assert desks.rows()["air_joined_hour"] == rows


@pytest.mark.parametrize("feed", ["observation", "forecast", "emission"])
def test_a_block_touches_only_the_rows_of_its_feed(feed) -> None:
    tables = {
        "observation": {"air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "source_hour"},
        "forecast": {"forecast_station_hour", "forecast_city_hour", "source_hour"},
        "emission": {"emission_city_hour", "source_hour"},
    }
    desks, last = r.Desks(), {}
    for block in scenario.blocks():
        last[type(block).__name__.removesuffix("Block").lower()] = block
        desks.take(block)
    del desks.lines[:]
    block = last[feed]
    desks.take(replace(block, values=block.values + 1, received_at=block.received_at + 60))
    written = {rows_from(line).table for line in desks.lines}
    assert written == tables[feed]
