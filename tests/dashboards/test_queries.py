import datetime as dt

import sqlalchemy as sa

from dashboards.queries import air, health, joined
from dashboards.queries.simulated import shows_simulated
from streams.store.schema import air_city_hour
from tests.dashboards import stores

HOUR = dt.timedelta(hours=1)
CITIES = ("510100", "511100")


def test_the_newest_hour_of_an_empty_store_is_none(tmp_path):
    with stores.empty_store(tmp_path).connect() as connection:
        assert air.newest_hour(connection, CITIES) is None
        assert air.fingerprint(connection, CITIES) == air.fingerprint(connection, CITIES)


def test_the_fingerprint_changes_with_the_first_row_and_with_a_revision(tmp_path):
    engine = stores.empty_store(tmp_path)
    seen = []
    for step in range(3):
        if step == 1:
            stores.add_city_hour(engine, "510100", stores.NEWEST, 42)
        if step == 2:
            with engine.begin() as connection:
                connection.execute(sa.update(air_city_hour).values(version=3))
        with engine.connect() as connection:
            seen.append(air.fingerprint(connection, CITIES))
    assert len(set(seen)) == 3


def test_a_city_that_is_a_little_behind_shows_its_own_hour_and_one_far_behind_nothing():
    rows = [{"city": "a", "hour_end": stores.NEWEST - 2 * HOUR}, {"city": "b", "hour_end": stores.NEWEST - 5 * HOUR}]
    assert set(air.latest_by_city(rows, stores.NEWEST)) == {"a"}


def test_each_station_gives_its_last_hour(connection):
    rows = air.station_hours(connection, ["1431A", "1432A"], stores.NEWEST)
    assert {r["hour_end"] for r in rows.values()} == {stores.NEWEST} and len(rows) == 2


def test_runs_come_oldest_first_and_none_from_the_future_of_the_hour_shown(connection):
    span = (stores.NEWEST - 48 * HOUR, stores.NEWEST + 72 * HOUR)
    runs = joined.forecast_runs(connection, "510100", stores.NEWEST, *span)
    assert len(runs) == 3 and list(runs) == sorted(runs)
    earlier = joined.forecast_runs(connection, "510100", stores.NEWEST - 10 * HOUR, *span)
    assert set(earlier) == set(list(runs)[:2])


def test_emissions_by_sector_add_up_to_the_city(connection):
    found = joined.emissions(connection, "510100", stores.NEWEST)
    total = sum(sector["nox"] for sector in found.by_sector.values())
    assert abs(total - found.local["nox"]) < 1e-6 and found.upwind["nox"] > 0
    assert joined.emissions(connection, "510100", stores.NEWEST - 500 * HOUR) is None


def test_episodes_under_way_come_first(connection):
    assert [row["kind"] for row in joined.episodes(connection, stores.NEWEST)] == ["haze", "ozone"]


def test_sources_tell_how_many_rows_are_not_accounted_for(engine):
    rows = {row["source"]: row for row in health.sources(engine, stores.NEWEST)}
    assert (rows["cnemc"]["difference"], rows["cdaqs"]["difference"]) == (0, 1)
    assert rows["cnemc"]["freshest"] == stores.NEWEST


def test_refused_rows_tell_value_and_expectation(engine):
    assert {(row.value, row.expected) for row in health.refused(engine)} >= {("-4", "0 to 100000")}


def test_the_hourly_clock_is_kept_at_the_hour_itself_and_not_later(engine):
    kept = health.clocks(engine, stores.NEWEST, CITIES)["hourly"]
    assert {city: clock.verdict for city, clock in kept.items()} == dict.fromkeys(CITIES, "ok")
    assert health.clocks(engine, stores.NEWEST + 5 * HOUR, CITIES)["hourly"]["510100"].verdict == "late"


def test_simulated_rows_anywhere_on_the_page_are_found(connection, tmp_path):
    assert shows_simulated(connection, stores.NEWEST)
    measured = stores.empty_store(tmp_path)
    stores.fill(measured, simulated=False)
    with measured.connect() as other:
        assert not shows_simulated(other, stores.NEWEST)
