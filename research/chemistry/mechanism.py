"""A mechanism: reactions with their rates, which species belong to the air, and groups of compounds."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from research.virtual_airshed.chemistry.reactions import Reaction, possible, relevant

AIR = ("M", "N2", "O2", "H2O")
"""Species whose amount follows from temperature, pressure and humidity: they are part of the rate constants."""
MOL_M3, MOLECULES_CM3 = "mol m-3", "molecules cm-3"
"""What rate constants of a mechanism count by."""
SHIPPED = Path(__file__).with_name("mechanisms")
_NONE: Mapping = MappingProxyType({})


@dataclass(frozen=True)
class Mechanism:
    """Reactions as data.

    name: what people call it. reactions: each with amounts of species and the form of its rate. unit: of concentrations in
    rate constants, MOL_M3 or MOLECULES_CM3. air: species that are no unknowns. groups: compounds of the mechanism by kind,
    as ("alkenes", ("C2H4", …)). sums: species that are sums of others, as RO2 in the MCM. definitions: named expressions
    that rates use, in the order in which they are computed. source: where it is from, in words.
    """

    name: str
    reactions: tuple[Reaction, ...]
    unit: str
    air: tuple[str, ...] = AIR
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    definitions: Mapping[str, str] = field(default_factory=lambda: _NONE)
    light: Mapping[str, tuple[str, float]] = field(default_factory=lambda: _NONE)
    source: str = ""

    @functools.cached_property
    def species(self) -> tuple[str, ...]:
        """The unknowns, in the order in which they first occur."""
        seen = dict.fromkeys(s for r in self.reactions for s in (*r.reactants, *r.products))
        seen |= dict.fromkeys(self.sums)
        return tuple(s for s in seen if s not in self.air)

    @functools.cached_property
    def photolysis_names(self) -> tuple[str, ...]:
        """Names of the rates of photolysis that reactions want, in the order in which they first occur."""
        return tuple(
            dict.fromkeys(name for r in self.reactions for name in r.rate.get("photolysis", ()) or _named(r.rate))
        )

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides a result, the order of species too: reactions, rates, unit, air, sums, definitions."""
        told = [[dict(r.reactants), dict(r.products), dict(r.rate)] for r in self.reactions]
        rest = [self.unit, list(self.air), {k: list(v) for k, v in self.sums.items()}, list(self.definitions.items())]
        return hashlib.sha256(json.dumps([told, rest]).encode()).hexdigest()

    def index(self, species: str) -> int:
        """Give the place of a species among the unknowns; ValueError where the mechanism does not have it."""
        if species not in self._places:
            raise ValueError(f"species is {species!r}, expected one of the {len(self.species)} of {self.name}")
        return self._places[species]

    @functools.cached_property
    def _places(self) -> dict[str, int]:
        return {s: i for i, s in enumerate(self.species)}


def reduced(mechanism: Mechanism, *, present: Iterable[str], to: Iterable[str]) -> Mechanism:
    """Keep the reactions that can happen where some species are, and on which the amounts of others depend.

    present: species that are there at first or come in; those of the air always are. to: species that are asked about. The
    amounts of these are the same as by the whole mechanism.
    Errors: ValueError that names a species which the mechanism does not have.
    """
    present, to = set(present), set(to)
    for species in sorted(present | to):
        mechanism.index(species)
    happening = possible(mechanism.reactions, {*mechanism.air, *present, *mechanism.sums})
    kept = relevant(happening, to)
    there = {s for r in kept for s in (*r.reactants, *r.products)}
    sums = {total: tuple(m for m in of if m in there) for total, of in mechanism.sums.items() if total in there}
    return replace(mechanism, reactions=tuple(kept), sums={total: of for total, of in sums.items() if of})


@functools.cache
def shipped_names() -> tuple[str, ...]:
    """Name the mechanisms that are shipped."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.json")))


def load_mechanism(name: str) -> Mechanism:
    """Load a mechanism that is shipped.

    name: "t1s2" (MOZART T1S2), "ts1" (MOZART TS1.2) or "cb5" (Carbon Bond 5). Returns the gas phase, with groups of compounds.
    Errors: ValueError for another name.
    """
    if name not in shipped_names():
        raise ValueError(f"mechanism is {name!r}, expected one of {', '.join(shipped_names())}")
    return _load(name)


@functools.cache
def _load(name: str) -> Mechanism:
    from research.chemistry.readers.musica_json import read_musica

    path = SHIPPED / f"{name}.json"
    head = json.loads(path.read_text(encoding="utf-8"))["__airshed"]
    read = read_musica(path)
    groups = {group: tuple(species) for group, species in head["groups"].items()}
    return replace(read, groups=groups, source=head["source"])


def _named(rate: Mapping) -> tuple[str, ...]:
    return (rate["name"],) if rate["type"] in ("PHOTOLYSIS", "USER_DEFINED", "FIRST_ORDER_LOSS", "EMISSION") else ()
