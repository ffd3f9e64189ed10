"""Hours that cannot have happened yet.

What is measured has ended: an hour that ends more than AHEAD_H after now is a slip of the pen or of a zone, whatever it says. A
forecast run has started; how far it reaches from there, its feed bounds. An inventory says what would be emitted, and is made for
years that are far ahead (scenarios for 2060): it may speak of any year that its layout promises, and since nothing leaves
the state for good, none of them costs another hour anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams.records import Block, EmissionBlock, ForecastBlock, TagBlock, iso_hour

AHEAD_H = 1
"""Clocks differ: hours may end, and runs start, so long after now [h]."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far what a block holds may reach: the hour after the last one that is taken, and in words what is wrong beyond it.

    value: what is wrong, where it is the same for all hours; None where each hour is.
    """

    end: int
    reason: str
    value: str | None
    expected: str


def horizon_of(kind: type[Block], fields: Mapping[str, Any], now: float) -> Horizon | None:
    """Give how far a block of a kind, with these fields, may reach at a moment [s since 1970]; None: as far as it does."""
    latest, last = int(now // 3600) + AHEAD_H, fields["first_hour"] + fields["values"].shape[-1] - 1
    if kind in (ForecastBlock, TagBlock):
        start, expected = fields["run_init"], f"a run that has started, by {iso_hour(latest)}"
        return Horizon(0, "the run starts in the future", iso_hour(start), expected) if start > latest else None
    if (kind is EmissionBlock and not fields.get("measured", False)) or last <= latest:
        return None
    expected = f"hours that have ended, by {iso_hour(latest)}"
    return Horizon(latest + 1, "the hour lies in the future", None, expected)
