"""Mechanisms as F0AM holds them, programs of MATLAB (.m)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from research.chemistry.expressions import parsed
from research.chemistry.mechanism import Mechanism
from research.chemistry.readers.lines import Draft, text_of

_RATE = re.compile(r"^k\(:,\s*i\)\s*=(.*)$", re.S)
_NAMED = re.compile(r"^Knames\{i\}\s*=\s*'(\w+)'$")
_CONSTANT = re.compile(r"^krx\(:,\s*i\)\s*=(.*)$", re.S)
_COMES_IN = re.compile(r"^Gstr\{i,\s*\d+\}\s*=\s*'(\w+)'$")
_NET = re.compile(r"^f(\w+)\(i\)\s*=\s*(?:f\1\(i\)\s*)?([+-]?\s*[\d.eE+-]+)$")
_RO2 = re.compile(r"^RO2ToAdd\s*=\s*\{(.*)\}$", re.S)
_NOISE = re.compile(
    r"^(i\s*=\s*i\s*\+\s*1|i\s*=\s*0|SpeciesToAdd\s*=.*|AddSpecies|Rnames\{i\}\s*=.*|function\b.*|struct2var.*|nk\s*=.*|"
    r"krx\s*=.*|Knames\s*=.*|K\s*=\s*struct.*|for\b.*|end|K\.\(.*|accum.*)$",
    re.S,
)
_ASSIGNED = re.compile(r"^([A-Za-z]\w*)\s*=(.*)$", re.S)


def read_f0am(path: Path | str, *, constants: Path | str | None = None) -> Mechanism:
    """Read a mechanism of F0AM.

    path: the file of reactions. constants: the file of named rate constants that belongs to it, as MCMv331_K.m. Rate
    constants are of molecules, cm3 and s; names that begin with J are rates of photolysis.
    Returns the mechanism; where RO2ToAdd names members, RO2 is an unknown of its own with their tendency.
    Errors: ValueError that names file and line for a statement, a form of rate or a name that is not known.
    """
    text, file = text_of(path)
    draft = Draft(file)
    if constants is not None:
        draft.definitions |= {name: parsed(told, name) for name, told in _constants(constants).items()}
    listed = list(_statements(text))
    for _, statement in listed:
        if found := _RO2.match(statement):
            draft.sums["RO2"] = tuple(dict.fromkeys(re.findall(r"'(\w+)'", found[1])))
    open_: _Open | None = None
    for line, statement in listed:
        if found := _RATE.match(statement):
            _close(open_, draft)
            open_ = _Open(found[1], line)
        elif open_ and (found := _COMES_IN.match(statement)):
            open_.comes_in[found[1]] = open_.comes_in.get(found[1], 0.0) + 1.0
        elif open_ and (found := _NET.match(statement)):
            open_.net[found[1]] = open_.net.get(found[1], 0.0) + float(found[2].replace(" ", ""))
        elif not _NOISE.match(statement) and not _RO2.match(statement):
            raise ValueError(f"{file}, line {line}: {statement[:60]!r}, expected a statement of a mechanism of F0AM")
    _close(open_, draft)
    return draft.done(Path(path).stem)


class _Open:
    """A reaction whose statements come one by one."""

    def __init__(self, rate: str, line: int) -> None:
        self.rate, self.line = rate, line
        self.comes_in: dict[str, float] = {}
        self.net: dict[str, float] = {}


def _close(reaction: _Open | None, draft: Draft) -> None:
    if reaction is None:
        return
    made = {s: reaction.comes_in.get(s, 0.0) + reaction.net.get(s, 0.0) for s in (*reaction.comes_in, *reaction.net)}
    if short := [s for s, amount in made.items() if amount < -1e-9]:
        raise ValueError(
            f"{draft.where(reaction.line)}: {short[0]} is used up and does not come in, expected it in Gstr"
        )
    draft.react(reaction.comes_in, {s: a for s, a in made.items() if a > 1e-9}, reaction.rate, reaction.line)


def _constants(path: Path | str) -> Mapping[str, str]:
    """Read the named constants. Helpers that are assigned again and again (LPL, K0) get a name for each time."""
    text, file = text_of(path)
    draft, name, present = Draft(file), "", {}
    told: dict[str, str] = {}
    for line, statement in _statements(text):
        if found := _NAMED.match(statement):
            name = found[1]
        elif found := _CONSTANT.match(statement):
            _define(draft, told, name, found[1], present, line)
            present[name] = name
        elif not _NOISE.match(statement) and (found := _ASSIGNED.match(statement)):
            version = f"{found[1]}__{len(told)}"
            _define(draft, told, version, found[2], present, line)
            present[found[1]] = version
    return told


def _define(draft: Draft, told: dict[str, str], name: str, text: str, present: Mapping[str, str], line: int) -> None:
    written = re.sub(r"[A-Za-z]\w*", lambda found: present.get(found[0], found[0]), text)
    draft.define(name, written, line)
    told[name] = written


def _statements(text: str):
    """Give statements and their lines: they end with a semicolon or the line, unless a bracket is open or … follows."""
    depth, begin, parts = 0, 0, []
    for number, raw in enumerate(text.split("\n"), 1):
        line = re.sub(r"%.*$", "", raw).replace("...", " ")
        for character in (*line, "\n"):
            depth += (character in "{(") - (character in "})")
            if depth <= 0 and character in ";\n":
                if statement := "".join(parts).strip():
                    yield begin, statement
                parts = []
                continue
            if not parts and character.isspace():
                continue
            if not parts:
                begin = number
            parts.append(" " if character == "\n" else character)
