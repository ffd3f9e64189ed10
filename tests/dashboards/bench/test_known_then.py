"""Looking back: a request or a result that came after the hour shown is not there yet, in lists and by its own address."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboards.bench import asked, compared
from dashboards.bench.super_site import opened
from dashboards.context import Context, scene_of
from dashboards.queries.bench import known_by, requests_known
from dashboards.snapshots.markup import markup
from dashboards.view import View
from streams.store import begin_write
from streams.store import bench_requests as requests
from streams.store.bench_results import keep
from tests.dashboards import stores
from tests.dashboards.bench import filled

HOUR, MINUTE = filled.HOUR, dt.timedelta(minutes=1)
SHOWN = stores.NEWEST - 5 * HOUR
"""The hour that a reader goes back to; it was the newest until the next one came."""


@pytest.fixture
def engine(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    yield engine
    engine.dispose()


def kept(engine, made_at: dt.datetime, last_hour: dt.datetime = SHOWN) -> str:
    found = filled.kept_of("rir", {"below": "zero", "made": f"{made_at:%d%H%M}"}, last_hour)
    with begin_write(engine) as connection:
        return keep(connection, found, made_at)


def told(engine, section, hour: dt.datetime | None, now: dt.datetime, **params: str) -> str:
    context = Context(lambda: engine, filled.known(), clock=lambda: now)
    with scene_of(context, View("510100", lang="en", hour=hour), {"station": filled.SITE, **params}) as scene:
        return markup(opened(scene, "bench.results", section))


def test_a_result_is_there_from_the_hour_in_which_it_was_made(engine):
    now = stores.NEWEST + 10 * MINUTE
    then, later = kept(engine, SHOWN + 59 * MINUTE), kept(engine, SHOWN + 61 * MINUTE)
    back = told(engine, compared.results, SHOWN, now)
    assert then[:12] in back and later[:12] not in back
    assert later[:12] in told(engine, compared.results, None, now)
    asked_by_name = told(engine, compared.results, SHOWN, now, result=later)
    assert (
        f">{later}<" not in asked_by_name
        and f">{then}<" in asked_by_name
        and "result; shown instead: the newest result of this site" in asked_by_name
    )
    assert "No results yet" in told(engine, compared.results, SHOWN - HOUR, now, result=then)


def test_in_a_replay_a_result_is_there_when_its_hours_have_passed(engine):
    now = stores.NEWEST + 1000 * HOUR
    made = kept(engine, now - HOUR, last_hour=SHOWN)
    assert made[:12] in told(engine, compared.results, SHOWN, now)
    assert made[:12] not in told(engine, compared.results, SHOWN - HOUR, now)


def test_a_request_stands_as_it_did(engine):
    now, question = stores.NEWEST + 10 * MINUTE, {"station": filled.SITE, "first": "2023-01-01", "last": "2023-01-02"}
    with begin_write(engine) as connection:
        found = requests.ask(connection, "ekma", filled.SITE, question, by="li", now=SHOWN - HOUR)
        requests.take(connection, "here:1", SHOWN, id=found.id)
        requests.end(connection, found.id, "here:1", requests.FAILED, SHOWN + 3 * HOUR, reason="it has no days")
    assert "it has no days" in told(engine, asked.requests, None, now)
    running = told(engine, asked.requests, SHOWN, now)
    assert "running" in running and "it has no days" not in running and "%" not in running
    assert "queued" in told(engine, asked.requests, SHOWN - HOUR, now)
    assert "Nothing was asked" in told(engine, asked.requests, SHOWN - 2 * HOUR, now)


def test_in_a_replay_a_request_is_there_when_its_days_have_passed(engine):
    now = stores.NEWEST + 1000 * HOUR
    day = (stores.NEWEST - 30 * HOUR).date()
    question = {"station": filled.SITE, "first": f"{day}", "last": f"{day}"}
    with begin_write(engine) as connection:
        requests.ask(connection, "ekma", filled.SITE, question, by="li", now=now)
    # a day of Beijing ends at 16:00 UTC
    end = dt.datetime.combine(day, dt.time(16))
    context = Context(lambda: engine, filled.known(), clock=lambda: now)
    counted = []
    for hour in (end - HOUR, end):
        with scene_of(context, View("510100", hour=hour)) as scene:
            counted.append(len(requests_known(scene.connection, filled.SITE, known_by(scene.moment), most=5)))
    assert counted == [0, 1]
