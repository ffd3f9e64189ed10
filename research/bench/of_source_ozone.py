"""Ozone of the factors of a receptor result, by potential and by boxes, beside what the attribution says by sector."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from research.bench.factors import factors_in, receptor_of, sectors_by_factor
from research.bench.kinds import Inputs, Tell
from research.bench.ozone_days import MECHANISM, Days, read_days, told
from research.ozone.in_store import attributed_day
from research.ozone.sources import Attributed, SourceOzone, source_ozone_of
from streams.registry import Registry
from streams.store.bench_results import canonical

SOFTWARE = f"source_ozone 3; {MECHANISM}"
WHY_APART = "which sectors a factor stands for is a person's to say: the attribution stands beside, by its own sectors"


def read(engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
    """Read the days, the receptor result that is named, and the attribution of each day, where there is one."""
    kept = receptor_of(engine, question)
    found = read_days(engine, registry, question, {"receptor": kept.content})
    city = registry.stations[question["station"]].city
    said = {each.day.day.isoformat(): attributed_day(engine, city, each.day.day) for each in found.data.days}
    more = {"receptor": kept.content, "attribution": said}
    digest = hashlib.sha256(
        canonical([found.digest, said]).encode()
    ).hexdigest()  # another attribution is another answer
    return Inputs(digest, found.simulated or kept.simulated, Days(found.data.days, found.data.left_out, more))


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give shares by method, means over days, their lowest and highest, and the attribution's means by sector [ug/m3].

    Where the question says which sectors factors stand for, the attribution is one of the methods, on the days that have one.
    """
    factors = factors_in(data.more["receptor"])
    sectors = sectors_by_factor(factors, question["sectors"])
    found: list[SourceOzone] = []
    for n, day in enumerate(data.days):
        tell(n / len(data.days), "shares")
        values, about = data.more["attribution"][day.day.day.isoformat()]
        attributed = Attributed(values, about) if sectors and values is not None else None
        found.append(source_ozone_of(day, factors, attributed=attributed, sectors=sectors, why_none=WHY_APART))
    methods = dict.fromkeys(method for each in found for method in each.share)
    with np.errstate(all="ignore"):
        share = {method: _mean([each.share[method] for each in found if method in each.share]) for method in methods}
    table = np.stack(list(share.values()))
    spans = [np.where(np.isfinite(table), table, end) for end in (np.inf, -np.inf)]
    low, high = spans[0].min(axis=0), spans[1].max(axis=0)
    said = [values for values, _ in data.more["attribution"].values() if values is not None]
    names = list(dict.fromkeys(name for each in said for name in each))
    return {
        "sources": list(found[0].sources),
        "share": share,
        "low": low,
        "high": high,
        "why_none": _why(data) if not said else "" if sectors else WHY_APART,
        "attribution_ugm3": {name: float(np.mean([each.get(name, 0.0) for each in said])) for name in names},
        "attribution_days": len(said),
        "days": [each.as_record() for each in found],
        **told(data),
    }


def _mean(rows: list[np.ndarray]) -> np.ndarray:
    table = np.stack(rows)
    known = np.isfinite(table)
    count = known.sum(axis=0)
    return np.divide(
        np.where(known, table, 0.0).sum(axis=0), count, out=np.full(table.shape[1], np.nan), where=count > 0
    )


def _why(data: Days) -> str:
    return next((about.get("why", "") for _, about in data.more["attribution"].values()), "")
