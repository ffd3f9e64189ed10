"""Make the files of one month of the demo's past: what the networks sent once they had reviewed it, emissions, forecast runs.

Of the national stations alone, and as they were reviewed: two years of micro-stations and compounds would cost ten times as much,
and what was reviewed goes before the raw hours anyway. The files have the names and the bytes that the live demo's have.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.write import write_missing
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.inventory_files import inventory_texts, write_inventory
from research.virtual_airshed.live import INVENTORY_VERSION, half_year, observer_in, scenario_from
from research.virtual_airshed.model import Model
from research.virtual_airshed.observe.observer import observe_feed
from research.virtual_airshed.observe.reviews import REVIEWED
from research.virtual_airshed.past.months import Month
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import World

RUN_EVERY_H = 24
"""A forecast run a day, from 00:00 UTC; the live demo makes two."""
FEED = "stations"
SPIN_UP_DAYS = 12
"""Days that a month's run needs until its air is that of a run that went through, to less than the last place that a station
reports (1 ug/m3 of PM2.5) even in a calm January; after run.SPIN_UP_DAYS some stations are still 9 ug/m3 apart there.
"""


class Maker:
    """Makes months of the past of a demo that begins on a day."""

    def __init__(self, world: World, live_from: dt.date) -> None:
        self.live_from = live_from
        self.scenario = scenario_from((live_from - dt.date(1970, 1, 1)).days)
        self.world = self.scenario.world(world)
        self.tags = Tags(world.grid.cities, tagged=False)
        self.observer = observer_in(self.world)

    def observed(self, month: Month, folder: Path) -> Iterator[Path]:
        """Make what was observed and emitted in a month, a day at a time; the folder comes into being with the last of it.

        Gives the files one by one, so that whoever asks for them can wait between two days; a folder that is there stays.
        """
        yield from _whole(folder, self._observed(month, _hidden(folder)))

    def forecast(self, month: Month, folder: Path) -> Iterator[Path]:
        """Make the forecast runs that start in a month, as observed does."""
        yield from _whole(folder, self._forecast(month, _hidden(folder)))

    def days(self, month: Month) -> Iterator[Day]:
        """Run a month of the nature run, from a spin-up of its own."""
        plan = replace(
            self.scenario.plan(), first_hour=month.first_hour, hours=24 * month.days, spin_up_days=SPIN_UP_DAYS
        )
        model = Model(self.world, self.tags, workers=1)
        return simulate(plan, self.world, tags=self.tags, cells=NO_CELLS, model=model)

    def _observed(self, month: Month, folder: Path) -> Iterator[Path]:
        if month.first < half_year(self.live_from)[0]:  # the live demo has laid down those of its own half-year
            last = month.end - dt.timedelta(days=1)
            told = {"version": INVENTORY_VERSION, "year": month.first.year}
            texts = inventory_texts(month.first, last, factors=self.scenario.factors, **told)
            yield write_inventory(folder / f"inventory-{month.first}", texts)
        for day in self.days(month):
            for file in observe_feed(day, self.observer, FEED):
                if file.path.endswith(f"{REVIEWED}.csv"):
                    path = folder / file.path
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(file.text, encoding="utf-8", newline="\n")
                    yield path

    def _forecast(self, month: Month, folder: Path) -> Iterator[Path]:
        operation = Operation(self.scenario, self.world, every_h=RUN_EVERY_H)
        for day in self.days(month):
            yield from write_missing(operation.starts(day), operation.model, folder)


def _hidden(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")


def _whole(folder: Path, files: Iterator[Path]) -> Iterator[Path]:
    """Let files come into a hidden folder, which takes its name with the last of them."""
    if folder.exists():
        return
    hidden = _hidden(folder)
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir(parents=True)
    yield from files
    hidden.rename(folder)
