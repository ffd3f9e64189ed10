"""The sensitivity regime of each day by independent signs, with their disagreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from research.bench.kinds import Tell
from research.bench.ozone_days import MECHANISM, Days, read_days, told
from research.ozone.ekma import ekma_of
from research.ozone.groups import nox_group, voc_group
from research.ozone.obm import obm_of
from research.ozone.regime import regime_of
from research.ozone.rir import rir_of

SOFTWARE = f"regime 2; {MECHANISM}"
COARSE = np.linspace(0.0, 2.0, 9)
"""Factors of the diagram whose slopes are one of the signs."""
read = read_days


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give each day's signs, what most of them read, and which disagree."""
    days = []
    for n, day in enumerate(data.days):
        tell(n / len(data.days), "signs")
        (box,), (rir,) = obm_of([day]), rir_of([day], lambda each: [voc_group(each.lumping), nox_group()])
        tell((n + 0.5) / len(data.days), "signs")
        found = regime_of(day, box, ekma=ekma_of(day, voc_factor=COARSE, nox_factor=COARSE), rir=rir)
        signs = [
            {"kind": each.kind, "reading": each.reading, "value": each.value, "what": each.what, "rests_on": each.rests_on}
            for each in found.signs
        ]  # fmt: skip
        days.append({"day": found.day.isoformat(), "signs": signs, "most": list(found.most), "disagreeing": list(found.disagreeing),
                     "agreeing": found.agreeing, "contradicted": found.contradicted})  # fmt: skip
    return {"days": days, **told(data)}
