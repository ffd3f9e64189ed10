"""EKMA of the mean day of a period, with each of its days on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from research.bench.kinds import Tell
from research.bench.ozone_days import MECHANISM, Days, read_days, told
from research.ozone.boxes import alike
from research.ozone.ekma import ekma_of
from research.ozone.emitted import emitted_ekma_of, supply_of
from research.ozone.isopleths import CUTS, Grid, cheapest_cut, cut_path, ridge
from research.ozone.month import mean_day, positions
from streams.store.bench_kinds import EMITTED, NO_TARGET

SOFTWARE = f"ekma 4; {MECHANISM}"
LARGEST_FACTOR = 2.0
CUT_STEPS = 20
read = read_days


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give the largest ozone by factors of NOx, then VOC [ppb], its ridge and cuts, and where days lie.

    Days are those that hold the species that most hold. Over emissions no day has a place but the mean itself: how much more
    was emitted on a day is not measured.
    """
    tell(0.05, "grid")
    places = max(alike(data.days), key=len)
    days = [data.days[at] for at in places]
    mean = days[0] if len(days) == 1 else mean_day(days)
    axis = np.linspace(0.0, LARGEST_FACTOR, question["size"])
    over_emissions = question["over"] == EMITTED
    if over_emissions:
        found = emitted_ekma_of(mean, supply_of(mean), voc_factor=axis, nox_factor=axis)
    else:
        found = ekma_of(mean, voc_factor=axis, nox_factor=axis)
    tell(0.9, "grid")
    at = [
        {
            "day": each.day.isoformat(),
            "voc": each.voc_factor,
            "nox": each.nox_factor,
            "expected_ppb": each.expected_ppb,
            "observed_ppb": each.observed_ppb,
        }
        for each in ([] if over_emissions else positions(found, mean, days))
    ]
    return {
        "over": question["over"],
        "day": f"{days[0].day.day} – {days[-1].day.day}",
        "voc_factor": axis,
        "nox_factor": axis,
        "o3_ppb": np.round(found.o3_ppb.T, 2),
        "l_n_q": np.round(found.l_n_q.T, 4),
        "base_o3_ppb": found.base_o3_ppb,
        **_ways(found.grid, question.get("target_ppb", NO_TARGET)),
        "days": at,
        "unlike": [each.day.day.isoformat() for n, each in enumerate(data.days) if n not in places],
        **told(data),
    }


def _ways(grid: Grid, target_ppb: int) -> dict[str, Any]:
    """Give the ridge, ozone along joint cuts, and the cheapest cut to a target [ppb]; None where none is asked.

    As records: the ratio of NOx alone is None, and so is worse_until where ozone stays above that of the day to the end.
    """
    return {
        "ridge": ridge(grid).as_record(),
        "cuts": [cut_path(grid, ratio, steps=CUT_STEPS).as_record() for ratio in CUTS],
        "cheapest": None if target_ppb == NO_TARGET else cheapest_cut(grid, target_ppb).as_record(),
    }
