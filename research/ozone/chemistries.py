"""A mechanism as the boxes use it: with what stands for measured compounds in it, and which of it bears on ozone."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from research.chemistry import Mechanism, load_mechanism, reduced
from research.chemistry.mechanism import shipped_names
from research.chemistry.rate_constants import rate_constants
from research.chemistry.readers.by_name import read_mechanism
from research.chemistry.sunlight import NO_LIGHT, rates_known
from research.ozone.compounds import LUMPED, Part, group_of, groups, lumped_parts, reactivities
from research.ozone.errors import OzoneError
from research.ozone.own_tables import light_from, parts_from
from research.ozone.records import Recorded
from research.virtual_airshed.chemistry.held import NOX, ODD_OXYGEN

ASKED = (*ODD_OXYGEN, *NOX, "OH", "HO2", "H2O2", "HNO3")
"""Species whose amounts and rates are asked for: what bears on none of them is left out of the mechanism."""
REQUIRED = ("O3", "NO", "NO2", "OH", "HO2", "CO")
"""Species that a mechanism must have, by these names."""
INORGANIC = ("O3", "NO", "NO2", "CO", "CH4", "H2")
USUAL = "t1s2"
TABLES: Mapping[str, Path] = {"HCHO": Path(__file__).with_name("compounds_mcm.csv")}
"""Which table has a mechanism's names of compounds, by what it calls formaldehyde: those of the MCM; CH2O is MOZART's."""
OF_SHIPPED: Mapping[str, Path] = {"cb5": Path(__file__).with_name("compounds_cb5.csv")}
"""Which table has the names of a shipped mechanism that are not MOZART's."""
_ROOM = {"temperature_k": np.array([298.15]), "pressure_pa": np.array([101325.0]), "h2o_ppb": np.array([1.5e7])}


@dataclass(frozen=True, eq=False, repr=False)
class Chemistry(Recorded):
    """A mechanism with what stands for compounds.

    name. mechanism: the whole of it. parts: by compound (English name), species that stand for it and how much of each; compounds
    that are not there are left out of the box. koh: rate constants of these species with OH [cm3/molecule/s], where the
    mechanism has them. kinds: group of each of these species. table: which table of lumping this is, in words.
    """

    name: str
    mechanism: Mechanism
    parts: Mapping[str, tuple[Part, ...]]
    koh: Mapping[str, float]
    kinds: Mapping[str, str]
    table: str

    @functools.cached_property
    def boxed(self) -> Mechanism:
        """The part of the mechanism that bears on ozone where all these compounds may be."""
        known = set(self.mechanism.species)
        present = dict.fromkeys([*INORGANIC, *self.koh, *(p.species for each in self.parts.values() for p in each)])
        return reduced(self.mechanism, present=[s for s in present if s in known], to=[s for s in ASKED if s in known])

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the reactions, of the lumping and of the light."""
        told = repr((self.mechanism.digest, sorted(self.parts.items()), sorted(self.mechanism.light.items())))
        return hashlib.sha256(told.encode()).hexdigest()

    def __repr__(self) -> str:
        return f"Chemistry({self.name}, {self.digest})"

    def as_record(self) -> dict[str, Any]:
        """Give what tells it from others: name, source, digest, lumping, and how its rates of photolysis are named."""
        light = {
            name: f"{factor:g} x {there}" if there else "none" for name, (there, factor) in self.mechanism.light.items()
        }
        return {
            "kind": "Chemistry", "name": self.name, "source": self.mechanism.source, "digest": self.digest,
            "lumping": self.table, "light": light,
        }  # fmt: skip


def chemistry_of(which: str | Chemistry) -> Chemistry:
    """Give a shipped mechanism by its name, or the one that is given; OzoneError for an unknown name."""
    return shipped(which) if isinstance(which, str) else which


def mechanism_for(which: str | Chemistry) -> Mechanism:
    """Give the part of a mechanism that bears on ozone, with all species that compounds may become."""
    return chemistry_of(which).boxed


@functools.cache
def shipped(name: str) -> Chemistry:
    """Give a shipped mechanism with the lumping of the platform; OzoneError for an unknown name."""
    if name not in shipped_names():
        raise OzoneError(f"mechanism is {name!r}, expected one of {', '.join(shipped_names())}, or a file of one's own")
    whole = load_mechanism(name)
    if name == USUAL:
        return Chemistry(name, whole, lumped_parts(reactivities()), reactivities(), groups(), LUMPED)
    koh = reactivities_in(whole)
    if (file := OF_SHIPPED.get(name)) is not None:
        return _made(name, whole, parts_from(file, koh, whole.species), koh, file.name)
    return _made(name, whole, lumped_parts({s: koh[s] for s in reactivities()}), koh, LUMPED)


def own_chemistry(
    file: str | Path,
    *,
    lumping: str | Path | None = None,
    light: str | Path | None = None,
    constants: str | Path | None = None,
) -> Chemistry:
    """Read a mechanism of one's own, with what stands for compounds in it.

    file: a file as research.chemistry.readers.by_name reads it, or the name of a shipped mechanism. lumping: CSV compound,
    species, factor [ppb/ppb]; left out: the names of MOZART where the mechanism has CH2O, of the MCM where it has HCHO. light: CSV
    name, table, factor: which rate of the shipped tables stands for one of the mechanism. constants: as by_name.
    Errors: OzoneError that names what cannot be read, a species that is lacking, rates of photolysis that no table has.
    """
    whole = _read(file, constants)
    if lacking := [s for s in REQUIRED if s not in whole.species]:
        raise OzoneError(f"{whole.name} has no {', '.join(lacking)}, expected {', '.join(REQUIRED)} by these names")
    if light is not None:
        whole = replace(whole, light=light_from(Path(light), whole.photolysis_names, rates_known()))
    koh = reactivities_in(whole)
    parts, table = (
        (parts_from(Path(lumping), koh, whole.species), Path(lumping).name) if lumping else _by_names(whole, koh)
    )
    if not parts:
        raise OzoneError(f"{whole.name} has no species for a measured compound, expected a table of lumping")
    found = _made(whole.name, whole, parts, koh, table)
    _require_light(found.boxed)
    if idle := sorted(set(found.koh) - set(found.boxed.species)):
        raise OzoneError(
            f"{whole.name} has {', '.join(idle)} in no reaction that bears on ozone, expected others to stand"
        )
    return found


def reactivities_in(mechanism: Mechanism) -> dict[str, float]:
    """Give the rate constants with OH that a mechanism has [cm3/molecule/s], at 298.15 K and 101325 Pa, all channels that use the
    species up; light is dark here."""
    dark = dict.fromkeys(mechanism.photolysis_names, np.zeros(1))
    per_ppb = rate_constants(mechanism, **_ROOM, photolysis_s1=dark)[0]
    per_cm3 = 1e-9 * 101325.0 / (1.380649e-23 * 298.15) * 1e-6
    found: dict[str, float] = {}
    for constant, reaction in zip(per_ppb.tolist(), mechanism.reactions, strict=True):
        others = [s for s in reaction.reactants if s not in ("OH", *mechanism.air)]
        if "OH" in reaction.reactants and len(others) == 1 and constant > 0.0:
            used = reaction.reactants[others[0]] - max(reaction.products.get(others[0], 0.0), 0.0)
            found[others[0]] = found.get(others[0], 0.0) + used * constant / per_cm3
    return {species: rate for species, rate in found.items() if rate > 0.0}


def _read(file: str | Path, constants: str | Path | None) -> Mechanism:
    if str(file) in shipped_names():
        return load_mechanism(str(file))
    try:
        return read_mechanism(file, constants=constants)
    except ValueError as error:
        raise OzoneError(str(error)) from error


def _by_names(mechanism: Mechanism, koh: Mapping[str, float]) -> tuple[dict[str, tuple[Part, ...]], str]:
    """Lump by the names that the mechanism has for compounds; what it lacks is left out."""
    if "CH2O" in mechanism.species:
        return lumped_parts({s: koh[s] for s in reactivities() if s in koh}, lenient=True), LUMPED
    for name, file in TABLES.items():
        if name in mechanism.species:
            return parts_from(file, koh, mechanism.species, lenient=True), file.name
    raise OzoneError(
        f"{mechanism.name} has none of CH2O, {', '.join(TABLES)}, expected a table of lumping for its names"
    )


def _made(
    name: str, whole: Mechanism, parts: Mapping[str, tuple[Part, ...]], koh: Mapping[str, float], table: str
) -> Chemistry:
    species = dict.fromkeys(part.species for each in parts.values() for part in each)
    kinds: dict[str, Counter] = {s: Counter() for s in species}
    for compound, each in parts.items():
        for part in each:
            kinds[part.species][group_of(compound)] += 1
    most = {s: counted.most_common(1)[0][0] for s, counted in kinds.items()}
    return Chemistry(name, whole, parts, {s: koh.get(s, 0.0) for s in species}, most, table)


def _require_light(mechanism: Mechanism) -> None:
    """Refuse rates of photolysis that no table has."""
    missing = [
        n for n in mechanism.photolysis_names if mechanism.light.get(n, (n, 1.0))[0] not in (*rates_known(), NO_LIGHT)
    ]
    if missing:
        raise OzoneError(
            f"{mechanism.name} wants the rates {', '.join(missing)}, which no table of photolysis has; "
            "expected a table of light that says which one stands for each, or none"
        )
