"""Why a row was refused is told in the reader's language: every reason of the code has its Chinese words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from streams.store.reasons import position_in, reason_in

ROOT = Path(__file__).resolve().parents[3]
CALLS = ("reject", "refuse", "Unusable", "Aside")
"""What is called with a position or path and a reason."""


def reasons() -> Iterator[tuple[str, str]]:
    """Give each reason that stands in the code as text, with X for what it names, and where."""
    for path in sorted((ROOT / "streams").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) >= 2 and _name(node.func) in CALLS:
                for text in _texts(node.args[1]):
                    yield text, f"{path.name}:{node.lineno}"


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def test_every_reason_in_the_code_has_chinese_words():
    found = list(reasons())
    assert len(found) > 50
    assert [(reason, where) for reason, where in found if reason_in("zh", reason) == reason] == []


def test_what_a_reason_names_stays_in_it():
    assert reason_in("zh", "the file is not complete: HDF error") == "文件不完整：HDF error"
    assert reason_in("zh", "unknown status") == "不认识的 status" and reason_in("zh", "unknown column") == "不认识的列"
    assert reason_in("en", "unknown column") == "unknown column"
    assert reason_in("zh", "never seen {} before") == "never seen {} before"


def test_places_are_told_in_words():
    assert position_in("zh", "line 17, station 1431A, column o3_ugm3") == "第 17 行，站点 1431A，列 o3_ugm3"
    assert position_in("zh", "lines 3 to 5") == "第 3 至 5 行" and position_in("zh", "file") == "文件"
    assert position_in("en", "line 17") == "line 17"
