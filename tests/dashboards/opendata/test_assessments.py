"""Assessments for programs: the draft, what was published, its bytes for ever; nothing internal, and refusals in words."""

from __future__ import annotations

import datetime as dt
import json
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.office.guard import DUTY_OFFICER, Officer
from dashboards.office.records import engine_of, open_office
from dashboards.phase.content import digest
from dashboards.phase.door import gathered_for
from dashboards.phase.question import question_of
from dashboards.publications import register
from dashboards.publications.freeze import draft_of, freeze, revise, withdraw
from dashboards.publications.office_tables import INTERNAL, PUBLIC
from dashboards.publications.verify import recomputed
from tests.dashboards.office.conftest import NOON
from tests.dashboards.phase import made
from tests.dashboards.publications.test_pages import engine, set_day  # noqa: F401

API = "/api/v1"
ZHAO = Officer("zhao", "zhao", DUTY_OFFICER)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def portal(engine, tmp_path, monkeypatch):  # noqa: F811
    """A portal whose office is its own."""
    monkeypatch.delenv("AIRSHED_OFFICE", raising=False)
    context = Context(lambda: engine, made.KNOWN, clock=lambda: NOON, folder=tmp_path / "portal")
    yield context
    if context.office_engine:
        context.office_engine.dispose()


@pytest.fixture
def client(portal):
    return Client(create_portal(portal))


def drafted(portal, **asked):
    with portal.engine().connect() as connection:
        question = question_of({"period": "2025-07", **asked}, made.CITIES)
        return draft_of(gathered_for(connection, question, registry=made.KNOWN, folder=portal.folder))


def publish(portal, audience=PUBLIC, **asked):
    draft = drafted(portal, **asked)
    return freeze(engine_of(portal), draft, ZHAO, looked_at=draft.sha256, titles=("七月", "July"), place="", at=NOON,
                  audience=audience)  # fmt: skip


def correct(portal, engine, record):  # noqa: F811
    set_day(engine, 499.0, day=dt.date(2025, 7, 14))
    draft = drafted(portal)
    return revise(engine_of(portal), record, draft, ZHAO, looked_at=draft.sha256, reason="复核", place="", at=NOON)


def test_the_draft_is_what_would_be_frozen_marked_as_one_and_follows_the_store(client, portal, engine):  # noqa: F811
    answer = client.get(f"{API}/assessment?period=2025-07")
    told = answer.get_json()
    assert told["meta"]["draft"] is True and told["meta"]["content_sha256"] == drafted(portal).sha256
    assert told["data"] == json.loads(drafted(portal).form)
    tag = answer.headers["ETag"]
    assert client.get(f"{API}/assessment?period=2025-07", headers={"If-None-Match": tag}).status_code == 304
    set_day(engine, 499.0, day=dt.date(2025, 7, 14))
    after = client.get(f"{API}/assessment?period=2025-07", headers={"If-None-Match": tag})
    assert after.status_code == 200 and after.get_json()["meta"]["content_sha256"] != told["meta"]["content_sha256"]


def test_an_edited_target_is_a_new_draft(client, portal):
    tag = client.get(f"{API}/assessment?period=2025-07").headers["ETag"]
    (portal.folder / "targets.toml").write_text("")
    assert client.get(f"{API}/assessment?period=2025-07", headers={"If-None-Match": tag}).status_code == 200


def test_base_edition_and_places_are_taken_as_on_the_page(client):
    edition = client.get(f"{API}/assessment?period=2025-07").get_json()["meta"]["question"]["edition"]
    asked = {"period": "2025-07", "base": "2024-03", "edition": edition, "places": "510100"}
    assert client.get(f"{API}/assessment", query_string=asked).get_json()["meta"]["question"] == asked


@pytest.mark.parametrize("query, where", [
    ("", "period"), ("period=2025-13", "period"), ("period=2025&base=x", "base"), ("period=2025&edition=x", "edition"),
    ("period=2025&places=1", "places"), ("period=2025&city=510100", "city"), ("period=2025&period=2024", "period"),
    ("period=1900-01-01..2020-01-01", "period"), ("period=%00", "period"),
])  # fmt: skip
def test_a_question_that_cannot_be_understood_is_refused_with_what_was_expected(client, query, where):
    answer = client.get(f"{API}/assessment?{query}")
    told = answer.get_json()["error"]
    assert (answer.status_code, told["where"]) == (422, where) and told["expected"]


def test_publications_are_listed_page_by_page_the_newest_first(client, portal):
    for period in ("2025-05", "2025-06", "2025-07"):
        publish(portal, period=period)
    first = client.get(f"{API}/publications?limit=2").get_json()
    assert [each["publication"] for each in first["data"]] == ["2026-003", "2026-002"]
    rest = client.get(first["meta"]["next"]).get_json()
    assert [each["publication"] for each in rest["data"]] == ["2026-001"] and rest["meta"]["next"] is None
    for wrong in ("cursor=x", "limit=0", "cursor=WyJjaGFuZ2VzIiwxXQ"):
        assert client.get(f"{API}/publications?{wrong}").status_code == 422


def test_the_list_is_asked_for_again_by_its_tag_until_a_state_changes(client, portal):
    record = publish(portal)
    tag = client.get(f"{API}/publications").headers["ETag"]
    assert client.get(f"{API}/publications", headers={"If-None-Match": tag}).status_code == 304
    withdraw(engine_of(portal), record, ZHAO, reason="换算有误", place="", at=NOON)
    after = client.get(f"{API}/publications", headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert (after.get_json()["data"][0]["state"], after.get_json()["data"][0]["state_reason"]) == (
        "withdrawn",
        "换算有误",
    )


def test_content_and_inputs_are_the_bytes_of_their_digests_for_ever_and_the_one_comes_out_of_the_other(client, portal):
    record = publish(portal)
    told = client.get(f"{API}/publications/2026-001").get_json()["data"]
    content, inputs = client.get(told["content_address"]), client.get(told["inputs_address"])
    assert digest(content.data) == told["content_sha256"] == record.content_sha256
    assert digest(inputs.data) == told["inputs_sha256"]
    assert recomputed(inputs.data) == content.data and json.loads(content.data) == told["content"]
    assert "immutable" in content.headers["Cache-Control"]
    again = client.get(told["content_address"], headers={"If-None-Match": content.headers["ETag"]})
    assert again.status_code == 304


def test_a_revision_tells_what_it_changed_and_the_superseded_one_that_it_was(client, portal, engine):  # noqa: F811
    tag_of = lambda: client.get(f"{API}/publications/2026-001").headers["ETag"]  # noqa: E731
    record = publish(portal)
    before = tag_of()
    correct(portal, engine, record)
    assert tag_of() != before
    old, new = (client.get(f"{API}/publications/{name}").get_json()["data"] for name in ("2026-001", "2026-001r1"))
    assert (old["state"], old["state_reason"], new["state"]) == ("superseded", "2026-001r1", "published")
    assert new["reason"] == "复核" and new["changes"]["cells"] and new["changes"]["days"][0]["day"] == "2025-07-14"
    assert old["changes"] == {"cells": [], "days": []} and old["revisions"] == ["2026-001", "2026-001r1"]


def test_nothing_internal_shows_anywhere(client, portal):
    publish(portal, INTERNAL)
    publish(portal, period="2025-06")
    assert [each["publication"] for each in client.get(f"{API}/publications").get_json()["data"]] == ["2026-002"]
    assert b"2026-001" not in client.get("/feeds/publications.atom").data
    unlike = client.get(f"{API}/publications/2026-009").get_json()
    for below in ("", "/content", "/inputs"):
        answer = client.get(f"{API}/publications/2026-001{below}")
        assert answer.status_code == 404
        assert answer.get_json() == json.loads(json.dumps(unlike).replace("2026-009", "2026-001"))


@pytest.mark.parametrize("name", ["2026-001", "x", "2026-001r0", "%00", "2026-001%27--", "９９９９-001", "2026-001/x"])
def test_a_number_that_there_is_not_is_a_problem_in_words(client, name):
    answer = client.get(f"{API}/publications/{name}")
    assert answer.status_code == 404 and answer.get_json()["error"]["expected"]


def test_the_feed_tells_of_state_and_language_with_entries_that_feed_readers_know_again(client, portal, engine):  # noqa: F811
    record = publish(portal)
    ids = []
    for lang, state, link in (
        ("zh", "现行", "/publications/2026-001"),
        ("en", "in force", "/en/publications/2026-001"),
    ):
        root = Xml.fromstring(client.get(f"/feeds/publications.atom?lang={lang}").data)
        (entry,) = root.iter(f"{ATOM}entry")
        assert state in entry.findtext(f"{ATOM}content") and entry.find(f"{ATOM}link").get("href") == link
        ids.append(entry.findtext(f"{ATOM}id"))
    assert len(set(ids)) == 1
    tag = client.get("/feeds/publications.atom").headers["ETag"]
    assert client.get("/feeds/publications.atom", headers={"If-None-Match": tag}).status_code == 304
    correct(portal, engine, record)
    root = Xml.fromstring(client.get("/feeds/publications.atom", headers={"If-None-Match": tag}).data)
    told = {each.findtext(f"{ATOM}id"): each.findtext(f"{ATOM}content") for each in root.iter(f"{ATOM}entry")}
    assert len(told) == 2 and "已被 2026-001r1 取代" in told[ids[0]]
    assert client.get("/feeds/publications.atom?lang=fr").status_code == 422


def test_an_empty_register_gives_an_empty_list_and_a_feed_that_can_be_read(client):
    assert client.get(f"{API}/publications").get_json()["data"] == []
    root = Xml.fromstring(client.get("/feeds/publications.atom").data)
    assert root.findtext(f"{ATOM}updated") and not list(root.iter(f"{ATOM}entry"))


def test_without_an_office_the_list_says_so_and_without_a_readable_one_too(engine, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.delenv("AIRSHED_OFFICE", raising=False)
    none = Client(create_portal(Context(lambda: engine, made.KNOWN, files=tmp_path / "files")))
    assert none.get(f"{API}/publications").status_code == 404
    (tmp_path / "office.db").write_bytes(b"no database" * 1000)
    broken = Context(lambda: engine, made.KNOWN, files=tmp_path / "files", office=f"sqlite:///{tmp_path}/office.db")
    client = Client(create_portal(broken))
    for path in (f"{API}/publications", f"{API}/publications/2026-001", "/feeds/publications.atom"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert client.get(f"{API}/assessment?period=2025-07").status_code == 200, "drafts need no office"


def test_what_is_damaged_is_never_given_away(client, portal):
    record = publish(portal)
    engine_of(portal).dispose()
    raw = sa.create_engine(f"sqlite:///{portal.folder}/office/office.db")
    with raw.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER office_blob_frozen")
        connection.exec_driver_sql("UPDATE office_blob SET body = x'00' WHERE sha256 = ?", (record.content_sha256,))
    raw.dispose()
    for below in ("", "/content"):
        assert client.get(f"{API}/publications/2026-001{below}").status_code == 503


def test_the_document_describes_every_answer_with_an_example_that_is_one(client, portal, engine):  # noqa: F811
    record = publish(portal)
    correct(portal, engine, record)
    document = client.get(f"{API}/openapi.json").get_json()
    parts = {"components": document["components"]}
    for path, address in (
        ("/assessment", "/assessment?period=2025-07"), ("/publications", "/publications"),
        ("/publications/{number}", "/publications/2026-001r1"),
        ("/publications/{number}/content", "/publications/2026-001r1/content"),
        ("/publications/{number}/inputs", "/publications/2026-001r1/inputs"),
    ):  # fmt: skip
        node = document["paths"][path]["get"]
        schema = node["responses"]["200"]["content"]["application/json"]
        checker = jsonschema.Draft202012Validator({**schema["schema"], **parts})
        answer = client.get(f"{API}{address}").get_json()
        checker.validate(answer)
        if "example" in schema:
            checker.validate(schema["example"])
        assert not checker.is_valid({"nothing": 1})
        for asked in node["parameters"]:
            assert asked["in"] == "path" or "example" in asked or asked["name"] in ("limit", "cursor")
        error = {**document["components"]["schemas"]["Error"], **parts}
        refused = client.get(f"{API}/publications/none" if "{" in path else f"{API}{path}?x=1").get_json()
        jsonschema.Draft202012Validator(error).validate(refused)
    told = set(document["components"]["schemas"]["Publication"]["properties"])
    assert set(client.get(f"{API}/publications").get_json()["data"][0]) <= told


def test_the_api_reads_publications_from_postgresql_too(engine, store_url, tmp_path):  # noqa: F811
    open_office(store_url).dispose()
    portal = Context(lambda: engine, made.KNOWN, folder=tmp_path / "portal", office=store_url)
    record = publish(portal)
    client = Client(create_portal(portal))
    assert client.get(f"{API}/publications").get_json()["data"][0]["content_sha256"] == record.content_sha256
    assert digest(client.get(f"{API}/publications/2026-001/content").data) == record.content_sha256
    assert client.get(f"{API}/publications/%00").status_code == 404
    with engine_of(portal).connect() as connection:
        assert register.version_of(connection)
    portal.office_engine.dispose()
