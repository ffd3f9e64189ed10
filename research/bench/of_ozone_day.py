"""Box model of each day: odd oxygen made and lost by pathway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from research.bench.kinds import Tell
from research.bench.ozone_days import MECHANISM, Days, parts_of, read_days, told
from research.ozone.obm import ObmDay, obm_of

SOFTWARE = f"ozone_day 3; {MECHANISM}"
RADICALS = ("OH", "HO2", "RO2")
read = read_days


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give the budget of odd oxygen by pathway, means over days of the day's sums [ppb], each day by itself, and mean hours."""
    found: list[ObmDay] = []
    for share, days in parts_of(data.days):
        tell(share, "boxes")
        found += obm_of(days)
    budgets = [{name: float(np.nansum(values)) for name, values in each.ozone_ppb_h.items()} for each in found]
    names = list(dict.fromkeys(name for each in budgets for name in each))
    days = [
        {
            "day": each.day.isoformat(),
            "net_ppb": float(np.nansum(each.net_ozone_ppb_h)),
            "l_n_q": each.l_n_q_daylight,
            "budget_ppb": budget,
        }
        for each, budget in zip(found, budgets, strict=True)
    ]
    return {
        "budget_ppb": {name: float(np.mean([each.get(name, 0.0) for each in budgets])) for name in names},
        "days": days,
        "hours": _mean_hours(found),
        **told(data),
    }


def _mean_hours(days: Sequence[ObmDay]) -> dict[str, Any]:
    """Give means over days by the hour of the day, hour ends 01:00 to 24:00; of a name that a day lacks, of the others."""
    return {
        "net_ppb_h": np.mean([each.net_ozone_ppb_h for each in days], axis=0),
        "ozone_ppb_h": _by_name([each.ozone_ppb_h for each in days]),
        "oh_reactivity_per_s": _by_name([each.oh_reactivity_per_s for each in days]),
        "radicals_ppb": _by_name([{name: each.concentration_ppb[name] for name in RADICALS} for each in days]),
    }


def _by_name(days: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    names = dict.fromkeys(name for each in days for name in each)
    return {name: np.mean([each[name] for each in days if name in each], axis=0) for name in names}
