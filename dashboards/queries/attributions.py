"""Who made the air of a city, as stored: the hour, and the last episode or day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from streams.store.attribution import latest
from streams.store.schema import episode_event

Row = dict[str, Any]
HOUR_BACK = dt.timedelta(hours=24)
SPAN_BACK = dt.timedelta(hours=72)
"""So far before the hour shown an hour, and an episode or a day, may have ended."""
OZONE_FROM = 100.0
"""Above this ozone itself is shared out, below it odd oxygen [ug/m3]."""


@dataclass(frozen=True)
class Attributions:
    """What is shown: the hour, and the episode or else the day that ended last; None where there is none."""

    hour: Row | None
    span: Row | None


def attributions(connection: sa.Connection, city: str, hour: dt.datetime, *, item: str) -> Attributions:
    """Give what is stored of a city up to an hour (naive UTC); item: "o3" for ozone or Ox, else PM2.5."""
    return Attributions(
        _chosen(latest(connection, city, hour, quantities=_of(item), span="hour", back=HOUR_BACK)),
        _episode(connection, city, hour, item)
        or _chosen(latest(connection, city, hour, quantities=_of(item), span=_day(item), back=SPAN_BACK)),
    )


def _of(item: str) -> tuple[str, ...]:
    return ("o3", "ox") if item == "o3" else ("pm25",)


def _day(item: str) -> str:
    return "mda8" if item == "o3" else "day"


def _episode(connection: sa.Connection, city: str, hour: dt.datetime, item: str) -> Row | None:
    """Give the row of the last episode, if it is one still: a revision may have withdrawn it."""
    row = _chosen(latest(connection, city, hour, quantities=_of(item), span="episode", back=SPAN_BACK))
    if row is None:
        return None
    c, kind = episode_event.c, "ozone" if item == "o3" else "haze"
    query = sa.select(c.episode).where(c.kind == kind, c.start == row["first_hour"], c.phase != "withdrawn")
    return row if connection.execute(query.limit(1)).first() else None


def _chosen(rows: list[Row]) -> Row | None:
    """Choose between ozone and Ox by how much ozone there is."""
    by_quantity = {row["quantity"]: row for row in rows}
    ozone = by_quantity.get("o3")
    if ozone is not None and (ozone["total"] or 0.0) > OZONE_FROM:
        return ozone
    return by_quantity.get("ox") or ozone or by_quantity.get("pm25")
