"""The page of data health: every source, its files and refused rows by pages, open hours; nothing that came later."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dashboards.components.health_tables import _reject
from dashboards.moment import at
from streams.store import schema
from streams.store.health import Reject
from tests.dashboards import stores
from tests.dashboards.judging.conftest import said, scene_on

HOUR = dt.timedelta(hours=1)
PARTS = ("_sources", "_files", "_refused", "_books", "_clocks")


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> sa.Engine:
    engine = stores.empty_store(tmp_path_factory.mktemp("books"))
    stores.fill(engine)
    row = {"source": "cnemc", "hour_end": stores.NEWEST, "rows": 1, "set_aside": False, "reason": "no number", "value": "?",
           "expected": "a number"}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.rejected), [
            row | {"id": f"x{k:02}", "file": f"file {k:02}", "position": "line 1",
                   "received_at": stores.NEWEST - (k + 1) * HOUR} for k in range(45)
        ])  # fmt: skip
        connection.execute(sa.insert(schema.source_file), [
            {"digest": f"{k:064x}", "file": f"many {k:02}.csv", "source": "cdaqs", "rows_in": 1, "rejected": 0, "simulated": False,
             "received_at": stores.NEWEST - k * HOUR} for k in range(45)
        ])  # fmt: skip
    return engine


@pytest.fixture
def scene(engine):
    with engine.connect() as connection:
        yield lambda **asked: scene_on(connection, stores.NEWEST, **asked)


@pytest.fixture(scope="module")
def page(overview):
    from dashboards.pages import data_health

    return data_health


def of_source(scene, source: str):
    return replace(scene, view=replace(scene.view, source=source))


def test_sources_and_the_hours_whose_books_are_open_are_listed(page, scene) -> None:
    assert "1,968" in said(page._sources(scene())) and "cnemc" in said(page._sources(scene()))
    open_ = said(page._books(scene()))
    assert "cdaqs | 2023-01-21 17:00 | +1" in open_ and "cnemc" not in open_, "10 = 8 + 0 + 0 + 1 leaves one"


def test_the_page_tells_when_the_segments_were_last_read_from_end_to_end(page, engine) -> None:
    verified = schema.topic_position.c.topic == "verified"

    def told() -> str:
        with engine.connect() as connection:
            return said(page._books(scene_on(connection, stores.NEWEST)))

    with engine.connect() as connection:
        now = scene_on(connection, stores.NEWEST).moment.now.replace(tzinfo=None, second=0, microsecond=0)
    assert "数据流尚未通读核对" in told()
    for hours, words in ((2, "通读核对：{begun} 至 {ended}，7 段，1.5 MB"), (60, "结束于 {ended}，已是 60 小时前")):
        begun, ended = now - (hours + 1) * HOUR, now - hours * HOUR
        row = {"topic": "verified", "segment": f"{begun:%Y-%m-%dT%H:%M:%SZ} {ended:%Y-%m-%dT%H:%M:%SZ} 7 1500000",
               "stored_at": dt.datetime(1970, 1, 1)}  # fmt: skip
        with engine.begin() as connection:
            connection.execute(sa.delete(schema.topic_position).where(verified))
            connection.execute(sa.insert(schema.topic_position), [row])
        in_beijing = {
            "begun": f"{begun + 8 * HOUR:%Y-%m-%d %H:%M}", "ended": f"{ended + 8 * HOUR:%Y-%m-%d %H:%M}",
        }  # fmt: skip
        assert words.format(**in_beijing) in told(), told()
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.topic_position).where(verified))


def test_refused_rows_come_by_pages_and_the_last_page_ends(page, scene) -> None:
    """47 refused rows are two pages of 20 and one of 7."""
    counts = [said(page._refused(scene(params={"rejects": str(n)}))).count("cnemc · ") for n in (1, 2, 3, 4)]
    assert counts == [20, 20, 7, 0]
    assert "rejects=2" in str(page._refused(scene())) and "rejects=4" not in str(
        page._refused(scene(params={"rejects": "3"}))
    )


def test_reasons_are_in_the_language_of_the_reader(page, scene) -> None:
    one = {"params": {"rejects": "2"}}
    assert "no number" in said(page._refused(scene(lang="en", **one)))
    chinese = said(page._refused(scene(**one)))
    assert "no number" not in chinese and "不是数" in chinese


def test_files_of_a_source_come_by_pages(page, scene) -> None:
    assert "点一个数据源" in said(page._files(scene()))
    shown = [said(page._files(of_source(scene(params={"files": str(n)}), "cdaqs"))).count("many ") for n in (1, 2, 3)]
    assert shown == [20, 20, 5]


@pytest.mark.parametrize("params", [{"files": "0"}, {"files": "51"}, {"files": "two"}], ids=str)
def test_a_page_that_cannot_be_read_falls_back_and_is_named(page, scene, params) -> None:
    assert "文件页码（files）" in said(page._files(of_source(scene(params=params), "cdaqs")))
    assert "数据源（source）" in said(page._sources(of_source(scene(), "nobody")))


def test_looking_back_shows_no_file_and_no_reject_that_came_later(page, engine) -> None:
    hour = stores.NEWEST - 10 * HOUR
    with engine.connect() as connection:
        base = scene_on(connection, stores.NEWEST)
        now = stores.NEWEST + HOUR / 2
        back = of_source(replace(base, moment=at(stores.NEWEST, now, hour)), "cdaqs")
        assert back.moment.is_past and not back.moment.replayed
        files = said(page._files(back))
        assert "many 10.csv" in files and "many 09.csv" not in files
        rejects = said(page._refused(of_source(back, "cnemc")))
        assert "file 09" in rejects and "file 08" not in rejects
        assert back.text("data.books_past") in said(page._books(back))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_store_every_part_says_so(page, lang) -> None:
    nothing = scene_on(None, None, lang=lang)
    assert all(nothing.text("health.no_sources") in said(getattr(page, part)(nothing)) for part in PARTS)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refused_row_of_which_nothing_is_known_is_shown_with_dashes(scene, lang) -> None:
    text = said(_reject(scene(lang=lang), Reject("cnemc", None, None, None, None, None, None, 1, False, None)))
    assert "cnemc" in text and "—" in text and "None" not in text
