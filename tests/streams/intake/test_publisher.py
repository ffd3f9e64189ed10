"""Publishing: once for each delivery, whatever a file holds, and what cannot be used is named while the others go on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from streams import ingest
from streams.intake import publisher as publishing
from streams.intake.units import Aside
from streams.records import Intake, Rejected
from streams.registry import load
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams.real_data import REPOSITORY

REGISTRY = load()
HOURS = "station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z,5\n1432A,2024-01-01T00:00Z,6\n"
NAMED = (
    "Date,Hour,WatchPoint,AQI,Level,PrimaryPollution,CO,NO2,O3_1h,O3_8h,PM10,PM2.5,SO2\n"
    "20200402,1,君平街,50,1,—,0.5,20,30,30,40,20,5\ngarbage\n"
)
KILOGRAMS = "city,sector,species,year,emission_t\n510100,power,so2,2023,50000000\n"


def told(topics: Path) -> tuple[list[Intake], list[Rejected]]:
    """Give what was said of files on the way to the store."""
    topic = open_topic(topics / "intake")
    records = [messages.intake_from(line)[0] for segment in topic.segments() for line in topic.read(segment)]
    return [r for r in records if isinstance(r, Intake)], [r for r in records if isinstance(r, Rejected)]


def blocks(topics: Path, name: str = "obs.station_hour") -> list:
    topic = open_topic(topics / name)
    return [messages.block_from(line) for segment in topic.segments() for line in topic.read(segment)]


def put(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_one_unusable_file_takes_no_other_along_and_is_named(tmp_path) -> None:
    inbox = put(tmp_path / "in", a=NAMED, b=KILOGRAMS, c=HOURS)
    summary = ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    assert (summary.files, summary.rejected) == (3, 2) and len(blocks(tmp_path / "topics")) == 2
    assert [line.split(":")[0] for line in summary.complaints] == ["a.csv", "b.csv"]
    assert "a unit is mistaken" in summary.complaints[1] and "line 2" in summary.complaints[1]


def test_a_feed_that_raises_costs_its_file_only(tmp_path, monkeypatch) -> None:
    parse = publishing.sources.parse_file
    monkeypatch.setattr("streams.sources.stations.station_csv.parse", lambda *_, **__: 1 / 0)
    inbox = put(tmp_path / "in", a=HOURS, b=NAMED)
    summary = ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    assert parse is publishing.sources.parse_file and summary.files == 2
    assert "reading it failed: ZeroDivisionError" in summary.complaints[0] and len(blocks(tmp_path / "topics")) == 1


def test_what_cannot_be_written_down_is_one_reject_of_its_file(tmp_path, monkeypatch, caplog) -> None:
    write = messages.block_line

    def refuse(block) -> str:
        if "1432A" in block.stations:
            raise TypeError("str is not valid UTF-8")
        return write(block)

    monkeypatch.setattr(messages, "block_line", refuse)
    inbox = put(tmp_path / "in", a=HOURS, b=HOURS.replace("1432A", "1433A"))
    summary = ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    assert summary.blocks == 1 and "cannot be written down: TypeError" in summary.complaints[0]
    (first, _), (reject,) = told(tmp_path / "topics")
    assert (first.source, first.file, first.rows_in, first.rejected) == ("station-csv", "a.csv", {-1: 1}, {-1: 1})
    assert reject.file == "a.csv" and "Traceback" in caplog.text


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path, monkeypatch) -> None:
    inbox = put(tmp_path / "in", a=HOURS, b=HOURS)
    digest = publishing.sources.digest_of

    def refuse(path: Path) -> str:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return digest(path)

    monkeypatch.setattr(publishing.sources, "digest_of", refuse)
    summary = ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    assert summary.files == 1 and summary.complaints == ("a.csv: the file cannot be read: Permission denied",)
    (_, (reject,)) = told(tmp_path / "topics")
    assert (reject.file, reject.reason, reject.set_aside) == (
        "a.csv",
        "the file cannot be read: Permission denied",
        False,
    )


def test_topics_that_cannot_be_written_are_no_fault_of_the_file(tmp_path, monkeypatch) -> None:
    def full(*_, **__) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("streams.wire.topics.DirectoryTopic.append", full)
    with pytest.raises(OSError, match="No space left"):
        ingest.ingest_path(put(tmp_path / "in", a=HOURS), tmp_path / "topics", REGISTRY)


def test_what_is_passed_over_is_said_once_with_its_reason(tmp_path) -> None:
    inbox = put(tmp_path / "in", _old=HOURS)
    (inbox / "notes.json").write_text("{}")
    for _ in range(3):
        ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    intakes, rejects = told(tmp_path / "topics")
    assert not intakes and all(each.set_aside and each.rows == 0 for each in rejects)
    assert {each.file: each.reason for each in rejects} == {
        "_old.csv": "the name of the file begins with _", "notes.json": "notes, settings and programs are not read",
    }  # fmt: skip


def test_a_delivery_is_read_once_and_a_new_delivery_again(tmp_path) -> None:
    inbox = put(tmp_path / "in", a=HOURS)
    read = [ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY).files for _ in range(2)]
    os.utime(inbox / "a.csv", (1e9, 1e9))
    read.append(ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY).files)
    shutil.move(inbox / "a.csv", inbox / "b.csv")
    read.append(ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY).files)
    assert read == [1, 0, 1, 1]


def test_an_inventory_is_read_again_when_a_part_of_it_changes_and_for_nothing_else(tmp_path) -> None:
    folder = shutil.copytree(REPOSITORY / "tests" / "data" / "emissions", tmp_path / "in" / "inv")
    put(folder, cems="city,sector,species,hour_end,emission_kgh\n510100,power,so2,2023-01-20 01:00,5\n")
    first = ingest.ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY)
    assert first.files == 2 and len(blocks(tmp_path / "topics", "emission.city_hour")) == 9
    put(folder, more=HOURS)
    assert ingest.ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY).files == 1
    (folder / "profiles" / "weekly.csv").unlink()
    assert ingest.ingest_path(tmp_path / "in", tmp_path / "topics", REGISTRY).files == 1
    assert {intake.file for intake in told(tmp_path / "topics")[0]} == {"inv/inventory.csv", "cems.csv", "more.csv"}


def test_a_name_of_any_bytes_is_published(tmp_path) -> None:
    folder = put(tmp_path / "in")
    for name in (b"\xff\xfe.csv", "绵阳.csv".encode("gb18030"), b"tab\there.csv"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(HOURS)
    assert ingest.ingest_path(folder, tmp_path / "topics", REGISTRY).blocks == 3
    assert {each.file for each in told(tmp_path / "topics")[0]} == {"\\xff\\xfe.csv", "绵阳.csv", "tab\\there.csv"}


def test_a_reason_that_changes_is_said_again(tmp_path) -> None:
    publisher = publishing.Publisher(tmp_path / "topics", REGISTRY, all_stations=False)
    for reason in ("one", "one", "two"):
        publisher.pass_over(Aside(str(tmp_path / "x"), reason, wrong=True))
    assert [each.reason for each in told(tmp_path / "topics")[1]] == ["one", "two"]


def test_other_permissions_make_no_new_delivery(tmp_path):
    publisher = publishing.Publisher(tmp_path / "topics", REGISTRY, all_stations=False)
    file = tmp_path / "a.csv"
    file.write_text("station,hour_end,pm25_ugm3\n1431A,2023-01-20T08:00+08:00,44\n")
    assert publisher.publish(file).files == 1
    file.chmod(0o600)
    assert publisher.publish(file).files == 0
    file.write_text("station,hour_end,pm25_ugm3\n1431A,2023-01-20T08:00+08:00,7\n")
    assert publisher.publish(file).files == 1


def test_an_annual_table_under_a_name_of_its_own_uses_the_profiles_beside_it(tmp_path) -> None:
    inbox = put(tmp_path / "in", mine="city,sector,species,year,emission_t\n510100,traffic,so2,2023,8760\n")
    hours = ",".join(map(str, range(1, 25)))
    put(inbox / "profiles", hourly=f"sector,{hours}\ntraffic,24{',0' * 23}\n", weekly="no profile", other=HOURS)
    summary = ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    (block,) = [
        b for b in blocks(tmp_path / "topics", "emission.city_hour") if b.first_hour <= 465_000 < b.first_hour + b.hours
    ]
    # 8760 t in the 365 hours that end at 01:00 are 24 t in each.
    assert sorted({*np.round(block.values[np.isfinite(block.values)]).tolist()}) == [0, 24_000]
    assert any("weekly" in each for each in summary.complaints)


@pytest.mark.parametrize("target", ["/etc", "/etc/passwd", "gone"])
def test_what_lies_beside_a_table_and_leads_out_spoils_no_other_file(tmp_path, target) -> None:
    inbox = put(tmp_path / "in", a=HOURS, mine="city,sector,species,year,emission_t\n510100,traffic,so2,2023,8760\n")
    (inbox / "profiles").mkdir()
    (inbox / "profiles" / "hourly.csv").symlink_to(target)
    summary = ingest.ingest_path(inbox, tmp_path / "topics", REGISTRY)
    assert len(blocks(tmp_path / "topics")) == 1 and "root:" not in str(told(tmp_path / "topics"))
    assert any("hourly.csv" in each for each in summary.complaints)
