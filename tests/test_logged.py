"""Every line that a process logs for people has words in both languages; what machines read stays as it is."""

from __future__ import annotations

import ast
import io
import logging
import re
import sys
from pathlib import Path

import pytest

from standards import logged
from standards.errors import AirshedError
from streams.store.reasons import told_in

ROOT = Path(__file__).resolve().parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
FOR_MACHINES = {"dashboards/observing/traffic.py", "dashboards/observing/statements.py"}
"""The log of requests and that of slow statements: programs count their lines, in one form for all languages."""
BY_HAND = {"streams/sample/extract.py", "streams/registry/make_outlines.py"}
"""Commands of developers, which make files of the project anew."""
SAME = {"%s"}
PLACE = re.compile(r"%(?:\.\d+)?[a-z]")


def lines() -> set[str]:
    """Give what the code logs, as it stands there."""
    found = set()
    for folder in ("streams", "dashboards", "infra", "ml", "research/bench"):
        for path in (ROOT / folder).rglob("*.py"):
            if str(path.relative_to(ROOT)) in FOR_MACHINES | BY_HAND:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in LEVELS and _is_log(node.func.value):
                    assert isinstance(node.args[0], ast.Constant), (
                        f"{path}:{node.lineno} logs what no catalogue can hold"
                    )
                    found.add(node.args[0].value)
    return found - SAME


def hidden(source: str) -> list[int]:
    """Give the lines where a log is written so that no catalogue is held to it: by another name, a choice, or a number."""
    tree = ast.parse(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_log(node.value)
        and (node.attr == "log" or (node.attr in LEVELS and id(node) not in called))
    ]  # fmt: skip


def test_no_line_is_logged_by_another_way() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("streams", "dashboards", "infra", "ml")
        for path in (ROOT / folder).rglob("*.py")
        if str(path.relative_to(ROOT)) not in FOR_MACHINES
        for line in hidden(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_a_line_that_is_logged_by_another_way_is_found() -> None:
    source = '(LOG.error if x else LOG.info)("a")\ntell = _log.warning\nLOG.log(20, "a")\nLOG.info("a")'
    assert sorted(hidden(source)) == [1, 1, 2, 3]


def _is_log(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lower().strip("_") == "log"


def said(lang: str, line: str, *values: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logged.Told(lang, told_in))
    handler.handle(logging.LogRecord("streams.store", logging.ERROR, "", 0, line, values, None))
    return stream.getvalue()


def test_every_line_that_is_logged_stands_in_the_catalogue_and_no_other() -> None:
    assert len(lines()) > 35
    assert lines() == set(logged.catalogue())


def test_both_languages_have_the_same_places_in_the_same_order() -> None:
    for en, zh in logged.catalogue().items():
        assert PLACE.findall(en) == PLACE.findall(zh), en
        assert not re.search(r"%r|\{", zh), en


def test_chinese_lines_are_chinese_but_for_names() -> None:
    words = {word for zh in logged.catalogue().values() for word in re.findall(r"[A-Za-z]+", PLACE.sub("", zh))}
    assert words == {"Flink", "Java", "keys"}, "products, and the name of a file"


def test_a_line_and_the_reason_in_it_are_told_in_the_language_that_is_asked_for() -> None:
    line, values = "the store cannot be used (%s), it is waited for: %s", ("full", AirshedError("unknown column"))
    assert "数据库暂不可用（full），等待其恢复：不认识的列" in said("zh", line, *values)
    assert "the store cannot be used (full), it is waited for: unknown column" in said("en", line, *values)


def test_what_the_catalogue_lacks_stays_as_it_is() -> None:
    assert said("zh", "GET %s %d", "/", 200).endswith("streams.store: GET / 200\n")


@pytest.mark.parametrize(("asked", "lang"), [("zh_CN.UTF-8", "zh"), ("en_GB", "en"), ("fr", "zh"), ("", "zh")])
def test_the_language_is_that_of_the_environment(asked: str, lang: str) -> None:
    assert logged.language_of({"AIRSHED_LANG": asked}) == lang
    assert logged.language_of({}) == "zh"


def test_every_process_of_the_platform_begins_its_log_so() -> None:
    """basicConfig is left to what is run by hand, and to the child that hands its lines to the one that asked."""
    own = {
        str(path.relative_to(ROOT))
        for folder in ("streams", "dashboards", "infra", "ml")
        for path in (ROOT / folder).rglob("*.py")
        if "basicConfig(" in path.read_text(encoding="utf-8")
    }
    assert own == BY_HAND | {"streams/intake/child.py"}


def written(log, **exc) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logged.Told("zh"))
    record = logging.LogRecord("airshed.x", logging.WARNING, "x.py", 1, "%s came", (log,), exc.get("exc_info"))
    handler.emit(record)
    return stream.getvalue()


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[2J", "\u202e", "\u2028", "\x85", "\x00"])
def test_no_value_begins_a_line_of_its_own_or_gives_orders_to_a_terminal(sign):
    text = written(f"a{sign}2026-01-01 00:00:00,000 ERROR airshed: forged")
    assert text.count("\n") == 1 == len(text.splitlines()) and sign not in text[:-1]
    assert "forged" in text


def test_a_line_and_a_trace_are_of_bounded_length_and_keep_both_ends():
    text = written("begin" + "x" * 10**6 + "end")
    assert len(text) < 4_200 and "begin" in text and "end came" in text and "…(" in text
    try:
        raise ValueError("y" * 10**6 + "\x1b[2J the end")
    except ValueError:
        text = written("it", exc_info=sys.exc_info())
    assert len(text) < 25_000 and "Traceback" in text and "the end" in text and "\x1b" not in text


def test_a_password_is_hidden_before_a_line_is_cut():
    """Cut first, its beginning would stand there without the sign by which it is known."""
    for before in range(1900, 2100, 7):
        assert "secret" not in written("x" * before + " postgresql://me:secretsecret@host/db " + "x" * 4000)
