"""Means over hours and stations on labelled data: moving means, ozone, daily values, cities (standards.averaging)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.averaging as averaging
from standards.editions import Edition, limit
from standards.labelled.columns import DAY_COLUMNS, HOUR_COLUMNS, MDA8, columns_of, item_of, present_items, require_unit
from standards.labelled.shapes import Data, names_of, series_of
from standards.labelled.times import DAY, HOUR_END, axis_of, edition_groups
from standards.labelled.words import concentration, editions_of, pure, reference
from standards.pollutants import ITEMS, POLLUTANTS
from standards.validity import DAY_MIN_HOURS, EIGHT_HOUR_MIN_HOURS, MDA8_MIN_WINDOWS

One = pd.Series | xr.DataArray


def moving_mean(data: Data | One, window: int, *, min_count: int, duplicates: str = "raise") -> Data | One:
    """Average over a trailing window of hours, for each item and place; hours are first rounded as reported.

    data [ug/m3, CO mg/m3]: hourly columns, or one Series or DataArray. window [h], min_count: as
    standards.averaging.moving_mean. duplicates: see shapes.series_of. Returns, over consecutive hours with gaps filled
    with missing, pm25_24h_ugm3 and so on and the number of values in each as pm25_24h_hours; of one Series or DataArray
    the means alone.
    """
    return _moving(
        data, f"{window}h", duplicates, averaging.moving_mean,
        lambda values, _: averaging.moving_mean(values, window, min_count=min_count),
        f"{window}-hour moving mean", f"{window}小时滑动平均",
    )  # fmt: skip


def ozone_8h(
    data: Data | One, *, min_hours: int = EIGHT_HOUR_MIN_HOURS, within_day: bool = False, duplicates: str = "raise"
) -> Data | One:
    """Average ozone over the 8 hours that end with each hour, for each place; hours are first rounded as reported.

    data [ug/m3]: o3_ugm3, or one Series or DataArray. min_hours: as standards.averaging.ozone_8h. within_day: no window
    reaches back over local midnight, as the national network publishes. Returns o3_8h_ugm3 and o3_8h_hours, or one.
    """
    return _moving(
        data, "8h", duplicates, averaging.ozone_8h,
        lambda values, first: averaging.ozone_8h(values, min_hours=min_hours, first_hour=first if within_day else None),
        "8-hour moving mean", "8小时滑动平均", only="o3",
    )  # fmt: skip


def mda8(
    data: Data | One,
    *,
    edition: str | Edition | None = None,
    min_windows: int = MDA8_MIN_WINDOWS,
    min_hours: int = EIGHT_HOUR_MIN_HOURS,
    duplicates: str = "raise",
) -> Data | One:
    """Find the largest 8-hour mean of ozone of each natural day, for each place.

    data [ug/m3]: o3_ugm3 by hour, or one Series or DataArray. edition: whose limit saves a day of too few windows; by
    default the one in force on the day. min_windows, min_hours: as standards.averaging.mda8. Returns o3_mda8_ugm3 by
    day, with o3_windows, or one.
    """
    labelled, single = _as_columns(data, "o3")
    made = daily_values(
        labelled[["o3_ugm3"]], edition=edition, min_windows=min_windows, min_hours_8h=min_hours, duplicates=duplicates
    )
    return _single(made, MDA8) if single else made[[MDA8, "o3_windows"]]


def daily_values(
    data: Data,
    *,
    edition: str | Edition | None = None,
    min_hours: int = DAY_MIN_HOURS,
    min_windows: int = MDA8_MIN_WINDOWS,
    min_hours_8h: int = EIGHT_HOUR_MIN_HOURS,
    duplicates: str = "raise",
) -> Data:
    """Compute the daily values of each place from its hours: day means, and MDA8 for ozone.

    data [ug/m3, CO mg/m3]: hourly columns of some of the six items, in any order of time, with gaps. edition: whose
    ozone limit mda8 needs; by default the one in force on the day. min_hours, min_windows, min_hours_8h: as
    standards.averaging.daily_values. Returns by natural day (Asia/Shanghai, whatever the zone of the hours) the columns
    of days, hours present as pm25_hours and so on, and valid 8-hour means as o3_windows.
    Missing: hours that are not there are missing; a day of too few is NaN.
    """
    items = present_items(names_of(data), HOUR_END)
    arrays = series_of(data, [HOUR_COLUMNS[item] for item in items], HOUR_END, duplicates=duplicates)
    if not len(arrays.times):
        raise ValueError("there is no hour, expected at least one")
    values = np.full((len(ITEMS), *arrays.values.shape[1:]), np.nan)
    values[[ITEMS.index(item) for item in items]] = arrays.values
    chosen = None if edition is None else edition_groups(np.zeros(1), edition)[0][1]
    found = averaging.daily_values(
        values, int(arrays.times[0]), o3_limit=None if chosen is None else limit("o3", "8h", edition=chosen),
        min_hours=min_hours, min_windows=min_windows, min_hours_8h=min_hours_8h,
    )  # fmt: skip
    days = found.first_day + np.arange(found.means.shape[-1])
    trace = {
        "edition": editions_of(edition_groups(days, edition)),
        "references": reference(averaging.daily_values),
    }
    made: dict[str, Any] = {}
    for item in items:
        column = DAY_COLUMNS[item]
        attrs = concentration(column, item) | {"cell_methods": "day: mean" if item != "o3" else "day: maximum"}
        made[column] = (found.means[ITEMS.index(item)], attrs | trace)
    for item in items:
        made[f"{item}_hours"] = (found.hours[ITEMS.index(item)], concentration(f"{item}_hours", item))
    if "o3" in items:
        made["o3_windows"] = (found.o3_windows, pure("valid 8-hour means of the day", "有效8小时平均个数"))
    return arrays.give(made, dict(arrays.about) | trace, times=days, axis=DAY)


def city_mean(
    data: Data,
    *,
    cities: Mapping[str, str] | Data | None = None,
    min_share: float | Callable = 0.0,
    expected: Mapping[str, int] | None = None,
    duplicates: str = "raise",
) -> Data:
    """Average the stations of each city, by hour or by day.

    data [ug/m3, CO mg/m3]: columns of hours or of days, by station (a level or dimension "station"). cities: city of
    each station, or data that say it; by default the column, level or variable "city" of data. Stations without a city
    take no part. min_share: as standards.averaging.city_mean; for days validity.city_day_min_share. expected: stations
    of each city, by default those in data. Returns by city and time the same columns, and how many stations stand
    behind each as pm25_stations.
    Rounding: hours are first rounded as reported (standards.averaging.reported_hours), days are taken as they are.
    Missing: NaN does not count; no station, or too few, give NaN.
    """
    axis = axis_of(data)
    items = present_items(names_of(data), axis)
    arrays = series_of(data, [columns_of(axis)[item] for item in items], axis, duplicates=duplicates)
    if "station" not in arrays.places.names:
        raise ValueError(f"places are by {', '.join(map(str, arrays.places.names))}, expected a level station")
    stations = [str(name) for name in arrays.places.get_level_values("station")]
    says = data if cities is None else cities
    of_station = _cities_of(says) if isinstance(says, pd.DataFrame | xr.Dataset) else says
    members: dict[str, list[int]] = {}
    for position, station in enumerate(stations):
        if of_station.get(station):
            members.setdefault(of_station[station], []).append(position)
    if not members:
        raise ValueError("no station has a city, expected cities, or a column, level or variable city")
    names = sorted(members)
    n_expected = expected or {}
    values = arrays.values
    if axis == HOUR_END:
        values = np.stack([averaging.reported_hours(row, item) for row, item in zip(values, items, strict=True)])
    means = np.stack(
        [
            averaging.city_mean(values[:, members[city]], min_share=min_share, expected=n_expected.get(city))
            for city in names
        ],
        axis=1,
    )
    counts = np.stack([averaging.station_count(arrays.values[:, members[city]]) for city in names], axis=1)
    trace = {"references": reference(averaging.city_mean)}
    made: dict[str, Any] = {}
    for i, item in enumerate(items):
        column = columns_of(axis)[item]
        made[column] = (means[i], concentration(column, item) | trace)
    for i, item in enumerate(items):
        attrs = pure(f"stations with {POLLUTANTS[item].symbol}", f"{POLLUTANTS[item].symbol}有数据站点数")
        made[f"{item}_stations"] = (counts[i], attrs)
    return arrays.give(made, dict(arrays.about) | trace, places=pd.Index(names, name="city"))


def _moving(
    data: Data | One, window: str, duplicates: str, function: Callable, compute: Callable[[np.ndarray, int], tuple],
    long_name: str, long_name_zh: str, *, only: str | None = None,
) -> Data | One:  # fmt: skip
    labelled, single = _as_columns(data, only)
    items = [only] if only else present_items(names_of(labelled), HOUR_END)
    arrays = series_of(labelled, [HOUR_COLUMNS[item] for item in items], HOUR_END, duplicates=duplicates)
    first = int(arrays.times[0]) if len(arrays.times) else 0
    made: dict[str, Any] = {}
    for i, item in enumerate(items):
        means, counts = compute(averaging.reported_hours(arrays.values[i], item), first)
        name, unit = f"{item}_{window}", HOUR_COLUMNS[item].rpartition("_")[2]
        attrs = concentration(f"{name}_{unit}", item, long_name, long_name_zh) | {"references": reference(function)}
        made[f"{name}_{unit}"] = (means, attrs)
        made[f"{name}_hours"] = (counts, pure(f"hours in the mean of {POLLUTANTS[item].symbol}", "有效小时数"))
    given = arrays.give(made, dict(arrays.about) | {"references": reference(function)})
    return _single(given, next(iter(made))) if single else given


def _as_columns(data: Data | One, only: str | None) -> tuple[Data, bool]:
    if isinstance(data, pd.DataFrame | xr.Dataset):
        if only:
            present_items(names_of(data), HOUR_END, wanted=[only])
        return data, False
    item = item_of(data.name, only)
    require_unit(str(data.name or item), data.attrs.get("units"), expected=POLLUTANTS[item].unit)
    column = HOUR_COLUMNS[item]
    if isinstance(data, xr.DataArray):
        return data.to_dataset(name=column), True
    frame = data.to_frame(column)
    frame.attrs = {key: value for key, value in data.attrs.items() if key == "simulated"}
    return frame, True


def _single(made: Data, column: str) -> One:
    one = made[column]
    if isinstance(made, xr.Dataset):
        return one
    one = one.copy()
    by_name = {key: value[column] for key, value in made.attrs.items() if isinstance(value, dict) and column in value}
    one.attrs = {key: value for key, value in made.attrs.items() if not isinstance(value, dict)} | by_name
    return one


def _cities_of(data: Data) -> dict[str, str]:
    """Read the city of each station from the data; a station of two cities is an error."""
    if isinstance(data, xr.Dataset):
        if "city" not in data.variables:
            return {}
        stations = data["station"].to_numpy()
        rows = data["city"].transpose("station", ...).to_numpy().reshape(len(stations), -1)
        pairs = {(station, each) for station, row in zip(stations, rows, strict=True) for each in np.unique(row)}
    else:
        frame = data.reset_index()
        if "city" not in frame:
            return {}
        pairs = set(frame[["station", "city"]].dropna().drop_duplicates().itertuples(index=False, name=None))
    found: dict[str, str] = {}
    for station, city in sorted((str(s), str(c)) for s, c in pairs if c):
        if found.setdefault(station, city) != city:
            raise ValueError(f"station {station} is in the cities {found[station]} and {city}, expected one")
    return found
