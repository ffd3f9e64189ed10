"""A request is worked out, answered again from what is kept, cancelled within seconds, and fails in words; a killed one twice."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from research.bench import __main__ as watching
from research.bench import at_work, kinds
from standards.errors import AirshedError
from streams.registry import load
from streams.store import begin_write, open_store
from streams.store import bench_requests as requests
from streams.store.bench_kinds import question_of
from streams.store.bench_results import result_named
from streams.store.schema import bench_request, bench_result, voc_station_hour
from tests.test_import_law import ROOT

STATION, FIRST, DAYS = "3001A", dt.date(2026, 6, 1), 4
AIR = {"ethane": 4.0, "toluene": 2.0, "benzene": 1.0, "isoprene": "<0.1"}
"""The same in each hour, so that every expected mean is plain."""


@pytest.fixture
def store(tmp_path):
    engine = open_store(tmp_path / "store.sqlite")
    begin = dt.datetime.combine(FIRST, dt.time()) - dt.timedelta(hours=8)
    rows = [
        {
            "station": STATION, "hour_end": begin + dt.timedelta(hours=h + 1), "species_ppb": json.dumps(AIR),
            "n_species": 3, "n_below": 1, "status": "provisional", "revision": 0, "simulated": True, "version": 1,
        }
        for h in range(24 * DAYS)
    ]  # fmt: skip
    with begin_write(engine) as connection:
        connection.execute(sa.insert(voc_station_hour), rows)
    yield engine
    engine.dispose()


def ask(
    store,
    kind: str = "composition",
    first: dt.date = FIRST + dt.timedelta(days=2),
    last: dt.date = FIRST + dt.timedelta(days=3),
):
    question = question_of(kind, STATION, first.isoformat(), last.isoformat())
    with begin_write(store) as connection:
        return requests.ask(connection, kind, STATION, question, by="researcher", now=at_work.now_utc())


def stand(store, id):
    with store.connect() as connection:
        return requests.request_named(connection, id)


def own_kind(monkeypatch, work, kind: str = "ekma") -> None:
    """Let a kind be worked out by a function of the test."""
    module = SimpleNamespace(SOFTWARE="test 1", read=lambda *_: kinds.Inputs("0" * 64, False, None), work=work)
    monkeypatch.setitem(kinds.MODULES, kind, "of_the_test")
    monkeypatch.setattr(at_work, "working", lambda _: module)


def test_a_composition_is_worked_out_and_the_same_question_answered_from_what_is_kept(store):
    first = ask(store)
    done = at_work.work_one(store, load())
    assert (done.id, done.state, done.progress) == (first.id, "done", 1.0)
    with store.connect() as connection:
        kept = result_named(connection, done.result)
    now = dict(zip(kept.content["now"]["species"], kept.content["now"]["mean_ppb"], strict=True))
    assert now == pytest.approx({"ethane": 4.0, "toluene": 2.0, "benzene": 1.0, "isoprene": 0.05}), (
        "half the limit for what lies below it"
    )
    assert kept.content["before"]["hours_n"] == 48 and kept.simulated and kept.settings == {"least_hours": 3}
    assert (kept.first_hour, kept.last_hour) == (dt.datetime(2026, 6, 2, 17), dt.datetime(2026, 6, 4, 16))
    again = ask(store)
    assert again.id != first.id and at_work.work_one(store, load()).result == done.result
    with begin_write(store) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(bench_result)) == 1
        connection.execute(sa.update(voc_station_hour).values(version=2))
    ask(store)
    assert at_work.work_one(store, load()).result != done.result, "a revision makes another result"
    assert at_work.work_one(store, load()) is None


@pytest.mark.parametrize(
    ("kind", "days", "why"),
    [
        ("composition", 30, "the store has no compounds from"),
        ("nothing", 0, "nothing works out nothing here, expected one of"),
    ],
)
def test_what_cannot_be_worked_out_fails_in_words(store, kind, days, why):
    day = (FIRST + dt.timedelta(days=days)).isoformat()
    with begin_write(store) as connection:
        question = question_of("composition", STATION, day, day)
        requests.ask(connection, kind, STATION, question, by="x", now=at_work.now_utc())
    done = at_work.work_one(store, load())
    assert done.state == "failed" and why in done.reason


def test_progress_is_written_and_a_cancel_ends_the_work_within_seconds(store, monkeypatch):
    monkeypatch.setattr(at_work, "BEAT_S", 0.05)

    def work(_question, _data, tell):
        for n in range(10_000):
            tell(n / 10_000, "starts")
            time.sleep(0.005)

    own_kind(monkeypatch, work)
    id, done = ask(store, "ekma").id, []
    worker = threading.Thread(target=lambda: done.append(at_work.work_one(store, load())))
    worker.start()
    try:
        deadline = time.monotonic() + 20
        while not (stand(store, id).progress > 0 and stand(store, id).step == "starts"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with begin_write(store) as connection:
            requests.cancel(connection, id, at_work.now_utc())
        began = time.monotonic()
    finally:
        worker.join(30)
    assert time.monotonic() - began < 5 and done[0].state == "cancelled" and done[0].result is None


@pytest.mark.parametrize(("error", "why"), [(AirshedError("one day is too few"), "one day is too few"),
                                            (ZeroDivisionError("x"), "a fault of the program: ZeroDivisionError: x")])  # fmt: skip
def test_an_error_ends_the_request_and_not_the_worker(store, monkeypatch, error, why):
    def work(*_):
        raise error

    own_kind(monkeypatch, work)
    ask(store, "ekma")
    done = at_work.work_one(store, load())
    assert (done.state, done.reason) == ("failed", why)


def worker(store, *more: str) -> subprocess.Popen:
    environment = {**os.environ, "AIRSHED_STORE": str(store.url.database), "AIRSHED_LANG": "en"}
    return subprocess.Popen([sys.executable, "-m", "research.bench.worker", *more], cwd=ROOT, env=environment)


def test_a_process_works_out_what_waits_and_one_that_was_lost_before(store):
    id = ask(store).id
    with begin_write(store) as connection:
        requests.take(connection, "a:1", at_work.now_utc())
    assert worker(store, "--lost", "a:1").wait(120) == 0
    assert (stand(store, id).state, stand(store, id).deaths) == ("done", 1)


def test_the_watcher_starts_a_worker_for_what_waits_and_tells_the_next_one_whom_it_lost(monkeypatch):
    started, stop = [], threading.Event()
    monkeypatch.setattr(watching, "LOOK_S", 0.01)
    monkeypatch.setattr(watching, "FAILED_S", 0.0)
    waiting = [True, True]

    def start(lost: str) -> subprocess.Popen:
        started.append(lost)
        code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)" if len(started) == 1 else "pass"
        if len(started) == 3:
            stop.set()
        return subprocess.Popen([sys.executable, "-c", code])

    def asks() -> bool:
        return bool(waiting and waiting.pop()) or len(started) == 2

    thread = threading.Thread(target=watching.watch, args=(asks, start, stop))
    thread.start()
    thread.join(30)
    assert not thread.is_alive() and started[0] == "" and started[1].endswith(tuple("0123456789")) and ":" in started[1]
    assert started[2] == ""


def test_the_watcher_sees_what_waits_in_a_file_and_no_store_is_no_error(store, tmp_path):
    asks = watching.asks_of(f"sqlite:///{store.url.database}")
    assert not asks() and not watching.asks_of(str(tmp_path / "none.sqlite"))()
    id = ask(store).id
    assert asks() and watching.asks_of(str(store.url.database))()
    with begin_write(store) as connection:
        requests.take(connection, "a:1", at_work.now_utc())
    assert not asks()
    with begin_write(store) as connection:
        old = at_work.now_utc() - dt.timedelta(seconds=90)
        connection.execute(sa.update(bench_request).where(bench_request.c.id == id).values(beat_at=old))
    assert asks(), "one whose process is silent wants to be looked after"


def test_the_end_of_the_platform_gives_back_what_is_in_hand_and_counts_no_death(store):
    id = ask(store).id
    process = worker(store)
    try:
        deadline = time.monotonic() + 60
        while stand(store, id).state == "queued":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    found = stand(store, id)
    assert found.state in ("queued", "done") and found.deaths == 0
