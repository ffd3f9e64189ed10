"""Runs in memory: the nature run with its truth and what instruments make of it, and a twin with its tags. SIMULATED.

What a nature run gives falls into two parts that never meet before the judge: "seen", which the real world sends, and "true".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.attribution_bench.files_read import Table
from research.virtual_airshed.forecasts.cycle import EVERY_H, Cycle, first_init
from research.virtual_airshed.forecasts.tag_values import tag_values
from research.virtual_airshed.forecasts.twin_table import twin as twin_named
from research.virtual_airshed.forecasts.twins import twin_model
from research.virtual_airshed.model import Model
from research.virtual_airshed.observe import cems, chromatograph, composition
from research.virtual_airshed.observe.observer import Observer, observe_days, observer_for
from research.virtual_airshed.observe.sites import RESEARCH_SITES, kept_places, sites_of
from research.virtual_airshed.produce import receptors_in
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, contributions
from research.virtual_airshed.weather.fields import REPORTED_SHARE
from research.virtual_airshed.world import World, shipped_world
from standards.pollutants import ITEMS, POLLUTANTS
from streams.contributors import SECTORS, TAG_QUANTITIES

JUDGED = {"pm25": "pm25_ugm3", "o3": "o3_ugm3"}
HISTORY_H = 72
"""So many hours of foreseen weather and told emissions before the span are kept: air that arrives was somewhere before."""
WEATHER = ("wind_u_ms", "wind_v_ms", "mixing_height_m", "rain_mm", "temperature_c", "humidity_pct", "light")
ITEM_COLUMNS = tuple(POLLUTANTS[item].column for item in ITEMS)
Arrays = dict[str, np.ndarray]


def nature(scenario: Scenario, world: World | None = None) -> tuple[Arrays, Arrays]:
    """Run nature and let the instruments look: what is seen, and what is true, arrays by name in single precision.

    seen: stations (item, station, hour), micro (item, city, hour; medians of a city's sensors), sites (item, site, hour), voc
    (compound, site, hour), composition (component, site, hour), cems (species, city, hour) [kg/h]. true: pm25, o3 by
    contributor (city, source, hour) with the sources of Tags.sources, pm25_total, o3_total (city, hour).
    """
    stage = scenario.world(world or shipped_world())
    tags, receptors = Tags(stage.grid.cities, sector_city=True), receptors_in(stage, scenario.start)
    observer = observer_for(scenario, stage, tags=tags, cells=receptors.cells)
    seen, true = Seen(scenario, stage, observer), []
    engine = Model(stage, tags, workers=1)

    def told():
        for day in simulate(scenario.plan(), stage, tags=tags, cells=receptors.cells, model=engine):
            true.append(contributions(day, tags, receptors))
            yield day

    for observation in observe_days(told(), observer):
        seen.add(observation.files)
    at = list(QUANTITIES)
    found: Arrays = {}
    for name, quantity in JUDGED.items():
        parts = [(each.allocation[at.index(quantity)], each.total[at.index(quantity)]) for each in true]
        found[name], found[f"{name}_total"] = (
            np.concatenate(p, axis=-1).astype(np.float32) for p in zip(*parts, strict=True)
        )
    return seen.arrays() | {"first_hour": np.array(scenario.first_hour)}, found


class Seen:
    """Collects what the instruments of a run send."""

    def __init__(self, scenario: Scenario, world: World, observer: Observer) -> None:
        first, hours = scenario.first_hour, scenario.hours
        codes = {network.feed: network.sites.codes for network in observer.networks}
        stacks = tuple(dict.fromkeys(stack.city for stack in observer.stacks))
        self.tables = {
            "stations": Table.empty(first, hours, ITEM_COLUMNS, codes["stations"]),
            "micro": Table.empty(first, hours, ITEM_COLUMNS, codes.get("micro", ())),
            "super": Table.empty(first, hours, ITEM_COLUMNS, codes["super"]),
            "voc": Table.empty(first, hours, chromatograph.COLUMNS, observer.voc_sites.codes),
            "composition": Table.empty(first, hours, [f"{c}_ugm3" for c in composition.COMPONENTS], codes["super"]),
            "cems": Table.empty(first, hours, cems.MEASURED, stacks),
        }
        registry, cities = world.registry, world.grid.cities
        counting = [registry.stations_of(city, scenario.start) for city in cities]
        self.counts = np.array([[code in own for code in codes["stations"]] for own in counting])
        micro = {
            s.code: s.city for network in observer.networks if network.feed == "micro" for s in network.sites.stations
        }
        self.micro_city = [cities.index(micro[code]) for code in self.tables["micro"].codes]

    def add(self, files) -> None:
        """Take the files of a day."""
        for feed, table in self.tables.items():
            own = [file for file in files if file.path.startswith(f"{feed}/")]
            table.fill_emissions(own) if feed == "cems" else table.fill(own)

    def arrays(self) -> Arrays:
        """Give what has been collected."""
        micro = self.tables["micro"].values
        of_city = np.array(self.micro_city, int)
        medians = [_median(micro[:, of_city == city]) for city in range(len(self.counts))]
        return {
            "stations": self.tables["stations"].values, "counts": self.counts, "micro": np.stack(medians, axis=1),
            "sites": self.tables["super"].values, "voc": self.tables["voc"].values,
            "composition": self.tables["composition"].values, "cems": self.tables["cems"].values,
            "cems_cities": np.array(self.tables["cems"].codes),
        }  # fmt: skip


def _median(values: np.ndarray) -> np.ndarray:
    """Give the median over stations (item, station, hour), NaN where there is none."""
    found = np.full((values.shape[0], values.shape[-1]), np.nan, np.float32)
    known = np.isfinite(values).any(axis=1)
    found[known] = np.nanmedian(np.moveaxis(values, 1, -1)[known], axis=-1)
    return found


@dataclass(frozen=True, eq=False)
class Spots:
    """Where a twin is asked: cities (means over their assessment points), then research sites."""

    names: tuple[str, ...]
    cities: Receptors
    all: Receptors


def spots_in(stage: World, scenario: Scenario) -> Spots:
    """Give where a twin is asked."""
    cities = receptors_in(stage, scenario.start)
    kept = kept_places(cities.cells, sites_of(stage.grid, RESEARCH_SITES))
    alone = np.zeros((len(kept), cities.cells.row.size))
    alone[np.arange(len(kept)), kept] = 1.0
    names = (*stage.grid.cities, *(site.code for site in RESEARCH_SITES))
    return Spots(names, cities, Receptors(names, cities.cells, np.vstack([cities.weight, alone])))


def twin(scenario: Scenario, name: str, world: World | None = None) -> Arrays:
    """Run a twin that is told the scenario's inventory, each hour at a lead of 1 to EVERY_H, free of any observation.

    Returns sector (quantity, place, sectors + outside, hour), place (quantity, place, cities + outside, hour), joint
    (quantity, place, sector, city, hour), quantities in the order of TAG_QUANTITIES, places as spots_in; weather (WEATHER, city,
    hour) and kg (city, sector, species, hour) as the model has them, from HISTORY_H before the first hour on.
    """
    stage = scenario.world(world or shipped_world())
    tags, spots = Tags(stage.grid.cities, sector_city=True), spots_in(stage, scenario)
    cycle = Cycle(twin_model(scenario, stage, twin_named(name)), tags, cells=spots.cities.cells)
    cycle.begin(first_init(scenario.first_hour, EVERY_H))
    first, end = scenario.first_hour, scenario.first_hour + scenario.hours
    values, weather, kg = [], [], []
    while cycle.init + 1 < end:
        day = cycle.go_on()
        before = _cut(day, first - HISTORY_H, end)
        weather.append(_weather(day, stage, spots.cities)[..., before])
        kg.append(day.kg[..., before].astype(np.float32))
        if cycle.init >= first:
            told = tag_values(day, tags, spots.all)
            values.append(np.stack([told[q] for q in TAG_QUANTITIES])[..., _cut(day, first, end)].astype(np.float32))
    return _sorted(np.concatenate(values, axis=-1), len(tags.cities)) | {
        "weather": np.concatenate(weather, axis=-1), "kg": np.concatenate(kg, axis=-1), "names": np.array(spots.names),
        "first_hour": np.array(first),
    }  # fmt: skip


def _cut(day: Day, first: int, end: int) -> slice:
    return slice(max(first - day.first_hour, 0), max(min(end - day.first_hour, day.hours), 0))


def _sorted(values: np.ndarray, cities: int) -> Arrays:
    """Sort (quantity, contributor, place, hour) by sectors, places and both: the whole comes first, pairs last."""
    by = np.moveaxis(values, 1, 2)
    sectors, n = len(SECTORS), 1 + len(SECTORS) + cities
    pairs = by[:, :, n + 1 :]
    return {
        "sector": by[:, :, [*range(1, 1 + sectors), n]], "place": by[:, :, 1 + sectors : n + 1],
        "joint": pairs.reshape(*pairs.shape[:2], sectors, cities, -1),
    }  # fmt: skip


def _weather(day: Day, stage: World, at: Receptors) -> np.ndarray:
    air, cells = day.weather, at.cells
    wind = (REPORTED_SHARE * speed for speed in stage.flow_of(air.wind_ms[0].T).centred())
    height = 0.5 * (air.mixing_height_m[1:] + air.mixing_height_m[:-1])
    ground = day.ground
    fields = (*wind, height, air.rain_mm)
    found = [at.weight @ field[:, cells.row, cells.column].T for field in fields]
    found += [at.weight @ np.asarray(v)[cells.row, cells.column] for v in (ground.temperature_c, ground.humidity_pct)]
    found.append(at.weight @ air.cloud_transmission[:, cells.row, cells.column].T)
    return np.stack(found).astype(np.float32)
