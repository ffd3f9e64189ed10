"""A run of the virtual airshed through the real processes: nothing is rejected but its faults, and all of it stays simulated."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from research.virtual_airshed.observe.outbox import read_faults
from research.virtual_airshed.produce import OUTBOX, REGISTRY, TRUTH, Wanted, produce
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.world import shipped_world
from streams import registry as registries
from streams.ingest import units_below
from streams.sources import parse_file
from tests.integration.processes import Platform

pytestmark = pytest.mark.flink
FLAGGED = ("air_station_hour", "air_station_day", "air_city_hour", "air_city_day", "air_joined_hour", "forecast_station_hour",
           "voc_station_hour", "episode_event")  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    chosen = scenario("winter_haze", days=3, micro_stations=12, forecast_hours=48, faults=6.0)
    produce(chosen, shipped_world(), folder, wanted=Wanted(truth=False), progress=lambda done, of: None)
    return folder


@pytest.fixture(scope="module")
def platform(run: Path, tmp_path_factory: pytest.TempPathFactory):
    made = Platform(tmp_path_factory.mktemp("platform"))
    registry = ("--registry", str(run / REGISTRY))
    made.start("ingest", *registry, "--simulated-watch", str(run / OUTBOX))
    made.start("pipeline", *registry)
    made.start("store")
    known = registries.load(run / REGISTRY)
    rows = sum(
        sum(parse_file(unit, known, received_at=0.0).intake.rows_in.values()) for unit in units_below(run / OUTBOX)
    )
    made.wait_until_drained(rows, 180)
    yield made
    made.stop()


def ask(platform: Platform, query: str) -> list[tuple]:
    with platform.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_every_row_that_it_reaches_is_marked_as_simulated(platform: Platform) -> None:
    for table in FLAGGED:
        ((rows, marked),) = ask(platform, f"SELECT count(*), sum(simulated) FROM {table}")
        assert rows == marked, table
        assert rows > 0 or table == "episode_event", table


def test_nothing_is_rejected_but_the_recorded_faults(platform: Platform, run: Path) -> None:
    expected = sorted((f.file.rpartition("/")[2], f.reason) for f in read_faults(run / TRUTH) if f.rejected)
    found = sorted(ask(platform, "SELECT file, reason FROM rejected WHERE NOT set_aside"))
    assert expected
    # Lines of unknown stations are set aside by the hour, not refused one by one; all else is answered singly.
    assert found == [pair for pair in expected if "registry" not in pair[1]]


def test_the_books_balance_and_count_what_came_twice(platform: Platform) -> None:
    columns = ("rows_in", "accepted", "duplicate", "late", "rejected")
    for source, rows_in, *parts in ask(
        platform, f"SELECT source, {', '.join(f'sum({c})' for c in columns)} FROM source_hour GROUP BY source"
    ):
        assert rows_in == sum(parts), source
    ((twice,),) = ask(platform, "SELECT sum(duplicate) FROM source_hour WHERE source = 'station-csv'")
    assert twice > 0


def test_only_national_stations_make_a_city_and_micro_stations_are_there(platform: Platform) -> None:
    ((most,),) = ask(platform, "SELECT max(stations_reporting) FROM air_city_hour WHERE city = '510100'")
    assert most == 10
    ((micro,),) = ask(platform, "SELECT count(DISTINCT station) FROM air_station_hour WHERE station LIKE 'SIM-M%'")
    assert micro == 12


def test_stacks_lie_over_the_inventory_and_forecasts_join(platform: Platform) -> None:
    names = {
        name
        for (name,) in ask(
            platform, "SELECT DISTINCT inventory FROM air_joined_hour WHERE city = '511100' AND run = ''"
        )
    }
    assert any("measured" in name and name.startswith("virtual-2015") for name in names if name)
    runs = {name for (name,) in ask(platform, "SELECT DISTINCT run FROM air_joined_hour WHERE run <> ''")}
    assert len(runs) == 6 and all(name.startswith("CDAQS-sim/") for name in runs)
    ((both,),) = ask(
        platform,
        "SELECT count(*) FROM air_joined_hour WHERE run <> '' AND aqi IS NOT NULL AND forecast_aqi IS NOT NULL",
    )
    assert both > 500


def test_reviewed_hours_replace_provisional_ones(platform: Platform) -> None:
    rows = ask(platform, "SELECT status, count(*) FROM air_station_hour WHERE station LIKE '____A' GROUP BY status")
    assert dict(rows)["reviewed"] > 2_500
    ((superseded,),) = ask(platform, "SELECT count(*) FROM row_history")
    assert superseded > 0


def test_compounds_arrive_with_their_reactivity(platform: Platform) -> None:
    rows = ask(
        platform,
        "SELECT station, count(*), min(n_species), avg(oh_reactivity_per_s) FROM voc_station_hour GROUP BY station",
    )
    assert {row[0] for row in rows} == {"SIM-S01", "SIM-S02"}
    assert all(row[1] >= 40 and row[2] > 40 and 2 < row[3] < 40 for row in rows), rows
