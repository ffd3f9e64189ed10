"""Who causes the air of a city, in a few names: pure. What nobody can act on is never named as the largest source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboards.components.attribution_bars import NO_SOURCE, SIGNED
from streams.contributors import OUTSIDE
from streams.store.attribution import Contributions


@dataclass(frozen=True)
class Part:
    """A part of the air. name: of a group or place. share, low, high [%] of the whole, the last two of the 90 % interval."""

    name: str
    amount: float
    share: float
    low: float
    high: float


def parts_of(found: Contributions, kind: str, quantity: str) -> list[Part]:
    """Give the parts of a kind ("sector", "group", "place") in the order of names, outside last; none where the whole is 0."""
    if found.total <= 0:
        return []
    values, (low, high) = found.by(kind), found.interval(kind, signed=quantity in SIGNED)
    scaled = [np.asarray(each) / found.total * 100.0 for each in (values, low, high)]
    return [
        Part(name, float(values[i]), *(float(each[i]) for each in scaled)) for i, name in enumerate(found.names(kind))
    ]


def leading(parts: list[Part]) -> tuple[Part, ...]:
    """Give the largest part that somebody can act on, and beside it the next one where their intervals overlap: then nobody
    can say which is first. Nothing where there is none."""
    ordered = sorted((each for each in parts if each.name not in NO_SOURCE), key=lambda each: -each.share)
    if not ordered or ordered[0].share <= 0:
        return ()
    first = ordered[0]
    rival = next((each for each in ordered[1:] if each.high >= first.low), None)
    return (first,) if rival is None else (first, rival)


def by_distance(parts: list[Part], own: str) -> tuple[float, float, float]:
    """Split the shares by place [%]: the city itself, the other cities, outside."""
    home = sum(each.share for each in parts if each.name == own)
    outside = sum(each.share for each in parts if each.name == OUTSIDE)
    return home, sum(each.share for each in parts) - home - outside, outside
