"""What the store shows of a model at work: its errors of late, drift, missing feeds, and the age of the inventory."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import sqlalchemy as sa

from dashboards.queries.models import Model
from ml.registry.confidence import Signs, drift
from ml.registry.standing import LOADABLE
from streams.store.schema import air_city_hour, emission_city_hour, forecast_city_hour, model_hour

DAYS = 28
"""So far back errors and drift are looked at [d]."""
INDEPENDENT_H = 72
"""Hours of air that go together [h], so that a month holds about ten that tell of something new."""
LATE = {"observation": dt.timedelta(hours=3), "forecast": dt.timedelta(0), "emission": dt.timedelta(hours=3)}
"""A feed is missing where it has no hour so near to the one shown."""
MEDIAN = "_q50"
"""How a model that gives quantiles of a quantity names the middle one."""
NEEDED = ("observation", "forecast")
_FEEDS = {"observation": air_city_hour, "forecast": forecast_city_hour, "emission": emission_city_hour}
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def signs_at(connection: sa.Connection, city: str, hour: dt.datetime, model: Model) -> Signs:
    """Give the signs by which a model is to be trusted for an hour of a city (naive UTC), from what is stored up to it.

    Missing: what cannot be seen is left out, and what the model does not use is not asked for.
    """
    feeds = {feature.feed for feature in model.card.features}
    missing = [feed for feed in _FEEDS if feed in feeds and not _there(connection, feed, city, hour)]
    uses_inventory = "emission" in feeds
    mae, pairs = _rolling(connection, city, hour, model)
    return Signs(
        served=model.standing.status in LOADABLE, drift=_drift(connection, city, hour, model),
        rolling_mae=mae, rolling_pairs=pairs, card_mae=_card_mae(model),
        needs_inventory=uses_inventory,
        inventory_days=_inventory_days(connection, city, hour) if uses_inventory else None,
        missing_needed=[feed for feed in missing if feed in NEEDED],
        missing_helpful=[feed for feed in missing if feed not in NEEDED],
    )  # fmt: skip


def _there(connection: sa.Connection, feed: str, city: str, hour: dt.datetime) -> bool:
    table = _FEEDS[feed]
    query = sa.select(table.c.hour_end).where(table.c.city == city, table.c.hour_end.between(hour - LATE[feed], hour))
    return connection.execute(query.limit(1)).first() is not None


def _of_late(column: sa.Column, hour: dt.datetime) -> sa.ColumnElement[bool]:
    return column.between(hour - dt.timedelta(days=DAYS), hour)


def _scored(model: Model) -> list[str]:
    return [quantity for quantity in model.card.quantities if quantity in air_city_hour.c]


def _rolling(connection: sa.Connection, city: str, hour: dt.datetime, model: Model) -> tuple[float | None, int]:
    """Give the error of the model's first quantity that is observed, as the card's that it is compared with."""
    if not (quantities := _scored(model)):
        return None, 0
    said, seen = model_hour.c, air_city_hour.c
    name, version = model.card.name, model.card.version
    together = sa.and_(seen.city == said.city, seen.hour_end == said.hour_end)
    query = sa.select(said.value, seen[quantities[0]]).select_from(model_hour.join(air_city_hour, together)).where(
        said.city == city, _of_late(said.hour_end, hour), said.model == name, said.model_version == version,
        said.quantity.in_((quantities[0], f"{quantities[0]}{MEDIAN}")), said.value.is_not(None), seen[quantities[0]].is_not(None),
    )  # fmt: skip
    pairs = np.array([tuple(row) for row in connection.execute(query)], float).reshape(-1, 2)
    return (float(np.abs(pairs[:, 0] - pairs[:, 1]).mean()) if len(pairs) else None), len(pairs)


def _card_mae(model: Model) -> float | None:
    quantities = _scored(model)
    found = [s.mae for s in model.card.scores if s.lead_h is None and quantities and s.quantity == quantities[0]]
    return found[0] if found else None


def _drift(connection: sa.Connection, city: str, hour: dt.datetime, model: Model) -> dict[str, float]:
    names = [name for name in model.card.references if name in air_city_hour.c]
    if not names:
        return {}
    c = air_city_hour.c
    query = sa.select(*(c[name] for name in names)).where(c.city == city, _of_late(c.hour_end, hour))
    rows = np.array([tuple(row) for row in connection.execute(query)], float).reshape(-1, len(names))
    independent = len(rows) // INDEPENDENT_H
    return {n: drift(model.card.references[n], rows[:, i], independent=independent) for i, n in enumerate(names)}


def _inventory_days(connection: sa.Connection, city: str, hour: dt.datetime) -> float | None:
    """Give how long ago the middle of the year was that the inventory names, None where it names none."""
    c = emission_city_hour.c
    query = sa.select(c.inventory).where(c.city == city, c.hour_end <= hour).order_by(c.hour_end.desc()).limit(1)
    years = _YEAR.findall(connection.execute(query).scalar() or "")
    return None if not years else max(0.0, (hour - dt.datetime(int(years[-1]), 7, 1)) / dt.timedelta(days=1))
