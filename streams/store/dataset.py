"""The store as an xarray.Dataset with CF metadata: what a notebook, a model or an archive reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
import xarray as xr

from standards.days import date_of_day, natural_day
from streams.store.attribution_axes import with_contributions
from streams.store.connect import StoreError, open_store
from streams.store.grids import Columns, dataset_of, described, keys_of, time_of, with_files
from streams.store.history import files_named
from streams.store.json_axes import with_sectors, with_upwind
from streams.store.known import Wanted, places_of, require_known, require_usable
from streams.store.lines import EPOCH
from streams.store.moments import as_stored
from streams.store.schema import air_joined_hour, attribution, emission_city_hour, metadata, tag_hour, views
from streams.store.species_axis import COMPOSITION, COMPOUNDS, of_species, with_composition, with_compounds
from streams.store.tags import open_tags

TABLES = (
    "air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "air_joined_hour", "forecast_station_hour",
    "forecast_city_hour", "emission_city_hour", "voc_station_hour", "composition_station_hour", "model_hour", "tag_hour",
    "attribution",
)  # fmt: skip
LEFT_OUT = {
    "episode_event": "an episode is a span of the region, not an hour of a place",
    "rejected": "lines that could not be used",
    "source_hour": "books of a feed, not of a place",
    "source_total": "books of a feed, not of a place",
    "source_file": "files, not hours",
    "row_history": "rows that were replaced, of every table",
    "topic_position": "what is stored of the topics",
    "feeder": "data directories, not hours",
    "feeding": "the process that feeds the store, not hours",
    "tag_axes": "the order of the numbers in tag_hour",
    "normalised_month": "months, not hours: a series in the usual weather of the season",
    "laboratory_sample": "samples of days, media and substances, not hours of a place",
    "bench_request": "what the bench was asked: questions, not air",
    "bench_result": "what the bench found out: answers to questions, not air of an hour",
    "scenario": "what measures would change: answers to a question, not air of an hour",
}
"""Tables that are no dataset over place and time, and why."""
Moment = dt.datetime | dt.date | str | np.datetime64
_JSON = {
    "air_joined_hour": ("sectors", with_sectors), "emission_city_hour": ("sectors", with_sectors),
    "voc_station_hour": ("species_ppb", with_compounds),
    "composition_station_hour": ("species_ugm3", with_composition), "air_city_hour": ("upwind_weights", with_upwind),
    "forecast_city_hour": ("upwind_weights", with_upwind),
}  # fmt: skip
"""By table the column of JSON that gets dimensions of its own, and what gives it these."""


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
    """Read a table as a dataset over its keys: city or station, hour_end or day, and run where it has runs.

    start, end: first and last hour end or day, both included; without a time zone they are UTC. For tables of days a moment
    is the end of an hour and stands for the natural day (Asia/Shanghai) of that hour. cities, stations and runs restrict; a
    run is named as in the column run, "" being the hours without a forecast.
    Emissions get sector and species as dimensions (emission_kgh), weights of the cities upwind get upwind_city. Rows that came in a
    file name it: file, file_digest, line, released_at, received_at.
    attribution gets contributions by sector, place and sector x place with their intervals (streams.store.attribution_axes).
    tag_hour gets a variable for each quantity over contributor, place, run and lead_hours (streams.store.tags.open_tags).
    Missing: numbers are NaN, texts are empty, moments NaT, the flag simulated -1; also where the table has no such row.
    Raises StoreError for a table, a city, a station or a run that the store does not know.
    """
    if table not in TABLES:
        raise StoreError(f"the table is {table!r}, expected one of {', '.join(TABLES)}")
    if table == tag_hour.name:
        return _open_tags(url_or_engine, start, end, cities=cities, stations=stations, runs=runs)
    asked, wanted = _table(table), {"city": cities, "station": stations, "run": runs}
    require_usable(asked, wanted)
    bounds = [None if limit is None else _bound(limit, asked.c[time_of(asked)]) for limit in (start, end)]
    engine = url_or_engine if isinstance(url_or_engine, sa.Engine) else open_store(url_or_engine, create=False)
    try:
        with engine.connect() as connection:
            columns = _read(connection, asked, wanted, bounds)
            texts = _read_texts(connection, asked, wanted, bounds) if table in _JSON else []
            require_known(connection, asked, wanted, columns)
            names = files_named(connection, columns.get("file_digest", ()))
    finally:
        if engine is not url_or_engine:
            engine.dispose()
    dataset = dataset_of(asked, columns)
    if "file_digest" in dataset:
        dataset = with_files(dataset, {digest: file["file"] for digest, file in names.items()})
    if table in _JSON:
        dataset = _JSON[table][1](dataset, texts)
    if table == attribution.name:
        dataset = with_contributions(dataset)
    return described(dataset, time_of(asked))


def _open_tags(
    url_or_engine: str | Path | sa.Engine, start: Moment | None, end: Moment | None, **wanted: Collection[str] | None
) -> xr.Dataset:
    bounds = [None if limit is None else _bound(limit, tag_hour.c.hour_end) for limit in (start, end)]
    engine = url_or_engine if isinstance(url_or_engine, sa.Engine) else open_store(url_or_engine, create=False)
    try:
        with engine.connect() as connection:
            return open_tags(connection, start=bounds[0], end=bounds[1], **wanted)
    finally:
        if engine is not url_or_engine:
            engine.dispose()


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
    return of_species(found, species, COMPOUNDS)


def open_composition(
    url_or_engine: str | Path | sa.Engine,
    *,
    averaging_h: int = 1,
    species: Collection[str] | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    cities: Collection[str] | None = None,
    stations: Collection[str] | None = None,
) -> xr.Dataset:
    """Read what PM2.5 is made of as a dataset over (station, hour_end, species), means over one averaging time [h].

    composition_ugm3 [ug/m3]; below_ugm3 [ug/m3] is the detection limit where a value lies below it. What is told of a row
    (source, status, total_ugm3, ...) is over (station, hour_end, species_kind). hour_end is where the averaging time ends.
    species restricts to species by any of their names; it does not change the stored totals.
    start, end, cities, stations, missing, errors: as open_dataset; StoreError also for a species that no row holds, and for an
    averaging time of which there is no row while there are rows of others.
    """
    table = "composition_station_hour"
    found = open_dataset(url_or_engine, table, start=start, end=end, cities=cities, stations=stations)
    held = found["averaging_h"].values.tolist()
    if held and averaging_h not in held:
        raise StoreError(
            f"{table} has no means over {averaging_h!r} h here, expected averaging_h to be one of {', '.join(map(str, held))}"
        )
    found = (found if held else found.reindex(averaging_h=[averaging_h])).sel(averaging_h=averaging_h)
    there = found["version"].notnull()
    for name in ("station", "hour_end"):
        found = found.isel({name: there.any([dim for dim in there.dims if dim != name]).values})
    return of_species(found, species, COMPOSITION)


def _table(name: str) -> sa.Table:
    return metadata.tables[name] if name in metadata.tables else views.tables[name]


def _read(connection: sa.Connection, table: sa.Table, wanted: Wanted, bounds: list[Any]) -> Columns:
    """Read the columns of a table that hold no JSON, each as a sequence over its rows."""
    columns = [column for column in table.c if column.name != _JSON.get(table.name, ("",))[0]]
    rows = connection.execute(_restricted(connection, sa.select(*columns), table, wanted, bounds)).all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {column.name: of_column for column, of_column in zip(columns, values, strict=True)}


def _read_texts(connection: sa.Connection, table: sa.Table, wanted: Wanted, bounds: list[Any]) -> list[sa.Row]:
    """Read the keys and the JSON of each row that has one; of the join the emissions of every hour, whatever runs are wanted."""
    if table is air_joined_hour:
        table, wanted = emission_city_hour, {"city": wanted["city"]}
    text = table.c[_JSON[table.name][0]]
    query = sa.select(*table.primary_key, text).where(text.is_not(None))
    return connection.execute(_restricted(connection, query, table, wanted, bounds)).all()


def _restricted(
    connection: sa.Connection, query: sa.Select, table: sa.Table, wanted: Wanted, bounds: list[Any]
) -> sa.Select:
    place, (start, end) = keys_of(table)[0], bounds
    if wanted[place] is None and (start is not None or end is not None):
        # A period of some places is found by the key; of all places it would be looked for in every row.
        wanted = {**wanted, place: places_of(connection, table)}
    for name, values in wanted.items():
        if values is not None:
            query = query.where(table.c[name].in_(list(values)))
    time = table.c[time_of(table)]
    if start is not None:
        query = query.where(time >= start)
    return query if end is None else query.where(time <= end)


def _bound(moment: Moment, column: sa.Column) -> dt.datetime | dt.date:
    """Read a limit in time as the column's type; a day given for hours means its 00:00 UTC.

    A moment given for days is the end of an hour, or lies in one, and means the natural day of that hour.
    """
    if isinstance(moment, np.datetime64):
        moment = moment.astype("datetime64[s]").item()
    if isinstance(moment, str):
        try:
            moment = dt.datetime.fromisoformat(moment)
        except ValueError as error:
            raise StoreError(f"the time is {moment!r}, expected ISO 8601 such as 2023-01-19T12:00Z") from error
    if not isinstance(moment, dt.datetime):
        if isinstance(column.type, sa.Date):
            return moment
        moment = dt.datetime(moment.year, moment.month, moment.day)
    moment = as_stored(moment)
    if isinstance(column.type, sa.Date):
        hour_end = -((EPOCH - moment) // dt.timedelta(hours=1))
        return date_of_day(natural_day(hour_end))
    return moment
