"""What there is where no model carries tags: the light tagger on the forecast's weather and the inventory, and the
inventory alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import sqlalchemy as sa

from ml.attribution.inventory import EQUIVALENTS, inventory_tags
from ml.attribution.tags import TagEnsemble, ensemble_of
from ml.tagger.boundary import usual_boundary
from ml.tagger.places import Places
from ml.tagger.tagger import BACK_HOURS, INVENTORY, tagged
from streams.contributors import SECTORS
from streams.records import SPECIES
from streams.store.lines import EPOCH
from streams.store.schema import emission_city_hour, forecast_city_hour

WEATHER = ("wind_u_ms", "wind_v_ms", "mixing_height_m", "rain_mm", "temperature_c", "humidity_pct")
LONGEST_LEAD_H = 48
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, eq=False)
class Emitted:
    """Inventory and foreseen weather of the hours from `first` on.

    kgh: species of INVENTORY to (city, sector, hour) [kg/h]. versions: (city, hour), the inventory's name, "" for none.
    weather: of WEATHER, (city, hour). runs: (hour,), epoch hour of the start of the newest run that any city has, -1 for
    none. model: its name. simulated: (city, hour). Missing: NaN.
    """

    cities: tuple[str, ...]
    first: int
    kgh: dict[str, np.ndarray]
    versions: np.ndarray
    weather: dict[str, np.ndarray]
    runs: np.ndarray
    model: str
    simulated: np.ndarray


def emitted(engine: sa.Engine, cities: Sequence[str], first: int, end: int) -> Emitted:
    """Read inventory and weather of the epoch hours [first, end).

    Weather is of each hour's newest run that had started. A sector of SECTORS that a city's inventory names in no hour emits
    nothing, and a sector nothing of a species that is told of others alone (dust has no SO2); other sectors are not read.
    Missing: NaN.
    """
    cities, hours = tuple(cities), end - first
    kgh = np.full((len(INVENTORY), len(cities), len(SECTORS), hours), np.nan)
    versions = np.full((len(cities), hours), "", object)
    simulated = np.zeros((len(cities), hours), bool)
    c = emission_city_hour.c
    query = sa.select(c.city, c.hour_end, c.inventory, c.sectors, c.simulated)
    with engine.connect() as connection:
        for city, hour, version, text, made_up in connection.execute(
            query.where(c.city.in_(cities), *_between(c.hour_end, first, end))
        ):
            at = cities.index(city), (hour - EPOCH) // _HOUR - first
            versions[at] = version or ""
            simulated[at] |= bool(made_up)
            if text:
                _put(kgh[:, at[0], :, at[1]], orjson.loads(text))
        weather, runs, model, made_up = _weather(connection, cities, first, end)
    kgh[_silent(kgh)] = 0.0
    return Emitted(
        cities, first, dict(zip(INVENTORY, kgh, strict=True)), versions, weather, runs, model, simulated | made_up
    )


def _silent(kgh: np.ndarray) -> np.ndarray:
    """Tell what an inventory says by not naming it: bool (species, city, sector)."""
    told = np.isfinite(kgh).any(axis=-1)
    sector, species = told.any(axis=0), told.any(axis=2)
    return ~told & (species[:, :, None] | (~sector & sector.any(axis=1, keepdims=True)))


def _put(into: np.ndarray, told: dict) -> None:
    """Put the emissions of an hour, as JSON has them, into (species, sector)."""
    for sector, row in zip(told["sectors"], told["kgh"], strict=True):
        if sector in SECTORS:
            by_species = dict(zip(told["species"], row, strict=True))
            values = [by_species.get(name) for name in INVENTORY]
            into[:, SECTORS.index(sector)] = [np.nan if value is None else value for value in values]


def _weather(
    connection: sa.Connection, cities: tuple[str, ...], first: int, end: int
) -> tuple[dict[str, np.ndarray], np.ndarray, str, np.ndarray]:
    values = np.full((len(WEATHER), len(cities), end - first), np.nan)
    newest = np.full((len(cities), end - first), -1)
    simulated = np.zeros(newest.shape, bool)
    c, model = forecast_city_hour.c, ""
    query = sa.select(c.city, c.hour_end, c.run_init, c.run, c.simulated, *(c[name] for name in WEATHER)).where(
        c.city.in_(cities), *_between(c.hour_end, first, end), c.lead_hours.between(1, LONGEST_LEAD_H)
    )
    for city, hour, init, run, made_up, *told in connection.execute(query.order_by(c.run_init, c.run)):
        at = cities.index(city), (hour - EPOCH) // _HOUR - first
        if told[0] is not None:
            values[(slice(None), *at)] = [np.nan if value is None else value for value in told]
            newest[at], simulated[at] = (init - EPOCH) // _HOUR, bool(made_up)
            model = run.rpartition("/")[0]
    return dict(zip(WEATHER, values, strict=True)), newest.max(axis=0), model, simulated


def light_tags(found: Emitted, places: Places, first: int) -> TagEnsemble | None:
    """Give the light tagger's tags of the hours from `first` on; None where it has nothing to go by.

    found: with BACK_HOURS of history before `first`.
    """
    if not all(np.isfinite(each).any() for each in (found.weather["wind_u_ms"], found.kgh["pm25"])):
        return None
    hours = found.first + np.arange(found.versions.shape[1])
    told = tagged(found.weather, found.kgh, usual_boundary(hours), places, found.first, back_hours=BACK_HOURS)
    q = told.quantities.index("pm25")
    values = told.values[None, q : q + 1, ..., first - found.first :]
    if not np.isfinite(values).any():
        return None
    return ensemble_of(
        values, members=("light-tagger",), quantities=("pm25",), contributors=told.contributors, receptors=found.cities,
        cities=found.cities, first_hour=first,
    )  # fmt: skip


def inventory_shares(found: Emitted, first: int) -> TagEnsemble | None:
    """Give the shares of the own inventory as tags; None where no inventory is known."""
    back = first - found.first
    count, hours = found.versions.shape
    kg = np.zeros((count, len(SECTORS), len(SPECIES), hours - back))
    for name, values in found.kgh.items():
        if name in EQUIVALENTS:
            kg[:, :, SPECIES.index(name)] = values[..., back:]
    tags = inventory_tags(kg, cities=found.cities, first_hour=first)
    return tags if np.isfinite(tags.sector).any() else None


def _between(column: sa.Column, first: int, end: int) -> tuple[sa.ColumnElement, ...]:
    return column >= EPOCH + first * _HOUR, column < EPOCH + end * _HOUR
