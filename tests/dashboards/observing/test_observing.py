"""The portal tells how it is, counts what it answers, and writes down nothing of anybody."""

from __future__ import annotations

import datetime as dt
import doctest
import json
import logging
import time
from pathlib import Path

import flask
import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from dashboards import observing
from dashboards.app import create_portal
from dashboards.context import Context, install
from dashboards.folder import SHELF
from dashboards.observing import statements
from dashboards.snapshots.shelf import Shelf, State
from streams import registry
from streams.store import open_store
from tests.dashboards import stores
from tests.dashboards.conftest import NOW

SECRET_PATH = "/no-such-page/13800138000"
HALF_HOUR = dt.timedelta(minutes=30)


def _context(open_engine, now: dt.datetime = NOW, folder: Path | None = None) -> Context:
    return Context(open_engine, registry.load(), lambda: now, folder=folder)


def _server(context: Context, **options) -> flask.Flask:
    server = flask.Flask("observed")
    install(server, context)
    observing.install(server, context, **options)
    return server


def _health(context: Context) -> tuple[int, dict]:
    answer = _server(context).test_client().get("/health")
    return answer.status_code, answer.get_json()


def _samples(text: str) -> dict[tuple, float]:
    found = text_string_to_metric_families(text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in found for s in family.samples}


def test_a_portal_with_data_is_ok_and_tells_how_old_they_are(engine) -> None:
    status, said = _health(_context(lambda: engine, stores.NEWEST + HALF_HOUR))
    assert (status, said["status"], said["store"]["readable"]) == (200, "ok", True)
    data = said["data"]
    assert (data["newest_hour"], data["age_s"], data["mode"]) == ("2023-01-21T15:00Z", 1800, "live")
    assert data["version"].isalnum() and said["release"].isalnum() and "press" not in said


def test_a_feed_that_is_late_is_no_trouble_of_the_portal(engine) -> None:
    status, said = _health(_context(lambda: engine, stores.NEWEST + 6 * stores.HOUR))
    assert (status, said["status"], said["data"]["mode"], said["data"]["age_s"]) == (200, "ok", "stale", 6 * 3600)


def test_an_empty_store_is_waited_for(tmp_path) -> None:
    empty = stores.empty_store(tmp_path)
    status, said = _health(_context(lambda: empty))
    assert (status, said["status"], said["data"]["age_s"]) == (200, "waiting", None)


def test_a_store_that_cannot_be_opened_is_trouble_and_nothing_of_it_is_told(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'secret-place.sqlite'}"
    answer = _server(_context(lambda: open_store(url, create=False))).test_client().get("/health")
    assert answer.status_code == 503 and answer.get_json()["store"] == {"readable": False, "trouble": "closed"}
    told = answer.get_data(as_text=True) + str(answer.headers)
    assert not [word for word in ("secret-place", str(tmp_path), "sqlite", "Python", "Werkzeug") if word in told]


def test_a_store_that_loses_its_tables_is_trouble(tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    context = _context(lambda: engine)
    assert _health(context)[0] == 200
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE air_city_hour RENAME TO gone"))
    time.sleep(0.6)  # one look at the store serves all who ask within half a second
    status, said = _health(context)
    assert (status, said["status"], said["store"]["trouble"]) == (503, "trouble", "tables")


@pytest.mark.parametrize(("silent_s", "at_work"), [(1, True), (90, False)])
def test_it_is_told_when_the_press_last_looked(engine, tmp_path, silent_s, at_work) -> None:
    shelf = Shelf(tmp_path / SHELF)
    shelf.put("abc", {})
    shelf.say(State("abc", "", time.time() - silent_s, "r"))
    status, said = _health(_context(lambda: engine, folder=tmp_path))
    press = said["press"]
    assert (status, press["at_work"], press["version"]) == (200, at_work, "abc")
    assert silent_s <= press["looked_age_s"] < silent_s + 5 and 0 <= press["made_age_s"] < 5


def test_a_press_that_never_spoke_has_no_age(engine, tmp_path) -> None:
    server = _server(_context(lambda: engine, folder=tmp_path)).test_client()
    assert server.get("/health").get_json()["press"]["made_age_s"] is None
    samples = _samples(server.get("/metrics").get_data(as_text=True))
    assert samples["airshed_portal_press_at_work",] == 0
    assert ("airshed_portal_press_age_seconds",) not in samples


def test_metrics_are_text_that_prometheus_reads(engine) -> None:
    client = _server(_context(lambda: engine, stores.NEWEST + HALF_HOUR)).test_client()
    client.get("/health")
    answer = client.get("/metrics")
    samples = _samples(answer.get_data(as_text=True))
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert samples["airshed_portal_requests_total", "/health", "200", "GET"] == 1
    assert samples["airshed_portal_request_seconds_count", "/health"] == 1
    assert samples["airshed_portal_data_age_seconds",] == 1800
    assert samples["airshed_portal_store_readable",] == 1
    assert samples["airshed_portal_store_statement_seconds_count",] > 0
    assert samples["airshed_portal_status", "ok"] == 1 and samples["airshed_portal_status", "trouble"] == 0


def test_two_portals_of_a_process_count_apart(engine) -> None:
    first, second = (_server(_context(lambda: engine)).test_client() for _ in range(2))
    first.get("/health")
    told = _samples(second.get("/metrics").get_data(as_text=True))
    assert ("airshed_portal_requests_total", "/health", "200", "GET") not in told


@pytest.fixture
def portal(engine, tmp_path) -> Client:
    return Client(create_portal(_context(lambda: engine, stores.NEWEST + HALF_HOUR, tmp_path / "portal")))


def test_addresses_that_somebody_makes_up_make_no_labels(portal) -> None:
    before = set(_samples(portal.get("/metrics").get_data(as_text=True)))
    for number in range(50):
        portal.get(f"{SECRET_PATH}{number}")
        portal.open(f"/assets/{number}", method=f"ODD{number}")
    text = portal.get("/metrics").get_data(as_text=True)
    made = {labels for labels in _samples(text) if labels[0].endswith("requests_total")} - before
    assert len(made) <= 4 and "13800138000" not in text and "ODD" not in text


def test_what_is_answered_in_front_of_dash_is_counted_once(portal) -> None:
    portal.get("/now")
    portal.get("/now")
    samples = _samples(portal.get("/metrics").get_data(as_text=True))
    assert samples["airshed_portal_requests_total", "/now", "200", "GET"] == 2
    assert sum(v for k, v in samples.items() if k[0] == "airshed_portal_requests_total") == 2


def test_the_access_log_names_rules_and_nobody(portal, caplog) -> None:
    caplog.set_level(logging.INFO, "dashboards.access")
    portal.get(
        SECRET_PATH,
        query_string={"who": "zhang"},
        headers={"User-Agent": "Agent-007"},
        environ_base={"REMOTE_ADDR": "10.1.2.3"},
    )
    portal.get("/now")
    lines = [record.getMessage() for record in caplog.records if record.name == "dashboards.access"]
    assert len(lines) == 1, "what open pages ask every few seconds is only counted"
    assert lines[0].startswith("GET /<path:path> 404 ") and lines[0].endswith(" B")
    assert not [word for word in ("13800138000", "zhang", "Agent", "10.1.2.3", "?") if word in lines[0]]


def test_a_portal_that_breaks_is_counted_and_written_down(engine, caplog) -> None:
    context = _context(lambda: engine)
    server = _server(context)

    def broken(_environ, _start):
        raise RuntimeError("broken")

    caplog.set_level(logging.INFO, "dashboards.access")
    with pytest.raises(RuntimeError):
        Client(observing.watched(broken, server, context)).get("/now")
    samples = _samples(server.test_client().get("/metrics").get_data(as_text=True))
    assert samples["airshed_portal_requests_total", "/now", "500", "GET"] == 1
    assert any(record.getMessage().startswith("GET /now 500 ") for record in caplog.records)


def test_a_slow_statement_is_written_by_its_shape_without_what_was_asked(tmp_path, caplog) -> None:
    engine = stores.empty_store(tmp_path)
    heard = []
    statements.listen(engine, lambda seconds, slow: heard.append((seconds, slow)), -1.0)
    query = sa.text("SELECT city FROM air_city_hour WHERE city = :city AND primary_pollutants = 'private' LIMIT 7")
    with engine.connect() as connection:
        connection.execute(query, {"city": "511800"})
    shape = "SELECT city FROM air_city_hour WHERE city = ? AND primary_pollutants = ? LIMIT ?"
    assert any(record.getMessage().endswith(f" ms: {shape}") for record in caplog.records)
    assert not [word for word in ("511800", "private") if word in caplog.text]
    assert heard and heard[-1][1]


def test_quick_statements_are_not_written(tmp_path, caplog) -> None:
    engine = stores.empty_store(tmp_path)
    heard = []
    statements.listen(engine, lambda _, slow: heard.append(slow), 60.0)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    assert heard and not any(heard) and "slow statement" not in caplog.text


def test_a_statement_that_fails_leaves_the_next_one_its_own_time(tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    heard = []
    statements.listen(engine, lambda seconds, _: heard.append(seconds), 60.0)
    with engine.connect() as connection:
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.text("SELECT nothing FROM nowhere"))
        time.sleep(0.2)
        connection.execute(sa.text("SELECT 1"))
    assert heard and max(heard) < 0.2


def test_shapes_are_as_documented() -> None:
    assert doctest.testmod(statements).failed == 0
    assert len(statements.shape("SELECT " + "a, " * 1000)) == statements.LONGEST


def test_health_is_json_that_is_not_kept(engine) -> None:
    answer = _server(_context(lambda: engine)).test_client().get("/health")
    assert answer.headers["Cache-Control"] == "no-store" and json.loads(answer.data)["status"] == "ok"
