"""Station-hours of organic compounds: what is stored of each, and which of two rows of one station-hour counts.

For each station-hour one row wins as a whole, whatever the order of arrival: a measured one before a simulated one, then
`reviewed` before `provisional`, then the higher revision, then the row released last, be it lower or higher or without any value,
then the one received last (streams.memory.delivery). Of rows of one file one that says anything stands before one that does not,
then the later line; a digest of content and source decides between rows that are equal in all of this. An hour of compounds stands
alone (no mean reaches into it), so only what decides has to be remembered of a row: mostly a digest of 8 bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import orjson

from standards.voc import reactivity as voc
from streams.memory.cityhours import REVISIONS
from streams.memory.delivery import delivery_of
from streams.memory.origins import from_block
from streams.records import STATUSES, STEPS_PER_PPB, VocBlock
from streams.results import Numbers, Rows, Same
from streams.wire.arrays import folded, stepped, unstepped

STRENGTH = np.dtype(
    [
        ("rank", "i4"),
        ("released", "i8"),
        ("received", "i8"),
        ("file", "i8"),
        ("says", "u1"),
        ("line", "i4"),
        ("digest", "u8"),
    ]
)
"""What decides between rows, most important first; digest is of what is said and by whom."""
_SAID = ("rank", "digest")
"""What tells two rows apart; the rest says how they came."""
ABSENT = np.array((-1, 0, 0, 0, 0, 0, 0), STRENGTH)
"""Weaker than any row."""
_NOTHING = "{}"
"""What is written of a row without any value or limit."""


def absent(hours: int) -> np.ndarray:
    """Give the strength of hours without a row, STRENGTH (hour,)."""
    return np.full(hours, ABSENT)


def packed(rows: np.ndarray) -> dict[str, Any]:
    """Make a compact picture of strengths (hour,) for keyed state: what is all one value as that value."""
    return {"line": stepped(rows["line"]), **{name: folded(rows[name]) for name in STRENGTH.names if name != "line"}}


def unpacked(kept: dict[str, Any], hours: int) -> np.ndarray:
    """Give back what packed pictured."""
    rows = np.empty(hours, STRENGTH)
    for name in STRENGTH.names:
        rows[name] = unstepped(*kept[name], hours) if name == "line" else kept[name]
    return rows


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
    made, came = np.empty(len(texts), STRENGTH), delivery_of(block)
    made["rank"] = (2 * (not block.simulated) + STATUSES.index(block.status)) * REVISIONS + block.revision
    made["released"], made["received"], made["file"] = came.released, came.received, came.file
    made["says"] = [text != _NOTHING for text in texts]
    made["line"] = 0 if block.lines is None else block.lines[station, hour]
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
    """Tell where rows differ in more than how they came: bool in the shape of both."""
    return np.any([new[name] != held[name] for name in _SAID], axis=0)


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
    from_block(rows, block)
    rows.add("line", Same(0) if block.lines is None else Numbers(block.lines[station, hour]))
    return rows.same(source=block.source, status=block.status, revision=block.revision, simulated=block.simulated)


def _json(items: Any) -> str:
    return orjson.dumps(dict(items)).decode()


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _count(values: np.ndarray) -> np.ndarray:
    return np.isfinite(values).sum(axis=0)
