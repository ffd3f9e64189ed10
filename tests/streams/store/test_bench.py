"""The bench's requests and results: taken once, told, cancelled, lost twice at most; found again by what they rest on, bounded."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest
import sqlalchemy as sa

from streams.store import begin_write
from streams.store import bench_requests as requests
from streams.store.bench_requests import CANCELLED, DONE, FAILED, QUEUED, RUNNING
from streams.store.bench_results import BenchError, Kept, canonical, found_again, heads_of, keep, prune, result_named
from streams.store.schema import bench_result

NOW = dt.datetime(2026, 7, 1, 12)
SECOND = dt.timedelta(seconds=1)


def ask(store: sa.Engine, n: int = 0, *, now: dt.datetime = NOW) -> requests.Request:
    with begin_write(store) as connection:
        return requests.ask(connection, "ekma", "3001A", {"day": f"2026-06-{n + 1:02d}"}, by="researcher", now=now)


def stand(store: sa.Engine, id: str) -> requests.Request:
    with store.connect() as connection:
        return requests.request_named(connection, id)


def test_a_request_is_taken_once_the_one_that_waits_the_longest_first(store):
    later, first = ask(store, 1, now=NOW + SECOND), ask(store, 0)
    with begin_write(store) as connection:
        assert requests.take(connection, "a:1", NOW).id == first.id
        assert requests.take(connection, "b:2", NOW, id=first.id) is None
        assert requests.take(connection, "b:2", NOW).id == later.id
        assert requests.take(connection, "b:2", NOW) is None and not requests.is_waiting(connection)
    assert stand(store, first.id).state == RUNNING


def test_the_same_question_waits_once_and_the_number_of_those_that_wait_is_bounded(store):
    assert ask(store).id == ask(store, now=NOW + SECOND).id
    with begin_write(store) as connection:
        for n in range(requests.MOST_WAITING - 1):
            requests.ask(connection, "rir", "3001A", {"n": n}, by="x", now=NOW)
        with pytest.raises(BenchError, match="50 requests wait, expected fewer than 50"):
            requests.ask(connection, "rir", "3001A", {"n": "one more"}, by="x", now=NOW)
        with pytest.raises(BenchError, match="the question has 5012 characters"):
            requests.ask(connection, "rir", "3001A", {"text": "x" * 5001}, by="x", now=NOW)


def test_progress_is_told_and_a_cancel_is_heard(store):
    id = ask(store).id
    with begin_write(store) as connection:
        requests.take(connection, "a:1", NOW)
        assert requests.tell(connection, id, "a:1", NOW, progress=0.25, step="starts")
        assert not requests.tell(connection, id, "b:2", NOW, progress=0.5, step="starts"), "another process has it"
        assert requests.cancel(connection, id, NOW).state == RUNNING
        assert not requests.tell(connection, id, "a:1", NOW, progress=0.3, step="starts")
        assert requests.end(connection, id, "a:1", CANCELLED, NOW)
    found = stand(store, id)
    assert (found.state, found.progress, found.step) == (CANCELLED, 0.3, "starts")
    with begin_write(store) as connection:
        assert requests.cancel(connection, id, NOW).ended_at == NOW and requests.cancel(connection, "none", NOW) is None


def test_one_that_waits_is_cancelled_at_once(store):
    id = ask(store).id
    with begin_write(store) as connection:
        assert requests.cancel(connection, id, NOW).state == CANCELLED
        assert requests.take(connection, "a:1", NOW) is None


def test_a_killed_one_is_queued_once_more_and_has_failed_at_its_second_death(store):
    id, behind = ask(store).id, ask(store, 1, now=NOW + SECOND).id
    for deaths, state in ((1, QUEUED), (2, FAILED)):
        with begin_write(store) as connection:
            requests.take(connection, "a:1", NOW)
            assert requests.lost(connection, NOW + 59 * SECOND) == [], "it may be alive"
            (found,) = requests.lost(connection, NOW + 61 * SECOND)
        assert (found.id, found.state, found.deaths) == (id, state, deaths)
    assert "ended 2 times under it" in stand(store, id).reason
    with begin_write(store) as connection:
        assert requests.take(connection, "a:1", NOW).id == behind
        assert not requests.end(connection, id, "a:1", DONE, NOW, result="x"), "what was lost tells nothing any more"


def test_a_runner_that_is_known_to_be_gone_loses_its_own_at_once(store):
    id, other = ask(store).id, ask(store, 1, now=NOW + SECOND).id
    with begin_write(store) as connection:
        requests.take(connection, "a:1", NOW)
        requests.take(connection, "b:2", NOW)
        requests.cancel(connection, id, NOW)
        assert [each.state for each in requests.lost(connection, NOW, runner="a:1")] == [CANCELLED]
    assert stand(store, other).state == RUNNING


def kept(**changes) -> Kept:
    question = {"station": "3001A", "first": "2026-06-01", "last": "2026-06-30"}
    found = Kept(
        kind="composition", station="3001A", first_hour=NOW, last_hour=NOW + 700 * 3600 * SECOND, question=question,
        inputs="a" * 64, settings={"least_hours": 3}, software="composition 1", simulated=True, cpu_s=0.2,
        content={"mean": [1.5, float("nan")], "name": "乙烯"},
    )  # fmt: skip
    return replace(found, **changes)


def test_a_result_comes_back_as_it_was_with_missing_numbers_as_none(store):
    with begin_write(store) as connection:
        digest = keep(connection, kept(), NOW)
        assert keep(connection, kept(), NOW + SECOND) == digest, "the same is there once"
    with store.connect() as connection:
        found = result_named(connection, digest)
        ((named, head),) = heads_of(connection, "3001A", "composition")
        assert result_named(connection, "0" * 64) is None
    assert found.content == {"mean": [1.5, None], "name": "乙烯"} and found.digest == digest == named
    assert (
        head.content is None and head.settings == {"least_hours": 3} and head.simulated and head.made_at == NOW + SECOND
    )


def test_the_digest_is_that_of_all_that_decides_the_answer():
    # SHA-256 of the canonical text, worked out here anew.
    text = (
        '["composition",{"first":"2026-06-01","last":"2026-06-30","station":"3001A"},"' + "a" * 64
        + '",{"least_hours":3},"composition 1"]'
    )  # fmt: skip
    assert kept().digest == hashlib.sha256(text.encode()).hexdigest()
    others = [
        kept(inputs="b" * 64),
        kept(settings={"least_hours": 4}),
        kept(software="composition 2"),
        kept(kind="ekma"),
    ]
    assert len({each.digest for each in [kept(), *others]}) == 5
    assert kept(content={}, cpu_s=9.0).digest == kept().digest


def test_results_are_bounded_in_number_and_bytes_and_those_go_that_nobody_asked_for(store):
    with begin_write(store) as connection:
        digests = [keep(connection, kept(inputs=f"{n:064d}"), NOW + n * SECOND) for n in range(4)]
        assert found_again(connection, digests[0], NOW + 60 * SECOND) and not found_again(connection, "none", NOW)
        assert prune(connection, kept=3) == 1
        left = set(connection.scalars(sa.select(bench_result.c.digest)))
        assert left == {digests[0], digests[2], digests[3]}
        size = connection.scalar(sa.select(sa.func.max(bench_result.c.size)))
        assert prune(connection, kept_bytes=2 * size) == 1
        assert set(connection.scalars(sa.select(bench_result.c.digest))) == {digests[0], digests[3]}


def test_a_result_that_is_too_large_empty_or_damaged_is_refused_in_words(store):
    noise = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(150_000)]
    with begin_write(store) as connection:
        with pytest.raises(BenchError, match="expected at most 4194304: ask for a shorter period"):
            keep(connection, kept(content={"noise": noise}), NOW)
        with pytest.raises(BenchError, match="has no content"):
            keep(connection, kept(content=None), NOW)
        digest = keep(connection, kept(), NOW)
        connection.execute(sa.update(bench_result).values(result=b"no zlib"))
        with pytest.raises(BenchError, match=f"the result {digest[:12]} cannot be read"):
            result_named(connection, digest)


def test_old_requests_that_have_ended_are_forgotten(store):
    old, waiting = ask(store).id, ask(store, 1, now=NOW + SECOND).id
    with begin_write(store) as connection:
        requests.cancel(connection, old, NOW)
        requests.forget(connection, NOW + dt.timedelta(days=401))
        assert [each.id for each in requests.newest_requests(connection)] == [waiting]


def test_every_look_goes_by_an_index(store):
    if store.dialect.name != "sqlite":
        pytest.skip("plans are read in SQLite")
    looks = (
        "SELECT id FROM bench_request WHERE state = 'queued' ORDER BY asked_at, id LIMIT 1",
        "SELECT * FROM bench_request WHERE station = 'x' ORDER BY asked_at DESC LIMIT 20",
        "SELECT digest FROM bench_result WHERE station = 'x' AND kind = 'ekma' ORDER BY made_at DESC LIMIT 20",
        "SELECT digest FROM bench_result ORDER BY used_at DESC LIMIT 20",
    )
    with store.connect() as connection:
        for look in looks:
            assert "USING" in str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {look}").all()), look


def test_one_way_of_writing():
    assert canonical({"b": float("inf"), "a": [dt.date(2026, 7, 1)]}) == '{"a":["2026-07-01"],"b":null}'
