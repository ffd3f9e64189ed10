"""Station-hours of organic compounds: what is said of each, and what is stored of it."""

from __future__ import annotations

import numpy as np

from standards.voc import reactivity as voc
from streams.memory import specieshours
from streams.records import STEPS_PER_PPB, VocBlock
from streams.results import Rows

PIECES = "v"
"""The first letter of the keys of their pieces."""


def series_of(block: VocBlock, station: str) -> str:
    """Name the series of which a station has one row an hour: that of the station."""
    return station


def contents(block: VocBlock, station: np.ndarray, hour: np.ndarray) -> list[str]:
    """Write rows as JSON of mixing ratios [ppb] by compound, as specieshours.contents."""
    return specieshours.contents(block.values, block.below_ppb, block.species, station, hour, steps=STEPS_PER_PPB)


def rows_of(block: VocBlock, station: np.ndarray, hour: np.ndarray, texts: list[str]) -> Rows:
    """Give rows of voc_station_hour, without city and version.

    Sums are over the compounds that have a value; each tells how many of them have a coefficient, and of what share of the
    measured mass that is. Missing: NaN where no compound has a value.
    """
    values, species = block.values[:, station, hour], list(block.species)
    total = voc.tvoc(values, species, unit="ppb", least_measured=0.0)
    ozone = voc.ofp(values, species, unit="ppb", least_measured=0.0)
    loss = voc.oh_reactivity(values, species, unit="ppb", least_measured=0.0)
    rows = specieshours.rows_of(
        "voc_station_hour", block, block.below_ppb, station, hour, texts, text="species_ppb"
    ).numbers("total_ppb", total.total)
    for name, found in (("ofp", ozone), ("oh_reactivity", loss)):
        rows.numbers(f"{name}_species", specieshours.count(found.by_species))
        rows.numbers(f"{name}_mass_share", found.mass_share)
    return rows.numbers("ofp_ugm3", ozone.total).numbers("oh_reactivity_per_s", loss.total)
