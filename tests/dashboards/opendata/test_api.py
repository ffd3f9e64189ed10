"""The JSON API says what the store holds, row by row, and refuses in words what it does not understand."""

from __future__ import annotations

import datetime as dt
import traceback
from urllib.parse import quote

import jsonschema
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards import release
from dashboards.opendata import parameters
from dashboards.opendata.answers import refused
from dashboards.opendata.limits import Buckets, address_of
from dashboards.opendata.offered import COLLECTIONS
from dashboards.opendata.problems import Problem
from streams.store import schema
from tests.dashboards import stores
from tests.dashboards.opendata.conftest import serve

API = "/api/v1"


def _all(client, address: str, between=lambda: None) -> list[dict]:
    rows = []
    while address:
        page = client.get(address).get_json()
        rows += page["data"]
        address = page["meta"]["next"]
        between()
    return rows


def _utc(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("name", ["city-hours", "station-hours", "forecasts", "episodes", "attributions"])
def test_pages_give_each_row_of_the_store_once_in_the_order_of_its_key(client, engine, name):
    collection = COLLECTIONS[name]
    with engine.connect() as connection:
        columns = [collection.table.c[each] for each in collection.key]
        stored = connection.execute(sa.select(*columns).order_by(*columns)).all()
    expected = [tuple(_utc(v) if isinstance(v, dt.datetime) else v for v in row) for row in stored]
    assert expected
    rows = _all(client, f"{API}/{name}?limit=157")
    assert [tuple(row[each] for each in collection.key) for row in rows] == expected


def test_the_numbers_of_an_hour_are_those_of_the_store(client, engine):
    table = schema.air_city_hour
    query = sa.select(table).where(table.c.city == stores.ABSENT, table.c.hour_end == stores.NEWEST)
    with engine.connect() as connection:
        stored = dict(connection.execute(query).mappings().one())
    at = _utc(stores.NEWEST)
    (row,) = client.get(f"{API}/city-hours?city={stores.ABSENT}&from={at}&to={at}").get_json()["data"]
    assert row["hour_end"] == at
    for name in row.keys() - {"hour_end"}:
        assert row[name] == stored[name], name
    assert row["aqi"] is None and row["edition"] == "HJ 633-2012" and row["status"] == "provisional"


def test_an_attribution_adds_up_to_its_total(client):
    rows = client.get(f"{API}/attributions?city=510100").get_json()["data"]
    assert rows
    for row in rows:
        for parts in (row["sectors_ugm3"], row["places_ugm3"]):
            assert sum(parts.values()) == pytest.approx(row["total_ugm3"], abs=0.02)


def test_items_and_leads_and_runs_are_what_was_asked_for(client):
    rows = _all(client, f"{API}/forecasts?run=CDAQS/2023-01-21T12Z&lead=3&item=pm25")
    assert len(rows) == 8
    assert {(row["run"], row["lead_hours"]) for row in rows} == {("CDAQS/2023-01-21T12Z", 3)}
    assert all("forecast_pm25_ugm3" in row and "forecast_o3_ugm3" not in row for row in rows)


def test_paging_gives_each_row_once_while_rows_arrive(own):
    engine, client = own
    before = {(r["city"], r["hour_end"]) for r in _all(client, f"{API}/city-hours?limit=1000")}
    hours = iter(stores.NEWEST + n * stores.HOUR for n in range(1, 50))
    rows = _all(
        client, f"{API}/city-hours?limit=31", between=lambda: stores.add_city_hour(engine, "510600", next(hours), 80)
    )
    keys = [(row["city"], row["hour_end"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert before <= set(keys)


def test_what_has_not_changed_is_not_sent_again_and_what_has_changed_is(own):
    engine, client = own
    first = client.get(f"{API}/city-hours?limit=1")
    again = client.get(f"{API}/city-hours?limit=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    stores.add_city_hour(engine, "510100", stores.NEWEST + stores.HOUR, 99)
    after = client.get(f"{API}/city-hours?limit=1", headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert after.get_json()["meta"]["data_version"] != first.get_json()["meta"]["data_version"]


def test_a_revision_is_told_with_what_the_row_was_before(client):
    page = client.get(f"{API}/changes?since=2023-01-22T00:00:00Z").get_json()
    (change,) = page["data"]
    assert (change["collection"], change["station"]) == ("station-hours", stores.REVISED)
    assert change["hour_end"] == _utc(stores.NEWEST)
    assert change["before"]["o3_ugm3"] is None and change["before"]["simulated"] is False
    (now,) = client.get(change["now"]).get_json()["data"]
    assert now["pm25_ugm3"] == pytest.approx(change["before"]["pm25_ugm3"] - 40)
    assert client.get(page["meta"]["next"]).get_json()["data"] == []


def test_revisions_are_told_from_the_moment_that_was_asked_for(own):
    engine, client = own
    start = dt.datetime(2024, 1, 1)
    rows = [
        {"table": "air_city_hour", "key": f"510100/2023-01-20T{n:02}Z", "version": n, "row": "{}",
         "superseded_at": start + n * stores.HOUR} for n in range(24)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.row_history), rows)
    for n in range(24):
        page = client.get(f"{API}/changes?since={_utc(start + n * stores.HOUR)}&limit=1").get_json()
        assert page["data"][0]["superseded_at"] == _utc(start + n * stores.HOUR)


def test_a_cursor_serves_only_the_filters_it_was_given_for(client):
    end = client.get(f"{API}/city-hours?limit=1&city=510100").get_json()["meta"]["cursor"]
    other = client.get(f"{API}/city-hours?limit=1&city=510600&cursor={end}")
    assert other.status_code == 422 and other.get_json()["error"]["where"] == "cursor"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("colour=red", "colour"), ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=٣", "limit"),
        ("city=1", "city"), ("item=co2", "item"), ("from=yesterday", "from"), ("from=2026-02-30", "from"),
        ("from=2026-02-02&to=2026-02-01", "from"), ("city=510100&city=510600", "city"), ("cursor=Zm9v", "cursor"),
        ("city=%00", "city"), ("city=", "city"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_what_where_and_expected(client, query, where):
    response = client.get(f"{API}/city-hours?{query}")
    error = response.get_json()["error"]
    assert response.status_code == 422 and error["where"] == where
    assert error["what"] and error["expected"]


def test_filters_that_leave_few_rows_of_many_ask_for_a_period(client):
    response = client.get(f"{API}/forecasts?lead=24&from=2020-01-01&to=2026-01-01")
    assert response.status_code == 422 and "92 days" in response.get_json()["error"]["expected"]


def test_a_query_that_is_too_long_is_refused_with_the_limit(client):
    response = client.get(f"{API}/city-hours?city={'5' * 5000}")
    assert response.status_code == 422 and str(parameters.LARGEST_QUERY) in response.get_json()["error"]["expected"]


def test_a_store_that_is_not_there_is_said_to_be_so(tmp_path):
    empty = sa.create_engine(f"sqlite:///{tmp_path / 'none.sqlite'}")
    response = serve(empty, tmp_path).get(f"{API}/city-hours")
    assert response.status_code == 503 and "Retry-After" in response.headers
    assert "sqlite" not in response.text


_VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["\0", "' OR 1=1 --", "../../etc/passwd", "9" * 400, "510100", "pm25", "9999-12-31T23:59:59-14:00", "0001-01-01",
         "CDAQS/2023-01-21T12Z", "CDAQS/0001-01-01T00Z", "W10", "WyJjaGFuZ2VzIiwgMWU5OTld", "-1", "NaN"]
    ),
)  # fmt: skip
_NAMES = st.one_of(st.sampled_from(["city", "station", "item", "from", "to", "limit", "cursor", "run", "lead", "span",
                                    "quantity", "kind", "since"]), st.text(max_size=8))  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([*COLLECTIONS, "cities", "stations", "changes"]),
    query=st.dictionaries(_NAMES, _VALUES, max_size=4),
)
def test_no_parameter_is_answered_by_an_error_of_the_server(client, name, query):
    text = "&".join(f"{quote(k, errors='replace')}={quote(v, errors='replace')}" for k, v in query.items())
    response = client.get(f"{API}/{name}?{text}")
    assert response.status_code in (200, 422), response.text
    assert response.is_json


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.one_of(st.text(max_size=20), st.integers(), st.none(), st.just("510100")), max_size=5))
def test_a_forged_cursor_is_refused_or_understood(client, parts):
    end = client.get(f"{API}/city-hours?limit=1").get_json()["meta"]["cursor"]
    mark = parameters.parts_of(end)[0]
    for forged in (parts, [mark, *parts], [mark, "510100", *parts]):
        cursor = parameters.cursor(forged[0], forged[1:]) if forged else "W10"
        assert client.get(f"{API}/city-hours?limit=1&cursor={cursor}").status_code in (200, 422)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=40))
def test_no_path_is_answered_by_an_error_of_the_server(client, path):
    for below in (f"{API}/", "/data/city-hours/", "/feeds/"):
        assert client.get(below + quote(path, safe="", errors="replace")).status_code in (200, 308, 404, 405)


def test_the_document_describes_the_answers(client):
    document = client.get(f"{API}/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    for name in [*COLLECTIONS, "cities", "stations", "changes?since=2020-01-01"]:
        bare = name.partition("?")[0]
        content = document["paths"][f"/{bare}"]["get"]["responses"]["200"]["content"]["application/json"]
        answer = client.get(f"{API}/{name}").get_json()
        checker = jsonschema.Draft202012Validator({**content["schema"], "components": document["components"]})
        checker.validate(answer)
        rows = document["components"]["schemas"][
            content["schema"]["properties"]["data"]["items"]["$ref"].split("/")[-1]
        ]
        assert all(row.keys() <= rows["properties"].keys() for row in answer["data"])


def test_every_reference_of_the_document_leads_somewhere(client):
    document = client.get(f"{API}/openapi.json").get_json()
    found = []

    def walk(node):
        if isinstance(node, dict):
            found.extend([node["$ref"]] if "$ref" in node else [])
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(document)
    assert found
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_who_asks_too_often_is_told_when_to_come_again(engine, tmp_path):
    now = [0.0]
    buckets = Buckets(burst=3, per_second=0.5, clock=lambda: now[0])
    client = serve(engine, tmp_path, buckets)
    answers = [client.get(f"{API}/cities") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "2"
    assert client.get(f"{API}/cities", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200
    now[0] = 2.0
    assert client.get(f"{API}/cities").status_code == 200


def test_there_are_never_more_buckets_than_fit():
    buckets = Buckets(most=10)
    for n in range(1000):
        buckets.take(f"192.0.2.{n}")
    assert len(buckets) == 10


def test_a_network_of_ipv6_is_one_reader():
    assert address_of("2001:db8::1") == address_of("2001:db8::ffff") != address_of("2001:db8:1::1")
    assert address_of("192.0.2.1") != address_of("192.0.2.2")


def test_a_refusal_holds_nothing_of_the_requests_before_it(tmp_path):
    client = serve(sa.create_engine(f"sqlite:///{tmp_path / 'none.sqlite'}"), tmp_path)
    frames: list[int] = []

    def seen(problem):
        frames.append(len(traceback.extract_tb(problem.__traceback__)))
        return refused(problem)

    client.application.error_handler_spec["opendata"][None][Problem] = seen
    for _ in range(3):
        assert client.get(f"{API}/cities").status_code == 503
    assert len(frames) == 3 and len(set(frames)) == 1


def test_a_new_release_is_asked_for_anew(client, monkeypatch):
    tag = client.get(f"{API}/city-hours").headers["ETag"]
    assert client.get(f"{API}/city-hours", headers={"If-None-Match": tag}).status_code == 304
    monkeypatch.setattr(release, "release", lambda: "another")
    assert client.get(f"{API}/city-hours", headers={"If-None-Match": tag}).status_code == 200
