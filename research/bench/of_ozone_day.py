"""Box model of each day: odd oxygen made and lost by pathway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from research.bench.kinds import Tell
from research.bench.ozone_days import MECHANISM, Days, parts_of, read_days, told
from research.ozone.obm import ObmDay, obm_of

SOFTWARE = f"ozone_day 2; {MECHANISM}"
read = read_days


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give the budget of odd oxygen by pathway, means over days of the day's sums [ppb], and each day by itself."""
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
        **told(data),
    }
