"""Scores of whole days: the index by lead beside the assessed days, and probabilities beside what happened."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards import judged_days
from dashboards.queries.verification import Span, models_of
from dashboards.queries.verified_days import day_pairs
from streams.store import schema
from tests.dashboards import stores
from tests.dashboards.judging.conftest import said, scene_on

CITY, DAYS = "510100", 20
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FIRST = dt.date(2023, 1, 1)
"""The first day that is assessed."""
NEWEST = dt.datetime(2023, 1, 21, 16)
"""The end of 21 January in Beijing."""
TRACE = {"edition": "HJ 633-2012", "status": "reviewed", "revision": 0, "simulated": False, "version": 1}
PM25 = (35.0, 75.0, 115.0, 150.0, 250.0)
"""Daily means of PM2.5 whose index is 50, 100, 150, 200 and 300 (HJ 633-2012, Table 1)."""
AQI = (50, 100, 150, 200, 300)


def pm25_of(day: dt.date) -> int:
    """Give which of PM25 a day has: they come in turns."""
    return (day - FIRST).days % 5


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """Runs at noon UTC, 20:00 in Beijing, that say of the day after next what today was; a model with probabilities."""
    engine = stores.empty_store(tmp_path_factory.mktemp("day_scores"))
    with engine.begin() as connection:
        for n in range(DAYS + 1):
            day = FIRST + n * DAY
            connection.execute(sa.insert(schema.air_city_day).values(
                city=CITY, day=day, aqi=AQI[pm25_of(day)],
                primary_pollutants="pm25" if AQI[pm25_of(day)] > 50 else "", stations_valid=4, stations_expected=4,
                completeness=1.0, **TRACE))  # fmt: skip
            connection.execute(sa.insert(schema.forecast_city_hour), _run(day))
            connection.execute(sa.insert(schema.model_hour), _served(day))
        connection.execute(sa.insert(schema.air_city_hour).values(city=CITY, hour_end=NEWEST, pm25_ugm3=1.0, **TRACE))
        position = {"topic": "air", "segment": "0", "stored_at": dt.datetime(2026, 1, 1)}
        connection.execute(sa.insert(schema.topic_position), [position])
    return engine


def _run(day: dt.date) -> list[dict]:
    """Of the next day the run is right; of the day after it says what the next will be."""
    init = dt.datetime.combine(day, dt.time(12))
    rows = []
    for lead in range(1, 53):
        end = init + lead * HOUR
        of = (end - HOUR + dt.timedelta(hours=8)).date()
        value = PM25[pm25_of(min(of, day + DAY))]
        rows.append({
            "city": CITY, "hour_end": end, "run": f"CDAQS/{init:%Y-%m-%dT%H}Z", "run_init": init, "lead_hours": lead,
            "lead_day": (lead - 1) // 24 + 1, "points": 4, "forecast_pm25_ugm3": value, "forecast_pm10_ugm3": 30.0,
            "forecast_so2_ugm3": 5.0, "forecast_no2_ugm3": 20.0, "forecast_co_mgm3": 0.5, "forecast_o3_ugm3": 40.0,
            "edition": "HJ 633-2012", "simulated": False, "version": 1,
        })  # fmt: skip
    return rows


def _served(day: dt.date) -> list[dict]:
    """Of the next day: 90 % where it will be above 100, 10 % where not; above 200 always 20 %."""
    init, of = dt.datetime.combine(day, dt.time(12)), day + DAY
    end = dt.datetime.combine(of, dt.time()) - 8 * HOUR + DAY
    polluted = 90.0 if AQI[pm25_of(of)] > 100 else 10.0
    told = {"level3_day_pct": polluted / 2, "level4_day_pct": polluted / 2, "level5_day_pct": 0.0, "level6_day_pct": 0.0,
            "heavy_day_pct": 20.0, "aqi_day_q10": 40.0, "aqi_day_q50": 120.0, "aqi_day_q90": 220.0}  # fmt: skip
    return [
        {"city": CITY, "hour_end": end, "run": f"CDAQS/{init:%Y-%m-%dT%H}Z", "model": "days", "model_version": "2",
         "quantity": name, "value": value, "simulated": True, "version": 1}
        for name, value in told.items()
    ]  # fmt: skip


@pytest.fixture
def connection(engine):
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def table(connection):
    return day_pairs(connection, CITY, Span(dt.datetime(2023, 1, 1), dt.datetime(2023, 1, 21), NEWEST))


def test_a_day_stands_beside_what_was_assessed_and_no_day_that_was_not_over(table):
    numerical = table[table["model"] == "CDAQS"]
    # Runs of 1 to 20 January tell of 2 to 21 January at lead 1; of those of 1 to 19 the next day too.
    assert (numerical["lead_day"] == 1).sum() == 20 and (numerical["lead_day"] == 2).sum() == 19
    one = numerical[(numerical["day"] == dt.date(2023, 1, 5)) & (numerical["lead_day"] == 1)].iloc[0]
    assert (one["aqi"], one["forecast_aqi"], one["forecast_primary_pollutants"]) == (300, 300, "pm25")
    other = numerical[(numerical["day"] == dt.date(2023, 1, 5)) & (numerical["lead_day"] == 2)].iloc[0]
    assert (other["aqi"], other["forecast_aqi"]) == (300, 200)
    assert table["day"].max() == dt.date(2023, 1, 21)


def test_scores_by_lead_are_those_of_the_days(table):
    found = {(each.model, each.lead_day): each for each in judged_days.by_lead(table, ["CDAQS", "days 2"])}
    right, late = found["CDAQS", 1], found["CDAQS", 2]
    assert right.index["strict_level"] == right.index["primary"] == 1.0 and right.n == 20
    # A day late every level is another but one of a day of 50 said for one of 300 and so on: none is right.
    assert late.index["strict_level"] == 0.0 and late.n == 19
    assert right.events[200]["hits"] == 4 and right.events[200]["misses"] == 0
    # Days of 300: 5, 10, 15 and 20 January; said a day late of 6, 11, 16 and 21, of which lead 2 tells.
    assert late.events[200]["hits"] == 0
    assert late.events[200]["false_alarms"] == 4 and late.events[200]["misses"] == 4
    # 40 to 220 holds 50, 100, 150 and 200, not 300: of 20 days 16.
    assert found["days 2", 1].index["range"] == pytest.approx(16 / 20)


def test_probabilities_are_judged_by_what_happened(table):
    polluted, heavy = judged_days.chances(table, ["CDAQS", "days 2"])
    assert (polluted.event, polluted.n, polluted.happened) == ("polluted", 20, 12)
    # 0.1 off each day; without it 12 of 20 happened: 0.6 * 0.4 = 0.24.
    assert polluted.score == pytest.approx(0.01) and polluted.skill == pytest.approx(1 - 0.01 / 0.24)
    assert np.flatnonzero(polluted.bins.n).tolist() == [0, 8] and polluted.bins.n[[0, 8]].tolist() == [8, 12]
    # Of 20 % 4 of 20 came true: as the frequency, no skill, reliable to the full.
    assert heavy.score == pytest.approx(0.16) and heavy.skill == pytest.approx(0.0, abs=1e-9)
    assert heavy.bins.parts == pytest.approx((0.0, 0.0, 0.16))


def test_without_a_forecast_there_is_nothing_and_it_is_said(connection, overview):
    from dashboards.pages import verification

    empty = day_pairs(connection, "510600", Span(dt.datetime(2023, 1, 1), dt.datetime(2023, 1, 21), NEWEST))
    assert empty.empty and models_of(empty) == []
    scene = scene_on(connection, NEWEST, city="510600")
    assert scene.text("day_scores.none") in said(verification._whole_days(scene))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_the_index_by_lead_and_the_diagram_with_its_counts(connection, overview, lang):
    from dashboards.pages import verification

    scene = scene_on(connection, NEWEST, lang=lang, params={"first": "2023-01-01", "last": "2023-01-21"})
    shown = said(verification._whole_days(scene))
    assert "days 2" in shown and "0.010" in shown and "12 / 20" in shown and "4 / 20" in shown
    assert scene.text("day_scores.polluted") in shown and scene.text("day_scores.heavy") in shown
    assert "1.00 / 0.00 / 1.00" in shown
