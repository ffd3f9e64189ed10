"""Pairs of observed and forecast values as a table, and its groups, for instance by lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import xarray as xr

from standards.labelled.columns import require_unit, unit_of
from standards.labelled.one import refuse_repeated, require_pure, units_of
from standards.labelled.shapes import Data, names_of
from standards.labelled.times import DAY, HOUR_END, frame_times

_LABELS = ("city", "station", DAY, HOUR_END, "run", "run_init")


def pairs_of(
    data: Data, columns: Sequence[str], keys: Sequence[str], *, also: Sequence[str] = (), once: bool = True
) -> pd.DataFrame:
    """Read columns, keys and labels of place and time as columns of one table; rows without a key are left out.

    columns: must be there, in the unit of their name, or without one. keys: columns, levels or dimensions to group by.
    also: columns that are taken where they are there. once: refuse a row of labels that occurs twice.
    Errors: ValueError where something is missing, in a wrong unit, or twice; where hours have no time zone or days one.
    """
    levels = [str(name) for name in (data.coords if isinstance(data, xr.Dataset) else data.index.names) if name]
    there = [*names_of(data), *levels]
    if missing := [name for name in [*columns, *keys] if name not in there]:
        raise ValueError(f"missing are {', '.join(missing)}, expected them among {', '.join(there)}")
    for name in columns:
        if unit_of(name) is None:
            require_pure(name, units_of(data, name))
        else:
            require_unit(name, units_of(data, name))
    labels = [name for name in _LABELS if name in there]
    wanted = list(dict.fromkeys([*columns, *keys, *(name for name in also if name in there), *labels]))
    if isinstance(data, xr.Dataset):
        table = data[[name for name in wanted if name not in data.dims]].to_dataframe().reset_index()[wanted]
    else:
        table = (data.reset_index() if set(wanted) & set(levels) else data)[wanted]
        for axis in {DAY, HOUR_END} & set(labels):
            frame_times(pd.DatetimeIndex(table[axis], name=axis), axis)
    table = table.dropna(subset=list(keys))
    if once and {DAY, HOUR_END} & set(labels):
        told = list(dict.fromkeys([*labels, *keys]))
        refuse_repeated(pd.MultiIndex.from_frame(table[told]), told)
    return table


def each_group(table: pd.DataFrame, keys: Sequence[str]) -> Iterator[tuple[tuple, pd.DataFrame]]:
    """Give each group, by rising keys."""
    for key, part in table.groupby(list(keys), sort=True):
        yield (key if isinstance(key, tuple) else (key,)), part


def as_table(rows: list[dict], index: list[tuple], keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Put one row for each group into a DataFrame with the keys as index."""
    levels = [[key[i] for key in index] for i in range(len(keys))]
    labels = pd.MultiIndex.from_arrays(levels, names=keys) if len(keys) > 1 else pd.Index(levels[0], name=keys[0])
    return pd.DataFrame(rows, index=labels, columns=list(columns))
