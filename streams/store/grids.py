"""Columns of rows to a dataset: each key a dimension, each column an array over them, with CF metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
import xarray as xr

from standards.nomenclature import attributes

Columns = dict[str, Sequence[Any]]


def keys_of(table: sa.Table) -> list[str]:
    """Name the columns that make the dimensions of a table."""
    return [column.name for column in table.primary_key]


def time_of(table: sa.Table) -> str:
    """Name the column of a table that is its time."""
    return "day" if "day" in table.c else "hour_end"


def dataset_of(table: sa.Table, columns: Columns) -> xr.Dataset:
    """Put the rows of a table into arrays over its keys.

    Missing: numbers are NaN, texts are empty, moments NaT, flags -1; also where the table has no such row.
    """
    dims, time = keys_of(table), time_of(table)
    labels, place = {}, []
    for name in dims:
        values = _times(columns[name]) if name == time else _labels(table.c[name].type, columns[name])
        labels[name], index = np.unique(values, return_inverse=True)
        place.append(index)
    shape = tuple(len(labels[name]) for name in dims)
    at = np.ravel_multi_index(place, shape) if place[0].size else np.zeros(0, int)
    variables = {
        name: (dims, _grid(table.c[name].type, values, at, shape), attributes(name))
        for name, values in columns.items()
        if name not in dims
    }
    coordinates = {name: (name, values, attributes(name)) for name, values in labels.items()}
    return xr.Dataset(variables, coordinates, _about(table.name, columns))


def with_files(dataset: xr.Dataset, names: Mapping[str, str]) -> xr.Dataset:
    """Add the name of each row's file, by file_digest; empty where it is not known."""
    digests = dataset["file_digest"]
    different, place = np.unique(digests.values.astype(str), return_inverse=True)
    texts = np.array([names.get(digest, "") for digest in different.tolist()], object)
    return dataset.assign(file=(digests.dims, texts[place].reshape(digests.shape), attributes("file")))


def described(dataset: xr.Dataset, time: str) -> xr.Dataset:
    """Tell how times are written to a file, and what the flags and means are."""
    dataset[time].encoding = {
        "units": "hours since 1970-01-01 00:00:00" if time == "hour_end" else "days since 1970-01-01"
    }
    dataset[time].encoding |= {"calendar": "standard", "dtype": "int64" if time == "day" else "float64"}
    if "run_init" in dataset:
        dataset["run_init"].encoding = {"units": "hours since 1970-01-01 00:00:00", "dtype": "float64"}
    for name in {"released_at", "received_at"} & {*dataset.data_vars}:
        dataset[name].encoding = {"units": "seconds since 1970-01-01 00:00:00", "dtype": "float64"}
    flags = {"flag_values": np.array([-1, 0, 1], np.int8), "flag_meanings": "missing measured simulated"}
    dataset["simulated"].attrs |= flags
    for variable in dataset.data_vars.values():
        if variable.attrs.get("units") in ("ug m-3", "mg m-3", "ppb"):
            variable.attrs["cell_methods"] = f"{time}: mean"
    return dataset


def _labels(kind: sa.types.TypeEngine, values: Sequence[Any]) -> np.ndarray:
    return np.array(values, np.int64 if isinstance(kind, sa.Integer) else object)


def _times(values: Sequence[Any]) -> np.ndarray:
    moments = np.array([np.datetime64("NaT") if v is None else v for v in values], "datetime64[s]")
    return moments.astype("datetime64[ns]")


def _grid(kind: sa.types.TypeEngine, values: Sequence[Any], at: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Put the values of a column into an array of the dataset's shape."""
    if isinstance(kind, sa.String | sa.Text):
        grid, filled = np.full(np.prod(shape), "", object), [value or "" for value in values]
    elif isinstance(kind, sa.DateTime | sa.Date):
        grid, filled = np.full(np.prod(shape), "NaT", "datetime64[ns]"), _times(values)
    elif isinstance(kind, sa.Boolean):
        grid, filled = np.full(np.prod(shape), -1, np.int8), [-1 if value is None else int(value) for value in values]
    else:
        grid, filled = np.full(np.prod(shape), np.nan), np.array(values, float)
    grid[at] = filled
    return grid.reshape(shape)


def _about(table: str, columns: Columns) -> dict[str, Any]:
    simulated = columns["simulated"]
    about = {
        "Conventions": "CF-1.11",
        "title": f"Chengdu Plain air quality, {table}",
        "source": "simulated data" if any(simulated) else "observations, forecasts and inventories as received",
        "simulated": int(any(simulated)),
        "history": f"read from table {table} of an airshed store, versions up to {max(columns['version'], default=0)}",
    }
    if any(simulated) and not all(simulated):
        about["source"] = "observations and simulated data together: see the variable simulated"
    editions = sorted(set(columns.get("edition", ())))
    return about | ({"editions": ", ".join(editions)} if editions else {})
