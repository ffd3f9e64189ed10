"""What the primary PM2.5 of each source is made of: carbon, elements and markers as shares of its mass.

The shipped table is what a platform may know, as published profiles are known. What the sources of a run really emit
differs from it by a factor for each source and component, drawn from the run's seed (true_profiles).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from research.virtual_airshed.chance import generator
from research.virtual_airshed.inventories.checked_csv import TableError, rows_of

SOURCES = ("industry", "coal", "dust", "vehicles", "nonroad", "residential", "agriculture", "inflow", "dust_storm")
"""Sectors with primary PM2.5, what flows in, and the desert dust in that. Solvents and plants emit none."""
COMPONENTS = (
    "chloride", "oc", "ec", "na", "mg", "al", "si", "k", "ca", "ti", "mn", "fe", "cu", "zn", "as", "pb", "levoglucosan",
)  # fmt: skip
COLUMNS = ("source", "component", "mass_fraction", "basis", "note")
TRUTH_COLUMNS = ("source", "component", "mass_fraction", "simulated")
BASES = ("recalled", "chosen")
ERROR_SD = 0.25
"""Of the logarithm of what a source really emits over the table: published profiles of one kind of source differ by this
and more (a choice)."""
MOST_SHARE = 0.95
"""Of the mass that the components may make together; true profiles that would exceed it are brought down to it."""
SHIPPED = Path(__file__).with_name("particle_profiles.csv")


@dataclass(frozen=True, eq=False)
class ParticleProfiles:
    """Mass of each component per mass of primary PM2.5: float64 (source, component), in the order of SOURCES and COMPONENTS."""

    shares: np.ndarray

    def of(self, source: str) -> np.ndarray:
        """Give the shares of a source (component,); zeros for a sector without primary PM2.5."""
        return self.shares[SOURCES.index(source)] if source in SOURCES else np.zeros(len(COMPONENTS))


def read_particle_profiles(path: Path) -> ParticleProfiles:
    """Read profiles, one line per source and component; what has no line is 0.

    Errors: TableError with file, line, value and expectation for an unknown source, component or basis, a share that is not
    from 0 to 1, a line that repeats another, and a source without a line or whose shares make more than MOST_SHARE.
    """
    shares, lines = np.zeros((len(SOURCES), len(COMPONENTS))), {}
    for row in rows_of(path, COLUMNS):
        key = row.one_of("source", SOURCES), row.one_of("component", COMPONENTS)
        if key in lines:
            raise row.error("component", f"once in {key[0]}, it is on line {lines[key]} too")
        row.one_of("basis", BASES)
        row.text("note")
        lines[key] = row.line
        shares[SOURCES.index(key[0]), COMPONENTS.index(key[1])] = row.number("mass_fraction", 0.0, 1.0)
    for source, whole in zip(SOURCES, shares.sum(axis=1).tolist(), strict=True):
        if not 0.0 < whole <= MOST_SHARE:
            raise TableError(
                f"{path}: the shares of {source} sum to {whole:g}, expected above 0 and at most {MOST_SHARE}"
            )
    return ParticleProfiles(_frozen(shares))


@lru_cache(maxsize=1)
def shipped() -> ParticleProfiles:
    """Give the shipped profiles; their array is read-only."""
    return read_particle_profiles(SHIPPED)


@lru_cache(maxsize=8)
def true_profiles(seed: int) -> ParticleProfiles:
    """Give what the sources of a run really emit: the shipped shares, each times a factor of median 1 (ERROR_SD)."""
    z = np.array([[generator(seed, "particle profile", s, c).standard_normal() for c in COMPONENTS] for s in SOURCES])
    shares = shipped().shares * np.exp(ERROR_SD * z)
    return ParticleProfiles(_frozen(shares * np.minimum(1.0, MOST_SHARE / shares.sum(axis=1, keepdims=True))))


def rows(profiles: ParticleProfiles) -> Sequence[tuple[str, str, str]]:
    """Give profiles as rows (source, component, share), those above 0."""
    return [
        (source, component, f"{share:.6g}")
        for source, of in zip(SOURCES, profiles.shares.tolist(), strict=True)
        for component, share in zip(COMPONENTS, of, strict=True)
        if share > 0
    ]


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
