"""What would help: the page of measures and the warning on the overview say what the store holds, with its error."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from dashboards.components.scenario_tables import effects_table, known_error
from dashboards.context import Scene
from dashboards.moment import at
from dashboards.queries import scenarios
from dashboards.text import Text
from dashboards.view import View
from ml.scenario.effect import shown_for
from streams import registry
from streams.store.schema import scenario
from tests.dashboards import foreseen, stores

KNOWN = registry.load()
PARTS = ("warning", "scenario-warning", "scenario-effects", "scenario-free", "scenario-check")
NUMBER = re.compile(r"[+−±]?\d+\.\d+")


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> sa.Engine:
    engine = stores.empty_store(tmp_path_factory.mktemp("measures"))
    foreseen.fill(engine)
    return engine


def drawn(engine, sections, name, *, lang="zh", city=foreseen.WARNED, hour=None, cut="") -> str:
    moment = at(foreseen.NEWEST, foreseen.NEWEST + 20 * dt.timedelta(minutes=1), hour)
    with engine.connect() as connection:
        scene = Scene(connection, View(city, lang=lang, cut=cut), moment, Text(lang), KNOWN)
        return str(sections[name].render(scene))


def test_a_level_that_is_asked_for_is_named_with_its_day_and_is_no_published_warning(engine, sections) -> None:
    said = drawn(engine, sections, "scenario-warning")
    assert "橙色预警" in said and "自 2025-12-17 0 时起应为此级" in said and "不是已发布的预警" in said
    assert "川办发" in said or "成都市重污染天气应急预案" in said
    english = drawn(engine, sections, "scenario-warning", lang="en")
    assert (
        "(response II)" in english
        and "orange warning" in english
        and "not a published warning" in english
        and "级" not in english
    )
    assert "不需要预警" in drawn(engine, sections, "scenario-warning", city="510700")


def test_each_level_has_its_change_with_its_interval_in_every_city_and_both_quantities(engine, sections) -> None:
    """Level 2 in Chengdu: 12 % of 130 ug/m3 are 15.6; half a width is 0.35 x 15.6 + 0.4 = 5.9 (tests.dashboards.foreseen)."""
    said = drawn(engine, sections, "scenario-effects")
    assert "−15.6" in said and "−21.5 … −9.7" in said and "90 % 区间 9.7–21.5" in said
    for word in ("黄色", "橙色", "红色", "机动车限行", "−10 %", "−20 %", "−30 %", "−50 %", "µg/m³", "去除量", "TWIN-A"):
        assert word in said, word
    assert all(city.name_zh in said for city in KNOWN.cities.values())
    assert said.count(" asked'") == 2, "of the asked level, one in each table"


def test_an_open_direction_is_said_and_marked(engine, sections) -> None:
    said = drawn(engine, sections, "scenario-effects")
    assert "变化方向不确定（90 % 区间 −0.1 至 +7.5 µg/m³）" in said and "number open" in said


def test_the_known_error_of_the_season_stands_beside_the_numbers(engine, sections) -> None:
    """ml/scenario/shown.toml: the cold season of PM2.5, 0.36 in the median and 5.6 ug/m3 at the 95th percentile."""
    for name in ("scenario-effects", "scenario-free"):
        said = drawn(engine, sections, name)
        assert "冷季" in said and "误差中位数 0.36、第 95 百分位 5.6 µg/m³" in said and "模拟" in said
    assert "误差中位数 0.36" in drawn(engine, sections, "warning"), "on the overview too"


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "不比“不变”更可信"), ("en", "no better than that of saying that nothing changes")]
)
def test_summer_ozone_is_said_to_be_no_better_than_no_answer(engine, lang, words) -> None:
    with engine.connect() as connection:
        moment = at(foreseen.NEWEST, foreseen.NEWEST, None)
        scene = Scene(connection, View(foreseen.WARNED, lang=lang), moment, Text(lang), KNOWN)
        summer = str(known_error(scene, "o3", shown_for("o3", 7), warm=True))
        assert words in summer and "caution" in summer and ("82%" in summer)
        for quantity, month in (("pm25", 7), ("pm25", 1), ("o3", 1)):
            assert words not in str(known_error(scene, quantity, shown_for(quantity, month), warm=month == 7))
        answers = scenarios.ahead(connection, foreseen.WARNED, tuple(KNOWN.cities), foreseen.NEWEST)
        july = scenarios.Answers(dt.datetime(2025, 7, 1, 17), answers.last, answers.run, answers.rows)
        assert "useless" in str(effects_table(scene, july, "o3")) and "useless" not in str(
            effects_table(scene, july, "pm25")
        )


def test_a_free_cut_is_read_off_the_table_of_the_city(engine, sections) -> None:
    """Vehicles of Chengdu: 9 % of the level by all of them, so 2.7 % of 130 by 30 %: 3.5; by all 11.7."""
    assert "若成都机动车减排 30%，成都PM₂.₅ 平均预计下降 3.5 µg/m³" in drawn(engine, sections, "scenario-free")
    said = drawn(engine, sections, "scenario-free", cut="vehicles:510100:100")
    assert "下降 11.7 µg/m³" in said
    assert "若德阳燃煤减排 50%" in drawn(engine, sections, "scenario-free", cut="coal:510600:50")
    said = drawn(engine, sections, "scenario-free", lang="en", cut="coal:*:10")
    assert "If coal burning in all cities emit 10% less" in said


def test_after_a_warning_it_is_said_what_was_foreseen_what_the_tags_say_and_what_was_measured(engine, sections) -> None:
    """Measured 160; by tags since 0.9 x 12 % = 10.8 % less: 160 / 0.892 = 179.4 without, so -19.4; foreseen 0.8 x 15.6 = 12.5.
    The model's own error, 1.645 x 13.85 % of 179.4 = 40.9, is larger: the words say so (shown.toml)."""
    said = drawn(engine, sections, "scenario-check")
    for number in ("160.0", "179.4", "−19.4", "−12.5", "±40.9"):
        assert number in said, number
    assert "仅凭实测与预报之差不能判断成效" in said and "2025-12-17 00:00 至 2025-12-20 00:00" in said
    assert "德阳" not in said, "where no warning was in force nothing is checked"


def test_before_a_warning_has_ended_a_day_there_is_nothing_to_check(engine, sections) -> None:
    said = drawn(engine, sections, "scenario-check", hour=dt.datetime(2025, 12, 19, 15))
    assert "无可核对" in said and not NUMBER.search(said)


def test_an_answer_that_the_tags_do_not_give_is_said_with_its_reason_and_is_no_number(tmp_path, sections) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    c = scenario.c
    gone = dict.fromkeys(("level", "change", "low", "high", "packed")) | {"unanswered": "no_removal"}
    with engine.begin() as connection:
        connection.execute(sa.delete(scenario).where(c.quantity == "o3", c.measure == "free"))
        connection.execute(sa.update(scenario).where(c.quantity == "o3").values(gone))
        connection.execute(sa.delete(scenario).where(c.city == "511800"))
    said = drawn(engine, sections, "scenario-effects")
    assert "臭氧午后平均：不作回答，没有模式给出" in said and "没有该市的来源标记" in said
    assert "臭氧" not in re.sub(r"known-error.*", "", drawn(engine, sections, "scenario-free").split("known-error")[0])


@pytest.mark.parametrize("packed", [None, "", "eJwzAAAAMQAx", "not base64"])
def test_a_table_of_free_cuts_that_is_empty_or_damaged_is_no_answer_and_the_page_stands(
    tmp_path, sections, packed
) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.update(scenario).where(scenario.c.measure == "free").values(packed=packed))
    assert "没有可用的测算" in drawn(engine, sections, "scenario-free")
    assert "−15.6" in drawn(engine, sections, "scenario-effects"), "the other sections say what they know"


@pytest.mark.parametrize(("lang", "words"), [("zh", "标记结果中没有该指标"), ("en", "the tags do not tell it")])
def test_a_reason_speaks_of_the_quantity_that_is_not_answered(tmp_path, sections, lang, words) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    gone = dict.fromkeys(("level", "change", "low", "high")) | {"unanswered": "no_tags"}
    with engine.begin() as connection:
        connection.execute(sa.update(scenario).where(scenario.c.quantity == "pm25").values(gone))
    said = drawn(engine, sections, "scenario-effects", lang=lang)
    (sentence,) = re.findall(rf"[^'\"]*{words}[^'\"]*", said)
    assert "PM₂.₅" in sentence and "臭氧" not in sentence and "ozone" not in sentence


def test_without_tags_it_is_said_that_there_is_no_answer(tmp_path, sections) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(scenario))
    for name in ("scenario-effects", "scenario-free"):
        assert "没有可用的测算" in drawn(engine, sections, name)
    assert "不能测算措施效果" in drawn(engine, sections, "warning")


def test_what_was_worked_out_for_other_cities_is_not_read_as_ours(engine) -> None:
    with engine.connect() as connection:
        found = scenarios.ahead(connection, foreseen.WARNED, tuple(KNOWN.cities), foreseen.NEWEST)
    assert set(scenarios.free_effects(found, ("coal", "*", 0.3), tuple(KNOWN.cities))) == {"pm25", "o3"}
    assert scenarios.free_effects(found, ("coal", "*", 0.3), tuple(KNOWN.cities)[:-1]) == {}


@pytest.mark.parametrize("name", PARTS)
def test_an_hour_shows_nothing_of_what_came_after_it(engine, sections, tmp_path, name) -> None:
    for i, hour in enumerate(
        (dt.datetime(2025, 12, 16, 3), dt.datetime(2025, 12, 19, 20), foreseen.NEWEST - foreseen.HOUR)
    ):
        ended = stores.empty_store(tmp_path / f"{i}") if (tmp_path / f"{i}").mkdir() is None else None
        _copy(engine, ended, hour)
        back = drawn(engine, sections, name, hour=hour)
        assert back == drawn(ended, sections, name, hour=hour)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_simulated_answers_say_so_and_no_share_is_drawn_as_a_pie(engine, sections, name, lang) -> None:
    said = drawn(engine, sections, name, lang=lang)
    assert "sim-mark" in said or "simulated worlds" in said or "模拟世界" in said
    assert "pie" not in said.lower().replace("piece", "")


def _copy(source: sa.Engine, target: sa.Engine, hour: dt.datetime) -> None:
    """Let a store hold what another one held at an hour."""
    from streams.store import schema

    today = (hour + dt.timedelta(hours=8) - foreseen.HOUR).date()
    known = {
        schema.air_city_hour: schema.air_city_hour.c.hour_end <= hour,
        schema.air_city_day: schema.air_city_day.c.day < today,
        schema.forecast_city_hour: schema.forecast_city_hour.c.run_init <= hour,
        schema.scenario: sa.and_(
            scenario.c.run_init <= hour, sa.or_(scenario.c.kind == "ahead", scenario.c.hour_end <= hour)
        ),
    }
    with source.connect() as reading, target.begin() as writing:
        for table, condition in known.items():
            if rows := [dict(row) for row in reading.execute(sa.select(table).where(condition)).mappings()]:
                writing.execute(sa.insert(table), rows)


@pytest.mark.parametrize("cut", ["", "coal:510600:30", "*:*:100", "vehicles:510100:50"])
def test_a_free_cut_survives_the_url(cut) -> None:
    view = View("510100", cut=cut)
    assert View.from_query(view.query(), tuple(KNOWN.cities)) == view


@pytest.mark.parametrize("cut", ["coal", "coal:510600:31", "biogenic:*:30", "coal:999999:30", "a:b:c:d", None, "::"])
def test_a_free_cut_that_cannot_be_read_falls_back_to_the_one_offered_first(cut) -> None:
    view = View.from_query({"cut": cut}, tuple(KNOWN.cities))
    assert view.cut == "" and view.free_cut == ("vehicles", "510100", 30)
