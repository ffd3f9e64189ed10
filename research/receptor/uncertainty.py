"""Uncertainties from detection limits and error fractions: EPA's formula, or one that the user writes."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

import numpy as np

from research.receptor.refusals import ReceptorError

_OF_TWO = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS = {"sqrt": (np.sqrt, 1), "abs": (np.abs, 1), "max": (np.maximum, 2), "min": (np.minimum, 2)}
WORDS = ("x", "limit", "fraction")


def epa_uncertainty(concentration: np.ndarray, limit: np.ndarray, fraction: np.ndarray | float) -> np.ndarray:
    """Give uncertainties by EPA's formula [unit of the concentration].

    5/6 of the limit up to the detection limit, sqrt((fraction * x)^2 + (limit / 2)^2) above it. concentration (sample, species),
    limit and fraction [1] of any shape that spreads over it. Missing: NaN where x, limit or fraction is.
    Source: EPA PMF 5.0 User Guide, EPA/600/R-14/108, after Polissar et al. 1998, J. Geophys. Res. 103:19045.
    """
    above = np.sqrt((fraction * concentration) ** 2 + (0.5 * limit) ** 2)
    return np.where(concentration <= limit, 5.0 / 6.0 * limit + 0.0 * above, above)


def own_uncertainty(
    formula: str, concentration: np.ndarray, limit: np.ndarray, fraction: np.ndarray | float
) -> np.ndarray:
    """Give uncertainties by a formula of x, limit and fraction, such as "0.1 * x + 0.5 * limit" or "max(0.05 * x, limit / 3)".

    It knows + - * / **, brackets, numbers, sqrt, abs, max and min. Errors: ReceptorError for anything else, naming it.
    """
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ReceptorError(
            f"formula {formula!r} cannot be read, expected one such as 0.1 * x + 0.5 * limit"
        ) from error
    values = {"x": concentration, "limit": limit, "fraction": fraction}
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(_value(tree, values, formula), np.float64), np.shape(concentration)).copy()


def with_limits(concentration: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give concentrations with half the detection limit where they lie below it, and where that is, bool.

    below: the limit where a value lies below it, NaN elsewhere, (sample, species). The half is what EPA's formula goes with; the
    table of the store keeps the value as missing.
    """
    under = np.isfinite(below)
    return np.where(under, 0.5 * below, concentration), under


def _value(node: ast.expr, values: dict[str, object], formula: str) -> object:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1.0 if isinstance(node.op, ast.USub) else 1.0
        return sign * _value(node.operand, values, formula)
    if isinstance(node, ast.BinOp) and type(node.op) in _OF_TWO:
        return _OF_TWO[type(node.op)](_value(node.left, values, formula), _value(node.right, values, formula))
    if isinstance(node, ast.Call) and not node.keywords and (known := _function(node)) is not None:
        return known(*(_value(each, values, formula) for each in node.args))
    said = ast.get_source_segment(formula.strip(), node) or type(node).__name__
    raise ReceptorError(f"formula {formula!r} holds {said!r}, expected numbers, {', '.join(WORDS)}, + - * / **, "
                        f"{', '.join(_FUNCTIONS)}")  # fmt: skip


def _function(node: ast.Call) -> Callable[..., object] | None:
    if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS:
        return None
    function, count = _FUNCTIONS[node.func.id]
    return function if len(node.args) == count else None
