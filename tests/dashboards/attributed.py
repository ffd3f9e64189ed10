"""Rows of the table attribution for the stores of the pages' tests; nothing of them is real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from streams.contributors import GROUPS, SECTORS
from streams.store.attribution import packed, packed_removal

HOUR = dt.timedelta(hours=1)
SIZE = (9.0, 14.0, 12.0, 13.0, 3.0, 3.0, 11.0, 5.0, 1.0)
"""Of the sectors [ug/m3]."""


def row(
    city: str, cities: Sequence[str], hour_end: dt.datetime, *, span: str = "hour", hours: int = 1, quantity: str = "pm25",
    seed: int = 1, total: float = 96.0, simulated: bool = False, version: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """Give a row of corrected tags that adds up to total."""
    rng = np.random.default_rng(seed)
    near = np.where(np.array(cities) == city, 0.65, 0.35 / max(len(cities) - 1, 1))
    values = np.append(
        (np.array(SIZE)[:, None] * near * rng.uniform(0.7, 1.3, (len(SECTORS), len(cities)))).ravel(), 24.0
    )
    half = {kind: rng.uniform(1.5, 6.0, n) for kind, n in
            (("sector", len(SECTORS) + 1), ("place", len(cities) + 1), ("group", len(GROUPS) + 1))}  # fmt: skip
    words = {} if span == "hour" else {
        "summary_zh": f"PM₂.₅平均 {total:.0f} µg/m³（实测）。首要来源：燃煤 或 机动车，两者区间重叠，不能断定先后。",
        "summary_en": f"PM₂.₅ averaged {total:.0f} µg/m³ (observed). Largest source: coal burning or vehicles; they overlap.",
    }  # fmt: skip
    return {
        "city": city, "hour_end": hour_end, "quantity": quantity, "span": span, "first_hour": hour_end - (hours - 1) * HOUR,
        "total": total, "observed": True, "cities": ",".join(cities), "packed": packed(values * total / values.sum(), half),
        "removal": packed_removal(np.append(np.array(SIZE) * 0.9, 24.0)), "definition": "allocation",
        "tier": "corrected tags", "confidence": "medium", "reasons": '["members:4","missing:composition","inventory:3.5"]',
        "summary_zh": None, "summary_en": None, **words, "models": "TWIN-A/2023-01-20T12Z, TWIN-B/2023-01-20T12Z",
        "learned_from": hour_end - 1080 * HOUR, "learned_to": hour_end - 48 * HOUR, "inventory": "MEIC 2019",
        "method": "attribution 1", "simulated": simulated, "version": version,
    }  # fmt: skip


def nothing(city: str, cities: Sequence[str], hour_end: dt.datetime, *, why: str, version: int = 1) -> dict[str, Any]:
    """Give a row without an attribution."""
    gone = ("packed", "removal", "learned_from", "learned_to", "inventory")
    told = {"tier": "none", "confidence": "none", "reasons": f'["{why}"]', "models": ""}
    return {**row(city, cities, hour_end, version=version), **dict.fromkeys(gone), **told}
