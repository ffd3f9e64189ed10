"""Scores of forecasts by lead on labelled data (standards.verification.scores): the joined hours of the store in, a table out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

import standards.verification.scores as scores
from standards.labelled.columns import HOUR_COLUMNS, require_unit
from standards.labelled.shapes import Data, names_of, simulated_of
from standards.labelled.words import CF_UNITS, reference
from standards.pollutants import ITEMS, POLLUTANTS

_IN_UNIT_OF_ITEM, _IN_PERCENT = ("mb", "rmse"), ("nmb", "nme", "mfb", "mfe")


def scores_by_lead(
    data: Data,
    item: str,
    *,
    by: str | Sequence[str] = "lead_day",
    names: Sequence[str] = tuple(scores.SCORES),
    missing: str = "omit",
) -> pd.DataFrame:
    """Score forecasts of an item against observations, for each lead.

    data [ug/m3, CO mg/m3]: pm25_ugm3 and forecast_pm25_ugm3 (or another item's) with lead_day, as open_dataset gives
    "air_joined_hour"; a DataFrame has by as columns or levels. item: one of ITEMS. by: what to group by, for instance
    ("city", "lead_day"). names, missing: as standards.verification.scores.scores. Returns a row for each group: the scores, and n,
    the pairs behind them.
    Missing: rows without a lead, which are hours without a forecast, take no part; with "omit" nor do pairs that are
    not complete.
    Errors: ValueError for an unknown item, a missing column, or a wrong unit.
    """
    if item not in ITEMS:
        raise ValueError(f"the item is {item!r}, expected one of {', '.join(ITEMS)}")
    keys = [by] if isinstance(by, str) else list(by)
    observed = HOUR_COLUMNS[item]
    table = _table(data, [observed, f"forecast_{observed}"], keys).dropna(subset=keys)
    rows, index = [], []
    for key, part in table.groupby(keys, sort=True):
        found = scores.scores(
            part[observed].to_numpy(np.float64), part[f"forecast_{observed}"].to_numpy(np.float64),
            names=tuple(names), missing=missing,
        )  # fmt: skip
        n = {int(score.n) for score in found.values()}
        rows.append({name: float(score.value) for name, score in found.items()} | {"n": max(n, default=0)})
        index.append(key)
    labels = (
        pd.MultiIndex.from_tuples(index, names=keys)
        if index
        else pd.MultiIndex.from_arrays([[]] * len(keys), names=keys)
    )
    made = pd.DataFrame(rows, index=labels, columns=[*names, "n"])
    if len(keys) == 1:
        made.index = made.index.get_level_values(0)
    unit = CF_UNITS[POLLUTANTS[item].unit]
    units = {n: unit if n in _IN_UNIT_OF_ITEM else "%" if n in _IN_PERCENT else "1" for n in [*names, "n"]}
    made.attrs = simulated_of(data) | {"units": units, "item": item, "references": reference(scores.mean_bias)}
    return made


def _table(data: Data, columns: list[str], keys: list[str]) -> pd.DataFrame:
    there = [*names_of(data), *(data.coords if isinstance(data, xr.Dataset) else data.index.names)]
    if missing := [name for name in [*columns, *keys] if name not in there]:
        raise ValueError(f"missing are {', '.join(missing)}, expected them among {', '.join(map(str, there))}")
    said = data.attrs.get("units") if isinstance(data, pd.DataFrame) else None
    for name in columns:
        units = said.get(name) if isinstance(said, dict) else None
        require_unit(name, units if isinstance(data, pd.DataFrame) else data[name].attrs.get("units"))
    if isinstance(data, xr.Dataset):
        return data[[n for n in [*columns, *keys] if n not in data.dims]].to_dataframe().reset_index()
    return data.reset_index() if set(keys) & set(data.index.names) else data
