"""Forecast runs of the nature run: the same equations from an analysis, with an older inventory and a foreseen weather.

A run follows from its start, the scenario and the flaws alone: how that state was reached makes no difference. Starts come from
observations (forecasts.operation), or, for the identical twin and as a reference, from the true state:

    model, starts = forecast_model(scenario, world), Starts(scenario.forecast_every_h)
    for day in simulate(scenario.plan(), world, ..., watch=starts):
        runs = [run(model, start) for start in starts.take()]
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from research.virtual_airshed.forecasts.imperfections import Imperfections, analysis_factors, believed_world, misjudged
from research.virtual_airshed.grid import NO_CELLS, TOP_M
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.model import Model
from research.virtual_airshed.run import Plan, run_hours, series_of, tilted
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.sources import OUTDATED, hourly_kg
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.weather.fields import Weather, weather_of
from research.virtual_airshed.weather.series import forecast_series, true_series
from research.virtual_airshed.world import World


@dataclass(frozen=True, eq=False)
class Start:
    """Where a run begins. init: epoch hour at whose end it starts. totals: the nature run's, as Tracers.copy_totals gives them.

    own: whether they are not the nature run's but the model's own, in its own layers, as an analysis of observations left them.
    """

    init: int
    totals: np.ndarray
    own: bool = False


@dataclass(slots=True)
class Starts:
    """Keeps the states from which runs start; a run.Watch. every_h: every so many hours of UTC, 0 for none [h]."""

    every_h: int
    kept: list[Start] = field(default_factory=list)

    def __call__(self, hour: int, model: Model) -> None:
        """Look at the state at the end of an hour, and keep it where a run starts there."""
        if self.every_h and hour % self.every_h == 0:
            self.kept.append(Start(hour, model.tracers.copy_totals()))

    def take(self) -> list[Start]:
        """Give out what has been kept since the last time."""
        given, self.kept = self.kept, []
        return given


@dataclass(frozen=True, eq=False)
class ForecastModel:
    """A forecast model of a scenario.

    plan: the scenario's, with the inventory that the model believes in. truth, world: the stage as it is, and as the model has it.
    """

    scenario: Scenario
    plan: Plan
    truth: World
    world: World
    imperfections: Imperfections

    @property
    def hours(self) -> int:
        """How far a run reaches [h]."""
        return self.scenario.forecast_hours


@dataclass(frozen=True, eq=False)
class Forecast:
    """A run of the forecast model: its weather and the means near the ground (..., row, column, hour), hours init + 1 and on."""

    init: int
    weather: Weather
    ground: GroundHours

    @property
    def hours(self) -> int:
        """How many hours the run has."""
        return self.weather.hours


def forecast_model(
    scenario: Scenario, world: World, *, inventory: Path = OUTDATED, imperfections: Imperfections | None = None
) -> ForecastModel:
    """Set up the forecast model of a scenario.

    inventory: the folder of the one that it believes in; the scenario's told factors act on it too, its hidden errors do not.
    imperfections: None for the defaults.
    """
    flaws = Imperfections() if imperfections is None else imperfections
    plan = dataclasses.replace(scenario.told_plan(), inventory=inventory)
    return ForecastModel(scenario, plan, world, believed_world(world, flaws), flaws)


def run(model: ForecastModel, start: Start) -> Forecast:
    """Run the forecast model from a start."""
    first = start.init + 1
    weather = foreseen(model, start.init)
    kg = hourly_kg(model.plan.inventory, model.world.registry, first, model.hours, factors=model.plan.factors)
    engine = Model(model.world, Tags(model.world.grid.cities, tagged=False), workers=1)
    engine.tracers.take_totals(analysed(model, start, weather.mixing_height_m[0]))
    ground, _ = run_hours(engine, weather, kg, NO_CELLS)
    return Forecast(start.init, weather, ground)


def foreseen(model: ForecastModel, init: int, hours: int | None = None) -> Weather:
    """Give the weather of a run as its model foresees it, or of its first hours alone: they are the same.

    The lean of a scenario is its climate, which a forecast has at every lead; only what chance adds is foreseen worse and worse.
    """
    series = true_series(model.plan.seed, init, (hours or model.hours) + 1)
    if model.imperfections.foreseen_weather:
        series = forecast_series(model.plan.seed, series, run=init)
    weather = weather_of(model.world.grid, tilted(model.plan, series), init + 1)
    return misjudged(weather, model.imperfections)


def analysed(model: ForecastModel, start: Start, height_m: np.ndarray) -> np.ndarray:
    """Give the state in which a run starts: its own, or the true concentrations in the model's layers times the analysis error.

    height_m: of the model's mixed layer at the start (row, column) [m]. Returns totals (layer, row + 2, column + 2, species) as
    Tracers.take_totals wants them; the ring around the grid stays as it is, the first hour sets it.
    """
    if start.own:
        return start.totals
    plan, grid = model.plan, model.truth.grid
    true_m = weather_of(grid, series_of(plan, start.init, 2), start.init + 1).mixing_height_m[0]
    totals = start.totals.copy()
    error = analysis_factors(model.imperfections, grid.shape, seed=plan.seed, init=start.init)
    for layer, ratio in enumerate((height_m / true_m, (TOP_M - height_m) / (TOP_M - true_m))):
        totals[layer, 1:-1, 1:-1] *= ratio[..., None] * error
    return totals
