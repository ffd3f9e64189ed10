"""Mechanisms as the Kinetic PreProcessor reads them (.eqn, .kpp)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from research.chemistry.expressions import parsed
from research.chemistry.mechanism import AIR, Mechanism
from research.chemistry.readers.lines import Draft, side, statements, text_of

_SECTION = re.compile(r"^\s*#(\w+)", re.M)
_MEMBER = re.compile(r"\bind_(\w+)")
_ASSIGNED = re.compile(r"^\s*([A-Za-z_]\w*)\s*=\s*(.+?)\s*$")


def read_kpp(
    path: Path | str, *, air: tuple[str, ...] = (*AIR, "AIR"), definitions: Mapping[str, str] | None = None
) -> Mechanism:
    """Read equations of KPP.

    path: the file; its section #EQUATIONS is read, and of #INLINE F90_RCONST plain assignments and the sum RO2. air:
    species whose amounts follow from the weather. definitions: named constants that stand elsewhere, in the order in which
    they are computed, as `read_facsimile(…).definitions` of the same MCM subset. Rate constants are of molecules, cm3, s.
    Errors: ValueError that names file and line for an equation, one without its end, a negative rate, a form of rate or a name
    that is not known.
    """
    text, file = text_of(path)
    draft = Draft(file)
    for name, written in (definitions or {}).items():
        draft.definitions[name] = parsed(written, f"definition {name}")
    equations = []
    for kind, line, body in _sections(_plain(text)):
        if kind == "EQUATIONS":
            equations += statements(body, file, first=line)
        elif kind == "INLINE" and body.lstrip().startswith("F90_RCONST"):
            _inline(body, line, draft)
    for line, equation in equations:
        where = draft.where(line)
        sides, colon, rate = re.sub(r"<[^>]*>", "", equation, count=1).partition(":")
        left, equals, right = sides.partition("=")
        if not colon or not equals:
            raise ValueError(f"{where}: {equation[:60]!r}, expected reactants = products : rate")
        draft.react(side(left, where), side(right, where), rate, line)
    return draft.done(Path(path).stem, air)


def _plain(text: str) -> str:
    """Put blanks in the place of comments, so that lines stay where they are."""
    text = re.sub(r"\{[^}]*\}", lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return re.sub(r"//[^\n]*|(?m:^\s*!.*$)", "", text)


def _sections(text: str):
    marks = list(_SECTION.finditer(text))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        end = after.start() if after else len(text)
        yield mark[1].upper(), text.count("\n", 0, mark.end()) + 1, text[mark.end() : end]


def _inline(body: str, line: int, draft: Draft) -> None:
    joined = re.sub(r"&\s*\n\s*&?", lambda found: " " + "\n" * 0, body)
    for each in joined.split("\n"):
        found = _ASSIGNED.match(each)
        if not found:
            continue
        if found[1] == "RO2":
            draft.sums["RO2"] = tuple(dict.fromkeys(_MEMBER.findall(found[2])))
        else:
            draft.define(found[1], found[2], line)
