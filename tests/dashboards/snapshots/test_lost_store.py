"""What was drawn from a store that is lost, locked or of another version replaces nothing good, and is said in words soon."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from dashboards.app import create_app, create_portal
from dashboards.context import Context
from dashboards.pulse import pulse_of
from dashboards.serving import WAIT_S
from dashboards.snapshots import press as presses
from dashboards.snapshots.press import Press
from dashboards.snapshots.shelf import Shelf
from streams import registry
from streams.store import open_store
from tests.dashboards.conftest import NOW
from tests.dashboards.test_answers import ask

KEPT_WORDS = "数据库目前无法读取，以下是此前的数据"


def _lose(context: Context, tmp_path: Path) -> None:
    context._engine = sa.create_engine(f"sqlite:///{tmp_path}/gone/store.sqlite")


def _copy(engine: sa.Engine, tmp_path: Path) -> Path:
    path = tmp_path / "copy.sqlite"
    with sqlite3.connect(engine.url.database) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    return path


def _press(context: Context) -> Press:
    return Press(context, Shelf(context.folder / "shelf"), pause=lambda _: None)


def test_an_answer_that_waits_is_not_kept_when_the_store_is_lost_while_it_is_drawn(
    engine, monkeypatch, tmp_path
) -> None:
    from dashboards import live

    client = Client(create_app(Context(lambda: engine, registry.load(), clock=lambda: NOW)).server)
    context, real = client.application.extensions["airshed"], live.open_scene

    def losing(query):
        _lose(context, tmp_path)
        return real(query)

    monkeypatch.setattr(live, "open_scene", losing)
    waiting = ask(client, section="cities").data
    monkeypatch.setattr(live, "open_scene", real)
    context._engine = engine
    assert ask(client, section="cities").data != waiting


def test_a_press_that_starts_while_the_store_is_down_keeps_the_pages_that_lie_there(
    declared_pages, context, tmp_path
) -> None:
    first = _press(context)
    first.look()
    engine = context._engine
    _lose(context, tmp_path)
    again = _press(context)
    assert not again.look()
    state = Shelf(first.shelf.folder).state()
    assert (state.version, state.trouble) == (first.version, "tables")
    context._engine = engine
    assert not again.look() and Shelf(first.shelf.folder).state().trouble == ""


def test_pages_of_another_release_are_not_taken_for_good_ones(declared_pages, context, tmp_path, monkeypatch) -> None:
    _press(context).look()
    monkeypatch.setattr(presses.release, "release", lambda: "another")
    _lose(context, tmp_path)
    again = _press(context)
    assert again.look() and presses.is_unread(again.version)


def test_words_of_one_trouble_do_not_stay_when_the_trouble_is_another(
    declared_pages, context, tmp_path, monkeypatch
) -> None:
    _lose(context, tmp_path)
    press = _press(context)
    assert press.look()
    before = press.version
    context._engine, context.open_engine = None, lambda: (_ for _ in ()).throw(OSError("away"))
    assert press.look() and press.version != before and presses.is_unread(press.version)


def test_a_store_that_is_lost_while_the_press_draws_leaves_the_pages_before_up(
    declared_pages, context, tmp_path, monkeypatch
) -> None:
    press = _press(context)
    press.look()
    version, real = press.version, presses.drawn

    def losing(*asked):
        _lose(context, tmp_path)
        return real(*asked)

    monkeypatch.setattr(presses, "drawn", losing)
    monkeypatch.setattr(presses, "version_of", lambda *_: "b" * 16)
    assert not press.look()
    assert Shelf(press.shelf.folder).state().version == version and not press.shelf.has("b" * 16)


@pytest.mark.parametrize("with_press", [True, False])
def test_a_page_that_is_kept_says_without_a_script_that_the_store_cannot_be_read(
    declared_pages, context, tmp_path, with_press
) -> None:
    press = _press(context)
    press.look()
    assert KEPT_WORDS not in Client(create_portal(context)).get("/probe/510100").text
    _lose(context, tmp_path)
    if with_press:
        press.look()
    else:
        press.shelf.say(presses.State(press.version, "", 0.0, presses.release.release()))
    client = Client(create_portal(context))
    for accepted in ("", "br", "gzip"):
        answer = client.get("/probe/510100", headers={"Accept-Encoding": accepted})
        assert answer.status_code == 200
    told = client.get("/probe/510100").text
    assert "<p>成都 2023-01-21 15:00:00</p>" in told and "<noscript><p" in told and KEPT_WORDS in told
    assert "The store cannot be read at present" in client.get("/en/probe/510100").text
    assert KEPT_WORDS not in client.get(f"/fragments/{press.version}/probe/510100").text


def test_a_locked_store_is_given_up_in_less_than_two_seconds_with_words(engine, tmp_path) -> None:
    path = _copy(engine, tmp_path)
    with sqlite3.connect(path) as plain:
        plain.execute("pragma journal_mode=delete")
    writer = sqlite3.connect(path, isolation_level=None)
    context = Context(lambda: open_store(path, create=False, wait_s=WAIT_S), registry.load(), clock=lambda: NOW)
    client = Client(create_portal(context))
    assert client.get("/now").json["trouble"] == ""
    with sqlite3.connect(path) as plain:  # a file system without shared memory, as of a network, lets no WAL be
        context._engine.dispose()
        plain.execute("pragma journal_mode=delete")
    writer.execute("begin exclusive")
    try:
        for path_of_page in ("/", "/city/510100", "/api/v1/city-hours"):
            began = time.monotonic()
            answer = client.get(path_of_page)
            assert time.monotonic() - began < 2.0
            assert answer.status_code == 503 or "暂时没有可显示的数值" in answer.text
    finally:
        writer.execute("rollback")
        writer.close()


def test_a_store_of_another_version_is_noticed_while_running_and_said_in_words(engine, tmp_path) -> None:
    path = _copy(engine, tmp_path)
    context = Context(lambda: open_store(path, create=False), registry.load(), clock=lambda: NOW)
    client = Client(create_portal(context))
    assert client.get("/now").json["trouble"] == "" and client.get("/api/v1/cities").status_code == 200
    with sqlite3.connect(path) as other:
        other.execute("update alembic_version set version_num = '9999'")
    context.pulse._at = -1e9
    assert pulse_of(context) == ("", "version")
    client = Client(create_portal(context))
    assert client.get("/now").json["trouble"] == "version"
    assert "属于另一版本" in client.get("/city/510100").text and "another version" in client.get("/en/city/510100").text
    assert "属于另一版本" in client.get("/wall").text
    refused = client.get("/api/v1/cities")
    assert refused.status_code == 503 and "version" in refused.json["error"]["what"]
    assert client.get("/health").json["store"] == {"readable": False, "trouble": "version"}
