import datetime as dt
import json

import pytest
import sqlalchemy as sa

from dashboards.moment import Moment, at
from dashboards.queries import air, emissions, forecasts, health
from dashboards.queries.simulated import shows_simulated
from streams.store.episodes import episodes_at
from streams.store.schema import (
    air_city_hour,
    attribution,
    emission_city_hour,
    episode_event,
    forecast_city_hour,
    model_hour,
    rejected,
    scenario,
)  # fmt: skip
from tests.dashboards import foreseen, stores

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
    runs = forecasts.forecast_runs(connection, "510100", stores.NEWEST, *span)
    assert len(runs) == 3 and list(runs) == sorted(runs)
    earlier = forecasts.forecast_runs(connection, "510100", stores.NEWEST - 10 * HOUR, *span)
    assert set(earlier) == set(list(runs)[:2])


def test_emissions_by_sector_add_up_to_the_city(connection):
    found = emissions.emissions(connection, "510100", stores.NEWEST)
    total = sum(sector["nox"] for sector in found.by_sector.values())
    assert abs(total - found.local["nox"]) < 1e-6 and found.upwind["nox"] > 0
    assert emissions.emissions(connection, "510100", stores.NEWEST - 500 * HOUR) is None


def test_episodes_under_way_come_first(connection):
    rows = episodes_at(connection, stores.NEWEST, CITIES, newest=stores.NEWEST)
    assert [row["kind"] for row in rows] == ["haze", "ozone"]


def shown(hour: dt.datetime | None = None, now: dt.datetime = stores.NEWEST) -> Moment:
    return at(stores.NEWEST, now, hour)


def test_sources_tell_how_many_rows_are_not_accounted_for(connection):
    rows = {each.source: each for each in health.books(connection, shown())}
    assert (rows["cnemc"].difference, rows["cdaqs"].difference) == (0, 1)
    assert rows["cnemc"].newest_hour == stores.NEWEST


def test_going_back_shows_the_books_of_the_24_hours_before(connection):
    back = health.books(connection, shown(stores.NEWEST - HOUR))
    assert [(each.source, each.rows_in) for each in back] == [("cdaqs", 10)]
    assert health.books(connection, shown(stores.NEWEST - 30 * HOUR)) == ()


def test_refused_rows_tell_value_and_expectation(connection):
    assert {(row.value, row.expected) for row in health.refused(connection, shown())} >= {("-4", "0 to 100000")}


def test_going_back_in_a_live_feed_shows_no_row_that_was_refused_later(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    earlier = stores.NEWEST - HOUR
    with engine.begin() as connection:
        for name, received in (("then", earlier), ("later", stores.NEWEST)):
            row = {**stores._rejects(stores.NEWEST)[0], "id": name, "hour_end": earlier - HOUR, "received_at": received}
            connection.execute(sa.insert(rejected), [row | {"position": name}])
    with engine.connect() as connection:
        live = health.refused(connection, shown(earlier))
        assert [row.position for row in live] == ["then"]
        replayed = health.refused(connection, shown(earlier, stores.NEWEST + 1000 * HOUR))
        assert [row.position for row in replayed] == ["later", "then"], (
            "received at a time that is not that of the hours"
        )


def test_rows_set_aside_do_not_hide_those_that_were_refused(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    with engine.begin() as connection:
        aside = {**stores._rejects(stores.NEWEST)[0], "set_aside": True, "received_at": stores.NEWEST + HOUR}
        connection.execute(sa.insert(rejected), [aside | {"id": f"x{n}"} for n in range(100)])
    with engine.connect() as connection:
        assert len(health.refused(connection, shown())) == 2


def test_a_source_leads_to_its_files_and_its_refused_rows_newest_first(connection):
    files, rejects = health.of_source(connection, shown(), "cnemc")
    assert [each.file for each in files] == ["复核/成都_202301.csv", "china_sites_20230121.csv"]
    assert files[1].first_hour == stores.NEWEST - 22 * HOUR and files[1].rows_in == 984
    assert {each.position for each in rejects} == {"line 17, column 1431A", "line 31"}
    assert health.of_source(connection, shown(), "cdaqs") == ((), ())


def test_who_looks_back_sees_no_file_or_reject_of_a_source_that_had_not_come_by_then(connection):
    newest = max(each.received_at for each in health.of_source(connection, shown(), "cnemc")[0])
    before = newest.replace(minute=0, second=0, microsecond=0) - HOUR
    back = at(stores.NEWEST + 400 * HOUR, stores.NEWEST + 400 * HOUR, before)
    assert back.is_past and not back.replayed
    files, rejects = health.of_source(connection, back, "cnemc")
    assert newest not in {each.received_at for each in files}
    assert all(each.received_at <= before for each in (*files, *rejects))
    replay = at(stores.NEWEST, stores.NEWEST + 9000 * HOUR, before)
    assert len(health.of_source(connection, replay, "cnemc")[0]) == 2


def test_the_hourly_clock_is_kept_at_the_hour_itself_and_not_later(connection):
    kept = health.clocks(connection, stores.NEWEST, CITIES)["hourly"]
    assert {city: clock.verdict for city, clock in kept.items()} == dict.fromkeys(CITIES, "ok")
    late = health.clocks(connection, stores.NEWEST + 5 * HOUR, CITIES)
    assert late["hourly"]["510100"].verdict == "late"


def test_simulated_rows_anywhere_on_the_page_are_found(connection, tmp_path):
    page = {"cities": CITIES, "newest": stores.NEWEST}
    assert shows_simulated(connection, stores.NEWEST, stores.SIMULATED, **page)
    assert shows_simulated(
        connection, stores.NEWEST, "510100", cities=("510100", stores.SIMULATED), newest=stores.NEWEST
    )
    measured = stores.empty_store(tmp_path)
    stores.fill(measured, simulated=False)
    with measured.connect() as other:
        assert not shows_simulated(other, stores.NEWEST, "510100", **page)


@pytest.mark.parametrize(
    ("table", "key", "found"),
    [
        (air_city_hour, {"city": "511100", "hour_end": stores.NEWEST}, True),
        (forecast_city_hour, {"city": "510100"}, True),
        (forecast_city_hour, {"city": "511100"}, False),
        (emission_city_hour, {"city": "510100", "hour_end": stores.NEWEST}, True),
        (emission_city_hour, {"city": "511100", "hour_end": stores.NEWEST}, False),
        (episode_event, {"kind": "ozone"}, True),
        (attribution, {"city": "510100", "span": "hour"}, True),
        (attribution, {"city": "510100", "span": "episode"}, True),
        (attribution, {"city": "511100"}, False),
    ],
)
def test_one_simulated_row_that_the_page_shows_is_enough_and_others_do_not_count(tmp_path, table, key, found):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, simulated=False)
    with engine.begin() as connection:
        changed = connection.execute(sa.update(table).filter_by(**key).values(simulated=True))
    assert changed.rowcount > 0
    with engine.connect() as connection:
        assert shows_simulated(connection, stores.NEWEST, "510100", cities=CITIES, newest=stores.NEWEST) is found


def test_simulated_answers_about_measures_and_simulated_words_of_models_are_found(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, foreseen.NEWEST, simulated=False)

    def found() -> bool:
        with engine.connect() as connection:
            return shows_simulated(connection, foreseen.NEWEST, "510100", cities=CITIES, newest=foreseen.NEWEST)

    assert not found()
    with engine.begin() as connection:
        connection.execute(sa.insert(scenario), foreseen.scenarios(simulated=True))
    assert found()
    with engine.begin() as connection:
        connection.execute(sa.update(scenario).values(simulated=False))
    assert not found()
    said = {"city": "510100", "hour_end": foreseen.NEWEST, "run": "", "model": "m", "quantity": "pm25_ugm3", "value": 30.0,
            "model_version": "1", "simulated": True, "version": 1}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(model_hour), [said])
    assert found()


def test_what_is_simulated_later_is_not_told_of_an_earlier_hour(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, simulated=False)
    with engine.begin() as connection:
        c = air_city_hour.c
        connection.execute(sa.update(air_city_hour).where(c.hour_end > stores.NEWEST - 5 * HOUR).values(simulated=True))
    with engine.connect() as connection:
        page = {"cities": CITIES, "newest": stores.NEWEST}
        assert not shows_simulated(connection, stores.NEWEST - 5 * HOUR, "510100", **page)
        assert shows_simulated(connection, stores.NEWEST - 4 * HOUR, "510100", **page)


def test_the_newest_four_runs_are_read_and_no_other(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    with engine.begin() as connection:
        rows = [
            {**dict(row), "run": f"OLD/{n}", "run_init": stores.NEWEST - (100 + n) * HOUR}
            for n in range(6)
            for row in connection.execute(sa.select(forecast_city_hour).limit(5)).mappings()
        ]
        connection.execute(sa.insert(forecast_city_hour), rows)
    with engine.connect() as connection:
        runs = forecasts.newest_runs(connection, "510100", stores.NEWEST)
        assert [run[:5] for run in runs] == ["CDAQS"] * 3 + ["OLD/0"]
        assert forecasts.newest_runs(connection, "510100", stores.NEWEST - 60 * HOUR) == [
            "OLD/0",
            "OLD/1",
            "OLD/2",
            "OLD/3",
        ]
        assert forecasts.newest_runs(connection, "510100", stores.NEWEST - 900 * HOUR) == []


def test_emissions_of_an_earlier_hour_carry_their_hour_and_what_is_unknown_stays_so(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    unknown = {"sectors": ["power", "dust"], "species": ["so2", "co"], "kgh": [[None, 2.0], [1.0, None]]}
    c = emission_city_hour.c
    with engine.begin() as connection:
        connection.execute(sa.delete(emission_city_hour).where(c.hour_end > stores.NEWEST - 3 * HOUR))
        changed = {"sectors": json.dumps(unknown), "co_kgh": None}
        connection.execute(sa.update(emission_city_hour).where(c.city == "510100").values(**changed))
    with engine.connect() as connection:
        found = emissions.emissions(connection, "510100", stores.NEWEST)
        assert found.hour == stores.NEWEST - 3 * HOUR
        assert found.by_sector == {"power": {"so2": None, "co": 2.0}, "dust": {"so2": 1.0, "co": None}}
        assert found.local["co"] is None and found.local["so2"] == 900.0
        assert emissions.emissions(connection, "510100", stores.NEWEST + 21 * HOUR) is not None
        assert emissions.emissions(connection, "510100", stores.NEWEST + 22 * HOUR) is None


def test_without_an_observation_emissions_are_shown_and_their_upwind_side_is_unknown(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(air_city_hour))
    with engine.connect() as connection:
        found = emissions.emissions(connection, "510100", stores.NEWEST)
    assert found.local["nox"] == 5200.0 and set(found.upwind.values()) == {None} and found.wind_source == ""
