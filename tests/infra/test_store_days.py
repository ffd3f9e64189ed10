"""`airshed store days` says why rows were refused, and ends with 1 where nothing of a file was of use."""

from __future__ import annotations

import pytest

from infra import cli

DAY = "成都,2016-12-02,236,216~256,重度污染,215.1,311.4,39.4,1.95,117.8,68,92\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert cli.main(["store", "upgrade"]) == 0

    def days(text: str, lang: str = "zh") -> tuple[int, str]:
        monkeypatch.setenv("AIRSHED_LANG", lang)
        path = tmp_path / "README.md"
        path.write_text(text, encoding="utf-8")
        capsys.readouterr()
        code = cli.main(["store", "days", str(path)])
        return code, "".join(capsys.readouterr())

    return days


def test_a_file_of_another_kind_is_refused_with_its_reason_and_what_was_expected(run):
    code, said = run("# 说明\n\n一句话\n")
    assert code == 1 and "不认识的文件布局 (1)" in said and "含 city 与 date 的表头" in said
    code, said = run("# a title\n\na sentence\n", "en")
    assert code == 1 and "the layout is not recognised (1)" in said and "a header with city and date" in said


def test_of_a_file_with_one_good_day_the_others_are_told_and_it_ends_well(run):
    code, said = run(DAY + "成都,2016-12-03\n")
    assert code == 0 and "收 1" in said and "第 2 行" in said and "列数不足" in said and "至少 11 列" in said
