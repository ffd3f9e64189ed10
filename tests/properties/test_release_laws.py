"""Forecasts and emissions: the later release counts, be it lower, whatever came first, however often and in whatever pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.records import CITY_MEAN, FORECAST_VARIABLES, SPECIES, Block, EmissionBlock, ForecastBlock
from tests.streams import replaying as r

CITY, HOURS = "510100", 4
PLACES = (CITY_MEAN, *r.STATIONS[CITY][:2])
# Few different moments and values, so that releases meet in every kind of tie.
RELEASES = st.fixed_dictionaries({
    "level": st.integers(1, 3), "simulated": st.booleans(), "released_at": st.sampled_from([None, 10, 11, 12]),
    "received_at": st.integers(11, 12),
})  # fmt: skip


def _forecast(drawn: dict) -> ForecastBlock:
    values = np.full((len(FORECAST_VARIABLES), len(PLACES), HOURS), 10.0 * drawn["level"])
    fields = {name: drawn[name] for name in ("simulated", "released_at", "received_at")}
    return ForecastBlock(
        source="cdaqs", model="CDAQS", run_init=r.FIRST, city=CITY, places=PLACES, first_hour=r.FIRST + 1, values=values,
        digest=f"{drawn['level']:064x}", **fields,
    )  # fmt: skip


def _emission(drawn: dict) -> EmissionBlock:
    values = np.full((1, len(SPECIES), HOURS), 10.0 * drawn["level"])
    fields = {name: drawn[name] for name in ("simulated", "released_at", "received_at")}
    return EmissionBlock(
        source="emissions", city=CITY, inventory="made-2022", sectors=("coal",), first_hour=r.FIRST + 1, values=values,
        digest=f"{drawn['level']:064x}", **fields,
    )  # fmt: skip


def _cut(block: Block, at: int) -> list[Block]:
    parts = (slice(0, at), slice(at, HOURS))
    return [
        replace(block, first_hour=block.first_hour + part.start, values=np.ascontiguousarray(block.values[..., part]))
        for part in parts
        if part.stop > part.start
    ]


def _rows(blocks: list[Block]) -> dict[str, dict]:
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    return {
        name: r.untraced(rows) for name, rows in desks.rows().items() if name not in ("source_hour", "air_joined_hour")
    }


KINDS = pytest.mark.parametrize(("made", "table", "column"), [
    (_forecast, "forecast_station_hour", "forecast_pm25_ugm3"), (_forecast, "forecast_city_hour", "forecast_pm25_ugm3"),
    (_forecast, "forecast_city_hour", "temperature_c"), (_emission, "emission_city_hour", "so2_kgh"),
])  # fmt: skip


@KINDS
@settings(max_examples=40, deadline=None)
@given(st.lists(RELEASES, min_size=1, max_size=5), st.randoms(use_true_random=False), st.integers(0, HOURS))
def test_order_repetition_and_cutting_do_not_matter(made, table, column, drawn, random, at) -> None:
    blocks = [made(each) for each in drawn]
    mixed = [*blocks, *(part for block in blocks[:2] for part in _cut(block, at))]
    random.shuffle(mixed)
    assert _rows(mixed)[table] == _rows(blocks)[table]


@KINDS
@settings(max_examples=40, deadline=None)
@given(st.lists(RELEASES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_what_is_real_stands_before_what_is_simulated_and_then_the_later_release(
    made, table, column, drawn, random
) -> None:
    def came(each: dict) -> tuple:
        released = each["received_at"] if each["released_at"] is None else each["released_at"]
        return not each["simulated"], released, each["received_at"]

    mixed = list(drawn)
    random.shuffle(mixed)
    last = max(map(came, drawn))
    expected = {10.0 * each["level"] for each in drawn if came(each) == last}
    found = {row[column] for row in _rows([made(each) for each in mixed])[table].values()}
    assert len(found) == 1 and found <= expected


def test_rows_of_runs_and_inventories_name_the_file_that_they_come_from() -> None:
    drawn = {"level": 2, "simulated": False, "released_at": 1_700_000_000.0, "received_at": 1_700_000_060.5}
    desks = r.Desks()
    for block in (_forecast(drawn), _emission(drawn)):
        desks.take(replace(block, digest="0123456789abcdef" * 4, file="a.nc"))
    rows = desks.rows()
    for table in ("forecast_station_hour", "forecast_city_hour", "emission_city_hour"):
        for row in rows[table].values():
            # 1,700,000,000 s is 2023-11-14 22:13:20 UTC.
            assert row["file_digest"] == "0123456789abcde" and row["released_at"] == "2023-11-14 22:13:20.000000"
            assert row["received_at"] == "2023-11-14 22:14:20.000000"
