"""What the code says of files and rows that it does not take, read from its source: each reason and each place in a file.

X stands for what a text names. A reason is the argument of a call, a variable called `reason`, what a function gives back that
tells why, or a name for one of these; tables of reasons are imported.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from streams.intake.ground import WHY_NOT
from streams.sources.emissions.lines import _TOLD

STREAMS = Path(__file__).resolve().parents[3] / "streams"
CALLS = {
    "reject": (0, 1), "refuse": (0, 1), "note": (0, 1), "Unusable": (0, 1), "Rejected": (1, 2), "Aside": (None, 1),
    "lose": (1, 2), "_lose": (1, 2), "_refuse": (None, 2), "_complain": (None, 1), "Horizon": (None, 1),
    "ArchiveError": (None, 1), "RefusedError": (None, 0), "UnsafeNameError": (None, 0), "RecordError": (None, 0),
    "ScorerFailed": (None, 0), "OSError": (None, 1),
}  # fmt: skip
"""What is called with a place and a reason, and which of its arguments these are."""
TOLD = ("reject_cells", "reject_all")
"""What is called with a tuple in which a reason stands; such a tuple may also be called `told`."""
TELLS = re.compile(r"_?why\w*|unlistable|unreadable|fault|_hdf5_end|_classic_end|hour_end|_placed|_hour|hour")
"""Functions that give back a reason: also those that read an hour, or say why it is none."""
WITHIN = ("codes_by_name", "_DiedError")
"""Functions and classes that hold reasons in another way: each of their texts of several words is one, but the first."""
WANTED = ("twice", "wrong", "none")
"""Keywords of what a feed wants of its columns (`Wanted`) that are reasons."""
ALL_GAP = re.compile(r"(X|\W|is|are)*")
"""Texts that say nothing of themselves."""


@cache
def reasons() -> tuple[tuple[str, str], ...]:
    """Give each reason, and where it stands."""
    return tuple(_all_reasons())


@cache
def places() -> tuple[tuple[str, str], ...]:
    """Give each place, and where it stands."""
    return tuple(_all_places())


def _all_reasons() -> Iterator[tuple[str, str]]:
    for module in _modules():
        for node in ast.walk(module.tree):
            for value in _reasons_at(node):
                texts = (_reason(text) for text in module.texts(value))
                yield from ((text, module.at(value)) for text in texts if not ALL_GAP.fullmatch(text))
    yield from ((reason, "WHY_NOT") for reason in WHY_NOT.values())
    yield from ((reason, "_TOLD") for reason, _ in _TOLD.values())


def _all_places() -> Iterator[tuple[str, str]]:
    for module in _modules():
        for node in ast.walk(module.tree):
            for value in [*_argument(node, 0, "position"), *_assigned(node, "position")]:
                yield from ((text, module.at(value)) for text in module.texts(value))


class _Module:
    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(STREAMS).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.constants: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self.constants |= dict(_pairs(target, node.value))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("streams."):
                names = [each.name for each in node.names if each.name.isupper()]
                its = importlib.import_module(node.module) if names else None
                self.constants |= {name: ast.Constant(getattr(its, name)) for name in names}

    def at(self, node: ast.expr) -> str:
        return f"{self.name}:{node.lineno}"

    def texts(self, node: ast.expr) -> Iterator[str]:
        """Give the texts that an expression can be."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.IfExp):
            yield from (*self.texts(node.body), *self.texts(node.orelse))
        elif isinstance(node, ast.BoolOp):
            yield from (text for value in node.values for text in self.texts(value))
        elif isinstance(node, ast.Subscript):
            yield from self.texts(node.value)
        elif isinstance(node, ast.Name) and node.id.isupper() and node.id in self.constants:
            yield from self.texts(self.constants[node.id])


@cache
def _modules() -> tuple[_Module, ...]:
    return tuple(map(_Module, sorted(STREAMS.rglob("*.py"))))


def _reasons_at(node: ast.AST) -> Iterator[ast.expr]:
    yield from _argument(node, 1, "reason")
    yield from _assigned(node, "reason")
    yield from _in_tuples(node)
    if isinstance(node, ast.Call) and _name(node.func) == "Wanted":
        yield from (each.value for each in node.keywords if each.arg in WANTED)
    if isinstance(node, ast.Call) and _name(node.func) == "OSError" and node.args:
        yield node.args[0]  # or the second one, behind a number
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in WITHIN:
        yield from (each for each in _inside(node) if isinstance(each, ast.Constant) and " " in str(each.value))
        yield from (each for each in _inside(node) if isinstance(each, ast.JoinedStr))
    if isinstance(node, ast.FunctionDef) and TELLS.fullmatch(node.name):
        given = (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None)
        yield from (value.elts[0] if isinstance(value, ast.Tuple) else value for value in given)


def _in_tuples(node: ast.AST) -> Iterator[ast.expr]:
    triples = (each for each in _assigned(node, "told") if isinstance(each, ast.Tuple) and len(each.elts) == 3)
    yield from (each.elts[1] for each in triples if not isinstance(each.elts[2], ast.Starred))
    if isinstance(node, ast.Call):
        tuples = [each for each in node.args if isinstance(each, ast.Tuple)]
        if _name(node.func) in TOLD:
            yield from (each.elts[-2] for each in tuples)
        if _name(node.func) == "append" and "aside" in ast.dump(node.func):
            yield from (each.elts[1] for each in tuples)


def _inside(node: ast.FunctionDef | ast.ClassDef) -> Iterator[ast.AST]:
    """Give what a function or class is made of, without its description and without the parts of texts."""
    waiting = list(node.body[1:])
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [] if isinstance(each, ast.JoinedStr) else ast.iter_child_nodes(each)


def _argument(node: ast.AST, which: int, keyword: str) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and _name(node.func) in CALLS:
        at = CALLS[_name(node.func)][which]
        yield from (each.value for each in node.keywords if each.arg == keyword)
        if at is not None and len(node.args) > at:
            yield node.args[at]


def _assigned(node: ast.AST, name: str) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        yield from (value for target in node.targets for given, value in _pairs(target, node.value) if given == name)
    if isinstance(node, ast.NamedExpr) and node.target.id == name:
        yield node.value


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, its)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _reason(text: str) -> str:
    """Leave out what a record says it expected: it is told apart."""
    return text.partition(", expected ")[0]
