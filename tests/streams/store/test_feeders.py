"""A store takes rows from the one data directory that it knows; another one, or a copy that missed something, is refused."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from infra.errors import explain
from streams.store import begin_write
from streams.store.absence import Absence
from streams.store.feeders import StrangerError, admit, adopt, feeders
from streams.store.identity import FOLDER, NAME, IdentityError, identity_of
from streams.store.lease import WATCH_S, FedElsewhere, LeaseLost, take
from streams.store.materialiser import Materialiser
from streams.store.schema import feeding, topic_position
from streams.wire import messages
from streams.wire.topics import open_topic

NOW = dt.datetime(2026, 11, 30)


@pytest.fixture
def here(tmp_path):
    """A data directory."""
    return identity_of(tmp_path / "here")


@pytest.fixture
def there(tmp_path):
    """Another one."""
    return identity_of(tmp_path / "there")


def took_in(store, identity, name: str = "obs.station_hour", key: str = "a") -> None:
    """Lay a segment into a directory, and note in the store that it is in."""
    topic = open_topic(identity.root / "topics" / name)
    topic.append(["510100\t{}"], key=key)
    with begin_write(store) as connection:
        known = set(connection.scalars(sa.select(topic_position.c.segment)))
        rows = [{"topic": name, "segment": s, "stored_at": NOW} for s in topic.segments() if s not in known]
        connection.execute(sa.insert(topic_position), rows)


def feed(store, identity) -> None:
    take(store, identity).release()
    took_in(store, identity)


def is_refused(store, identity, words: str) -> None:
    with pytest.raises(StrangerError, match=words) as refused:
        admit(store, identity)
    assert "airshed store adopt" in str(refused.value) and "--store" in str(refused.value)


def test_a_directory_has_one_name_for_good_and_its_file_says_what_it_means(tmp_path):
    first = identity_of(tmp_path)
    assert identity_of(tmp_path).name == first.name != identity_of(tmp_path / "other").name
    text = (tmp_path / FOLDER / NAME).read_text(encoding="utf-8")
    assert first.name in text and "which data directory" in text and "数据目录" in text


def test_processes_that_make_a_name_at_once_agree(tmp_path):
    code = (
        "import sys, pathlib; from streams.store.identity import identity_of;"
        "print(identity_of(pathlib.Path(sys.argv[1])).name)"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) for _ in range(4)]
    assert len({each.communicate()[0] for each in started}) == 1


@pytest.mark.parametrize("text", ["", "id = 3\n", 'id = "xyz"\n', "id =", "\x00"])
def test_a_name_that_cannot_be_read_is_said_with_its_file(tmp_path, text):
    identity_of(tmp_path)
    (tmp_path / FOLDER / NAME).write_text(text)
    with pytest.raises(IdentityError, match=NAME):
        identity_of(tmp_path)


def test_an_empty_store_takes_the_first_who_comes_and_refuses_the_second(store, here, there):
    feed(store, here)
    admit(store, here)
    is_refused(store, there, "fed by the data directory .*here")
    with store.connect() as connection:
        assert [each.feeder for each in feeders(connection)] == [here.name]


def test_a_store_that_never_took_anything_in_goes_to_whoever_comes(store, here, there):
    admit(store, here)
    feed(store, there)
    is_refused(store, here, "fed by the data directory .*there")


def test_a_directory_that_was_moved_feeds_its_store_on(store, here, tmp_path):
    feed(store, here)
    shutil.move(here.root, tmp_path / "moved")
    moved = identity_of(tmp_path / "moved")
    take(store, moved).release()
    with store.connect() as connection:
        assert feeders(connection)[0].folder == str(tmp_path / "moved")


def test_a_directory_whose_topics_were_lost_feeds_its_store_on(store, here):
    feed(store, here)
    shutil.rmtree(here.root / "topics")
    admit(store, here)


def test_a_copy_is_refused_once_the_other_one_went_on(store, here, tmp_path):
    feed(store, here)
    copy = identity_of(shutil.copytree(here.root, tmp_path / "copy"))
    assert copy.name == here.name
    take(store, copy).release()  # the copy goes on, as after a move to another machine
    is_refused(store, here, "another copy")
    take(store, copy).release()


def test_a_store_that_was_set_back_is_fed_on_by_its_directory(store, here):
    feed(store, here)
    with store.connect() as connection:
        then = connection.scalar(sa.select(feeding.c.turn))
    feed_again = take(store, here)
    feed_again.release()
    with begin_write(store) as connection:
        connection.execute(sa.update(feeding).values(turn=then))
    admit(store, here)


def test_a_store_of_an_earlier_release_knows_its_directory_by_what_it_took_in(store, here, there):
    took_in(store, here)
    is_refused(store, there, "filled from another data directory")
    admit(store, here)


def test_a_store_is_handed_over_by_order_and_keeps_who_had_it_and_why(store, here, there):
    feed(store, here)
    before = adopt(store, there, "the old machine is gone")
    assert before is not None and before.feeder == here.name
    take(store, there).release()
    is_refused(store, here, "fed by the data directory .*there")
    with store.connect() as connection:
        now, then = feeders(connection)
    assert (now.feeder, now.why, now.handed_over_at) == (there.name, "the old machine is gone", None)
    assert then.feeder == here.name and then.handed_over_at is not None
    assert adopt(store, there, "") is None


def test_while_a_process_feeds_a_store_no_copy_of_its_directory_does(store, here, tmp_path):
    lease = take(store, here)
    copy = identity_of(shutil.copytree(here.root, tmp_path / "copy"))
    with pytest.raises(FedElsewhere, match=f"process {os.getpid()} on"):
        take(store, copy)
    lease.release()
    take(store, copy)


def test_a_holder_that_was_killed_makes_way_at_once(store, here, tmp_path):
    code = (
        "import sys, os, pathlib; from streams.store import open_store; from streams.store.lease import take;"
        "from streams.store.identity import identity_of;"
        "take(open_store(sys.argv[1]), identity_of(pathlib.Path(sys.argv[2]))); os._exit(9)"
    )
    url = store.url.render_as_string(hide_password=False)
    assert subprocess.run([sys.executable, "-c", code, url, here.root], check=False).returncode == 9
    take(store, here, sleep=pytest.fail)


@pytest.mark.parametrize("beats", [True, False])
def test_a_holder_on_another_machine_is_watched_for_a_beat(store, here, beats):
    take(store, here)
    with begin_write(store) as connection:
        connection.execute(sa.update(feeding).values(machine="another", host="elsewhere"))
    watched = []

    def sleep(seconds: float) -> None:
        watched.append(seconds)
        if beats:
            with begin_write(store) as connection:
                connection.execute(sa.update(feeding).values(beats=feeding.c.beats + 1))

    if beats:
        with pytest.raises(FedElsewhere, match="elsewhere"):
            take(store, here, sleep=sleep)
    else:
        take(store, here, sleep=sleep)
    assert watched == [WATCH_S]


def test_who_was_paused_and_comes_back_writes_nothing(store, here):
    paused = take(store, here)
    with begin_write(store) as connection:
        connection.execute(sa.update(feeding).values(machine="another"))
    take(store, here, sleep=lambda seconds: None)
    topic = open_topic(here.root / "topics" / messages.RESULT_TOPIC)
    topic.append(["510100\t{}"], key="late")
    with pytest.raises(LeaseLost):
        Materialiser(store, [topic], prove=paused.prove).step()
    with store.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(topic_position)) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_is_said_in_the_language_asked_for(store, here, there, monkeypatch, language):
    monkeypatch.setenv("AIRSHED_LANG", language)
    feed(store, here)
    with pytest.raises(StrangerError) as refused:
        admit(store, there)
    said, code = explain(refused.value)
    assert code == 1 and ("供数" in said) == (language == "zh") and str(here.root) in said


def test_a_process_waits_for_room_on_the_disk_before_it_feeds_the_store(store, here, monkeypatch, caplog):
    from streams.store import __main__ as process

    tries = []

    def full(engine, identity):
        tries.append(identity)
        if len(tries) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return take(engine, identity)

    monkeypatch.setattr(process, "take", full)
    monkeypatch.setattr(process, "RETRY_S", 0.01)
    lease = process.begun(store, here.root, threading.Event(), Absence())
    assert lease is not None and len(tries) == 3 and "cannot be fed yet" in caplog.text
    stopped = threading.Event()
    stopped.set()
    tries.clear()
    assert process.begun(store, here.root, stopped, Absence()) is None
