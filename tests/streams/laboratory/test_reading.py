"""A laboratory's table is read as it is: below a limit stays below, and every row is told, kept, repeated or refused."""

from __future__ import annotations

import datetime as dt
import zipfile

import pytest

from streams import registry
from streams.laboratory.reading import read_file
from tests.streams.laboratory.tables import ENGLISH, GOOD, HEADER, as_csv, as_workbook, row

REGISTRY = registry.load()
TODAY = dt.date(2026, 11, 30)


def read(path, **options):
    return read_file(path, REGISTRY, today=TODAY, **options)


def only(path, **cells):
    """Read a table of one row."""
    found = read(as_csv(path, row(**cells)))
    return found.samples[0] if found.samples else found.rejected[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "pfas.csv"


@pytest.mark.parametrize("header", [HEADER, ENGLISH, tuple(name.upper() for name in ENGLISH)])
def test_a_good_row_is_this_sample(path, header):
    (sample,) = read(as_csv(path, GOOD, header=header)).samples
    assert sample.key == ("黄龙溪", dt.date(2026, 3, 1), "S1", "1763-23-1", "HJ 1333")
    assert (sample.result, sample.below, sample.detection_limit, sample.quantification_limit) == (2.5, None, 0.2, 0.8)
    assert (sample.unit, sample.reported, sample.reported_unit, sample.medium) == (
        "ng/L",
        "2.5",
        "ng/L",
        "surface_water",
    )
    assert (sample.city, sample.substance, sample.laboratory, sample.line) == ("510100", "PFOS", None, 2)


@pytest.mark.parametrize(
    ("cell", "below"),
    [
        ("ND", "detection"), ("n.d.", "detection"), ("未检出", "detection"), ("<0.2", "detection"), ("＜０．２", "detection"),
        ("0.2L", "detection"), ("<LOD", "detection"), ("< MDL", "detection"), ("未检出(0.2)", "detection"),
        ("ND(<0.2)", "detection"), ("<0.8", "quantification"), ("<LOQ", "quantification"), ("<定量限", "quantification"),
    ],
)  # fmt: skip
def test_below_a_limit_stays_below_it(path, cell, below):
    sample = only(path, result=cell)
    assert (sample.result, sample.below, sample.detection_limit, sample.quantification_limit) == (None, below, 0.2, 0.8)
    assert sample.reported == cell


def test_a_limit_that_only_the_result_says_is_that_of_the_row(path):
    sample = only(path, result="<0.05", mdl="", loq="")
    assert (sample.below, sample.detection_limit, sample.quantification_limit) == ("detection", 0.05, None)


def test_below_a_limit_that_nobody_says_there_is_no_limit(path):
    sample = only(path, result="ND", mdl="", loq="")
    assert (sample.result, sample.below, sample.detection_limit) == (None, "detection", None)


@pytest.mark.parametrize(
    ("unit", "matrix", "result", "kept", "of"),
    [
        ("μg/L", "地下水", "0.0025", 2.5, "ng/L"), ("mg/L", "污水", "0.3", 300_000.0, "ng/L"),
        ("μg/kg", "沉积物", "2.5", 2.5, "ng/g"), ("mg/kg", "soil", "0.0003", 0.3, "ng/g"),
        ("pg/m3", "环境空气", "7", 0.007, "ng/m3"), ("ug/m³", "air", "0.3", 300.0, "ng/m3"),
    ],
)  # fmt: skip
def test_units_are_turned_exactly(path, unit, matrix, result, kept, of):
    sample = only(path, unit=unit, matrix=matrix, result=result, mdl="", loq="")
    assert (sample.result, sample.unit, sample.reported, sample.reported_unit) == (kept, of, result, unit)


@pytest.mark.parametrize("cell", ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "20260301", "2026-03-01 08:30"])
def test_days_with_their_year_first_are_read(path, cell):
    assert only(path, date=cell).sampled_on == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"result": ""}, "结果", "no result"),
        ({"result": "-"}, "结果", "no result"),
        ({"result": "/"}, "结果", "no result"),
        ({"result": "trace"}, "结果", "not a result"),
        ({"result": "1,5"}, "结果", "more cells than the header has"),
        ({"result": "0"}, "结果", "a result that no laboratory finds"),
        ({"result": "-0.3"}, "结果", "not a result"),
        ({"result": "1e30"}, "结果", "a result that no laboratory finds"),
        ({"result": "0.1"}, "结果", "a result below its own detection limit"),
        ({"result": "<0.5"}, "结果", "the limit in the result is none of the row's"),
        ({"result": "<1.5"}, "结果", "the limit in the result is none of the row's"),
        ({"result": "ND(0.3)"}, "结果", "the limit in the result is none of the row's"),
        ({"result": "<0"}, "结果", "a limit that is not above 0"),
        ({"mdl": "0.9"}, "检出限", "the detection limit lies above the quantification limit"),
        ({"mdl": "low"}, "检出限", "not a limit"),
        ({"loq": "-1"}, "定量限", "not a limit"),
        ({"cas": "1763-23-2"}, "CAS号", "the check digit of the CAS number is wrong"),
        ({"analyte": "PFOA"}, "化合物", "the name is that of another CAS number"),
        ({"analyte": "全氟辛酸"}, "化合物", "the name is that of another CAS number"),
        ({"cas": "335-67-1"}, "化合物", "the name is that of another CAS number"),
        ({"cas": "58-08-2"}, "化合物", "the name is that of another CAS number"),  # caffeine, in no list
        ({"cas": "PFOS"}, "CAS号", "no CAS number"),
        ({"cas": ""}, "CAS号", "no CAS number"),
        ({"matrix": "水"}, "介质", "unknown medium"),
        ({"unit": "ppb"}, "单位", "not a unit of this medium"),
        ({"unit": "ng/g"}, "单位", "not a unit of this medium"),
        ({"date": "03/05/2026"}, "采样日期", "no date"),
        ({"date": "2026-02-30"}, "采样日期", "no date"),
        ({"date": "2026131"}, "采样日期", "no date"),
        ({"date": "46082"}, "采样日期", "no date"),
        ({"date": "1889-01-01"}, "采样日期", "a date too early"),
        ({"date": "2026-12-01"}, "采样日期", "the sample lies in the future"),
        ({"city": "长安"}, "城市", "unknown city"),
        ({"site": ""}, "点位", "nothing tells which sample it is"),
        ({"sample": ""}, "样品编号", "nothing tells which sample it is"),
        ({"site": "x" * 41}, "点位", "a text that is too long"),
        ({"method": "x" * 61}, "分析方法", "a text that is too long"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(path, cells, column, reason):
    found = only(path, **cells)
    assert (found.position, found.reason) == (f"line 2, column {column}", reason)
    assert found.expected and found.rows == 1 and found.file == "pfas.csv"
    day = {"date"} & cells.keys() and reason == "no date"
    assert (found.hour_end is None) == bool(day)


def test_a_name_that_contradicts_the_number_says_both(path):
    found = only(path, analyte="pfoa")
    assert (found.value, found.expected) == ("pfoa", "CAS 335-67-1, or the name of 1763-23-1 (全氟辛基磺酸)")


def test_every_row_is_one_of_three(path):
    again = row(sample="S2")
    found = read(as_csv(path, GOOD, again, again, row(sample="S2", result="3.5"), row(cas="x"), GOOD))
    assert (len(found.samples), len(found.repeated), len(found.rejected), found.rows) == (2, 2, 2, 6)
    assert found.rejected[0].reason == "the sample comes twice with other values"
    assert found.rejected[0].expected == "it once, as in line 3"


def test_a_sample_by_two_methods_is_two(path):
    found = read(as_csv(path, GOOD, row(method="EPA 1633", result="2.6")))
    assert len(found.samples) == 2


def test_a_unit_in_the_header_is_that_of_all(path):
    header = (*HEADER[:6], "结果(μg/L)", "检出限（μg/L）", "定量限", *HEADER[10:])
    (sample,) = read(as_csv(path, (*GOOD[:9], *GOOD[10:]), header=header)).samples
    assert (sample.result, sample.detection_limit, sample.reported_unit) == (2500.0, 200.0, "μg/L")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ((*HEADER[:11], "qualifier"), "unknown column"),
        ((*HEADER[:11], "介质"), "column is repeated"),
        ((*HEADER[:1], "备注", *HEADER[2:]), "a column is missing"),
        ((*HEADER[:9], "备注", *HEADER[10:]), "the unit is not said once"),
        ((*HEADER[:6], "结果(μg/L)", *HEADER[7:]), "the unit is not said once"),
        ((*HEADER[:6], "结果(μg/L)", "检出限(ng/L)", "定量限", "备注", *HEADER[10:]), "the unit is not said once"),
    ],
)
def test_a_header_that_leaves_something_open_costs_the_file(path, header, reason):
    found = read(as_csv(path, GOOD, GOOD, header=header))
    assert not found.samples and [each.reason for each in found.rejected] == [reason] and found.rows == 1


def test_a_file_of_something_else_or_of_nothing_is_one_reject(tmp_path):
    for name, content, reason in (
        ("other.csv", b"a,b\n1,2\n", "no header of a laboratory's table"),
        ("empty.csv", b"", "the file is empty"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file of before 2007, or one with a password"),
        ("head.csv", ",".join(HEADER).encode(), "no row below the header"),
        ("cut.xlsx", b"PK\x03\x04 and no more", "the workbook cannot be read: BadZipFile"),
    ):
        (tmp_path / name).write_bytes(content)
        found = read(tmp_path / name)
        assert [each.reason for each in found.rejected] == [reason] and found.rows == 1


def test_a_workbook_is_read_like_a_text(tmp_path):
    # As Excel gives them: a day as a moment, numbers as numbers, and a title above the header.
    cells = (*GOOD[:3], dt.datetime(2026, 3, 1), *GOOD[4:6], 2.5, 0.2, 0.8, *GOOD[9:])
    path = as_workbook(tmp_path / "pfas.xlsx", cells, row(sample="S2", result="ND"), title="某实验室检测报告")
    first, second = read(path).samples
    assert (first.result, first.reported, first.sampled_on, first.line) == (2.5, "2.5", dt.date(2026, 3, 1), 3)
    assert (second.result, second.below, second.detection_limit) == (None, "detection", 0.2)


def test_of_several_sheets_one_is_named(tmp_path):
    import openpyxl

    path = as_workbook(tmp_path / "pfas.xlsx", GOOD)
    book = openpyxl.load_workbook(path)
    other = book.create_sheet("second")
    other.append(list(HEADER))
    other.append(list(row(result="9.5")))
    book.save(path)
    assert [each.reason for each in read(path).rejected] == ["not one sheet with rows"]
    assert read(path, sheet="second").samples[0].result == 9.5
    assert read(path, sheet="third").rejected[0].reason == "no such sheet with rows"


def test_a_workbook_that_is_far_larger_than_its_file_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 600_000_000)
    assert path.stat().st_size < 2e6
    assert [each.reason for each in read(path).rejected] == ["the file is too large"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_texts_in_the_encodings_of_spreadsheets_are_read(path, encoding):
    as_csv(path, GOOD)
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert read(path).samples[0].point == "黄龙溪"
