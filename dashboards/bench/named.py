"""Names that results carry as codes, in the reader's words; whatever has no word stands for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.text import Text
from standards.voc.species import species_named
from streams.store.bench_kinds import NO_TARGET, sectors_of
from streams.store.reasons import told_in

LONGEST_SETTING = 16
"""Of the value of a setting so many signs are shown: digests are long."""
METHODS = ("ofp", "box, a tenth", "box, all", "attribution")
"""Methods by which sources share ozone, in the order in which they are shown."""
_FACTOR = re.compile(r"(\d+)(?: (.*))?")
_UNNAMED = re.compile(r"Factor \d+")


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


def radical(name: str) -> str:
    """Write a radical or a sum of them as chemists do."""
    return name.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def group(text: Text, name: str) -> str:
    """Name what was cut: a group of compounds, a compound, a factor of a receptor model, or one of its own name."""
    return factor(text, name) or text.of_code("bench.cut_", compound(text, name))


def factor(text: Text, name: str) -> str:
    """Name a factor, "2 Factor 2" or "2 solvents", by its number and the name that a person gave it; "" for what is none."""
    found = _FACTOR.fullmatch(name)
    if found is None:
        return ""
    own = "" if found[2] is None or _UNNAMED.fullmatch(found[2]) else f" {found[2]}"
    return text("bench.factor", n=found[1]) + own


def proposed(text: Text, content: Mapping[str, Any], n: int) -> str:
    """Give what the factor at place n of a receptor result may be, by the tracers; "" where nothing is proposed."""
    of_factor = (content.get("proposed") or [])[n : n + 1]
    return of_factor[0][0][text.lang] if of_factor and of_factor[0] else ""


def factor_with_proposal(text: Text, content: Mapping[str, Any], n: int) -> str:
    """Name the factor at place n of a receptor result with what it may be; by number alone where the result is not known."""
    names, maybe = content.get("factors") or [], proposed(text, content, n)
    own = factor(text, f"{n + 1} {names[n]}" if n < len(names) else f"{n + 1}")
    return own + (text("bench.maybe", what=maybe) if maybe else "")


def sector(text: Text, name: str) -> str:
    """Name a sector of the attribution, or what comes from outside."""
    return text.of_code("sector.", name) if name != "outside" else text("attribution.outside")


def series(text: Text, name: str) -> str:
    """Name what a day lacks, or what is assumed of it: a series of hours such as "no2_ppb", or a compound."""
    return text.of_code("bench.series_", compound(text, name))


def sign(text: Text, kind: str) -> str:
    """Name a sign of the regime."""
    return text.of_code("bench.sign_", kind)


def reading(text: Text, said: str) -> str:
    """Name what a sign reads: voc, transition, nox; NA where it cannot be told."""
    return text.of_code("bench.reads_", said) if said else "NA"


def readings(text: Text, said: Sequence[str]) -> str:
    """Name several readings; NA for none."""
    return text("list.comma").join(reading(text, each) for each in said) or "NA"


def method(text: Text, name: str) -> str:
    """Name a method by which sources share ozone."""
    return text.of_code("bench.method_", name)


def sentence(text: Text, said: str) -> str:
    """Tell a sentence of a result."""
    return told_in(text.lang, said)


def value(text: Text, said: Any) -> str:
    """Write the value of a setting."""
    return text.of_code("bench.value_", str(said))


def setting(text: Text, name: str, said: Any) -> str:
    """Write the value of a setting, of a method, or of what else a result rests on, by its name."""
    if name == "software":
        return software(text, str(said))
    if name == "sectors":
        return sectors(text, str(said))
    if name == "kind":
        return text.of_code("bench.kind_", str(said))
    if name == "target_ppb" and said == NO_TARGET:
        return text("bench.no_target")
    return value(text, str(said)[:LONGEST_SETTING]) or "—"


def sectors(text: Text, said: str) -> str:
    """Write which factor each sector stands for, "vehicles=2"; a dash for none, and what is not written so as it is."""
    try:
        found = sectors_of(said)
    except ValueError:
        return said
    told = [f"{sector(text, name)} = {text('bench.factor', n=number)}" for name, number in found.items()]
    return text("list.comma").join(told) or "—"


def software(text: Text, said: str) -> str:
    """Write a method with its version, and the mechanism where it uses one: "ekma 2; t1s2"."""
    kind, blank, rest = said.partition(" ")
    version, sign, mechanism = rest.partition("; ")
    return text.of_code("bench.kind_", kind) + blank + version + sign + mechanism.upper()
