"""What Dash answers is kept per data version and selection, and nothing else is."""

import datetime as dt
import gzip
import json

import brotli
import dash
import pytest
from werkzeug.test import Client

from dashboards.answers import Kept
from dashboards.app import create_app
from dashboards.context import Context
from streams import registry
from tests.dashboards import stores
from tests.dashboards.conftest import NOW


@pytest.fixture
def client(engine) -> Client:
    return Client(create_app(Context(lambda: engine, registry.load(), clock=lambda: NOW)).server)


def ask(client, city="510100", section="cities", pulse="x"):
    body = {
        "output": f"{section}.children", "outputs": {"id": section, "property": "children"}, "changedPropIds": ["view.data"],
        "inputs": [
            {"id": "pulse", "property": "data", "value": pulse}, {"id": "view", "property": "data", "value": {"city": city}},
        ],
    }  # fmt: skip
    return client.post("/_dash-update-component", json=body, headers={"Accept-Encoding": "br"})


def test_a_section_is_drawn_once_for_all_who_select_the_same(client, monkeypatch):
    from dashboards import live

    drawn = []
    real = live.open_scene
    monkeypatch.setattr(live, "open_scene", lambda query: drawn.append(1) or real(query))
    first, second, other = ask(client), ask(client), ask(client, city="510700")
    assert first.data == second.data != other.data and len(drawn) == 2
    assert first.headers["Content-Encoding"] == "br" == second.headers["Content-Encoding"]


def test_the_heartbeat_is_never_kept(client):
    client.application.extensions["airshed"].clock = lambda: NOW
    before = client.get("/beat")
    assert before.headers["Cache-Control"] == "no-store"
    client.application.extensions["airshed"].clock = lambda: NOW.replace(minute=50)
    assert client.get("/beat").json["now"] == before.json["now"] + 30 * 60


def test_an_open_page_is_drawn_again_when_the_next_hour_comes_due(client):
    context = client.application.extensions["airshed"]

    def heard(known: str, minute: int) -> str | None:
        context.clock = lambda: NOW.replace(hour=4, minute=0) + dt.timedelta(minutes=minute)
        return client.get("/beat", query_string={"known": known}).json.get("pulse")

    first = heard("", 1)
    assert first and heard(first, 59) is None
    assert heard(first, 60) not in (None, first)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"output": 3}', b'{"output": "cities.children"}', b"\xff" * 99]
)
def test_a_forged_post_gets_an_error_and_harms_nobody(client, body):
    answer = client.post("/_dash-update-component", data=body, content_type="application/json")
    assert 400 <= answer.status_code < 600 and b"Traceback" not in answer.data
    assert ask(client).status_code == 200


def test_a_huge_post_is_refused(client):
    assert client.post("/_dash-update-component", data=b"x" * 2**20, content_type="application/json").status_code == 413


def test_what_is_kept_is_bounded():
    kept = Kept(limit=1000)
    for n in range(50):
        kept.put(str(n), (b"x" * 100, "text/plain", {}))
    assert sum(kept.get(str(n)) is not None for n in range(50)) == 10 and kept.get("49") is not None


def test_an_address_that_is_no_page_is_not_found(client):
    assert client.get("/nothing/here").status_code == 404
    paths = [page["path"] for page in dash.page_registry.values()]
    assert "/analysis" in paths and {client.get(path).status_code for path in paths} == {200}


def test_the_page_of_dash_names_no_version_and_has_its_language(client):
    page = client.get("/analysis").text
    assert '<html lang="zh-CN">' in page and "Loading..." not in page
    assert "python" not in page.lower() and '"dash_version"' not in page


STYLE = "/assets/4-models.css"
CODINGS = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


@pytest.mark.parametrize("path", [STYLE, "/api/v1/city-hours?limit=50", "/feeds/510100.atom"])
@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None), ("identity", None), ("br", "br"), ("GZIP", "gzip"), ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"), ("br;q=0, gzip;q=0", None), ("brotli", None), ("gzip;q=0.5, br;q=0.1", "br"),
        (";;,,;q=x", None),
    ],
)  # fmt: skip
def test_each_reader_gets_a_coding_that_he_accepts_also_of_what_is_kept(client, path, accepted, coding):
    plain = client.get(path).data
    assert len(plain) > 800
    for _ in range(2):
        answer = client.get(path, headers={"Accept-Encoding": accepted})
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, coding)
        assert "Accept-Encoding" in answer.headers.get("Vary", "")
        assert CODINGS[coding](answer.data) == plain


@pytest.mark.parametrize("path", [STYLE, "/api/v1/city-hours?limit=50", "/feeds/510100.atom"])
@pytest.mark.parametrize("accepted", ["", "br", "gzip"])
def test_who_has_it_already_is_told_so_in_each_coding(client, path, accepted):
    sent = {"Accept-Encoding": accepted}
    first, second = client.get(path, headers=sent), client.get(path, headers=sent)
    for name in ("ETag", "Cache-Control"):
        assert first.headers[name] == second.headers[name]
    again = client.get(path, headers={**sent, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={**sent, "If-None-Match": '"other"'}).status_code == 200


def test_a_query_behind_a_file_makes_no_second_body_of_it(client, monkeypatch):
    put = []
    monkeypatch.setattr(Kept, "put", lambda self, key, body: put.append(key))
    for n in range(3):
        client.get(f"{STYLE}?x={n}", headers={"Accept-Encoding": "br"})
    assert len(set(put)) == 1


def test_a_verdict_on_what_is_due_is_not_kept_beyond_the_hour(client):
    clock = client.application.extensions["airshed"]
    told = []
    for minutes in (95, 170):  # both late by the hour shown; the next hour has come due in between
        clock.clock = lambda minutes=minutes: stores.NEWEST + dt.timedelta(minutes=minutes)
        told.append(json.loads(brotli.decompress(ask(client, section="data-clocks").data)))
    assert "按时" in str(told[0]) and told[0] != told[1]


@pytest.mark.parametrize("query", [{"a": "\ud800"}, {"\ud800": "a"}, {"a": "pm25\udfff"}, {"city": "\ud800"}])
def test_half_a_letter_in_a_parameter_is_none(client, query):
    body = {
        "output": "hour-bar.children", "outputs": {"id": "hour-bar", "property": "children"},
        "changedPropIds": ["view.data"],
        "inputs": [
            {"id": "pulse", "property": "data", "value": "x"}, {"id": "view", "property": "data", "value": query},
        ],
    }  # fmt: skip
    assert client.post("/_dash-update-component", json=body).status_code == 200


def test_no_coding_is_sent_that_a_browser_refused(client):
    answer = client.get("/assets/alive.js", headers={"Accept-Encoding": "br;q=0, gzip"})
    assert answer.headers.get("Content-Encoding") != "br"
    assert client.get("/analysis", headers={"Accept-Encoding": "br;q=0, gzip"}).headers["Content-Encoding"] == "gzip"
