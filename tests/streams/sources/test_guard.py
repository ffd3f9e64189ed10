"""Around every feed: what a feed raises costs its own file only, and is said; what a file is, is told alike for all."""

from __future__ import annotations

import ast
import hashlib
import logging
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from streams import sources
from streams.records import ObservationBlock
from streams.registry import load
from streams.sources import files
from streams.sources.stations import station_csv
from streams.sources.tally import LedgerError, Origin, Tally, Unusable
from tests.streams.real_data import REPOSITORY

REGISTRY = load()
TEXT = "station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z,5\n1432A,2024-01-01T02:00Z,6\n"
INVENTORY = REPOSITORY / "tests" / "data" / "emissions"


def station_file(folder: Path, name: str = "hours.csv", text: str = TEXT) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "error", [ValueError("line contains NUL"), RecursionError("too deep"), MemoryError(), KeyError("x")]
)
def test_whatever_a_feed_raises_is_one_reject_of_its_file_and_a_traceback(tmp_path, monkeypatch, caplog, error) -> None:
    def fail(*_, **__) -> None:
        raise error

    monkeypatch.setattr(station_csv, "parse", fail)
    with caplog.at_level(logging.ERROR):
        parsed = sources.parse_file(station_file(tmp_path), REGISTRY, received_at=1.0)
    (reject,) = parsed.rejected
    assert (reject.source, reject.file, reject.position, reject.rows) == ("station-csv", "hours.csv", "file", 1)
    assert type(error).__name__ in reject.reason and str(error) in reject.reason and "station-csv" in reject.expected
    assert (parsed.blocks, parsed.intake.rows_in, parsed.intake.rejected) == ([], {-1: 1}, {-1: 1})
    assert "hours.csv" in caplog.text and "Traceback" in caplog.text


def test_an_error_in_telling_the_layout_is_answered_too(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(station_csv, "recognises", lambda *_: 1 / 0)
    (reject,) = sources.parse_file(station_file(tmp_path), REGISTRY, received_at=1.0).rejected
    assert reject.source == sources.UNKNOWN and "ZeroDivisionError" in reject.reason


def test_a_file_that_cannot_be_read_is_left_to_the_caller(tmp_path) -> None:
    with pytest.raises(OSError):
        sources.parse_file(tmp_path / "gone.csv", REGISTRY, received_at=1.0)


def test_a_feed_that_loses_count_is_found_out(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Tally, "pass_on", lambda self, kind, **fields: None)
    (reject,) = sources.parse_file(station_file(tmp_path), REGISTRY, received_at=1.0).rejected
    assert "LedgerError: 2 rows came in, 0 were passed on or rejected" in reject.reason


def test_rows_that_a_record_refuses_are_rejected_by_their_hours_with_what_it_says() -> None:
    tally = Tally(Origin("x", "f", "", 0.0))
    tally.came_in(473_352, 2)
    values = np.full((6, 2, 1), 5.0)
    values[0, 1, 0] = -1
    fields = {"city": "510100", "stations": ("a", "b"), "first_hour": 473_352, "values": values}
    tally.pass_on(ObservationBlock, **fields, present=np.ones((2, 1), bool))
    parsed = tally.parsed()
    (reject,) = parsed.rejected
    assert (parsed.blocks, reject.rows, reject.hour_end, reject.position) == ([], 2, 473_352, "city 510100")
    assert "so2 at b" in reject.reason and reject.expected == "0 to 100000"


def test_an_account_that_does_not_balance_cannot_be_closed() -> None:
    tally = Tally(Origin("x", "f", "", 0.0))
    tally.came_in(473_352)
    with pytest.raises(LedgerError, match="1 rows came in, 0 were"):
        tally.parsed()


def test_more_rows_than_a_file_may_bring_are_refused() -> None:
    with pytest.raises(Unusable, match="more rows than one file may bring"):
        Tally(Origin("x", "f", "", 0.0)).came_in(-1, 2_000_001)


def test_the_intake_says_which_file_it_was_and_what_it_brought(tmp_path) -> None:
    intake = sources.parse_file(station_file(tmp_path), REGISTRY, received_at=7.5).intake
    assert (intake.source, intake.file, intake.received_at, intake.simulated) == (
        "station-csv",
        "hours.csv",
        7.5,
        False,
    )
    assert intake.digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert (intake.rows, intake.first_hour, intake.last_hour) == (2, 473_352, 473_354)


def test_hours_of_which_nothing_was_passed_on_are_none_that_a_file_brought(tmp_path) -> None:
    text = TEXT + "9999Z,2024-01-01T09:00Z,6\n1431A,never,6\n"
    intake = sources.parse_file(station_file(tmp_path, text=text), REGISTRY, received_at=0.0).intake
    assert (intake.rows, intake.first_hour, intake.last_hour) == (4, 473_352, 473_354)
    nothing = sources.parse_file(station_file(tmp_path, text="what is this"), REGISTRY, received_at=0.0).intake
    assert (nothing.rows, nothing.first_hour, nothing.last_hour) == (1, None, None)
    assert len(nothing.digest) == 64


def test_a_file_is_simulated_where_any_of_it_is_or_where_all_is_marked(tmp_path) -> None:
    text = "station,hour_end,pm25_ugm3,simulated\n1431A,2024-01-01T00:00Z,5,false\n1431A,2024-01-01T01:00Z,5,true\n"
    path = station_file(tmp_path, text=text)
    assert sources.parse_file(path, REGISTRY, received_at=0.0).intake.simulated
    assert not sources.parse_file(station_file(tmp_path), REGISTRY, received_at=0.0).intake.simulated
    assert sources.parse_file(station_file(tmp_path), REGISTRY, received_at=0.0, simulated=True).intake.simulated


def test_the_digest_of_an_inventory_is_that_of_what_sha256sum_writes(tmp_path) -> None:
    folder = shutil.copytree(INVENTORY, tmp_path / "inv")
    (folder / "notes.txt").write_text("no part of it")
    parts = ("inventory.csv", "meta.toml", "profiles/monthly.csv", "profiles/weekly.csv", "profiles/hourly.csv")
    written = subprocess.run(["sha256sum", *parts], cwd=folder, check=True, capture_output=True).stdout
    intake = sources.parse_file(folder, REGISTRY, received_at=0.0).intake
    assert (intake.file, intake.digest) == ("inv/inventory.csv", hashlib.sha256(written).hexdigest())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (b"hours.csv", "hours.csv"),
        ("眉山.csv".encode(), "眉山.csv"),
        ("绵阳.csv".encode("gb18030"), "绵阳.csv"),
        (b"a\nb\x1b[31m.csv", "a\\nb\\x1b[31m.csv"),
        (b"\xff\xff.csv", "\\xff\\xff.csv"),
    ],
)
def test_a_name_is_shown_as_people_can_read_it(tmp_path, name, said) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_text(TEXT)
    parsed = sources.parse_file(path, REGISTRY, received_at=0.0)
    assert files.shown(path) == parsed.intake.file == said and parsed.blocks


def test_an_empty_table_is_said_to_be_one_by_every_feed(tmp_path) -> None:
    headers = {
        "date,hour,type,1431A\n": "cnemc-wide",
        "date,20240510\nhour,1\ntype,O3\n": "cnemc-transposed",
        "Date,Hour,WatchPoint,SO2,NO2,CO,O3_1h,PM10,PM2.5\n": "cnemc-named",
        "station,hour_end,pm25_ugm3\n": "station-csv",
        "station,hour_end,toluene_ppb\n": "voc-csv",
        "station,hour_end,oc_ugm3\n": "composition-csv",
        "city,sector,species,year,emission_t\n": "emissions",
        "city,sector,species,hour_end,emission_kgh\n\n,,,,\n": "emissions",
    }
    for header, source in headers.items():
        (reject,) = sources.parse_file(station_file(tmp_path, text=header), REGISTRY, received_at=0.0).rejected
        assert (reject.source, reject.reason, reject.rows) == (source, "the file has a header but no hours", 0)


def test_feeds_open_files_by_doors_that_wait_for_nothing_and_by_no_other() -> None:
    found = []
    for path in sorted((REPOSITORY / "streams" / "sources").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("open", "os.open", "io.open", "os.fdopen") or called.endswith((".read_text", ".read_bytes")):
                found.append(f"{path.parent.name}/{path.name} {called}")
    doors = ("sources/files.py", "maps/opening.py")
    assert [each for each in found if not each.startswith(doors)] == ["maps/feed.py each.read_text"], "of shipped maps"
    assert found.count("sources/files.py os.open") == 1
