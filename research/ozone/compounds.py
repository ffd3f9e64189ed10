"""Which species of MOZART stand for the compounds that a station measures, and the groups of both."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from research.ozone.errors import OzoneError
from standards.voc.species import coefficients

COMPOUNDS_FILE = Path(__file__).with_name("compounds.csv")
KOH_FILE = Path(__file__).with_name("mechanism_koh.csv")
OTHER = "halocarbons"
GROUPS = ("alkanes", "alkenes", "aromatics", "ovoc", "biogenic", OTHER)
"""Groups of compounds, in the order of tables; the last has CS2 too, and no species in MOZART."""
LUMPED = f"MOZART ({COMPOUNDS_FILE.name})"
BASES = ("same", "lumped", "chosen", "none")


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What stands for a compound: a species of the mechanism, "" for none, how much of it [ppb/ppb], and why."""

    species: str
    ppb_per_ppb: float
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """A species of a mechanism that stands for a compound, or for a part of it, and how much of it [ppb/ppb]."""

    species: str
    ppb_per_ppb: float


def lumped_parts(koh: Mapping[str, float], *, lenient: bool = False) -> dict[str, tuple[Part, ...]]:
    """Give what stands for each compound by the names of MOZART, in a mechanism whose species have these constants with OH.

    koh: [cm3/molecule/s] by species. lenient: a compound whose species is not among these is left out, else refused.
    """
    found = {}
    for line, row in _rows(COMPOUNDS_FILE):
        if row["species"] and (row["species"] in koh or not lenient):
            amount = _amount(row, koh, f"{COMPOUNDS_FILE.name}, line {line}")
            found[row["compound"]] = (Part(row["species"], amount),)
    return found


def group_of(compound: str) -> str:
    """Give the group of a compound by its English name, whatever the mechanism: one of GROUPS."""
    species = counterparts()[compound].species
    return groups()[species] if species else OTHER


@functools.cache
def counterparts() -> Mapping[str, Counterpart]:
    """Give what stands for each compound, by its English name: compounds.csv, read and checked."""
    koh, found = reactivities(), {}
    for line, row in _rows(COMPOUNDS_FILE):
        name, where = row["compound"], f"{COMPOUNDS_FILE.name}, line {line}"
        if row["basis"] not in BASES:
            raise OzoneError(f"{where}: basis is {row['basis']!r}, expected one of {', '.join(BASES)}")
        if bool(row["species"]) == (row["basis"] == "none"):
            raise OzoneError(f"{where}: {name} has the species {row['species']!r} and the basis {row['basis']}")
        if row["species"] and row["species"] not in koh:
            raise OzoneError(f"{where}: species is {row['species']!r}, expected one of {', '.join(koh)}")
        found[name] = Counterpart(row["species"], _amount(row, koh, where), row["basis"], row["note"])
    return found


@functools.cache
def reactivities() -> Mapping[str, float]:
    """Give the rate constants with OH of the species that stand for compounds [cm3/molecule/s]."""
    return {row["species"]: float(row["k_oh_cm3_per_s"]) for _, row in _rows(KOH_FILE)}


@functools.cache
def groups() -> Mapping[str, str]:
    """Give the group of each species that stands for compounds: one of GROUPS."""
    return {row["species"]: row["group"] for _, row in _rows(KOH_FILE)}


def _amount(row: Mapping[str, str], koh: Mapping[str, float], where: str) -> float:
    if not row["species"]:
        return 0.0
    if row["ppb_per_ppb"]:
        return float(row["ppb_per_ppb"])
    own = coefficients("koh", [row["compound"]])[0] * 1e-12
    if not own > 0.0:
        raise OzoneError(f"{where}: {row['compound']} has no rate constant with OH, expected ppb_per_ppb to be given")
    return float(own / koh[row["species"]])


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    lines = [(n, line) for n, line in enumerate(file.read_text("utf-8").splitlines(), 1) if not line.startswith("#")]
    reader = csv.DictReader([text for _, text in lines])
    return list(zip([n for n, _ in lines[1:]], reader, strict=True))
