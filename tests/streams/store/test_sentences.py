"""What the research bench refuses is told in the reader's language: the code's sentences and the catalogue's are the same."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tomllib
from pathlib import Path

import pytest

from infra.errors import explain
from research.bench.of_source_ozone import WHY_APART
from research.ozone.days import LeftOut, briefly
from research.ozone.errors import OzoneError
from research.ozone.factor_files import factors_from_files
from research.ozone.lumping import lumping
from research.ozone.regime import sign_of_peroxide, sign_of_radicals
from research.receptor.refusals import ReceptorError
from research.receptor.uncertainty import own_uncertainty
from streams.store.bench_kinds import question_of
from streams.store.bench_results import BenchError
from streams.store.reasons import told_in
from streams.store.sentences import CATALOGUE
from tests.streams.store.sentences import raised, sentences, written

FOUND = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
SENTENCES, RESULTS, PARTS = FOUND["sentence"], FOUND["result"], FOUND["part"]
GAP = re.compile(r"\{\d?\}")


def test_every_refusal_of_the_bench_has_its_chinese_and_no_other_stands_there():
    here, there = sentences(), {each["en"] for each in SENTENCES}
    assert len(here) > 200
    assert {text: where for text, where in here.items() if text not in there} == {}
    assert there - set(here) == set()


def test_every_part_and_what_results_say_is_written_in_the_code():
    assert {each["en"] for each in (*RESULTS, *PARTS)} - written() == set()


def test_an_entry_stands_once_and_names_as_much_in_both_languages():
    for entries in (SENTENCES, RESULTS, PARTS):
        assert len({each["en"] for each in entries}) == len(entries)
    for each in (*SENTENCES, *RESULTS, *PARTS):
        gaps = [f"<{n}>" for n in range(each["en"].count("{}"))]
        assert len(GAP.findall(each["zh"])) == len(gaps), each
        assert all(gap in each["zh"].format(*gaps) for gap in gaps), each
        assert re.search("[\u4e00-\u9fff]", each["zh"]), each


@pytest.mark.parametrize("gap", ["x{}y", "'A-{}'", "{}.5"])
def test_every_sentence_is_taken_for_itself(gap):
    for each in (*SENTENCES, *RESULTS):
        gaps = [gap.format(n) for n in range(each["en"].count("{}"))]
        said = "".join(itertools.chain(*itertools.zip_longest(each["en"].split("{}"), gaps, fillvalue="")))
        assert told_in("zh", said) == each["zh"].format(*gaps), each
        assert told_in("en", said) == said


# The walk must be able to fail: what it has to find, as people write it.
@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ('raise OzoneError(f"{a}: no {b!r}")', {"{}: no {}"}),
        ('raise receptor.ReceptorError("no " f"{a}")', {"no {}"}),
        ("raise OzoneError(f\"{n} {'hour' if n == 1 else 'hours'}\")", {"{} hour", "{} hours"}),
        ('why = "none" if a else f"{a} lacks"\n    raise OzoneError(f"{a}: {why}")', {"{}: none", "{}: {} lacks"}),
        ('why = b or "all gone"\n    raise OzoneError(f"{a}: {why}")', {"{}: all gone"}),
        ("raise OzoneError(f\"{', '.join(a) or 'none'} missing\")", {"{} missing"}),
        ('raise OzoneError(f"{a}: {error}")', set()),
        ('raise OzoneError(f"{where}row {n} is bad")', {"row {} is bad"}),
        ('raise ValueError(f"{a} is wrong")', set()),
    ],
)
def test_the_walk_finds_what_is_raised(body, texts):
    assert {text for _, text in raised(f"def f(a):\n    {body}", every=False)} == texts


def _raised(call, kind) -> Exception:
    with pytest.raises(kind) as found:
        call()
    return found.value


def _refusals(folder: Path) -> list[tuple[Exception, str]]:
    profiles, hours = folder / "profiles.csv", folder / "hours.csv"
    profiles.write_text("compound,traffic\ntoluene_ppb,much\n", encoding="utf-8")
    hours.write_text("hour_end,traffic\n", encoding="utf-8")
    return [
        (_raised(lambda: factors_from_files(profiles, hours), OzoneError), "profiles.csv，第 2 行写的是 much，应为数"),
        (_raised(lambda: lumping([]), OzoneError), "组分为无，应有机理中有对应物种的组分"),
        (
            _raised(lambda: question_of("receptor", "S1", "2026-07-01", "2026-07-02", {"factors": 90}), BenchError),
            "receptor 的设置 factors 为 '90'，应为 2 至 12 的整数",
        ),
        (
            _raised(lambda: own_uncertainty("x +", 1.0, 1.0, 1.0), ReceptorError),
            "公式 'x +' 无法读取，应如 0.1 * x + 0.5 * limit",
        ),
    ]


def test_real_refusals_are_told_at_the_shell_in_the_language_asked_for(tmp_path, monkeypatch):
    for error, zh in _refusals(tmp_path):
        monkeypatch.setenv("AIRSHED_LANG", "zh")
        assert explain(error) == (f"错误：{zh}", 1)
        monkeypatch.setenv("AIRSHED_LANG", "en")
        assert explain(error)[0].endswith(str(error))


@pytest.mark.parametrize(
    ("told", "zh"),
    [
        ("CDC: days are 2024-07-03 to 2024-07-01, expected the first before the last",
         "CDC：日期为 2024-07-03 至 2024-07-01，应为首日不晚于末日"),
        ("CDC: limit of toluene [ppb] is 3e+04 at 2024-07-03T08:00+08:00, expected 0 to 1000",
         "CDC：toluene 的检出限 [ppb] 在 2024-07-03T08:00+08:00 为 3e+04，应为 0 至 1000"),
        (
            "a.csv, line 3, column toluene_ppb is 'x', expected a number of 0 or more",
            "a.csv，第 3 行，列 toluene_ppb 写的是 'x'，应为不小于零的数",
        ),
        (
            "con.csv: row 4 (2026-06-01 08:00), SO4: uncertainty is missing beside a concentration, expected a number above 0; "
            "2 such values",
            "con.csv：第 4 行（2026-06-01 08:00），SO4：有浓度而缺不确定度，应为大于零的数；此类值共 2 个",
        ),
        ("con.csv: uncertainties are 3 × 4, expected 3 samples × 5 species", "con.csv：不确定度为 3 × 4，应为 3 个样品 × 5 个物种"),
        ("1 sample to model, expected two at least", "有 1 个样品参与建模，应至少两个"),
        ("the table a.csv cannot be read: Permission denied", "表 a.csv 无法读取：没有权限"),
        (
            "a fault of the program: ValueError: mechanism is 'x', expected one of a, b",
            "程序错误：ValueError：机理为 'x'，应为 a, b 之一",
        ),
        ("a fault of the program: KeyError: 'x'", "程序错误：KeyError: 'x'"),
    ],
)  # fmt: skip
def test_what_a_sentence_names_is_told_in_it(told, zh):
    assert told_in("zh", told) == zh
    assert told_in("en", told) == told


def test_signs_say_in_both_languages_what_they_were_read_by():
    signs = [sign_of_radicals(0.7), sign_of_peroxide(0.3)]
    assert [told_in("zh", each.what) for each in signs] == ["以 NOx 终止的自由基份额", "生成速率之比，P(H₂O₂)/P(HNO₃)"]
    assert told_in("zh", "ppbC per ppb, 6 to 9 o'clock, NOx by NO2 alone") == "6 至 9 时 ppbC 与 ppb 之比，NOx 取仅 NO₂"
    assert told_in("zh", WHY_APART) == "因子对应哪些行业须由人指定：归因结果按其自身行业并列"


def test_days_that_are_left_out_are_told_in_the_sentence_that_lists_them():
    left = (
        LeftOut("CDC", dt.date(2024, 7, 3), "no2_ppb", 0, ""),
        LeftOut("CDC", dt.date(2024, 7, 4), "o3_ppb", 7, "2024-07-03T20:00Z"),
    )
    assert told_in("zh", f"CDC: no day can be computed (without values: {briefly(left)})") == (
        "CDC：没有可计算的日子（缺少数值：07-03 no2_ppb 24 h; 07-04 o3_ppb 7 h）"
    )
