"""Station-hours of organic compounds: what is stored of each, and which of two rows of one station-hour counts.

For each station-hour one row wins as a whole, whatever the order of arrival: a measured one before a simulated one, then
`reviewed` before `provisional`, then the higher revision, then the row received last, be it lower or higher, then the row with
more values, with more known detection limits, with the larger sum; a digest of content and source decides between rows that are
equal in all of this. An hour of compounds stands alone (no mean reaches into it), so only what decides has to be remembered of a
row: 32 bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import orjson

from standards.voc import reactivity as voc
from streams.memory.book import received_us
from streams.memory.cityhours import REVISIONS
from streams.records import STATUSES, STEPS_PER_PPB, VocBlock
from streams.results import Rows

STRENGTH = np.dtype(
    [("rank", "i4"), ("received", "i8"), ("values", "i2"), ("limits", "i2"), ("sum", "i8"), ("digest", "u8")]
)
"""What decides between rows, most important first; sum in steps of a ppb (streams.records.STEPS_PER_PPB)."""
ABSENT = np.array((-1, 0, 0, 0, 0, 0), STRENGTH)
"""Weaker than any row."""


def absent(hours: int) -> np.ndarray:
    """Give the strength of hours without a row, STRENGTH (hour,)."""
    return np.full(hours, ABSENT)


def contents(block: VocBlock, station: np.ndarray, hour: np.ndarray) -> list[str]:
    """Write rows as JSON: compound to mixing ratio [ppb], or to "<limit" where it is below; what is missing is left out.

    station, hour: int (row,), the rows' places in the block.
    """
    ppb = np.rint(block.values[:, station, hour] * STEPS_PER_PPB) / STEPS_PER_PPB
    rows = ppb.T.tolist()
    if block.below_ppb is None:
        return [_json((name, x) for name, x in zip(block.species, row, strict=True) if x == x) for row in rows]
    limits = np.rint(block.below_ppb[:, station, hour] * STEPS_PER_PPB) / STEPS_PER_PPB
    return [
        _json(
            (name, x if x == x else f"<{limit}")
            for name, x, limit in zip(block.species, row, under, strict=True)
            if x == x or limit == limit
        )
        for row, under in zip(rows, limits.T.tolist(), strict=True)
    ]


def strengths(block: VocBlock, station: np.ndarray, hour: np.ndarray, texts: list[str]) -> np.ndarray:
    """Give what decides between rows, STRENGTH (row,); texts as contents gives them."""
    values = block.values[:, station, hour]
    made = np.empty(len(texts), STRENGTH)
    made["rank"] = (2 * (not block.simulated) + STATUSES.index(block.status)) * REVISIONS + block.revision
    made["received"] = received_us(block.received_at)
    made["values"] = np.isfinite(values).sum(axis=0)
    made["limits"] = 0 if block.below_ppb is None else np.isfinite(block.below_ppb[:, station, hour]).sum(axis=0)
    made["sum"] = np.nansum(np.rint(values * STEPS_PER_PPB), axis=0)
    made["digest"] = [_digest(f"{block.source}\n{text}") for text in texts]
    return made


def stronger(new: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Compare strengths of the same shape in the order of their fields: True where new wins."""
    wins, equal = np.zeros(new.shape, bool), np.ones(new.shape, bool)
    for name in STRENGTH.names:
        wins |= equal & (new[name] > held[name])
        equal &= new[name] == held[name]
    return wins


def unlike(new: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Tell where rows differ in more than the moment of their receipt: bool in the shape of both."""
    return np.any([new[name] != held[name] for name in STRENGTH.names if name != "received"], axis=0)


def rows_of(block: VocBlock, station: np.ndarray, hour: np.ndarray, texts: list[str]) -> Rows:
    """Give rows of voc_station_hour, without city and version.

    Sums are over the compounds that have a value; each tells how many of them have a coefficient, and of what share of the
    measured mass that is. Missing: NaN where no compound has a value.
    """
    values, species = block.values[:, station, hour], list(block.species)
    total = voc.tvoc(values, species, unit="ppb", least_measured=0.0)
    ozone = voc.ofp(values, species, unit="ppb", least_measured=0.0)
    loss = voc.oh_reactivity(values, species, unit="ppb", least_measured=0.0)
    below = np.zeros(len(texts), int) if block.below_ppb is None else _count(block.below_ppb[:, station, hour])
    rows = Rows("voc_station_hour").coded("station", station.astype(np.uint16), block.stations)
    rows.numbers("hour_end", (block.first_hour + hour).astype(np.int32)).texts("species_ppb", texts)
    rows.numbers("n_species", _count(values)).numbers("n_below", below).numbers("total_ppb", total.total)
    for name, found in (("ofp", ozone), ("oh_reactivity", loss)):
        rows.numbers(f"{name}_species", _count(found.by_species)).numbers(f"{name}_mass_share", found.mass_share)
    rows.numbers("ofp_ugm3", ozone.total).numbers("oh_reactivity_per_s", loss.total)
    return rows.same(source=block.source, status=block.status, revision=block.revision, simulated=block.simulated)


def _json(items: Any) -> str:
    return orjson.dumps(dict(items)).decode()


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _count(values: np.ndarray) -> np.ndarray:
    return np.isfinite(values).sum(axis=0)
