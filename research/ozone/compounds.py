"""From the compounds that a station measures to the species of the mechanism that stand for them."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.ozone.errors import OzoneError
from standards.voc.species import MOLECULES_PER_PPB, coefficients, places_of, species_named

COMPOUNDS_FILE = Path(__file__).with_name("compounds.csv")
KOH_FILE = Path(__file__).with_name("mechanism_koh.csv")
GROUPS = ("alkanes", "alkenes", "aromatics", "ovoc", "biogenic")
"""Groups of species, in the order of tables."""
BASES = ("same", "lumped", "chosen", "none")


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What stands for a compound: a species of the mechanism, "" for none, how much of it [ppb/ppb], and why."""

    species: str
    ppb_per_ppb: float
    basis: str
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class Lumping:
    """How compounds become species: float64 matrix (species, compound) [ppb/ppb].

    compounds: English names, as given to lumping(). species: of the mechanism, in the order of its table. left_out:
    compounds that nothing stands for.
    """

    compounds: tuple[str, ...]
    species: tuple[str, ...]
    matrix: np.ndarray
    left_out: tuple[str, ...]

    def species_ppb(self, voc_ppb: np.ndarray) -> np.ndarray:
        """Give the species [ppb] (species, ...) of compounds [ppb] (compound, ...).

        Missing: a compound that is NaN makes the species that it belongs to NaN; what is left out counts nowhere.
        """
        voc, parts = np.asarray(voc_ppb, np.float64), self.matrix
        found = np.tensordot(parts, np.nan_to_num(voc), axes=1)
        lacking = np.tensordot((parts > 0.0).astype(float), np.isnan(voc).astype(float), axes=1)
        return np.where(lacking > 0.0, np.nan, found)

    def reactivity_kept(self, voc_ppb: np.ndarray) -> np.ndarray:
        """Give which share of the reactivity with OH that was measured is in the box (...), from voc_ppb [ppb]
        (compound, ...).

        Missing: a value or a rate constant that is missing counts nowhere; NaN where there is no reactivity.
        """
        koh = coefficients("koh", self.compounds).reshape(-1, *(1,) * (np.ndim(voc_ppb) - 1))
        rate = np.nan_to_num(np.asarray(voc_ppb) * koh * 1e-12 * MOLECULES_PER_PPB)
        kept = rate[self.matrix.any(axis=0)].sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return kept / rate.sum(axis=0)


def lumping(compounds: Sequence[str | int]) -> Lumping:
    """Give how some compounds become species.

    compounds: names, CAS numbers or numbers of the list, in the order of the caller's first axis.
    Errors: ValueError for an unknown compound or one that is there twice, also as part of a pair such as m,p-xylene, and
    where none of them has a counterpart.
    Source: per compound, in compounds.csv.
    """
    try:
        places_of(compounds)  # refuses what is unknown or there twice
    except ValueError as error:
        raise OzoneError(str(error)) from error
    names = tuple(species_named(each).name_en for each in compounds)
    found = [counterparts()[name] for name in names]
    present = {each.species for each in found}
    species = tuple(s for s in reactivities() if s in present)
    if not species:
        raise OzoneError(
            f"compounds are {', '.join(names) or 'none'}, expected some that the mechanism has a species for"
        )
    matrix = np.zeros((len(species), len(names)))
    for column, each in enumerate(found):
        if each.species:
            matrix[species.index(each.species), column] = each.ppb_per_ppb
    return Lumping(names, species, matrix, tuple(n for n, e in zip(names, found, strict=True) if not e.species))


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
