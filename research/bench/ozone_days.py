"""Days of a site for the box model, as every kind of ozone reads them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from research.bench.kinds import Inputs
from research.ozone.conditions import Conditions, conditions
from research.ozone.days import LeftOut, briefly, gather
from research.ozone.errors import OzoneError
from research.ozone.hours import Hours
from research.ozone.in_store import hours_from_store
from streams.registry import Registry

MECHANISM = "t1s2"
TOGETHER = 4
"""Days that are solved at a time: between them it is told how far the work is."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days that can be computed, and those that cannot, with why. more: what a kind reads besides."""

    days: tuple[Conditions, ...]
    left_out: tuple[LeftOut, ...]
    more: Mapping[str, Any]


def read_days(
    engine: sa.Engine, registry: Registry, question: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> Inputs:
    """Read a site's days; OzoneError where none can be computed, naming what each of them lacks."""
    first, last = (dt.date.fromisoformat(question[name]) for name in ("first", "last"))
    hours = hours_from_store(engine, registry, question["station"], first, last)
    found = gather(hours, below=question["below"])
    wanted = [each for each in found.days if first <= each.day <= last]
    left = tuple(each for each in found.left_out if first <= each.day <= last)
    if not wanted:
        why = f"without values: {briefly(left)}" if left else "there are none"
        raise OzoneError(
            f"{question['station']}: no day from {first} to {last} can be computed ({why}), expected whole days"
        )
    return Inputs(
        _digest(hours, more or {}), hours.simulated, Days(tuple(conditions(each) for each in wanted), left, more or {})
    )


def parts_of(days: Sequence[Conditions]) -> Iterator[tuple[float, Sequence[Conditions]]]:
    """Give some days at a time, with the share of all that was given before them."""
    for begin in range(0, len(days), TOGETHER):
        yield begin / len(days), days[begin : begin + TOGETHER]


def told(data: Days) -> dict[str, Any]:
    """Say which days were left out, which compounds of a day, and what stands for what was not measured."""
    assumed: dict[str, str] = {}
    for each in data.days:
        assumed |= {name: str(text) for name, text in each.assumed.items()}
    without = [
        {"day": each.day.day.isoformat(), "what": name, "share": share}
        for each in data.days
        for name, share in each.day.without.items()
    ]
    left = [{"day": each.day.isoformat(), "what": each.what, "gap_h": each.gap_h} for each in data.left_out]
    return {
        "left_out": left,
        "without": without,
        "assumed": assumed,
        "days_n": len(data.days),
        "source": data.days[0].day.source,
        "settings": data.days[0].settings.as_record(),
    }


def _digest(hours: Hours, more: Mapping[str, Any]) -> str:
    seen = hashlib.sha256(
        repr((hours.station, hours.lon, hours.lat, hours.compounds, hours.source, sorted(more))).encode()
    )
    for array in (
        hours.hour_end,
        hours.voc_ppb,
        hours.below_ppb,
        *(hours.series[name] for name in sorted(hours.series)),
    ):
        seen.update(np.ascontiguousarray(array).tobytes())
    return seen.hexdigest()
