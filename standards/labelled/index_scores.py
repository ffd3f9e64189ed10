"""Scores of events and of the daily index by lead on labelled data (standards.verification.event_scores, forecast_scores)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

import standards.verification.event_scores as event_scores
import standards.verification.forecast_scores as forecast_scores
import standards.verification.shanghai as shanghai
from standards.index.aqi import PRIMARY_CODES
from standards.labelled.columns import MDA8
from standards.labelled.groups import as_table, each_group, pairs_of
from standards.labelled.shapes import Data, simulated_of
from standards.labelled.times import DAY, frame_times
from standards.labelled.words import reference
from standards.verification.pairs import Score

_EVENT_SCORES = {
    "pod": event_scores.pod, "far": event_scores.far, "csi": event_scores.csi,
    "frequency_bias": event_scores.frequency_bias, "hss": event_scores.hss,
}  # fmt: skip
_CASES = ("hits", "false_alarms", "misses", "rejections")
_ACCURACIES = ("range", "level", "strict_level", "half_level", "primary")
_MASKS = {frozenset(filter(None, codes.split(","))): mask for mask, codes in enumerate(PRIMARY_CODES)}


def event_scores_by_lead(
    data: Data, event: str, *, by: str | Sequence[str] = "lead_day", above: float | None = None
) -> pd.DataFrame:
    """Score forecasts of an event, that a value is above a threshold, for each lead.

    data: of "aqi_100", "aqi_150" and "aqi_200" aqi and forecast_aqi [index], of "o3_160" o3_mda8_ugm3 and
    forecast_o3_mda8_ugm3 [ug/m3], with lead_day and, where there are any, city, day and run as columns or levels.
    event: one of standards.verification.event_scores.EVENTS, or the name of a column, and above its threshold. Returns
    a row for each group: hits, false_alarms, misses, rejections, pod, far, csi, frequency_bias, hss and n.
    Missing: pairs that are not complete take no part.
    Errors: ValueError for an unknown event, a missing column, a wrong unit, or a row that occurs twice.
    """
    if above is None and event not in event_scores.EVENTS:
        raise ValueError(
            f"event is {event!r}, expected one of {', '.join(event_scores.EVENTS)}, or a column and above="
        )
    threshold = event_scores.EVENTS[event] if above is None else above
    observed = event if above is not None else "aqi" if event.startswith("aqi") else MDA8
    keys = [by] if isinstance(by, str) else list(by)
    table = pairs_of(data, [observed, f"forecast_{observed}"], keys)
    rows, index = [], []
    for key, part in each_group(table, keys):
        obs, fcst = (part[name].to_numpy(np.float64) for name in (observed, f"forecast_{observed}"))
        found = event_scores.contingency(obs, fcst, above=threshold)
        values = {name: float(score(found).value) for name, score in _EVENT_SCORES.items()}
        rows.append({name: int(getattr(found, name)) for name in _CASES} | values | {"n": int(found.n)})
        index.append(key)
    made = as_table(rows, index, keys, [*_CASES, *_EVENT_SCORES, "n"])
    made.attrs = simulated_of(data) | {
        "units": dict.fromkeys(made.columns, "1"), "event": event, "above": threshold,
        "references": reference(event_scores.contingency),
    }  # fmt: skip
    return made


def index_scores_by_lead(
    data: Data, *, by: str | Sequence[str] = "lead_day", range_method: str = "widths"
) -> pd.DataFrame:
    """Score forecasts of the daily index for each lead, as forecasting centres do.

    data [index]: aqi and forecast_aqi by day, with lead_day, and city and run where there are any; the range of the
    forecast as forecast_aqi_low and forecast_aqi_high, by default standards.verification.forecast_scores.aqi_range of
    forecast_aqi; primary_pollutants and forecast_primary_pollutants (codes by commas), without which primary and
    shanghai are NaN. range_method: of aqi_range, "widths" or "quarter" (75 to 125 %). Returns a row for each group:
    range, level (loose), strict_level, half_level, primary, shanghai (mean points of standards.verification.shanghai, 0
    to 100), persistence_skill (by RMSE, where grouped by lead_day; NaN for day 0), with the number of forecasts behind
    each as range_n and so on.
    Missing: as the scores of standards.verification.forecast_scores.
    Errors: ValueError for a missing column, an index with a unit or not within 0 to 500, only one end of the range, a
    row that occurs twice, or a day with two observed values in one place.
    """
    keys = [by] if isinstance(by, str) else list(by)
    ends = ("forecast_aqi_low", "forecast_aqi_high")
    texts = ("primary_pollutants", "forecast_primary_pollutants")
    table = pairs_of(data, ["aqi", "forecast_aqi"], keys, also=(*ends, *texts))
    if sum(name in table for name in ends) == 1:
        raise ValueError(f"there is one of {' and '.join(ends)}, expected both or none")
    persisted = _persisted(table) if "lead_day" in keys and DAY in table else np.full(len(table), np.nan)
    rows, index = [], []
    for key, part in each_group(table.assign(_persisted=persisted), keys):
        found = _scored(part, ends, texts, range_method)
        rows.append({n: float(s.value) for n, s in found.items()} | {f"{n}_n": int(s.n) for n, s in found.items()})
        index.append(key)
    names = [*_ACCURACIES, "shanghai", "persistence_skill"]
    made = as_table(rows, index, keys, [*names, *(f"{name}_n" for name in names)])
    long_names = {n: f"share of {n.replace('_', ' ')} forecasts that are right" for n in _ACCURACIES}
    made.attrs = simulated_of(data) | {
        "units": dict.fromkeys(made.columns, "1"),
        "range_method": range_method,
        "long_name": long_names
        | {"shanghai": "mean points by the method of Shanghai", "persistence_skill": "skill over persistence"},
        "references": {
            "range": reference(forecast_scores.range_accuracy),
            "shanghai": reference(shanghai.shanghai_days),
            "half_level": reference(forecast_scores.half_level_of),
            "primary": reference(forecast_scores.primary_accuracy),
            "persistence_skill": reference(forecast_scores.persistence_skill),
        },
    }
    return made


def _scored(part: pd.DataFrame, ends: Sequence[str], texts: Sequence[str], range_method: str) -> dict[str, Score]:
    obs, fcst = (part[name].to_numpy(np.float64) for name in ("aqi", "forecast_aqi"))
    around = (
        [part[n].to_numpy(np.float64) for n in ends]
        if ends[0] in part
        else forecast_scores.aqi_range(fcst, method=range_method)
    )
    found = {
        "range": forecast_scores.range_accuracy(obs, np.stack(around)),
        "level": forecast_scores.level_accuracy(obs, np.stack(around)),
        "strict_level": forecast_scores.strict_level_accuracy(obs, fcst),
        "half_level": forecast_scores.half_level_accuracy(obs, fcst),
        "primary": Score(np.array(np.nan), np.array(0)),
        "shanghai": Score(np.array(np.nan), np.array(0)),
    }
    if set(texts) <= set(part):
        masks = [np.array([_mask(text) for text in part[name]]) for name in texts]
        told = np.stack([obs, masks[0]]), np.stack([fcst, masks[1]])
        found |= {"primary": forecast_scores.primary_accuracy(*told), "shanghai": shanghai.shanghai_score(*told)}
    both = np.stack([fcst, part["_persisted"].to_numpy(np.float64)])
    return found | {"persistence_skill": forecast_scores.persistence_skill(obs, both)}


def _persisted(table: pd.DataFrame) -> np.ndarray:
    """Give for each row what persistence says: the observed index of its place, lead_day days before."""
    places = [name for name in ("city", "station") if name in table]
    days = frame_times(pd.DatetimeIndex(table[DAY], name=DAY), DAY)
    leads = table["lead_day"].to_numpy(np.float64)
    observed = table[places].assign(_day=days, aqi=table["aqi"].to_numpy(np.float64)).dropna(subset=["aqi"])
    observed = observed.drop_duplicates()
    twice = observed.duplicated([*places, "_day"])
    if twice.any():
        raise ValueError(f"aqi has two values on a day: {observed[twice].iloc[0].to_dict()}, expected one")
    if not len(observed):
        return np.full(len(table), np.nan)
    span = np.arange(days.min(), days.max() + 1)
    series = observed.set_index([*places, "_day"])["aqi"]
    wide = (series.unstack("_day") if places else series.to_frame().T).reindex(columns=span)
    rows = wide.index.get_indexer(pd.MultiIndex.from_frame(table[places]) if len(places) > 1 else table[places[0]]) \
        if places else np.zeros(len(table), int)  # fmt: skip
    found = np.full(len(table), np.nan)
    for lead in np.unique(leads[leads >= 1]):
        before = forecast_scores.persisted(wide.to_numpy(np.float64), lead=int(lead))
        at = (leads == lead) & (rows >= 0)
        found[at] = before[rows[at], days[at] - span[0]]
    return found


def _mask(text: object) -> float:
    if not isinstance(text, str):
        return np.nan
    codes = frozenset(filter(None, (code.strip() for code in text.split(","))))
    if codes not in _MASKS:
        raise ValueError(f"primary pollutants are {text!r}, expected codes by commas, for instance pm25,o3")
    return float(_MASKS[codes])
