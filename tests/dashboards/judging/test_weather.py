"""How much of a change was the weather's, on the pages: the numbers of stored months, and honest reasons where there are none."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys

import pytest
import sqlalchemy as sa

from dashboards.queries import weather
from streams.store import schema
from tests.dashboards import stores
from tests.dashboards.judging.conftest import said, scene_on

CITY = "510100"
START = stores.NEWEST - 20 * stores.HOUR
JANUARY = dt.date(2023, 1, 1)
BEFORE = dt.date(2022, 1, 1)


def month(at: dt.date, observed: float, told: tuple[float, float, float] | None, *, hours: int = 700, **more) -> dict:
    """Give a row; told: normalised, low, high."""
    normalised, low, high = told or (None, None, None)
    return {
        "city": CITY, "item": "pm25", "month": at, "observed": observed, "normalised": normalised, "low": low, "high": high,
        "hours": hours, "skill": 0.61, "unanswered": None if told else "hours", "record_first": dt.date(2021, 1, 1),
        "record_last": dt.date(2023, 1, 21), "model": "0123456789abcdef", "weather": "CDAQS 1-24 h",
        "method": "normalised 1", "simulated": False, "version": 7, **more,
    }  # fmt: skip


ROWS = [month(BEFORE, 80.0, (70.0, 64.0, 76.0)), month(JANUARY, 60.0, (62.0, 58.0, 66.0), hours=600)]


def store(tmp_path_factory, rows):
    engine = stores.empty_store(tmp_path_factory.mktemp("weather"))
    stores.fill(engine)
    if rows:
        with engine.begin() as connection:
            connection.execute(sa.insert(schema.normalised_month), rows)
    return engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return store(tmp_path_factory, ROWS)


@pytest.fixture
def connection(engine):
    with engine.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def pages(overview):
    from dashboards.pages import attribution_days, episode

    return attribution_days, episode


def test_a_change_of_twenty_is_eight_of_us_and_twelve_of_the_weather(connection):
    found = weather.normalised_between(connection, CITY, "pm25", (JANUARY, JANUARY), (BEFORE, BEFORE))
    # 60 - 80; 62 - 70; the rest. Half widths 4 and 6 of the months, a tenth of 12.
    assert (found.observed, found.us, found.weather) == (-20.0, -8.0, -12.0)
    assert found.half == pytest.approx(math.sqrt(4**2 + 6**2 + 1.2**2))
    assert found.why == "" and found.hours == (600, 700) and found.skill == 0.61


def test_means_of_several_months_go_by_their_hours(tmp_path_factory):
    rows = [*ROWS, month(dt.date(2022, 2, 1), 50.0, (40.0, 38.0, 42.0), hours=350),
            month(dt.date(2023, 2, 1), 30.0, (35.0, 30.0, 40.0), hours=300)]  # fmt: skip
    with store(tmp_path_factory, rows).connect() as connection:
        found = weather.normalised_between(
            connection, CITY, "pm25", (JANUARY, dt.date(2023, 2, 1)), (BEFORE, dt.date(2022, 2, 1))
        )
    # (600 * 60 + 300 * 30) / 900 = 50; (700 * 80 + 350 * 50) / 1050 = 70; of normalised 53 and 60.
    assert (found.now, found.base) == pytest.approx((50.0, 70.0))
    assert found.us == pytest.approx(-7.0) and found.weather == pytest.approx(-13.0)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "none"),
        (ROWS[:1], "none"),
        ([ROWS[0], month(JANUARY, 60.0, None)], "hours"),
        ([ROWS[0], month(JANUARY, 60.0, (62.0, 58.0, 66.0), model="another")], "models"),
    ],
)
def test_what_cannot_be_told_says_why_and_is_no_number(tmp_path_factory, rows, why):
    with store(tmp_path_factory, rows).connect() as connection:
        found = weather.normalised_between(connection, CITY, "pm25", (JANUARY, JANUARY), (BEFORE, BEFORE))
    assert found.why == why and math.isnan(found.us) and math.isnan(found.weather)


def test_months_of_another_season_are_not_compared(connection, tmp_path_factory):
    rows = [*ROWS, month(dt.date(2022, 7, 1), 20.0, (22.0, 20.0, 24.0))]
    with store(tmp_path_factory, rows).connect() as connection:
        july = (dt.date(2022, 7, 1),) * 2
        assert weather.normalised_between(connection, CITY, "pm25", (JANUARY, JANUARY), july).why == "seasons"


def test_who_went_back_is_told_nothing_that_was_learned_later(connection):
    earlier = dt.datetime(2023, 1, 21, 15)  # the record goes to the end of 21 January in Beijing, 16:00 UTC
    asked = (connection, CITY, "pm25", (JANUARY, JANUARY), (BEFORE, BEFORE))
    assert weather.normalised_between(*asked, hour=earlier).why == "later"
    assert weather.normalised_between(*asked, hour=earlier + stores.HOUR).why == ""
    assert weather.months_until(connection, CITY, "pm25", JANUARY, 13, hour=earlier) == []


def test_an_episode_lay_above_its_month_in_usual_weather_by_its_mean_less_that(connection):
    found = weather.excess(connection, CITY, "pm25", START, stores.NEWEST, hour=None)
    c = schema.air_city_hour.c
    query = sa.select(c.pm25_ugm3).where(c.city == CITY, c.hour_end.between(START, stores.NEWEST))
    mean = sum(connection.scalars(query)) / 21
    assert found.hours == 21 and found.observed == pytest.approx(mean)
    assert found.above == pytest.approx(mean - 62.0) and found.half == 4.0


def test_of_ozone_the_hours_of_the_afternoon_are_taken(connection):
    found = weather.excess(connection, CITY, "o3", START, stores.NEWEST, hour=None)
    # From 03:00 to 23:00 in Beijing nine hours end from 13:00 to 21:00.
    assert found.hours == 9 and found.why == "none"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_attribution_and_the_dossier_show_the_parts_with_their_interval(pages, connection, lang):
    days, episode = pages
    for shown in (
        said(days._weather(scene_on(connection, stores.NEWEST, lang=lang))),
        said(episode._weather(scene_on(connection, stores.NEWEST, lang=lang,
                                       params={"id": f"haze/{START:%Y-%m-%dT%H}Z"}))),
    ):  # fmt: skip
        assert "−20.0" in shown and "−8.0" in shown and "−12.0" in shown
        assert "−15.3 … −0.7" in shown and "−19.3 … −4.7" in shown
        assert "0123456789abcdef" in shown and "CDAQS 1-24 h" in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_stored_months_both_pages_say_so(pages, tmp_path_factory, lang):
    with store(tmp_path_factory, []).connect() as connection:
        scene = scene_on(connection, stores.NEWEST, lang=lang, params={"id": f"haze/{START:%Y-%m-%dT%H}Z"})
        for page in pages:
            shown = said(page._weather(scene))
            assert scene.text("weather.why_none") in shown and "NA" in shown


def test_the_months_are_read_by_their_key(connection):
    where = "city = 'a' AND item = 'o3' AND month BETWEEN '2022-01-01' AND '2023-01-01'"
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN SELECT * FROM normalised_month WHERE {where}").all()
    assert "SEARCH normalised_month USING" in str(plan)


def test_pages_part_months_without_the_models_that_made_them():
    # What trains models takes a second to import and 100 MB; a page only reads.
    asked = "import sys, dashboards.queries.weather; sys.exit(any(m in sys.modules for m in ('numba', 'lightgbm', 'scipy')))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
