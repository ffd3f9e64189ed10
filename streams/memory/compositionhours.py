"""Station-hours and samples of what PM2.5 is made of: what is said of each, and what is stored of it."""

from __future__ import annotations

import numpy as np

from streams.memory import specieshours
from streams.records import STEPS_PER_UGM3, CompositionBlock
from streams.results import Rows

PIECES = "c"
"""The first letter of the keys of their pieces."""


def series_of(block: CompositionBlock, station: str) -> str:
    """Name the series of which a station has one row an hour: that of an averaging time and a kind of species."""
    return f"{station}/{block.averaging_h}/{block.kind}"


def contents(block: CompositionBlock, station: np.ndarray, hour: np.ndarray) -> list[str]:
    """Write rows as JSON of mass concentrations [ug/m3] by species, as specieshours.contents."""
    return specieshours.contents(block.values, block.below_ugm3, block.species, station, hour, steps=STEPS_PER_UGM3)


def rows_of(block: CompositionBlock, station: np.ndarray, hour: np.ndarray, texts: list[str]) -> Rows:
    """Give rows of composition_station_hour, without city and version.

    The total is over the species that have a value. Missing: NaN where none has one.
    """
    values = block.values[:, station, hour]
    some = np.isfinite(values).any(axis=0)
    rows = specieshours.rows_of(
        "composition_station_hour", block, block.below_ugm3, station, hour, texts, text="species_ugm3"
    ).numbers("total_ugm3", np.where(some, np.nansum(values, axis=0), np.nan))
    return rows.same(averaging_h=block.averaging_h, species_kind=block.kind)
