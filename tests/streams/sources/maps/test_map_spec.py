"""Maps that cannot be used say what is wrong, where, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.maps.feed import SHIPPED, shipped
from streams.sources.maps.spec import ColumnMap, MapError, map_of
from tests.streams.sources.maps.mapping import read, reasons

GOOD = """
missing = ["NA"]
sentinels = [-99]
[time]
column = "t"
zone = "+08:00"
label = "end"
[station]
column = "s"
[items]
pm25 = { column = "p", unit = "ug/m3" }
"""
LONG = (
    GOOD.partition("[items]")[0]
    + '[long]\nitem = "i"\nvalue = "v"\nunits = { pm25 = "ug/m3" }\n[long.items]\n"PM2.5" = "pm25"\n'
)


def test_a_good_map_is_read() -> None:
    assert isinstance(map_of(GOOD, "x"), ColumnMap) and map_of(LONG, "x").long.items == {"PM2.5": "pm25"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[time]", "[tme]", "time is nothing"),
        ('label = "end"', "", "time.label is nothing, expected one of start, middle, end"),
        ('label = "end"', 'label = "finish"', "time.label is 'finish'"),
        ('zone = "+08:00"', "", "time.zone is nothing"),
        ('zone = "+08:00"', 'zone = "CST"', "time.zone is 'CST', expected an offset"),
        ('zone = "+08:00"', 'zone = 8', "time.zone is 8"),
        ('column = "t"', "", "time is nothing, expected column, or day and hour"),
        ('column = "t"', 'column = "t"\nhour = "h"', "expected column, or day and hour"),
        ('column = "t"', 'column = "t"\nformat = "%d/%m"', "time.format is '%d/%m'"),
        ('column = "t"', 'day = "t"\nhour = "h"\nformat = "%d"', "time.format"),
        ('column = "t"', "column = 0", "time.column is 0"),
        ('column = "t"', "column = true", "time.column is True"),
        ('column = "s"', 'column = "s"\ncode = "1431A"', "expected one of code, column and columns"),
        ('column = "s"', "", "expected one of code, column and columns"),
        ('column = "s"', 'code = "not a code"', "station.code is 'not a code'"),
        ('column = "s"', 'columns = ["a", "b"]\nwidths = [2]', "station.widths"),
        ('column = "s"', 'column = "s"\ncity = "成都"\n[station.codes]\na = "1431A"', "either codes or city"),
        ('column = "s"', 'column = "s"\n[station.codes]\na = "bad code"', "station.codes.a is 'bad code'"),
        ("pm25 =", "pm2 =", "items.pm2 is"),
        ('unit = "ug/m3"', 'unit = "furlongs"', "items.pm25.unit is 'furlongs', expected a mass per volume"),
        ('unit = "ug/m3"', 'unit = "ppb"', "particles have no mixing ratio"),
        (', unit = "ug/m3"', "", "items.pm25.unit is nothing"),
        ("sentinels = [-99]", 'sentinels = ["x"]', "sentinels is ['x'], expected a list of numbers"),
        ("sentinels = [-99]", "sentinels = [nan]", "sentinels"),
        ('missing = ["NA"]', 'missing = "NA"', "missing is 'NA', expected a list of texts"),
        ("[time]", '[file]\ndelimiter = ";;"\n[time]', "file.delimiter is ';;'"),
        ("[time]", '[file]\ndelimiter = ","\ndecimal = ","\n[time]', "file.decimal is ','"),
        ("[time]", '[file]\nheader = -1\n[time]', "file.header is -1"),
        ("[time]", '[file]\nheader = 0\n[time]', "columns by name and header = 0"),
        ("[time]", '[file]\nencoding = "klingon"\n[time]', "file.encoding is 'klingon'"),
        ("[time]", 'surprise = 1\n[time]', "surprise is 'unknown'"),
        ("[time]", 'name = "Ü"\n[time]', "name is 'Ü'"),
        ("[time]", 'gas_state_k = 25\n[time]', "gas_state_k is 25, expected a number from 263.15"),
        ("[time]", 'status = "good"\n[time]', "status is 'good', expected one of provisional, reviewed"),
        ("[time]", "[only]\nx = []\n[time]", "only.x"),
        ("[items]", '[long]\nitem = "i"\nvalue = "v"\nunit_column = "u"\nitems.a = "pm25"\n[items]', "2 of [items], [long]"),
        ("[items]\npm25", "[other]\npm25", "none of [items], [long] and [across]"),
        ("[items]", '[across]\nitem = "o3"\nunit = "ppb"\n[other]', "neither code nor column beside [across]"),
        ('[station]\ncolumn = "s"\n[items]', '[across]\nitem = "o3"\n[other]', "across.unit is nothing"),
        ('[station]\ncolumn = "s"\n[items]', '[across]\nitem_column = "i"\nitems.a = "o3"\n[other]', "a unit for each of them"),
        ("[time]", "[time", "not readable as TOML"),
        ("[time]", f"x = {'[' * 5000}\n[time]", "nested too deep"),
        ("[time]", f"x = {'9' * 5000}\n[time]", "not readable as TOML"),
    ],
)  # fmt: skip
def test_a_bad_map_says_what_is_wrong_where_and_what_was_expected(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(MapError) as raised:
        map_of(GOOD.replace(old, new, 1), "my.map.toml")
    assert said in str(raised.value) and str(raised.value).startswith("my.map.toml: ")
    (problem,) = read(tmp_path, "t,s,p\n2024-01-28 08:00,1431A,1\n", GOOD.replace(old, new, 1)).rejected
    assert (
        problem.reason == "the column map cannot be used"
        and problem.position == "map table.csv.map.toml"
        and problem.expected
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"PM2.5" = "pm25"', "", "long.items is nothing"),
        ('"PM2.5" = "pm25"', '"PM2.5" = "dust"', "long.items.PM2.5 is 'dust'"),
        ('units = { pm25 = "ug/m3" }', "", "a column of units, or units.pm25"),
        ('units = { pm25 = "ug/m3" }', 'units = { pm25 = "ppb" }', "particles have no mixing ratio"),
        ('units = { pm25 = "ug/m3" }', 'units = { pm25 = "ug/m3" }\nunit_column = "u"', "either unit_column or units"),
        ('value = "v"', "", "long.value is nothing"),
    ],
)
def test_a_bad_map_of_one_item_a_row_says_so(old: str, new: str, said: str) -> None:
    with pytest.raises(MapError) as raised:
        map_of(LONG.replace(old, new, 1), "my.map.toml")
    assert said in str(raised.value)


def test_every_shipped_map_is_sound_and_says_where_its_label_is_known_from() -> None:
    assert {spec.name for spec in shipped()} == {each.stem for each in SHIPPED.glob("*.toml")}
    for each in SHIPPED.glob("*.toml"):
        assert (
            "Label: " in each.read_text(encoding="utf-8")
            and map_of(each.read_text(encoding="utf-8"), each.name).recognise
        )


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 30),
    st.text(max_size=20) | st.sampled_from(["[", "]", "=", '"', "1e400", "nan", "{}"]),
)
def test_no_damage_to_a_map_makes_it_fail_in_another_way(at: int, cut: int, junk: str) -> None:
    try:
        map_of(GOOD[:at] + junk + GOOD[at + cut :], "x")
    except MapError as error:
        assert "expected" in str(error) or "TOML" in str(error)


def test_a_map_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    parsed = read(tmp_path, "t,s,p\n", "#" * 1_000_001)
    assert reasons(parsed)[0][0] == "the column map cannot be used"
