"""Whoever mistakes an address, a method or a post is told so in words, in the reader's language, without a script."""

from __future__ import annotations

import logging
import re

import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.context import Context
from streams import registry
from tests.dashboards.conftest import NOW

GONE = ("/nothing", "/city/999999", "/station/NOPE", "/city/510100/day/2026-02-30", "/analysis/nothing", "/static/none.js",
        "/figures/nothing.svg", "/fragments/0000/city/510100")  # fmt: skip
UPDATE = "/_dash-update-component"
VIEW = {"id": "view", "property": "data", "value": {"city": "510100"}}
PULSE = {"id": "pulse", "property": "data", "value": "x"}
FORGED = ("{", "[]", '"x"', "null", "5", '{"output": 5}', '{"output": ["cities.children"]}', '{"output": "x.y", "inputs": []}',
          '{"output": "cities.children"}', '{"output": "cities.children", "inputs": [1, 2]}',
          '{"output": "cities.children", "inputs": {"id": "view"}}', "[" * 20_000)  # fmt: skip


@pytest.fixture
def client(engine, tmp_path) -> Client:
    return Client(create_portal(Context(lambda: engine, registry.load(), clock=lambda: NOW, folder=tmp_path)))


def words(answer) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL))


@pytest.mark.parametrize("path", GONE)
def test_an_address_of_nothing_says_so_in_words_and_leads_on(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 and "没有此页面" in words(answer)
    assert not re.search(r"[A-Za-z]{4,}", words(answer).replace("English", "")), "nothing English on a Chinese page"
    assert "<script" not in answer.text and "正在载入" not in answer.text
    assert 'href="/"' in answer.text and 'href="/stations"' in answer.text
    assert len(answer.data) < 40_000


def test_an_english_reader_is_told_in_english(client):
    for path in ("/en/nothing", "/analysis/nothing?lang=en"):
        answer = client.get(path)
        assert answer.status_code == 404 and "There is no such page" in words(answer) and 'lang="en"' in answer.text
        assert 'href="/en/stations"' in answer.text


def test_an_address_of_nothing_is_answered_without_a_store(tmp_path):
    def away() -> sa.Engine:
        raise sa.exc.OperationalError("", {}, Exception("away"))

    client = Client(create_portal(Context(away, registry.load(), clock=lambda: NOW, folder=tmp_path)))
    assert client.get("/nothing").status_code == 404 and "没有此页面" in client.get("/nothing").text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_that_is_not_taken_is_refused_in_both_languages(client, method):
    answer = client.open("/", method=method)
    assert answer.status_code == 405 and "不接受" in answer.text and "such a request" in answer.text
    assert "GET" in answer.headers["Allow"], "RFC 9110, 15.5.6"


@pytest.mark.parametrize("body", FORGED, ids=range(len(FORGED)))
def test_a_forged_post_is_refused_in_words_and_fills_no_log(client, caplog, body):
    with caplog.at_level(logging.WARNING):
        answer = client.post(UPDATE, data=body, content_type="application/json")
    assert answer.status_code == 400 and "无法理解" in answer.text
    assert not [each for each in caplog.records if each.exc_info]


@pytest.mark.parametrize("value", [5, "x", [1], None, {"city": 5}, {"hour": ["x"]}, {"lang": {}}])
def test_a_selection_that_is_forged_falls_back(client, value):
    body = {
        "output": "cities.children", "outputs": {"id": "cities", "property": "children"}, "changedPropIds": ["view.data"],
        "inputs": [PULSE, VIEW | {"value": value}],
    }  # fmt: skip
    assert client.post(UPDATE, json=body).status_code == 200


def test_what_dash_itself_asks_is_answered(client):
    body = {
        "output": ".._pages_content.children..._pages_store.data..", "changedPropIds": ["_pages_location.pathname"],
        "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
        "inputs": [{"id": "_pages_location", "property": "pathname", "value": "/analysis"},
                   {"id": "_pages_location", "property": "search", "value": ""}],
    }  # fmt: skip
    answer = client.post(UPDATE, json=body)
    assert answer.status_code == 200, answer.text[:300]
