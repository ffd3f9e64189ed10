"""The mixture of VOC and CO that stands for reactivity: mixture.csv, read and checked."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.virtual_airshed.chemistry.axes import GROUPS
from research.virtual_airshed.chemistry.rates import molecules_per_ppb

FILE = Path(__file__).with_name("mixture.csv")
REFERENCE_K = 298.15
"""Temperature at which reactivity is counted [K]: at another temperature the same reactivity means the same ppb."""
REFERENCE_PA = 96000.0
"""Pressure at which reactivity is counted, and that of the box: about 500 m above sea level [Pa]."""
_COLUMNS = ("species", "name", "group", "molar_share", "k_oh_cm3_per_s", "source")


@dataclass(frozen=True)
class Mixture:
    """Species of the mechanism, the group of each, its molar share, and its rate constant with OH [cm3/molecule/s].

    molar_share: ppb for each ppb of VOC; sums to 1 over the VOC, CO comes on top.
    """

    species: tuple[str, ...]
    group: tuple[str, ...]
    molar_share: np.ndarray
    k_oh_cm3_per_s: np.ndarray

    @property
    def reactivity_per_s_per_ppb(self) -> float:
        """The reactivity of 1 ppb of VOC with the CO that comes with it, at the reference state [1/s/ppb]."""
        return float(self.molar_share @ self.k_oh_cm3_per_s) * molecules_per_ppb(REFERENCE_K, REFERENCE_PA)

    def ppb(self, reactivity_per_s: np.ndarray) -> dict[str, np.ndarray]:
        """Give how much of each species makes up a reactivity [1/s]; returns ppb by species, shaped as the argument."""
        voc_ppb = np.asarray(reactivity_per_s, np.float64) / self.reactivity_per_s_per_ppb
        return {s: share * voc_ppb for s, share in zip(self.species, self.molar_share, strict=True)}

    def reactivity_shares(self) -> dict[str, float]:
        """Give the share of each group in the reactivity of the mixture; they sum to 1."""
        parts = self.molar_share * self.k_oh_cm3_per_s / float(self.molar_share @ self.k_oh_cm3_per_s)
        return {g: float(sum(p for p, of in zip(parts, self.group, strict=True) if of == g)) for g in GROUPS}


@functools.cache
def load_mixture() -> Mixture:
    """Read mixture.csv; see read_mixture."""
    return read_mixture(FILE.read_text(encoding="utf-8"), file=FILE.name)


def read_mixture(text: str, *, file: str) -> Mixture:
    """Read a mixture.

    text: comment lines that begin with "#", a line of columns, and a line for each species. file: its name, for errors.
    Errors: ValueError that names file and line for a wrong column, an unknown group, a number that is none or not above
    zero, a species that stands twice, and shares of VOC that do not sum to 1.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(line for _, line in lines))
    if not rows or tuple(rows[0]) != _COLUMNS:
        raise ValueError(
            f"{file}: columns are {','.join(rows[0]) if rows else 'missing'}, expected {','.join(_COLUMNS)}"
        )
    seen: dict[str, Mapping[str, str]] = {}
    for (line, _), cells in zip(lines[1:], rows[1:], strict=True):
        where = f"{file}, line {line}"
        if len(cells) != len(_COLUMNS):
            raise ValueError(f"{where}: {len(cells)} cells, expected {len(_COLUMNS)}")
        row = dict(zip(_COLUMNS, cells, strict=True))
        if row["group"] not in GROUPS:
            raise ValueError(f"{where}: group is {row['group']!r}, expected one of {', '.join(GROUPS)}")
        if row["species"] in seen:
            raise ValueError(f"{where}: {row['species']} stands twice, expected once")
        for column in ("molar_share", "k_oh_cm3_per_s"):
            _above_zero(row[column], f"{where}: {column}")
        seen[row["species"]] = row
    share = np.array([float(row["molar_share"]) for row in seen.values()])
    voc = sum(s for s, row in zip(share, seen.values(), strict=True) if row["group"] != "co")
    if abs(voc - 1.0) > 1e-9:
        raise ValueError(f"{file}: molar_share of the VOC sums to {voc:g}, expected 1")
    k_oh = np.array([float(row["k_oh_cm3_per_s"]) for row in seen.values()])
    return Mixture(tuple(seen), tuple(row["group"] for row in seen.values()), share, k_oh)


def _above_zero(text: str, what: str) -> None:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0.0 < number < float("inf"):
        raise ValueError(f"{what} is {text!r}, expected a number above zero")
