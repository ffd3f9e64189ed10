"""The page of models: which there are, what they have shown, and which stands behind a number."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dashboards import live
from dashboards.components.model_cards import model_list, value_table
from dashboards.queries import models as queries
from dashboards.queries.confidence import signs_at
from dashboards.text import Text
from ml.registry.registry import Registry
from ml.registry.standing import STATUSES
from ml.registry.words import catalogue
from streams.store import schema
from tests.dashboards import stores
from tests.dashboards.test_unknown import said
from tests.ml.registry.made import NAME, registry, serving, trained

CITY = "510100"


@pytest.fixture
def held(tmp_path) -> Registry:
    models = registry(tmp_path / "models")
    serving(models, "1", "2")
    trained(models, "3", error=15.0, simulated=True)
    return models


@pytest.fixture
def page(sections) -> dict[str, live.Section]:
    return {name: sections[name] for name in ("models", "model-values")}


def test_the_model_that_serves_stands_first_and_open_and_all_cards_say_what_they_are_not_for(scene, page, held) -> None:
    shown = page["models"].render(replace(scene, models=held.root))
    text = said(shown)
    assert text.index("服务中") < text.index("已批准") < text.index("已评估")
    for words in (
        "细颗粒物线性订正",
        f"{NAME} 2",
        "赵主任",
        "不得用于",
        "来源解析",
        "✓ 通过",
        "✗ 未通过",
        "HJ 633-2026",
    ):
        assert words in text
    assert "起报后 6 小时" in text and "12.04 不小于基准 气候值 的 " in text
    listed = shown[1].children
    assert [each.open for each in listed] == [True, False, False]
    assert ["模拟" in said(each) for each in listed] == [False, False, True]


def test_the_page_reads_in_english_too(scene, page, held) -> None:
    text = said(page["models"].render(replace(scene, models=held.root, text=Text("en"))))
    for words in ("serving", "not to be used for", "attribution to sources", "6 h after the run's start", "simulated"):
        assert words in text


def test_without_a_registry_or_with_a_damaged_one_the_page_says_so(scene, page, held, tmp_path) -> None:
    assert "还没有登记的模型" in said(page["models"].render(scene))
    assert "还没有登记的模型" in said(page["models"].render(replace(scene, models=tmp_path / "nothing")))
    (held.root / "journal" / "00000002.json").write_text("{")
    assert "模型登记处读不出" in said(page["models"].render(replace(scene, models=held.root)))


def test_a_card_that_is_damaged_takes_no_other_model_and_no_mark_from_the_page(scene, page, held) -> None:
    digest = held.standings().of(NAME, "1").card
    (held.root / "objects" / digest[:2] / digest).write_bytes(b"")
    shown = page["models"].render(replace(scene, models=held.root))
    text = said(shown)
    assert f"{NAME} 2" in text and f"{NAME} 3" in text and f"{NAME} 1: the card of {NAME} 1 has changed on disk" in text
    assert ["模拟" in said(each) for each in shown[1].children] == [False, True]


def test_each_number_names_the_model_and_version_behind_it_and_none_is_na(scene, page, tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    row = {"city": CITY, "hour_end": stores.NEWEST, "run": "", "model": NAME, "quantity": "pm25_ugm3", "value": 41.25,
           "model_version": "2026.11", "simulated": False, "version": 1}  # fmt: skip
    rows = [
        row, row | {"quantity": "o3_ugm3", "value": None, "simulated": True},
        row | {"model": "other", "run": "CDAQS/2023-01-20T12Z", "value": 1.0},
        row | {"model": "other", "run": "CDAQS/2023-01-21T00Z", "value": 77.0},
        row | {"city": "510600", "value": 99.0}, row | {"hour_end": stores.NEWEST - dt.timedelta(hours=1), "value": 88.0},
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.model_hour), rows)
    with engine.connect() as connection:
        text = said(page["model-values"].render(replace(scene, connection=connection)))
    for words in (
        "PM₂.₅ 小时值 | µg/m³ | 41.2",
        "2026.11",
        "模拟 | NA",
        "77.0",
        "CDAQS/2023-01-21T00Z",
        "无（观测时次）",
    ):
        assert words in text
    assert not any(words in text for words in ("88.0", "99.0", "1.0 |", "2023-01-20T12Z")), (
        "the newest run of this hour alone"
    )
    assert "没有模型给出的数值" in said(page["model-values"].render(scene))


def test_what_a_model_of_simulated_data_says_of_measured_hours_is_marked_too(scene, page, held, tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    row = {"city": CITY, "hour_end": stores.NEWEST, "run": "", "model": NAME, "quantity": "pm25_ugm3", "value": 41.25,
           "simulated": False, "version": 1}  # fmt: skip
    for version, marked in (("2", False), ("3", True)):  # the third was trained on simulated data
        with engine.begin() as connection:
            connection.execute(sa.delete(schema.model_hour))
            connection.execute(sa.insert(schema.model_hour), [row | {"model_version": version}])
        with engine.connect() as connection:
            shown = said(page["model-values"].render(replace(scene, connection=connection, models=held.root)))
        assert ("模拟" in shown) is marked


def test_a_page_of_the_past_shows_the_models_as_they_stood(held) -> None:
    moments = {event.event: event.at for event in held.history() if event.version == "1"}
    approved = dt.datetime.fromtimestamp(moments["approved"], dt.UTC).replace(tzinfo=None)
    then = queries.models_at(held.root, approved)
    assert [(m.standing.version, m.standing.status) for m in then] == [("1", "approved")]
    (early,) = queries.models_at(held.root, dt.datetime.fromtimestamp(moments["trained"], dt.UTC).replace(tzinfo=None))
    assert early.card.scores == () and then[0].card.scores
    assert len(queries.models_at(held.root, None)) == 3 and queries.models_at(None, None) == []


def test_every_event_of_the_registry_is_news_to_an_open_page(held, tmp_path) -> None:
    seen = {queries.stamp(held.root)}
    held.roll_back(NAME, by="a", why="b")
    seen.add(queries.stamp(held.root))
    held.retire(NAME, by="a", why="b")
    seen.add(queries.stamp(held.root))
    assert len(seen) == 3 and queries.stamp(None) == queries.stamp(tmp_path / "nothing") == ""


def test_a_status_is_a_word_in_both_languages() -> None:
    assert {f"status_{each}" for each in STATUSES} <= set(catalogue())


def test_empty_lists_draw_nothing(scene) -> None:
    assert model_list(scene, [], {}).children == [] and said(value_table(scene, [])).count("|") == 4


def _store_of_a_model(
    tmp_path, error: float, *, hours: int = 96, behind: int = 0, city_rows: bool = True, quantity: str = "pm25_ugm3"
) -> sa.Engine:
    """Make a store in which a model was off by error in each of the last hours; the feed may be behind [h]."""
    tmp_path.mkdir()
    engine, hour = stores.empty_store(tmp_path), dt.timedelta(hours=1)
    newest = stores.NEWEST - behind * hour
    said_rows = [
        {"city": CITY, "hour_end": newest - h * hour, "run": "", "model": NAME, "quantity": quantity,
         "value": 50.0 + error, "model_version": "2", "simulated": False, "version": 1} for h in range(hours)
    ]  # fmt: skip
    seen_rows = [
        {"city": CITY, "hour_end": newest - h * hour, "pm25_ugm3": 50.0, "edition": "HJ 633-2012", "status": "provisional",
         "revision": 0, "simulated": False, "version": 1} for h in range(hours)
    ]  # fmt: skip
    run = {"city": CITY, "hour_end": stores.NEWEST, "run": "CDAQS/x", "run_init": newest, "lead_hours": 1, "lead_day": 0,
           "points": 1, "edition": "HJ 633-2012", "simulated": False, "version": 1}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.model_hour), said_rows)
        connection.execute(sa.insert(schema.forecast_city_hour), [run])
        if city_rows:
            connection.execute(sa.insert(schema.air_city_hour), seen_rows)
    return engine


@pytest.mark.parametrize(
    ("error", "options", "words"),
    [
        (5.0, {}, "成都，所示时次：可信度高"),
        (7.0, {"quantity": "pm25_ugm3_q50"}, "可信度低；近期误差是模型卡上的 1.5 倍（96 对）"),
        (7.0, {"quantity": "pm25_ugm3_q90"}, "可信度中；近期误差尚不可知（不足 48 对）"),
        (7.0, {}, "可信度低；近期误差是模型卡上的 1.5 倍（96 对）"),
        (-9.0, {}, "可信度低；近期误差是模型卡上的 1.9 倍"),
        (9.5, {}, "不作预报；近期误差是模型卡上的 2.1 倍"),
        (5.0, {"behind": 5}, "不作预报；缺少必需的数据：观测"),
        (5.0, {"city_rows": False}, "缺少必需的数据：观测"),
    ],
)
def test_the_confidence_shown_falls_with_errors_of_late_and_feeds_that_are_behind(
    scene, page, held, tmp_path, error, options, words
) -> None:
    # The card's mean absolute error is 4.62.
    engine = _store_of_a_model(tmp_path / "store", error, **options)
    with engine.connect() as connection:
        shown = said(page["models"].render(replace(scene, connection=connection, models=held.root)))
    assert words in shown and shown.count("所示时次") == 1, "only what serves is judged"


@pytest.mark.parametrize(
    ("error", "options", "refuse", "shown"),
    [(5.0, {}, False, True), (7.0, {}, False, True), (9.5, {}, False, False), (5.0, {"city_rows": False}, False, False),
     (5.0, {}, True, False)],
)  # fmt: skip
def test_a_number_that_is_not_to_be_trusted_at_all_is_no_forecast(
    scene, page, held, tmp_path, error, options, refuse, shown
) -> None:
    engine = _store_of_a_model(tmp_path / "store", error, **options)
    if refuse:
        held.refuse(NAME, "2", by="赵主任", why="wrong units")
    for language, none, needed in (("zh", "不作预报", "可信度"), ("en", "no forecast", "confidence")):
        with engine.connect() as connection:
            asked = replace(scene, connection=connection, models=held.root, text=Text(language))
            text = said(page["model-values"].render(asked))
        assert (f"{50.0 + error:.1f}" in text) is shown and (none in text) is not shown
        assert f"{NAME} 2: " in text and (needed in text) is shown, "the model is named, and why"


def test_nothing_of_after_the_hour_shown_changes_the_confidence(held, tmp_path) -> None:
    (serves, *_) = queries.models_at(held.root, None)
    engine = _store_of_a_model(tmp_path / "store", 5.0)
    before = stores.NEWEST - dt.timedelta(hours=48)
    later = schema.model_hour.c.hour_end > before
    with engine.begin() as connection:
        seen = signs_at(connection, CITY, before, serves)
        connection.execute(sa.update(schema.model_hour).where(later).values(value=900.0))
        assert signs_at(connection, CITY, before, serves) == seen and seen.rolling_pairs == 48


def test_a_long_list_of_values_is_one_of_groups_the_first_of_them_open(scene):
    codes = [f"level{n}_day_pct" for n in range(1, 7)] + [f"pm25_day_ugm3_q{q}" for q in range(10, 100, 10)]
    rows = [
        {"quantity": code, "value": 1.0, "model": "m", "model_version": "1", "run": "", "simulated": False}
        for code in codes
    ]
    few, many = value_table(scene, rows[:12]), value_table(scene, rows)
    assert few.className == "scroll"
    assert [(each.open, each.children[0].children) for each in many.children] == [
        (True, "日浓度与其分位数（9 项）"),
        (False, "各级别的概率（6 项）"),
    ]
