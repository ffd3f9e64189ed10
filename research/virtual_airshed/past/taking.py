"""Take the files of one month of the demo's past into the store: readers, records, desks, rows. Nothing is inserted by hand.

The topics of a month are its own and go with it: what they hold is in the store, and the live demo's topics never see it. The
desks' state goes on from month to month, so that the means which reach over a midnight of the first know both sides of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from standards.days import natural_day
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.ingest import ingest_path
from streams.registry import Registry
from streams.registry.roster import roster_of
from streams.results import Rows
from streams.store.bulk import prepared
from streams.store.columns import Rows as StoredRows
from streams.store.connect import begin_write
from streams.store.materialiser import Materialiser
from streams.store.schema import KEPT_LEAD_H
from streams.store.upserts import upsert
from streams.wire import messages
from streams.wire.topics import open_topic

MOST_ROWS = 4_000
"""Rows in one transaction: the live hour waits for the store no longer than these take, some hundredths of a second."""
OF_THE_AIR = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day")
"""Tables in which a row of the past could stand where the live demo's stands."""
INTAKE = "simulated-past/intake"
Breathe = Callable[[], None]
"""Called between two pieces of work: it may wait, or raise to end."""


class PastSink(StoreSink):
    """Writes the past into a store in small transactions, and nothing from the first hour of the live demo on.

    live_hour: the epoch hour of that hour's end. Moving means of the last past hours reach into the live ones, where only the
    live rows know what was measured.
    """

    def __init__(self, engine: sa.Engine, live_hour: int, breathe: Breathe) -> None:
        super().__init__(engine)
        self._store, self._live_hour, self._breathe = engine, live_hour, breathe

    def write(self, rows: Sequence[StoredRows | Rows]) -> None:
        """Upsert rows, a few thousand in a transaction."""
        for each in rows:
            stored = each if isinstance(each, StoredRows) else prepared([each])[0]
            for part in parts(kept(before(stored, self._live_hour))):
                self._breathe()
                with begin_write(self._store) as connection:
                    upsert(connection, [part])


def kept(rows: StoredRows) -> StoredRows:
    """Leave out forecasts at stations at long leads: those of two years are five million rows, and cities' are scored by lead."""
    if rows.table != "forecast_station_hour" or not len(rows):
        return rows
    short = _values(rows, "lead_hours") <= KEPT_LEAD_H
    return rows if short.all() else rows.picked(np.flatnonzero(short))


def before(rows: StoredRows, live_hour: int) -> StoredRows:
    """Leave out rows about the air from an epoch hour on, and of its natural day and later ones."""
    if rows.table not in OF_THE_AIR or not len(rows):
        return rows
    if "day" in rows.columns:
        past = _moments(rows, "day", "D") < np.datetime64(int(natural_day(live_hour)), "D")
    else:
        past = _moments(rows, "hour_end", "h") < np.datetime64(live_hour, "h")
    return rows if past.all() else rows.picked(np.flatnonzero(past))


def parts(rows: StoredRows) -> Iterator[StoredRows]:
    """Cut rows into pieces of at most MOST_ROWS."""
    if len(rows) <= MOST_ROWS:
        if len(rows):
            yield rows
        return
    for first in range(0, len(rows), MOST_ROWS):
        yield rows.picked(np.arange(first, min(first + MOST_ROWS, len(rows))))


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes months into a store."""

    engine: sa.Engine
    registry: Registry
    sink: PastSink

    def take(self, files: Path, topics: Path, desks: Path, breathe: Breathe) -> None:
        """Read, assess and store all files below a folder by way of topics; taking them a second time changes nothing.

        desks: where the desks keep their state for whoever goes on from it.
        """
        ingest_path(files, topics, self.registry, simulated=True, progress=lambda *_: breathe())
        History(topics, desks, roster_of(self.registry), self.sink, workers=0, yields=True).run()
        announced = open_topic(topics / messages.INTAKE_TOPIC)
        announced.name = INTAKE  # not the live demo's: the store forgets what has left that topic
        intake = Materialiser(self.engine, [announced])
        while intake.step():
            breathe()


def _moments(rows: StoredRows, name: str, unit: str) -> np.ndarray:
    return _values(rows, name).astype(f"datetime64[{unit}]")


def _values(rows: StoredRows, name: str) -> np.ndarray:
    column = rows.columns[name]
    return np.asarray(column.values if hasattr(column, "values") else np.full(len(rows), column.value))
