"""A page of analysis comes with one style and two scripts that browsers keep for ever, and with its first answers in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import brotli
import dash
import pytest

import dashboards
from dashboards import bundle
from dashboards.app import create_app
from dashboards.context import Context
from streams import registry
from tests.dashboards.conftest import NOW

FOLDER = Path(dashboards.__file__).parent
LINKS = re.compile(r'<(?:script|link rel="stylesheet")[^>]* (?:src|href)="([^"]+)"')
INLINE = re.compile(r"<script(?: id=\"_dash-renderer\" type=\"application/javascript\")?>(.*?)</script>", re.S)
ANSWERS = re.compile(r'<script type="application/json" data-answers="([^"]+)">(.*?)</script>', re.S)
CODINGS = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@pytest.fixture
def client(engine):
    return create_app(Context(lambda: engine, registry.load(), clock=lambda: NOW)).server.test_client()


@pytest.fixture
def paths(client) -> list[str]:
    return [page["path"] for page in dash.page_registry.values()]


def test_a_page_of_analysis_asks_for_one_style_and_two_scripts(client, paths) -> None:
    assert len(paths) > 5
    for path in paths:
        asked = LINKS.findall(client.get(path).text)
        assert [Path(each).suffix for each in asked] == [".css", ".js", ".js"], path
        assert all(each.startswith("/bundle/") for each in asked)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bundle_is_named_by_its_content_and_kept_for_ever(client, coding) -> None:
    for address in LINKS.findall(client.get("/analysis").text):
        answer = client.get(address, headers={"Accept-Encoding": coding})
        content = CODINGS[coding](answer.data)
        assert hashlib.sha256(content).hexdigest()[:12] == address.split(".")[-2]
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get("Content-Encoding", "") == coding and answer.headers["Vary"] == "Accept-Encoding"
        sent = {"Accept-Encoding": coding, "If-None-Match": answer.headers["ETag"]}
        assert (client.get(address, headers=sent).status_code, client.get(address, headers=sent).data) == (304, b"")


def test_every_file_of_ours_is_in_a_bundle() -> None:
    own = "\n".join(bundle.bundles().values())
    scripts, styles = sorted((FOLDER / "assets").glob("*.js")), sorted((FOLDER / "assets").glob("*.css"))
    assert len(scripts) > 5 and len(styles) > 5
    assert [path.name for path in scripts if path.read_text(encoding="utf-8") not in own] == []
    rules = re.compile(r"([^{}/*]+)\{")
    for path in styles:
        heads = [
            " ".join(each.split())
            for each in rules.findall(re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S))
        ]
        assert heads and [each for each in heads if each and each not in own] == [], path.name


@pytest.mark.parametrize("name", ["portal.000000000000.js", "portal.js", "x", "..%2fapp.py"])
def test_a_bundle_that_is_not_there_is_not_found(client, name) -> None:
    assert client.get(f"/bundle/{name}").status_code == 404


def test_what_the_pages_use_of_dcc_is_what_our_own_script_has() -> None:
    """The bundle of dash.dcc is not sent: a part that assets/parts.js lacks would leave a hole in its page."""
    sources = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")]
    used = {name for text in sources for name in re.findall(r"\bdcc\.([A-Z]\w+)", text)}
    used |= {each._type for each in dash.page_container.children if each._namespace == "dash_core_components"}
    had = re.search(r"return \{ (.*?) \};", (FOLDER / "assets" / "parts.js").read_text(encoding="utf-8"))[1].split(", ")
    assert used == {"Store", "Location"} == set(had)
    others = [
        text
        for text in sources
        if re.search(r"from dash\.\w+ import|import dash_table|from dash import .*\b(dash_table|Graph)\b", text)
    ]
    assert all("from dash.development.base_component import" in text for text in others)


def test_each_script_that_runs_in_the_page_is_named_by_the_policy(client, paths) -> None:
    for path in paths:
        answer = client.get(path)
        digests = [
            base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in INLINE.findall(answer.text)
        ]
        assert len(digests) == 2
        assert all(f"'sha256-{each}'" in answer.headers["Content-Security-Policy"] for each in digests)


def test_the_page_holds_the_answers_that_dash_asks_for_first(client) -> None:
    told = {name: json.loads(text) for name, text in ANSWERS.findall(client.get("/analysis?city=510700&lang=en").text)}
    assert told["/_dash-dependencies"] == client.get("/_dash-dependencies").json
    parts = {each["props"]["id"]: each["props"] for each in told["/_dash-layout"]["props"]["children"]}
    assert parts["_pages_location"]["pathname"] == "/analysis"
    assert parts["_pages_location"]["search"] == "?city=510700&lang=en"
    outputs = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
    body = {
        "output": ".._pages_content.children..._pages_store.data..", "outputs": outputs,
        "changedPropIds": ["_pages_location.pathname"],
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": "/analysis"},
            {"id": "_pages_location", "property": "search", "value": "?city=510700&lang=en"},
        ],
    }  # fmt: skip
    asked = client.post("/_dash-update-component", json=body).json["response"]
    assert parts["_pages_content"]["children"] == asked["_pages_content"]["children"]
    assert parts["_pages_store"]["data"] == asked["_pages_store"]["data"]


@pytest.mark.parametrize(
    "query", ["?city=</script><script>alert(1)</script>", "?item=%3C/script%3E%3C!--", "?%22=%3Cscript%3E"]
)
def test_nothing_that_is_asked_ends_the_script_that_tells_it(client, query) -> None:
    page = client.get(f"/analysis/series{query}").text
    whole = client.get("/analysis/series").text
    assert page.count("<script") == whole.count("<script") and page.count("</script>") == whole.count("</script>")
    assert "<!--" not in page and "<script>alert" not in page


def test_a_page_in_trouble_is_asked_for_by_dash_which_then_says_so(client, monkeypatch) -> None:
    def broken(**_query):
        raise ArithmeticError("broken")

    page = next(each for each in dash.page_registry.values() if each["path"] == "/analysis")
    monkeypatch.setitem(page, "layout", broken)
    answer = client.get("/analysis")
    assert answer.status_code == 200 and ANSWERS.findall(answer.text) == []
    assert len(LINKS.findall(answer.text)) == 3


def test_the_index_is_not_kept_because_it_holds_numbers(client) -> None:
    assert client.get("/analysis").headers["Cache-Control"] == "no-cache"
