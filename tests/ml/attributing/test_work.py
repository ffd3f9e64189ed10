"""The process that attributes: what was touched, a kill at any moment, learning apart, and a history by command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ml.attributing.__main__ import watch
from ml.attributing.corrections import Shelf, edge_of, learn_at
from ml.attributing.gather import gather
from ml.attributing.history import joined, run
from ml.attributing.position import Position, next_version, read_position, write_position
from ml.attributing.region import Region
from ml.attributing.work import Worker
from streams.store import open_store
from streams.store.attribution import touched_by
from streams.store.materialiser import Materialiser
from streams.store.schema import attribution
from streams.wire import messages
from streams.wire.stamps import raise_to
from streams.wire.topics import open_topic
from tests.ml.attributing.made import keep_observed, keep_tags, observed_rows, registry, tell
from tests.ml.attribution.made import CITIES, FIRST_HOUR, made_tags, seen_as_told

ROOT = Path(__file__).resolve().parents[3]
HOURS = 72


def lines(seen, hours):
    return [messages.rows_line(observed_rows(seen, city, c, hours, 1), city) for c, city in enumerate(CITIES)]


def taken(store, data):
    """Let the store take what was sent."""
    topics = [open_topic(data / "topics" / name) for name in (messages.RESULT_TOPIC, messages.ATTRIBUTION_TOPIC)]
    materialiser = Materialiser(store, topics)
    while materialiser.step():
        pass


def rows(store):
    with store.connect() as connection:
        held = connection.execute(sa.select(attribution)).mappings().all()
    return {(row["city"], row["hour_end"], row["quantity"], row["span"]): dict(row) for row in held}


def without_versions(held):
    return {key: {name: value for name, value in row.items() if name != "version"} for key, row in held.items()}


def worker(store, data, **more):
    return Worker(store, registry(), data, **more)


def test_hours_that_a_segment_touched_are_attributed_and_no_others(store, tmp_path, tags, seen):
    keep_tags(store, tags)
    keep_observed(store, seen, until=FIRST_HOUR + 40)
    tell(store, tmp_path, lines(seen, range(38, 40)), name="a")
    assert worker(store, tmp_path).step()
    taken(store, tmp_path)
    found = rows(store)
    assert {key[3] for key in found} == {"hour"} or {key[3] for key in found} == {"hour", "day", "mda8"}
    hours = {key[1] for key in found if key[3] == "hour"}
    assert len(hours) == 2 and {key[0] for key in found} == set(CITIES)


def test_a_look_at_a_store_without_news_does_nothing(store, tmp_path, tags, seen):
    keep_tags(store, tags)
    keep_observed(store, seen)
    tell(store, tmp_path, lines(seen, range(10)), name="a")
    at_work = worker(store, tmp_path)
    assert at_work.step()
    taken(store, tmp_path)
    at_work.step()  # sees its own rows come in
    sent = open_topic(tmp_path / "topics" / messages.ATTRIBUTION_TOPIC).segments()
    assert not at_work.step() and not at_work.step()
    assert open_topic(tmp_path / "topics" / messages.ATTRIBUTION_TOPIC).segments() == sent


@pytest.mark.parametrize(
    "killed", ["before the position is written", "before rows are sent", "after the position is written"]
)
def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path, tags, seen, killed, monkeypatch):
    expected = None
    for name in ("whole", "killed"):
        data = tmp_path / name
        engine = open_store(f"sqlite:///{data}/store.sqlite")
        keep_tags(engine, tags)
        keep_observed(engine, seen)
        tell(engine, data, lines(seen, range(HOURS)), name="a")
        if name == "killed":
            at_work = worker(engine, data)
            with monkeypatch.context() as patch:
                if killed == "before the position is written":
                    patch.setattr("ml.attributing.work.write_position", _killed)
                elif killed == "before rows are sent":
                    patch.setattr(at_work, "give", _after(0, at_work.give))
                if killed == "after the position is written":
                    at_work.step()
                else:
                    with pytest.raises(KeyboardInterrupt):
                        at_work.step()
            taken(engine, data)
        worker(engine, data).step()
        taken(engine, data)
        found = without_versions(rows(engine))
        engine.dispose()
        expected = expected if expected is not None else found
    assert found == expected and len(found) > HOURS * len(CITIES)


def _killed(*_):
    raise KeyboardInterrupt


def _after(count, call):
    left = [count]

    def called(*given):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return call(*given)

    return called


def test_a_correction_that_comes_corrects_the_hours_of_its_period(tmp_path):
    tags = made_tags(days=21)
    seen = seen_as_told(tags, factor={"pm25": 1.3})
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    keep_tags(store, tags)
    keep_observed(store, seen)
    hours = range(20 * 24, 20 * 24 + 3)
    edge = edge_of(FIRST_HOUR + hours[0])
    asked = []
    at_work = worker(store, tmp_path, learn=lambda edge: asked.append(edge) or True)
    at_work.tagged = True
    tell(store, tmp_path, lines(seen, hours), name="a")
    at_work.step()
    taken(store, tmp_path)
    assert asked == [edge] and {row["tier"] for row in rows(store).values()} == {"raw tags"}
    Shelf(tmp_path / "attribution" / "corrections").keep(edge, learn_at(store, Region(CITIES), edge))
    at_work.step()
    taken(store, tmp_path)
    tiers = {key: row["tier"] for key, row in rows(store).items()}
    assert set(tiers.values()) == {"corrected tags"} and len(tiers) >= 48 * len(CITIES)
    assert asked == [edge]  # and is not learned again
    store.dispose()


def test_a_position_survives_and_a_damaged_one_is_the_beginning(tmp_path):
    path = tmp_path / "attribution" / "position.json"
    assert read_position(path) == Position()
    write_position(path, Position(None, 7))
    assert read_position(path) == Position(None, 7)
    for nonsense in (
        '{"seen": {"at": 3}, "version": "x"}', '{"seen": null, "version": Infinity}', '{"seen": "text", "version": 1}',
        '{"seen": {"at": "2015-01-01T00:00", "segments": [[]]}, "version": 1}', "[" * 100_000, "7", "\0", "",
    ):  # fmt: skip
        path.write_text(nonsense)
        assert read_position(path) == Position()
    assert next_version(10**15, tmp_path) == 10**15 + 1 and next_version(0, tmp_path) > 10**12
    raise_to(tmp_path, 10**14)  # the position was lost, and the clock stands before what was given
    assert next_version(0, tmp_path) == 10**14 + 1


def test_a_segment_that_has_gone_or_holds_nonsense_touches_nothing(tmp_path):
    assert touched_by(tmp_path, "no.jsonl") == {}
    open_topic(tmp_path / messages.RESULT_TOPIC).append(
        ['x\t{"schema":"rows/2","table":"tag_hour","columns":[1]}', "y"], key="a"
    )
    (segment,) = open_topic(tmp_path / messages.RESULT_TOPIC).segments()
    assert touched_by(tmp_path, segment) in ({}, {"tag_hour": set()})


def test_what_is_gathered_in_parts_is_what_is_gathered_at_once(store, tags, seen):
    keep_tags(store, tags)
    keep_observed(store, seen)
    middle, end = FIRST_HOUR + 24, FIRST_HOUR + HOURS
    parts = [
        gather(store, CITIES, FIRST_HOUR, middle, sites={"X": ""}),
        gather(store, CITIES, middle, end, sites={"X": ""}),
    ]
    whole, found = gather(store, CITIES, FIRST_HOUR, end), joined(parts)
    np.testing.assert_array_equal(found.tags.sector, whole.tags.sector)
    np.testing.assert_array_equal(found.seen.items, whole.seen.items)
    assert found.tags.hours == HOURS and found.hours == HOURS


def test_a_history_by_command_is_that_of_the_running_platform(store, tmp_path, tags, seen, monkeypatch):
    monkeypatch.setattr("ml.attributing.history.load", lambda _: registry())
    keep_tags(store, tags)
    keep_observed(store, seen)
    tell(store, tmp_path, lines(seen, range(HOURS)), name="a")
    worker(store, tmp_path).step()
    taken(store, tmp_path)
    expected = without_versions(rows(store))
    url = f"sqlite:///{tmp_path}/store.sqlite"
    assert run(url, tmp_path, None, FIRST_HOUR, FIRST_HOUR + HOURS, processes=1) == 0  # all is there already
    with store.begin() as connection:
        connection.execute(sa.delete(attribution))
    told = []
    given = {"processes": 1, "cities": [CITIES[1]], "tell": lambda *at: told.append(at)}
    assert run(url, tmp_path, None, FIRST_HOUR, FIRST_HOUR + HOURS, **given) > HOURS
    assert without_versions(rows(store)) == {key: row for key, row in expected.items() if key[0] == CITIES[1]}
    assert told[-1][0] == told[-1][1]


def test_the_watcher_starts_a_worker_for_what_comes_and_ends_it(tmp_path, monkeypatch):
    monkeypatch.setattr("ml.attributing.__main__.LOOK_S", 0.02)
    (tmp_path / "intake").mkdir()
    (tmp_path / "forecast.tag_hour").mkdir()
    started: list[subprocess.Popen] = []
    stop = threading.Event()

    def start():
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[-1]

    watching = threading.Thread(target=watch, args=(tmp_path, start, stop))
    watching.start()
    _until(lambda: len(started) == 1)
    (tmp_path / "intake" / "file").touch()
    time.sleep(0.2)
    assert len(started) == 1  # one at a time
    stop.set()
    watching.join(5)
    assert started[0].poll() is not None


def test_the_watcher_knows_nothing_but_the_standard_library():
    code = "import sys; import ml.attributing.__main__; print([m for m in ('numpy', 'sqlalchemy', 'streams') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _until(happened, seconds=20.0):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_real_processes_attribute_go_on_after_a_kill_and_double_nothing(tmp_path, tags, seen):
    """Materialiser, watcher and worker over three days of tags and observations; the watcher is killed in between."""
    url = f"sqlite:///{tmp_path}/store.sqlite"
    store = open_store(url)
    keep_tags(store, tags)
    (tmp_path / "topics" / "forecast.tag_hour").mkdir(parents=True)
    (tmp_path / "topics" / "intake").mkdir()
    results = open_topic(tmp_path / "topics" / messages.RESULT_TOPIC)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = open(tmp_path / "log", "ab")  # noqa: SIM115 - the processes write into it

    def start(module):
        command = [sys.executable, "-m", module, "--data", str(tmp_path), "--store", url]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    def come(hours, name):
        results.append(lines(seen, hours), key=name)
        (tmp_path / "topics" / "intake" / name).touch()

    running = [start("streams.store"), start("ml.attributing")]
    try:
        come(range(24), "a")
        _until(lambda: _hours(store) == 24 * len(CITIES), 90)
        os.killpg(running.pop().pid, signal.SIGKILL)
        come(range(24, HOURS), "b")
        running.append(start("ml.attributing"))
        _until(lambda: _hours(store) == HOURS * len(CITIES), 90)
        _until(lambda: any(key[3] == "day" for key in rows(store)), 30)
    except AssertionError:
        raise AssertionError((tmp_path / "log").read_text()[-3000:]) from None
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()
    with store.connect() as connection:
        # The two segments that were only touched hold nothing, which is told as damage.
        assert connection.exec_driver_sql("SELECT count(*) FROM rejected WHERE source <> 'damage'").scalar() == 0
    store.dispose()


def _hours(store):
    return sum(key[2:] == ("pm25", "hour") and key[0] in CITIES for key in rows(store))
