"""Segments leave by their age, whatever row is still open; what is open for so long is told, once."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest
import sqlalchemy as sa

from streams.store import begin_write
from streams.store.__main__ import DAY_S, PRUNE_EVERY_S, Hourly, prune
from streams.store.drained import progress
from streams.store.lines import EPOCH, Count, summed
from streams.store.materialiser import Materialiser
from streams.store.schema import rejected
from streams.store.upserts import add_counts
from streams.wire import messages
from streams.wire.topics import DirectoryTopic

HOUR = dt.datetime(2026, 6, 1, 4)


@pytest.fixture
def platform(store, tmp_path):
    """Give a function that prunes what is older than 30 days, and the folder of the topics."""
    topics = [DirectoryTopic(tmp_path / name) for name in (messages.RESULT_TOPIC, messages.INTAKE_TOPIC)]
    materialiser = Materialiser(store, topics)
    return lambda: prune(materialiser, store, tmp_path, 30 * DAY_S), tmp_path


def segment(folder, topic: str, key: str, age_days: float) -> None:
    feed = DirectoryTopic(folder / topic)
    feed.append(["510100\t{}"], key=key)
    age(next(folder / topic / name for name in feed.segments() if key in name), age_days)


def age(path, days: float) -> None:
    then = time.time() - days * DAY_S
    os.utime(path, (then, then))


def count(store, age_days: float, source: str = "cnemc", hour: dt.datetime = HOUR, **numbers: int) -> None:
    received = EPOCH + dt.timedelta(seconds=time.time() - age_days * DAY_S)
    with begin_write(store) as connection:
        add_counts(connection, summed([Count(source, hour, numbers, received)]))


def told(store) -> list[tuple]:
    c = rejected.c
    with store.connect() as connection:
        query = sa.select(c.source, c.hour_end, c.reason, c.value, c.rows).order_by(c.source, c.hour_end)
        return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize("open_since_days", [0, 90])
def test_old_segments_of_every_feed_leave_while_a_row_is_open(store, platform, open_since_days) -> None:
    run, folder = platform
    count(store, open_since_days, rows_in=5, accepted=4)
    for topic in messages.TOPICS.values():
        segment(folder, topic, "old", 31)
        segment(folder, topic, "new", 29)
    assert not progress(store, folder).drained
    assert run() == len(messages.TOPICS)
    left = {topic: DirectoryTopic(folder / topic).segments() for topic in messages.TOPICS.values()}
    assert all(len(names) == 1 and "new" in names[0] for names in left.values())


def test_a_row_that_stays_open_is_told_once_as_never_accounted_for(store, platform) -> None:
    run, _ = platform
    count(store, 31, rows_in=5, accepted=3)
    count(store, 31, source="hourless", hour=EPOCH, rows_in=1)
    count(store, 29, source="young", rows_in=5)
    count(store, 31, source="balanced", rows_in=5, duplicate=5)
    count(store, 31, source="too many", rows_in=5, late=6)
    for _ in range(3):
        run()
    assert told(store) == [
        ("cnemc", HOUR, "never accounted for", "2026-06-01T04:00Z", 2),
        ("hourless", None, "never accounted for", "an hour that could not be read", 1),
    ]
    count(store, 31, accepted=1)
    run()
    assert [row[-1] for row in told(store)] == [2, 1], "what was told stays as it was told"


def test_what_a_killed_engine_left_goes_in_its_time_also_while_a_row_is_open(store, platform) -> None:
    run, folder = platform
    hidden = folder / messages.RESULT_TOPIC / "2026-01-01--00" / ".part-1-0.inprogress.x"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("half a li")
    age(hidden, 1)
    count(store, 90, rows_in=5, accepted=4)
    run()
    assert hidden.exists(), "an engine that comes back may still finish it"
    age(hidden, 31)
    run()
    assert not hidden.exists()


@pytest.mark.parametrize(("ahead_days", "removals"), [(0, 1), (0.5, 1), (400, 0), (-400, 1)])
def test_nothing_is_removed_by_a_clock_that_was_set_ahead_while_the_store_ran(ahead_days, removals, caplog) -> None:
    calls, wall, even = [], [1_796_000_000.0], [0.0]
    hourly = Hourly(lambda: calls.append(1), wall=lambda: wall[0], even=lambda: even[0])
    wall[0] += PRUNE_EVERY_S + 1 + ahead_days * DAY_S
    even[0] += PRUNE_EVERY_S + 1
    hourly()
    assert len(calls) == removals
    assert ("went ahead by 400.0 days" in caplog.text) == (not removals)


@pytest.mark.parametrize(("days", "waits"), [(0, True), (1, False), (-400, False)])
def test_nobody_waits_for_a_hidden_file_from_before_a_clock_was_set_back(store, platform, days, waits) -> None:
    """A file of the engine is shown within a second; one whose time lies ahead by days was left before the clock was set back."""
    _, folder = platform
    hidden = folder / messages.RESULT_TOPIC / "2026-01-01--00" / ".part-1-0.inprogress.x"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("half a li")
    age(hidden, days)
    assert progress(store, folder).drained is not waits
