"""Quality flags of station hours, in two ranks: what cannot be counts nowhere, what is unlikely counts and is named.

The kinds follow the usual checks of a network (for Chinese stations: Wu et al. 2018, Advances in Atmospheric Sciences
35, 1522, who look for spatially and temporally inconsistent and for invariant values). docs/quality_flags.md tells each, its
limits with their sources, and how well they find the faults of the virtual airshed.

Flags are local: those of an hour depend only on the hours from LOOKBACK before to LOOKAHEAD after it. A value that a person has
reviewed counts whatever its flags say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from standards.pollutants import ITEMS
from streams.assess import impossible as impossible_values
from streams.assess import unlikely as unlikely_values
from streams.assess.impossible import impossible
from streams.assess.quality_rules import QualityRules, load_rules
from streams.assess.surroundings import Cells
from streams.assess.unlikely import unlikely
from streams.registry.members import Neighbours

IMPOSSIBLE = ("range", "sentinel", "unit", "dead")
"""Kinds of the rank *invalid*. range: outside what can be. sentinel: a number that stands for nothing, apart from what is beside
it. unit: a thousand times too large or too small. dead: a station of which all is 0, or nothing moves while others do."""
UNLIKELY = ("spike", "stuck", "apart", "inverted")
"""Kinds of the rank *suspect*. spike: one hour far from the hours on both sides. stuck: equal hours that chance does not explain.
apart: far from what the stations of its like measure in the same city and hour. inverted: more PM2.5 than PM10."""
KINDS = ("range", "spike", "stuck", "apart", "sentinel", "unit", "dead", "inverted")
"""In the order of their bits, to which new ones are only ever added: packed flags may lie in a topic over a new version."""
LOOKBACK = impossible_values.BACK + unlikely_values.BACK
LOOKAHEAD = impossible_values.AHEAD + unlikely_values.AHEAD
"""Hours before and after an hour on which its flags depend [h]: what is unlikely is judged by hours that are judged themselves."""
EVERY_ITEM = (1 << len(ITEMS)) - 1


@dataclass(slots=True)
class Judgement:
    """What is said of the values of some station-hours.

    values: (item, station, hour), NaN where missing or not to be believed; the very array that was judged where all are believed.
    flags: int64 (station, hour), packed as pack() does. suspect: uint8 (station, hour), bit i: ITEMS[i] counts, and is unlikely.
    """

    values: np.ndarray
    flags: np.ndarray
    suspect: np.ndarray


@dataclass(slots=True)
class _Found:
    cells: list[tuple[str, Cells]] = field(default_factory=list)

    def __call__(self, kind: str, cells: Cells) -> None:
        if len(cells[0]):
            self.cells.append((kind, cells))


def judge(
    values: np.ndarray, *, reviewed: np.ndarray | None = None, neighbours: Neighbours | None = None,
    rules: QualityRules | None = None,
) -> Judgement:  # fmt: skip
    """Judge the hours of the stations of one city.

    values [ug/m3, CO mg/m3]: (item, station, hour), hours consecutive. reviewed: bool (station, hour), which a person has looked
    at: flagged alike, and overruled. neighbours: who is compared with whom (streams.registry.members), None: all with all. rules
    None: the newest shipped limits. Missing: NaN is never flagged; a spike needs an hour on both sides; equal hours end at a gap.
    """
    rules, found = rules or load_rules(), _Found()
    believed = impossible(values, reviewed, neighbours, rules, found)
    unlikely(values, believed, neighbours, rules, found)
    flags = np.zeros(values.shape[1:], np.int64)
    for kind, (item, station, hour) in found.cells:
        np.bitwise_or.at(flags, (station, hour), np.int64(1) << (KINDS.index(kind) * len(ITEMS) + item))
    return Judgement(believed, flags, _suspects(flags, reviewed))


def quality_flags(
    values: np.ndarray, *, reviewed: np.ndarray | None = None, neighbours: Neighbours | None = None,
    rules: QualityRules | None = None,
) -> np.ndarray:  # fmt: skip
    """Flag the hours of the stations of one city: bool (kind, item, station, hour), in the order of KINDS and ITEMS; as judge()."""
    return unpack(judge(values, reviewed=reviewed, neighbours=neighbours, rules=rules).flags)


def pack(flags: np.ndarray) -> np.ndarray:
    """Pack flags (kind, item, station, hour) into int64 (station, hour): bit kind * 6 + item."""
    bits = np.arange(len(KINDS) * len(ITEMS), dtype=np.int64)
    flat = flags.reshape(bits.size, *flags.shape[2:])
    packed = np.zeros(flat.shape[1:], np.int64)
    for bit in bits[flat.any(axis=(1, 2))]:
        packed |= flat[bit].astype(np.int64) << bit
    return packed


def unpack(code: np.ndarray) -> np.ndarray:
    """Give the flags (kind, item, station, hour) of pack()."""
    bits = np.arange(len(KINDS) * len(ITEMS), dtype=np.int64)
    return (code[None] >> bits[:, None, None] & 1).astype(bool).reshape(len(KINDS), len(ITEMS), *code.shape)


def flag_text(code: int) -> str:
    """Write a packed code as "spike:pm10,pm25 stuck:o3", empty where nothing is flagged; at most 270 characters."""
    words = []
    for kind, name in enumerate(KINDS):
        items = [item for bit, item in enumerate(ITEMS) if code >> (kind * len(ITEMS) + bit) & 1]
        if items:
            words.append(f"{name}:{','.join(items)}")
    return " ".join(words)


def kinds_by_item(text: str | None) -> dict[str, tuple[str, ...]]:
    """Give by item the kinds of flags that a row (text of flag_text) has."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, _, items in (word.partition(":") for word in (text or "").split()):
        for item in items.split(","):
            found[item] = (*found.get(item, ()), kind)
    return found


def invalid_items(text: str | None) -> frozenset[str]:
    """Name the items that the flags of a row (text of flag_text) call impossible; they count all the same where it is reviewed."""
    return frozenset(item for item, kinds in kinds_by_item(text).items() if set(kinds) & set(IMPOSSIBLE))


def _suspects(flags: np.ndarray, reviewed: np.ndarray | None) -> np.ndarray:
    suspect = np.zeros(flags.shape, np.uint8)
    flagged = flags != 0 if reviewed is None else (flags != 0) & ~reviewed
    if flagged.any():
        codes, width = flags[flagged], len(ITEMS)
        by_kind = [codes >> (width * kind) & EVERY_ITEM for kind in range(len(KINDS))]
        invalid, unlikely_ = (
            np.bitwise_or.reduce([by_kind[KINDS.index(kind)] for kind in rank]) for rank in (IMPOSSIBLE, UNLIKELY)
        )
        suspect[flagged] = unlikely_ & ~invalid
    return suspect
