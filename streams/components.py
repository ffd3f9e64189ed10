"""What PM2.5 is made of, as super-sites measure it: the species of components.csv, and what each may be called.

A charge tells two species apart (K+ is what dissolves, K all that there is), so signs count in a name. Capitals, blanks,
brackets, raised and lowered digits and the shapes of dashes do not.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from standards.names import Names

TABLE = Path(__file__).with_name("components.csv")
KINDS = ("ion", "carbon", "element", "marker")
"""Kinds of species, each measured by an instrument of its own: ion chromatograph, carbon analyser, X-ray fluorescence, filters."""
AMBIGUOUS = {
    "chloride (Cl-); chlorine by X-ray fluorescence is not taken": ("Cl", "氯", "chlorine"),
    "ec (elemental carbon, by heat); black carbon by light is another quantity": ("BC", "eBC", "黑碳", "BC/EC", "EC/BC"),
    "oc (organic carbon); organic matter is more than its carbon": ("OM", "Org", "organics", "organic matter", "有机物"),
    "oc and ec, each in a column": ("TC", "total carbon", "总碳"),
    "sulphate (SO42-); sulphur is a third of it": ("S", "硫", "sulphur", "sulfur"),
}  # fmt: skip
"""Names that are refused, by what is expected instead."""
_DASHES = re.compile("[\u2010-\u2015\u2212\uff0d]")
_NOTHING = re.compile(r"[\s_^(){}\[\]]")


@dataclass(frozen=True, slots=True)
class Component:
    """One species: its name in columns, in English and Chinese, its kind, and the largest hourly mean that is taken [ug/m3].

    basis: why that is the largest. aliases: other names.
    """

    name: str
    name_en: str
    name_zh: str
    kind: str
    most_ugm3: float
    basis: str
    aliases: tuple[str, ...]


def _plain(name: str) -> str:
    return _NOTHING.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", name))).casefold()


def _components() -> tuple[Component, ...]:
    lines = (line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return tuple(
        Component(
            **row | {"most_ugm3": float(row["most_ugm3"]), "aliases": tuple(a for a in row["aliases"].split(";") if a)}
        )
        for row in csv.DictReader(lines)
    )


COMPONENTS = _components()
"""The species in the order of the table."""
NAMES = Names(((c.name, c.name_en, c.name_zh, *c.aliases) for c in COMPONENTS), _plain)
_AMBIGUOUS = {_plain(name): instead for instead, names in AMBIGUOUS.items() for name in names}
_PLACES = {component.name: place for place, component in enumerate(COMPONENTS)}


def component_named(name: str) -> Component:
    """Give a species by any of its names; ValueError for an unknown or ambiguous one, with what is expected."""
    place = NAMES.find(name)
    if place is None:
        raise ValueError(f"species is {name!r}, expected {instead_of(name) or 'a species of PM2.5' + hint(name)}")
    return COMPONENTS[place]


def instead_of(name: str) -> str:
    """Say what is expected instead of a name that more than one quantity answers to; nothing for any other name."""
    return _AMBIGUOUS.get(_plain(name), "")


def hint(name: str) -> str:
    """Say which names are near to an unknown one; nothing where none is."""
    near = [COMPONENTS[place].name for place in NAMES.near(name, cutoff=0.5)]
    return f"; near are {', '.join(near)}" if near else ""


def places_of(names: Iterable[str]) -> list[int]:
    """Find the names of columns in COMPONENTS; ValueError where one is none."""
    names = list(names)
    if unknown := [name for name in names if name not in _PLACES]:
        raise ValueError(f"species are named {unknown}, expected names of streams/components.csv")
    return [_PLACES[name] for name in names]
