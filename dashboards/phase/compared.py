"""Two periods under one edition: both values, the change of each, and the ranking by change."""

from __future__ import annotations

import numpy as np

from dashboards.phase.assessed import Statistics
from dashboards.phase.content import Column, Table
from dashboards.phase.core import RANKING_NOTICE, sources_of
from dashboards.phase.measures import CITY, COMPARED, CONCENTRATIONS, INDEX, Measure
from dashboards.phase.question import REGION
from dashboards.phase.tabled import Rows
from standards.assessment.ranking import change_pct, change_ranking
from standards.exact_means import exact_number, round_fraction


def same_edition(now: Statistics, base: Statistics) -> Table | None:
    """Give what is compared of both periods side by side, both under the edition that was chosen."""
    columns = [c for m in COMPARED for c in (m.column(now), m.column(base, suffix="_base"))]
    rows = Rows("same_edition", [CITY, *columns])
    for at, place in enumerate(now.places):
        pairs = {m.key: m.values(now)[at] for m in COMPARED} | {f"{m.key}_base": m.values(base)[at] for m in COMPARED}
        rows.add(pairs | {"city": place}, {c.key: _why(c.key, place) for c in columns})
    return rows.table(notes=("same_edition_both",), sources=sources_of(now.edition))


def change(now: Statistics, base: Statistics) -> Table | None:
    """Give the change of each measure from the reported values, and the ranking of cities by the change of their index."""
    ranks = [Column("change_rank"), Column("worst_rank")]
    rows = Rows("change", [CITY, *(m.change_column for m in COMPARED), *ranks])
    changes = {m.change: changed(m, now, base) for m in COMPARED}
    n = len(now.of_cities.overall)
    valid = now.index_valid[:n] & base.index_valid[:n]
    ranked = change_ranking(now.index[:n], base.index[:n], meets_grade2=now.of_cities.meets_grade2, valid=valid)
    for at, place in enumerate(now.places):
        values = {key: found[at] for key, found in changes.items()} | {"city": place}
        why = {m.change: "base_or_now_missing" for m in COMPARED} | dict.fromkeys(
            ("change_rank", "worst_rank"), "not_ranked"
        )
        if place == REGION:
            why |= dict.fromkeys((INDEX.change, "change_rank", "worst_rank"), "region_has_no_index")
        else:
            values |= {"change_rank": int(ranked.rank[at]) or None, "worst_rank": int(ranked.worst_rank[at]) or None}
        rows.add(values, why)
    notes = ("change_reported", "change_points", "rank_ties", "worst_left_out")
    return rows.table(notes=notes, sources=(RANKING_NOTICE, *sources_of(now.edition)))


def changed(measure: Measure, now: Statistics, base: Statistics) -> np.ndarray:
    """Give the change of a measure (place,) from reported values: in percent, or as a difference.

    NaN where one is missing, or rests on fewer days than its period needs: a quarter is not compared with one of its months.
    """
    valid = measure.valid(now) & measure.valid(base)
    here, there = (np.where(valid, measure.values(of), np.nan) for of in (now, base))
    if measure.relative:
        return change_pct(here, there)
    decimals = measure.change_column.decimals
    return np.array([_difference(a, b, decimals) for a, b in zip(here, there, strict=True)])


def _difference(now: float, base: float, decimals: int) -> float:
    if not (np.isfinite(now) and np.isfinite(base)):
        return np.nan
    return float(round_fraction(exact_number(float(now)) - exact_number(float(base)), decimals))


def _why(key: str, place: str) -> str:
    if place == REGION:
        return "region_has_no_index" if key.startswith(INDEX.key) else "region_city_missing"
    if key.endswith("_base"):
        return "base_missing"
    return "no_days" if any(key == m.key for m in CONCENTRATIONS) else "index_incomplete"
