"""Wrong use of any command is refused in our own words, and every command takes --lang and --help in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from infra import cli, helped
from infra.errors import explain
from infra.handbook.entries import find
from infra.messages import say_in

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh", "en")
CHINESE = re.compile("[\u4e00-\u9fff]")
APP = typer.main.get_command(cli.app)


def commands(command: Any = APP, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every command and every group with the words that lead to it."""
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, (*path, name))


ALL = dict(commands())
PASS_ON = {("test",), ("notebooks",)}
LEAVES = {path: each for path, each in ALL.items() if not getattr(each, "commands", {})}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("AIRSHED_STORE", "AIRSHED_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def refused(capsys, monkeypatch, lang: str, *arguments: str) -> str:
    """Give the one line with which arguments are refused; it begins and ends as every refusal, and is in the language."""
    monkeypatch.setenv("AIRSHED_LANG", lang)
    assert cli.main(arguments) == 2, arguments
    shown = capsys.readouterr()
    said = shown.err.strip()
    assert shown.out == "" and said.count("\n") == 0, said
    assert said.startswith(say_in(lang, "error", error="")), said
    assert said.endswith(say_in(lang, "see_handbook", entry="command-refused")), said
    assert bool(CHINESE.search(said)) is (lang == "zh"), said
    return said


def explained(command: Any, *arguments: str) -> str:
    """Give the words with which a command, made once for many questions, refuses arguments."""
    with pytest.raises(typer.TyperException) as raised:
        command(args=list(arguments), prog_name="airshed", standalone_mode=False)
    words, code = explain(raised.value)
    assert code == 2 and find(words).key == "command-refused", words
    return words


@pytest.fixture(params=LANGUAGES)
def spoken(request, monkeypatch) -> tuple[str, Any]:
    monkeypatch.setenv("AIRSHED_LANG", request.param)
    return request.param, helped.command_in(request.param, cli.app)


def test_an_option_that_no_command_has_is_refused_by_every_command(spoken) -> None:
    lang, command = spoken
    assert len(LEAVES) > 60
    for path in ALL.keys() - PASS_ON:
        called = " ".join(("airshed", *path))
        what = say_in(lang, "usage_no_option", command=called, name="--xyzzy")
        told = say_in(lang, "error", error=say_in(lang, "usage_error", what=what, command=called))
        assert explained(command, *path, "--xyzzy") == told


def test_a_missing_argument_is_named_by_every_command(spoken) -> None:
    lang, command = spoken
    wanting = {path: [each for each in leaf.params if each.required] for path, leaf in LEAVES.items()}
    wanting = {path: params for path, params in wanting.items() if params}
    assert len(wanting) > 30
    for path, params in wanting.items():
        first = params[0]
        name = first.opts[-1] if first.opts[0].startswith("-") else first.metavar or first.name
        said = explained(command, *path)
        assert say_in(lang, "usage_missing", name=name) in said and f"{' '.join(path)} --help" in said


def test_a_value_of_another_kind_is_refused_by_every_option(spoken) -> None:
    lang, command = spoken
    asked = 0
    for path, leaf in LEAVES.items():
        for option in leaf.params:
            kind = option.type_descriptor.annotation
            if option.opts[0].startswith("--") and kind in (int, float, list[int], list[float]):
                key = "usage_number" if kind in (float, list[float]) else "usage_integer"
                said = explained(command, *path, option.opts[0], "many")
                assert say_in(lang, key, value="'many'") in said and option.opts[0] in said
                said = explained(command, *path, option.opts[0])
                assert say_in(lang, "usage_no_value", name=option.opts[0]) in said
                assert f"{' '.join(path)} --help" in said
                asked += 1
    assert asked > 8


def test_every_command_takes_the_language_behind_it(spoken) -> None:
    lang, command = spoken
    for path in ALL.keys() - {("publications", "export")}:  # there it is the language of what is written
        said = explained(command, *path, "--lang", "fr")
        assert say_in(lang, "usage_one_of", value="'fr'", expected="zh, en") in said, path


def test_every_command_tells_of_itself(spoken, capsys) -> None:
    lang, command = spoken
    for path in ALL:
        command(args=[*path, "--help"], prog_name="airshed", standalone_mode=False)
        said = " ".join(capsys.readouterr().out.replace("│", " ").split())
        assert " ".join(helped.in_words(lang, ALL[path].help).split())[:60] in said, said
        if lang == "zh":
            assert "用法： airshed" in said and "选项" in said
            assert not re.search(r"Usage|Options|Arguments|Commands|required|default:", said), said
        else:
            assert "Usage: airshed" in said and "Options" in said and not CHINESE.search(said), said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_else_typer_refuses_is_said_in_our_words(capsys, monkeypatch, tmp_path, lang) -> None:
    file, gone = tmp_path / "文件 a.csv", tmp_path / "gone"
    file.write_text("", encoding="utf-8")
    for arguments, key, values in (
        (("chekc",), "usage_no_command", {"command": "airshed", "name": "chekc"}),
        (("store", "paht"), "usage_no_command", {"command": "airshed store", "name": "paht"}),
        (("check", "one", "two"), "usage_too_many", {"what": "one two"}),
        (("check", "--json=1"), "usage_takes_no_value", {"name": "--json"}),
        (("up", "--port", "0"), "usage_at_least", {"value": "'0'", "limit": 1}),
        (("up", "--port", "70000"), "usage_at_most", {"value": "'70000'", "limit": 65535}),
        (("ingest", str(gone)), "usage_not_there", {"path": gone}),
        (("map", str(tmp_path)), "usage_a_folder", {"path": tmp_path}),
        (("--lang", "fr", "check"), "usage_one_of", {"value": "'fr'", "expected": "zh, en"}),
    ):
        said = refused(capsys, monkeypatch, lang, *arguments)
        assert say_in(lang, key, **values) in said, arguments
    assert say_in(lang, "usage_near", names="check") in refused(capsys, monkeypatch, lang, "chekc")
    assert say_in(lang, "usage_near", names="--port") in refused(capsys, monkeypatch, lang, "doctor", "--prot", "1")


def test_no_command_refuses_a_value_in_words_that_stand_in_no_catalogue() -> None:
    found = []
    for path in sorted((ROOT / "infra").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", getattr(node.func, "id", "")) == "BadParameter"
            ):
                found.append(path.name)
    assert found == ["usage.py"], "raise infra.usage.wrong(option, key, ...)"


def test_a_password_among_arguments_that_are_too_many_is_not_repeated(capsys, monkeypatch) -> None:
    said = refused(capsys, monkeypatch, "en", "store", "path", "postgresql://air:s3cr:et@host/air")
    assert "s3cr" not in said and "***" in said


@pytest.mark.parametrize("arguments", [("--lang", "en", "status"), ("status", "--lang", "en"), ("status", "--lang=en")])
def test_the_language_is_taken_before_the_command_and_after_it(capsys, monkeypatch, arguments) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert cli.main(arguments) == 1
    assert capsys.readouterr().err.startswith("the platform is not running")


@pytest.mark.parametrize("arguments", [("check", "--xyzzy", "--lang", "en"), ("no-such", "--lang=en")])
def test_a_refusal_is_in_the_language_that_is_asked_for_behind_it(capsys, monkeypatch, arguments) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: airshed")


def test_what_stands_behind_two_hyphens_is_of_another_program(monkeypatch) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert helped.language_for(["test", "--", "--lang", "en"]) == "zh"


def test_details_are_shown_where_they_are_asked_for_behind_the_command(capsys, monkeypatch) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setenv("AIRSHED_DEBUG", "")
    monkeypatch.setattr("infra.commands.store.choose_store", lambda *_: 1 / 0)
    assert cli.main(["store", "path", "--debug"]) == 70
    assert "Traceback" in capsys.readouterr().err
