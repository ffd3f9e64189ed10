"""Files are read by processes that can be lost: what one of them does costs its file alone, and the others are read meanwhile."""

from __future__ import annotations

import io
import os
import pickle
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.ingest import ingest_path
from streams.intake import child
from streams.intake.readers import NEWEST_EVERY, Here, Lanes, Limits, Readers, _Job
from streams.intake.reading import Asked
from streams.registry import Registry
from tests.streams.intake.test_publisher import blocks, told
from tests.streams.intake.watching import REGISTRY, hours
from tests.streams.real_data import REPOSITORY

HOSTILE = "tests.streams.intake.hostile_child"
Making = Callable[..., Readers]


@pytest.fixture
def readers() -> Iterator[Making]:
    """Give a function that makes readers, whose processes end with the test."""
    made: list[Readers] = []

    def make(seconds: float = 60.0, memory_mb: int = 2048, module: str = HOSTILE) -> Readers:
        made.append(Readers(REGISTRY, Limits(seconds, memory_mb), module=module))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("crash", "the process that read it died (signal 11)"), ("abort", "the process that read it died (signal 6)"),
        ("leave", "the process that read it died (code 3)"), ("grow", "reading it needed more than 500 MB of memory"),
        ("grow_small", "reading it needed more than 500 MB of memory"), ("hang", "reading it took longer than 2 s"),
    ],
)  # fmt: skip
def test_a_process_that_is_lost_costs_its_file_alone_and_is_said(tmp_path, readers, deed, reason) -> None:
    for name in ("a.csv", f"{deed}.csv", "z.csv"):
        hours(tmp_path / "in" / name)
    reader = readers(seconds=2 if deed == "hang" else 60, memory_mb=500)
    summary = ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY, reader=reader)
    assert {each.file for each in told(tmp_path / "topics")[0]} == {"a.csv", f"{deed}.csv", "z.csv"}
    (reject,) = told(tmp_path / "topics")[1]
    assert reject.file == f"{deed}.csv" and reject.reason.startswith(reason) and not reject.set_aside
    assert reject.source == "station-csv" and reject.rows == 1 and "cut it into parts" in reject.expected
    assert len(blocks(tmp_path / "topics")) == 2 and summary.rows == 3 and summary.rejected == 1
    assert ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY, reader=reader).files == 0, "not until it changes"


def test_a_file_pays_for_no_other_that_was_read_before_by_the_same_process(tmp_path, readers) -> None:
    names = [hours(tmp_path / "in" / name) for name in ("spoil-1.csv", "spoil-2.csv", "x.csv", "y.csv")]
    summary = ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY, reader=readers())
    assert summary.blocks == len(names) and not summary.complaints


def test_what_a_library_prints_is_no_answer(tmp_path, readers, capfd) -> None:
    hours(tmp_path / "in" / "print.csv")
    assert ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY, reader=readers()).blocks == 1
    assert "no answer" not in "".join(capfd.readouterr())


def test_the_next_files_are_read_while_one_takes_long(tmp_path, readers) -> None:
    reader = readers(seconds=30)
    for n in range(6):
        hours(tmp_path / f"hang-{n}.csv")
        reader.submit(Asked(str(tmp_path / f"hang-{n}.csv"), 0.0, False, False))
    good = reader.submit(Asked(str(hours(tmp_path / "good.csv")), 0.0, False, False), changed_at=1.0)
    begun = time.monotonic()
    while not any(number == good for number, _ in reader.events(0.1)):
        assert time.monotonic() - begun < 9
    assert not [1 for number, _ in reader.events() if number != good]


def test_a_slow_file_that_gave_way_is_read_in_the_end(tmp_path, readers) -> None:
    for name in ("slow-1.csv", "slow-2.csv", "slow-3.csv", "x.csv"):
        hours(tmp_path / "in" / name)
    summary = ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY, reader=readers())
    assert summary.blocks == 4 and not summary.complaints


@pytest.mark.parametrize("paced", [False, True])
def test_what_comes_from_a_process_is_what_comes_from_here(tmp_path, readers, paced, forecast_runs) -> None:
    units = [
        hours(tmp_path / "a.csv"),
        REPOSITORY / "tests" / "data" / "emissions",
        forecast_runs[0],
        tmp_path / "gone.csv",
    ]
    units += sorted((REPOSITORY / "docs" / "layouts").glob("*.csv"))
    found = {}
    for name, reader in (("here", Here(REGISTRY)), ("there", readers(module="streams.intake.child"))):
        found[name] = events = {}
        for unit in units:
            number, ended = reader.submit(Asked(str(unit), 7.0, False, True, paced=paced)), False
            while not ended:
                for told_of, event in reader.events(0.1):
                    assert told_of == number
                    events.setdefault(str(unit), []).append(str(event))
                    ended = "Ended" in str(event)
    assert found["here"] == found["there"] and "No such file" in found["there"][str(units[3])][0]


def test_the_process_that_reads_knows_all_that_the_registry_knows() -> None:
    sent = io.BytesIO(child.frame(child.packed_registry(REGISTRY)))
    plain = pickle.loads(child._received(sent))
    assert Registry(**{name: child._read_only(value) for name, value in plain.items()}) == REGISTRY


def test_an_idle_process_ends_and_a_new_one_is_started_when_there_is_work(tmp_path, readers, monkeypatch) -> None:
    monkeypatch.setattr("streams.intake.readers.IDLE_S", 0.2)
    reader = readers()
    for n in range(2):
        hours(tmp_path / f"{n}" / "a.csv", hour=n)
        assert ingest_path(tmp_path / f"{n}", tmp_path / "topics", REGISTRY, reader=reader).blocks == 1
        until = time.monotonic() + 10
        while _children() and time.monotonic() < until:
            reader.events(0.05)  # as a watcher asks, again and again
        assert not _children()


def test_closing_leaves_no_process_and_nothing_unpacked(tmp_path, readers) -> None:
    reader = readers()
    reader.submit(Asked(str(hours(tmp_path / "hang.csv")), 0.0, False, False))
    until = time.monotonic() + 10
    while not _children() and time.monotonic() < until:
        time.sleep(0.05)
    reader.close()
    assert not _children() and not reader._scratch.exists()


def _children() -> list[str]:
    """Name the processes of this one that are there to read."""
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    numbers = [number for each in found for number in each.read_text().split()]
    return [n for n in numbers if b"child" in Path(f"/proc/{n}/cmdline").read_bytes()]


def _lanes(*changed_at: float) -> Lanes:
    lanes = Lanes()
    for number, moment in enumerate(changed_at):
        lanes.put(_Job(number, Asked("x", 0.0, False, False), moment, long=False))
    return lanes


def test_every_fourth_file_is_the_one_that_changed_last_and_the_others_come_in_their_order() -> None:
    lanes = _lanes(*[1.0] * 20, 9.0)
    taken = [lanes.take().number for _ in range(21)]
    assert NEWEST_EVERY == 4 and taken[:5] == [0, 1, 2, 20, 3] and sorted(taken) == list(range(21))
    rest = [number for i, number in enumerate(taken) if (i + 1) % NEWEST_EVERY]
    assert rest == sorted(rest) and lanes.take() is None and lanes.quick == 0


def test_what_takes_long_comes_after_all_that_is_quick() -> None:
    lanes = _lanes(1.0)
    lanes.put(_Job(7, Asked("x", 0.0, False, False), 5.0, long=True))
    lanes.put(_Job(8, Asked("x", 0.0, False, False), 5.0, long=False))
    assert [lanes.take().number for _ in range(3)] == [0, 8, 7]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Limits()), ({"AIRSHED_READ_SECONDS": "30", "AIRSHED_READ_MEMORY_MB": "500"}, Limits(30, 500)),
        ({"AIRSHED_READ_SECONDS": "soon", "AIRSHED_READ_MEMORY_MB": "-1"}, Limits()), ({"AIRSHED_READ_SECONDS": "0"}, Limits()),
    ],
)  # fmt: skip
def test_limits_come_from_the_settings(given, expected) -> None:
    assert Limits.of(given) == expected and Limits() == Limits(120, 2048)
