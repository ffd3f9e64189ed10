"""Whatever --help says of a command or an option is said in Chinese and in English."""

from __future__ import annotations

import re

import pytest

from infra import cli, helped

VALUES = re.compile(r"\[[^\]]*\]|[A-Z_]{4,}|\.[a-z_]+|--[a-z-]+")
LATIN = re.compile(r"[a-z]{4,}")


def all_texts() -> list[tuple[str, str | None]]:
    command = helped.command_in("en", cli.app)
    return [(str(each.name), each.help) for each in helped.texts(command)]


def test_every_command_and_every_option_has_a_text() -> None:
    assert len(all_texts()) > 300
    assert [name for name, text in all_texts() if not text] == []


def test_every_text_has_its_chinese_and_no_other_stands_in_the_catalogue() -> None:
    asked = {text for _, text in all_texts()} | set(helped._ENGLISH.values()) | {helped.USAGE}
    assert sorted(asked - set(helped.catalogue())) == []
    assert sorted(set(helped.catalogue()) - asked) == []


def test_both_languages_name_the_same_variables_files_and_options() -> None:
    for en, zh in helped.catalogue().items():
        named = [each for each in VALUES.findall(en) if not each.startswith("[")]
        assert [each for each in named if each not in zh] == [], en
        assert en.count("[") == zh.count("["), en
        assert not LATIN.fullmatch(zh), en


@pytest.mark.parametrize("command", ["check", "rebuild", "backup", "restore", "retract", "dependencies", "up", "store"])
def test_a_command_tells_of_itself_in_the_language_asked_for(command, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for language, title, shown in (("zh", "选项", "显示此帮助后退出"), ("en", "Options", "Show this message and exit")):
        monkeypatch.setenv("AIRSHED_LANG", language)
        assert cli.main([command, "--help"]) == 0
        said = capsys.readouterr().out
        assert title in said and shown in said and (("数据" in said or "软件" in said) is (language == "zh"))


def test_an_option_before_the_command_decides(monkeypatch) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert helped.language_for(["--lang", "en", "check"]) == helped.language_for(["--lang=en"]) == "en"
    assert helped.language_for(["check"]) == helped.language_for(["--lang", "fr"]) == "zh"
