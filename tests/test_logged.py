"""Every line that a process logs for people has words in both languages; what machines read stays as it is."""

from __future__ import annotations

import ast
import io
import logging
import re
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
    for folder in ("streams", "dashboards", "infra", "ml"):
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
    assert words == {"Flink"}


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
