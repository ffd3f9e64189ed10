"""All that forecasts a city: members and their weights by item and lead, daily values, heavy days, and the index of it
all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ml.forecast.boosted import HOUR_SETTINGS, SPANS, Boosted, Settings, fit_boosted
from ml.forecast.daily import DAY_SETTINGS, Daily, HeavyDays, fit_daily, fit_heavy, heavy_above
from ml.forecast.days import DAYS, days_of, target_days
from ml.forecast.ensemble import combined, rolling_weights
from ml.forecast.index import IndexForecast, index_forecast, templates
from ml.forecast.inputs import LEADS, Ahead, ForecastError, History
from ml.forecast.mos import Mos, Raw, fit_mos
from ml.forecast.quantiles import LEVELS, MEDIAN
from ml.forecast.simple import Persistence, Usual, fit_persistence, fit_usual
from standards.days import date_of_day, natural_day
from standards.editions import edition_for
from standards.pollutants import ITEMS, POLLUTANTS

KNOTS_H = (1, 3, 6, 12, 24, 48, 72, 120, 168)
"""Leads [h] at which weights are told; between them they are interpolated."""
Member = Boosted | Mos | Raw | Persistence | Usual
_PAST_D = 1100


@dataclass(frozen=True, eq=False)
class CityModel:
    """What forecasts a city.

    members: by item and name. weights: by item float64 (member, knot) at KNOTS_H, in the order of the members. days: by
    item. past [ug/m3, CO mg/m3]: float64 (6, day) daily values known in training, of which the order of items is taken;
    first_past_day its first day. trained_until [epoch hours]: the last hour that took part.
    """

    city: str
    members: Mapping[str, Mapping[str, Member]]
    weights: Mapping[str, np.ndarray]
    days: Mapping[str, Daily]
    heavy: HeavyDays | None
    past: np.ndarray
    first_past_day: int
    trained_until: int
    source: str = field(default="")


def fit_city(
    places: Sequence[tuple[History, Ahead | None]], *, city: str, until: int, items: Sequence[str] = ITEMS,
    settings: Settings = HOUR_SETTINGS, day_settings: Settings = DAY_SETTINGS, threads: int = 1,
) -> CityModel:  # fmt: skip
    """Learn all that forecasts a city, from nothing later than the epoch hour until.

    places: the city's mean first, and stations that lend their hours. Items that were never observed are left out.
    Heavy days are those of PM2.5 by the edition in force at until; where none is known there is no model of them.
    threads: items that are learned side by side; the model does not depend on it.
    Errors: ForecastError where no item has enough to learn from.
    """
    # Cut once, so that what is worked out of the hours of a place serves all items.
    places = [(history.until(until), ahead) for history, ahead in places]
    seen = [item for item in items if _observed(places[0][0], item)]
    if not seen:
        raise ForecastError(f"{city} has no item with 60 days of hours before {until}, expected one or more")
    above = heavy_above("pm25", edition_for(date_of_day(natural_day(until))))
    past = days_of(places[0][0])
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        heavy = None
        if "pm25" in seen and (past.means[ITEMS.index("pm25")] > above).any():
            heavy = pool.submit(fit_heavy, places, above=above, until=until, settings=day_settings)
        made = {item: pool.submit(_fit_item, places, item, until, settings, day_settings) for item in seen}
        learned = {item: each.result() for item, each in made.items()}
    members, weights, days = ({item: each[i] for item, each in learned.items()} for i in range(3))
    kept = past.means[:, 0, -_PAST_D:]
    first = past.first_day + past.means.shape[2] - kept.shape[1]
    return CityModel(city, members, weights, days, heavy.result() if heavy else None, kept, first, until)


def _fit_item(
    places: Sequence[tuple[History, Ahead | None]], item: str, until: int, settings: Settings, day_settings: Settings
) -> tuple[dict[str, Member], np.ndarray, Daily]:
    members = _members(places, item, until, settings)
    weights = _weights(places[0], members, item, until, settings)
    return members, weights, fit_daily(places, item=item, until=until, settings=day_settings)


def hours_ahead(model: CityModel, history: History, ahead: Ahead | None, issue: int) -> dict[str, np.ndarray]:
    """Forecast the hours after an issue: by item float64 (quantile, lead) at LEVELS, leads 1 to LEADS, [unit of the
    item].

    Missing: NaN where no member with a weight can say anything; climatology alone where nothing was observed before the
    issue.
    """
    leads = np.arange(1, LEADS + 1)
    issues = np.full(LEADS, issue)
    known = history.until(issue)
    found = {}
    for item, members in model.members.items():
        said = np.stack([each.predict(known, ahead, issues, leads) for each in members.values()])
        weights = np.array([np.interp(np.log(leads), np.log(KNOTS_H), row) for row in model.weights[item]])
        found[item] = combined(said, weights)
    return found


def days_ahead(model: CityModel, history: History, ahead: Ahead | None, issue: int) -> dict[str, np.ndarray]:
    """Forecast the natural days after an issue: by item float64 (quantile, day), MDA8 for o3; NaN as Daily.predict."""
    k, issues = np.arange(1, DAYS + 1), np.full(DAYS, issue)
    known = history.until(issue)
    return {item: each.predict(known, ahead, issues, k) for item, each in model.days.items()}


def index_ahead(model: CityModel, days: Mapping[str, np.ndarray], issue: int) -> list[IndexForecast]:
    """Give the index of each of the days ahead with its probabilities, by the edition in force on that day.

    days: as days_ahead. Items that the model does not forecast count as missing, so that the index is NaN by the rules
    of the edition unless it is above 100 without them.
    """
    nothing = np.full((len(LEVELS), DAYS), np.nan)
    quantiles = np.stack([days.get(item, nothing) for item in ITEMS])
    past_days = model.first_past_day + np.arange(model.past.shape[1])
    found = []
    for k, day in enumerate(target_days(np.full(DAYS, issue), np.arange(1, DAYS + 1)).tolist()):
        template = templates(model.past, past_days % 365.2425, day % 365.2425)
        edition = edition_for(date_of_day(day))
        found.append(index_forecast(quantiles[:, :, k : k + 1], template, edition=edition, daily=True))
    return found


def heavy_ahead(model: CityModel, history: History, ahead: Ahead | None, issue: int) -> tuple[np.ndarray, np.ndarray]:
    """Give for the days ahead the probability of a heavy day and whether it is called so, (day,) each, NaN without a
    model."""
    if model.heavy is None:
        return np.full(DAYS, np.nan), np.full(DAYS, np.nan)
    return model.heavy.predict(history.until(issue), ahead, np.full(DAYS, issue), np.arange(1, DAYS + 1))


def _observed(history: History, item: str) -> bool:
    values = history.columns.get(POLLUTANTS[item].column)
    return values is not None and np.isfinite(values).sum() >= 1440


def _members(
    places: Sequence[tuple[History, Ahead | None]], item: str, until: int, settings: Settings
) -> dict[str, Member]:
    histories = [history for history, _ in places]
    found: dict[str, Member] = {}
    if all(ahead is not None and f"forecast_{POLLUTANTS[item].column}" in ahead.columns for _, ahead in places):
        found |= {"cdaqs": Raw(item), "mos": fit_mos(places, item=item, until=until)}
    found["lightgbm"] = fit_boosted(places, item=item, until=until, settings=settings, spans=SPANS)
    found["persistence"] = fit_persistence(histories, item=item, until=until)
    found["climatology"] = fit_usual(histories, item=item, until=until)
    return found


def _weights(
    place: tuple[History, Ahead | None], members: Mapping[str, Member], item: str, until: int, settings: Settings
) -> np.ndarray:
    # By the errors of the last part of the training time, of which no booster has seen the truth.
    history, ahead = place[0].until(until), place[1]
    span = int(history.hours * settings.calibration * 0.9)
    issues = np.arange(until - max(span, 720), until, 6) if ahead is None else ahead.issues
    issues = issues[(issues >= until - span) & (issues < until)]
    leads = np.array(KNOTS_H)
    at, lead = np.repeat(issues, len(leads)), np.tile(leads, len(issues))
    shape = (len(issues), len(leads))
    observed = history.at(POLLUTANTS[item].column, at + lead).reshape(shape)
    median = np.array([each.predict(history, ahead, at, lead)[MEDIAN].reshape(shape) for each in members.values()])
    # One more issue at the end: what is known then is what weighs.
    median = np.concatenate([median, np.ones((len(members), 1, len(leads)))], axis=1)
    observed = np.concatenate([observed, np.full((1, len(leads)), np.nan)])
    return rolling_weights(median, observed, np.append(issues, until), leads, window_h=span)[:, -1]
