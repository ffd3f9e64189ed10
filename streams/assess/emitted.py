"""Rows of what a city emits, hour by hour: totals by species, and the sectors as JSON.

Where a measured number took the place of the inventory's, the JSON keeps that too, as "beneath": [sector, species, kg/h]. So
what was measured can be laid against what was told.
"""

from __future__ import annotations

from itertools import compress

import numpy as np
import orjson

from streams.memory.held import Emissions, sum_known
from streams.memory.origins import from_file
from streams.records import SPECIES
from streams.results import Rows

KGH_DECIMALS = 4
"""Decimals of emissions by sector [kg/h]."""


def emission_rows(emissions: Emissions, news: np.ndarray, *, city: str, version: int) -> Rows | None:
    """Give the hours of a city's emissions that say something new, news: bool (hour,); None where there are none.

    Missing: an hour of which nothing is known any more, since it was withdrawn, gives a row without numbers; a species of which no
    sector says anything is missing in its total.
    """
    total = sum_known(emissions.own)
    keep = news
    if not keep.any():
        return None
    hour_end = np.arange(emissions.first_hour, emissions.first_hour + len(news), dtype=np.int32)[keep]
    rows = Rows("emission_city_hour").same(city=city, version=version).numbers("hour_end", hour_end)
    rows.numbers([f"{s}_kgh" for s in SPECIES], total[:, keep]).numbers("simulated", emissions.simulated[keep])
    names, codes = np.unique(emissions.inventory[keep], return_inverse=True)
    rows.coded("inventory", codes.astype(np.uint16), [str(name) or None for name in names])
    released, received, file = emissions.came[:, keep]
    return from_file(rows, file, released, received).texts("sectors", _sector_texts(emissions, keep))


def _sector_texts(emissions: Emissions, keep: np.ndarray) -> list[str | None]:
    own = np.round(emissions.own[..., keep], KGH_DECIMALS)
    # Only the sectors that say something in the hour: which others exist must not depend on what has come by now.
    known = np.isfinite(own).any(axis=1).T
    by_hour = np.ascontiguousarray(np.moveaxis(own, -1, 0))
    beneath = _beneath(emissions, keep)
    return [
        _sector_text(emissions.sectors, hour, there, beneath.get(t, []))
        for t, (hour, there) in enumerate(zip(by_hour, known, strict=True))
    ]


def _beneath(emissions: Emissions, keep: np.ndarray) -> dict[int, list[tuple[str, str, float]]]:
    """Give what the inventory says where something was measured, by hour: sector, species, kg/h."""
    found: dict[int, list[tuple[str, str, float]]] = {}
    told = np.round(emissions.beneath[..., keep], KGH_DECIMALS)
    for s, k, t in np.argwhere(np.isfinite(told)).tolist():
        found.setdefault(t, []).append((emissions.sectors[s], SPECIES[k], float(told[s, k, t])))
    return found


def _sector_text(
    sectors: tuple[str, ...], kgh: np.ndarray, known: np.ndarray, beneath: list[tuple[str, str, float]]
) -> str | None:
    # kgh (sector, species) and bool (sector,) of one hour.
    if not known.any():
        return None
    fields = {"sectors": tuple(compress(sectors, known)), "species": SPECIES, "kgh": kgh if known.all() else kgh[known]}
    if beneath:
        fields["beneath"] = beneath
    return orjson.dumps(fields, option=orjson.OPT_SERIALIZE_NUMPY).decode()
