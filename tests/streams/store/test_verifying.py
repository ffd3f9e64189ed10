"""Segments are verified at rest, slowly, again and again: what is found is damage, and what was not read is not called whole."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from streams.store import schema
from streams.store.health import damages
from streams.store.lines import EPOCH
from streams.store.mending import Mending
from streams.store.upserts import next_moment
from streams.store.verifying import LEAST, REST_S, ROUND_S, Verifying, last_round
from streams.wire.messages import AT_REST
from tests.streams.store.test_materialiser import NOW, rows
from tests.streams.store.test_mending import FEED, House, air_lines, flip, intake_lines


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def house(store, tmp_path) -> House:
    made = House(store, tmp_path / "topics")
    made.air.append(air_lines(), key="1")
    made.intake.append(intake_lines(), key="1")
    made.feed.append(["510100\t{}"] * 3, key="1")
    made.materialiser.step()
    return made


def verifying(house: House, time: Time, **more) -> Verifying:
    return Verifying(house.store, house.folder, house.materialiser.has, clock=lambda: NOW + time.now, even=time, **more)


def a_round(house: House) -> None:
    time = Time()
    verifier = verifying(house, time, rate=1e9)
    for _ in range(3):
        time.now += 1.0
        verifier.step()


def paths(house: House) -> list:
    return sorted(house.folder.glob("*/*.jsonl"))


def last(house: House):
    with house.store.connect() as connection:
        return last_round(connection)


def test_a_round_over_whole_segments_is_noted_with_what_it_read(house):
    assert last(house) is None
    with house.store.connect() as connection:
        before = next_moment(connection, EPOCH)
    a_round(house)
    found = last(house)
    # 1 s after NOW, 2023-11-14T22:13:20Z (date -u -d @1700000000)
    assert found.begun == found.ended == dt.datetime(2023, 11, 14, 22, 13, 21)
    assert (found.segments, found.size) == (3, sum(path.stat().st_size for path in paths(house)))
    assert found.age_h(dt.datetime(2023, 11, 15, 0, 13, 21, tzinfo=dt.UTC)) == 2.0
    assert not rows(house.store, schema.rejected) or house.open() == 0
    with house.store.connect() as connection:
        assert next_moment(connection, EPOCH) == before, "no page is drawn again for it"


@pytest.mark.parametrize("topic", ["air", "intake", FEED])
def test_a_segment_that_was_read_and_is_damaged_now_is_named_until_it_is_whole_again(house, topic):
    (path,) = (house.folder / topic).glob("*.jsonl")
    whole = path.read_bytes()
    path.write_bytes(flip(whole, 3))
    a_round(house)
    with house.store.connect() as connection:
        assert damages(connection) == 1
    (told,) = [row for row in rows(house.store, schema.rejected) if row["source"] == "damage"]
    assert (told["file"], told["position"], told["expected"]) == (f"{topic}/{path.name}", "byte 0", AT_REST)
    a_round(house)
    assert house.open() == 1, "a second round names nothing twice"
    path.write_bytes(whole)
    assert Mending(house.store, house.folder, house.materialiser.read_again).look() == 1
    a_round(house)
    assert house.open() == 0


def test_no_more_is_read_than_the_rate_allows(house):
    time = Time()
    verifier = verifying(house, time, rate=100.0)
    size = sum(path.stat().st_size for path in paths(house))
    steps = 0
    while last(house) is None:
        time.now += 0.25
        verifier.step()
        steps += 1
        assert steps < 1_000_000
    # Each file costs LEAST at least at its end, so a round takes longer than its bytes; a line is never torn.
    longest = 3 * (LEAST + 1_000)
    assert size / 100 - longest / 100 <= time.now <= (size + longest) / 100 + 30


def test_a_round_begins_a_minute_after_a_short_one_and_reads_what_came_since(house):
    time = Time()
    verifier = verifying(house, time, rate=1e9)
    time.now = 1.0
    verifier.step()
    first = last(house)
    house.feed.append(["510100\t{}"], key="2")
    time.now = REST_S - 1
    verifier.step()
    assert last(house) == first
    time.now = REST_S + 2
    verifier.step()
    assert last(house).segments == first.segments + 1 and last(house).begun > first.ended


def test_a_long_round_rests_nine_times_as_long_and_never_past_an_hour(house):
    time = Time()
    verifier = verifying(house, time, rate=100)
    while last(house) is None:
        time.now += 1.0
        verifier.step()
    took = time.now
    first = last(house)
    while last(house) == first:
        time.now += 1.0
        verifier.step()
    begun = time.now - took
    assert min(10 * took, ROUND_S) - 10 <= begun <= min(10 * took, ROUND_S) + 10


def test_a_segment_that_the_store_has_not_taken_yet_is_left_to_it(house):
    house.air.append(air_lines(), key="2")
    path = house.folder / "air" / house.air.segments()[-1]
    path.write_bytes(flip(path.read_bytes(), 3))
    a_round(house)
    assert house.open() == 0 and last(house).segments == 3


def test_what_leaves_while_it_is_verified_is_no_damage_and_what_may_not_be_read_is(house, monkeypatch):
    first, second, _ = paths(house)

    def opened(path, *_, **__):
        if path == first:
            raise FileNotFoundError(path)
        if path == second:
            raise PermissionError(13, "Permission denied", str(path))
        return open(path, "rb")

    monkeypatch.setattr("streams.store.verifying.open", opened, raising=False)
    a_round(house)
    (told,) = [row for row in rows(house.store, schema.rejected) if row["source"] == "damage"]
    assert told["reason"] == "damaged: it cannot be read: Permission denied" and last(house).segments == 2


def test_where_the_store_is_away_the_round_begins_anew(house):
    time, away = Time(), [True]

    def prove(_) -> None:
        if away[0]:
            raise sa.exc.OperationalError("begin", {}, Exception("away"))

    verifier = verifying(house, time, rate=1e9, prove=prove)
    time.now = 1.0
    with pytest.raises(sa.exc.OperationalError):
        verifier.step()
    assert last(house) is None
    away[0], time.now = False, 3.0
    verifier.step()
    assert last(house).segments == 3
