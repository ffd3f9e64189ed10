"""How fast and how right the boxes of measured days are: EKMA held and emitted, RIR, budgets. Prints JSON.

Run: python -m tests.bench.bench_ozone [--json FILE] [--only held emitted rir budget] [--repeats 3]

CPU seconds of one core, the least of the repeats, from conditions of a day to the result: rates of photolysis, rate constants and
spin-up are part of it. Days are the made ones of the tests, with the amounts of each multiplied by 0.7 to 1.3.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from research.ozone.conditions import Conditions, Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import ekma_of
from research.ozone.emitted import emitted_ekma_of, supply_of
from research.ozone.groups import co_group, compound_groups, nox_group, voc_group
from research.ozone.obm import obm_of
from research.ozone.rir import rir_of
from tests.bench.parts import Parts, measure
from tests.research.ozone.made import hours

FIRST = dt.date(2024, 7, 1)
TIGHT = 1e-7


def days_of(count: int, window_s: float) -> list[Conditions]:
    """Make days, each with amounts of its own."""
    random, found = np.random.default_rng(1), []
    for each in gather(hours(FIRST, count)).days:
        series = {**each.series, "no2_ppb": each.series["no2_ppb"] * random.uniform(0.7, 1.3)}
        changed = dataclasses.replace(each, voc_ppb=each.voc_ppb * random.uniform(0.7, 1.3), series=series)
        found.append(conditions(changed, Settings(window_s=window_s)))
    return found


def least(repeats: int, what: Callable[[], Any]) -> tuple[float, Any]:
    """Give the least CPU seconds of some runs, and what the last gave; the first use is not counted."""
    what()
    spent = []
    for _ in range(repeats):
        begin = time.process_time()
        found = what()
        spent.append(time.process_time() - begin)
    return min(spent), found


def held(repeats: int) -> dict[str, float]:
    """21 x 21 boxes over twelve hours in windows of five minutes, VOC and NO2 held; against tolerances of 1e-7."""
    (day,) = days_of(1, 300.0)
    spent, found = least(repeats, lambda: ekma_of(day))
    tight = ekma_of(day, rtol=TIGHT)
    return {
        "cpu_s": spent,
        "most_o3_ppb": found.o3_ppb.max(),
        "error_of_most_o3_ppb": np.abs(found.o3_ppb - tight.o3_ppb).max(),
    }


def emitted(repeats: int) -> dict[str, float]:
    """The same over emissions that keep the day's air; working these out is told apart."""
    (day,) = days_of(1, 300.0)
    supply_s, supply = least(repeats, lambda: supply_of(day))
    spent, found = least(repeats, lambda: emitted_ekma_of(day, supply))
    tight = emitted_ekma_of(day, supply, rtol=TIGHT)
    return {
        "supply_cpu_s": supply_s,
        "cpu_s": spent,
        "most_o3_ppb": found.o3_ppb.max(),
        "error_of_most_o3_ppb": np.abs(found.o3_ppb - tight.o3_ppb).max(),
    }


def rir(repeats: int) -> dict[str, float]:
    """20 groups on 30 days of 24 h, windows of ten minutes and of five; against tolerances of 1e-6."""

    def groups(day: Conditions) -> list:
        every = compound_groups(day.lumping)
        return [*every, voc_group(day.lumping), co_group(), nox_group()]

    figures: dict[str, float] = {}
    for minutes in (10, 5):
        days = days_of(30, 60.0 * minutes)
        spent, found = least(repeats, lambda days=days: rir_of(days, groups))
        tight = rir_of(days, groups, rtol=1e-6)
        error = max(np.abs(a.rir - b.rir).max() for a, b in zip(found, tight, strict=True))
        figures |= {"groups": len(found[0].groups), f"cpu_s_{minutes}_min": spent, f"error_{minutes}_min": error}
    return figures


def budget(repeats: int) -> dict[str, float]:
    """Boxes of 30 days with all budgets, windows of five minutes, a day of spin-up each."""
    days = days_of(30, 300.0)
    return {"cpu_s": least(repeats, lambda: obm_of(days))[0]}


PARTS: Parts = {"held": held, "emitted": emitted, "rir": rir, "budget": budget}

if __name__ == "__main__":
    measure(PARTS, program="tests.bench.bench_ozone", about=__doc__)
