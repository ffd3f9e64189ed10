"""From the compounds that a station measures to the species of a mechanism that stand for them, as a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.ozone.chemistries import USUAL, Chemistry, chemistry_of
from research.ozone.compounds import group_of
from research.ozone.errors import OzoneError
from standards.voc.species import MOLECULES_PER_PPB, coefficients, places_of, species_named


@dataclass(frozen=True, slots=True, eq=False)
class Lumping:
    """How compounds become species: float64 matrix (species, compound) [ppb/ppb].

    compounds: English names, as given to lumping(). species: of the mechanism, in the order of its table. left_out:
    compounds that nothing stands for. kinds: group of each compound, "" for one that is left out. species_kinds, species_koh:
    group of each species, and its rate constant with OH [cm3/molecule/s], 0 where the mechanism has none.
    """

    compounds: tuple[str, ...]
    species: tuple[str, ...]
    matrix: np.ndarray
    left_out: tuple[str, ...]
    kinds: tuple[str, ...]
    species_kinds: tuple[str, ...]
    species_koh: tuple[float, ...]

    def species_ppb(self, voc_ppb: np.ndarray) -> np.ndarray:
        """Give the species [ppb] (species, ...) of compounds [ppb] (compound, ...).

        Missing: a compound that is NaN makes the species that it belongs to NaN; what is left out counts nowhere.
        """
        voc, parts = np.asarray(voc_ppb, np.float64), self.matrix
        found = np.tensordot(parts, np.nan_to_num(voc), axes=1)
        lacking = np.tensordot((parts > 0.0).astype(float), np.isnan(voc).astype(float), axes=1)
        return np.where(lacking > 0.0, np.nan, found)

    def reactivity_shares(self, voc_ppb: np.ndarray) -> np.ndarray:
        """Give the share of each compound in the reactivity with OH that was measured (compound, ...), from voc_ppb [ppb].

        Missing: a value or a rate constant that is missing counts as 0; NaN where there is no reactivity.
        """
        koh = coefficients("koh", self.compounds).reshape(-1, *(1,) * (np.ndim(voc_ppb) - 1))
        rate = np.nan_to_num(np.asarray(voc_ppb) * koh * 1e-12 * MOLECULES_PER_PPB)
        with np.errstate(invalid="ignore", divide="ignore"):
            return rate / rate.sum(axis=0)

    def reactivity_kept(self, voc_ppb: np.ndarray) -> np.ndarray:
        """Give which share of the reactivity with OH that was measured is in the box (...), from voc_ppb [ppb]
        (compound, ...).

        Missing: as reactivity_shares.
        """
        return self.reactivity_shares(voc_ppb)[self.matrix.any(axis=0)].sum(axis=0)


def lumping(compounds: Sequence[str | int], chemistry: str | Chemistry = USUAL) -> Lumping:
    """Give how some compounds become species of a mechanism.

    compounds: names, CAS numbers or numbers of the list, in the order of the caller's first axis. chemistry: a mechanism.
    Errors: ValueError for an unknown compound or one that is there twice, also as part of a pair such as m,p-xylene, and
    where none of them has a counterpart.
    Source: per compound, in the table of the mechanism.
    """
    try:
        places_of(compounds)  # refuses what is unknown or there twice
    except ValueError as error:
        raise OzoneError(str(error)) from error
    names = tuple(species_named(each).name_en for each in compounds)
    known = chemistry_of(chemistry)
    present = {part.species for name in names for part in known.parts.get(name, ())}
    species = tuple(s for s in known.koh if s in present)
    if not species:
        raise OzoneError(
            f"compounds are {', '.join(names) or 'none'}, expected some that the mechanism has a species for"
        )
    matrix = np.zeros((len(species), len(names)))
    for column, name in enumerate(names):
        for part in known.parts.get(name, ()):
            matrix[species.index(part.species), column] = part.ppb_per_ppb
    return Lumping(
        names, species, matrix, tuple(n for n in names if n not in known.parts),
        tuple(group_of(n) if n in known.parts else "" for n in names), tuple(known.kinds[s] for s in species),
        tuple(known.koh[s] for s in species),
    )  # fmt: skip
