"""The line on the page of data health that says how far the demo's simulated past is."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboards.components.simulated_past import past_line
from dashboards.context import Scene
from dashboards.moment import at
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from streams.store.connect import begin_write
from streams.store.past import ENDED, FORECAST, OBSERVED, PLANNED, note
from tests.dashboards import stores

SPANS = ("2026-02-01/2026-02-15", "2026-01-01/2026-02-01", "2025-12-01/2026-01-01")
NOW = stores.NEWEST + dt.timedelta(minutes=20)


@pytest.fixture
def said(tmp_path):
    """Note spans under a topic, and give what the page then says in Chinese and in English."""
    engine = stores.empty_store(tmp_path)

    def say(topic: str | None, count: int, *, hour: dt.datetime | None = None) -> list[str]:
        if topic:
            with begin_write(engine) as connection:
                note(connection, topic, SPANS[:count])
        with engine.connect() as connection:
            moment = at(stores.NEWEST, NOW, hour)
            scenes = [
                Scene(connection, View("510100", lang=lang), moment, Text(lang), registry.load())
                for lang in ("zh", "en")
            ]
            return [line.children for scene in scenes for line in past_line(scene)]

    return say


def test_a_store_without_a_simulated_past_says_nothing(said):
    assert said(None, 0) == []


def test_the_month_and_how_many_are_in_are_told_until_all_are(said):
    said(PLANNED, 3)
    zh, en = said(OBSERVED, 1)
    assert zh == "历史（模拟）：2026-01，共 3 个月，已完成 1 个月"
    assert en == "History (simulated): 2026-01, 1 of 3 months are in"
    zh, en = said(OBSERVED, 2)
    assert zh == "历史（模拟）：2025-12，共 3 个月，已完成 2 个月，约剩 1 分钟"
    assert en == "History (simulated): 2025-12, 2 of 3 months are in, about 1 min left"
    zh, en = said(OBSERVED, 3)
    assert zh == "历史（模拟）：监测数据已全部入库；预报 2026-02，共 3 个月，已完成 0 个月"
    assert en == "History (simulated): all that was measured is in; forecasts of 2026-02, 0 of 3 months are in"
    zh, en = said(FORECAST, 3)
    assert zh == "历史（模拟）：3 个月的监测与预报已全部入库"
    assert en == "History (simulated): what was measured and forecast in 3 months is in"


def test_where_real_data_came_it_says_that_it_ended(said):
    said(PLANNED, 3)
    said(OBSERVED, 1)
    assert said(ENDED, 1) == [
        "历史（模拟）：已有真实数据，到此为止（共 3 个月，已完成 1 个月）",
        "History (simulated): ended, for there are real data (1 of 3 months are in)",
    ]


def test_who_went_back_in_time_is_told_nothing_of_today(said):
    said(PLANNED, 3)
    assert said(OBSERVED, 1, hour=stores.NEWEST - dt.timedelta(hours=5)) == []
