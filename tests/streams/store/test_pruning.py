"""Segments leave by their age, whatever row is still open; what is open for so long is told, once."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest
import sqlalchemy as sa

from streams.records import Rejected
from streams.store import begin_write
from streams.store.__main__ import DAY_S, PRUNE_EVERY_S, Hourly, prune
from streams.store.drained import progress
from streams.store.lines import EPOCH, Count, reject_row, summed
from streams.store.materialiser import Materialiser
from streams.store.reject_retention import SUMMED, reject_days, sum_up_rejects
from streams.store.schema import rejected, topic_position
from streams.store.settings import result_days
from streams.store.upserts import add_counts, keep_rejects
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


def test_results_that_are_stored_go_after_days_of_their_own_and_no_other(store, platform) -> None:
    """The store has their rows; those that it has not taken stay, however old."""
    _, folder = platform
    for age_days in (2, 4, 29):
        segment(folder, messages.RESULT_TOPIC, f"r{age_days}", age_days)
        segment(folder, messages.INTAKE_TOPIC, f"i{age_days}", age_days)
    topics = [DirectoryTopic(folder / name) for name in (messages.RESULT_TOPIC, messages.INTAKE_TOPIC)]
    materialiser = Materialiser(store, topics)
    while materialiser.step():
        pass
    segment(folder, messages.RESULT_TOPIC, "waiting", 9)
    prune(materialiser, store, folder, 30 * DAY_S, results_s=3 * DAY_S)
    left = [name.partition("-")[2] for name in DirectoryTopic(folder / messages.RESULT_TOPIC).segments()]
    assert sorted(left) == ["r2.jsonl", "waiting.jsonl"]
    assert len(DirectoryTopic(folder / messages.INTAKE_TOPIC).segments()) == 3
    with store.connect() as connection:
        known = set(connection.scalars(sa.select(topic_position.c.segment)))
    assert not {name for name in known if "r4" in name or "r29" in name}, "positions go with their segments"


def test_the_days_of_results_are_a_setting_and_what_is_no_number_is_told(caplog) -> None:
    assert result_days({}) == 3 and result_days({"AIRSHED_RESULT_DAYS": "1"}) == 1
    for wrong in ("0", "-1", "x", "1.5", "９"):
        assert result_days({"AIRSHED_RESULT_DAYS": wrong}) == 3
        assert "AIRSHED_RESULT_DAYS" in caplog.records.pop().getMessage()


def reject(store, received: dt.datetime, position: str, source: str = "cnemc", *, set_aside: bool = False) -> None:
    row = Rejected(source, position, "broken header", position, "-", file="f", rows=2, set_aside=set_aside)
    with begin_write(store) as connection:
        keep_rejects(connection, [reject_row(row, received)])


def test_rejects_of_long_ago_become_one_row_a_source_and_year_and_no_row_is_lost_count_of(store) -> None:
    now = dt.datetime(2026, 6, 1)
    for day in range(900):
        reject(store, now - dt.timedelta(days=day, hours=1), f"line {day}", set_aside=day % 2 == 1)
    reject(store, now - dt.timedelta(days=800), "line", "other")
    before = totals(store)
    assert sum_up_rejects(store, now) == 900 - 400 + 1
    assert totals(store) == before
    c = rejected.c
    with store.connect() as connection:
        summed_up = connection.execute(
            sa.select(c.source, c.value, c.set_aside, c.rows)
            .where(c.reason == SUMMED)
            .order_by(c.source, c.value, c.rows)
        ).all()
        assert connection.scalar(sa.select(sa.func.count()).select_from(rejected)) == 400 + len(summed_up)
    # 2025-01-01 to 2025-04-27 are 117 days (58.5 each kind); 2024 has 366; 2023-12-14 to 12-31 are 17 whole days and the hour.
    assert {(row.source, row.value) for row in summed_up} == {
        ("cnemc", "2023"), ("cnemc", "2024"), ("cnemc", "2025"), ("other", "2024"),
    }  # fmt: skip
    assert sum_up_rejects(store, now) == 0, "sums are not summed up again"
    assert sum_up_rejects(store, now + dt.timedelta(days=10)) == 10 and totals(store) == before
    assert sum_up_rejects(store, now + dt.timedelta(days=9999), days=0) == 0
    with store.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).where(c.reason == SUMMED)) == len(summed_up)


def totals(store) -> set[tuple]:
    c = rejected.c
    with store.connect() as connection:
        return {
            tuple(row)
            for row in connection.execute(
                sa.select(c.source, c.set_aside, sa.func.sum(c.rows)).group_by(c.source, c.set_aside)
            )
        }


def test_the_days_of_rejects_are_a_setting(caplog) -> None:
    assert reject_days({}) == 400 and reject_days({"AIRSHED_REJECT_DAYS": "0"}) == 0
    assert reject_days({"AIRSHED_REJECT_DAYS": "30"}) == 30
    assert reject_days({"AIRSHED_REJECT_DAYS": "29"}) == 400 and "AIRSHED_REJECT_DAYS" in caplog.text
