"""What the topics bring is stored exactly once, whatever is killed; what cannot be used is kept as a reject."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from streams.records import Intake, Rejected
from streams.results import Coded, rows_of
from streams.store import open_store, schema
from streams.store.materialiser import Materialiser
from streams.store.rows import RowsError, decoded
from streams.wire.messages import intake_line, rejected_line, rows_line
from streams.wire.topics import DirectoryTopic

HOUR = 465_000
HOUR_TIME = dt.datetime(1970, 1, 1) + dt.timedelta(hours=HOUR)
NOW = 1_700_000_000.0


def line_of(table: str, columns: dict) -> str:
    return rows_line(rows_of(table, columns), "510100")


def station_hours(stations: int = 2, hours: int = 3, *, first: int = HOUR, version: int = 1, **columns) -> str:
    """A message of air_station_hour as the engine writes it: the stations' texts as codes, arrays for the rest."""
    count = stations * hours
    return line_of(
        "air_station_hour",
        {
            "station": Coded(np.repeat(np.arange(stations, dtype="i2"), hours), tuple(f"{1431 + i}A" for i in range(stations))),
            "hour_end": np.tile(np.arange(first, first + hours), stations),
            "city": "510100", "pm25_ugm3": np.arange(count, dtype=float), "aqi": np.full(count, 40.0),
            "primary_pollutants": np.zeros(count, "u1"), "flags": np.zeros(count, "i4"), "source": "cnemc",
            "edition": "HJ633-2012", "status": np.zeros(count, "u1"), "revision": 0, "simulated": False,
            "version": version,
            **columns,
        },
    )  # fmt: skip


def added(source: str = "cnemc", *, accepted=(5, 6), duplicate=(0, 1), late=(0, 0)) -> str:
    return line_of(
        "source_hour",
        {
            "source": source, "hour_end": np.arange(HOUR, HOUR + len(accepted)), "accepted": np.array(accepted),
            "duplicate": np.array(duplicate), "late": np.array(late),
        },
    )  # fmt: skip


def rows(store: sa.Engine, table: sa.Table, *order: str) -> list[dict]:
    with store.connect() as connection:
        query = sa.select(table).order_by(*(order or [c.name for c in table.primary_key]))
        return [dict(row) for row in connection.execute(query).mappings()]


@pytest.fixture
def air(tmp_path) -> DirectoryTopic:
    return DirectoryTopic(tmp_path / "air")


@pytest.fixture
def intake(tmp_path) -> DirectoryTopic:
    return DirectoryTopic(tmp_path / "intake")


@pytest.fixture
def materialiser(store, air, intake) -> Materialiser:
    return Materialiser(store, [air, intake], clock=lambda: NOW)


def test_every_code_of_a_column_is_decoded(store, air, materialiser):
    line = station_hours(
        1, 3, aqi=np.array([52.0, np.nan, 0.0]), pm25_ugm3=np.array([35.5, np.nan, 0.0]), status=np.array([0, 1, 0]),
        primary_pollutants=np.array([1 | 1 << 5, 0, 1 << 3]), flags=np.array([1 << 17 | 1 << 9, 0, 1]),
        suspect=np.array([1 << 5, 0, 0], np.uint8), suspect_means=np.array([0, 63, 0], np.uint8),
    )  # fmt: skip
    air.append([line], key="1")
    assert materialiser.step() == 1
    first, second, third = rows(store, schema.air_station_hour)
    assert (first["station"], first["hour_end"], first["city"]) == ("1431A", HOUR_TIME, "510100")
    assert (first["aqi"], first["pm25_ugm3"], first["primary_pollutants"]) == (52, 35.5, "so2,pm25")
    assert (first["flags"], second["flags"], third["flags"]) == ("spike:o3 stuck:pm25", "", "range:so2")
    assert (first["suspect"], second["suspect_means"], third["suspect"]) == ("pm25", "so2,no2,co,o3,pm10,pm25", "")
    assert (second["aqi"], second["pm25_ugm3"], second["status"]) == (None, None, "reviewed")
    assert (third["aqi"], third["pm25_ugm3"], third["primary_pollutants"]) == (0, 0.0, "o3")
    assert first["simulated"] is False
    assert first["so2_ugm3"] is None


def test_days_and_episodes_are_decoded(store, air, materialiser):
    trace = {"edition": "HJ633-2012", "simulated": True, "version": 7}
    day = {"city": ["510100"], "day": [19_376], "aqi": [None], "status": "reviewed", "revision": 2, **trace}
    event = {
        "episode": "haze/2023-01-20T05Z", "kind": "haze", "start": HOUR, "peak": HOUR + 1, "end": np.array([np.nan]),
        "phase": "growing", **trace,
    }  # fmt: skip
    air.append([line_of("air_city_day", day), line_of("episode_event", event)], key="1")
    materialiser.step()
    (stored,) = rows(store, schema.air_city_day)
    assert (stored["day"], stored["aqi"], stored["status"], stored["revision"]) == (
        dt.date(2023, 1, 19),
        None,
        "reviewed",
        2,
    )
    (episode,) = rows(store, schema.episode_event)
    assert (episode["start"], episode["peak"], episode["end"]) == (HOUR_TIME, HOUR_TIME + dt.timedelta(hours=1), None)
    assert episode["simulated"] is True


def test_a_negative_code_is_missing(store, air, materialiser):
    city = Coded(np.array([0, -1]), ("510100",))
    air.append([station_hours(1, 2, city=city)], key="1")
    materialiser.step()
    assert [row["city"] for row in rows(store, schema.air_station_hour)] == ["510100", None]


def test_the_order_of_segments_does_not_matter(store, air, materialiser):
    air.append([station_hours(1, 1, version=3, aqi=30)], key="1")
    air.append([station_hours(1, 1, version=2, aqi=20), station_hours(1, 1, version=4, aqi=40)], key="2")
    air.append([station_hours(1, 1, version=1, aqi=10)], key="3")
    while materialiser.step():
        pass
    assert [row["aqi"] for row in rows(store, schema.air_station_hour)] == [40]


def test_counts_of_parsers_and_engine_add_up_once(store, air, intake, materialiser):
    counts = Intake(
        "cnemc", "a.csv", NOW, rows_in={HOUR: 7, HOUR + 1: 8, -1: 2}, rejected={HOUR: 2, HOUR + 1: 1, -1: 2}
    )
    intake.append([intake_line(counts)], key="a")
    intake.append([intake_line(Intake("cnemc", "b.csv", NOW + 60, rows_in={HOUR: 1}))], key="b")
    air.append([added(), added(accepted=(1,), duplicate=(0,), late=(0,))], key="1")
    while materialiser.step():
        pass
    unread, first, second = rows(store, schema.source_hour)
    assert (unread["hour_end"], unread["rows_in"], unread["rejected"]) == (dt.datetime(1970, 1, 1), 2, 2)
    assert [first[name] for name in ("rows_in", "accepted", "duplicate", "late", "rejected")] == [8, 6, 0, 0, 2]
    assert [second[name] for name in ("rows_in", "accepted", "duplicate", "late", "rejected")] == [8, 6, 1, 0, 1]
    received = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=NOW)
    assert (first["first_received_at"], first["last_received_at"]) == (received, received + dt.timedelta(minutes=1))
    again = Materialiser(store, [air, intake])
    assert again.step() == 0
    assert rows(store, schema.source_hour)[1]["rows_in"] == 8


def test_counts_of_the_engine_alone_know_no_receipt(store, air, materialiser):
    air.append([added()], key="1")
    materialiser.step()
    assert {row["last_received_at"] for row in rows(store, schema.source_hour)} == {None}


def test_a_reject_is_stored_once_however_often_it_comes(store, intake, materialiser):
    reject = Rejected("cnemc", "line 17", "not a number", "x" * 500, "0 to 5000", file="a.csv", hour_end=HOUR, rows=3)
    for key in "12":
        intake.append([rejected_line(reject, NOW)] * 2, key=key)
    materialiser.step()
    (stored,) = rows(store, schema.rejected)
    assert (stored["position"], stored["hour_end"], stored["rows"], stored["set_aside"]) == (
        "line 17",
        HOUR_TIME,
        3,
        False,
    )
    assert len(stored["value"]) == 200


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("no key and no message", "has no key"),
        ("k\t{broken", "is not JSON"),
        ('k\t{"schema":"rows/1"}', "schema is 'rows/1'"),
        ('k\t{"schema":"rows/2","table":"air_city_hour"}', "lacks or misuses 'columns'"),
        ('k\t{"schema":"rows/2","table":"nothing","columns":[]}', "the table is 'nothing'"),
        (
            line_of("topic_position", {"topic": "air", "segment": "s", "stored_at": HOUR}),
            "the table is 'topic_position'",
        ),
        ('k\t{"schema":"intake/1","source":"x"}', "KeyError"),
        ('k\t{"schema":"rejected/1","source":"x","received_at":"noon"}', "TypeError"),
        (station_hours(1, 2, so3_ugm3=1.0), "unknown columns ['so3_ugm3']"),
        (station_hours(1, 2, edition=None), "edition is missing in row 0"),
        (station_hours(1, 2, aqi=[1, 2, 3]), "one length"),
        (station_hours(1, 2, aqi=["good", "bad"]), "aqi is ['good', 'bad']"),
        (station_hours(1, 2, aqi=40_000), "aqi is [40000]"),
        (station_hours(1, 2, flags=1 << 48), "flags holds 281474976710656"),
        (station_hours(1, 2, city="51010000000000"), "city holds '51010000000000'"),
        (station_hours(1, 2, city=Coded(np.array([0, 1]), ("510100",))), "city has codes up to 1"),
        (station_hours(1, 2, hour_end=[0.5, 1.0]), "hour_end holds fractions"),
        (station_hours(1, 2, hour_end=[10**9, 0]), "the years 1 to 9999"),
        (station_hours(1, 1, status=2), "status holds 2"),
        ("k\t\xff\x00", "is not JSON"),
        ("k\t" + "[" * 5000, "is not JSON"),
    ],
)
def test_a_line_that_cannot_be_used_becomes_a_reject_and_the_rest_is_stored(store, air, materialiser, line, reason):
    air.append([station_hours(1, 1), line, station_hours(1, 1, first=HOUR + 1)], key="1")
    assert materialiser.step() == 1
    assert len(rows(store, schema.air_station_hour)) == 2
    (reject,) = rows(store, schema.rejected)
    assert reason in f"{reject['reason']}, {reject['expected']}"
    assert (reject["source"], reject["position"]) == ("engine", f"{air.segments()[0]}:2")
    assert reject["expected"]
    assert reject["value"][:9] == line[:9].replace("\0", "\\0")


def test_rows_that_only_the_database_refuses_do_not_stop_the_others(store, air, materialiser, monkeypatch):
    # The decoder lets nothing through that a database would refuse, as far as we know: so leave its check out.
    monkeypatch.setattr("streams.store.rows._require_names", lambda *_: None)
    bad = line_of("air_city_hour", {"city": "510100", "hour_end": HOUR, "version": 1})
    air.append([station_hours(1, 1), bad, added(), station_hours(1, 1, first=HOUR + 1)], key="1")
    air.append([station_hours(1, 1, first=HOUR + 2)], key="2")
    while materialiser.step():
        pass
    assert len(rows(store, schema.air_station_hour)) == 3
    assert len(rows(store, schema.topic_position)) == 2
    assert rows(store, schema.source_hour)[0]["accepted"] == 5
    (reject,) = rows(store, schema.rejected)
    assert "the database refuses it" in reject["reason"]


def test_a_segment_that_another_process_stored_is_not_stored_again(store, air, intake):
    one, other = Materialiser(store, [air]), Materialiser(store, [air])
    air.append([added()], key="1")
    one.step()
    other.step()
    assert rows(store, schema.source_hour)[0]["accepted"] == 5


def test_what_is_stored_can_be_pruned_and_does_not_come_back(store, air, intake):
    air.append([added()], key="1")
    materialiser = Materialiser(store, [air, intake])
    assert materialiser.prune(-60) == 0, "what is not stored yet stays"
    materialiser.step()
    assert materialiser.prune(3600) == 0, "what is young stays"
    assert materialiser.prune(-60) == 1
    assert rows(store, schema.topic_position) == []
    air.append([added()], key="1")
    assert materialiser.step() == 0


def test_it_runs_until_it_is_told_to_stop(store, air, intake, materialiser):
    stop = threading.Event()
    runner = threading.Thread(target=materialiser.run, args=(stop,), kwargs={"poll_s": 0.01})
    runner.start()
    try:
        air.append([station_hours(1, 1)], key="1")
        deadline = time.monotonic() + 20
        while not rows(store, schema.air_station_hour) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        stop.set()
        runner.join(20)
    assert len(rows(store, schema.air_station_hour)) == 1
    assert not runner.is_alive()


class Steps:
    """Counts the steps of a materialiser and stops it after some looks; the steps give what the test wants."""

    def __init__(self, materialiser: Materialiser, monkeypatch, *outcomes) -> None:
        self.outcomes, self.taken, self.stop = list(outcomes), 0, threading.Event()
        monkeypatch.setattr(materialiser, "step", self.step)
        monkeypatch.setattr("streams.store.absence.FIRST_PAUSE_S", 0.0)

    def step(self) -> int:
        self.taken += 1
        outcome = self.outcomes.pop(0) if self.outcomes else 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def looks(self, *answers: bool):
        left = list(answers)

        def changed() -> bool:
            if len(left) == 1:
                self.stop.set()
            return left.pop(0)

        return changed


def test_topics_are_listed_at_the_start_and_then_only_when_something_may_have_come(materialiser, monkeypatch):
    steps = Steps(materialiser, monkeypatch)
    materialiser.run(steps.stop, poll_s=0.0, changed=steps.looks(False, False, False, True, False, False))
    assert steps.taken == 2


def test_after_a_full_step_the_rest_is_stored_though_nothing_more_has_come(materialiser, monkeypatch):
    steps = Steps(materialiser, monkeypatch, 5, 5, 0)
    materialiser.run(steps.stop, poll_s=0.0, changed=steps.looks(True, False, False, False, False))
    assert steps.taken == 3


def test_what_could_not_be_stored_is_tried_again_though_nothing_more_has_come(materialiser, monkeypatch):
    steps = Steps(materialiser, monkeypatch, sa.exc.OperationalError("", {}, Exception("locked")), 5, 0)
    materialiser.run(steps.stop, poll_s=0.0, changed=steps.looks(True, False, False, False, False))
    assert steps.taken == 3


def test_killing_it_at_any_moment_loses_and_doubles_nothing(store_url, store, air, intake):
    chance, segments, hours = random.Random(633), 24, 200
    ones = {"accepted": (1,) * 48, "duplicate": (0,) * 48, "late": (0,) * 48}
    for number in range(segments):
        line = station_hours(20, hours, first=HOUR + number * hours, version=number)
        air.append([line, added(**ones)], key=f"{number}")
        intake.append([intake_line(Intake("cnemc", f"{number}", NOW, rows_in={HOUR: 3}))], key=f"{number}")
    kills = 0
    while (known := _positions(store)) < 2 * segments:
        process = _start(store_url, air, intake)
        deadline = time.monotonic() + 30
        while _positions(store) == known and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.03)
        process.kill()
        process.wait()
        kills += 1
    assert kills >= 5
    assert len(rows(store, schema.air_station_hour)) == 20 * hours * segments
    assert [row["accepted"] for row in rows(store, schema.source_hour)] == [segments] * 48
    assert rows(store, schema.source_hour)[0]["rows_in"] == 3 * segments
    assert rows(store, schema.rejected) == []


def _positions(store: sa.Engine) -> int:
    with store.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.topic_position))


def _start(store_url: str, *topics: DirectoryTopic) -> subprocess.Popen:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "tests.streams.kill_target", store_url, *(str(topic.folder) for topic in topics)]
    return subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})


def test_unequal_shapes_are_refused_with_what_was_expected():
    with pytest.raises(RowsError, match=r"shape .2, 2., expected one dimension"):
        decoded(rows_of("air_city_day", {"city": "1", "day": np.zeros((2, 2)), "edition": "x", "status": 0, "revision": 0,
                                         "simulated": 0, "version": 1}))  # fmt: skip


def test_a_store_survives_being_opened_by_readers_while_it_is_written(store_url, store, air, materialiser):
    for number in range(5):
        air.append([station_hours(5, 100, first=HOUR + 100 * number)], key=f"{number}")
        reader = open_store(store_url, create=False)
        materialiser.step()
        assert len(rows(reader, schema.air_station_hour)) == 500 * (number + 1)
        reader.dispose()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_copy_of_a_segment_that_came_in_is_named_and_not_counted_again(store, materialiser, intake, caplog, when):
    intake.append([intake_line(Intake("cnemc", "a.csv", NOW, {HOUR: 3}, digest="aa"))], key="a")
    if when == "after":
        assert materialiser.step() == 1
    (one,) = intake.segments()
    (intake.folder / one.replace(".jsonl", "-again.jsonl")).write_bytes((intake.folder / one).read_bytes())
    intake.append([intake_line(Intake("cnemc", "b.csv", NOW, {HOUR: 4}, digest="bb"))], key="b")
    while materialiser.step():
        pass
    assert [row["rows_in"] for row in rows(store, schema.source_hour)] == [7]
    assert sum("is a copy of" in record.getMessage() for record in caplog.records) == 1
