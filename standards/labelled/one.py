"""One series as places × steps, whichever kind of labelled data it came in, and results by place back in that kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from standards.labelled.shapes import Data, simulated_of

One = pd.Series | xr.DataArray
Words = Mapping[str, tuple[Any, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Years:
    """A series of yearly values: values float64 (place, year), consecutive years without gaps; kind as it came."""

    values: np.ndarray
    years: np.ndarray
    places: pd.Index
    about: Mapping[str, Any]
    is_array: bool

    @property
    def alone(self) -> bool:
        """One place without a name."""
        return _alone(self.places)


def as_data(one: One, name: str) -> Data:
    """Take a Series or DataArray for data of one column; attrs simulated and units go with it."""
    if isinstance(one, xr.DataArray):
        made = one.to_dataset(name=name)
        made.attrs = simulated_of(one)
        return made
    frame = one.to_frame(name)
    frame.attrs = simulated_of(one) | ({"units": {name: one.attrs["units"]}} if "units" in one.attrs else {})
    return frame


def require_pure(name: str, units: Any) -> None:
    """Raise ValueError where units are said and are not those of a number without unit."""
    if units not in (None, "", "1", 1):
        raise ValueError(f"{name} is in {units!r}, expected a number without unit ('1')")


def units_of(data: Data, name: str) -> Any:
    """Give the units that attrs say of a column, None where they say nothing."""
    if isinstance(data, xr.Dataset):
        return data[name].attrs.get("units")
    said = data.attrs.get("units")
    return said.get(name) if isinstance(said, Mapping) else said


def years_of(one: One) -> Years:
    """Read yearly values by a level or dimension "year"; other levels or dimensions are places.

    Years are whole numbers, texts such as "2023", or periods of a year. Gaps are filled with missing.
    Errors: ValueError where there is no year, one is not a year, a place has a year twice, or values are no numbers.
    """
    series = one.rename("value").to_series() if isinstance(one, xr.DataArray) else one
    if series.index.names.count("year") != 1:
        names = ", ".join(map(str, series.index.names))
        raise ValueError(f"the index ({names}) has no level year, expected yearly values by year: rename it")
    years = np.array([_year(each) for each in series.index.get_level_values("year")], np.int64)
    if series.index.nlevels == 1:
        codes, places = np.zeros(len(series), int), pd.RangeIndex(1)
    else:
        rest = series.index.droplevel("year")
        codes, places = rest.factorize(use_na_sentinel=False)
        places = places.set_names(rest.names)
    twice = pd.MultiIndex.from_arrays([codes, years]).duplicated()
    if twice.any():
        raise ValueError(f"the year {years[twice][0]} occurs more than once at one place, expected each once")
    try:
        found = series.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"{one.name} holds {series.dtype}, expected numbers, NaN for missing") from None
    span = np.arange(years.min(), years.max() + 1) if len(years) else years
    values = np.full((len(places), len(span)), np.nan)
    values[codes, years - (span[0] if len(span) else 0)] = found
    return Years(values, span, places, simulated_of(one), isinstance(one, xr.DataArray))


def by_place(made: Words, places: pd.Index, about: Mapping[str, Any], *, is_array: bool) -> Data:
    """Give columns (place,) with attrs as a DataFrame, or as a Dataset; one place without a name has no dimension."""
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=places)
    if not is_array:
        frame.attrs = attrs_by_name({name: attrs for name, (_, attrs) in made.items()}) | dict(about)
        return frame
    if _alone(places):
        return xr.Dataset(
            {name: ((), np.asarray(array)[0], dict(attrs)) for name, (array, attrs) in made.items()}, {}, about
        )
    data = frame.to_xarray()
    for name, (_, attrs) in made.items():
        data[name].attrs = dict(attrs)
    return data.assign_attrs(about)


def attrs_by_name(attrs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Turn attrs by column into mappings by column under each key, as a DataFrame has them."""
    found: dict[str, dict[str, Any]] = {}
    for name, words in attrs.items():
        for key, value in words.items():
            found.setdefault(key, {})[name] = value
    return found


def like(one: Data | One, array: np.ndarray, name: str, attrs: Mapping[str, Any]) -> One:
    """Give an array on the index of a Series or DataFrame, or on the dimensions of a DataArray, as one series."""
    made = (
        xr.DataArray(array, one.coords, one.dims, name) if isinstance(one, xr.DataArray)
        else pd.Series(array, one.index, name=name)
    )  # fmt: skip
    made.attrs = dict(attrs)
    return made


def aligned(first: One, *others: One) -> list[One]:
    """Put others on the labels of the first; what the first does not have is left out, what others lack is missing.

    Errors: ValueError where they are not of one kind, or a label occurs twice.
    """
    found = [first]
    for other in others:
        if type(other) is not type(first):
            raise ValueError(f"there are a {type(first).__name__} and a {type(other).__name__}, expected one kind")
        found.append(other.reindex(first.index) if isinstance(first, pd.Series) else other.reindex_like(first))
    return found


def refuse_repeated(index: pd.Index, names: Sequence[str]) -> None:
    """Raise ValueError where a row of labels occurs more than once."""
    if (twice := index.duplicated()).any():
        raise ValueError(f"{', '.join(names)} {index[twice][0]} occurs more than once, expected each once")


def _alone(places: pd.Index) -> bool:
    return isinstance(places, pd.RangeIndex) and len(places) == 1 and places.name is None


def _year(each: Any) -> int:
    number = each.year if isinstance(each, pd.Period) and each.freqstr.startswith(("Y", "A")) else each
    try:
        year = int(number)
    except (TypeError, ValueError):
        year = 0
    if (isinstance(number, float) and number != year) or not 1000 <= year <= 9999:
        raise ValueError(f"a year is {each!r}, expected a form of 2023")
    return year
