"""Mechanisms as FACSIMILE writes them, the export of the Master Chemical Mechanism (.fac)."""

from __future__ import annotations

import re
from pathlib import Path

from research.chemistry.mechanism import Mechanism
from research.chemistry.readers.lines import Draft, side, statements, text_of

_SUM = re.compile(r"^RO2\s*=\s*([A-Za-z_]\w*(?:\s*\+\s*[A-Za-z_]\w*)*)$")
_DEFINITION = re.compile(r"^([A-Za-z_]\w*)\s*=(.*)$", re.S)
_REACTION = re.compile(r"^%(.*?):(.*?)=(.*)$", re.S)


def read_facsimile(path: Path | str) -> Mechanism:
    """Read an export of the MCM.

    path: the .fac file, with generic and complex rate coefficients, the sum RO2 and reactions. Rate constants are of
    molecules, cm3 and s; TEMP is K; M, N2, O2, H2O are molecules in a cm3; J<n> is a rate of photolysis.
    Returns the mechanism. RO2 is an unknown of its own, with the tendency of its members.
    Errors: ValueError that names file and line for a statement, a form of rate or a name that is not known.
    """
    text, file = text_of(path)
    plain = "\n".join("" if line.lstrip().startswith("*") else line for line in text.split("\n"))
    draft = Draft(file)
    waiting = []
    for line, statement in statements(plain, file):
        flat = " ".join(statement.split())
        if flat.startswith("%"):
            waiting.append((line, statement))
        elif flat.startswith("VARIABLE"):
            continue
        elif found := _SUM.match(flat):
            draft.sums["RO2"] = tuple(dict.fromkeys(re.findall(r"\w+", found[1])))
        elif found := _DEFINITION.match(statement):
            draft.define(found[1], found[2], line)
        elif flat:
            raise ValueError(f"{file}, line {line}: {flat[:60]!r}, expected a definition, RO2 = … or % rate : reaction")
    for line, statement in waiting:  # RO2 may stand below
        found = _REACTION.match(statement)
        if not found:
            raise ValueError(f"{file}, line {line}: {statement[:60]!r}, expected % rate : reactants = products")
        where = draft.where(line)
        draft.react(side(found[2], where), side(found[3], where), found[1], line)
    return draft.done(Path(path).stem)
