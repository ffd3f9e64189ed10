"""A researcher's own table: what is read, and what is refused by line and column."""

from __future__ import annotations

import datetime as dt

import numpy as np
import openpyxl
import pytest

from research.ozone.errors import OzoneError
from research.ozone.in_file import hours_from_file

HEAD = "hour_end,no2_ppb,co_mgm3,temperature_k,humidity_pct,pressure_hpa,toluene_ppb,67-64-1_ugm3,间/对二甲苯_ppb"
LINE = "2024-07-03T08:00+08:00,18.5,0.8,298.15,61,950.5,2.3,7.25,<0.02"


def written(tmp_path, *lines, name="own.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def read(path, **given):
    return hours_from_file(path, lon=104.07, lat=30.67, **given)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_units_and_names_become_those_of_a_record(tmp_path, encoding):
    found = read(written(tmp_path, HEAD, LINE, LINE.replace("T08", "T09").replace("2.3", ""), encoding=encoding))
    assert found.compounds == ("toluene", "acetone", "m,p-xylene")
    assert found.hour_end.tolist() == [477768, 477769]  # 2024-07-03T00:00Z is epoch hour 477,768
    assert found.series["temperature_c"][0] == pytest.approx(25.0)
    assert found.series["pressure_pa"][0] == 95_050.0
    # 0.8 mg/m3 of CO at 298.15 K: 0.8e3 x 24.465 / 28.01 = 698.7 ppb; 7.25 ug/m3 of acetone: 7.25 x 24.465 / 58.08 = 3.054.
    assert found.series["co_ppb"][0] == pytest.approx(698.7, rel=1e-3)
    assert found.voc_ppb[1, 0] == pytest.approx(3.054, rel=1e-3)
    assert np.isnan(found.voc_ppb[0, 1])
    assert found.below_ppb[2].tolist() == [0.02, 0.02]
    assert found.station == "own"


def test_times_without_an_offset_are_those_of_china_unless_said(tmp_path):
    path = written(tmp_path, HEAD, LINE.replace("+08:00", ""))
    assert read(path).hour_end.tolist() == [477768]
    assert read(path, utc_offset_h=0.0).hour_end.tolist() == [477776]


def test_rows_may_stand_in_any_order(tmp_path):
    found = read(written(tmp_path, HEAD, LINE.replace("T08", "T10"), LINE))
    assert np.diff(found.hour_end).tolist() == [2]


def test_a_workbook_is_read_like_its_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(","))
    book.active.append([dt.datetime(2024, 7, 3, 8), 18.5, 0.8, 298.15, 61, 950.5, 2.3, 7.25, "<0.02"])
    book.save(tmp_path / "own.xlsx")
    found, text = read(tmp_path / "own.xlsx"), read(written(tmp_path, HEAD, LINE))
    np.testing.assert_array_equal(found.hour_end, text.hour_end)
    np.testing.assert_array_equal(found.voc_ppb, text.voc_ppb)
    with pytest.raises(OzoneError, match="the sheet is 'hours', expected one of Sheet"):
        read(tmp_path / "own.xlsx", sheet="hours")


def test_one_station_of_several_is_chosen(tmp_path):
    path = written(tmp_path, "station," + HEAD, "A," + LINE, "B," + LINE)
    assert read(path, station="B").station == "B"
    with pytest.raises(OzoneError, match="station is '', expected one of A, B"):
        read(path)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((HEAD, LINE, LINE), "own.csv, line 3: the hour of line 2 again"),
        ((HEAD, LINE.replace("08:00+", "08:20+")), "line 2, column hour_end is 2024-07-03T08:20"),
        (
            (HEAD, LINE.replace("2024-07-03T08:00+08:00", "3/7/2024")),
            "column hour_end is '3/7/2024', expected ISO 8601",
        ),
        ((HEAD, LINE.replace("18.5", "high")), "line 2, column no2_ppb is 'high', expected a number"),
        ((HEAD, LINE.replace("18.5", "<2")), "only compounds may lie below a limit"),
        ((HEAD, LINE.replace("2.3", "-2.3")), "line 2, column toluene_ppb is '-2.3', expected a number of 0 or more"),
        ((HEAD, LINE.replace("18.5", "inf")), "column no2_ppb is 'inf'"),
        (
            (HEAD.replace("toluene_ppb", "toluen_ppb"), LINE),
            "column 7 is 'toluen_ppb', expected a compound.*near are toluene",
        ),
        ((HEAD.replace("no2_ppb", "no2"), LINE), "column 2 is 'no2'"),
        ((HEAD.replace("hour_end", "time"), LINE), "expected hour_end, the end of the hour"),
        ((HEAD.replace("co_mgm3", "no2_ugm3"), LINE), "no2_ugm3 and no2_ppb are both no2_ppb"),
        ((HEAD.replace("67-64-1", "甲苯"), LINE), "甲苯_ugm3 and toluene_ppb are both toluene"),
        (("hour_end,no2_ppb", "2024-07-03T08:00+08:00,1"), "no column is a compound"),
        ((HEAD,), "there are no rows"),
        ((HEAD, LINE.replace("298.15", "25")), "temperature_c is -248"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line_and_column(tmp_path, lines, words):
    with pytest.raises(OzoneError, match=words):
        read(written(tmp_path, *lines))


def test_other_files_are_refused(tmp_path):
    with pytest.raises(OzoneError, match=r"expected a file that ends with \.csv, \.txt, \.xlsx"):
        read(written(tmp_path, HEAD, name="own.nc"))
    with pytest.raises(OzoneError, match="no workbook"):
        read(written(tmp_path, HEAD, name="own.xlsx"))
    (tmp_path / "own.csv").write_bytes(b"\xff\xfe\x00\x81\xff")
    with pytest.raises(OzoneError, match="neither UTF-8 nor GB 18030"):
        read(tmp_path / "own.csv")
