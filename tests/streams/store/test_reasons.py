"""Why a row was refused is told in the reader's language: every reason and every place of the code has its Chinese words."""

from __future__ import annotations

import re
import tomllib

import pytest

from streams.intake.units import contents
from streams.store.reasons import CATALOGUE, expected_in, position_in, reason_in, told_in
from tests.streams.store.said import places, reasons

ENTRIES = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["reason"]
CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES = {"applies_to", "7.csv", "meta.toml", "TFLAG", "WatchPoint"}
"""Places that are called by a name of the file's own."""


def test_every_reason_in_the_code_has_chinese_words():
    found = reasons()
    assert len({reason for reason, _ in found}) > 250
    assert [(reason, where) for reason, where in found if reason_in("zh", reason) == reason] == []


def test_reasons_are_found_wherever_the_code_says_them():
    found = {reason for reason, _ in reasons()}
    for reason in (
        "unknown column",  # an argument
        "its lowest level is far from the ground",
        "the run starts in the future",  # of a horizon
        "column is repeated",  # a variable called reason
        "the folder lies more than 64 folders deep",  # a name for one, from another module
        "no item has a column",  # in a tuple
        "not a wind speed",  # in a tuple that has a name
        "not a mixing ratio",  # of what a feed wants of its columns
        "another file has taken its place",  # of the system's errors
        "it is a pipe, and no file",  # in a table
        "not an annual emission",
        "particles have no mixing ratio",  # given back by why_not
        "the folder cannot be listed: X",
        "this hour comes twice in its zone",  # given back for an hour
        "X bytes, the header promises X",
        "the map has no code for this station",
        "the process that read it died (X)",
        "unshare: X",  # of the system's errors, in the pipeline
        "the file in the archive is damaged: its digest is another one",
    ):
        assert reason in found


def test_every_place_in_the_code_has_chinese_words():
    found = {place.replace("X", "7") for place, _ in places()}
    assert len(found) > 25
    assert {place for place in found if position_in("zh", place) == place} == NAMES


def test_every_entry_is_taken_for_its_own_reason_and_holds_all_that_it_names():
    assert len({each["en"] for each in ENTRIES}) == len(ENTRIES)
    for each in ENTRIES:
        gaps = [f"<{n}>" for n in range(each["en"].count("{}"))]
        said = reason_in("zh", each["en"].replace("{}", "%s") % tuple(gaps))
        assert said == each["zh"].format(*gaps), each
        assert CHINESE.search(each["zh"]) and all(gap in said for gap in gaps), each


def test_what_a_reason_names_stays_in_it():
    assert reason_in("zh", "the file is not complete: HDF error") == "文件不完整：HDF error"
    assert reason_in("zh", "unknown status") == "不认识的 status" and reason_in("zh", "unknown column") == "不认识的列"
    assert reason_in("en", "unknown column") == "unknown column"
    assert reason_in("zh", "never seen {} before") == "never seen {} before"
    assert reason_in("zh", "reading it failed: {0} {boom} \\1") == "读取失败：{0} {boom} \\1"


@pytest.mark.parametrize(
    ("reason", "zh"),
    [
        (
            "the file is not complete: 90 bytes, the header promises 200",
            "文件不完整：现有 90 字节，文件头写明应有 200 字节",
        ),
        ("the file cannot be read: Permission denied", "文件无法读取：没有权限"),
        ("the folder cannot be listed: Kein Zugriff", "无法列出文件夹：Kein Zugriff"),
        ("latitude in an unknown unit", "纬度的单位不认识"),
        ("no layout that we know: no latitude and no time", "不是已知的布局：没有纬度，也没有时间"),
        ("the monthly profile has no column sector", "月廓线没有部门列"),
        ("the name of the folder begins with _", "文件夹名以 _ 开头"),
        ("the grid moves in time", "格网随时间移动"),
        ("the grid moves along nf", "格网沿 nf 移动"),
        ("it cannot be unpacked: Bad CRC-32 for file 'a.csv'", "无法解压：校验和不符：'a.csv'"),
        ("more variables than one file may bring", "变量数超出单个文件的上限"),
        ("the process that read it died (signal 9)", "读取该文件的进程中止（信号 9）"),
    ],
)
def test_what_a_reason_names_by_a_word_is_told_in_words(reason, zh):
    assert reason_in("zh", reason) == zh


@pytest.mark.parametrize(
    ("reason", "zh"),
    [
        ("dimension lev is not understood", "无法理解维度 lev"),
        ("valid_range is not understood", "valid_range 无法理解"),
        ("its type is no number", "类型不是数值"),
        ("scale_factor is no number", "scale_factor 不是数"),
        ("unknown time label", "不认识的时次标注方式"),
        ("reading it failed: ValueError: x is no number", "读取失败：ValueError: x is no number"),
        ("cannot be read: KeyError: axis is not understood", "无法读取：KeyError: axis is not understood"),
        (
            "value beyond what pressure_pa can be, 3 of 70 values: these are missing",
            "数值超出 pressure_pa 的可能范围（70 个值中有 3 个）：按缺测处理",
        ),
        (
            "value beyond what pressure_pa can be, 60 of 70 values: its unit is not what it says",
            "数值超出 pressure_pa 的可能范围（70 个值中有 60 个）：实际单位与所写不符",
        ),
    ],
)
def test_the_more_exact_words_come_first(reason, zh):
    assert reason_in("zh", reason) == zh


def test_what_a_reason_says_was_expected_does_not_hide_it():
    assert reason_in("zh", "revision is 7, expected 0 to 3") == "修订号为 7，应为 0 至 3"


@pytest.mark.parametrize(
    ("place", "zh"),
    [
        ("line 17, station 1431A, column o3_ugm3", "第 17 行，站点 1431A，列 o3_ugm3"),
        ("lines 3 to 5", "第 3 至 5 行"),
        ("line 9 and what stands below", "第 9 行及以下各行"),
        ("row 4, station 君平街, o3", "第 4 行，站点 君平街，o3"),
        ("column 12, station number 3, no2", "列 12，第 3 个站点，no2"),
        ("column 12, station 3, no2", "列 12，站点 3，no2"),
        # Columns of a profile are called by months and hours: none of them is the twelfth in the file.
        ("line 2, column 12", "第 2 行，列 12"),
        ("line 2, column file", "第 2 行，列 file"),
        ("120 lines", "120 行"),
        ("column map", "列映射"),
        ("map uci-beijing", "列映射 uci-beijing"),
        ("dimension lev", "维度 lev"),
        ("dimensions ROW, COL", "维度 ROW，COL"),
        ("variables lat, lon", "变量 lat，lon"),
        ("variable time_bnds, step 3", "变量 time_bnds，第 3 个时次"),
        ("time step 3", "第 3 个时次"),
        ("global attribute run_init", "全局属性 run_init"),
        ("grid", "格网"),
        ("run start", "起报时刻"),
        ("file", "文件"),
        ("hour 2023-01-18T00:00Z", "时次 2023-01-18T00:00Z"),
        ("city CD, station 1431A, 1432A and 5 more", "城市 CD，站点 1431A，1432A 及另外 5 处"),
        ("line 3 and 4 more of this reason and hour", "第 3 行 及同时次同理由的另外 4 处"),
        ("WatchPoint", "WatchPoint"),
        ("my file of the grid", "my file of the grid"),
    ],
)
def test_places_are_told_in_words(place, zh):
    assert position_in("zh", place) == zh
    assert position_in("en", place) == place


@pytest.mark.parametrize(
    ("told", "zh"),
    [
        ("line 3, column 4: unknown column", "第 3 行，列 4：不认识的列"),
        ("a.csv: line 3: unknown column (and 7 more)", "a.csv：第 3 行：不认识的列（另有 7 处）"),
        ("station 5.csv: line 3: not a time", "station 5.csv：第 3 行：不是时间"),
        ("a.nc: file: the file is not complete: 9 bytes, the header promises 12",
         "a.nc：文件：文件不完整：现有 9 字节，文件头写明应有 12 字节"),
        ("variable O3: scale_factor is no number", "变量 O3：scale_factor 不是数"),
        ("a.nc: variable O3: scale_factor is no number", "a.nc：变量 O3：scale_factor 不是数"),
        ("dimension lev: dimension lev is not understood", "维度 lev：无法理解维度 lev"),
        ("line 4, station A: B, o3: not a concentration", "第 4 行，站点 A: B，o3：不是浓度值"),
        ("WatchPoint: several stations have this name", "WatchPoint：有多个站点叫此名"),
        ("a.csv: WatchPoint: several stations have this name", "a.csv：WatchPoint：有多个站点叫此名"),
        ("station: not a station code", "站点：不是站点编码"),
        ("a.csv: line 3 and 9 more: no such hour", "a.csv：第 3 行 及另外 9 处：没有这个时次"),
        # A file that is passed over has no place, only a reason.
        ("it is a pipe, and no file", "这是管道，不是文件"),
        ("x.fifo: it is a pipe, and no file", "x.fifo：这是管道，不是文件"),
        ("sub: the folder cannot be listed: Permission denied", "sub：无法列出文件夹：没有权限"),
        ("the folder cannot be listed: Permission denied", "无法列出文件夹：没有权限"),
        ("a.zip/b.csv: the file is locked by a password (and 2 more)", "a.zip/b.csv：文件有密码保护（另有 2 处）"),
        # What nobody knows stays as it is; a place is told all the same.
        ("line 3: never heard of: this", "第 3 行：never heard of: this"),
        ("a.csv: line 3: never heard of", "a.csv：第 3 行：never heard of"),
        ("never heard of: this", "never heard of: this"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_place_with_its_reason_is_told_in_words(told, zh):
    assert told_in("zh", told) == zh
    assert told_in("en", told) == told


def test_whatever_is_passed_over_in_a_folder_is_told_in_chinese():
    listed = [(name, "file") for name in ("a.csv.part", "_x.csv", "readme.md", "meta.toml", "map.toml")]
    listed += [(kind, kind) for kind in ("pipe", "socket", "device", "link to nothing", "link out", "folder")]
    aside = contents("/inbox", listed, inventory_above=False, deep=True).aside
    assert len(aside) == len(listed)
    assert [reason for reason in aside.values() if not CHINESE.search(told_in("zh", reason))] == []


def test_every_reason_is_told_behind_every_kind_of_place():
    where = sorted({place.replace("X", "7") for place, _ in places()} | {"line 4, station A: B, o3"})
    for n, reason in enumerate(sorted({re.sub(r"\bX\b", "x7", reason) for reason, _ in reasons()})):
        place = where[n % len(where)]
        zh = f"{position_in('zh', place)}：{reason_in('zh', reason)}"
        assert told_in("zh", f"{place}: {reason}") == zh
        assert told_in("zh", f"a b.csv: {place}: {reason} (and 2 more)") == f"a b.csv：{zh}（另有 2 处）"
        assert told_in("zh", f"a b.csv: {reason}") == f"a b.csv：{reason_in('zh', reason)}"
        assert told_in("zh", reason) == reason_in("zh", reason)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("said", [reason_in, expected_in, position_in, told_in])
@pytest.mark.parametrize("unsaid", [None, ""])
def test_what_a_feed_left_unsaid_is_an_empty_text(said, lang, unsaid):
    assert said(lang, unsaid) == ""
