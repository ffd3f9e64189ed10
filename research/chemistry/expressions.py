"""Rates as people write them: read safely, checked by name, evaluated over all times at once."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Collection, Mapping

import numpy as np

WEATHER = ("TEMP", "T", "M", "N2", "O2", "H2O", "PRESS", "P")
"""Names that stand for the air: temperature [K] twice, molecules in a cm3, pressure [Pa] twice."""
LIGHT = re.compile(r"^(J\w*|SUN)$")
"""Names of rates of photolysis that are given from outside."""
_NODES = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call, ast.Load, ast.Add, ast.Sub, ast.Mult,
          ast.Div, ast.Pow, ast.USub, ast.UAdd)  # fmt: skip
_WRITTEN = (
    (re.compile(r"(?<![A-Za-z_])((?:\d+\.?\d*|\.\d+))[dD]([+-]?\d+)"), r"\1e\2"),  # 2.7D-12
    (re.compile(r"_dp\b"), ""),  # 1.0_dp
    (re.compile(r"\bJ\s*<\s*(\d+)\s*>"), r"J\1"),  # J<4>
    (re.compile(r"\b(?:J|PHOTOL|PHOTO)\s*\(\s*(\d+)\s*\)"), r"J\1"),  # J(4)
    (re.compile(r"\bJ\s*\(\s*(J\w+)\s*\)"), r"\1"),  # J(J_NO2)
    (re.compile(r"\.([*/^])"), r"\1"),  # 2.*T and T.^2 of MATLAB
    (re.compile(r"[@^]"), "**"),
)


def _arr(a, b, c):
    return lambda t: a * np.exp(-b / t) * (t / 300.0) ** c


# Those of KPP (util/UserRateLaws) take temperature and molecules in a cm3 from their module.
_OF_KPP: Mapping[str, tuple[int, Callable]] = {
    "arr": (3, lambda t, m, a, b, c: _arr(a, b, c)(t)),
    "arr2": (2, lambda t, m, a, b: a * np.exp(b / t)),
    "arr_ab": (2, lambda t, m, a, b: a * np.exp(-b / t)),
    "arr_ac": (2, lambda t, m, a, c: a * (t / 300.0) ** c),
    "arr_abc": (3, lambda t, m, a, b, c: _arr(a, b, c)(t)),
    "ep2": (6, lambda t, m, a, c, d, e, f, g: _ep2(m, _arr(a, c, 0)(t), _arr(d, e, 0)(t), _arr(f, g, 0)(t))),
    "ep3": (4, lambda t, m, a, c, d, e: _arr(a, c, 0)(t) + _arr(d, e, 0)(t) * m),
    "fall": (7, lambda t, m, a, b, c, d, e, f, g: _fall(_arr(a, b, c)(t) * m, _arr(d, e, f)(t), g)),
}
_OF_NUMBERS: Mapping[str, tuple[int, Callable]] = {
    "exp": (1, np.exp),
    "log10": (1, np.log10),
    "log": (1, np.log),
    "sqrt": (1, np.sqrt),
    "abs": (1, np.abs),
    "max": (2, np.maximum),
    "min": (2, np.minimum),
    "dble": (1, lambda x: x),
}
FUNCTIONS = (*_OF_NUMBERS, *_OF_KPP)
"""Functions that a rate may use, in any case of letters."""


def _ep2(m, first, second, third):
    third = third * m
    return first + third / (1.0 + third / second)


def _fall(low, high, width):
    return low / (1.0 + low / high) * width ** (1.0 / (1.0 + np.log10(low / high) ** 2))


def parsed(text: str, where: str) -> ast.Expression:
    """Read an expression as FACSIMILE, Fortran or MATLAB writes it.

    where: file and line, for errors. Returns its tree; nothing of it is run.
    Errors: ValueError that names place and text for what is no expression, and for a function that is not known.
    """
    written = text.strip()
    for pattern, instead in _WRITTEN:
        written = pattern.sub(instead, written)
    try:
        tree = ast.parse(written, mode="eval")
    except SyntaxError:
        raise ValueError(f"{where}: rate is {text.strip()!r}, expected an expression") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _check_call(node, text, where)
        elif not isinstance(node, _NODES) or (
            isinstance(node, ast.Constant) and not isinstance(node.value, (int, float))
        ):
            raise ValueError(f"{where}: rate is {text.strip()!r}, expected numbers, names, + - * / ** and functions")
    return tree


def _check_call(node: ast.Call, text: str, where: str) -> None:
    name = node.func.id.lower() if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        written = ast.unparse(node.func)
        raise ValueError(
            f"{where}: rate {text.strip()!r} is of the form {written!r}, which is not known; expected one of "
            f"{', '.join(FUNCTIONS)}"
        )
    many = (_OF_NUMBERS | _OF_KPP)[name][0]
    if len(node.args) != many or node.keywords:
        raise ValueError(f"{where}: {ast.unparse(node)} has {len(node.args)} arguments, expected {many}")


def names_in(tree: ast.AST) -> list[str]:
    """Give the names of a tree that are no functions, in the order in which they occur."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions)
    return list(dict.fromkeys(names))


def check_names(tree: ast.AST, known: Collection[str], text: str, where: str) -> None:
    """Refuse a name that is neither the air's nor light nor known: ValueError that names it, and where."""
    for name in names_in(tree):
        if name not in WEATHER and name not in known and not LIGHT.match(name):
            raise ValueError(
                f"{where}: rate {text.strip()!r} wants {name!r}, which is not defined; expected "
                f"{', '.join(WEATHER)}, a rate of photolysis (J…), or a definition in the file"
            )


def without_factor(tree: ast.Expression, name: str) -> tuple[ast.Expression, int]:
    """Take a name out that stands as a factor; returns the rest and how many times it was a factor.

    Errors: ValueError where it stands otherwise (the caller says where).
    """
    rest, count = _divided(tree.body, name)
    if name in names_in(rest):
        raise ValueError(f"{name} is no plain factor")
    return ast.fix_missing_locations(ast.Expression(rest)), count


def _divided(node: ast.expr, name: str) -> tuple[ast.expr, int]:
    if isinstance(node, ast.Name) and node.id == name:
        return ast.Constant(1.0), 1
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        left, n = _divided(node.left, name)
        right, m = _divided(node.right, name) if isinstance(node.op, ast.Mult) else (node.right, 0)
        return ast.BinOp(left, node.op, right), n + m
    return node, 0


def inlined(tree: ast.Expression, trees: Mapping[str, ast.Expression]) -> ast.Expression:
    """Put trees in the place of names."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return trees[node.id].body if node.id in trees else node

    return Put().visit(ast.parse(ast.unparse(tree), mode="eval")) if trees else tree


class Values(dict):
    """Values of names at all times; definitions are computed when they are first asked for."""

    def __init__(self, given: Mapping[str, np.ndarray], definitions: Mapping[str, str]) -> None:
        super().__init__(given)
        self._definitions = definitions

    def __missing__(self, name: str) -> np.ndarray:
        if name not in self._definitions:
            raise KeyError(name)
        self[name] = value = self.of(self._definitions[name])
        return value

    def of(self, text: str) -> np.ndarray:
        """Evaluate an expression that `parsed` has let pass."""
        temperature, air = self["TEMP"], self["M"]
        functions = {name: f for name, (_, f) in _OF_NUMBERS.items()}
        functions |= {name: functools.partial(f, temperature, air) for name, (_, f) in _OF_KPP.items()}
        names = _Names(self, functions)
        return eval(_code(text), {"__builtins__": {}}, names)


class _Names(dict):
    def __init__(self, values: Values, functions: Mapping[str, Callable]) -> None:
        super().__init__(functions)
        self._values = values

    def __missing__(self, name: str):
        return self[name.lower()] if name.lower() in FUNCTIONS and name not in self._values else self._values[name]


@functools.lru_cache(maxsize=65536)
def _code(text: str):
    return compile(text, "<rate>", "eval")
