"""The scenes on stores that are full, empty, of the past, and with one feed dead; their numbers against `standards`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.context import Scene
from dashboards.moment import at
from dashboards.queries import wall as queries
from dashboards.queries.wall import coming
from dashboards.snapshots.markup import markup
from dashboards.text import Text
from dashboards.view import View
from dashboards.wall.page import wall
from ml.scenario.warned import warned_at
from standards.averaging import daily_values
from standards.days import day_of_date
from standards.editions import edition_for
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS, POLLUTANTS
from streams import registry
from streams.store import schema
from streams.store.attribution import hour_of
from tests.dashboards import foreseen, stores

SOON = dt.timedelta(minutes=20)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    engine = stores.empty_store(tmp_path_factory.mktemp("wall"))
    foreseen.fill(engine)
    return engine


@pytest.fixture
def connection(full: sa.Engine) -> Iterator[sa.Connection]:
    """Changes are taken back."""
    with full.connect() as connection:
        yield connection


def look(connection: sa.Connection | None, *, now: dt.datetime = foreseen.NEWEST + SOON, newest=foreseen.NEWEST, lang="zh",
         trouble: str = "") -> Scene:  # fmt: skip
    return Scene(connection, View("510100", lang=lang), at(newest, now, None), Text(lang), registry.load(), trouble)


def drawn(scene: Scene) -> dict[str, str]:
    return {name: markup(render(scene)) for name, render in wall.parts.items()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_scene_is_drawn_without_a_script(connection: sa.Connection, lang: str) -> None:
    parts = drawn(look(connection, lang=lang))
    for name, text in parts.items():
        if name not in ("wall-headline", "wall-pager"):
            scene = name.removeprefix("wall-")
            assert f'data-scene="{scene}"' in text and f'id="scene-{scene}"' in text
            assert "data-tile" in text and "data-age-of" in text, name
    assert len("".join(parts.values()).encode()) < 80_000


@pytest.mark.parametrize("trouble", ["", "closed", "tables"])
def test_without_hours_every_scene_says_so_in_words(tmp_path: Path, trouble: str) -> None:
    scene = look(None, newest=None, trouble=trouble)
    parts = drawn(scene)
    assert "暂时无法判断" in parts["wall-headline"]
    for name, text in parts.items():
        assert name in ("wall-headline", "wall-pager", "wall-map", "wall-cities") or "等待数据" in text, name
        assert "AQI 0" not in text and ">nan" not in text


def test_each_tile_ages_by_its_own_source(connection: sa.Connection) -> None:
    """The run started six hours before the hour shown; the hour has its own age."""
    text = drawn(look(connection))["wall-map"]
    ages = dict(re.findall(r'data-tile="(\w+)".*?data-age-of="(\d+)"', text, re.S))
    apart = int(ages["observed"]) - int(ages["forecast"])
    assert apart == (foreseen.NEWEST - foreseen.RUN).total_seconds()


def test_a_dead_forecast_leaves_the_other_tiles_alone(connection: sa.Connection) -> None:
    connection.execute(sa.delete(schema.forecast_city_hour))
    parts = drawn(look(connection))
    assert "走向不明" in parts["wall-map"] and "走向不明" in parts["wall-days"]
    assert "明日走向不明" in parts["wall-headline"]
    assert 'data-tile="observed"' in parts["wall-map"] and ">210<" in parts["wall-cities"]


def test_only_the_tiles_of_an_old_run_are_stale_in_a_replay(connection: sa.Connection) -> None:
    connection.execute(
        sa.delete(schema.forecast_city_hour).where(
            schema.forecast_city_hour.c.run_init > foreseen.RUN - 60 * foreseen.HOUR
        )
    )
    parts = drawn(look(connection, now=foreseen.NEWEST + dt.timedelta(days=300)))
    assert re.search(r'class="tile ahead-tile tile-stale"', parts["wall-map"])
    assert "tile map-tile tile-stale" not in parts["wall-map"] and "tile-stale" not in parts["wall-cities"]
    assert "历史回放" in parts["wall-headline"] and "data-age-of" not in parts["wall-map"]


def test_no_supersite_is_said(connection: sa.Connection) -> None:
    assert "没有超级站" in drawn(look(connection))["wall-ozone"]


def test_days_ahead_are_what_the_plan_is_judged_by(connection: sa.Connection) -> None:
    for city in foreseen.CITIES:
        plan = warned_at(connection, city, hour_of(foreseen.NEWEST))
        expected = {each.day: each.index for each in plan.days if each.day > plan.day}
        found = {day_of_date(each.date): each.index for each in coming(connection, city, foreseen.NEWEST).days}
        assert {day: index for day, index in found.items() if index is not None} == {
            day: index for day, index in expected.items() if index is not None
        }


def test_days_beyond_the_run_are_na_and_said(connection: sa.Connection) -> None:
    """A run of 120 hours from 08:00 on the 20th ends at 08:00 on the 25th: the 24th is its last whole day."""
    text = drawn(look(connection))["wall-days"]
    assert "预报到 12-24 为止" in text
    assert text.count(">NA<") == 3 * len(foreseen.CITIES)


def test_the_index_of_a_day_is_standards_on_the_rows_of_the_run(connection: sa.Connection) -> None:
    c = schema.forecast_city_hour.c
    first = dt.datetime(2025, 12, 20, 17)  # 01:00 on the 21st in Beijing
    columns = [c[f"forecast_{POLLUTANTS[item].column}"] for item in ITEMS]
    day = c.hour_end.between(first, first + 23 * foreseen.HOUR)
    query = sa.select(*columns).where(c.city == "510100", c.run_init == foreseen.RUN, day).order_by(c.hour_end)
    rows = connection.execute(query).all()
    days = daily_values(np.array(rows, float).T, hour_of(first))
    index = daily_aqi(days.means, edition=edition_for(dt.date(2025, 12, 21))).aqi
    assert coming(connection, "510100", foreseen.NEWEST).days[0].index == int(index[0])


def test_the_year_is_averaged_as_standards_do(connection: sa.Connection) -> None:
    """Means are half-even at whole ug/m3 (HJ 663 Table 3): of 20, 41 and 41 it is 34; of the days two of three are good."""
    connection.execute(sa.delete(schema.air_city_day))
    good = {"so2_ugm3": 8.0, "no2_ugm3": 30.0, "co_mgm3": 0.8, "o3_mda8_ugm3": 90.0, "pm10_ugm3": 60.0}
    rows = [
        {**foreseen._day("510100", 0), **good, "day": dt.date(2025, 1, day), "pm25_ugm3": pm25}
        for day, pm25 in ((1, 20.0), (2, 41.0), (3, 41.0))
    ]
    rows[2]["pm10_ugm3"] = 260.0  # above 250: a daily index above 150 (HJ 633-2012 Table 1)
    connection.execute(sa.insert(schema.air_city_day), rows)
    text = drawn(look(connection))["wall-year"]
    line = re.search(r'<th scope="row">成都</th>(.*?)</tr>', text)[1]
    values = re.findall(r"<td[^>]*>([^<]+)</td>", line)
    assert values[:4] == ["34", "−1", "66.7%", "3/3"]
    assert "没有设定年度目标" in text
    assert "NA" in re.search(r'<th scope="row">德阳</th>(.*?)</tr>', text)[1]


def test_the_year_is_drawn_against_the_target_of_the_portals_folder(connection: sa.Connection, tmp_path: Path) -> None:
    entry = '[[target]]\nplace = "510100"\nyear = 2025\nkind = "pm25_mean_ugm3"\nvalue = 33.0\nsource = "example"\n'
    (tmp_path / "targets.toml").write_text(entry)
    connection.execute(sa.delete(schema.air_city_day))
    rows = [
        {**foreseen._day("510100", 0), "day": dt.date(2025, 1, day), "pm25_ugm3": 20.0 + day} for day in range(1, 31)
    ]
    connection.execute(sa.insert(schema.air_city_day), rows)
    scene = dataclasses.replace(look(connection), folder=tmp_path)
    text = drawn(scene)["wall-year"]
    assert "对照已设定的年度目标" in text and 'class="spark"' in text and 'class="limit"' in text
    (tmp_path / "targets.toml").write_text(entry.replace("33.0", "none"))
    text = drawn(scene)["wall-year"]
    assert "对照已设定的年度目标" in text and "targets.toml" in text


def test_days_after_the_day_shown_do_not_count(connection: sa.Connection) -> None:
    connection.execute(sa.delete(schema.air_city_day))
    row = {**foreseen._day("510100", 0), "day": dt.date(2025, 12, 20), "pm25_ugm3": 50.0}
    connection.execute(sa.insert(schema.air_city_day), [row])
    assert "还没有已完成的日值" in drawn(look(connection))["wall-year"]


def test_ranks_begin_with_the_cleanest_and_leave_out_what_has_no_index(connection: sa.Connection) -> None:
    c = schema.air_city_hour
    newest = (c.c.hour_end == foreseen.NEWEST,)
    connection.execute(sa.update(c).where(c.c.city == "511800", *newest).values(aqi=30))
    connection.execute(sa.update(c).where(c.c.city == "510600", *newest).values(aqi=None))
    text = drawn(look(connection))["wall-cities"]
    assert "雅安<small>优劣第 1/7" in text and "成都<small>优劣第 7/7" in text and "德阳</h3>" in text


def test_a_supersite_shows_total_potential_and_its_largest_compounds(connection: sa.Connection) -> None:
    scene = look(connection)
    code, station = next(iter(scene.registry.stations.items()))
    stations = {**scene.registry.stations, code: dataclasses.replace(station, kind="super", name_zh="测试超级站")}
    scene = dataclasses.replace(scene, registry=dataclasses.replace(scene.registry, stations=stations))
    assert "1 个超级站今天没有组分数据" in drawn(scene)["wall-ozone"]
    row = {"station": code, "hour_end": foreseen.NEWEST, "city": "510100", "n_species": 3, "n_below": 1, "total_ppb": 12.3,
           "ofp_ugm3": 45.6, "ofp_species": 2, "status": "provisional", "revision": 0, "simulated": True, "version": 1,
           "species_ppb": '{"ethane": 7.0, "toluene": 5.3, "isoprene": "<0.02"}'}  # fmt: skip
    connection.execute(sa.insert(schema.voc_station_hour), [row])
    text = drawn(dataclasses.replace(scene))["wall-ozone"]
    assert "测试超级站" in text and "<b>12.3</b>" in text and "<b>45.6</b>" in text and "模拟" in text
    assert text.index("乙烷") < text.index("甲苯") and "异戊二烯" not in text and "ethane" not in text
    english = drawn(dataclasses.replace(scene, text=Text("en")))["wall-ozone"]
    assert english.index("ethane") < english.index("toluene")
    assert "<b>NA</b><small>1/s</small>" in text  # no reactivity is stored, and none is guessed


def test_every_question_goes_by_an_index(connection: sa.Connection) -> None:
    """What the wall asks beside other pages does not grow with the years that are stored."""
    asked: list[tuple[str, object]] = []

    def note(_conn, _cursor, statement, parameters, *_rest) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    queries.coming(connection, "510100", foreseen.NEWEST)
    queries.year_so_far(connection, foreseen.CITIES, dt.date(2025, 12, 20))
    queries.voc_hours(connection, ["1431A"], foreseen.NEWEST, foreseen.NEWEST)
    sa.event.remove(connection, "before_cursor_execute", note)
    assert len(asked) == 4
    for statement, parameters in asked:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        assert not [step for *_, step in plan if step.startswith("SCAN") and "CONSTANT" not in step], (statement, plan)
