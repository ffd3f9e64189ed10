"""A whole run into a folder: `python -m research.virtual_airshed run SCENARIO FOLDER`. SIMULATED, all of it.

    FOLDER/scenario.toml    what was run: the same parameters give the same bytes
    FOLDER/registry/        cities and stations, the invented ones among them
    FOLDER/outbox/          what a platform may read: stations/ micro/ super/ voc/ composition/ cems/ forecast/ tags/ inventory/
    FOLDER/published/       what is published of sources, and may be known too: profiles of particles
    FOLDER/truth/           who caused what (truth.nc, and truth_stations.nc where it is wanted), faults, instruments, hidden
                            errors of the inventory: for judging, never for what is judged

One pass over the days: the nature run is carried on, and of each day the truth, the observations and the forecast runs are made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.tag_files import TAG_HOURS, TwinRuns
from research.virtual_airshed.forecasts.write import write_missing
from research.virtual_airshed.inventories import particle_profiles
from research.virtual_airshed.inventory_files import inventory_texts, keep_hidden, write_inventory
from research.virtual_airshed.observe.laying import lay_down
from research.virtual_airshed.observe.observer import observe_days, observer_for
from research.virtual_airshed.observe.outbox import Outbox
from research.virtual_airshed.observe.registry_files import registry_files
from research.virtual_airshed.observe.sites import RESEARCH_SITES, national_stations, receptors_with, sites_of
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.reference.simulated import receptors as counting_receptors
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import TOLD, Scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import contributions
from research.virtual_airshed.truth_files import StationTruth, TruthFolder, at_stations
from research.virtual_airshed.world import World
from streams.registry import Registry

Progress = Callable[[int, int], None]
OUTBOX, TRUTH, REGISTRY, PUBLISHED, SCENARIO = "outbox", "truth", "registry", "published", "scenario.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is made of a run: the truth, observations, forecast runs; forecast_layout: ioapi or cf.

    sector_city: whether the truth and the twins tell the sectors of each city apart. truth_stations: whether the truth is told at
    stations too. tags: how many of the fraternal twins send tag files. tag_hours: how far these reach [h]. tag_removal: whether
    they tell the removal beside the allocation.
    """

    truth: bool = True
    observations: bool = True
    forecasts: bool = True
    forecast_layout: str = "ioapi"
    sector_city: bool = False
    truth_stations: bool = False
    tags: int = 0
    tag_hours: int = TAG_HOURS
    tag_removal: bool = False


def produce(scenario: Scenario, world: World, folder: Path, *, wanted: Wanted, progress: Progress) -> None:
    """Run a scenario and lay everything down in a folder; a run that was broken off goes on when it is made again.

    progress: told how many days are done, and of how many. Errors: OutboxError where the folder holds another run.
    """
    lay_down(folder / SCENARIO, scenario_text(scenario))
    keep_hidden(folder / TRUTH, scenario.hidden_factors())
    world = scenario.world(world)
    tags = Tags(world.grid.cities, sector_city=wanted.sector_city, pair_zero_outs=wanted.sector_city)
    receptors = receptors_in(world, scenario.start)
    forecasts = Operation(scenario, world, every_h=None if wanted.forecasts else 0)
    twins = TwinRuns(
        scenario, world, members=wanted.tags, hours=wanted.tag_hours, removal=wanted.tag_removal,
        sector_city=wanted.sector_city,
    )  # fmt: skip
    at = stations_in(world, receptors, scenario.start) if wanted.truth and wanted.truth_stations else None
    receptors = at.receptors if at else receptors
    days = simulate(scenario.plan(), world, tags=tags, cells=receptors.cells)
    if wanted.observations:
        days = _observed(days, scenario, world, tags, receptors, folder)
    if wanted.truth:
        truth = TruthFolder(
            folder / TRUTH, tags, at, first_hour=scenario.first_hour, hours=scenario.hours,
            about={"scenario": scenario_text(scenario)},
        )  # fmt: skip
        days = _told(days, truth, tags, receptors)
    for done, day in enumerate(days, start=1):
        for _ in write_missing(forecasts.starts(day), forecasts.model, folder / OUTBOX, layout=wanted.forecast_layout):
            pass
        for _ in twins.write(day, folder / OUTBOX):
            pass
        progress(done, scenario.days)
    last = scenario.start + dt.timedelta(days=scenario.days - 1 + scenario.forecast_hours // 24 + 1)
    texts = inventory_texts(scenario.start, last, factors=scenario.factors, folder=TOLD[scenario.told])
    write_inventory(folder / OUTBOX / "inventory", texts)


def receptors_in(world: World, day: dt.date) -> Receptors:
    """Give where the truth is taken: the stations that count for the cities on a day, and the cells of the research sites."""
    return receptors_with(counting_receptors(world, day), sites_of(world.grid, RESEARCH_SITES))


def stations_in(world: World, receptors: Receptors, day: dt.date) -> StationTruth:
    """Take the truth at all national stations and research sites, too; on a day they count for their cities."""
    registry = world.registry
    counting = [code for city in registry.cities for code in registry.stations_of(city, day)]
    return at_stations(receptors, world.grid, (*national_stations(registry), *RESEARCH_SITES), counting)


def scenario_text(scenario: Scenario) -> str:
    """Write the parameters of a scenario as TOML, all but its hidden errors: those are told in the folder of the truth alone."""
    lines = ["# SIMULATED: a run of the virtual airshed.", "simulated = true"]
    for each in (each for each in fields(scenario) if each.name != "hidden"):
        value = getattr(scenario, each.name)
        if each.name == "tilts":
            value = "{ " + ", ".join(f'"{name}" = {tilt:g}' for name, tilt in sorted(value.items())) + " }"
        elif each.name == "factors":
            value = "{ " + ", ".join(f'"{" ".join(key)}" = {factor:g}' for key, factor in sorted(value.items())) + " }"
        elif isinstance(value, str):
            value = f'"{value}"'
        lines.append(f"{each.name} = {value}")
    return "\n".join(lines) + "\n"


def _told(days: Iterator[Day], truth: TruthFolder, tags: Tags, receptors: Receptors) -> Iterator[Day]:
    """Keep the truth of the days that pass by."""
    with truth:
        for day in days:
            truth.add(contributions(day, tags, receptors))
            yield day


def _observed(
    days: Iterator[Day], scenario: Scenario, world: World, tags: Tags, receptors: Receptors, folder: Path
) -> Iterator[Day]:
    """Let the instruments look at the days that pass by."""
    observer = observer_for(scenario, world, tags=tags, cells=receptors.cells)
    outbox = Outbox(folder / OUTBOX, folder / TRUTH)
    _registry(folder / REGISTRY, world.registry, observer)
    outbox.put_sites(observer)
    lay_down(folder / PUBLISHED / particle_profiles.SHIPPED.name, particle_profiles.SHIPPED.read_text(encoding="utf-8"))
    passing: list[Day] = []

    def passed() -> Iterator[Day]:
        for day in days:
            passing.append(day)
            yield day

    for observation in observe_days(passed(), observer):
        outbox.put(observation)
        yield passing.pop()


def _registry(folder: Path, registry: Registry, observer) -> None:
    invented = [s for n in observer.networks for s in n.sites.stations if s.code not in registry.stations]
    registry_files(folder, registry, invented)
