"""Every message that code or tests ask for by name is in the catalogue, in both languages."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.messages import LANGUAGES, catalogue, say

ROOT = Path(__file__).resolve().parents[2]
SAYERS = {"say": 0, "tell": 0, "say_in": 1, "wrong": 1}
"""What asks for a message, and which of its arguments is the key."""


def sources() -> Iterator[Path]:
    for folder in ("infra", "tests"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def asked(source: str) -> set[str]:
    """Give the keys for which a source asks by name; one that is put together stands with * for what is put in."""
    tree, found = ast.parse(source), set()
    if not _knows_messages(tree):
        return found
    for node in ast.walk(tree):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if name.strip("_") in SAYERS and len(node.args) > SAYERS[name.strip("_")]:
            found |= set(_keys(node.args[SAYERS[name.strip("_")]]))
    return found


def _knows_messages(tree: ast.AST) -> bool:
    """Tell whether a source has its say from the catalogue, or hands on what tells."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("infra.messages", "infra.supervisor", "infra.usage"):
            return True
    return False


def _keys(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*_keys(node.body), *_keys(node.orelse))


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_message_that_is_asked_for_is_there(path):
    keys = asked(path.read_text(encoding="utf-8"))
    assert sorted(key for key in keys if not fnmatch.filter(catalogue(), key)) == []


def test_there_is_something_to_hold():
    assert len(set().union(*(asked(path.read_text(encoding="utf-8")) for path in sources()))) > 200


def test_every_message_is_said_in_both_languages():
    assert [key for key, said in catalogue().items() if set(said) != set(LANGUAGES)] == []


def test_a_message_that_is_not_there_is_found():
    source = (
        'from infra.messages import say\nsay("gone")\nself.tell("lost", x=1)\nsay("a" if x else "b")\nsay(f"c_{x}")'
    )
    assert asked(source) == {"gone", "lost", "a", "b", "c_*"}
    with pytest.raises(KeyError):
        say(min(asked(source) - set(catalogue())))
