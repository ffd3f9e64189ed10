"""The air-quality index on labelled data: iaqi, hourly_aqi and daily_aqi of standards.index.aqi."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.index.aqi as aqi
from standards.days import date_of_day
from standards.editions import Edition
from standards.index.missing import LETTER, missing_rule, network_rule
from standards.labelled.columns import HOUR_COLUMNS, columns_of, item_of, plan_of, present_items, require_unit
from standards.labelled.shapes import Arrays, Data, rows_of
from standards.labelled.times import DAY, HOUR_END, axis_of, days_of, edition_groups
from standards.labelled.words import editions_of, pure, reference
from standards.pollutants import ITEMS, POLLUTANTS


def hourly_aqi(
    data: Data,
    *,
    edition: str | Edition | None = None,
    in_plan: Collection[str] = ITEMS,
    missing: str = "letter",
) -> Data:
    """Compute the hourly report of rows of hourly means.

    data: columns of the six items, or of those in_plan [ug/m3, CO mg/m3], at hours in any order. edition: "2012",
    "2026T" or "2031"; by default the one in force on the day. in_plan: items of the monitoring plan; others are
    ignored. missing: what becomes of an hour with an item missing, "letter", or "network" for what the national network
    did on the day (standards.index.missing), or the name of one rule for all. Returns, on the same index or dimensions,
    aqi (NaN is NA), level (0 is NA), primary_pollutants and missing (codes by commas), the index of each item, and
    edition (code of the standard) by hour.
    Missing: as standards.index.aqi.hourly_aqi.
    Errors: ValueError where a column of the plan is missing or in another unit, or a time has no zone.
    """
    return _report(data, aqi.hourly_aqi, HOUR_END, edition, in_plan, missing)


def daily_aqi(data: Data, *, edition: str | Edition | None = None, in_plan: Collection[str] = ITEMS) -> Data:
    """Compute the daily report of rows of daily values: day means, and o3_mda8_ugm3 for ozone.

    data, edition, in_plan, what is returned and errors: as hourly_aqi, by natural day.
    Missing: as standards.index.aqi.daily_aqi.
    """
    return _report(data, aqi.daily_aqi, DAY, edition, in_plan)


def iaqi(
    data: pd.Series | xr.DataArray,
    item: str | None = None,
    period: str = "hour",
    *,
    edition: str | Edition | None = None,
    network: bool = False,
) -> pd.Series | xr.DataArray:
    """Compute the individual index of one item.

    data [ug/m3, CO mg/m3]: a Series or DataArray. item: by default what its name begins with. period, network: as
    standards.index.aqi.iaqi. edition: by default the one in force on the day; where it is given, data need no times.
    Returns the same kind, named "pm25_iaqi" and so on.
    """
    item = item_of(data.name, item)
    require_unit(str(data.name or item), data.attrs.get("units"), expected=POLLUTANTS[item].unit)
    column = HOUR_COLUMNS[item]
    labelled = data.to_dataset(name=column) if isinstance(data, xr.DataArray) else data.to_frame(column)
    axis = axis_of(labelled)
    arrays = rows_of(labelled, [column], axis, timed=edition is None)
    groups = edition_groups(days_of(arrays.times, axis), edition)
    found = np.full(arrays.values.shape[1:], np.nan)
    for at, each in groups:
        found[..., at] = aqi.iaqi(arrays.values[0][..., at], item, period, edition=each, network=network)
    name = f"{item}_iaqi"
    made = arrays.give({name: (found, _iaqi_attrs(item))}, {})[name]
    made.attrs = _iaqi_attrs(item) | arrays.about | _trace(groups, aqi.iaqi)
    return made


def _report(
    data: Data, function: Callable[..., aqi.Aqi], axis: str, edition: str | Edition | None, in_plan: Collection[str],
    missing: str | None = None,
) -> Data:  # fmt: skip
    plan = np.array(plan_of(in_plan))
    names = data.data_vars if isinstance(data, xr.Dataset) else data.columns
    wanted = [item for item, inside in zip(ITEMS, plan, strict=True) if inside]
    present_items([str(name) for name in names], axis, wanted=wanted)
    columns = [columns_of(axis)[item] if inside else None for item, inside in zip(ITEMS, plan, strict=True)]
    arrays = rows_of(data, columns, axis)
    days = days_of(arrays.times, axis)
    groups = edition_groups(days, edition)
    trace = _trace(groups, function) | ({} if missing in (None, "letter") else {"missing": missing})
    made = _columns(arrays, groups, _reporter(function, plan, days, missing))
    return arrays.give(
        {name: (array, attrs | trace) for name, (array, attrs) in made.items()}, dict(arrays.about) | trace
    )


def _reporter(
    function: Callable[..., aqi.Aqi], plan: np.ndarray, days: np.ndarray, missing: str | None
) -> Callable[[np.ndarray, np.ndarray, Edition], aqi.Aqi]:
    """Give a function of values, their positions and their edition: the report under the rule for missing items."""
    if missing is None:
        return lambda values, at, edition: function(values, edition=edition, in_plan=plan)
    if missing != "network":
        rule = missing_rule(missing)
        return lambda values, at, edition: function(values, edition=edition, in_plan=plan, missing=rule)

    def by_day(values: np.ndarray, at: np.ndarray, edition: Edition) -> aqi.Aqi:
        found = function(values, edition=edition, in_plan=plan)
        rules = {day: network_rule(date_of_day(day)) for day in np.unique(days[at])}
        for rule in set(rules.values()) - {LETTER}:
            here = np.flatnonzero([rules[day] is rule for day in days[at]])
            part = function(np.ascontiguousarray(values[..., here]), edition=edition, in_plan=plan, missing=rule)
            found.aqi[..., here], found.primary[..., here] = part.aqi, part.primary
            found.level[..., here] = part.level
        return found

    return by_day


def _columns(
    arrays: Arrays, groups: list, report: Callable[[np.ndarray, np.ndarray, Edition], aqi.Aqi]
) -> dict[str, Any]:
    shape = arrays.values.shape[1:]
    index, total = np.full((len(ITEMS), *shape), np.nan), np.full(shape, np.nan)
    level, primary, missing = (np.zeros(shape, np.uint8) for _ in range(3))
    codes = np.full(len(arrays.times), "", object)
    for at, edition in groups:
        found = report(np.ascontiguousarray(arrays.values[..., at]), at, edition)
        index[..., at], total[..., at], level[..., at] = found.iaqi, found.aqi, found.level
        primary[..., at], missing[..., at], codes[at] = found.primary, found.missing, edition.code
    texts = np.array(aqi.PRIMARY_CODES, object)
    return {
        "aqi": (total, pure("air quality index", "环境空气质量指数")),
        "level": (level, pure("level of the air quality index, 0 is NA", "空气质量指数级别")),
        "primary_pollutants": (texts[primary], pure("primary pollutants, by commas", "首要污染物", units=None)),
        **{f"{item}_iaqi": (index[i], _iaqi_attrs(item)) for i, item in enumerate(ITEMS)},
        "missing": (texts[missing], pure("items of the plan without an index, by commas", "缺测项目", units=None)),
        "edition": (codes, pure("edition of HJ 633 behind the index", "标准版本", units=None)),
    }


def _iaqi_attrs(item: str) -> dict[str, Any]:
    return pure(f"individual index of {POLLUTANTS[item].symbol}", f"{POLLUTANTS[item].symbol}空气质量分指数")


def _trace(groups: list, function: Callable) -> dict[str, str]:
    return {"edition": editions_of(groups), "references": reference(function)}
