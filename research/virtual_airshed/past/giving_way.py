"""The past gives way: to whoever wants it to end, to data of the user's own, and to the live hour while it is being assessed."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from research.virtual_airshed.live import ended_hour
from standards.errors import AirshedError
from streams.intake.own import is_noted
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour

LOOK_S = 0.5
MOST_S = 60.0
"""So long at most does one live hour hold up the past [s]: a live demo that stands still must not stop it for good."""
SETTLE_S = 2.0
"""After the first city of an hour is stored the others and the region follow [s]."""


class Stopped(AirshedError, RuntimeError):
    """The past is to end now; it goes on at the next start."""


class OwnData(AirshedError, RuntimeError):
    """Data of the user's own have come: no more of the past is made."""


class GivingWay:
    """Called between two pieces of work, some tenths of a second apart: waits or raises where it has to.

    data: the data directory. clock: seconds since 1970. cities: whose hours are looked for.
    """

    def __init__(
        self, engine: sa.Engine, data: Path, cities: tuple[str, ...], stop: threading.Event, clock: Callable[[], float]
    ) -> None:
        self._engine, self._data, self._cities, self._stop, self._clock = engine, data, cities, stop, clock
        self._seen, self._looked, self.waited_s = -1, 0.0, 0.0

    def __call__(self) -> None:
        """Raise Stopped or OwnData; wait while the newest live hour is due and not stored yet, at most MOST_S."""
        self._require()
        hour = ended_hour(self._clock())
        if hour == self._seen:
            return
        begun = self._clock()
        while not self._stored(hour) and self._clock() - begun < MOST_S:
            self._stop.wait(LOOK_S)
            self._require()
        self._stop.wait(SETTLE_S)
        self.waited_s += self._clock() - begun
        self._seen = hour

    def _require(self) -> None:
        if self._stop.is_set():
            raise Stopped("the past was asked to end")
        if self._clock() - self._looked >= LOOK_S:
            self._looked = self._clock()
            if is_noted(self._data):
                raise OwnData("data of the user's own have come")

    def _stored(self, hour: int) -> bool:
        c = air_city_hour.c
        at = EPOCH + dt.timedelta(hours=hour)
        with self._engine.connect() as connection:
            query = sa.select(c.city).where(c.city.in_(self._cities), c.hour_end == at).limit(1)
            return connection.execute(query).first() is not None
