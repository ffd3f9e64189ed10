"""Constraints as a researcher writes them by hand: a TOML file with a table for each, factors counted from 1 as they are shown."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from research.receptor.constraints import AValue, Between, Constraint, Pull, Ratio
from research.receptor.refusals import ReceptorError

KEYS = {
    "zero": ("factor", "species"), "between": ("factor", "species", "low", "high"), "pull": ("factor", "species", "to"),
    "ratio": ("factor", "species", "other", "ratio"), "a_value": ("factor", "a", "profile"),
}  # fmt: skip
"""The kinds of constraint and what each of them has to tell."""
_WORDS = ("species", "other")


def read_constraints(path: Path, species: Sequence[str]) -> list[Constraint]:
    """Read constraints on the factors of a solution of some species.

    Errors: ReceptorError names the file, the constraint by its kind and place among these, and what was expected of it; what a
    constraint asks of the solution is judged by research.receptor.constraints.constrain.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ReceptorError(f"the constraints {path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReceptorError(f"{path.name} cannot be read as TOML: {error}") from error
    found: list[Constraint] = []
    for kind, held in told.items():
        if kind not in KEYS:
            raise ReceptorError(f"{path.name} has {kind!r}, expected tables of {', '.join(KEYS)}")
        if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
            raise ReceptorError(f"{path.name} has a single {kind}, expected each below a line [[{kind}]]")
        for n, each in enumerate(held, start=1):
            found.append(_constraint(f"{path.name}: {kind} {n}", kind, each, species))
    if not found:
        raise ReceptorError(f"{path.name} has no constraint, expected tables of {', '.join(KEYS)}")
    return found


def in_words(each: Constraint, species: Sequence[str]) -> str:
    """Say a constraint as it is written among the diagnostics, the factor counted from 1."""
    begin = f"Factor {each.factor + 1}"
    if isinstance(each, Between):
        zero = each.low == each.high == 0.0
        return f"{begin}: {each.species} {'set to zero' if zero else f'between {each.low:g} and {each.high:g}'}"
    if isinstance(each, Pull):
        return f"{begin}: {each.species} pulled to {each.to:g}"
    if isinstance(each, Ratio):
        return f"{begin}: {each.species} = {each.ratio:g} x {each.other}"
    known = ", ".join(f"{name} {v:g}" for name, v in zip(species, each.profile, strict=True) if np.isfinite(v))
    return f"{begin}: a-value {each.a:g} of the profile {known}"


def _constraint(where: str, kind: str, told: Mapping[str, Any], species: Sequence[str]) -> Constraint:
    wanted = KEYS[kind]
    if odd := sorted(set(told) ^ set(wanted)):
        raise ReceptorError(f"{where} has {', '.join(told) or 'nothing'}, expected {', '.join(wanted)} ({odd[0]})")
    factor = told["factor"]
    if not isinstance(factor, int) or isinstance(factor, bool) or factor < 1:
        raise ReceptorError(f"{where}: factor is {factor!r}, expected a whole number from 1")
    given: dict[str, Any] = {"factor": factor - 1}
    for key in wanted[1:]:
        if key != "profile":
            given[key] = _word(where, key, told[key]) if key in _WORDS else _number(where, key, told[key])
    if kind == "a_value":
        return AValue(profile=_profile(where, told["profile"], species), **given)
    return {"zero": Between, "between": Between, "pull": Pull, "ratio": Ratio}[kind](**given)


def _profile(where: str, told: Any, species: Sequence[str]) -> np.ndarray:
    if not isinstance(told, dict) or not told:
        raise ReceptorError(f"{where}: profile is {told!r}, expected species with their values")
    if unknown := [name for name in told if name not in species]:
        raise ReceptorError(f"{where}: {unknown[0]!r} is not modelled, expected some of {', '.join(species)}")
    return np.array([_number(where, name, told[name]) if name in told else np.nan for name in species])


def _word(where: str, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ReceptorError(f"{where}: {key} is {value!r}, expected a species")
    return value


def _number(where: str, key: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not np.isfinite(value):
        raise ReceptorError(f"{where}: {key} is {value!r}, expected a number")
    return float(value)
