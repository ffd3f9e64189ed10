"""Damage ends when its segment is whole again: rows and books are those of a store that never met any, each counted once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from streams.records import Intake, Rejected
from streams.store import open_store, schema
from streams.store.health import damages
from streams.store.lines import EPOCH, reject_row
from streams.store.materialiser import Materialiser
from streams.store.mending import Mending, open_places, settle_whole
from streams.store.reject_retention import SUMMED, sum_up_rejects
from streams.store.upserts import keep_rejects
from streams.wire.mended import mended_in
from streams.wire.messages import AT_REST, damage_of, intake_line, rejected_line
from streams.wire.seals import Damage
from streams.wire.topics import DirectoryTopic
from tests.streams.store.test_damaged_topics import PLACE, counts
from tests.streams.store.test_materialiser import HOUR, NOW, rows, station_hours

FEED = "obs.station_hour"
DAY_S = 86_400.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


class House:
    """A store, its own topics, a feed's, and who looks after what is damaged."""

    def __init__(self, store: sa.Engine, folder: Path) -> None:
        self.store, self.folder, self.clock = store, folder, Clock()
        self.air, self.intake, self.feed = (DirectoryTopic(folder / name) for name in ("air", "intake", FEED))
        self.start()

    def start(self) -> None:
        self.materialiser = Materialiser(self.store, [self.air, self.intake], clock=self.clock)
        self.mending = Mending(self.store, self.folder, self.materialiser.read_again, clock=self.clock)

    def open(self) -> int:
        with self.store.connect() as connection:
            return damages(connection)

    def tell(self, damage: Damage, topic: str = FEED, *, at_rest: bool = False) -> None:
        told = reject_row(damage_of(damage, topic, at_rest=at_rest), EPOCH + dt.timedelta(seconds=self.clock.now))
        with self.store.begin() as connection:
            keep_rejects(connection, [told])


@pytest.fixture
def house(store, tmp_path) -> House:
    return House(store, tmp_path / "topics")


def air_lines() -> list[str]:
    return [
        station_hours(2, 2), *counts(PLACE, accepted=4), station_hours(1, 2, first=HOUR + 5),
        *counts(PLACE.replace("@0", "@9"), accepted=7, hour=HOUR + 5),
        rejected_line(Rejected("cnemc", "line 4", "not a number", "x", "a number", "a.csv"), NOW),
    ]  # fmt: skip


def intake_lines() -> list[str]:
    files = [
        Intake("cnemc", f"{n}.csv", NOW, {HOUR + n: 5}, {HOUR + n: 1}, digest=f"{n}" * 64, released_at=NOW)
        for n in range(6)
    ]
    return [
        *map(intake_line, files),
        rejected_line(Rejected("cnemc", "line 9", "not a number", "y", "a number", "0.csv"), NOW),
    ]


LINES = {"air": air_lines, "intake": intake_lines}


def line_starts(content: bytes) -> list[int]:
    ends = [place + 1 for place, byte in enumerate(content) if byte == 10]
    return [0, *ends[:-1]]


def flip(content: bytes, place: int, bit: int = 1) -> bytes:
    return content[:place] + bytes((content[place] ^ bit,)) + content[place + 1 :]


def harms(content: bytes) -> dict[str, bytes]:
    starts = line_starts(content)
    found = {f"a bit in line {number}": flip(content, start + 25) for number, start in enumerate(starts)}
    last = starts[-1]
    return found | {
        "a line end in a line": content[: starts[1] + 30] + b"\n" + content[starts[1] + 31 :],
        "a seal": flip(content, starts[2] - 3),
        "two places": flip(flip(content, starts[0] + 25), starts[3] + 30),
        "a cut in a line": content[: starts[2] + 40],
        "a cut between lines": content[:last],
        "a flipped bit and a cut": flip(content, starts[1] + 30)[: starts[3] + 20],
        "nothing left": b"",
    }


KINDS = list(harms(b"\n".join(b"x" * 60 for _ in range(7)) + b"\n"))
OURS = ("air_station_hour", "source_hour", "source_total", "source_file", "row_history")


def held(store: sa.Engine) -> dict[str, list]:
    told = {name: rows(store, schema.metadata.tables[name]) for name in OURS}
    told["rejected"] = [row for row in rows(store, schema.rejected) if row["source"] != "damage"]
    return told


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, dict[str, list]]:
    """By topic what a store holds that never met any damage."""
    found = {}
    for topic, lines in LINES.items():
        folder = tmp_path_factory.mktemp(topic)
        house = House(open_store(str(folder / "undisturbed.sqlite")), folder / "topics")
        getattr(house, topic).append(lines(), key="1")
        house.materialiser.step()
        found[topic] = held(house.store)
        assert found[topic]["source_total"] and found[topic]["source_file"] and found[topic]["rejected"]
    return found


@pytest.mark.parametrize("topic", LINES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_segment_that_is_put_back_ends_in_the_rows_and_books_of_one_that_was_never_damaged(
    house, undisturbed, topic, kind
):
    getattr(house, topic).append(LINES[topic](), key="1")
    (segment,) = getattr(house, topic).segments()
    path = house.folder / topic / segment
    whole = path.read_bytes()
    path.write_bytes(harms(whole)[kind])
    house.materialiser.step()
    expected = undisturbed[topic]
    assert house.open() >= 1 and held(house.store) != expected
    assert house.mending.look() == 0
    path.write_bytes(whole)
    assert house.mending.look() >= 1
    assert house.open() == 0 and held(house.store) == expected
    for told in [row for row in rows(house.store, schema.rejected) if row["source"] == "damage"]:
        assert told["set_aside"] and told["reason"].startswith("damaged: ")
        # NOW is 2023-11-14T22:13:20Z (date -u -d @1700000000)
        assert told["expected"] == "nothing: the segment is whole again since 2023-11-14T22:13Z and was read once more"
    house.start()
    house.materialiser.step()
    assert house.mending.look() == 0 and held(house.store) == expected


@pytest.mark.parametrize("topic", LINES)
def test_what_is_damaged_and_mended_twice_is_counted_once(house, undisturbed, topic):
    getattr(house, topic).append(LINES[topic](), key="1")
    (segment,) = getattr(house, topic).segments()
    path = house.folder / topic / segment
    whole = path.read_bytes()
    path.write_bytes(flip(whole, 25))
    house.materialiser.step()
    for _ in range(3):
        path.write_bytes(whole)
        house.mending.look()
        assert house.open() == 0 and held(house.store) == undisturbed[topic]
        path.write_bytes(flip(whole, 25))
        house.tell(Damage(segment, 0, line_starts(whole)[1], "flipped", "its checksum is another one"), topic)
        assert house.open() == 1, "damage that was settled is open again"


def test_a_segment_of_results_that_had_left_and_is_put_back_counts_nothing_twice(house, undisturbed):
    house.intake.append(intake_lines(), key="1")
    (segment,) = house.intake.segments()
    path = house.folder / "intake" / segment
    whole = path.read_bytes()
    path.write_bytes(flip(whole, 25))
    house.materialiser.step()
    path.unlink()
    house.materialiser.prune(older_than_s=30 * DAY_S)
    assert house.mending.look() == 0 and house.open() == 1
    path.write_bytes(whole)
    house.materialiser.step()
    house.mending.look()
    assert house.open() == 0 and held(house.store) == undisturbed["intake"]


def test_a_file_is_read_again_when_it_is_another_one_and_else_hourly(house, monkeypatch):
    house.air.append(air_lines(), key="1")
    path = house.folder / "air" / house.air.segments()[0]
    path.write_bytes(flip(path.read_bytes(), 25))
    house.materialiser.step()
    seen: list[Path] = []
    verified = "streams.store.mending.verified"
    monkeypatch.setattr(verified, lambda path: seen.append(path) or iter([Damage("x", 0, 1, "flipped", "y")]))
    now = [0.0]
    mending = Mending(house.store, house.folder, house.materialiser.read_again, even=lambda: now[0])
    for _ in range(5):
        mending.look()
    assert seen == [path]
    path.write_bytes(path.read_bytes() + b"\n")
    mending.look()
    assert seen == [path, path]
    now[0] += 3500
    mending.look()
    assert seen == [path, path]
    now[0] += 101
    mending.look()
    assert seen == [path, path, path]


def feed_damaged(house: House) -> tuple[Path, bytes, Damage]:
    house.feed.append(["510100\t{}", "510100\t[]"], key="1")
    (segment,) = house.feed.segments()
    path = house.folder / FEED / segment
    whole = path.read_bytes()
    path.write_bytes(flip(whole, 3))
    return path, whole, Damage(segment, 0, line_starts(whole)[1], "flipped", "its checksum is another one")


def test_a_segment_of_a_feed_that_is_whole_again_is_noted_for_the_engine(house):
    path, whole, damage = feed_damaged(house)
    house.tell(damage)
    assert house.mending.look() == 0 and mended_in(path.parent) == {}
    path.write_bytes(whole)
    assert house.mending.look() == 1 and house.open() == 0
    assert mended_in(path.parent) == {path.name: int(NOW * 1000)}


def test_what_cannot_be_noted_yet_stays_open_and_is_noted_later(house, monkeypatch, caplog):
    path, whole, damage = feed_damaged(house)
    house.tell(damage)
    path.write_bytes(whole)

    def full(*_, **__) -> None:
        raise OSError(28, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("streams.store.mending.note_mended", full)
        assert house.mending.look() == 0 and house.open() == 1
    assert "cannot be noted yet" in caplog.text
    assert house.mending.look() == 1 and house.open() == 0


def test_damage_found_at_rest_asks_for_no_reading_again_when_it_is_mended(house, undisturbed):
    house.intake.append(intake_lines(), key="1")
    house.materialiser.step()
    (segment,) = house.intake.segments()
    path = house.folder / "intake" / segment
    whole = path.read_bytes()
    path.write_bytes(flip(whole, 25))
    house.tell(
        Damage(segment, 0, line_starts(whole)[1], "flipped", "its checksum is another one"), "intake", at_rest=True
    )
    assert house.mending.look() == 0 and house.open() == 1
    path.write_bytes(whole)
    assert house.mending.look() == 1 and house.open() == 0
    assert held(house.store) == undisturbed["intake"]


def test_damage_at_rest_that_is_then_read_with_it_is_read_again_when_it_is_mended(house):
    path, whole, damage = feed_damaged(house)
    house.tell(damage, at_rest=True)
    (told,) = rows(house.store, schema.rejected)
    assert told["expected"] == AT_REST
    house.tell(damage)
    house.tell(damage, at_rest=True)
    path.write_bytes(whole)
    house.mending.look()
    assert set(mended_in(path.parent)) == {path.name}


def test_damage_of_what_has_left_ends_at_once_where_its_rows_were_stored_and_else_after_as_long_as_feeds_are_kept(
    house,
):
    path, _, damage = feed_damaged(house)
    house.tell(damage)
    house.tell(Damage("1700000000000-y.jsonl", 0, 9, "flipped", "its checksum is another one"), at_rest=True)
    house.tell(Damage("510100", 0, 9, "flipped", "its digest is another one"), "history")
    path.unlink()
    assert house.mending.look() == 1 and house.open() == 2
    house.clock.now = NOW + 29 * DAY_S
    assert house.mending.look() == 0
    house.clock.now = NOW + 31 * DAY_S
    assert house.mending.look() == 2 and house.open() == 0


def test_damage_that_is_open_is_not_summed_up_with_old_rejects(house):
    _, _, damage = feed_damaged(house)
    house.tell(damage)
    later = EPOCH + dt.timedelta(seconds=NOW + 500 * DAY_S)
    assert sum_up_rejects(house.store, later) == 0 and house.open() == 1
    house.tell(Damage("", 0, 9, "flipped", "x"))
    with house.store.begin() as connection:
        connection.execute(sa.update(schema.rejected).where(schema.rejected.c.file == f"{FEED}/").values(reason=SUMMED))
    assert house.open() == 1, "a sum of before is no damage that is still there"


@pytest.mark.parametrize("file", ["", "x", "../../etc/passwd", "air/../x", "air/.hidden", "/etc/passwd", "air//x"])
def test_a_place_that_is_in_no_topic_is_not_looked_for(house, file, monkeypatch):
    told = Rejected("damage", "byte 0", "damaged: x", "9 bytes", "y", file, rows=0)
    with house.store.begin() as connection:
        keep_rejects(connection, [reject_row(told, EPOCH)])
    looked: list[Callable] = []
    monkeypatch.setattr("streams.store.mending.verified", lambda path: looked.append(path) or iter(()))
    house.mending.look()
    assert looked == []


def test_a_store_that_was_made_anew_settles_what_it_has_read_whole_and_leaves_the_feeds_to_the_engine(house):
    house.air.append(air_lines(), key="1")
    (segment,) = house.air.segments()
    path, whole, damage = feed_damaged(house)
    path.write_bytes(whole)
    house.tell(damage)
    house.tell(Damage(segment, 0, 60, "flipped", "its checksum is another one"), "air")
    with house.store.begin() as connection:
        assert settle_whole(connection, house.folder, EPOCH) == 1
        assert [each.file for each in open_places(connection)] == [f"{FEED}/{path.name}"]
