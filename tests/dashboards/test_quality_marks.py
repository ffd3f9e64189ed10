"""What does not count is struck through with its reason, what rests on suspect values says so, and a review overrules both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dashboards.context import Scene
from streams.store import schema
from tests.dashboards import stores

BAD = {
    "pm25_ugm3": 9999.0,
    "o3_ugm3": 310.0,
    "flags": "range:pm25 spike:o3,pm25 apart:pm25",
    "aqi": None,
    "suspect": "o3",
}


@pytest.fixture
def flagged(scene, tmp_path) -> Iterator:
    """A scene whose newest hour of 1431A has a value that does not count and one that is suspect; options change the row."""
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, simulated=False)

    def made(**changes) -> Scene:
        station, city = schema.air_station_hour, schema.air_city_hour
        with engine.begin() as connection:
            here = (station.c.station == "1431A") & (station.c.hour_end == stores.NEWEST)
            connection.execute(sa.update(station).where(here).values(**(BAD | changes)))
            of_city = (city.c.city == "510100") & (city.c.hour_end == stores.NEWEST)
            connection.execute(sa.update(city).where(of_city).values(suspect="o3"))
        return replace(scene, connection=engine.connect())

    yield made
    engine.dispose()


def test_a_value_that_does_not_count_is_struck_through_with_its_reason(flagged, overview) -> None:
    shown = str(overview._stations(flagged()))
    assert "Del(children='9999'" in shown
    assert "不计入任何均值、指数与城市结果：超出量程、突变、偏离邻站" in shown
    assert "PM₂.₅ 不计入" in shown, "the reason why there is no index"
    assert "Span(children='310', className='doubted', title='存疑，仍计入：突变')" in shown
    assert "className='flag invalid'" in shown


def test_a_review_shows_the_value_plainly_and_the_flag_as_overruled(flagged, overview) -> None:
    shown = str(overview._stations(flagged(status="reviewed", suspect="")))
    assert "Del(" not in shown and "doubted" not in shown
    assert "9999" in shown and "flag overruled" in shown and "人工审核有效，标记不采用" in shown


def test_a_city_that_rests_on_suspect_values_says_so_on_its_card(flagged, overview) -> None:
    shown = str(overview._cities(flagged()))
    assert shown.count("children='含存疑数据'") == 1
    assert "aria-label='成都" not in shown, "whoever hears the page hears what is on the card"
    assert "O₃ 含存疑的站点数据，尚未人工审核。" in shown


def test_a_row_of_before_the_columns_is_shown_as_it_was(flagged, overview) -> None:
    shown = str(overview._stations(flagged(flags=None, suspect=None)))
    assert "9999" in shown and "Del(" not in shown
