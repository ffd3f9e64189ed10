"""Ozone of the factors of a receptor result, by potential and by boxes, beside what the attribution says by sector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from research.bench.kinds import Inputs, Tell
from research.bench.ozone_days import MECHANISM, Days, read_days, told
from research.ozone.groups import factors_of
from research.ozone.in_store import attributed_day
from research.ozone.sources import SourceOzone, source_ozone_of
from streams.registry import Registry
from streams.store.bench_kinds import RECEPTOR
from streams.store.bench_results import BenchError, result_named

SOFTWARE = f"source_ozone 2; {MECHANISM}"
WHY_APART = "which sectors a factor stands for is a person's to say: the attribution stands beside, by its own sectors"


def read(engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
    """Read the days, the receptor result that is named, and the attribution of each day, where there is one."""
    with engine.connect() as connection:
        kept = result_named(connection, question["receptor"])
    if kept is None or kept.kind != RECEPTOR or kept.station != question["station"]:
        raise BenchError(
            f"there is no receptor result {question['receptor'][:12]} of {question['station']}, expected one of this site"
        )
    found = read_days(engine, registry, question, {"receptor": kept.content})
    city = registry.stations[question["station"]].city
    said = {each.day.day.isoformat(): attributed_day(engine, city, each.day.day) for each in found.data.days}
    more = {"receptor": kept.content, "attribution": said}
    return Inputs(found.digest, found.simulated or kept.simulated, Days(found.data.days, found.data.left_out, more))


def work(question: Mapping[str, Any], data: Days, tell: Tell) -> dict[str, Any]:
    """Give shares by method, means over days, their lowest and highest, and the attribution's means by sector [ug/m3]."""
    content = data.more["receptor"]
    names = [f"{n + 1} {name}" if name != str(n + 1) else name for n, name in enumerate(content["factors"])]
    amount = np.array([[np.nan if v is None else v for v in row] for row in content["contribution"]], float)
    factors = factors_of(
        names, content["species"], np.array(content["profile_ppb"], float), amount, np.array(content["hour_end"], int)
    )
    found: list[SourceOzone] = []
    for n, day in enumerate(data.days):
        tell(n / len(data.days), "shares")
        found.append(source_ozone_of(day, factors, why_none=WHY_APART))
    with np.errstate(all="ignore"):
        share = {method: _mean([each.share[method] for each in found]) for method in found[0].share}
    table = np.stack(list(share.values()))
    spans = [np.where(np.isfinite(table), table, end) for end in (np.inf, -np.inf)]
    low, high = spans[0].min(axis=0), spans[1].max(axis=0)
    said = [values for values, _ in data.more["attribution"].values() if values is not None]
    sectors = list(dict.fromkeys(name for each in said for name in each))
    return {
        "sources": list(found[0].sources),
        "share": share,
        "low": low,
        "high": high,
        "why_none": WHY_APART if said else _why(data),
        "attribution_ugm3": {name: float(np.mean([each.get(name, 0.0) for each in said])) for name in sectors},
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
