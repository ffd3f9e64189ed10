"""The forecast model in operation: from its own run before, what the stations have measured, and nothing of the nature run.

    operation = Operation(scenario, world)
    for day in simulate(...):
        write_missing(operation.starts(day), operation.model, folder)       # forecasts.write

What the stations report is theirs, with siting, instruments and noise; values that faults spoil are taken to have been left out
by the centre's own quality control. The first run starts from the model's own air of some days before.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from research.virtual_airshed.forecasts.analysis import Observed, corrections
from research.virtual_airshed.forecasts.cycle import EVERY_H, Cycle, first_init
from research.virtual_airshed.forecasts.runs import ForecastModel, Start, forecast_model
from research.virtual_airshed.observe.networks import Network, measured, network_of
from research.virtual_airshed.observe.sites import national_stations, sites_of
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.sources import OUTDATED
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import World
from standards.pollutants import ITEMS


class Stations:
    """The national stations as an analysis sees them. seed: of their instruments, the scenario's."""

    def __init__(self, world: World, *, seed: int) -> None:
        sites = sites_of(world.grid, national_stations(world.registry))
        self._network: Network = network_of("stations", sites, world.patterns, seed=seed)
        self._seed = seed

    def observed(self, day: Day, hour: int) -> Observed:
        """Give what they measured in an epoch hour of a day of the nature run."""
        sites, series = self._network.sites, measured(day, self._network, seed=self._seed, noise=1.0)
        return Observed(sites.row, sites.column, series.values[: len(ITEMS), :, hour - day.first_hour])


class Operation:
    """The forecast model of a scenario from run to run. model: what it is. every_h: runs start so often, 0 for never [h].

    inventory: the folder of the one that it believes in.
    """

    def __init__(
        self, scenario: Scenario, world: World, *, inventory: Path = OUTDATED, every_h: int | None = None
    ) -> None:
        self.model: ForecastModel = forecast_model(scenario, world, inventory=inventory)
        self.every_h = scenario.forecast_every_h if every_h is None else every_h
        self._stations = Stations(world, seed=scenario.seed)
        self._cycle = Cycle(self.model, Tags(world.grid.cities, tagged=False), every_h=self.every_h or EVERY_H)

    def starts(self, day: Day) -> list[Start]:
        """Give the analyses from which the runs of a day start; days follow each other."""
        if not self.every_h:
            return []
        hours = day.first_hour + np.arange(day.hours)
        return [self._start(int(hour), day) for hour in hours[hours % self.every_h == 0]]

    def _start(self, hour: int, day: Day) -> Start:
        cycle = self._cycle
        if not cycle.begun:
            cycle.begin(first_init(hour + 1, self.every_h))
        while cycle.init < hour:
            before = cycle.go_on()
        cycle.correct(corrections(before.ground, self._stations.observed(day, hour)))
        return Start(hour, cycle.totals(), own=True)
