"""What was expected of a refused row is told in the reader's language, for all that the code says."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.store.reasons import EXPECTED, expected_in, reason_in

STREAMS = Path(__file__).resolve().parents[3] / "streams"
ENTRIES = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["expected"]
CALLS = {"reject": 3, "refuse": 3, "Unusable": 3, "Rejected": 4, "wrong": 2}
"""What is called with what was expected, and which of its arguments this is."""
NAMES_ALONE = ("TOML", "label = X", "(X, 2)", "X (X: X)")
"""What stands as it is in both languages."""


def expectations() -> Iterator[str]:
    """Give what the code says it expected, X for what it names: arguments of calls, and constants that are called so."""
    for path in sorted(STREAMS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for value in _of(node):
                text = _text(value)
                if text and text.strip("X ,") and "expected" not in text:
                    yield text


def _of(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        at = CALLS.get(name, len(node.args))
        yield from node.args[at : at + 1]
        yield from (key.value for key in node.keywords if key.arg == "expected" and name in CALLS)
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").endswith(
        ("EXPECTED", "CONCENTRATION", "expected")
    ):
        yield node.value
    elif isinstance(node, ast.Dict):  # a table of column: (reason, what is expected)
        yield from (each.elts[1] for each in node.values if isinstance(each, ast.Tuple) and _is_told(each))


def _is_told(pair: ast.Tuple) -> bool:
    return len(pair.elts) == 2 and (_text(pair.elts[0]) or "").startswith("not a")


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    return None


def test_all_that_the_code_expects_has_chinese_words() -> None:
    found = set(expectations())
    assert len(found) > 120
    assert {text for text in found if expected_in("zh", text) == text} - {*NAMES_ALONE} == set()


def test_nothing_is_told_half_in_english() -> None:
    ours = {word for each in ENTRIES for word in re.findall(r"[a-z]{4,}", each["zh"])}
    told = {text: expected_in("zh", text) for text in expectations()}
    left = {text: rest for text, zh in told.items() if zh != text and (rest := {*re.findall(r"[a-z]{4,}", zh)} - ours)}
    assert left == {}


def test_every_entry_is_taken_for_its_own_text_and_holds_all_that_it_names() -> None:
    assert len({each["en"] for each in ENTRIES}) == len(ENTRIES)
    for each in ENTRIES:
        gaps = [f"<{n}>" for n in range(each["en"].count("{}"))]
        said = expected_in("zh", each["en"].replace("{}", "%s") % tuple(gaps) if gaps else each["en"])
        assert said == each["zh"].format(*gaps) and all(gap in said for gap in gaps), each


@pytest.mark.parametrize(
    ("expected", "zh"),
    [
        ("a number from 0 to 100000, or nothing where it is missing", "0 至 100000 的数，缺测处留空"),
        ("one of A, B or C", "A, B 或 C 之一"),
        ("0 to 360 degrees", "0 至 360 度"),
        ("whatever {this} is", "whatever {this} is"),
        ("one of the layouts voc-csv, cnemc-wide", "以下格式之一：voc-csv, cnemc-wide"),
        (
            "one of the layouts voc-csv; of archives .zip, .gz, .tar and .tgz are opened",
            "以下格式之一：voc-csv；压缩文件只打开 .zip、.gz、.tar 和 .tgz",
        ),
    ],
)
def test_what_was_expected_is_told_in_words(expected, zh) -> None:
    assert expected_in("zh", expected) == zh
    assert expected_in("en", expected) == expected


def test_a_reason_that_says_what_it_expected_says_all_in_one_language() -> None:
    assert reason_in("zh", "broken header, expected a full hour") == "表头残缺，应为 整点"
