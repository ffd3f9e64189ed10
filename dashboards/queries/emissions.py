"""What a city emits by sector, and what is emitted upwind of it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from streams.records import SPECIES
from streams.store.schema import air_joined_hour, emission_city_hour

Row = dict[str, Any]
REACH = dt.timedelta(hours=24)
"""An hour without emissions shows those of an earlier one, not older than this, and says so."""


@dataclass(frozen=True)
class HourEmissions:
    """What a city emits in the hour that ends at hour (naive UTC) [kg/h]; None where it is not known, which is not 0.

    by_sector: sector -> species -> kg/h. local, upwind: species -> kg/h. wind_source: where the wind is from, empty where no
    wind is known. simulated: whether the emissions or what their upwind side was made of are.
    """

    hour: dt.datetime
    by_sector: dict[str, dict[str, float | None]]
    local: dict[str, float | None]
    upwind: dict[str, float | None]
    inventory: str | None
    wind_source: str
    simulated: bool
    version: int


def emissions(connection: sa.Connection, city: str, hour: dt.datetime) -> HourEmissions | None:
    """Give the emissions of a city in the hour, else the last ones that are not older than REACH, None where there are none."""
    c = emission_city_hour.c
    query = (
        sa.select(emission_city_hour)
        .where(c.city == city, c.hour_end.between(hour - REACH, hour), c.sectors.is_not(None))
        .order_by(c.hour_end.desc())
        .limit(1)
    )
    found = connection.execute(query).mappings().first()
    return None if found is None else _emissions(found, _upwind(connection, city, found["hour_end"]))


def _upwind(connection: sa.Connection, city: str, hour: dt.datetime) -> Row:
    """Give what the join says of the hour without a forecast; empty where nothing was observed in it."""
    c = air_joined_hour.c
    columns = [c[f"upwind_{s}_kgh"] for s in SPECIES]
    query = sa.select(*columns, c.wind_source, c.simulated).where(c.city == city, c.hour_end == hour, c.run == "")
    return dict(connection.execute(query).mappings().first() or {})


def _emissions(row: sa.RowMapping, joined: Row) -> HourEmissions:
    parsed = json.loads(row["sectors"])
    by_sector = {
        sector: dict(zip(parsed["species"], values, strict=True))
        for sector, values in zip(parsed["sectors"], parsed["kgh"], strict=True)
    }
    return HourEmissions(
        hour=row["hour_end"], by_sector=by_sector, local={s: row[f"{s}_kgh"] for s in SPECIES},
        upwind={s: joined.get(f"upwind_{s}_kgh") for s in SPECIES}, inventory=row["inventory"],
        wind_source=joined.get("wind_source") or "", simulated=row["simulated"] or bool(joined.get("simulated")),
        version=row["version"],
    )  # fmt: skip
