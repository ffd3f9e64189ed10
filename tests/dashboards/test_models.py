"""The page of models: which there are, what they have shown, and which stands behind a number."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dashboards import live
from dashboards.components.model_cards import model_list, value_table
from dashboards.queries import models as queries
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
    assert "起报后 6 小时" in text and "12.04 不小于基准 持续性 的 7.97" in text
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
        "pm25_ugm3 | 41.2",
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
    assert model_list(scene, []).children == [] and said(value_table(scene, [])).count("|") == 4
