"""The handbook has an entry for every message of severity, its page is current, and what it tells people to type exists."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
import typer

from infra.cli import app
from infra.handbook import severe
from infra.handbook.entries import PLACE, HandbookError, entries, find, find_part
from infra.handbook.page import PAGE, held, main, missing, page
from infra.messages import catalogue as messages
from streams.store.verifying import REST_S, ROUND_S

ENTRIES = entries()
OF_THE_SYSTEM = {
    "apt-get", "cd", "chmod", "chown", "curl", "cp", "date", "df", "du", "file", "free", "id", "iconv", "ls", "mkdir", "mount",
    "mv", "pg_isready", "psql", "ps", "readlink", "rm", "ss", "sqlite3", "tail", "timedatectl", "touch", "ulimit", "unset",
    "python3", "export", "head", "grep", "kill", "unzip", "sort",
}  # fmt: skip
"""Programs that a Linux has, or that a package has which the entry names."""


def commands() -> list[tuple[str, str]]:
    return [(entry.key, command) for entry in ENTRIES for command in entry.commands]


def test_every_message_of_severity_has_an_entry():
    assert missing() == {}, "add an entry under infra/handbook/entries, or list what tells of no fault in news.toml"


@pytest.mark.parametrize("name", ["messages", "lines", "reasons", "words", "errors"])
def test_no_entry_names_what_is_not_said(name):
    known = {
        "messages": severe.severe_messages, "lines": severe.severe_lines, "reasons": severe.severe_reasons,
        "words": severe.severe_words, "errors": severe.severe_errors,
    }[name]()  # fmt: skip
    assert held(name) - known == set()


@pytest.mark.parametrize("name", ["messages", "lines", "reasons", "words", "errors"])
def test_a_message_has_one_entry(name):
    said = [key for entry in ENTRIES for key in getattr(entry, name)]
    assert sorted({key for key in said if said.count(key) > 1}) == []


def test_what_refuses_a_command_is_no_news():
    assert len(severe.raised_messages()) > 8
    assert severe.raised_messages() - severe.severe_messages() == set()


def test_what_is_listed_as_news_is_said():
    assert [p for p in severe.news() if not any(severe.fnmatch.fnmatchcase(key, p) for key in messages())] == []


def test_the_rule_finds_what_is_logged_as_a_warning_or_worse():
    assert (
        "the engine stopped: %s" in severe.severe_lines() and "starting with a new state" not in severe.severe_lines()
    )
    assert "streams.store.refusals.StoreError" in severe.severe_errors()
    assert "mode.unreadable" in severe.severe_words() and "mode.live" not in severe.severe_words()


def test_the_page_in_docs_is_what_the_entries_give():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m infra.handbook"


def test_an_anchor_stands_once_on_the_page():
    anchors = re.findall(r'<a id="([^"]+)">', page())
    assert len(anchors) == len(set(anchors)) and {e.key for e in ENTRIES} <= set(anchors)


@pytest.mark.parametrize(("key", "command"), commands(), ids=lambda text: str(text)[:40])
def test_a_command_of_an_entry_exists(key, command):
    for part in re.split(r"\s*(?:\||&&|;)\s*", command):
        words = shlex.split(part)
        program = next(word for word in words if "=" not in word and word != "sudo")
        if program == "airshed":
            known_to_airshed(words[words.index("airshed") + 1 :])
        else:
            assert program in OF_THE_SYSTEM, program
            assert program not in ("df", "du", "ls", "ps") or shutil.which(program)


def known_to_airshed(words: list[str]) -> None:
    """Walk the names of commands and look up each option."""
    found = typer.main.get_command(app)
    options = {name for option in found.params for name in option.opts}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in options | {"--help"}, f"{word}: {sorted(options)}"
        elif word in getattr(found, "commands", {}):
            found = found.commands[word]
            options |= {name for option in found.params for name in (*option.opts, *option.secondary_opts)}
        elif getattr(found, "commands", None) and word.islower():
            raise AssertionError(f"no command {word}")


def test_a_command_that_is_gone_is_found():
    with pytest.raises(AssertionError, match="no command mend"):
        known_to_airshed(["mend"])
    with pytest.raises(AssertionError, match="--soon"):
        known_to_airshed(["stop", "--soon"])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_an_entry_names_what_leads_to_it_and_speaks_both_languages(entry):
    assert any((entry.messages, entry.lines, entry.reasons, entry.sentences, entry.words, entry.errors))
    assert set(entry.sentences) <= set(severe.sentences())
    for zh, en in zip(vars(entry.zh).values(), vars(entry.en).values(), strict=True):
        assert re.search("[\u4e00-\u9fff]", zh) and not re.search("[\u4e00-\u9fff]", en)


def test_an_entry_that_is_not_whole_is_refused_by_name(tmp_path):
    (tmp_path / "10_x.toml").write_text(
        'chapter = "x"\n[[entry]]\nkey = "a-b"\nzh = { title = "甲" }\n', encoding="utf-8"
    )
    with pytest.raises(HandbookError, match="a-b: zh needs each of"):
        entries(tmp_path)


PARTS = [
    ("/data/x cannot be written. Make room", "disk-full"),
    ("磁盘已满，无法写入 /数据/甲", "disk-full"),
    ("the disk is full, /data/a very long\n   path/x cannot be\nwritten.", "disk-full"),
    ("of the old store's table air_city_hour about 12", "store-damaged"),
    ("数据库 /数据/甲 属于其他程序", "store-damaged"),
    ("错误：数据库 /data/x.sqlite 属于其他程序，其中有 orders…请改用别的数据库", "store-damaged"),
    ("数据库", "machine-checked"),
]


BEFORE = (
    "", "错误：", "error: ", "warning: ", "拒绝：", "refused: ", "[  12.3 s] ", "2026-11-30 20:13:27,123 WARNING streams.store: ",
    "2026-11-30T20:13:27Z ERROR infra: ", "portal  | 2026-11-30 20:13:27,123 ERROR streams.store: ",
)  # fmt: skip
"""What a log, a terminal or a frame of ours writes before a sentence."""


@pytest.mark.parametrize("before", BEFORE)
def test_what_stands_before_a_sentence_leads_nowhere_else(before):
    assert find_part(f"{before}the disk is full, /data/x cannot be written").key == "disk-full"
    assert find_part(f"{before}磁盘已满，无法写入 /数据/甲").key == "disk-full"


def test_a_row_that_was_refused_leads_to_its_reason():
    for said in (
        "拒绝：a.csv，第 3 行：缺少必需的列（值 x，应为 o3）",
        "rejected: a.csv, line 3: a column is missing (value x, expected o3)",
    ):
        entry = find_part(said)
        assert "a column is missing" in entry.reasons, entry.key


def test_an_anchor_of_the_page_is_found_alone_and_behind_a_message():
    for entry in ENTRIES:
        for anchor in (entry.key, *entry.messages):
            assert find_part(anchor) == find_part(f"#{anchor}") == find_part(f"docs/handbook.md#{anchor}") == entry
    assert find_part("错误：没有这个词（怎么办：docs/handbook.md#disk-full）").key == "disk-full"


def test_a_pasted_line_that_begins_like_an_option_is_looked_up(capsys):
    assert main(["--find", "--x the disk is full, /data/x cannot be written"]) == 0
    assert "#disk-full" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "   ", "WARNING", "拒绝：", "[  12.3 s] "])
def test_a_question_without_a_sentence_is_answered_and_writes_nothing(text, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("infra.handbook.page.PAGE", tmp_path / "handbook.md")
    assert main(["--find", text]) == 1
    assert "handbook.md" in capsys.readouterr().out and not any(tmp_path.iterdir())


@pytest.mark.parametrize(("text", "key"), PARTS)
def test_a_part_of_a_sentence_with_its_values_finds_its_entry(text, key):
    assert find_part(text).key == key


def test_every_message_is_found_by_the_half_that_a_terminal_cut_off():
    """Filled with values and cut in the middle; where two messages share their words, the entry of either will do."""
    missed = []
    for entry in ENTRIES:
        for text in entry.texts():
            said = PLACE.sub("X7", text)
            half = said[: max(2 * len(said) // 3, 1)]
            if len(PLACE.sub("", text)) >= 40 and find_part(half) is None:
                missed.append(half)
    assert missed == []


def test_what_nobody_says_finds_nothing_and_says_so(capsys):
    assert find_part("everything is well today") is None
    assert main(["--find", "everything is well today"]) == 1
    assert "docs/handbook.md" in capsys.readouterr().out


def test_a_sentence_that_was_said_finds_its_entry():
    assert find("错误：磁盘已满，无法写入 /data/x。请腾出空间后重试").key == "disk-full"
    assert find("error: the disk is full, /data/x cannot be written. Make room and try again").key == "disk-full"
    assert find("everything is well") is None


def test_the_reading_in_the_background_is_said_to_rest_between_rounds():
    # That it rests so is held by tests/streams/store/test_verifying.py.
    assert (REST_S, ROUND_S) == (60.0, 3600.0)
    entry = next(each for each in ENTRIES if each.key == "segment-damaged")
    assert "歇一分钟到一小时" in entry.zh.means and "rests a minute to an hour" in entry.en.means
    assert not [each for each in ("不停", "over and over") if each in entry.zh.means + entry.en.means]
