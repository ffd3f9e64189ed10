"""The hours of a station from the store: compounds, the six items of the station or its city, and the weather of forecasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from research.ozone.days import LONGEST_GAP_H
from research.ozone.errors import OzoneError
from research.ozone.hours import Hours
from standards.days import HOURS_PER_DAY, day_of_date, first_hour_of_day
from standards.reference_states import GASES, ReferenceState, reference_state
from standards.voc.species import MOLAR_VOLUME
from streams.registry import Registry
from streams.store import open_dataset, open_voc
from streams.store.connect import StoreError, open_store
from streams.store.lines import EPOCH
from streams.store.schema import forecast_city_hour

MOLAR_MASS = {"no2": 46.0055, "o3": 47.9982, "co": 28.0101, "no": 30.0061}
"""[g/mol], of the standard atomic weights."""
ITEMS = {"no2_ppb": ("no2", "no2_ugm3", 1.0), "o3_ppb": ("o3", "o3_ugm3", 1.0), "co_ppb": ("co", "co_mgm3", 1000.0)}
"""Series to item, column of the store, and micrograms in its unit."""
WEATHER = ("temperature_c", "humidity_pct", "mixing_height_m")
_STATE_C, _STATE_HPA = 298.15, 1013.25


def hours_from_store(
    url_or_engine: str | Path | sa.Engine, registry: Registry, station: str, first: dt.date, last: dt.date
) -> Hours:
    """Read what the store has of a station on some natural days, and three hours before and after for gaps at the edges.

    registry: where the station stands. first, last: both included. NO2, CO and O3 are the station's own where it has any hour of
    them, else the mean of its city. The store has no measured weather: temperature, humidity and mixing height are those of its
    city in the newest run of forecasts that tells each of them for the hour, of any lead; `source` says the longest. The store
    has no pressure, light or j(NO2): what stands for them is said with each day.
    Missing: NaN.
    Errors: OzoneError for an unknown station, a period that is none, and no compounds; StoreError of the store.
    """
    if station not in registry.stations:
        raise OzoneError(f"station is {station!r}, expected a code of the registry")
    if first > last:
        raise OzoneError(f"days are {first} to {last}, expected the first before the last")
    where = registry.stations[station]
    start = int(first_hour_of_day(day_of_date(first))) - LONGEST_GAP_H
    end = int(first_hour_of_day(day_of_date(last))) + HOURS_PER_DAY - 1 + LONGEST_GAP_H
    hour_end = np.arange(start, end + 1, dtype=np.int64)
    engine = url_or_engine if isinstance(url_or_engine, sa.Engine) else open_store(url_or_engine, create=False)
    try:
        compounds, voc, below, simulated = _compounds(engine, station, hour_end)
        items, of_items = _items(engine, station, where.city, hour_end)
        weather, lead_h = _weather(engine, where.city, hour_end)
    finally:
        if engine is not url_or_engine:
            engine.dispose()
    return Hours(
        station=station, lon=where.lon, lat=where.lat, hour_end=hour_end, compounds=compounds, voc_ppb=voc, below_ppb=below,
        series={**items, **weather}, simulated=simulated,
        source=f"store; NO2, CO and O3 of {of_items}; weather of forecasts up to {lead_h} h ahead",
    )  # fmt: skip


def to_ppb(values: np.ndarray, item: str, *, state: ReferenceState | None = None) -> np.ndarray:
    """Give the mixing ratio [ppb] of a gas from its concentration [ug/m3].

    item: a key of MOLAR_MASS. state: at which it is told; left out: 298.15 K and 1013.25 hPa.
    Source: ideal gas; GB 3095.
    """
    volume = MOLAR_VOLUME
    if state is not None:
        volume *= state.temperature_k / _STATE_C * _STATE_HPA / state.pressure_hpa
    return np.asarray(values, np.float64) * volume / MOLAR_MASS[item]


def _compounds(engine: sa.Engine, station: str, hour_end: np.ndarray):
    try:
        found = open_voc(engine, stations=[station], start=_moment(hour_end[0]), end=_moment(hour_end[-1]))
    except StoreError as error:
        raise OzoneError(f"{station}: {error}") from error
    if not found.sizes.get("hour_end") or not found.sizes.get("species"):
        days = f"{_moment(hour_end[0]):%Y-%m-%d} to {_moment(hour_end[-1]):%Y-%m-%d}"
        raise OzoneError(f"{station}: the store has no compounds from {days}, expected hours of a super-site")
    row = found.sel(station=station)
    at = _epoch_hours(row["hour_end"].values) - hour_end[0]
    wide = np.full((2, found.sizes["species"], len(hour_end)), np.nan)
    for i, name in enumerate(("voc_ppb", "below_ppb")):
        wide[i][:, at] = row[name].transpose("species", "hour_end").values
    simulated = bool((row["simulated"].values == 1).any())
    return tuple(str(s) for s in row["species"].values), wide[0], wide[1], simulated


def _items(engine: sa.Engine, station: str, city: str, hour_end: np.ndarray) -> tuple[dict[str, np.ndarray], str]:
    bounds = {"start": _moment(hour_end[0]), "end": _moment(hour_end[-1])}
    for table, wanted, of in (
        ("air_station_hour", {"stations": [station]}, "the station"), ("air_city_hour", {"cities": [city]}, f"city {city}"),
    ):  # fmt: skip
        try:
            found = open_dataset(engine, table, **wanted, **bounds)
        except StoreError:  # a table that does not know the place has nothing of it
            continue
        if found.sizes.get("hour_end") and np.isfinite(found["no2_ugm3"].values).any():
            return {name: _item(found, *about, hour_end) for name, about in ITEMS.items()}, of
    return {}, "nowhere"


def _item(found, item: str, column: str, micrograms: float, hour_end: np.ndarray) -> np.ndarray:
    state = reference_state((EPOCH + dt.timedelta(hours=int(hour_end[0]))).date())
    assert item in GASES
    values = np.full(len(hour_end), np.nan)
    values[_epoch_hours(found["hour_end"].values) - hour_end[0]] = found[column].values[0]
    return to_ppb(values * micrograms, item, state=state)


def _weather(engine: sa.Engine, city: str, hour_end: np.ndarray) -> tuple[dict[str, np.ndarray], int]:
    """Give each item of weather by the newest run that tells it for the hour, and the longest lead among them [h]."""
    c = forecast_city_hour.c
    query = sa.select(c.hour_end, c.lead_hours, *(c[name] for name in WEATHER)).where(
        c.city == city, c.hour_end.between(_moment(hour_end[0]), _moment(hour_end[-1]))
    )
    found = {name: np.full(len(hour_end), np.nan) for name in WEATHER}
    leads = np.zeros((len(WEATHER), len(hour_end)), np.int64)
    with engine.connect() as connection:
        for hour, lead, *values in connection.execute(query.order_by(c.hour_end, c.lead_hours.desc())):
            at = int((hour - EPOCH).total_seconds() // 3600) - int(hour_end[0])
            for i, (name, value) in enumerate(zip(WEATHER, values, strict=True)):
                if value is not None:
                    found[name][at], leads[i, at] = value, lead
    return {name: values for name, values in found.items() if np.isfinite(values).any()}, int(leads.max(initial=0))


def _moment(hour: int | np.integer) -> dt.datetime:
    return EPOCH + dt.timedelta(hours=int(hour))


def _epoch_hours(moments: np.ndarray) -> np.ndarray:
    return moments.astype("datetime64[h]").astype(np.int64)


def attributed_day(
    url_or_engine: str | Path | sa.Engine, city: str, day: dt.date, *, quantity: str = "o3", span: str = "mda8"
) -> tuple[Mapping[str, float] | None, Mapping[str, str]]:
    """Read what the attribution in the store says of a city's day.

    quantity: o3 or ox. span: mda8 or day. Returns contributions by sector with outside [ug/m3], None where there is none, and
    what it rests on: quantity, span, tier, confidence, models, method; or why there is none.
    Errors: StoreError of the store.
    """
    engine = url_or_engine if isinstance(url_or_engine, sa.Engine) else open_store(url_or_engine, create=False)
    start = _moment(first_hour_of_day(day_of_date(day)))
    try:
        found = open_dataset(
            engine, "attribution", cities=[city], start=start, end=start + dt.timedelta(hours=HOURS_PER_DAY - 1)
        )
    except StoreError as error:
        return None, {"why": str(error)}
    finally:
        if engine is not url_or_engine:
            engine.dispose()
    asked = {"city": city, "quantity": quantity, "span": span}
    if not found.sizes.get("hour_end") or any(v not in found[k].values for k, v in asked.items() if k in found.dims):
        return None, {"why": f"the store has no attribution of {quantity} for the {span} of {day} in {city}"}
    row = found.sel({k: v for k, v in asked.items() if k in found.dims})
    parts = row["contribution_by_sector"]
    told = np.isfinite(parts.values).all(axis=-1)
    if not told.any():
        return None, {"why": f"the attribution of {quantity} for the {span} of {day} in {city} tells no contributions"}
    last = row.isel(hour_end=int(np.flatnonzero(told)[-1]))
    values = dict(
        zip(last["contributing_sector"].values.tolist(), last["contribution_by_sector"].values.tolist(), strict=True)
    )
    about = {name: str(last[name].values) for name in ("tier", "confidence", "models", "method") if name in last}
    return values, {"quantity": quantity, "span": span, **about}
