"""What instruments beside the stations have sent, out of the store, hour by hour; what is missing is NaN or not there.

A value below its detection limit counts as half the limit here, where it is put to use; the store keeps the limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import orjson
import sqlalchemy as sa

from ml.attribution.observations import components_of
from ml.attribution.pseudo import COMPONENTS
from standards.pollutants import ITEMS, POLLUTANTS
from standards.voc.species import species_named
from streams.contributors import SECTORS
from streams.records import SPECIES
from streams.store.lines import EPOCH
from streams.store.schema import (
    air_city_hour,
    air_station_hour,
    composition_station_hour,
    emission_city_hour,
    voc_station_hour,
)

LONGEST_SAMPLE_H = 24
"""Samples over more hours than these say nothing of a day."""
Stack = tuple[str, str, str]
"""City, sector of SECTORS, species of SPECIES."""
HOUR = dt.timedelta(hours=1)
_ITEMS = [POLLUTANTS[item].column for item in ITEMS]


def city_items(engine: sa.Engine, cities: Sequence[str], first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Read the six items of cities (item, city, hour) [ug/m3, CO mg/m3], and whether they are simulated (city, hour)."""
    items = np.full((len(ITEMS), len(cities), end - first), np.nan)
    made_up = np.zeros(items.shape[1:], bool)
    c = air_city_hour.c
    query = sa.select(c.city, c.hour_end, c.simulated, *(c[name] for name in _ITEMS)).where(
        c.city.in_(list(cities)), *between(c.hour_end, first, end)
    )
    with engine.connect() as connection:
        for city, hour, simulated, *values in connection.execute(query):
            at = cities.index(city), _at(hour, first)
            items[(slice(None), *at)] = _numbers(values)
            made_up[at] = simulated
    return items, made_up


def station_items(engine: sa.Engine, stations: Sequence[str], first: int, end: int) -> np.ndarray:
    """Read the six items of stations (item, station, hour) [ug/m3, CO mg/m3]."""
    items = np.full((len(ITEMS), len(stations), end - first), np.nan, np.float32)
    place = {code: i for i, code in enumerate(stations)}
    c = air_station_hour.c
    query = sa.select(c.station, c.hour_end, *(c[name] for name in _ITEMS)).where(
        c.station.in_(list(stations)), *between(c.hour_end, first, end)
    )
    with engine.connect() as connection:
        for station, hour, *values in connection.execute(query):
            items[:, place[station], _at(hour, first)] = _numbers(values)
    return items


def micro_medians(
    engine: sa.Engine, stations: Mapping[str, str], cities: Sequence[str], first: int, end: int
) -> np.ndarray:
    """Read the medians of the micro-stations of cities (item, city, hour) [ug/m3, CO mg/m3].

    stations: to the city of each. They are as sent: nobody has brought them to the level of the assessment points.
    """
    medians = np.full((len(ITEMS), len(cities), end - first), np.nan)
    for c, city in enumerate(cities):
        own = [code for code, of in stations.items() if of == city]
        if own:
            medians[:, c] = median_of(station_items(engine, own, first, end))
    return medians


def median_of(values: np.ndarray) -> np.ndarray:
    """Give the median over stations (item, hour) of (item, station, hour), NaN where none has a value."""
    found = np.full((values.shape[0], values.shape[-1]), np.nan)
    known = np.isfinite(values).any(axis=1)
    found[known] = np.nanmedian(np.moveaxis(values, 1, -1)[known], axis=-1)
    return found


def composition(engine: sa.Engine, places: Sequence[str], first: int, end: int) -> dict[str, np.ndarray]:
    """Read what particles are made of at stations that sent any: station to (pseudo.COMPONENTS, hour) [ug/m3].

    A sample over several hours, up to a day, stands in the hour in which it ends, where no shorter one does.
    """
    c, found = composition_station_hour.c, {}
    for place in places:
        query = sa.select(c.hour_end, c.species_ugm3).where(
            c.station == place, *between(c.hour_end, first, end), c.averaging_h <= LONGEST_SAMPLE_H
        )
        columns: dict[str, np.ndarray] = {}
        with engine.connect() as connection:
            for hour, text in connection.execute(query.order_by(c.averaging_h.desc())):
                _fill(columns, text, _at(hour, first), end - first)
        if columns:
            found[place] = components_of(columns, COMPONENTS, end - first)
    return found


def compounds(engine: sa.Engine, places: Sequence[str], first: int, end: int) -> dict[str, dict[str, np.ndarray]]:
    """Read the organic compounds at stations that sent any: station to compound to (hour,) [ppb], by English names."""
    c, found = voc_station_hour.c, {}
    for place in places:
        columns: dict[str, np.ndarray] = {}
        query = sa.select(c.hour_end, c.species_ppb).where(c.station == place, *between(c.hour_end, first, end))
        with engine.connect() as connection:
            for hour, text in connection.execute(query):
                _fill(columns, text, _at(hour, first), end - first)
        if columns:
            found[place] = {species_named(name).name_en: values for name, values in columns.items()}
    return found


def stacks(engine: sa.Engine, cities: Sequence[str], first: int, end: int) -> dict[Stack, np.ndarray]:
    """Read measured emissions and what the inventory told beneath them: measured, told (2, hour) [kg/h].

    Sectors that are none of SECTORS (a measured part of one) are not read. Missing: an hour that was not measured, or of
    which the inventory says nothing, is NaN; so a city that sends none is not there.
    """
    c, found = emission_city_hour.c, {}
    query = sa.select(c.city, c.hour_end, c.sectors).where(
        c.city.in_(list(cities)), *between(c.hour_end, first, end), c.sectors.like('%"beneath"%')
    )
    with engine.connect() as connection:
        for city, hour, text in connection.execute(query):
            told = orjson.loads(text)
            for sector, species, beneath in told["beneath"]:
                if sector in SECTORS and species in SPECIES:
                    row = told["kgh"][told["sectors"].index(sector)]
                    pair = found.setdefault((city, sector, species), np.full((2, end - first), np.nan))
                    pair[:, _at(hour, first)] = row[told["species"].index(species)], beneath
    return found


def number_of(cell: float | str | None) -> float:
    """Give the number of a cell of species: half the limit for "<limit", NaN for none."""
    if isinstance(cell, str):
        return 0.5 * float(cell[1:])
    return np.nan if cell is None else float(cell)


def between(column: sa.Column, first: int, end: int) -> tuple[sa.ColumnElement, ...]:
    """Give the condition that a moment is one of the epoch hours [first, end)."""
    return column >= EPOCH + first * HOUR, column < EPOCH + end * HOUR


def _fill(columns: dict[str, np.ndarray], text: str, at: int, hours: int) -> None:
    for name, cell in orjson.loads(text).items():
        columns.setdefault(name, np.full(hours, np.nan))[at] = number_of(cell)


def _at(hour: dt.datetime, first: int) -> int:
    return (hour - EPOCH) // HOUR - first


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values]
