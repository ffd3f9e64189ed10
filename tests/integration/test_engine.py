"""The real job in a real mini-cluster, with the real processes around it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from standards.pollutants import ITEMS
from streams import sources
from streams.ingest import units_below
from streams.pipeline.checkpoints import complete, is_of_memory
from streams.records import ObservationBlock, ScorerNotice
from streams.registry import load
from streams.registry.roster import roster_of
from streams.scorers import announce
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.companions import EMISSIONS
from tests.integration.processes import ROOT, Platform
from tests.streams.replaying import Desks, moment
from tests.streams.sources.tags.made import CROSSED, RECEPTORS, receptor_file

pytestmark = pytest.mark.flink
SAMPLE = ROOT / "streams" / "sample"
TRACE = ("released_at", "received_at", "file_digest", "line")
COMPARED = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "forecast_city_hour",
            "emission_city_hour", "air_joined_hour",
            "forecast_station_hour", "episode_event", "voc_station_hour", "composition_station_hour", "tag_hour",
            "tag_axes")  # fmt: skip


@pytest.fixture
def platform(tmp_path):
    made = Platform(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def companions(platform, forecast_runs) -> list[Path]:
    """What lies in the inbox beside the sample: forecast runs and an inventory."""
    inbox = platform.data / "inbox"
    shutil.copytree(EMISSIONS, inbox / "emissions")
    return [*(Path(shutil.copy(run, inbox)) for run in forecast_runs), inbox / "emissions"]


def _by_desks(paths: list[Path]) -> tuple[dict, int]:
    registry = load()
    desks, rows = Desks(roster_of(registry)), 0
    for path in paths:
        for unit in units_below(path):
            parsed = sources.parse_file(unit, registry, received_at=0.0)
            rows += sum(parsed.intake.rows_in.values())
            for block in parsed.blocks:
                desks.take(block)
    return desks.rows(), rows


def _assert_same(stored: dict, expected: dict) -> None:
    for table in COMPARED:
        assert stored.get(table, {}).keys() == expected.get(table, {}).keys(), table
        for key, row in expected.get(table, {}).items():
            # When the files were written and read is this run's own; and where two files say the same of an hour, which of them
            # the row names depends on which came first.
            told = {name: value for name, value in row.items() if name not in TRACE}
            found = {name: stored[table][key][name] for name in told}
            assert found == told, (table, key)


def test_the_sample_passes_through_flink_into_the_store(platform, companions) -> None:
    expected, rows = _by_desks([SAMPLE, *companions])
    platform.start("ingest", "--sample")
    platform.start("pipeline")
    platform.start("store")
    platform.wait_until_drained(rows, 90)
    stored = platform.rows()
    assert len(stored["air_station_hour"]) > 1900 and len(stored["air_joined_hour"]) > 2000
    _assert_same(stored, expected)
    assert sum(r["accepted"] for r in stored["source_hour"].values()) == rows
    assert all(r["duplicate"] == r["late"] == r["rejected"] == 0 for r in stored["source_hour"].values())


def test_a_data_directory_of_any_name_holds_all_and_the_engine_goes_on_from_it(tmp_path) -> None:
    made = Platform(tmp_path / "成都 数据 100%?#%20" / 'it\'s, "${x}"')
    try:
        expected, rows = _by_desks([SAMPLE])
        for name, *arguments in (("ingest", "--sample"), ("pipeline",), ("store",)):
            made.start(name, *arguments)
        made.wait_until_drained(rows, 120)
        _assert_same(made.rows(), expected)
        assert [each.name for each in tmp_path.iterdir()] == ["成都 数据 100%?#%20"]
        assert list(made.data.glob("checkpoints/*/chk-*/_metadata"))
        made.kill("pipeline")
        made.start("pipeline")
        end = time.monotonic() + 60
        said = ""
        while "计算引擎就绪" not in said.partition(f"自 file://{made.data.resolve()}/checkpoints/")[2]:
            assert time.monotonic() < end, said
            time.sleep(0.5)
            said = (made.data / "pipeline.log").read_text(encoding="utf-8")
    finally:
        made.stop()


def test_compounds_pass_through_flink_in_disorder_and_are_accounted_for(platform) -> None:
    inbox = platform.data / "inbox"
    inbox.mkdir()
    files = [
        _compounds(inbox / "a-revised.csv", range(10, 20), "reviewed", 1, 0.25),
        _compounds(inbox / "b-first.csv", range(48), "provisional", 0, 0.0),
        _compounds(inbox / "c-made-up.csv", range(40, 60), "reviewed", 9, 0.5, simulated="true"),
        _compounds(inbox / "d-again.csv", range(24), "provisional", 0, 0.0),
    ]
    with files[1].open("a") as file:
        file.write(
            "1431A,2023-01-22T00:30+08:00,provisional,0,false,1,1,1\n1431A,2023-02-01T00:00Z,provisional,0,false,-1,ND,<0.5\n"
        )
    expected, rows = _by_desks(files)
    assert rows == 2 * (10 + 48 + 20 + 24) + 2
    for name in ("ingest", "pipeline", "store"):
        platform.start(name)
    platform.wait_until_drained(rows, 90)
    stored = platform.rows()
    _assert_same(stored, expected)
    held = stored["voc_station_hour"].values()
    assert len(held) == 2 * 60 + 1 and sum(row["simulated"] for row in held) == 2 * 12
    assert sum(row["status"] == "reviewed" and not row["simulated"] for row in held) == 2 * 10
    books = [row for row in stored["source_hour"].values() if row["source"] == "voc-csv"]
    sums = {name: sum(row[name] for row in books) for name in ("rows_in", "accepted", "duplicate", "late", "rejected")}
    # What a row finds depends on the order of arrival, and with it whether it was accepted for a while.
    assert sums["rows_in"] == rows == sums["accepted"] + sums["duplicate"] + 1
    assert (sums["late"], sums["rejected"]) == (0, 1) and 121 <= sums["accepted"] <= 2 * 78 + 1
    reasons = sorted(row["reason"] for row in stored["rejected"].values())
    assert reasons == ["not a mixing ratio", "not a mixing ratio", "time is not on the full hour"]
    assert not [row for row in stored["rejected"].values() if row["source"] == "engine"]


def test_tags_pass_through_flink_once_and_are_accounted_for(platform) -> None:
    inbox = platform.data / "inbox"
    inbox.mkdir()
    receptor_file(inbox / "a.nc", hours=72, receptors=(*RECEPTORS, ("1001A", "110000")))
    shutil.copy(inbox / "a.nc", inbox / "b-again.nc")
    receptor_file(inbox / "c.nc", hours=5, contributors=CROSSED, quantities=("sulphate",))
    expected, rows = _by_desks([inbox / "a.nc", inbox / "c.nc"])
    rows += 72 * 4
    for name in ("ingest", "pipeline", "store"):
        platform.start(name)
    platform.wait_until_drained(rows, 90)
    stored = platform.rows()
    _assert_same(stored, expected)
    # Three stations and two cities, whose means are of one file each; the station that is none of ours is set aside.
    assert len(stored["tag_hour"]) == (72 + 5) * 5 and len(stored["tag_axes"]) == 2
    books = [row for row in stored["source_hour"].values() if row["source"] == "tags"]
    sums = {name: sum(row[name] for row in books) for name in ("rows_in", "accepted", "duplicate", "late", "rejected")}
    assert sums == {"rows_in": rows, "accepted": 77 * 3, "duplicate": 72 * 3, "late": 0, "rejected": 72 * 2}


def _compounds(path: Path, hours: range, status: str, revision: int, more: float, simulated: str = "false") -> Path:
    """Make a file of two stations; more [ppb] is added to each value of toluene."""
    lines = ["station,hour_end,status,revision,simulated,toluene_ppb,2_2-dimethylbutane_ppb,67-64-1_ugm3"]
    for hour in hours:
        end = f"2023-01-{22 + (hour + 1) // 24:02d}T{(hour + 1) % 24:02d}:00:00+08:00"
        for i, station in enumerate(("1431A", "1432A")):
            lines.append(
                f"{station},{end},{status},{revision},{simulated},{1 + i + hour / 8 + more},<0.0{hour % 9 + 1},7.{hour}"
            )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _composition(path: Path, hours: range) -> Path:
    """Make a file of one station's ions, carbon and lead, hour by hour and as samples of six hours."""
    lines = ["station,hour_end,averaging_h,sulphate_ugm3,oc_ugm3,pb_ngm3"]
    for hour in hours:
        end = f"2023-01-{22 + (hour + 1) // 24:02d}T{(hour + 1) % 24:02d}:00:00+08:00"
        lines += [f"1431A,{end},{averaging_h},{9 + hour / 8},{12 - averaging_h},<{1 + hour}" for averaging_h in (1, 6)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_kill_9_at_random_moments_loses_and_doubles_nothing(platform, companions, tmp_path) -> None:
    files = _small_files(tmp_path / "files")
    expected, rows = _by_desks([SAMPLE, *companions, *files])
    random_, inbox = random.Random(20_260_301), platform.data / "inbox"
    arguments = {"ingest": ("--sample",)}
    for name in ("ingest", "pipeline", "store"):
        platform.start(name, *arguments.get(name, ()))
    kills, waiting = 0, list(files)
    victims = [
        "pipeline",
        "store",
        "ingest",
        "store",
        "pipeline",
        "ingest",
        "store",
        "pipeline",
        "ingest",
        "store",
        "pipeline",
        "ingest",
    ]
    for victim in victims:
        for _ in range(-(-len(files) // len(victims))):
            if waiting:
                waiting[0].rename(inbox / waiting.pop(0).name)
            time.sleep(random_.uniform(0.0, 0.25))
        time.sleep(random_.uniform(0.0, 9.0 if victim == "pipeline" else 1.0))
        platform.kill(victim)
        kills += 1
        platform.start(victim, *arguments.get(victim, ()))
    assert kills >= 10 and not waiting
    platform.wait_until_drained(rows, 240)
    stored = platform.rows()
    _assert_same(stored, expected)
    counts = {
        name: sum(r[name] for r in stored["source_hour"].values())
        for name in ("rows_in", "accepted", "duplicate", "late")
    }
    assert counts == {"rows_in": rows, "accepted": rows, "duplicate": 0, "late": 0}


def test_a_worker_that_is_killed_is_replaced_inside_the_job_and_nothing_is_lost_or_doubled(platform, tmp_path) -> None:
    files = _small_files(tmp_path / "files")
    expected, rows = _by_desks(files)
    for name in ("ingest", "pipeline", "store"):
        platform.start(name)
    inbox = platform.data / "inbox"
    inbox.mkdir(exist_ok=True)
    for number, path in enumerate(files):
        path.rename(inbox / path.name)
        if number in (20, 40):
            platform.wait_until_drained(1, 90)
            os.kill(_a_worker(platform.running["pipeline"].pid, 90), signal.SIGKILL)
    platform.wait_until_drained(rows, 90)
    stored = platform.rows()
    _assert_same(stored, expected)
    books = stored["source_hour"].values()
    assert {n: sum(r[n] for r in books) for n in ("accepted", "duplicate", "late")} == {
        "accepted": rows, "duplicate": 0, "late": 0,
    }  # fmt: skip


def test_the_state_of_an_older_version_is_gone_on_from(platform, tmp_path) -> None:
    """A checkpoint as they were made before, whole and of state in memory, becomes one of today's by itself."""
    files = _small_files(tmp_path / "files")
    expected, rows = _by_desks(files)
    half = _by_desks(files[: len(files) // 2])[1]
    platform.start("ingest")
    platform.start("store")
    platform.start("pipeline", "--in-memory")
    _put(platform, files[: len(files) // 2])
    platform.wait_until_drained(half, 120)
    assert all(is_of_memory(path) for path in complete(platform.data / "checkpoints"))
    platform.kill("pipeline")
    platform.start("pipeline")
    _put(platform, files[len(files) // 2 :])
    platform.wait_until_drained(rows, 180)
    assert not is_of_memory(complete(platform.data / "checkpoints")[0])
    _assert_same(platform.rows(), expected)
    _assert_counted_once(platform, rows)


def test_what_the_engine_unpacks_and_works_with_lies_in_the_data_directory_and_goes_at_the_stop(platform) -> None:
    scratch = platform.data / "scratch" / "engine"
    for _ in range(2):
        if platform.running:
            platform.kill("pipeline")
        platform.start("pipeline")
        _a_worker(platform.running["pipeline"].pid, 120)
        assert len(list(scratch.glob("flink-rpc-*.jar"))) == 1
        (java,) = (p for p in psutil.Process(platform.running["pipeline"].pid).children() if "java" in p.name())
        end, mapped = time.monotonic() + 60, set[Path]()
        while not mapped and time.monotonic() < end:  # a worker is there before the state is opened
            mapped = {Path(each.path) for each in java.memory_maps() if "rocksdb" in each.path}
            time.sleep(0.2)
        assert mapped and all(path.is_relative_to(scratch) for path in mapped)
    (log,) = (platform.data / "logs" / "engine").glob("flink-*.log")
    said = log.read_text(encoding="utf-8").splitlines()
    assert [line for line in said if " WARN " in line or " ERROR " in line] == [], (
        "what is said at each start hides the rest"
    )
    process = platform.running.pop("pipeline")
    process.terminate()
    process.wait(30)
    assert not scratch.exists() or not list(scratch.rglob("*.jar"))


def test_a_data_directory_that_was_moved_is_gone_on_from(tmp_path) -> None:
    files = _small_files(tmp_path / "files")
    expected, rows = _by_desks(files)
    half = _by_desks(files[: len(files) // 2])[1]
    first, later = tmp_path / "first", tmp_path / "later 成都"
    for place, part, expecting in ((first, files[: len(files) // 2], half), (later, files[len(files) // 2 :], rows)):
        if place is later:
            shutil.rmtree(first / "inbox")  # by another path its files would be another delivery
            first.rename(later)
        place.mkdir(exist_ok=True)
        moved = Platform(place)
        try:
            for name in ("ingest", "pipeline", "store"):
                moved.start(name)
            _put(moved, part)
            moved.wait_until_drained(expecting, 120)
            _assert_counted_once(moved, expecting)
            stored = moved.rows()
        finally:
            moved.stop()
    assert not first.exists()
    _assert_same(stored, expected)


def _put(platform: Platform, files: list[Path]) -> None:
    inbox = platform.data / "inbox"
    inbox.mkdir(exist_ok=True)
    for path in files:
        path.rename(inbox / path.name)


def _assert_counted_once(platform: Platform, rows: int) -> None:
    books = platform.rows()["source_hour"].values()
    counted = {n: sum(r[n] for r in books) for n in ("accepted", "duplicate", "late")}
    assert counted == {"accepted": rows, "duplicate": 0, "late": 0}


def _a_worker(pipeline: int, within_s: float) -> int:
    """Wait until the engine has a worker: after one was killed there is none for a while."""
    until = time.monotonic() + within_s
    while not (found := _workers(pipeline)):
        assert time.monotonic() < until, f"the engine has no worker for {within_s} s"
        time.sleep(0.2)
    return found[0]


def _workers(pipeline: int) -> list[int]:
    """Give the Python workers of an engine, which Java starts."""
    family = psutil.Process(pipeline).children(recursive=True)
    return sorted(each.pid for each in family if any("pyflink.fn_execution" in word for word in each.cmdline()[:4]))


def test_an_idle_job_makes_no_checkpoint_and_an_hour_that_comes_is_stored_at_once(platform) -> None:
    stations = sorted(s.code for s in load().stations.values() if s.city == "510100")
    topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
    platform.start("pipeline")
    platform.start("store")
    _publish(topic, stations, hour=0)
    _wait_for_hours(platform, 1, 60)
    time.sleep(2)
    before = _checkpoints(platform)
    assert before
    time.sleep(6)
    assert _checkpoints(platform) == before
    waits = []
    for hour in range(1, 6):
        begun = time.monotonic()
        _publish(topic, stations, hour=hour)
        _wait_for_hours(platform, hour + 1, 20)
        waits.append(time.monotonic() - begun)
    # About 0.1 s on a machine of two cores; the bound is loose, because others may use the machine too.
    assert sorted(waits)[2] < 2.0
    assert _checkpoints(platform) != before


def _publish(topic, stations: list[str], *, hour: int) -> None:
    topic.append([messages.block_line(_block("510100", stations, 465_000 + hour, 1))], key=f"hour {hour}")


def _wait_for_hours(platform: Platform, count: int, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    with platform.engine.connect() as connection:
        while connection.execute(sa.text("SELECT count(*) FROM air_city_hour")).scalar() < count:
            assert time.monotonic() < end, platform.tail("pipeline")
            connection.rollback()
            time.sleep(0.01)


def _checkpoints(platform: Platform) -> set[str]:
    return {path.name for path in (platform.data / "checkpoints").glob("*/chk-*")}


def test_a_bounded_job_reads_what_is_there_and_ends(platform) -> None:
    stations = sorted(s.code for s in load().stations.values() if s.city == "510100")
    topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
    for hour in range(3):
        _publish(topic, stations, hour=hour)
    platform.start("pipeline", "--bounded")
    assert platform.running["pipeline"].wait(90) == 0, platform.tail("pipeline")
    platform.running.clear()
    platform.start("store")
    _wait_for_hours(platform, 3, 30)


def _small_files(folder: Path) -> list[Path]:
    """Make 48 hourly files of the days after the sample, of eight stations, and 12 each of compounds and composition, four hours
    each.
    """
    folder.mkdir()
    registry = load()
    stations = [
        next(iter(sorted(s.code for s in registry.stations.values() if s.city == city))) for city in registry.cities
    ]
    made = []
    for hour in range(48):
        path = folder / f"hour-{hour:02d}.csv"
        lines = ["station,hour_end,so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3"]
        for i, station in enumerate(stations):
            end = f"2023-01-{22 + (hour + 1) // 24:02d}T{(hour + 1) % 24:02d}:00:00+08:00"
            lines.append(f"{station},{end},{5 + i},{20 + hour},0.{hour % 9 + 1},{60 + i},{90 + hour},{60 + i + hour}")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.append(path)
        if hour % 4 == 0:
            made.append(_compounds(folder / f"voc-{hour:02d}.csv", range(hour, hour + 4), "provisional", 0, 0.0))
            made.append(_composition(folder / f"composition-{hour:02d}.csv", range(hour, hour + 4)))
    return made


def test_a_line_that_is_no_block_is_stored_as_a_reject(platform) -> None:
    topic = platform.data / "topics" / "obs.station_hour"
    topic.mkdir(parents=True)
    (topic / "0000000000001-hand.jsonl").write_text(
        '510100\t{"schema":"observation/9"}\nno tab at all\n510100\t{broken\n'
    )
    platform.start("ingest", "--sample")
    platform.start("pipeline")
    platform.start("store")
    platform.wait_until_drained(1000, 90)
    rejected = [row for row in platform.rows()["rejected"].values() if row["source"] == "engine"]
    assert sorted(row["value"][:20] for row in rejected) == sorted(
        ['510100\t{"schema":"ob', "no tab at all", "510100\t{broken"]
    )
    assert all(row["expected"] and row["reason"] for row in rejected)


def test_a_job_that_keeps_failing_stops_and_says_why(platform) -> None:
    topics = platform.data / "topics"
    topics.mkdir()
    (topics / "air").symlink_to("/proc/self/status")  # results can never be written there
    platform.start("pipeline")
    process = platform.running["pipeline"]
    assert process.wait(60) == 1
    log = (platform.data / "pipeline.log").read_text()
    assert "计算引擎停止" in log and str(topics / "air") in log


def test_a_history_of_many_years_is_read_in_its_order_and_nothing_of_it_is_late(platform) -> None:
    # Eight years: most of it leaves the state. Readers that took the segments side by side once had half of it refused as late.
    registry = load()
    codes = {city: sorted(s.code for s in registry.stations.values() if s.city == city)[:1] for city in registry.cities}
    topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
    months, hours = 12 * 8, 730
    for month in range(months):
        first = 300_000 + month * hours
        lines = [messages.block_line(_block(city, stations, first, hours)) for city, stations in codes.items()]
        topic.append(lines, key=f"month {month:03d}")
    platform.start("pipeline", "--bounded")
    assert platform.running["pipeline"].wait(150) == 0, platform.tail("pipeline")
    platform.running.clear()
    platform.start("store")
    expected = {"accepted": months * hours * len(codes), "duplicate": 0, "late": 0}
    end, found = time.monotonic() + 60, {}
    while found != expected:
        assert time.monotonic() < end, found
        time.sleep(0.5)
        with platform.engine.connect() as connection:
            sums = ", ".join(f"sum({name}) AS {name}" for name in expected)
            found = dict(connection.execute(sa.text(f"SELECT {sums} FROM source_hour")).mappings().one())


def test_a_row_two_years_old_finds_its_hours_in_the_archive_also_after_a_restart(platform) -> None:
    stations = sorted(s.code for s in load().stations.values() if s.city == "510100")[:2]
    topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
    old, first, hours = 447_360, 465_120, 240
    for number, start in enumerate((old, *range(first, first + 6 * hours, hours))):
        topic.append([messages.block_line(_block("510100", stations, start, hours))], key=f"piece {number}")
    platform.start("pipeline", "--hot-pieces", "1")
    platform.start("store")
    _wait_for_hours(platform, 7 * hours, 90)
    archive = platform.data / "archive"
    assert any(path.name.startswith(f"o{old // hours}.") for path in archive.rglob("*"))
    platform.kill("pipeline")
    platform.start("pipeline", "--hot-pieces", "1")
    revised = replace(_block("510100", stations, old + 100, 1), status="reviewed", revision=1)
    topic.append([messages.block_line(replace(revised, values=revised.values + 24))], key="revised")
    end, mean = time.monotonic() + 60, None
    query = sa.text(
        "SELECT pm25_24h_ugm3, status FROM air_station_hour WHERE station = :station AND hour_end IN (:own, :later) "
        "ORDER BY hour_end"
    )
    moments = {"own": moment(old + 100), "later": moment(old + 123)}
    with platform.engine.connect() as connection:
        while mean != [(51.0, "reviewed"), (51.0, "provisional")]:
            assert time.monotonic() < end, (mean, platform.tail("pipeline"))
            time.sleep(0.3)
            connection.rollback()
            mean = [tuple(row) for row in connection.execute(query, {"station": stations[0], **moments})]
        counts = connection.exec_driver_sql("SELECT sum(accepted), sum(late) FROM source_hour").one()
        assert tuple(counts) == (2 * (7 * hours + 1), 0)
        assert connection.exec_driver_sql("SELECT count(*) FROM rejected").scalar() == 0


def _block(city: str, stations: list[str], first: int, hours: int) -> ObservationBlock:
    values = np.full((len(ITEMS), len(stations), hours), 50.0)
    return ObservationBlock(source="test", city=city, stations=tuple(stations), first_hour=first, values=values,
                            present=np.ones((len(stations), hours), bool))  # fmt: skip


def test_a_model_scores_in_the_job_and_a_new_version_is_taken_up_without_a_restart(platform) -> None:
    topics = platform.data / "topics"
    city, values = "510100", np.full((6, 2, 30), 20.0)
    block = ObservationBlock(source="made", city=city, stations=("1431A", "1432A"), first_hour=465_000, values=values,
                             present=np.ones((2, 30), bool))  # fmt: skip
    feed = open_topic(topics / messages.TOPICS[messages.OBSERVATION])
    announce(topics, ScorerNotice("echo", "1"))
    platform.start("pipeline", "--scorers", "tests.streams.echo_scorer:load")
    platform.start("store")
    _publish_until(platform, feed, block, "SELECT count(*) FROM model_hour WHERE model_version = '1'")
    announce(topics, ScorerNotice("broken", "1"))
    announce(topics, ScorerNotice("echo", "2"))
    _publish_until(platform, feed, block, "SELECT count(*) FROM model_hour WHERE model_version = '2'")
    with platform.engine.connect() as connection:
        (value,) = connection.exec_driver_sql("SELECT DISTINCT value FROM model_hour").scalars().all()
        reasons = connection.exec_driver_sql("SELECT reason FROM rejected").scalars().all()
    assert value == 20.0
    assert any("ZeroDivisionError" in reason for reason in reasons)


def _publish_until(platform, feed, block, query: str, seconds: float = 60) -> None:
    """Publish ever new revisions until a query counts something: the topics of feeds and of models are not read in step."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number = len(feed.segments())
        feed.append([messages.block_line(replace(block, revision=number))], key=f"revision-{number}")
        for _ in range(10):
            time.sleep(0.2)
            with platform.engine.connect() as connection:
                if connection.exec_driver_sql(query).scalar():
                    return
    pytest.fail(f"nothing came of {query} within {seconds} s: {platform.tail('pipeline')}")
