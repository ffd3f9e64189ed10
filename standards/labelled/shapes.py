"""From labelled data to arrays with time last, and back: rows as they are, or whole series without gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from standards.labelled.columns import require_unit
from standards.labelled.times import HOUR_END, dataset_times, frame_times, stamps_of, time_level

Data = pd.DataFrame | xr.Dataset
Columns = Mapping[str, tuple[np.ndarray, Mapping[str, Any]]]
_MOST_CELLS = 10**8  # of one item: gaps are filled, so one mistyped year must not fill the memory
DUPLICATES = ("raise", "first", "last", "flag")


@dataclass(frozen=True, slots=True)
class Arrays:
    """Labelled data as arrays.

    values: float64 (column, ..., time). times: int64 (time,), epoch hours or natural days. about: attrs that go with
    every result. give: makes the same kind of data of columns of shape (..., time) or (time,), with attrs; a result on
    other times or places names them. give_places: the same without time, of columns (place,).
    """

    values: np.ndarray
    times: np.ndarray
    about: Mapping[str, Any]
    give: Callable[..., Any]
    places: pd.Index
    give_places: Callable[..., Any] | None = None


def names_of(data: Data) -> list[str]:
    """Give the names of the columns, or of the variables."""
    return [str(name) for name in (data.data_vars if isinstance(data, xr.Dataset) else data.columns)]


def rows_of(data: Data, columns: Sequence[str | None], axis: str, *, timed: bool = True) -> Arrays:
    """Read columns as they stand, in any order of time; None is a column that is wholly missing.

    timed: False where the times are not wanted; they are then 0.
    """
    if isinstance(data, xr.Dataset):
        return _dataset_rows(data, columns, axis, timed=timed)
    values = np.stack([_numbers(data, name) for name in columns]) if len(columns) else np.zeros((0, len(data)))
    times = frame_times(data.index, axis) if timed else np.zeros(len(data), np.int64)

    def give(made: Columns, about: Mapping[str, Any]) -> pd.DataFrame:
        return _frame({name: (array.reshape(-1), attrs) for name, (array, attrs) in made.items()}, data.index, about)

    return Arrays(values, times, simulated_of(data), give, pd.RangeIndex(1))


def series_of(data: Data, columns: Sequence[str], axis: str, *, duplicates: str = "raise") -> Arrays:
    """Read columns as series over consecutive hours or days, one for each place; gaps are filled with missing.

    duplicates: what to do where a place has a time twice: "raise"; take the "first" or the "last"; or "flag": take the
    value where both agree, leave it missing where they do not. All but "raise" tell in attrs["duplicates"].
    """
    if duplicates not in DUPLICATES:
        raise ValueError(f"duplicates is {duplicates!r}, expected one of {', '.join(DUPLICATES)}")
    if isinstance(data, xr.Dataset):
        return _dataset_series(data, columns, axis, duplicates)
    times, (stamps, level) = frame_times(data.index, axis), time_level(data.index, axis)
    alone = data.index.nlevels == 1
    codes, places = (np.zeros(len(data), int), pd.RangeIndex(1)) if alone else _places(data.index.droplevel(level))
    found = np.stack([_numbers(data, name) for name in columns])
    values, span, about = _filled(found, codes, len(places), times, duplicates, axis)
    zone = getattr(stamps, "tz", None)

    def give(made, about, *, times=span, axis=axis, places=places) -> pd.DataFrame:
        index = _time_index(times, axis, zone)
        if not (alone and isinstance(places, pd.RangeIndex)):
            index = _product(places, index)
        flat = {n: (np.broadcast_to(a, (len(places), len(times))).reshape(-1), attrs) for n, (a, attrs) in made.items()}
        return _frame(flat, index, about)

    def give_places(made: Columns, about: Mapping[str, Any], *, label: str) -> pd.DataFrame:
        index = pd.Index([label], name="period") if alone else places
        return _frame(made, index, about)

    return Arrays(values, span, simulated_of(data) | about, give, places, give_places)


def _places(index: pd.Index) -> tuple[np.ndarray, pd.Index]:
    codes, places = index.factorize(use_na_sentinel=False)  # a place without a name is a place too
    return codes, places.set_names(index.names)


def _numbers(data: pd.DataFrame, name: str | None) -> np.ndarray:
    if name is None:
        return np.full(len(data), np.nan)
    column = data[name]
    if isinstance(column, pd.DataFrame):
        raise ValueError(f"there are {column.shape[1]} columns {name}, expected one")
    said = data.attrs.get("units")
    require_unit(name, said.get(name) if isinstance(said, Mapping) else said)
    try:
        return column.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds {column.dtype}, expected numbers, NaN for missing") from None


def _filled(found, codes, n_places, times, duplicates, axis):
    """Put rows (column, row) into a grid (column, place, time) without gaps."""
    if not len(times):
        return np.full((len(found), n_places, 0), np.nan), times, {}
    first, n = int(times.min()), int(times.max() - times.min()) + 1
    if n_places * n > _MOST_CELLS:
        ends = " to ".join(str(each)[:10] for each in stamps_of(np.array([first, first + n - 1]), axis))
        raise ValueError(f"{axis} runs from {ends} at {n_places} places, expected at most {_MOST_CELLS:.0e} values")
    at = codes * n + (times - first)
    grid = np.full((len(found), n_places * n), np.nan)
    span = np.arange(first, first + n)
    repeated = pd.Index(at).duplicated(keep=False)
    about = {}
    if repeated.any():
        cells = np.unique(at[repeated])
        some = ", ".join(str(stamps_of(span[[cell % n]], axis)[0])[:16] for cell in cells[:3])
        said = f"{len(cells)} times of {axis} occur more than once, for instance {some}"
        if duplicates == "raise":
            raise ValueError(f"{said}: expected each once; choose duplicates='first', 'last' or 'flag'")
        about = {"duplicates": f"{said}; treated as {duplicates!r}"}
    order = slice(None, None, -1) if duplicates == "first" else slice(None)
    grid[:, at[order]] = found[:, order]  # of repeated positions the last that is written stays
    if duplicates == "flag" and repeated.any():
        differs = np.zeros(grid.shape, bool)
        for row in np.flatnonzero(repeated):
            here = grid[:, at[row]]
            differs[:, at[row]] |= ~((found[:, row] == here) | (np.isnan(found[:, row]) & np.isnan(here)))
        grid[differs] = np.nan
    return grid.reshape(len(found), n_places, n), span, about


def _time_index(times: np.ndarray, axis: str, zone: Any) -> pd.DatetimeIndex:
    index = pd.DatetimeIndex(stamps_of(times, axis), name=axis)
    return index.tz_localize("UTC").tz_convert(zone) if axis == HOUR_END and zone is not None else index


def _product(places: pd.Index, times: pd.DatetimeIndex) -> pd.MultiIndex:
    rows = places.repeat(len(times))
    levels = [rows.get_level_values(i) for i in range(rows.nlevels)]
    tiled = times[np.tile(np.arange(len(times)), len(places))]
    return pd.MultiIndex.from_arrays([*levels, tiled], names=[*places.names, times.name])


def _frame(made: Columns, index: pd.Index, about: Mapping[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=index)
    by_name: dict[str, dict[str, Any]] = {}
    for name, (_, attrs) in made.items():
        for key, value in attrs.items():
            by_name.setdefault(key, {})[name] = value
    frame.attrs = by_name | dict(about)
    return frame


def _dataset_rows(data: xr.Dataset, columns: Sequence[str | None], axis: str, *, timed: bool) -> Arrays:
    values, dims = _stacked(data, columns, axis if timed or axis in data.dims else None)
    times = dataset_times(data, axis) if timed else np.zeros(values.shape[-1], np.int64)
    kept = _kept(data, dims)

    def give(made: Columns, about: Mapping[str, Any]) -> xr.Dataset:
        variables = {n: (dims[len(dims) - np.ndim(a) :], a, dict(attrs)) for n, (a, attrs) in made.items()}
        return xr.Dataset(variables, kept, dict(about))

    return Arrays(values, times, simulated_of(data), give, pd.RangeIndex(1))


def _dataset_series(data: xr.Dataset, columns: Sequence[str], axis: str, duplicates: str) -> Arrays:
    values, dims = _stacked(data, columns, axis)
    shape, times = values.shape[1:-1], dataset_times(data, axis)
    n_places = int(np.prod(shape))
    found = values.reshape(len(columns), n_places, -1)
    codes = np.repeat(np.arange(n_places), len(times))
    grid, span, about = _filled(
        found.reshape(len(columns), -1), codes, n_places, np.tile(times, n_places), duplicates, axis
    )
    if not len(times):
        grid, span = found, times
    kept = {name: value for name, value in _kept(data, dims[:-1]).items() if axis not in value.dims}
    place = data.indexes[dims[0]] if len(dims) == 2 and dims[0] in data.indexes else pd.RangeIndex(n_places)

    def give(made, about, *, times=span, axis=axis, places=None) -> xr.Dataset:
        lead = dims[:-1] if places is None else (places.name,)
        room = shape if places is None else (len(places),)
        coords = kept if places is None else {places.name: places.to_numpy()}
        variables = {}
        for name, (array, attrs) in made.items():
            if array.ndim == 1:
                variables[name] = (axis, array, dict(attrs))
            else:
                variables[name] = ((*lead, axis), array.reshape(*room, len(times)), dict(attrs))
        return xr.Dataset(variables, {**coords, axis: stamps_of(times, axis)}, dict(about))

    def give_places(made: Columns, about: Mapping[str, Any], *, label: str) -> xr.Dataset:
        variables = {name: (dims[:-1], array.reshape(shape), dict(attrs)) for name, (array, attrs) in made.items()}
        return xr.Dataset(variables, kept, dict(about)).assign_coords(period=label)

    return Arrays(grid, span, simulated_of(data) | about, give, place, give_places)


def _stacked(data: xr.Dataset, columns: Sequence[str | None], axis: str | None) -> tuple[np.ndarray, tuple[str, ...]]:
    for name in columns:
        if name is not None:
            require_unit(name, data[name].attrs.get("units"))
    arrays = list(xr.broadcast(*(data[name] for name in columns if name is not None)))
    dims = tuple(dim for dim in arrays[0].dims if dim != axis) + ((axis,) if axis is not None else ())
    if axis is not None and axis not in arrays[0].dims:
        dataset_times(data[[name for name in columns if name]], axis)  # says what is wrong
    there = iter(np.asarray(array.transpose(*dims).to_numpy(), np.float64) for array in arrays)
    shape = arrays[0].transpose(*dims).shape
    return np.stack([np.full(shape, np.nan) if name is None else next(there) for name in columns]), dims


def _kept(data: xr.Dataset, dims: Sequence[str]) -> dict[str, xr.DataArray]:
    return {str(name): value for name, value in data.coords.items() if set(value.dims) <= set(dims)}


def simulated_of(data: Data | pd.Series | xr.DataArray) -> dict[str, Any]:
    """Keep that data are simulated: said by their attrs or by their column."""
    one = isinstance(data, pd.Series | xr.DataArray)
    names = [] if one else data.data_vars if isinstance(data, xr.Dataset) else data.columns
    said = data.attrs.get("simulated", 0)
    if "simulated" in names:
        said = max(int(said), int((np.asarray(data["simulated"]) == 1).any()))
    return {"simulated": int(said)} if said or "simulated" in data.attrs or "simulated" in names else {}
