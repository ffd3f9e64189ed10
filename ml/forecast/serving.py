"""A city's model as a scorer of the job: hours of a run in, quantiles of items, days and index out.

What is observed after the run's start is not looked at, whatever is handed in. Values of a natural day stand at the
hour with which the day ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from ml.forecast.boosted import Boosted
from ml.forecast.city import CityModel, days_ahead, heavy_ahead, hours_ahead, index_ahead
from ml.forecast.days import day_design, target_days
from ml.forecast.features import COLUMNS, design
from ml.forecast.inputs import LEADS, Ahead, ForecastError, History
from ml.forecast.parts import from_parts
from ml.forecast.quantiles import LEVELS
from standards.days import first_hour_of_day
from standards.pollutants import ITEMS, POLLUTANTS
from streams.assess.joined import JoinedHours
from streams.scorers import Scorer

LOOKBACK_H = 200
"""Hours before a run's start that inputs look back on: a week, and eight hours before it for the means of ozone."""
TOLD = (0.10, 0.50, 0.90)
"""Levels that are told of each quantity."""
_WEATHER = ("wind_u_ms", "wind_v_ms", "temperature_c", "humidity_pct", "mixing_height_m", "rain_mm")
NEEDS = (
    *COLUMNS, "observed_wind_u_ms", "observed_wind_v_ms", *(f"forecast_{column}" for column in COLUMNS), *_WEATHER, "lead_hours",
)  # fmt: skip
_DAY_NAMES = {item: "o3_mda8_ugm3" if item == "o3" else POLLUTANTS[item].column.replace("_", "_day_") for item in ITEMS}


class Named(Protocol):
    """What a card says of itself here."""

    name: str
    version: str


class Parts(Protocol):
    """What an artefact is here."""

    parts: Mapping[str, bytes]


def build(artefact: Parts, card: Named) -> Scorer:
    """Make the scorer of a model that was stored. Errors: ForecastError where its parts are not those of a city's
    model."""
    return scorer(from_parts(artefact.parts), name=card.name, version=card.version)


def scorer(model: CityModel, *, name: str, version: str) -> Scorer:
    """Make the scorer of a city's model; hours of another city get no values.

    Errors: ForecastError where the model has learned from inputs that the job does not hand in.
    """
    require_served(model)
    return Scorer(name, version, NEEDS, lambda hours: score(model, hours), lookback_h=LOOKBACK_H)


def require_served(model: CityModel) -> None:
    """Raise ForecastError where a model has inputs that cannot be made of a run's joined hours: they would be missing
    in every hour."""
    nothing = JoinedHours(model.city, "x", 0, LOOKBACK_H, {name: np.full(LOOKBACK_H + LEADS, np.nan) for name in NEEDS},
                          np.zeros(LOOKBACK_H + LEADS, bool), np.zeros(LOOKBACK_H + LEADS, bool))  # fmt: skip
    history, ahead = known_at(nothing, LOOKBACK_H)
    one, models = (
        np.array([1]),
        [m for of_item in model.members.values() for m in of_item.values() if isinstance(m, Boosted)],
    )
    for each in [*models, *model.days.values(), *([model.heavy] if model.heavy else [])]:
        make = design if isinstance(each, Boosted) else day_design
        made = make(history, ahead, np.array([LOOKBACK_H]), one, item=each.item, climate=each.climate)
        if lacking := [i.name for i in each.inputs if i.name not in {m.name for m in made.inputs}]:
            raise ForecastError(
                f"the model of {each.item} wants {', '.join(lacking[:5])}, expected what the job hands in of a run"
            )


def score(model: CityModel, hours: JoinedHours) -> dict[str, np.ndarray]:
    """Forecast the hours of a run: by quantity float64 (hour,) for the hours after the context, NaN where there is
    none."""
    wanted = len(hours.simulated) - hours.context
    lead = hours.columns["lead_hours"]
    if hours.city != model.city or not hours.run or not np.isfinite(lead).any():
        return {}
    at = int(np.flatnonzero(np.isfinite(lead))[0])
    issue = hours.first_hour + at - int(lead[at])
    history, ahead = known_at(hours, issue)
    found: dict[str, np.ndarray] = {}
    for item, quantiles in hours_ahead(model, history, ahead, issue).items():
        for level in TOLD:
            name = f"{POLLUTANTS[item].column}_q{round(level * 100):02d}"
            found[name] = _by_hour(quantiles[LEVELS.index(level)], hours, issue, wanted)
    return found | _days(model, history, ahead, issue, hours, wanted)


def known_at(hours: JoinedHours, issue: int) -> tuple[History, Ahead]:
    """Give what is known of joined hours at the start of their run: hours observed until then, and what the run
    says."""
    observed = {column: hours.columns[column] for column in COLUMNS}
    observed |= {f"wind_{c}_ms": hours.columns[f"observed_wind_{c}_ms"] for c in "uv"}
    observed["wind_speed_ms"] = np.hypot(observed["wind_u_ms"], observed["wind_v_ms"])
    history = History(hours.city, hours.first_hour, observed).until(issue)
    says = {name: hours.columns[name] for name in (*_WEATHER, *(f"forecast_{column}" for column in COLUMNS))}
    says["wind_speed_ms"] = np.hypot(says["wind_u_ms"], says["wind_v_ms"])
    whole = History(hours.city, hours.first_hour, says)
    leads = issue + np.arange(1, LEADS + 1)
    return history, Ahead(np.array([issue]), {name: whole.at(name, leads)[None] for name in says})


def _days(
    model: CityModel, history: History, ahead: Ahead, issue: int, hours: JoinedHours, wanted: int
) -> dict[str, np.ndarray]:
    days = days_ahead(model, history, ahead, issue)
    index = index_ahead(model, days, issue)
    probability, called = heavy_ahead(model, history, ahead, issue)
    rows = {
        f"{_DAY_NAMES[i]}_q{round(level * 100):02d}": q[LEVELS.index(level)] for i, q in days.items() for level in TOLD
    }
    for level in TOLD:
        rows[f"aqi_day_q{round(level * 100):02d}"] = np.array([each.aqi[LEVELS.index(level), 0] for each in index])
    rows |= {f"level{n}_day_pct": np.array([100.0 * each.level[n - 1, 0] for each in index]) for n in range(1, 7)}
    for i, item in enumerate(ITEMS):
        rows[f"primary_{item}_day_pct"] = np.array([100.0 * each.primary[i, 0] for each in index])
    rows |= {"heavy_day_pct": 100.0 * probability, "heavy_day_called": called}
    return {name: _by_day(values, hours, issue, wanted) for name, values in rows.items()}


def _by_hour(by_lead: np.ndarray, hours: JoinedHours, issue: int, wanted: int) -> np.ndarray:
    leads = hours.first_hour + hours.context + np.arange(wanted) - issue
    inside = (leads >= 1) & (leads <= len(by_lead))
    return np.where(inside, by_lead[np.clip(leads, 1, len(by_lead)) - 1], np.nan)


def _by_day(values: np.ndarray, hours: JoinedHours, issue: int, wanted: int) -> np.ndarray:
    found = np.full(wanted, np.nan)
    ends = first_hour_of_day(target_days(np.full(len(values), issue), np.arange(1, len(values) + 1))) + 23
    at = ends - hours.first_hour - hours.context
    inside = (at >= 0) & (at < wanted)
    found[at[inside]] = values[inside]
    return found
