"""Bad input of each kind, from the raw file to the store: an answer that names place, value and expectation; good rows live."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from streams import sources
from streams.registry import load
from streams.registry.roster import roster_of
from streams.store.__main__ import prune
from streams.store.drained import progress, remove_leftovers
from streams.store.materialiser import Materialiser
from streams.wire import messages
from streams.wire.topics import DirectoryTopic
from tests.streams.replaying import Desks

ROOT = Path(__file__).resolve().parents[2]
HEADER = "station,hour_end,so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3\n"
GOOD = "1431A,2023-01-20T08:00:00+08:00,5,30,0.6,60,80,50\n"


@pytest.fixture
def stored(tmp_path, store):
    """Give a function that takes a file through parser, desks and store, and gives (station-hours, rejects) of the store."""
    registry = load()
    topics = [DirectoryTopic(tmp_path / name) for name in ("air", "intake")]
    materialiser = Materialiser(store, topics)

    def take(name: str, content: str | bytes) -> tuple[list, list]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        parsed = sources.parse_file(path, registry, received_at=1.0)
        desks = Desks(roster_of(registry))
        for block in parsed.blocks:
            desks.take(block)
        if desks.lines:
            topics[0].append(desks.lines, key=name)
        rejects = [messages.rejected_line(each, 1.0) for each in parsed.rejected]
        topics[1].append([*rejects, messages.intake_line(parsed.intake)], key=name)
        while materialiser.step():
            pass
        with store.connect() as connection:
            hours = connection.exec_driver_sql("SELECT station, pm25_ugm3, o3_ugm3, aqi FROM air_station_hour").all()
            columns = "file, position, reason, value, expected, rows"
            rejected = connection.exec_driver_sql(f"SELECT {columns} FROM rejected WHERE NOT set_aside").all()
            open_rows = connection.exec_driver_sql(
                "SELECT sum(rows_in - accepted - duplicate - late - rejected) FROM source_hour"
            ).scalar()
        assert not open_rows
        return hours, rejected

    return take


@pytest.mark.parametrize(
    ("bad", "value", "expected", "keeps_row"),
    [
        ("1432A,2023-01-20T08:00:00+08:00,5,30,0.6,60,80,-7\n", "-7", "0", True),
        ("1432A,2023-01-20T08:00:00+08:00,5,30,0.6,60,80,inf\n", "inf", "", True),
        ("1432A,2023-01-20T08:00:00+08:00,5,30,0.6,60,80,many\n", "many", "", True),
        ("1432A,2023-01-20T08:00:00,5,30,0.6,60,80,50\n", "2023-01-20T08:00:00", "", False),
        ("1432A,2023-01-20T08:20:00+08:00,5,30,0.6,60,80,50\n", "08:20", "", False),
        ("1432A,2023-01-20T08:00:00+08:00,5,30\n", "4", "8", False),
    ],
    ids=["negative", "infinite", "text", "naive time", "not on the hour", "cut line"],
)
def test_a_bad_cell_or_line_is_named_and_the_rest_lives(stored, bad, value, expected, keeps_row) -> None:
    hours, rejected = stored("hour.csv", HEADER + GOOD + bad + GOOD.replace("1431A", "1433A"))
    assert sorted(row[0] for row in hours) == (["1431A", "1432A", "1433A"] if keeps_row else ["1431A", "1433A"])
    (reject,) = rejected
    assert (
        reject[0] == "hour.csv" and "line 3" in reject[1] and value in reject[3] and expected in reject[4] and reject[4]
    )
    if keeps_row:
        (row,) = [row for row in hours if row[0] == "1432A"]
        assert row[1] is None and row[2] == 60 and row[3] is None, "the other items of the row are kept, its AQI is NA"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (HEADER.replace("pm25_ugm3", "pm25_ppb") + GOOD, "pm25_ppb"),
        (HEADER.replace("station", "site") + GOOD, "site"),
        ("", ""),
        ("什么都不是\n", ""),
    ],
    ids=["unknown pollutant", "wrong column", "empty", "no layout"],
)
def test_a_bad_file_is_named_as_a_whole(stored, content, named) -> None:
    _, rejected = stored("odd.csv", content)
    assert rejected and all(each[0] == "odd.csv" and each[2] and each[4] for each in rejected)
    assert any(named in each[3] + each[2] + each[4] for each in rejected)


def test_an_unknown_station_is_set_aside_with_its_reason(stored, store) -> None:
    hours, rejected = stored("hour.csv", HEADER + GOOD + GOOD.replace("1431A", "9999Z"))
    assert [row[0] for row in hours] == ["1431A"] and not rejected
    with store.connect() as connection:
        (aside,) = connection.exec_driver_sql('SELECT reason, value, "rows" FROM rejected WHERE set_aside').all()
    assert "registry" in aside[0] and aside[2] == 1


@pytest.mark.parametrize("keep", [0.99, 0.5, 0.001])
def test_a_truncated_netcdf_is_rejected(stored, forecast_runs, keep) -> None:
    whole = forecast_runs[0].read_bytes()
    _, rejected = stored("cut.nc", whole[: int(len(whole) * keep)])
    assert rejected and rejected[0][0] == "cut.nc" and rejected[0][2] and rejected[0][4]


def test_old_segments_leave_when_all_is_stored(stored, store, tmp_path) -> None:
    stored("hour.csv", HEADER + GOOD)
    feed = DirectoryTopic(tmp_path / "topics" / "obs.station_hour")
    feed.append(["510100\t{}"], key="old")
    topics = [DirectoryTopic(tmp_path / "topics" / name) for name in ("air", "intake")]
    assert prune(Materialiser(store, topics), store, tmp_path / "topics", -1.0) == 1
    assert not feed.segments()


def test_folders_of_results_leave_when_nothing_is_in_them_any_more(stored, store, tmp_path) -> None:
    air = tmp_path / "topics" / "air"
    for name in ("2026-01-01", "2026-01-02"):
        (air / name).mkdir(parents=True)
    (air / "2026-01-02" / ".part-1-0.inprogress.x").write_text("half a line")
    topics = [DirectoryTopic(tmp_path / "topics" / name) for name in ("air", "intake")]
    prune(Materialiser(store, topics), store, tmp_path / "topics", 60.0)
    assert (air / "2026-01-01").exists(), "what is young stays"
    prune(Materialiser(store, topics), store, tmp_path / "topics", -1.0)
    assert sorted(path.name for path in air.iterdir() if path.name.startswith("2026")) == ["2026-01-02"]


def test_what_a_killed_engine_left_half_written_is_not_waited_for(stored, store, tmp_path) -> None:
    stored("hour.csv", HEADER + GOOD)
    hidden = tmp_path / "topics" / "air" / "2026-01-01--00" / ".part-1-0.inprogress.x"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("half a li")
    assert not progress(store, tmp_path / "topics").drained
    old = time.time() - 60
    os.utime(hidden, (old, old))
    assert progress(store, tmp_path / "topics").drained
    assert remove_leftovers(tmp_path / "topics", older_than_s=30) == 1 and not hidden.exists()
