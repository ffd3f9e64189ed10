"""The store as an xarray.Dataset with CF metadata: what a notebook, a model or an archive reads."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
import xarray as xr

from standards.nomenclature import attributes
from standards.voc.species import species_named
from streams.records import SPECIES
from streams.store.compounds import with_compounds
from streams.store.connect import StoreError, open_store
from streams.store.schema import metadata

TABLES = (
    "air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "air_joined_hour", "forecast_station_hour",
    "voc_station_hour",
)  # fmt: skip
Moment = dt.datetime | dt.date | str | np.datetime64
_NO_GRID = {"air_joined_hour": "sectors", "voc_station_hour": "species_ppb"}
"""By table the column of JSON that gets dimensions of its own."""


def open_dataset(
    url_or_engine: str | Path | sa.Engine,
    table: str = "air_city_hour",
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    cities: Collection[str] | None = None,
    stations: Collection[str] | None = None,
    runs: Collection[str] | None = None,
) -> xr.Dataset:
    """Read a table as a dataset over (city or station, hour_end or day[, run]).

    start, end: first and last hour end or day, both included; without a time zone they are UTC. cities, stations and
    runs restrict; a run is named as in the column run, "" being the hours without a forecast.
    Missing: numbers are NaN, texts are empty, moments NaT, the flag simulated -1; also where the table has no such row.
    Raises StoreError for a table, a city, a station or a run that the store does not know.
    """
    if table not in TABLES:
        raise StoreError(f"the table is {table!r}, expected one of {', '.join(TABLES)}")
    wanted = {"city": cities, "station": stations, "run": runs}
    engine = url_or_engine if isinstance(url_or_engine, sa.Engine) else open_store(url_or_engine, create=False)
    try:
        with engine.connect() as connection:
            _require_known(connection, metadata.tables[table], wanted)
            columns = _read(connection, metadata.tables[table], wanted, start, end)
            texts = _read_texts(connection, metadata.tables[table], wanted, start, end) if table in _NO_GRID else None
    finally:
        if engine is not url_or_engine:
            engine.dispose()
    return _dataset(metadata.tables[table], columns, texts)


def open_voc(
    url_or_engine: str | Path | sa.Engine,
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    cities: Collection[str] | None = None,
    stations: Collection[str] | None = None,
    species: Collection[str] | None = None,
) -> xr.Dataset:
    """Read the hours of organic compounds as a dataset over (station, hour_end, species).

    voc_ppb [ppb] is what standards.labelled.ofp and its kin take; below_ppb [ppb] is the detection limit where a value lies
    below it; total, ozone formation and OH reactivity as stored stand beside. species restricts to compounds by name or CAS
    number; it does not change the stored sums. Where one station tells m- and p-xylene apart and another does not, choose
    the stations or the species: sums refuse a compound that is there twice.
    start, end, cities, stations, missing, errors: as open_dataset; StoreError also for a compound that no row holds.
    """
    found = open_dataset(url_or_engine, "voc_station_hour", start=start, end=end, cities=cities, stations=stations)
    if species is None:
        return found
    if isinstance(species, str):
        raise StoreError(f"species is the text {species!r}, expected a collection of texts")
    try:
        names = [species_named(name).name_en for name in species]
    except ValueError as error:
        raise StoreError(str(error)) from error
    held = found["species"].values.tolist()
    if unknown := sorted(set(names) - set(held)):
        raise StoreError(f"no row holds {', '.join(unknown)}, expected some of {', '.join(held)}")
    return found.sel(species=names)


def _require_known(connection: sa.Connection, table: sa.Table, wanted: dict[str, Collection[str] | None]) -> None:
    for name, values in wanted.items():
        if values is None:
            continue
        if isinstance(values, str):
            raise StoreError(f"{name} is the text {values!r}, expected a collection of texts")
        if name not in table.c:
            raise StoreError(f"{table.name} has no {name}, expected a restriction by {', '.join(_keys(table))}")
        column = table.c[name]
        known = set(connection.scalars(sa.select(column).where(column.in_(list(values))).distinct()))
        if unknown := sorted(set(values) - known):
            some = connection.scalars(sa.select(column).where(column.is_not(None)).distinct().limit(20)).all()
            raise StoreError(
                f"{table.name} has no {name} {', '.join(unknown)}, expected some of {', '.join(sorted(some))}"
            )


def _read(
    connection: sa.Connection, table: sa.Table, wanted: dict[str, Any], start: Moment | None, end: Moment | None
) -> dict[str, Sequence[Any]]:
    """Read the columns of a table, each as a sequence over its rows."""
    columns = [column for column in table.c if column.name != _NO_GRID.get(table.name)]
    rows = connection.execute(_restricted(sa.select(*columns), table, wanted, start, end)).all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {column.name: column_values for column, column_values in zip(columns, values, strict=True)}


def _read_texts(
    connection: sa.Connection, table: sa.Table, wanted: dict[str, Any], start: Moment | None, end: Moment | None
) -> list[tuple[str, dt.datetime, str]]:
    """Read place, time and JSON of each row that has one; of the join, of the hours without a forecast."""
    place, time, *_ = table.primary_key
    text = table.c[_NO_GRID[table.name]]
    query = sa.select(place, time, text).where(text.is_not(None))
    if "run" in table.c:
        query, wanted = query.where(table.c.run == ""), {**wanted, "run": None}
    return connection.execute(_restricted(query, table, wanted, start, end)).all()


def _restricted(
    query: sa.Select, table: sa.Table, wanted: dict[str, Any], start: Moment | None, end: Moment | None
) -> sa.Select:
    time = table.c[_time_of(table)]
    for name, values in wanted.items():
        if values is not None:
            query = query.where(table.c[name].in_(list(values)))
    if start is not None:
        query = query.where(time >= _bound(start, time))
    if end is not None:
        query = query.where(time <= _bound(end, time))
    return query


def _bound(moment: Moment, column: sa.Column) -> dt.datetime | dt.date:
    """Read a limit in time as the column's type; a day given for hours means its 00:00 UTC."""
    if isinstance(moment, np.datetime64):
        moment = moment.astype("datetime64[s]").item()
    if isinstance(moment, str):
        try:
            moment = dt.datetime.fromisoformat(moment)
        except ValueError as error:
            raise StoreError(f"the time is {moment!r}, expected ISO 8601 such as 2023-01-19T12:00Z") from error
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day)
    if isinstance(column.type, sa.Date):
        return moment.date()
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _keys(table: sa.Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _time_of(table: sa.Table) -> str:
    return "day" if "day" in table.c else "hour_end"


def _dataset(
    table: sa.Table, columns: dict[str, Sequence[Any]], texts: list[tuple[str, dt.datetime, str]] | None
) -> xr.Dataset:
    dims, time = _keys(table), _time_of(table)
    labels, place = {}, []
    for name in dims:
        values = _times(columns[name]) if name == time else np.array(columns[name], object)
        labels[name], index = np.unique(values, return_inverse=True)
        place.append(index)
    shape = tuple(len(labels[name]) for name in dims)
    at = np.ravel_multi_index(place, shape) if place[0].size else np.zeros(0, int)
    variables = {
        name: (dims, _grid(table.c[name].type, values, at, shape), attributes(name))
        for name, values in columns.items()
        if name not in dims
    }
    coordinates = {name: (name, values, attributes(name)) for name, values in labels.items()}
    dataset = xr.Dataset(variables, coordinates, _about(table.name, columns))
    if texts is not None:
        dataset = (_with_sectors if table.name == "air_joined_hour" else with_compounds)(dataset, texts)
    return _described(dataset, time)


def _times(values: Sequence[Any]) -> np.ndarray:
    return np.array([np.datetime64("NaT") if v is None else v for v in values], "datetime64[s]").astype(
        "datetime64[ns]"
    )


def _grid(kind: sa.types.TypeEngine, values: Sequence[Any], at: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Put the values of a column into an array of the dataset's shape."""
    if isinstance(kind, sa.String | sa.Text):
        grid, filled = np.full(np.prod(shape), "", object), [value or "" for value in values]
    elif isinstance(kind, sa.DateTime | sa.Date):
        grid, filled = np.full(np.prod(shape), "NaT", "datetime64[ns]"), _times(values)
    elif isinstance(kind, sa.Boolean):
        grid, filled = np.full(np.prod(shape), -1, np.int8), [-1 if value is None else int(value) for value in values]
    else:
        grid, filled = np.full(np.prod(shape), np.nan), np.array(values, float)
    grid[at] = filled
    return grid.reshape(shape)


def _with_sectors(dataset: xr.Dataset, rows: list[tuple[str, dt.datetime, str]]) -> xr.Dataset:
    """Add emission_kgh (city, hour_end, sector, species) from the JSON of each hour."""
    parsed = [(city, hour, json.loads(text)) for city, hour, text in rows]
    names = sorted({sector for _, _, emissions in parsed for sector in emissions["sectors"]})
    cities = {city: i for i, city in enumerate(dataset["city"].values.tolist())}
    hours = {hour: i for i, hour in enumerate(dataset["hour_end"].values.astype("datetime64[s]").tolist())}
    values = np.full((len(cities), len(hours), len(names), len(SPECIES)), np.nan)
    for city, hour, emissions in parsed:
        if city not in cities or hour not in hours:
            continue  # an hour without any of the runs that were asked for
        columns = [SPECIES.index(name) for name in emissions["species"]]
        for sector, kgh in zip(emissions["sectors"], emissions["kgh"], strict=True):
            values[cities[city], hours[hour], names.index(sector), columns] = np.array(kgh, float)  # null is NaN
    return dataset.assign_coords(
        sector=("sector", np.array(names, object), attributes("sector")),
        species=("species", np.array(SPECIES, object), attributes("species")),
    ).assign(emission_kgh=(("city", "hour_end", "sector", "species"), values, attributes("emission_kgh")))


def _about(table: str, columns: dict[str, Sequence[Any]]) -> dict[str, Any]:
    simulated = columns["simulated"]
    about = {
        "Conventions": "CF-1.11",
        "title": f"Chengdu Plain air quality, {table}",
        "source": "simulated data" if any(simulated) else "observations, forecasts and inventories as received",
        "simulated": int(any(simulated)),
        "history": f"read from table {table} of an airshed store, versions up to {max(columns['version'], default=0)}",
    }
    if any(simulated) and not all(simulated):
        about["source"] = "observations and simulated data together: see the variable simulated"
    editions = sorted(set(columns.get("edition", ())))
    return about | ({"editions": ", ".join(editions)} if editions else {})


def _described(dataset: xr.Dataset, time: str) -> xr.Dataset:
    """Tell how times are written to a file, and what the flags and means are."""
    dataset[time].encoding = {
        "units": "hours since 1970-01-01 00:00:00" if time == "hour_end" else "days since 1970-01-01"
    }
    dataset[time].encoding |= {"calendar": "standard", "dtype": "int64" if time == "day" else "float64"}
    if "run_init" in dataset:
        dataset["run_init"].encoding = {"units": "hours since 1970-01-01 00:00:00", "dtype": "float64"}
    flags = {"flag_values": np.array([-1, 0, 1], np.int8), "flag_meanings": "missing measured simulated"}
    dataset["simulated"].attrs |= flags
    for variable in dataset.data_vars.values():
        if variable.attrs.get("units") in ("ug m-3", "mg m-3", "ppb"):
            variable.attrs["cell_methods"] = f"{time}: mean"
    return dataset
