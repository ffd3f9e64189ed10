"""Sheets of Excel by a map."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from streams.sources.maps import excel
from tests.properties.test_feed_damage import assert_answered
from tests.streams.sources.maps.mapping import hours_of, read, reasons, through_the_door

END = 474_000
"""2024-01-28T00:00Z, 08:00 in Beijing."""
MOMENT = dt.datetime(2024, 1, 28, 8)
MAP = """
[file]
header = 1
[time]
column = "时间"
zone = "+08:00"
label = "end"
[station]
column = "站号"
[items]
pm25 = { column = "PM2.5", unit = "ug/m3" }
"""


def book(rows: list[list[object]], *, mac: bool = False) -> openpyxl.Workbook:
    found = openpyxl.Workbook()
    if mac:
        found.epoch = CALENDAR_MAC_1904
    for row in rows:
        found.active.append(row)
    return found


def saved(made: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def sheet(folder: Path, rows: list[list[object]], toml: str = MAP, *, mac: bool = False) -> object:
    return read(folder, saved(book(rows, mac=mac)), toml, name="x.xlsx")


@pytest.mark.parametrize("mac", [False, True])
@pytest.mark.parametrize(
    "moment", [MOMENT, "2024-01-28 08:00", "2024年1月28日 8时", MOMENT - dt.timedelta(microseconds=300_000)]
)
def test_times_are_dates_or_texts_in_either_calendar(tmp_path: Path, moment: object, mac: bool) -> None:
    parsed = sheet(
        tmp_path,
        [["站号", "时间", "PM2.5"], ["1431A", moment, 35], [None, None, None], ["1432A", moment, None]],
        mac=mac,
    )
    assert hours_of(parsed) == {("1431A", END): {"pm25": 35}, ("1432A", END): {}} and not parsed.rejected


@pytest.mark.parametrize(("mac", "serial"), [(False, 45_319 + 1 / 3), (True, 45_319 + 1 / 3 - 1462)])
def test_plain_numbers_of_days_are_of_the_calendar_of_the_workbook(tmp_path: Path, mac: bool, serial: float) -> None:
    # 2024-01-28 is day 45319 from 1899-12-30; the calendar of 1904 begins 1462 days later (Microsoft, "Date systems in Excel").
    toml = MAP.replace('label = "end"', 'label = "end"\nformat = "excel"')
    assert set(hours_of(sheet(tmp_path, [["站号", "时间", "PM2.5"], ["1431A", serial, 35]], toml, mac=mac))) == {
        ("1431A", END)
    }


@pytest.mark.parametrize("hour", [8, "08:00", dt.time(8), dt.timedelta(hours=8), 8.0])
def test_day_and_hour_may_stand_in_cells_of_their_own(tmp_path: Path, hour: object) -> None:
    toml = MAP.replace('column = "时间"', 'day = "日期"\nhour = "时"')
    for day in (dt.date(2024, 1, 28), dt.datetime(2024, 1, 28), "2024-01-28", 20240128):
        found = sheet(tmp_path, [["站号", "日期", "时", "PM2.5"], ["1431A", day, hour, 35]], toml)
        assert set(hours_of(found)) == {("1431A", END)}
    late = sheet(
        tmp_path, [["站号", "日期", "时", "PM2.5"], ["1431A", dt.date(2024, 1, 27), dt.timedelta(hours=24), 35]], toml
    )
    assert set(hours_of(late)) == {("1431A", END - 8)}


def test_a_formula_gives_what_it_gave_last_and_is_missing_in_words_where_it_never_did(tmp_path: Path) -> None:
    parsed = sheet(
        tmp_path, [["站号", "时间", "PM2.5"], ["1431A", MOMENT, "=30+5"], ["1432A", "=B2", 7], ["1878A", MOMENT, 9]]
    )
    assert hours_of(parsed) == {("1431A", END): {}, ("1878A", END): {"pm25": 9}}
    assert set(reasons(parsed)) == {("not a concentration", excel.NOT_COMPUTED), ("not a time", excel.NOT_COMPUTED)}


@pytest.mark.parametrize("value", ["#DIV/0!", "#N/A", True, "x", -1])
def test_an_error_is_no_number(tmp_path: Path, value: object) -> None:
    parsed = sheet(tmp_path, [["站号", "时间", "PM2.5"], ["1431A", MOMENT, value]])
    assert hours_of(parsed) == {("1431A", END): {}} and reasons(parsed)[0][0] == "not a concentration"


def test_a_header_of_two_rows_with_cells_joined_is_one_of_both_names(tmp_path: Path) -> None:
    made = book(
        [["成都市小时数据"], ["站号", "时间", "浓度", None], [None, None, "PM2.5", "O3"], ["1431A", MOMENT, 35, 60]]
    )
    made.active.merge_cells("C2:D2")
    made.active.merge_cells("A2:A3")
    toml = MAP.replace("header = 1", "header = [2, 3]").replace('"PM2.5", unit', '"浓度 PM2.5", unit')
    toml += 'o3 = { column = "浓度 O3", unit = "ug/m3" }\n'
    assert hours_of(read(tmp_path, saved(made), toml, name="x.xlsx")) == {("1431A", END): {"pm25": 35, "o3": 60}}


def test_a_sheet_is_chosen_by_name_or_number_or_named_as_absent(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.append(["nothing"])
    for row in (["站号", "时间", "PM2.5"], ["1431A", MOMENT, 35]):
        made.create_sheet("小时").append(row) if "小时" not in made.sheetnames else made["小时"].append(row)
    for named in ('"小时"', "2"):
        parsed = read(tmp_path, saved(made), MAP.replace("[file]", f"[file]\nsheet = {named}"), name="x.xlsx")
        assert set(hours_of(parsed)) == {("1431A", END)}
    (problem,) = read(tmp_path, saved(made), MAP.replace("[file]", '[file]\nsheet = "日"'), name="x.xlsx").rejected
    assert problem.reason == "no such sheet" and "小时" in problem.expected


def test_a_workbook_without_a_map_is_refused_with_the_command_that_proposes_one(tmp_path: Path) -> None:
    (problem,) = through_the_door(tmp_path, saved(book([["站号", "时间", "PM2.5"]])), name="x.xlsx").rejected
    assert "airshed map x.xlsx" in problem.expected


def repacked(content: bytes, changed: dict[str, bytes]) -> bytes:
    """Give a workbook with other parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, changed.get(part, old.read(part)))
        for part in changed.keys() - set(old.namelist()):
            new.writestr(part, changed[part])
    return file.getvalue()


GOOD = saved(book([["站号", "时间", "PM2.5"], ["1431A", MOMENT, 35]]))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"xl/worksheets/sheet1.xml": b"<x>" + b" " * 50_000_000}, "the workbook is larger unpacked than it may be"),
        ({f"xl/media/{n}": b"x" for n in range(2001)}, "the workbook is larger unpacked than it may be"),
        (
            {"xl/worksheets/sheet1.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'},
            "the workbook declares entities of its own",
        ),
        ({"xl/worksheets/sheet1.xml": b"not xml"}, "the workbook cannot be read"),
        ({"xl/workbook.xml": b""}, "the workbook cannot be read"),
        ({"xl/styles.xml": b"<x"}, "the workbook cannot be read"),
    ],
    ids=["ratio", "parts", "entities", "sheet", "workbook", "styles"],
)
def test_a_workbook_that_is_a_trap_or_broken_is_refused_in_words_and_at_once(
    tmp_path: Path, changed: dict[str, bytes], reason: str
) -> None:
    content, begun = repacked(GOOD, changed), time.monotonic()
    (problem,) = read(tmp_path, content, MAP, name="x.xlsx").rejected
    assert problem.reason == reason and problem.expected and time.monotonic() - begun < 3


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert b'<dimension ref="A1:C2"' in xml
    for ref in (b"A1:XFD1048576", b"A1"):
        content = repacked(GOOD, {"xl/worksheets/sheet1.xml": xml.replace(b"A1:C2", ref)})
        begun = time.monotonic()
        assert set(hours_of(read(tmp_path, content, MAP, name="x.xlsx"))) == {("1431A", END)}
        assert time.monotonic() - begun < 3


def test_a_cell_in_the_last_row_and_column_costs_no_more_than_it_holds(tmp_path: Path) -> None:
    made = book([["站号", "时间", "PM2.5"], ["1431A", MOMENT, 35]])
    made.active["XFD100000"] = 1
    begun = time.monotonic()
    assert set(hours_of(read(tmp_path, saved(made), MAP, name="x.xlsx"))) == {("1431A", END)}
    assert time.monotonic() - begun < 5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 200), st.binary(max_size=40))
def test_no_bytes_make_a_workbook_raise_or_lose_count(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, junk: bytes
) -> None:
    content = GOOD[:at] + junk + GOOD[at + cut :]
    assert_answered(read(tmp_path_factory.mktemp("xlsx"), content, MAP, name="x.xlsx"))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 5000),
    st.integers(0, 60),
    st.sampled_from([b"", b"<", b"</c>", b"<v>1e999</v>", b"&lt;", b"\x00", b'r="A0"', b"<f>1</f>", b't="s"']),
)
def test_no_sheet_makes_a_workbook_raise_or_lose_count(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, junk: bytes
) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    at %= len(xml)
    content = repacked(GOOD, {"xl/worksheets/sheet1.xml": xml[:at] + junk + xml[at + cut :]})
    assert_answered(read(tmp_path_factory.mktemp("sheet"), content, MAP, name="x.xlsx"))
