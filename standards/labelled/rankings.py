"""Rankings of cities on labelled data (standards.assessment.ranking)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

import standards.assessment.ranking as ranking
from standards.labelled.shapes import Data, names_of
from standards.labelled.words import reference

_SAME = ("edition", "method", "limit_set")


def rank(
    values: pd.Series | xr.DataArray, *, valid: pd.Series | xr.DataArray | None = None, descending: bool = False
) -> pd.Series | xr.DataArray:
    """Rank cities by reported values, the smallest first; equal values share a rank (1, 1, 3).

    values, valid: by city, one dimension. Returns the same kind named "rank", int16, 0 where missing or not valid.
    """
    if valid is not None:
        valid = valid.reindex(values.index) if isinstance(values, pd.Series) else valid.reindex_like(values)
        valid = np.asarray(valid) == True  # noqa: E712 - a city that valid does not know is not valid
    found = ranking.rank(np.asarray(values, np.float64), valid=valid, descending=descending)
    made = values.copy(data=found) if isinstance(values, xr.DataArray) else pd.Series(found, values.index)
    made.name = "rank"
    made.attrs = {"units": "1", "long_name": "rank", "long_name_zh": "排名", "references": reference(ranking.rank)}
    return made


def change_ranking(now: Data, base: Data) -> Data:
    """Rank cities by how their index changed, from two assessments under one edition and one method.

    now, base: as assess_period gives them, by city. Returns change_pct [%] (negative is better), rank (1 the most
    improved) and worst_rank (1 the most worsened, of the cities that do not meet grade 2 in all items).
    Missing: a city that base does not have, or without a valid index in either, has NaN and rank 0.
    Errors: ValueError where the two were assessed under different editions or methods: they cannot be compared.
    """
    for key in _SAME:
        if now.attrs.get(key) != base.attrs.get(key):
            raise ValueError(f"{key} is {now.attrs.get(key)!r} now and {base.attrs.get(key)!r} before, expected one")
    wanted = ["ranking_index", "index_valid", "meets_grade2"]
    if missing := [name for name in wanted if name not in names_of(now) or name not in names_of(base)]:
        raise ValueError(f"missing are {', '.join(missing)}, expected what assess_period gives")
    left, right = (_table(each)[wanted] for each in (now, base))
    right = right.reindex(left.index)
    valid = left["index_valid"].astype(bool).to_numpy() & (right["index_valid"] == True).to_numpy()  # noqa: E712
    found = ranking.change_ranking(
        left["ranking_index"].to_numpy(np.float64),
        right["ranking_index"].to_numpy(np.float64),
        meets_grade2=left["meets_grade2"].to_numpy(bool),
        valid=valid,
    )
    change = np.where(valid, found.change_pct, np.nan)
    table = pd.DataFrame({"change_pct": change, "rank": found.rank, "worst_rank": found.worst_rank}, left.index)
    about = {key: now.attrs.get(key) for key in _SAME} | {"references": reference(ranking.change_ranking)}
    made = table if isinstance(now, pd.DataFrame) else table.to_xarray()
    made.attrs = about | ({"units": {"change_pct": "%"}} if isinstance(now, pd.DataFrame) else {})
    if isinstance(made, xr.Dataset):
        made["change_pct"].attrs = {"units": "%", "long_name": "change of the ranking index"}
    return made


def _table(data: Data) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    if len(data["ranking_index"].dims) != 1:
        raise ValueError(f"indices are over {', '.join(map(str, data['ranking_index'].dims))}, expected one dimension")
    return data.drop_vars("period", errors="ignore").to_dataframe()
