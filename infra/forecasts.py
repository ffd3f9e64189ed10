"""What `airshed forecasts` does: say why a forecast is so, and how far off forecasts have been of late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from infra.health import engine_for
from infra.messages import language, say
from ml.explain.contributions import ExplanationError
from ml.explain.forecast_day import ExplainedDay, explain_day
from ml.explain.words import title, words
from ml.forecast.inputs import ForecastError
from ml.forecast.parts import from_parts
from ml.forecast.rolling import PERSISTENCE, WINDOW_D, rolling_stored
from ml.forecast.stored import read_city
from ml.registry.errors import RegistryError
from ml.registry.kinds import KINDS
from standards.pollutants import POLLUTANTS
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, forecast_city_hour

if TYPE_CHECKING:
    from ml.forecast.city import CityModel
    from ml.registry.registry import Registry

BUILDER = "ml.forecast.serving:build"
LOOK_BACK_D = 400
"""Days before the issue that are read: the season of the year before lies within."""
_DAY, _HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Why:
    """Explanations of the forecasts of a city: model and version, the issue [epoch hours], the days, and why others are
    not explained."""

    city: str
    model: str
    version: str
    issue: int
    days: tuple[ExplainedDay, ...]
    unexplained: tuple[str, ...]


def serving(models: Registry, city: str) -> tuple[str, str, CityModel]:
    """Give name, version and the forecast model that serves a city, whatever is wrong with those of other cities.

    Errors: ForecastError where none does, with what cannot be read: it may be the city's.
    """
    unread = []
    for name, version in models.standings().serving.items():
        try:
            if KINDS.get(models.card(name, version).kind) != BUILDER:
                continue
            model = from_parts(models.artefact(name, version).parts)
        except (RegistryError, ForecastError) as error:
            unread.append(f"; {error}")
            continue
        if model.city == city:
            return name, version, model
    raise ForecastError(
        f"no forecast model serves {city}, expected one that was approved (airshed models){''.join(unread)}"
    )


def why(models: Registry, store: str, *, city: str, items: Sequence[str], days: int) -> Why:
    """Explain the newest forecasts of a city, of some items (none: PM2.5 and ozone) for so many days ahead.

    Errors: ForecastError where no model serves the city or nothing is stored of it.
    """
    name, version, model = serving(models, city)
    engine = engine_for(store)
    try:
        issue = _newest(engine, city)
        history, ahead = read_city(engine, city=city, start=issue - LOOK_BACK_D * _DAY, end=issue + 8 * _DAY)
    finally:
        engine.dispose()
    hour = int((issue - EPOCH) / _HOUR)
    found, not_told = [], []
    for item in items or ("pm25", "o3"):
        for ahead_days in range(1, days + 1):
            try:
                if item not in model.days:
                    raise ExplanationError(f"{name} {version} does not forecast {item}")
                found.append(explain_day(model.days[item], history, ahead, issue=hour, ahead_days=ahead_days))
            except ExplanationError as error:
                not_told.append(str(error))
    return Why(city, name, version, hour, tuple(found), tuple(not_told))


def _newest(engine: sa.Engine, city: str) -> dt.datetime:
    """Give the start of the newest run up to the newest observed hour; that hour where there is no run."""
    seen, run = air_city_hour.c, forecast_city_hour.c
    with engine.connect() as connection:
        newest = connection.scalar(sa.select(sa.func.max(seen.hour_end)).where(seen.city == city))
        if newest is None:
            raise ForecastError(f"the store has no hour of {city}, expected observations to forecast from")
        started = connection.scalar(
            sa.select(sa.func.max(run.run_init)).where(run.city == city, run.run_init <= newest)
        )
    return newest if started is None or newest - started > 2 * _DAY else started


def why_lines(found: Why) -> list[str]:
    """Say it in words, the language of messages alone; of days that are not explained why not."""
    lang = language()
    issue = dt.datetime.fromtimestamp(found.issue * 3600, dt.UTC)
    lines = [f"{title(lang)} · {found.city} · {found.model} {found.version} · {issue:%Y-%m-%dT%HZ}"]
    for day in found.days:
        said = words(day.parts, item=day.item, forecast=day.forecast, baseline=day.baseline, clean_date=f"{day.clean}",
                     language=lang)  # fmt: skip
        lines.append(f"{day.day}  {said}")
    return [*lines, *found.unexplained]


def why_json(found: Why) -> dict[str, Any]:
    """Give it for machines: parts in the unit of the item."""
    rows = [
        {"item": d.item, "unit": POLLUTANTS[d.item].unit, "day": f"{d.day}", "clean_day": f"{d.clean}", "forecast": d.forecast,
         "clean_day_forecast": d.baseline, "parts": d.parts}
        for d in found.days
    ]  # fmt: skip
    issue = dt.datetime.fromtimestamp(found.issue * 3600, dt.UTC)
    return {"title": title("en"), "explains": "the forecasting model, not whose pollution it is", "city": found.city,
            "model": found.model, "version": found.version, "issue": f"{issue:%Y-%m-%dT%H:00Z}", "days": rows,
            "unexplained": list(found.unexplained)}  # fmt: skip


def rolling(store: str, *, city: str, item: str, days: int, window_d: int = WINDOW_D) -> pd.DataFrame:
    """Score the forecasts of the last days of a city by lead, in rolling windows. Errors: ForecastError without an hour."""
    engine = engine_for(store)
    try:
        with engine.connect() as connection:
            newest = connection.scalar(
                sa.select(sa.func.max(air_city_hour.c.hour_end)).where(air_city_hour.c.city == city)
            )
        if newest is None:
            raise ForecastError(f"the store has no hour of {city}, expected observations to score against")
        start = newest - days * _DAY + _HOUR
        return rolling_stored(engine, city=city, item=item, start=start, end=newest, window_d=window_d)
    finally:
        engine.dispose()


def scores_table(found: pd.DataFrame) -> Table:
    """Lay out the newest window: a row for each model and span of leads."""
    about = found.attrs
    made_up = say("scenario_simulated") if about["simulated"] else ""
    newest = found.index.get_level_values("window_end").max() if len(found) else None
    until = "" if newest is None else f"{newest:%Y-%m-%d %H:00Z}"
    heading = say(
        "forecasts_title", item=POLLUTANTS[about["item"]].symbol, city=about["city"], until=until, simulated=made_up
    )
    table = Table(*say("forecasts_columns").split("|"), title=heading)
    if newest is None:
        return table
    for (model, first, last), row in found.xs(newest).iterrows():
        lead = f"{first}–{last}" if first != last else f"{first}"
        name = say("forecasts_persistence") if model == PERSISTENCE else escape(str(model))
        cells = (
            _plain(row[c], places) for c, places in (("mae", 1), ("rmse", 1), ("mb", 1), ("r", 2), ("coverage_80", 2))
        )
        table.add_row(lead, name, *cells, str(int(row["n"])))
    return table


def _plain(value: float, places: int) -> str:
    return f"{value:.{places}f}" if np.isfinite(value) else "NA"
