"""A date is a day of Beijing, an answer rests on the registry too, a feed speaks one language, and readers are told apart."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from types import MappingProxyType
from xml.etree import ElementTree as Xml

import flask
import pytest

from dashboards.context import Context, install
from dashboards.opendata import blueprint
from dashboards.opendata.document import openapi
from dashboards.opendata.limits import Buckets
from dashboards.outside import SiteError, proxies_of, public_url_of, reader_of
from dashboards.snapshots.press import version_of
from streams import registry
from tests.dashboards.opendata.conftest import serve

API = "/api/v1"
ATOM = "{http://www.w3.org/2005/Atom}"


def hours(client, query: str) -> list[str]:
    answer = client.get(f"{API}/city-hours?city=510100&limit=1000&{query}")
    assert answer.status_code == 200, answer.get_json()
    return [row["hour_end"] for row in answer.get_json()["data"]]


def test_a_date_is_the_whole_day_of_beijing(client) -> None:
    """Beijing is UTC+8, and a day's hours end 01:00 to 24:00 there: 17:00Z of the day before to 16:00Z."""
    found = hours(client, "from=2023-01-21&to=2023-01-21")
    assert found == [f"2023-01-20T{hour:02d}:00:00Z" for hour in range(17, 24)] + [
        f"2023-01-21T{hour:02d}:00:00Z" for hour in range(16)
    ]  # the store ends at 15:00Z, 23:00 in Beijing
    assert hours(client, "from=2023-01-20&to=2023-01-20")[-1] == "2023-01-20T16:00:00Z"
    assert hours(client, "from=20230121&to=2023-01-21") == found


def test_days_share_no_hour_and_leave_none_out(client) -> None:
    every = hours(client, "from=2023-01-19&to=2023-01-22")
    parts = [hours(client, f"from=2023-01-{day}&to=2023-01-{day}") for day in (19, 20, 21, 22)]
    assert every == [hour for part in parts for hour in part] and len(every) == len(set(every)) == 48


def test_a_moment_stays_the_moment_that_it_is(client) -> None:
    assert hours(client, "from=2023-01-21T00:00&to=2023-01-21T02:00Z") == [
        f"2023-01-21T0{hour}:00:00Z" for hour in range(3)
    ]
    assert hours(client, "from=2023-01-21T08:00%2B08:00&to=2023-01-21T08:00%2B08:00") == ["2023-01-21T00:00:00Z"]


@pytest.mark.parametrize("text", ["2023-01-20T20:00Z", "2023-01-21T04:00%2B08:00", "2023-01-21"])
def test_a_moment_names_the_day_of_beijing_where_rows_are_of_days(client, text: str) -> None:
    answer = client.get(f"{API}/city-days?city=510100&from={text}&to={text}")
    days = {row["day"] for row in answer.get_json()["data"]}
    assert answer.status_code == 200 and days <= {"2023-01-21"}
    assert "'from', '2023-01-21'" in str(sorted(_asked(text).items()))


def _asked(text: str) -> dict[str, str]:
    from dashboards.opendata import parameters
    from dashboards.opendata.offered import COLLECTIONS

    read = parameters.read(COLLECTIONS["city-days"], {"from": [text.replace("%2B", "+")]}, ["510100"])
    return {"from": str(read.first)}


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "9999-12-31T23:59"])
@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("rows", ["city-hours", "city-days", "changes"])
def test_the_ends_of_the_calendar_are_answered(client, rows: str, name: str, text: str) -> None:
    name = "since" if rows == "changes" else name
    assert client.get(f"{API}/{rows}?{name}={text}").status_code in (200, 422)


def test_the_document_says_what_a_date_means() -> None:
    told = {each["name"]: each["description"] for each in openapi()["paths"]["/city-hours"]["get"]["parameters"]}
    assert all("a date alone is that natural day in Asia/Shanghai" in told[name] for name in ("from", "to"))


def test_a_station_that_the_registry_gains_or_renames_changes_the_etag_and_the_pages(engine, tmp_path) -> None:
    def answered(known) -> tuple[int, str, str]:
        server = flask.Flask("opendata")
        context = Context(lambda: engine, known, files=tmp_path)
        install(server, context)
        server.register_blueprint(blueprint(Buckets(burst=10**9)))
        again = server.test_client().get(f"{API}/stations", headers={"If-None-Match": answered.tag})
        return again.status_code, again.headers["ETag"], version_of(context, "p")

    known = registry.load()
    answered.tag = ""
    _, answered.tag, version = answered(known)
    assert answered(registry.load()) == (304, answered.tag, version)
    code, station = next(iter(known.stations.items()))
    other = replace(known, stations=MappingProxyType({**known.stations, code: replace(station, name_zh="新名")}))
    status, tag, changed = answered(other)
    assert status == 200 and tag != answered.tag and changed != version


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_feed_speaks_one_language(client, lang: str) -> None:
    root = Xml.fromstring(client.get(f"/feeds/510100.atom?lang={lang}").data)
    said = [root.findtext(f"{ATOM}author/{ATOM}name"), root.findtext(f"{ATOM}rights")]
    han = [bool(re.search(r"[\u3400-\u9fff]", each)) for each in said]
    assert han == [lang == "zh"] * 2 and "CC BY 4.0" in said[1] and "https://creativecommons.org/" in said[1]


@pytest.mark.parametrize(
    "path", ["/feeds/510100.atom", f"{API}/city-hours?limit=1", f"{API}/stations", "/data/city-hours/2023-01.csv"]
)
def test_what_has_not_changed_is_kept_as_long_as_what_has(client, path: str) -> None:
    """RFC 9110, 15.4.5: a 304 has the Cache-Control that a 200 would have had."""
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def _statuses(engine, tmp_path, proxies: int, *forwarded: str) -> list[int]:
    client = serve(engine, tmp_path, Buckets(burst=1, per_second=0.001))
    client.application.extensions["airshed"].proxies = proxies
    return [client.get(f"{API}/cities", headers={"X-Forwarded-For": each}).status_code for each in forwarded]


def test_readers_behind_a_proxy_have_a_bucket_each_where_it_is_trusted(engine, tmp_path) -> None:
    assert _statuses(engine, tmp_path, 1, "192.0.2.1", "192.0.2.2", "192.0.2.1") == [200, 200, 429]


def test_nobody_gets_another_bucket_by_a_header_that_is_not_trusted(engine, tmp_path) -> None:
    assert _statuses(engine, tmp_path, 0, "192.0.2.1", "192.0.2.2") == [200, 429]
    assert _statuses(engine, tmp_path, 1, "9.9.9.9, 192.0.2.1", "8.8.8.8, 192.0.2.1") == [200, 429]


@pytest.mark.parametrize(
    ("forwarded", "proxies", "reader"),
    [
        ("a, b, c", 1, "c"),
        ("a, b, c", 2, "b"),
        ("a", 2, "remote"),
        ("", 1, "remote"),
        ("a, b", 0, "remote"),
        (" , a ,", 1, "a"),
    ],
)
def test_the_reader_is_whom_the_outermost_trusted_proxy_heard(forwarded: str, proxies: int, reader: str) -> None:
    assert reader_of("remote", forwarded, proxies) == reader


def test_the_environment_tells_the_public_address_and_the_proxies() -> None:
    assert (public_url_of({}), proxies_of({})) == ("", 0)
    assert public_url_of({"AIRSHED_PUBLIC_URL": "https://air.example.org/"}) == "https://air.example.org"
    assert proxies_of({"AIRSHED_TRUSTED_PROXIES": "2"}) == 2
    for said in ("air.example.org", "javascript:alert(1)", 'https://a"b', "https://a/b"):
        with pytest.raises(SiteError, match="AIRSHED_PUBLIC_URL"):
            public_url_of({"AIRSHED_PUBLIC_URL": said})
    for said in ("-1", "all", "99", "²"):
        with pytest.raises(SiteError, match="AIRSHED_TRUSTED_PROXIES"):
            proxies_of({"AIRSHED_TRUSTED_PROXIES": said})


@pytest.mark.parametrize("path", ["/city/510100", "/data"])
def test_examples_name_the_public_address_or_leave_it_to_the_browser(engine, path: str) -> None:
    from dashboards.snapshots import declared, pages
    from dashboards.snapshots.drawn import drawn

    declared.load()
    known = registry.load()
    for url, seen, unseen in (
        ("https://air.example.org", "https://air.example.org/", "https://HOST"),
        ("", "https://HOST/", "air.example"),
    ):
        context = Context(lambda: engine, known, lambda: dt.datetime(2026, 3, 2, 4), public_url=url)
        html = drawn(context, *pages.found(path, known), "v").html
        shown = "".join(re.findall(r"(?s)<code[^>]*>(.*?)</code>", html))
        assert seen in shown and unseen not in shown and 'data-host="https://HOST"' in html
