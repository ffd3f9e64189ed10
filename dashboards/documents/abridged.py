"""What of a long or broad table stands in the body of a document: what is read; all of it is in the annex. Pure."""

from __future__ import annotations

from dataclasses import replace

from dashboards.phase.content import Table
from dashboards.phase.question import REGION

COLUMNS = {
    "cities": ("city", "pm25_mean_ugm3", "pm10_mean_ugm3", "o3_mda8_p90_ugm3", "no2_mean_ugm3", "so2_mean_ugm3", "co_p95_mgm3",
               "good_ratio_pct", "heavy_days", "ranking_index"),
    "targets": ("city", "pm25_to_date_ugm3", "pm25_target_ugm3", "pm25_state", "good_ratio_to_date_pct", "good_ratio_target_pct",
                "good_ratio_state"),
    "same_edition": ("city", "pm25_mean_ugm3", "pm25_mean_ugm3_base", "o3_mda8_p90_ugm3", "o3_mda8_p90_ugm3_base",
                     "good_ratio_pct", "good_ratio_pct_base"),
    "episodes": ("episode_kind", "start", "end", "peak_value_ugm3", "peak_city", "city_hours"),
    "coverage": ("place", "so2_valid_days", "no2_valid_days", "co_valid_days", "o3_valid_days", "pm10_valid_days",
                 "pm25_valid_days", "period_days", "reviewed_days"),
    "verdicts": ("city", "verdict", "so2_verdict", "no2_verdict", "co_verdict", "o3_verdict", "pm10_verdict", "pm25_verdict",
                 "exceeding_items"),
}  # fmt: skip
"""Columns by table, as far as it has them; a table that is not named here gives all."""
TRENDS = ("pm25_mean_ugm3",)
"""Measures whose trend stands in the body."""


def abridged(table: Table) -> Table:
    """Give the table of the body; the table itself where nothing is left out."""
    keys = COLUMNS.get(table.key, ())
    kept = [at for at, column in enumerate(table.columns) if column.key in keys] or list(range(len(table.columns)))
    rows = [at for at, row in enumerate(table.rows) if _read(table, row)] or list(range(len(table.rows)))
    if len(kept) == len(table.columns) and len(rows) == len(table.rows):
        return table
    columns = tuple(table.columns[at] for at in kept)
    why = {
        f"{new}:{column.key}": table.why_missing[f"{old}:{column.key}"]
        for new, old in enumerate(rows) for column in columns if f"{old}:{column.key}" in table.why_missing
    }  # fmt: skip
    shown = tuple(tuple(table.rows[row][at] for at in kept) for row in rows)
    return replace(table, columns=columns, rows=shown, why_missing=why)


def _read(table: Table, row: tuple) -> bool:
    """Tell whether a row of a long table is read: the whole region, the main measure."""
    has = {column.key: at for at, column in enumerate(table.columns)}
    if table.key == "scores" and "city" in has:
        return row[has["city"]] == REGION
    if table.key == "coverage" and "station" in has:
        return row[has["station"]] is None
    if table.key == "trend" and "measure" in has:
        return row[has["measure"]] in TRENDS
    if table.key == "weather" and "item" in has:
        return row[has["item"]] == "pm25"
    return True
