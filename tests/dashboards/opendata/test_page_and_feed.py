"""The page of open data and the feeds lead to what is there, and say what is simulated."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
import sqlalchemy as sa

from dashboards.app import create_app
from dashboards.context import Context
from dashboards.public import open_data
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import pages
from dashboards.text import Text
from streams import registry
from streams.store import schema
from tests.dashboards import stores

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_link_of_the_page_leads_somewhere(scene, client, lang):
    scene = replace(scene, text=Text(lang))
    text = "".join(markup(render(scene)) for render in pages()["open-data"].parts.values())
    links = re.findall(r'href="(/[^"]+)"', text)
    assert "/data/city-hours/2023-01.parquet" in links and "/feeds/510100.atom" in [
        each.split("?")[0] for each in links
    ]
    for link in links:
        assert client.get(link).status_code == 200, link
    assert "pm25_ugm3" in text and "ug m-3" in text and "CC BY 4.0" in text


def test_a_page_without_a_store_says_what_it_waits_for(scene):
    waiting = replace(scene, connection=None)
    assert scene.text("opendata.none") in markup(open_data.by_month(waiting))


def test_a_feed_holds_the_hours_of_its_city_and_the_episodes_it_is_in(client):
    root = Xml.fromstring(client.get("/feeds/510100.atom?lang=en").data)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    # 15:00 UTC is 23:00 in Beijing.
    assert sum("2023-01-21 23:00" in title for title in titles) == 1
    assert any(title.startswith("Haze episode since 2023-01-21 03:00") for title in titles)
    assert len(ids) == len(set(ids)) == 26
    for name in ("id", "title", "updated", "author", "rights"):
        assert root.find(f"{ATOM}{name}") is not None
    assert all(dt.datetime.fromisoformat(each.text) for each in root.iter(f"{ATOM}updated"))


def test_simulated_hours_are_marked_in_their_titles(client):
    root = Xml.fromstring(client.get(f"/feeds/{stores.SIMULATED}.atom").data)
    hours = [t.text for e in root.iter(f"{ATOM}entry") for t in e.iter(f"{ATOM}title") if "AQI" in t.text]
    assert len(hours) == 24 and all(title.startswith("[模拟数据]") for title in hours)


def _entries(client, lang: str) -> list[tuple[str, str]]:
    root = Xml.fromstring(client.get(f"/feeds/510100.atom?lang={lang}").data)
    return [
        (entry.findtext(f"{ATOM}content"), entry.find(f"{ATOM}link").get("href")) for entry in root.iter(f"{ATOM}entry")
    ]


def test_a_feed_is_in_one_language_and_leads_to_pages_in_it(client):
    chinese, english = _entries(client, "zh"), _entries(client, "en")
    for content, href in chinese:
        assert not re.search("[a-z]{3,}", content) and href.startswith("/city/510100/"), content
    for content, href in english:
        assert not re.search("[\u4e00-\u9fff]", content) and href.startswith("/en/city/510100/"), content
    assert any("发展" in content and "161.0 µg/m³" in content for content, _ in chinese)
    assert any("growing" in content and "161.0 µg/m³" in content for content, _ in english)


def test_an_episode_without_a_peak_tells_none(own):
    engine, client = own
    with engine.begin() as connection:
        connection.execute(sa.update(schema.episode_event).values(peak=None, peak_value_ugm3=None))
    contents = [content for content, _ in _entries(client, "en")]
    assert any("episode" in content for content in contents)
    assert not any("None" in content or "peak" in content for content in contents)


@pytest.mark.parametrize("path", ["999999.atom", "510100.xml", "..%2f510100.atom", "510100.atom%00"])
def test_what_is_no_feed_is_said_to_be_none(client, path):
    assert client.get(f"/feeds/{path}").status_code == 404


def test_the_portal_gives_open_data_beside_its_pages(engine, tmp_path):
    client = create_app(Context(lambda: engine, registry.load(), files=tmp_path)).server.test_client()
    assert client.get("/api/v1/cities").get_json()["meta"]["count"] == 8
    whole = client.get("/data/city-hours/2023-01.csv")
    part = client.get("/data/city-hours/2023-01.csv", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, whole.data[:10])
    assert client.get("/api/v1/nothing").status_code == 404
