"""What a browser gets: pages, fragments, /now, scripts; and what it gets where something is wrong."""

import gzip
import json
import sqlite3
import time

import brotli
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.snapshots import front as fronts
from dashboards.snapshots import pages
from dashboards.snapshots.press import Press
from dashboards.snapshots.shelf import Shelf


def test_a_page_is_whole_without_a_script(client):
    answer = client.get("/probe/510700")
    assert answer.status_code == 200 and answer.text.startswith('<!doctype html><html lang="zh-CN"')
    assert "<p>绵阳 2023-01-21 15:00:00</p>" in answer.text
    assert "<p>Mianyang 2023-01-21 15:00:00</p>" in client.get("/en/probe/510700").text


def test_an_hour_of_the_past_is_that_hour_tomorrow_too(client):
    assert "<p>绵阳 2023-01-21 04:00:00</p>" in client.get("/probe/510700/2023-01-21T12").text


@pytest.mark.parametrize(
    ("accepted", "read"), [("gzip, deflate, br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)]
)
def test_a_page_comes_as_the_browser_can_take_it(client, accepted, read):
    plain = client.get("/probe/510100")
    answer = client.get("/probe/510100", headers={"Accept-Encoding": accepted})
    assert read(answer.data) == plain.data and answer.headers["Vary"] == "Accept-Encoding"
    again = client.get("/probe/510100", headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and again.data == b""
    assert client.head("/probe/510100").data == b""


def test_now_tells_the_version_whose_fragments_can_be_had(client):
    now = client.get("/now").json
    assert set(now) == {"now", "version", "release", "trouble"} and now["trouble"] == ""
    answer = client.get(f"/fragments/{now['version']}/probe/510100")
    made = answer.json
    assert made["version"] == now["version"] and made["parts"]["own"].startswith("<p>成都")
    assert "immutable" in answer.headers["Cache-Control"] and "no-store" in client.get("/now").headers["Cache-Control"]
    assert client.get("/fragments/0000/probe/510100").status_code == 404


def test_what_the_press_made_is_what_would_be_drawn_now(client, context):
    before = client.get("/probe/510100").text
    press = Press(context, Shelf(context.folder / "shelf"), pause=lambda _: None)
    assert press.look() and not press.look()
    assert client.get("/now").json["version"] == press.version
    assert client.get("/probe/510100").text.replace(press.version, "") == before.replace(_version(before), "")


def _version(page: str) -> str:
    return page.partition('data-version="')[2].partition('"')[0]


def test_a_press_that_fell_silent_is_not_believed(client, context):
    press = Press(context, Shelf(context.folder / "shelf"), clock=lambda: 0.0, pause=lambda _: None)
    press.version = "abandoned"
    press.look()
    state = json.loads((context.folder / "shelf" / "current").read_text())
    (context.folder / "shelf" / "current").write_text(json.dumps(state | {"version": "gone"}))
    assert client.get("/now").json["version"] != "gone"
    assert client.get("/probe/510100").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/probe/510100", "/en/probe/510100", "/now", "/analysis", "/nothing", "/assets/alive.js"]
)
def test_every_answer_carries_the_headers_of_safety(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Server"] == "airshed"
    if headers["Content-Type"].startswith("text/html"):
        policy = headers["Content-Security-Policy"]
        assert (
            "'unsafe-eval'" not in policy
            and "script-src 'self'" in policy
            and "'unsafe-inline'" not in policy.split("style-src")[0]
        )


def broken(_scene):
    raise RuntimeError("secret words of the inside")


def test_a_part_in_trouble_says_so_and_the_others_stand(client):
    pages.page("analysis", "/broken", {"own": broken, "other": lambda _: "stands"})
    text = client.get("/broken").text
    assert "此部分暂时无法显示" in text and "stands" in text and "secret" not in text


def test_a_page_in_trouble_takes_no_other_with_it(client, monkeypatch):
    def lost(*_):
        raise RuntimeError("secret words of the inside")

    monkeypatch.setattr(fronts, "drawn", lost)
    answer = client.get("/probe/510100")
    assert answer.status_code == 500 and "故障已记录" in answer.text and "secret" not in answer.text
    monkeypatch.undo()


def test_a_store_that_cannot_be_read_is_said_in_words(declared_pages, context, tmp_path):
    from werkzeug.test import Client

    from dashboards.app import create_portal

    context._engine = sa.create_engine(f"sqlite:///{tmp_path}/empty.sqlite")
    client = Client(create_portal(context))
    assert "暂时没有可显示的数值" in client.get("/").text and "no numbers to show" in client.get("/en/").text
    assert client.get("/now").json["trouble"] == "tables"


def test_memory_is_bounded_however_many_hours_are_asked_for(client, monkeypatch):
    monkeypatch.setattr(fronts, "KEPT", 8)
    for day in range(1, 21):
        assert client.get(f"/probe/510100/2023-01-{day:02d}T05").status_code == 200
    assert len(client.application.behind._kept) <= 8


def test_no_address_makes_it_fall(client):
    @settings(max_examples=60, deadline=None)
    @given(
        st.text(st.characters(codec="utf-8"), max_size=60),
        st.sampled_from(["/", "/fragments/", "/static/", "/probe/", "/en/"]),
    )
    def holds(rest, begin):
        status = int(client.run_wsgi_app(_environ(begin + rest))[1].split()[0])
        assert status in (200, 301, 302, 304, 308, 400, 404, 405)

    holds()


def _environ(path: str) -> dict:
    from werkzeug.test import EnvironBuilder

    environ = EnvironBuilder("/").get_environ()
    environ["PATH_INFO"] = path.encode().decode("latin-1")
    return environ


@pytest.mark.parametrize(
    ("query", "to"),
    [
        ("city=510100&date=2023-01-21&hour=12", "/city/510100/2023-01-21T12"),
        ("city=510100&date=2023-01-21&hour=24", "/city/510100/2023-01-22T00"),
        ("city=510100&date=2023-01-21&hour=25", "/history"),
        ("city=//evil.example&date=2023-01-21&hour=1", "/history"),
        ("", "/history"),
    ],
)
def test_a_form_without_a_script_leads_to_an_address(context, query, to):
    from werkzeug.test import Client

    from dashboards.app import create_portal

    client = Client(create_portal(context))
    for before in ("", "/en"):
        answer = client.get(f"{before}/history/go?{query}")
        assert answer.status_code == 303 and answer.headers["Location"] == before + to


@pytest.fixture
def portal(context):
    """The portal's own pages, on the filled store."""
    from werkzeug.test import Client

    from dashboards.app import create_portal

    return Client(create_portal(context))


PUBLIC = ["/", "/city/510100", "/stations", "/wall", "/embed/510100", "/history", "/city/510100/day/2023-01-21"]


def _gone(context, tmp_path) -> None:
    """A store whose server or folder is gone: the connection itself is refused."""
    context._engine = sa.create_engine(f"sqlite:///{tmp_path}/gone/store.sqlite")


@pytest.mark.parametrize("path", PUBLIC)
def test_a_store_that_takes_no_connection_is_said_in_words(portal, context, tmp_path, path):
    _gone(context, tmp_path)
    assert portal.get("/now").json["trouble"] == "tables"
    for before, words in (("", "暂时没有可显示的数值"), ("/en", "no numbers to show")):
        answer = portal.get(before + path)
        assert answer.status_code == 200 and words in answer.text


def _half(engine, tmp_path, *without) -> sa.Engine:
    """A copy of a store without some of its tables, as a migration under way leaves it."""
    path = tmp_path / "half.sqlite"
    with sqlite3.connect(engine.url.database) as whole, sqlite3.connect(path) as half:
        whole.backup(half)
        for table in without:
            half.execute(f"drop table {table}")
    return sa.create_engine(f"sqlite:///{path}")


@pytest.mark.parametrize("table", ["air_city_day", "air_station_hour", "model_hour", "forecast_city_hour", "scenario"])
def test_a_store_that_is_half_migrated_is_said_in_words(portal, context, engine, tmp_path, table):
    context._engine = _half(engine, tmp_path, table)
    for path in PUBLIC:
        assert portal.get(path).status_code == portal.get(f"/en{path}").status_code == 200
    answers = [portal.get(path).text for path in PUBLIC]
    assert any("暂时没有可显示的数值" in text for text in answers)


def test_words_of_trouble_pass_with_it(portal, context, engine, tmp_path, monkeypatch):
    version = portal.get("/now").json["version"]
    readable = context._engine
    _gone(context, tmp_path)
    told = portal.get("/city/510700").text
    assert "暂时没有可显示的数值" in told and _version(told) != version
    assert portal.get(f"/fragments/{version}/city/510700").status_code == 404
    context._engine = readable
    monkeypatch.setattr(fronts, "AGAIN_S", 0.0)
    again = portal.get("/city/510700").text
    assert "暂时没有可显示的数值" not in again and _version(again) == version
    assert "暂时没有可显示的数值" not in portal.get(f"/fragments/{version}/city/510700").text


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("br;q=0, gzip", "gzip"), ("gzip;q=0, br;q=0.0", None), ("*", "br"), ("br;q=0, *;q=0.1", "gzip"), ("identity", None),
     ("GZIP", "gzip"), ("xbr", None), ("br ; q=1.000", "br"), ("gzip;q=much", None)],
)  # fmt: skip
def test_no_coding_is_sent_that_a_browser_refused(client, accepted, coding):
    """RFC 9110, 12.5.3: a weight of 0 means "not acceptable"; names do not heed case."""
    for path in ("/probe/510100", f"/fragments/{client.get('/now').json['version']}/probe/510100"):
        answer = client.get(path, headers={"Accept-Encoding": accepted})
        assert answer.status_code == 200 and answer.headers.get("Content-Encoding") == coding


def test_what_still_holds_is_said_without_a_length_of_nothing(client):
    """RFC 9110, 8.6: a 304 must not name a length that is not that of the page; 13.1.2: "*" is any page that there is."""
    tag = client.get("/probe/510100").headers["ETag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get("/probe/510100", headers={"If-None-Match": held})
        assert answer.status_code == 304 and "Content-Length" not in answer.headers and answer.headers["ETag"] == tag
    head, whole = client.head("/probe/510100"), client.get("/probe/510100")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize("path", ["/station/1431A", "/city/510100"])
def test_an_hour_that_has_not_come_is_never_shown_as_if_it_had(portal, path):
    """What stands there is the newest hour, 2023-01-21 23:00 in Beijing: the page says that it is not the one asked for."""
    for before, words in (("", "所要的时间还没有数据"), ("/en", "no data yet for the time asked for")):
        assert words in portal.get(f"{before}{path}/2023-01-22T00").text
        assert words not in portal.get(f"{before}{path}/2023-01-21T23").text
        assert words not in portal.get(f"{before}{path}").text


def test_a_press_is_not_believed_after_the_clock_was_set_back(client, context):
    """It looked at a moment that has not come yet: whether it is still at work nobody knows."""
    press = Press(context, Shelf(context.folder / "shelf"), clock=lambda: time.time() + 3600, pause=lambda _: None)
    press.look()
    state = json.loads((context.folder / "shelf" / "current").read_text())
    (context.folder / "shelf" / "current").write_text(json.dumps(state | {"version": "old"}))
    assert client.get("/now").json["version"] != "old"


@pytest.mark.parametrize(
    "state",
    ["", "{", "[]", "null", "\x00" * 90, '{"version": null, "trouble": "", "looked_at": 9e9, "release": ""}',
     '{"version": "a", "trouble": "", "looked_at": "noon", "release": ""}'],
)  # fmt: skip
def test_a_state_that_cannot_be_read_stops_nobody(client, context, state):
    (context.folder / "shelf").mkdir(parents=True)
    (context.folder / "shelf" / "current").write_text(state)
    assert client.get("/now").status_code == client.get("/probe/510100").status_code == 200


def test_a_page_says_what_the_platform_has_to_do_without_until_it_is_over(client, context):
    card = context.folder / "up.json"
    context.without.card = card
    said = {lang: {"words": words} for lang, words in {"zh": "不再计算<新>数值", "en": "no new values"}.items()}
    card.write_text(json.dumps({"troubles": [said]}))
    page = client.get("/probe/510100").text
    assert '<div id="platform-notice"' in page and "不再计算&lt;新&gt;数值。" in page
    assert "no new values." in client.get("/en/probe/510100").text
    assert client.get("/now").json["without"] == {"zh": "不再计算<新>数值。", "en": "no new values."}
    card.write_text(json.dumps({"troubles": []}))
    context.without._at = -1e9
    assert "platform-notice" not in client.get("/probe/510100").text and "without" not in client.get("/now").json
