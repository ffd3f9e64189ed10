"""Levels of warnings of heavy-pollution weather on labelled daily indices (standards.warning.plan)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import xarray as xr

import standards.warning.plan as warnings_plan
from standards.labelled.one import One, as_data, require_pure, units_of
from standards.labelled.shapes import Data, names_of, series_of
from standards.labelled.times import DAY, stamps_of
from standards.labelled.words import pure, reference
from standards.warning.plan_files import Plan, plan_for, plan_named

COLUMNS = ("forecast_aqi", "aqi")
"""Columns that are graded, the first that is there."""


def warning_levels(
    data: Data | One,
    *,
    plan: Plan | str | None = None,
    cause: str = "pm25",
    column: str | None = None,
    duplicates: str = "raise",
) -> Data:
    """Grade the daily indices of each place, over all its days, by the plan of its city.

    data [index]: forecast_aqi or aqi by natural day, and by city, run or station where there is more; or one Series or
    DataArray. plan: a Plan or its name; by default the one in force on the first day for the city, a level or dimension
    "city" of division codes, else that of the country. cause: "pm25" or "o3" where no plan is given. column: by default
    the first of COLUMNS that is there; of a plan for ozone name that of its individual index. Returns by place
    warning_level (0 none, NaN no verdict), name_zh, name_en, response_zh, and plan.
    Missing: as standards.warning.plan.warning_level; days that are not there are missing.
    Errors: ValueError where no plan is in force, the plan grades ozone and no column is named, an index has a unit or
    is not within 0 to 500, or days have a time zone.
    """
    if isinstance(data, pd.Series | xr.DataArray):
        column = column or str(data.name or COLUMNS[0])
        data = as_data(data, column)
    names = names_of(data)
    chosen = column or next((name for name in COLUMNS if name in names), None)
    if chosen not in names:
        raise ValueError(f"there is none of {column or ', '.join(COLUMNS)}, expected one among {', '.join(names)}")
    require_pure(chosen, units_of(data, chosen))
    arrays = series_of(data, [chosen], DAY, duplicates=duplicates)
    if not len(arrays.times):
        raise ValueError("there is no day, expected at least one")
    first, last = (pd.Timestamp(stamps_of(arrays.times[[i]], DAY)[0]).date() for i in (0, -1))
    rows = arrays.values[0].reshape(-1, len(arrays.times))
    codes = _cities(arrays.places, data, len(rows))
    levels, texts, used = np.full(len(rows), np.nan), np.full((3, len(rows)), "", object), []
    for i, (row, code) in enumerate(zip(rows, codes, strict=True)):
        each = _plan(plan, first, cause, code)
        if each.index != "aqi" and column is None:
            raise ValueError(f"plan {each.name} grades {each.index}, expected column= to say which holds it")
        used.append(each)
        level = warnings_plan.warning_level(row, plan=each)
        levels[i] = np.nan if level is None else level
        if level:
            found = each.levels[level - 1]
            texts[:, i] = found.name_zh, found.name_en, found.response_zh
    trace = {"references": reference(warnings_plan.warning_level)}
    words = {
        "warning_level": (levels, pure("highest level that is met, 0 is none", "预警级别") | trace),
        "name_zh": (texts[0], pure("name of the level in Chinese", "预警名称", units=None)),
        "name_en": (texts[1], pure("name of the level in English", "预警名称", units=None)),
        "response_zh": (texts[2], pure("response of the level in Chinese", "应急响应", units=None)),
        "plan": (np.array([each.name for each in used], object), pure("plan that was applied", "预案", units=None)),
    }
    plans = ", ".join(dict.fromkeys(each.code for each in used))
    return arrays.give_places(words, dict(arrays.about) | trace | {"edition": plans}, label=f"{first}/{last}")


def _plan(plan: Plan | str | None, day: dt.date, cause: str, code: str) -> Plan:
    if plan is not None:
        return plan if isinstance(plan, Plan) else plan_named(plan)
    found = plan_for(day, cause=cause, place=code)
    if found is None:
        raise ValueError(f"no plan for {cause} is in force on {day} in {code or 'the country'}, expected plan=")
    return found


def _cities(places: pd.Index, data: Data, n: int) -> list[str]:
    if "city" in places.names:
        return [str(code) for code in places.get_level_values("city")]
    if isinstance(data, xr.Dataset) and "city" in data.dims:
        dims = [dim for dim in xr.broadcast(*data.data_vars.values())[0].dims if dim != DAY]
        shape = [data.sizes[dim] for dim in dims]
        at = np.unravel_index(np.arange(n), shape)[dims.index("city")]
        return [str(code) for code in data["city"].to_numpy()[at]]
    return [""] * n
