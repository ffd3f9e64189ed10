"""The sentences with which the research bench refuses, read from its source: {} stands for what a sentence names.

A choice between two texts inside a sentence makes two of it; a name for a text is followed inside its module.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("standards", "streams", "ml", "research", "dashboards", "infra")
ROOMS = ("research/ozone", "research/receptor", "research/chemistry", "research/bench", "standards/laboratory",
         "streams/registry")  # fmt: skip
"""Here every sentence that is raised counts, whatever its class."""
SEEN_THROUGH = ("standards/voc/species.py",)
"""What is raised here is said again by those rooms in their own class."""
CLASSES = ("OzoneError", "ReceptorError", "BenchError")
"""These count wherever they are raised."""
BARE = set(" :,;{}")
"""A sentence of these alone says nothing of itself: it hands on that of another."""

GLUED = re.compile(r"^\{\}(?=[{\w])")


def sentences() -> dict[str, str]:
    """Give each sentence and where it stands."""
    found: dict[str, str] = {}
    for path in (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))):
        name = path.relative_to(ROOT).as_posix()
        every = name.startswith(tuple(f"{room}/" for room in ROOMS)) or name in SEEN_THROUGH
        for line, text in raised(path.read_text(encoding="utf-8"), every=every):
            found.setdefault(text, f"{name}:{line}")
    return found


def written() -> set[str]:
    """Give every text of those rooms, and of what the settings of the bench expect."""
    rooms = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (*rooms, ROOT / "streams/store/bench_kinds.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.Constant)]
    return {text.removeprefix("{}: ") for node in nodes for text in texts(node, {})}


def raised(source: str, *, every: bool) -> Iterator[tuple[int, str]]:
    """Give the line and the text of what a module raises: of the classes above, or of every class."""
    tree = ast.parse(source)
    outside = dict(_named(tree.body))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = outside | dict(_named(list(ast.walk(function))))
        for node in ast.walk(function):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                counts = every or _name(node.exc.func) in CLASSES
                found = map(_unnamed, texts(node.exc.args[0], names)) if counts else ()
                yield from ((node.lineno, text) for text in found if set(text) - BARE)


def _unnamed(text: str) -> str:
    """Leave out a name before a sentence that brings its own ": " or is empty; it is told apart."""
    return GLUED.sub("", text)


def texts(node: ast.expr, names: dict[str, ast.expr]) -> list[str]:
    """Give the texts that an expression can be; one gap where it is not written in the source."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(each) for each in itertools.product(*(texts(part, names) for part in node.values))]
    if isinstance(node, ast.FormattedValue):
        # "a, b or none" is a list: what stands for an empty one is a word of the catalogue.
        return ["{}"] if node.conversion != -1 or isinstance(node.value, ast.BoolOp) else texts(node.value, names)
    if isinstance(node, ast.IfExp) and _is_text(node):
        return [*texts(node.body, names), *texts(node.orelse, names)]
    if isinstance(node, ast.BoolOp) and _is_text(node):
        return [text for value in node.values for text in texts(value, names)]
    if isinstance(node, ast.Name) and node.id in names:
        return texts(names[node.id], {name: value for name, value in names.items() if name != node.id})
    return ["{}"]


def _named(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_text(node.value):
            yield node.targets[0].id, node.value


def _is_text(node: ast.expr) -> bool:
    """Tell whether an expression is a text of words, written in the source."""
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    if isinstance(node, ast.BoolOp):
        return _is_text(node.values[-1])
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
