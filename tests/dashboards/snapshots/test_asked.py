"""Pages of which more is asked than an address names: drawn once for a crowd, kept compressed, bounded."""

import datetime as dt
import gzip
import threading

import brotli
import pytest
from dash import html
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.snapshots import asked
from streams import registry

KNOWN = registry.load()
PATH = "/assessment/targets"


@pytest.fixture
def portal(engine, tmp_path):
    return Client(
        create_portal(Context(lambda: engine, KNOWN, clock=lambda: dt.datetime(2023, 1, 22), folder=tmp_path))
    )


def test_a_page_comes_in_the_coding_that_a_browser_takes_and_is_the_same_page(portal):
    plain = portal.get(PATH, headers={"Accept-Encoding": "identity"})
    assert brotli.decompress(portal.get(PATH, headers={"Accept-Encoding": "br"}).data) == plain.data
    assert gzip.decompress(portal.get(PATH, headers={"Accept-Encoding": "gzip"}).data) == plain.data
    tags = {portal.get(PATH, headers={"Accept-Encoding": c}).headers["ETag"] for c in ("identity", "br", "gzip")}
    assert len(tags) == 3, "a cache must not give one reader's coding to another (RFC 9110, 8.8.3)"


def test_a_crowd_that_asks_for_one_page_has_it_drawn_once(engine, tmp_path, monkeypatch):
    drawn, together = [], threading.Barrier(8)
    monkeypatch.setitem(asked._PAGES, "crowded", asked._PAGES.get("crowded"))
    asked.asked_page("crowded", "/crowded", {"part": lambda scene: drawn.append(1) or html.P("x")})
    monkeypatch.setattr("dashboards.text.catalogue", _with_page("crowded"))
    client = Client(create_portal(Context(lambda: engine, KNOWN, folder=tmp_path)))
    del asked._PAGES["crowded"]

    def ask():
        together.wait()
        assert client.get("/crowded").status_code == 200

    threads = [threading.Thread(target=ask) for _ in range(8)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert len(drawn) == 1


def _with_page(name):
    from dashboards.text import catalogue

    words = catalogue() | {f"page.{name}": {"zh": "页", "en": "page"}}
    return lambda: words


def test_what_is_kept_is_bounded():
    kept = asked._Kept()
    for n in range(asked.KEPT + 5):
        kept.put((str(n),), None)
    assert len(kept._pages) == asked.KEPT and ("4",) not in kept._pages
