"""Month after month: make its files, take them into the store, note that it is in, and let the files go.

A month is noted after all its rows: whoever is killed before does it again, and the store sees rows and counts once all the same
(streams.history). What was planned once stays planned, whenever the live demo may begin anew.
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from research.virtual_airshed.past.giving_way import OwnData
from research.virtual_airshed.past.making import Maker
from research.virtual_airshed.past.months import Month, past_months
from research.virtual_airshed.past.taking import Breathe, PastSink, Taker
from research.virtual_airshed.world import World
from streams.registry import Registry
from streams.store.connect import begin_write
from streams.store.lines import EPOCH
from streams.store.past import FORECAST, OBSERVED, PLANNED, note, past_of, real_files

LOG = logging.getLogger("airshed.past")
Make = Callable[[Month, Path], Iterator[Path]]


@dataclass(frozen=True, slots=True)
class Bringing:
    """Brings the past into a store. folder: where it works. live_from: the day on which the live demo begins."""

    folder: Path
    engine: sa.Engine
    registry: Registry
    world: World
    live_from: dt.date
    breathe: Breathe

    def bring(self, *, forecasts: bool = True) -> None:
        """Bring what is planned and not in yet; raise OwnData where real data are among the planned hours."""
        months = self.plan()
        maker = Maker(self.world, months[0].end)
        sink = PastSink(self.engine, months[0].end_hour, self.breathe)
        taker = Taker(self.engine, self.registry, sink)
        kinds = [(OBSERVED, maker.observed), (FORECAST, maker.forecast)][: 1 + forecasts]
        for topic, make in kinds:
            for month in months:
                if month.span not in self._done(topic):
                    self._month(topic, make, taker, month)
        if forecasts:
            shutil.rmtree(self.folder, ignore_errors=True)

    def plan(self) -> tuple[Month, ...]:
        """Give the months that are planned, the newest first, and note them where none are."""
        with self.engine.connect() as connection:
            known = past_of(connection)
        if known and known.planned:
            return tuple(map(Month.of, known.planned))
        months = past_months(self.live_from)
        self._require_free(months)
        with begin_write(self.engine) as connection:
            note(connection, PLANNED, (month.span for month in months))
        return months

    def _month(self, topic: str, make: Make, taker: Taker, month: Month) -> None:
        self._require_free((month,))
        own = self.folder / topic.rpartition("/")[2] / month.name
        for _ in make(month, own / "files"):
            self.breathe()
        # A forecast run stands alone; means of what was measured reach over the months' ends.
        desks = self.folder / "desks" if topic == OBSERVED else own / "desks"
        taker.take(own / "files", own / "topics", desks, self.breathe)
        with begin_write(self.engine) as connection:
            note(connection, topic, [month.span])
        shutil.rmtree(own)
        LOG.info("%s of %s is in, SIMULATED", topic, month.name)

    def _done(self, topic: str) -> frozenset[str]:
        with self.engine.connect() as connection:
            known = past_of(connection)
        return known.forecast if topic == FORECAST else known.observed

    def _require_free(self, months: tuple[Month, ...]) -> None:
        first, last = (EPOCH + dt.timedelta(hours=h) for h in (months[-1].first_hour, months[0].end_hour - 1))
        with self.engine.connect() as connection:
            if real_files(connection, first, last):
                raise OwnData(f"the store has real data between {first:%Y-%m-%d} and {last:%Y-%m-%d}")
