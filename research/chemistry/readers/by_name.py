"""A mechanism of one's own by its file: the end of the name tells the format."""

from __future__ import annotations

from pathlib import Path

from research.chemistry.mechanism import Mechanism
from research.chemistry.readers.f0am import read_f0am
from research.chemistry.readers.facsimile import read_facsimile
from research.chemistry.readers.kpp import read_kpp
from research.chemistry.readers.musica_json import read_musica

SUFFIXES = (".fac", ".kpp", ".eqn", ".m", ".json")
"""Ends of names of files that can be read."""


def read_mechanism(path: Path | str, *, constants: Path | str | None = None) -> Mechanism:
    """Read a mechanism in the format that the end of its name tells.

    path: .fac (FACSIMILE), .kpp or .eqn (KPP), .m (F0AM), .json (MUSICA, version 1). constants: the file of named constants
    where these stand elsewhere: of F0AM its own, of KPP the .fac of the same reactions.
    Errors: ValueError for another end, for constants of a format that has them in the file, and as the readers.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise ValueError(f"{path.name}: the format of the mechanism is not known, expected {', '.join(SUFFIXES)}")
    if constants is not None and kind in (".fac", ".json"):
        raise ValueError(f"{path.name} holds its constants itself, expected no file of constants beside it")
    if kind == ".fac":
        return read_facsimile(path)
    if kind == ".json":
        return read_musica(path)
    if kind == ".m":
        return read_f0am(path, constants=constants)
    return read_kpp(path, definitions=None if constants is None else read_facsimile(constants).definitions)
