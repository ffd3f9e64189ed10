"""A city's past from the store, as models learn from it: observed hours, and the runs of one numerical model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
import xarray as xr

from ml.forecast.features import AHEAD_WEATHER, COLUMNS
from ml.forecast.inputs import LEADS, Ahead, ForecastError, History
from streams.store import open_dataset
from streams.store.connect import open_store
from streams.store.known import places_of
from streams.store.schema import metadata

_EPOCH = np.datetime64("1970-01-01T00:00", "h")
_STEP = dt.timedelta(days=10)
WIND = ("wind_u_ms", "wind_v_ms")


@dataclass(frozen=True, eq=False)
class Past:
    """A city's past: hours observed, what the runs of a numerical model said (None without runs), that model's name, and
    whether anything of it is simulated."""

    history: History
    ahead: Ahead | None
    model: str
    simulated: bool


def read_past(store: str | sa.Engine, *, city: str, start: dt.datetime, end: dt.datetime, model: str = "CDAQS") -> Past:
    """Read a city's past from start to end (UTC, both included).

    Observations are the city's means as they are stored now: revisions count as if they had been known from the
    beginning.
    Errors: ForecastError where no hour of the city is stored.
    """
    engine = store if isinstance(store, sa.Engine) else open_store(store, create=False)
    try:
        return _read(engine, city, start, end, model)
    finally:
        if engine is not store:
            engine.dispose()


def read_city(
    store: str | sa.Engine, *, city: str, start: dt.datetime, end: dt.datetime, model: str = "CDAQS"
) -> tuple[History, Ahead | None]:
    """Read hours and runs as read_past, without the rest."""
    past = read_past(store, city=city, start=start, end=end, model=model)
    return past.history, past.ahead


def _read(store: sa.Engine, city: str, start: dt.datetime, end: dt.datetime, model: str) -> Past:
    observed = [part for part in _parts(store, "air_city_hour", city, start, end) if part.sizes["hour_end"]]
    if not observed:
        raise ForecastError(
            f"the store has no hour of {city} from {start} to {end}, expected observations to learn from"
        )
    made_up = any((part["simulated"].sel(city=city) == 1).any() for part in observed)
    history = history_of(xr.concat(observed, "hour_end"), city)
    found: dict[int, dict[str, np.ndarray]] = {}
    for part in _parts(store, "forecast_city_hour", city, start, end):
        made_up |= _take_runs(part.sel(city=city), model, found)
    return Past(history, ahead_of(found), model, bool(made_up))


def history_of(observed: xr.Dataset, city: str) -> History:
    """Give the hours of a city from a dataset of air_city_hour; hours that are not there are NaN."""
    of_city = observed.sel(city=city)
    hours = _hours(of_city["hour_end"])
    first, n = int(hours.min()), int(hours.max() - hours.min()) + 1
    columns = {}
    for name in (*COLUMNS, *WIND):
        columns[name] = np.full(n, np.nan)
        columns[name][hours - first] = of_city[name].values.astype(float)
    columns["wind_speed_ms"] = np.hypot(columns["wind_u_ms"], columns["wind_v_ms"])
    return History(city, first, columns)


def ahead_of(found: dict[int, dict[str, np.ndarray]]) -> Ahead | None:
    """Put runs, by their start and column as arrays of leads, into one table; None where there is none."""
    if not found:
        return None
    issues = np.array(sorted(found))
    names = sorted({name for run in found.values() for name in run})
    nothing = np.full(LEADS, np.nan)
    columns = {name: np.stack([found[issue].get(name, nothing) for issue in issues.tolist()]) for name in names}
    if set(WIND) <= set(names):
        columns["wind_speed_ms"] = np.hypot(columns["wind_u_ms"], columns["wind_v_ms"])
    return Ahead(issues, columns)


def _take_runs(rows: xr.Dataset, model: str, found: dict[int, dict[str, np.ndarray]]) -> bool:
    """Take the runs of a model into found; tell whether one of them is simulated."""
    made_up = False
    wanted = [name for name in (*(f"forecast_{column}" for column in COLUMNS), *AHEAD_WEATHER) if name in rows]
    hours = _hours(rows["hour_end"])
    for i, run in enumerate(rows["run"].values.tolist()):
        if run.partition("/")[0] != model:
            continue
        made_up |= bool((rows["simulated"].isel(run=i) == 1).any())
        issue = int(_hours(np.datetime64(dt.datetime.strptime(run.partition("/")[2], "%Y-%m-%dT%HZ"))))
        leads = hours - issue
        inside = (leads >= 1) & (leads <= LEADS)
        of_run = found.setdefault(issue, {name: np.full(LEADS, np.nan) for name in wanted})
        for name in wanted:
            values = rows[name].isel(run=i).values.astype(float)
            told = inside & np.isfinite(values)
            of_run[name][leads[told] - 1] = values[told]
    return made_up


def _parts(store: sa.Engine, table: str, city: str, start: dt.datetime, end: dt.datetime) -> Iterator[xr.Dataset]:
    with store.connect() as connection:
        if city not in places_of(connection, metadata.tables[table]):
            return
    # Some days at a time: a table of runs by hours is mostly empty.
    while start <= end:
        stop = min(start + _STEP - dt.timedelta(hours=1), end)
        part = open_dataset(store, table, start=start, end=stop, cities=[city])
        if city in part["city"].values.tolist():
            yield part
        start = stop + dt.timedelta(hours=1)


def _hours(moments) -> np.ndarray:
    return (np.asarray(moments, "datetime64[h]") - _EPOCH).astype(np.int64)
