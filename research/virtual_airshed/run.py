"""A run: day after day of weather, emissions and the model, and what is kept of it. Pure but for the inventory that is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.virtual_airshed.grid import Cells
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.model import Model
from research.virtual_airshed.ozone import UNMIXED_PPB
from research.virtual_airshed.sources import INVENTORY, carried_amounts, hourly_kg
from research.virtual_airshed.tracers import CARRIED, TOTAL, Tags
from research.virtual_airshed.weather.fields import Weather, weather_of
from research.virtual_airshed.weather.series import true_series
from research.virtual_airshed.world import World

DAY_HOURS = 24
READ_AHEAD_HOURS = 30 * DAY_HOURS
SPIN_UP_DAYS = 5
"""Days that a run needs to forget how it was started; they are simulated and not given out."""
Watch = Callable[[int, Model], None]
"""Called with an epoch hour and the model as it stands at the end of that hour; it may look and must not change anything."""


@dataclass(frozen=True, eq=False)
class Day:
    """Some consecutive hours of a run, at most a day.

    weather: its weather. ground: totals near the ground, (..., row, column, hour). tagged: concentrations near the
    ground by tag in the kept cells, species to float64 (cell, tracer, hour). kg: what the inventory emits, (city,
    sector, species, hour) [kg/h].
    """

    first_hour: int
    weather: Weather
    ground: GroundHours
    tagged: Mapping[str, np.ndarray]
    kg: np.ndarray

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.weather.hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run. first_hour: epoch hour of the first hour's end that is wanted. hours: how many. seed: of the weather.

    tilts: random series to what is added to them, for instance {"ventilation_slow": -0.8} for stagnant air. factors:
    emission factors as in sources.hourly_kg. inventory: the folder of the inventory that drives the run. spin_up_days:
    see SPIN_UP_DAYS.
    """

    first_hour: int
    hours: int
    seed: int
    tilts: Mapping[str, float]
    factors: Mapping[tuple[str, str, str], float]
    inventory: Path = INVENTORY
    spin_up_days: int = SPIN_UP_DAYS


def simulate(
    plan: Plan, world: World, *, tags: Tags, cells: Cells, model: Model | None = None, watch: Watch | None = None
) -> Iterator[Day]:
    """Run a plan and give its days one by one, without the spin-up; memory does not grow with the length.

    tags: which sources are told apart. cells: where the tags are kept. model: the state to go on with (no spin-up
    then, unless it was never filled), else a new one; the caller may look at it between two days and must not change
    it. watch: looks at the state of every hour that is given out.
    """
    model = model or Model(world, tags)
    fresh, emissions = not model.filled, Emissions(plan, world)
    first = plan.first_hour - (plan.spin_up_days * DAY_HOURS if fresh else 0)
    for start in range(first, plan.first_hour + plan.hours, DAY_HOURS):
        hours = min(DAY_HOURS, plan.first_hour + plan.hours - start)
        weather = weather_of(world.grid, series_of(plan, start - 1, hours + 1), start)
        if fresh and start == first:
            model.fill(weather)
        kg = emissions.of(start, hours)
        wanted = start >= plan.first_hour
        ground, tagged = run_hours(model, weather, kg, cells, watch=watch if wanted else None)
        if wanted:
            yield Day(start, weather, ground, tagged, kg)


class Emissions:
    """What a plan's inventory emits, read for some weeks at once: reading costs more than the numbers."""

    def __init__(self, plan: Plan, world: World) -> None:
        self.plan, self.world = plan, world
        self.first_hour, self.kg = 0, np.zeros((0, 0, 0, 0))

    def of(self, first_hour: int, hours: int) -> np.ndarray:
        """Give the emissions of consecutive hours (city, sector, species, hour) [kg/h]."""
        at = first_hour - self.first_hour
        if at < 0 or at + hours > self.kg.shape[-1]:
            plan, ahead = (
                self.plan,
                max(hours, min(READ_AHEAD_HOURS, self.plan.first_hour + self.plan.hours - first_hour)),
            )
            self.kg = hourly_kg(plan.inventory, self.world.registry, first_hour, ahead, factors=plan.factors)
            self.first_hour, at = first_hour, 0
        return self.kg[..., at : at + hours]


def series_of(plan: Plan, first_hour: int, hours: int) -> dict[str, np.ndarray]:
    """Give the random series of a plan over consecutive epoch hours, tilted."""
    return tilted(plan, true_series(plan.seed, first_hour, hours))


def tilted(plan: Plan, series: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Lean random series as a plan says; ValueError where it names one that is not there."""
    if unknown := set(plan.tilts) - set(series):
        raise ValueError(f"a tilt names {sorted(unknown)[0]!r}, expected one of {', '.join(series)}")
    return {name: z + plan.tilts.get(name, 0.0) for name, z in series.items()}


def run_hours(
    model: Model, weather: Weather, kg: np.ndarray, cells: Cells, *, watch: Watch | None = None
) -> tuple[GroundHours, dict[str, np.ndarray]]:
    """Run the model through all hours of a weather; give the ground's totals and the tags in the kept cells, means of each hour."""
    amounts = carried_amounts(kg)
    # Written hour by hour, so the hours stand first in memory; what is given out has them last.
    ground = np.empty((weather.hours, len(CARRIED), *model.world.grid.shape))
    kept = (
        {n: np.empty((cells.row.size, model.tags.width_of(n), weather.hours)) for n in CARRIED}
        if model.tags.tagged
        else {}
    )
    balance = np.empty((weather.hours, *model.world.grid.shape))
    before = _Snapshot(model, weather.mixing_height_m[0], cells)
    for i in range(weather.hours):
        model.hour(weather, i, amounts[..., i])
        after = _Snapshot(model, weather.mixing_height_m[i + 1], cells)
        ground[i] = 0.5 * (before.totals + after.totals)
        for name, values in kept.items():
            values[..., i] = 0.5 * (before.tags[name] + after.tags[name])
        balance[i] = UNMIXED_PPB if model.balance_ppb is None else model.balance_ppb
        before = after
        if watch:
            watch(weather.first_hour + i, model)
    fields = (ground, weather.temperature_c, weather.humidity_pct, balance)
    return GroundHours(*(np.moveaxis(v, 0, -1) for v in fields)), kept


class _Snapshot:
    """Concentrations near the ground at one moment."""

    def __init__(self, model: Model, height_m: np.ndarray, cells: Cells) -> None:
        states = {name: model.tracers.of(name)[0, 1:-1, 1:-1] for name in CARRIED}
        self.totals = np.stack([state[..., TOTAL] for state in states.values()]) / height_m
        self.tags: dict[str, np.ndarray] = {}
        if model.tags.tagged:
            depth = height_m[cells.row, cells.column, None]
            self.tags = {name: state[cells.row, cells.column] / depth for name, state in states.items()}
