"""What is damaged at rest is named and counted, and nothing is counted twice because it is told again."""

from __future__ import annotations

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from streams.results import rows_of
from streams.store import schema
from streams.store.health import damages, source_books
from streams.store.lines import EPOCH
from streams.store.materialiser import Materialiser
from streams.store.upserts import claim_segment, forget_counts
from streams.wire.messages import rows_line
from streams.wire.topics import DirectoryTopic
from tests.streams.store.test_materialiser import HOUR, NOW, rows, station_hours

PLACE = "obs.station_hour/1700000000000-x.jsonl@0"


@pytest.fixture
def air(tmp_path) -> DirectoryTopic:
    return DirectoryTopic(tmp_path / "air")


@pytest.fixture
def materialiser(store, air) -> Materialiser:
    return Materialiser(store, [air], clock=lambda: NOW)


def counts(place: str, accepted: int = 5, hour: int = HOUR) -> list[str]:
    """What the engine tells of a line that it took: by the hour and by the file."""
    told = {"accepted": accepted, "duplicate": 1, "late": 0, "position": place}
    numbers = {name: [value] if name != "position" else value for name, value in told.items()}
    file = {
        "digest": "d" * 64, "file": "a.csv", "source": "cnemc", "simulated": False, "released_at": 1_700_000_000,
        "received_at": 1_700_000_000, "rows_in": 0, "rejected": 0, **told,
    }  # fmt: skip
    return [
        rows_line(rows_of("source_hour", {"source": "cnemc", "hour_end": [hour], **numbers}), "510100"),
        rows_line(rows_of("source_file", file), "510100"),
    ]


def told(store) -> tuple[list[int], list[int]]:
    (total,), (file,) = rows(store, schema.source_total), rows(store, schema.source_file)
    return ([each[name] for name in ("accepted", "duplicate", "late")] for each in (total, file))


def test_counts_of_a_line_are_added_once_however_often_the_engine_tells_them(store, air, materialiser):
    for attempt in range(3):
        air.append(counts(PLACE), key=f"attempt {attempt}")
    materialiser.step()
    air.append(counts(PLACE), key="a start from an older state")
    materialiser.step()
    Materialiser(store, [air]).step()
    by_hour, by_file = told(store)
    assert by_hour == by_file == [5, 1, 0]


def test_counts_of_other_lines_are_added_also_where_they_are_equal(store, air, materialiser):
    air.append(counts(PLACE), key="1")
    air.append(counts(PLACE.replace("@0", "@7")), key="2")
    air.append(counts(PLACE.replace("obs.station_hour", "obs.voc_hour")), key="3")
    materialiser.step()
    by_hour, by_file = told(store)
    assert by_hour == by_file == [15, 3, 0]


def test_a_line_that_a_history_counted_is_not_counted_by_the_engine_too(store, air, materialiser):
    topic, _, segment = PLACE.partition("@")[0].partition("/")
    with store.begin() as connection:
        claim_segment(connection, {"topic": topic, "segment": segment, "stored_at": dt.datetime(2026, 1, 1)})
    air.append([*counts(PLACE), *counts(PLACE.replace("-x", "-y"), accepted=2)], key="1")
    materialiser.step()
    by_hour, _ = told(store)
    assert by_hour == [2, 1, 0]


def test_any_order_and_number_of_tellings_gives_the_counts_of_each_line_once(store, air):
    chance = random.Random(5)
    lines = [counts(PLACE.replace("@0", f"@{n}"), accepted=n, hour=HOUR + n % 3) for n in range(1, 30)]
    tellings = [*lines, *chance.choices(lines, k=60)]
    chance.shuffle(tellings)
    for number, each in enumerate(tellings):
        air.append(each, key=str(number))
    materialiser = Materialiser(store, [air], batch_rows=7)
    while materialiser.step():
        pass
    by_hour, by_file = told(store)
    assert by_hour == by_file == [sum(range(1, 30)), 29, 0]


@pytest.mark.parametrize("place", ["", "x", "a/b", "a/b@", "a/b@c", "a@1/b@2", 7, None])
def test_counts_with_a_place_that_is_none_are_refused_and_nothing_is_added(store, air, materialiser, place):
    air.append(counts(place)[:1], key="1")
    materialiser.step()
    assert rows(store, schema.source_total) == []
    (reject,) = rows(store, schema.rejected)
    assert "the position of counts is" in reject["reason"]


def test_places_are_forgotten_when_their_segment_has_left_and_is_old(store, air, materialiser):
    air.append([*counts(PLACE), *counts(PLACE.replace("-x", "-y"))], key="1")
    materialiser.step()
    stored_at = EPOCH + dt.timedelta(seconds=NOW)
    with store.begin() as connection:
        held = ["1700000000000-y.jsonl"]
        assert forget_counts(connection, "obs.station_hour", held, before=stored_at) == 0
        assert forget_counts(connection, "obs.station_hour", held, before=stored_at + dt.timedelta(days=1)) == 1
        kept = connection.scalars(
            sa.select(schema.topic_position.c.segment).where(schema.topic_position.c.topic.like("counted/%"))
        )
        assert kept.all() == ["1700000000000-y.jsonl@0"]


def test_a_damaged_line_is_named_counted_and_hides_no_other(store, air, tmp_path, materialiser):
    air.append([station_hours(1, 1), station_hours(1, 1, first=HOUR + 1), station_hours(1, 1, first=HOUR + 2)], key="1")
    (segment,) = air.segments()
    content = (tmp_path / "air" / segment).read_bytes()
    second = content.index(b"\n") + 1
    (tmp_path / "air" / segment).write_bytes(flipped(content, second + 40))
    materialiser.step()
    assert [row["hour_end"] for row in rows(store, schema.air_station_hour)] == [
        EPOCH + dt.timedelta(hours=HOUR + n) for n in (0, 2)
    ]
    (reject,) = rows(store, schema.rejected)
    assert (reject["source"], reject["file"], reject["position"]) == ("damage", f"air/{segment}", f"byte {second}")
    assert reject["reason"] == "damaged: its checksum is another one"
    with store.connect() as connection:
        assert damages(connection) == 1


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :]


def test_books_that_balance_say_so_only_while_everything_could_be_read(store, air, tmp_path, materialiser):
    air.append(counts(PLACE), key="1")
    materialiser.step()
    now = dt.datetime(2026, 1, 1)
    with store.connect() as connection:
        assert [each.damaged for each in source_books(connection, now)] == [0]
    (tmp_path / "air" / "1700000000001-cut.jsonl").write_text(station_hours(1, 1)[:50])
    materialiser.step()
    with store.connect() as connection:
        assert [each.damaged for each in source_books(connection, now)] == [1]
