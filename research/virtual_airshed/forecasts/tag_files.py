"""The tag files of the fraternal twins, as a model's post-processing would send them: docs/layouts/tags.md, form A. SIMULATED.

    ensemble = TwinRuns(scenario, world, members=4, hours=72)
    for day in simulate(...):
        ensemble.write(day, folder)     # FOLDER/tags/twin_a_YYYYMMDDHH.nc and so on

A twin starts each run from where its run before stood after every_h hours, scaled to what the stations measured, its tags with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from research.virtual_airshed.forecasts.analysis import corrections
from research.virtual_airshed.forecasts.cycle import EVERY_H, Cycle, first_init
from research.virtual_airshed.forecasts.operation import Stations
from research.virtual_airshed.forecasts.tag_values import ALLOCATION, REMOVAL, contributors_of, places_at, tag_values
from research.virtual_airshed.forecasts.tag_writer import write_tags
from research.virtual_airshed.forecasts.twin_table import Twin, shipped_twins
from research.virtual_airshed.forecasts.twins import twin_model
from research.virtual_airshed.observe.sites import RESEARCH_SITES, national_stations, receptors_with, sites_of
from research.virtual_airshed.receptors import receptors_of
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import World
from standards.whole_files import taking_place
from streams.registry import Station

FOLDER, TAG_HOURS = "tags", 72
"""Below the outbox; how far a file reaches unless said otherwise [h]."""


def tag_stations(world: World) -> tuple[Station, ...]:
    """Give the stations of which contributions are told: national ones, super-sites and the background site."""
    return (*national_stations(world.registry), *RESEARCH_SITES)


def path_of(folder: Path, twin: Twin, init: int, definition: str = ALLOCATION) -> Path:
    """Give the file of a twin's run that starts at an epoch hour, of one definition of a contribution."""
    stamp = dt.datetime.fromtimestamp(init * 3600, dt.UTC).strftime("%Y%m%d%H")
    more = "" if definition == ALLOCATION else f"_{definition}"
    return folder / FOLDER / f"{twin.name.lower().replace('-', '_')}_{stamp}{more}.nc"


class TwinRuns:
    """The first members of the ensemble, from run to run. hours: how far each run reaches, every_h: how far apart they are [h].

    removal: whether each run sends, beside its allocation, what would be less without each contributor. sector_city: whether the
    sectors of each city are told apart, too.
    """

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        *,
        members: int,
        hours: int = TAG_HOURS,
        every_h: int = EVERY_H,
        removal: bool = False,
        sector_city: bool = False,
    ) -> None:
        self.definitions = (ALLOCATION, REMOVAL) if removal else (ALLOCATION,)
        self.twins, self.hours, self.every_h = shipped_twins()[:members], hours, every_h
        self._tags = Tags(world.grid.cities, sector_city=sector_city, pair_zero_outs=sector_city and removal)
        self._stations = tag_stations(world)
        sites = sites_of(world.grid, self._stations)
        counted = receptors_of(world.grid, [(each.city, each.lon, each.lat) for each in self._stations])
        cells = receptors_with(counted, sites).cells
        self._places = places_at(cells, zip(sites.row.tolist(), sites.column.tolist(), strict=True))
        self._observing = Stations(world, seed=scenario.seed)
        self._cycles = [
            Cycle(twin_model(scenario, world, twin), self._tags, cells=cells, every_h=every_h) for twin in self.twins
        ]

    def write(self, day: Day, folder: Path) -> Iterator[Path]:
        """Write the files of the runs that start in a day of the nature run, if they are not there yet; days follow each other."""
        hours = day.first_hour + np.arange(day.hours)
        for hour in hours[hours % self.every_h == 0].tolist():
            observed = self._observing.observed(day, hour)
            for twin, cycle in zip(self.twins, self._cycles, strict=True):
                if not cycle.begun:
                    cycle.begin(first_init(hour + 1, self.every_h))
                while cycle.init < hour:
                    before = cycle.go_on()
                cycle.correct(corrections(before.ground, observed))
                paths = {each: path_of(folder, twin, hour, each) for each in self.definitions}
                missing = {each: path for each, path in paths.items() if not path.exists()}
                run = cycle.reach(self.hours) if missing else None
                for definition, path in missing.items():
                    self._lay_down(path, twin, run, definition)
                    yield path

    def _lay_down(self, path: Path, twin: Twin, run: Day, definition: str) -> None:
        values = tag_values(run, self._tags, self._places, definition=definition)
        path.parent.mkdir(parents=True, exist_ok=True)
        with taking_place(path, draft=f".{path.name}.part") as hidden:
            write_tags(
                hidden,
                {name: np.moveaxis(v, -1, 0).astype(np.float32) for name, v in values.items()},
                model=twin.name, run_init=run.first_hour - 1, first_hour=run.first_hour, definition=definition,
                contributors=contributors_of(self._tags),
                receptors=[(each.code, each.city) for each in self._stations],
                attributes={"title": f"SIMULATED contributions of {twin.name}, a flawed model of the virtual airshed"},
            )  # fmt: skip
