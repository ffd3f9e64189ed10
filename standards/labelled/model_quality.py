"""The modelling quality of FAIRMODE on labelled observations and forecasts (standards.verification.fairmode)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

import standards.verification.fairmode as fairmode
from standards.days import date_of_day
from standards.labelled.columns import HOUR_COLUMNS, MDA8
from standards.labelled.one import attrs_by_name, require_pure, units_of
from standards.labelled.shapes import Data, names_of, series_of
from standards.labelled.times import DAY, HOUR_END, days_of
from standards.labelled.words import pure, reference

_PERIODS = {"no2": "hour", "o3": "8h", "pm10": "day", "pm25": "day", "so2": "hour", "co": "day"}
"""The averaging period of each item's values here; CO and SO2 are judged by v4.0 only."""
_COLUMNS = ("mqi", "mqi_year")


def mqi(data: Data, item: str, *, edition: str | None = None, duplicates: str = "raise") -> Data:
    """Compute the quality indicators of a model at each place.

    data [ug/m3, CO mg/m3]: of no2 and so2 for instance no2_ugm3 and forecast_no2_ugm3 by hour; of o3 o3_mda8_ugm3, of
    pm10, pm25 and co the means of days, each with forecast_..., by natural day; and by station, city or run. item:
    "no2", "o3", "pm10" or "pm25", by "v4.0" also "so2" and "co". edition: "v3.3" or "v4.0" of the guidance; by default
    the one in force in all of the data. Returns by place mqi, mqi_year (of the mean of all values given: a year, for
    ozone in v4.0 a season; NaN where the edition has none) and n, the complete pairs.
    Missing: as standards.verification.fairmode.mqi; times between the first and the last of all places that are not
    there count as missing pairs.
    Errors: ValueError for another item, a missing column, a wrong unit, hours without a zone, a time twice, or where
    the data run over two editions and none is chosen.
    """
    if item not in _PERIODS:
        raise ValueError(f"the item is {item!r}, expected one of {', '.join(_PERIODS)}")
    observed = MDA8 if item == "o3" else HOUR_COLUMNS[item]
    columns = [observed, f"forecast_{observed}"]
    if missing := [name for name in columns if name not in names_of(data)]:
        raise ValueError(f"missing are {', '.join(missing)}, expected them among {', '.join(names_of(data))}")
    axis = HOUR_END if _PERIODS[item] == "hour" else DAY
    arrays = series_of(data, columns, axis, duplicates=duplicates)
    obs, fcst = arrays.values
    chosen = _edition(days_of(arrays.times, axis), edition)
    by = fairmode.uncertainty_of(item, _PERIODS[item], edition=chosen)
    single = fairmode.mqi(obs, fcst, by=by)
    year = (
        fairmode.mqi_year(obs, fcst, by=by)
        if _has_year(by)
        else fairmode.Score(np.full(single.n.shape, np.nan), single.n)
    )
    made = {
        "mqi": (single.value, pure("modelling quality indicator", "模式质量指标") | _cited(fairmode.mqi)),
        "mqi_year": (
            year.value, pure("modelling quality indicator of the mean", "年均模式质量指标") | _cited(fairmode.mqi_year)
        ),
        "n": (single.n, pure("complete pairs", "有效配对数")),
    }  # fmt: skip
    about = dict(arrays.about) | {"item": item, "edition": chosen.name} | _cited(fairmode.mqi)
    return arrays.give_places(made, about, label=item)


def mqo(indicators: Data) -> Data:
    """Compute the objective of a model from the indicators of its stations, as mqi gives them.

    indicators [1]: mqi and mqi_year by station, attrs["item"] and attrs["edition"] say of what. Returns one row, or a
    Dataset without dimensions, with mqo, mqo_year (met at 1 or less), n and n_year, the stations behind them.
    Missing: as standards.verification.fairmode.mqo.
    Errors: ValueError where a column or the item is missing, or an indicator has a unit.
    """
    item = indicators.attrs.get("item")
    if item not in _PERIODS or not set(_COLUMNS) <= set(names_of(indicators)):
        raise ValueError(
            f"attrs say item {item!r}, columns are {', '.join(names_of(indicators))}: expected what mqi gives"
        )
    edition = indicators.attrs.get("edition", fairmode.LATEST)
    by = fairmode.uncertainty_of(item, _PERIODS[item], edition=edition)
    made = {}
    for column in _COLUMNS:
        require_pure(column, units_of(indicators, column))
        found = fairmode.mqo(np.asarray(indicators[column], np.float64), by=by, axis=None)
        name = column.replace("mqi", "mqo")
        made[name] = (found.value, pure("modelling quality objective, met at 1 or less", "模式质量目标"))
        made[name.replace("mqo", "n")] = (found.n, pure("stations with an indicator", "站点数"))
    about = {key: indicators.attrs[key] for key in ("item", "edition", "simulated") if key in indicators.attrs}
    about |= _cited(fairmode.mqo)
    if isinstance(indicators, xr.Dataset):
        return xr.Dataset({name: ((), array, attrs) for name, (array, attrs) in made.items()}, {}, about)
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=pd.Index([item], name="item"))
    frame.attrs = attrs_by_name({name: attrs for name, (_, attrs) in made.items()}) | about
    return frame


def _edition(days: np.ndarray, edition: str | None) -> fairmode.FairmodeEdition:
    if edition is not None or not len(days):
        return fairmode.fairmode_edition(edition or fairmode.LATEST)
    first, last = (fairmode.fairmode_edition(date_of_day(day)) for day in (days[0], days[-1]))
    if first is not last:
        raise ValueError(f"the data run over the editions {first.name} and {last.name} of FAIRMODE, expected edition=")
    return first


def _has_year(by: fairmode.AnyUncertainty) -> bool:
    return isinstance(by, fairmode.Uncertainty) or by.long is not None


def _cited(function: object) -> dict[str, str]:
    return {"references": reference(function)}
