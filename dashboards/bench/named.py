"""Names that results carry as codes, in the reader's words; whatever has no word stands for itself."""

from __future__ import annotations

from typing import Any

from dashboards.text import Text
from standards.voc.species import species_named


def compound(text: Text, name: str) -> str:
    """Name a compound."""
    if text.lang != "zh":
        return name
    try:
        return species_named(name).name_zh
    except ValueError:
        return name


def ratio(text: Text, name: str) -> str:
    """Name the ratio of two compounds, "toluene/benzene"."""
    return "/".join(compound(text, each) for each in name.split("/"))


def pathway(text: Text, name: str) -> str:
    """Name a pathway of the budget of ozone."""
    return text.of_code("bench.pathway_", name)


def group(text: Text, name: str) -> str:
    """Name what was cut, or a source: a group of compounds, a compound, or one of its own name."""
    return text.of_code("bench.cut_", compound(text, name))


def value(text: Text, said: Any) -> str:
    """Write the value of a setting."""
    return text.of_code("bench.value_", str(said))


def software(text: Text, said: str) -> str:
    """Write a method with its version, "composition 1"."""
    kind, blank, version = said.partition(" ")
    return text.of_code("bench.kind_", kind) + blank + version
