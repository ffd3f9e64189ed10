"""Months of a store in the usual weather of the season: the weather beside the hours, what is told and what is not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ml.normalise.beside import Beside, read_beside, steps_of
from ml.normalise.months import month_rows, normalise_store
from streams.store import begin_write
from streams.store.bulk import write
from streams.store.normalised import as_rows, months_between
from streams.store.schema import normalised_month
from tests.dashboards import stores
from tests.ml.normalise import years

HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = stores.empty_store(tmp_path_factory.mktemp("years"))
    years.fill(engine)
    return engine


@pytest.fixture(scope="module")
def rows(engine):
    return next(normalise_store(engine, [years.CITY], ["pm25"]))


def test_beside_an_hour_stands_the_nearest_forecast_and_none_of_a_later_day(engine):
    end = years.START + 99 * HOUR
    found = read_beside(engine, years.CITY, ["pm25"], start=years.START, end=end)
    # Leads beyond a day say 9 m/s throughout.
    assert np.allclose(found.weather["wind_u_ms"], years.wind()[:100])
    assert found.source == "CDAQS 1-24 h" and found.simulated


def test_without_a_forecast_the_wind_of_the_stations_stands_beside_it_and_is_named(tmp_path):
    engine = stores.empty_store(tmp_path)
    years.fill(engine, hours=96, foreseen=False)
    found = read_beside(engine, years.CITY, ["pm25"], start=years.START, end=years.START + 95 * HOUR)
    assert found.source == "stations" and set(found.weather) == {"wind_u_ms", "wind_v_ms"}


def test_a_step_is_the_mean_of_the_three_hours_that_end_with_it_in_beijing():
    # 2024-01-01T01Z is 09:00 in Beijing: the first step holds that hour alone, too few of three.
    first = 24 * 19723 + 1
    found = steps_of(Beside("510100", first, {"pm25": np.array([1.0, 10, 20, 30, 40, np.nan, 60])}), "pm25")
    assert found.hour_ends.tolist() == [first, first + 3, first + 6]
    assert np.isnan(found.values[0]) and found.values[1:].tolist() == [20.0, 50.0]
    assert found.counts.tolist() == [0, 3, 2]


def test_of_ozone_the_nine_hours_that_end_from_one_to_nine_in_the_afternoon_count():
    first = 24 * 19723 + 17  # 01:00 in Beijing
    found = steps_of(Beside("510100", first, {"o3": np.arange(1.0, 25.0)}), "o3")
    local = (found.hour_ends + 8) % 24
    # The values are the local hour ends themselves: 13, 14, 15 and so on, to 21.
    assert found.values[np.isfinite(found.values)].tolist() == [14.0, 17.0, 20.0]
    assert local[np.isfinite(found.values)].tolist() == [15, 18, 21] and found.counts.sum() == 9


def test_the_weather_of_the_day_before_is_the_mean_of_the_eight_steps_before():
    first = 24 * 19723 + 17
    hours = np.repeat(np.arange(20.0), 3)
    found = steps_of(Beside("510100", first, {"pm25": hours}, {"wind_u_ms": hours, "wind_v_ms": 0 * hours}), "pm25")
    assert found.weather["wind_u_ms_day_before"][10] == pytest.approx(np.arange(2, 10).mean())
    assert np.isnan(found.weather["wind_u_ms_day_before"][3]) and found.weather["wind_u_ms_day_before"][4] == 1.5


def test_what_fell_between_the_years_is_found_month_by_month(rows):
    by_month = {dt.date(1970, 1, 1) + dt.timedelta(days=row["month"]): row for row in rows}
    assert len(by_month) == 24
    for month in range(2, 12):
        now, base = by_month[dt.date(2025, month, 1)], by_month[dt.date(2024, month, 1)]
        # By construction 15 less is emitted; the wind of the two years differs by up to 0.3 m/s, which is 6.
        assert now["normalised"] - base["normalised"] == pytest.approx(-years.CUT, abs=3.5)
    assert all(row["low"] < row["normalised"] < row["high"] and row["unanswered"] is None for row in rows)


def test_rows_say_what_they_rest_on(rows):
    row = rows[5]
    assert row["hours"] == 24 * 30 and row["skill"] > 0.7 and len(row["model"]) == 16 and row["simulated"]
    assert row["weather"] == "CDAQS 1-24 h" and row["method"] == "normalised 1"


def test_rows_written_twice_are_stored_once_and_an_older_version_replaces_nothing(rows, tmp_path):
    engine = stores.empty_store(tmp_path)
    with begin_write(engine) as connection:
        for version, more in ((2, 0.0), (2, 0.0), (1, 99.0)):
            changed = [row | {"normalised": row["normalised"] + more} for row in rows]
            write(connection, [as_rows(changed, version)])
        found = connection.execute(normalised_month.select().order_by(normalised_month.c.month)).mappings().all()
        of_spring = months_between(connection, years.CITY, "pm25", dt.date(2024, 3, 1), dt.date(2024, 5, 1))
    assert len(found) == len(rows) and {row["version"] for row in found} == {2}
    assert [row["month"].month for row in of_spring] == [3, 4, 5]
    assert found[0]["month"] == dt.date(2024, 1, 1)
    assert found[0]["normalised"] == pytest.approx(rows[0]["normalised"], abs=5e-4)


def test_a_series_that_no_wind_moves_is_told_as_it_was_and_says_why_there_is_no_more(engine):
    # Ozone of that store goes by the hour of the day alone.
    beside = read_beside(engine, years.CITY, ["o3"], start=years.START, end=years.START + (years.HOURS - 1) * HOUR)
    beside.items["o3"][:] = np.random.default_rng(3).normal(80, 20, years.HOURS)
    rows = month_rows(beside, "o3")
    assert {row["unanswered"] for row in rows} == {"skill"} and {row["normalised"] for row in rows} == {None}
    assert all(60 < row["observed"] < 100 for row in rows)


def test_a_record_of_some_months_is_told_as_it_was_and_says_so(tmp_path):
    engine = stores.empty_store(tmp_path)
    years.fill(engine, hours=24 * 60)
    rows = next(normalise_store(engine, [years.CITY, "510600"], ["pm25"]))
    assert {row["unanswered"] for row in rows} == {"record"} and {row["model"] for row in rows} == {""}
    with begin_write(engine) as connection:
        assert write(connection, [as_rows(rows, 1)]) == len(rows)
