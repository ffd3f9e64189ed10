"""Tagged runs of the fraternal twins in memory: what a chemistry model that errs in its own way says who caused what.

    for part in twin_days(scenario, twin("TWIN-B")): ...     # some hours at a time, in the order of time
    whole = season(twin_days(scenario, twin("TWIN-B")))      # one record of the whole span

A twin sees the weather as it is foreseen, each of its hours at a lead of 1 to every_h hours, and the inventory that is told; of the
nature run it knows nothing. Where observations are handed in, it is corrected by them at the start of each run, as the
operational model is (forecasts.analysis); without them it runs free, and all that it lacks shows in its misfit. SIMULATED.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from research.virtual_airshed import aerosol
from research.virtual_airshed.forecasts.analysis import Observed, corrections
from research.virtual_airshed.forecasts.cycle import EVERY_H, Cycle, first_init
from research.virtual_airshed.forecasts.imperfections import believed_world
from research.virtual_airshed.forecasts.runs import ForecastModel
from research.virtual_airshed.forecasts.twin_table import Twin
from research.virtual_airshed.inflow import Inflow
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.reference.simulated import receptors as counting_receptors
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import TOLD, Scenario
from research.virtual_airshed.tracers import CARRIED, Tags
from research.virtual_airshed.truth import contributions
from research.virtual_airshed.world import World, shipped_world

Correction = Callable[[Day, int], np.ndarray | None]
"""Asked at the start of a run with the hours before it and its epoch hour: factors (layer, row, column, species), or None."""


@dataclass(frozen=True, eq=False)
class TwinHours:
    """What a twin says of consecutive hours. Cities are means over the cells of their assessment points.

    total: (quantity, city, hour), allocation, removal: (quantity, city, source, hour), quantities as truth.QUANTITIES, sources as
    Tags.sources, in the units of truth.QUANTITIES. species: (carried, city, tag, hour), tag 0 is the total, in tracers.UNITS.
    weather: name to (city, hour): temperature_c, humidity_pct, rain_mm, mixing_height_m, light (share of the sun's light that
    passes the clouds), dissociation_nmol2 (K of ammonium nitrate), balance_ppb (c of NO2 and O3). wind_ms: amplitudes
    (layer, pattern, hour). kg: what the twin holds to be emitted, before the weather acts on it, (city, sector, species, hour)
    [kg/h].
    """

    first_hour: int
    total: np.ndarray
    allocation: np.ndarray
    removal: np.ndarray
    species: np.ndarray
    weather: Mapping[str, np.ndarray]
    wind_ms: np.ndarray
    kg: np.ndarray

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.total.shape[-1]

    def cut(self, begin: int, end: int) -> TwinHours:
        """Give the hours from begin to before end, counted from the first."""
        return self._each(lambda values: values[..., begin:end], self.first_hour + begin)

    def _each(self, change: Callable[[np.ndarray], np.ndarray], first_hour: int) -> TwinHours:
        made = {name: change(getattr(self, name)) for name in _ARRAYS}
        return TwinHours(first_hour, weather={name: change(v) for name, v in self.weather.items()}, **made)


_ARRAYS = tuple(each.name for each in fields(TwinHours) if each.name not in ("first_hour", "weather"))


def twin_model(
    scenario: Scenario, world: World, twin: Twin, *, inventory: Path | None = None, factors: Mapping | None = None
) -> ForecastModel:
    """Set up a twin over the stage of a scenario.

    world: as Scenario.world gives it. inventory: the folder that it is told, None for the scenario's. factors: on emissions, as in
    sources.hourly_kg, None for what the scenario tells everybody.
    """
    plan = dataclasses.replace(scenario.told_plan(), inventory=inventory or TOLD[scenario.told])
    if factors is not None:
        plan = dataclasses.replace(plan, factors=factors)
    inflow = Inflow(world.grid, excess=world.inflow.excess * twin.excess)
    believed = dataclasses.replace(believed_world(world, twin.imperfections), closures=twin.chemistry, inflow=inflow)
    return ForecastModel(scenario, plan, world, believed, twin.imperfections)


def twin_days(
    scenario: Scenario,
    twin: Twin,
    *,
    world: World | None = None,
    inventory: Path | None = None,
    factors: Mapping[tuple[str, str, str], float] | None = None,
    every_h: int = EVERY_H,
    correction: Correction | None = None,
    tags: Tags | None = None,
) -> Iterator[TwinHours]:
    """Run a twin over a scenario, from one of its runs to the next; give its hours, every_h at a time or what lies in the span.

    world: None for the shipped one. inventory, factors: as in twin_model. every_h: a new weather forecast so often [h]; the
    leads of the hours are 1 to every_h. correction: what observations make of the state at the start of each run, for instance
    corrected_by(...), None for none.
    tags: None for sectors, cities and inflow.
    """
    stage = scenario.world(world or shipped_world())
    tags, receptors = tags or Tags(stage.grid.cities), counting_receptors(stage, scenario.start)
    cycle = Cycle(twin_model(scenario, stage, twin, inventory=inventory, factors=factors), tags, cells=receptors.cells,
                  every_h=every_h)  # fmt: skip
    cycle.begin(first_init(scenario.first_hour, every_h))
    end = scenario.first_hour + scenario.hours
    while cycle.init + 1 < end:
        day = cycle.go_on()
        if correction and (given := correction(day, cycle.init)) is not None:
            cycle.correct(given)
        if cycle.init < scenario.first_hour:
            continue
        told = hours_of(day, tags, receptors)
        yield told.cut(max(scenario.first_hour - day.first_hour, 0), min(end - day.first_hour, day.hours))


def corrected_by(observed: Mapping[int, Observed]) -> Correction:
    """Correct a twin by what stations measured, epoch hour to measurements; a run that starts in another hour is left alone."""

    def correction(day: Day, init: int) -> np.ndarray | None:
        return corrections(day.ground, observed[init]) if init in observed else None

    return correction


def hours_of(day: Day, tags: Tags, receptors: Receptors) -> TwinHours:
    """Take what a tagged run says of some hours at the cities; works for the nature run, too, as its truth."""
    found, cells, weather = contributions(day, tags, receptors), receptors.cells, day.weather
    ground = day.ground.at(cells.row, cells.column)
    height = 0.5 * (weather.mixing_height_m[1:] + weather.mixing_height_m[:-1])
    at_cells = {
        "temperature_c": ground.temperature_c, "humidity_pct": ground.humidity_pct,
        "rain_mm": weather.rain_mm[:, cells.row, cells.column].T, "mixing_height_m": height[:, cells.row, cells.column].T,
        "light": weather.cloud_transmission[:, cells.row, cells.column].T,
        "dissociation_nmol2": aerosol.dissociation_nmol2(ground.temperature_c, ground.humidity_pct),
        "balance_ppb": ground.balance_ppb,
    }  # fmt: skip
    kept = np.stack([day.tagged[name][:, : tags.count] for name in CARRIED])
    return TwinHours(
        day.first_hour, found.total, found.allocation, found.removal,
        species=np.einsum("xc,sctd->sxtd", receptors.weight, kept, optimize=True),
        weather={name: receptors.weight @ values for name, values in at_cells.items()},
        wind_ms=weather.wind_ms, kg=day.kg,
    )  # fmt: skip


def season(parts: Iterable[TwinHours]) -> TwinHours:
    """Put consecutive hours together, in single precision. Errors: ValueError where there are none or hours are missing."""
    kept = [part._each(lambda values: np.asarray(values, np.float32), part.first_hour) for part in parts]
    if not kept:
        raise ValueError("no hours were given, expected some")
    for one, other in pairwise(kept):
        if other.first_hour != one.first_hour + one.hours:
            raise ValueError(f"hours begin at {other.first_hour}, expected {one.first_hour + one.hours}")
    joined = {name: np.concatenate([getattr(part, name) for part in kept], axis=-1) for name in _ARRAYS}
    weather = {name: np.concatenate([part.weather[name] for part in kept], axis=-1) for name in kept[0].weather}
    return TwinHours(kept[0].first_hour, weather=weather, **joined)
