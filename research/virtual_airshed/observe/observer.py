"""The observer: all instruments of a run, and the files that they make of each of its days or hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.flow import Flow
from research.virtual_airshed.grid import Cells, Grid
from research.virtual_airshed.inventories.particle_profiles import true_profiles
from research.virtual_airshed.inventories.places import Stack
from research.virtual_airshed.observe import (
    cems,
    chromatograph,
    composition,
    particle_analysers,
    reviews,
    speciation,
    station_lines,
)
from research.virtual_airshed.observe.fault_events import events_in, late_events
from research.virtual_airshed.observe.faults import NOTHING, Fault, Marked, Series, mark, record
from research.virtual_airshed.observe.files import Line, OutFile, placed, write
from research.virtual_airshed.observe.micro import micro_stations
from research.virtual_airshed.observe.networks import Network, measured, network_of
from research.virtual_airshed.observe.sites import (
    RESEARCH_SITES,
    SUPER_SITES,
    Sites,
    kept_places,
    national_stations,
    sites_of,
)
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.tracers import VOC_GROUPS, Tags
from research.virtual_airshed.world import World
from standards.days import natural_day
from standards.pollutants import ITEMS
from streams.registry import Registry

VOC_REJECTIONS = station_lines.REJECTIONS | dict.fromkeys(("text", "negative"), "not a mixing ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to observe.

    seed: of instruments and faults. faults: factor on their number, 1 for as many as networks have, 0 for none.
    noise: factor on the noise of an hour and on the errors at stacks and of analysers of particles, 1 as usual, 0 for none;
    siting and bias of the stations stay, and so do the profiles of the sources.
    """

    seed: int
    faults: float = 1.0
    noise: float = 1.0


@dataclass(frozen=True, eq=False)
class Observer:
    """All instruments of a run.

    tags: of the run. voc_sites: where compounds are measured. voc_cells: place of each of them among the cells in which
    the run's tags are kept, -1 for none; research_cells: the same of the sites of the feed "super".
    """

    manner: Manner
    networks: tuple[Network, ...]
    stacks: tuple[Stack, ...]
    cities: tuple[str, ...]
    tags: Tags
    voc_sites: Sites
    voc_cells: np.ndarray
    research_cells: np.ndarray

    def network(self, feed: str) -> Network:
        """Give the stations of a feed; KeyError for one that has none."""
        return {network.feed: network for network in self.networks}[feed]


@dataclass(frozen=True, eq=False)
class Observation:
    """What is observed of some hours: files, every fault in them, rows of the stacks' truth (cems.STACK_COLUMNS), and
    what stuck sensors still show, to be handed on to the next hours of the same natural day.
    """

    first_hour: int
    hours: int
    files: tuple[OutFile, ...]
    faults: tuple[Fault, ...]
    stack_rows: tuple[tuple[str, ...], ...]
    held: Mapping[str, float]


def observer_for(scenario: Scenario, world: World, *, tags: Tags, cells: Cells) -> Observer:
    """Set up the instruments of a scenario, with the faults and micro-stations that it asks for; arguments as observer_of."""
    manner = Manner(seed=scenario.seed, faults=scenario.faults)
    return observer_of(
        world.grid,
        world.patterns,
        world.registry,
        manner=manner,
        micro_count=scenario.micro_stations,
        tags=tags,
        cells=cells,
    )


def observer_of(
    grid: Grid, patterns: Flow, registry: Registry, *, manner: Manner, micro_count: int, tags: Tags, cells: Cells
) -> Observer:
    """Set up the instruments of a run.

    grid, patterns: of its world. registry: whose national stations send, and in whose cities micro-stations stand.
    manner: seed and faults. micro_count: how many micro-stations. tags, cells: of the run; compounds and the composition
    of particles follow the sectors only where the cells of their sites are kept (sites.receptors_with).
    """
    places = {
        "stations": national_stations(registry),
        "micro": micro_stations(grid, registry, count=micro_count, seed=manner.seed),
        "super": RESEARCH_SITES,
    }
    sites = {feed: sites_of(grid, stations) for feed, stations in places.items() if stations}
    networks = tuple(network_of(feed, own, patterns, seed=manner.seed) for feed, own in sites.items())
    voc_sites = sites_of(grid, SUPER_SITES)
    voc_cells, research_cells = (
        kept_places(cells, own) if tags.tagged else np.full(len(own.stations), -1)
        for own in (voc_sites, sites["super"])
    )
    stacks = cems.measured_stacks(grid.cities)
    return Observer(manner, networks, stacks, grid.cities, tags, voc_sites, voc_cells, research_cells)


def observe(day: Day, observer: Observer, held: Mapping[str, float] = NOTHING) -> Observation:
    """Make the files of some consecutive hours of one natural day, the day itself or a part of it.

    held: of the Observation of the hours before, where a natural day is made in parts; without it a sensor that stuck
    before these hours shows what is true. The same hours give the same files, whatever was made before. Errors: ValueError where
    the hours reach over midnight.
    """
    _require_one_day(day)
    parts = [_observe_network(day, network, observer, held) for network in observer.networks]
    parts += [_observe_voc(day, observer), _observe_composition(day, observer)]
    stacks, rows = _observe_stacks(day, observer)
    parts.append(stacks)
    return Observation(
        day.first_hour,
        day.hours,
        files=tuple(file for part in parts for file in part.files),
        faults=tuple(fault for part in parts for fault in part.faults),
        stack_rows=rows,
        held={name: value for part in parts for name, value in part.held.items()},
    )


def observe_feed(day: Day, observer: Observer, feed: str, held: Mapping[str, float] = NOTHING) -> tuple[OutFile, ...]:
    """Make the files of one feed of the networks alone, as observe makes them; KeyError for a feed that has no network."""
    _require_one_day(day)
    return tuple(_observe_network(day, observer.network(feed), observer, held).files)


def observe_days(days: Iterable[Day], observer: Observer) -> Iterator[Observation]:
    """Observe day after day, or hour after hour."""
    held: Mapping[str, float] = NOTHING
    for day in days:
        observation = observe(day, observer, held)
        held = observation.held
        yield observation


@dataclass(frozen=True, eq=False)
class _Part:
    """What one feed brings."""

    files: list[OutFile]
    faults: list[Fault]
    held: Mapping[str, float]


def _observe_network(day: Day, network: Network, observer: Observer, held: Mapping[str, float]) -> _Part:
    series = measured(day, network, seed=observer.manner.seed, noise=observer.manner.noise)
    events = _events(series, observer)
    marked = mark(series, events, held)
    header = station_lines.header_of(network.columns)
    part = _write(marked, header, station_lines.lines_of(marked), observer, station_lines.REJECTIONS)
    if network.feed == "stations":
        made = reviews.review(marked, events)
        part.files.extend(reviews.files_of(series, header, made))
        part.faults.extend(made.faults)
    return part


def _observe_voc(day: Day, observer: Observer) -> _Part:
    sites, manner = observer.voc_sites, observer.manner
    hours = day.first_hour + np.arange(day.hours)
    ground = day.ground.at(sites.row, sites.column)
    ox_ppb = speciation.ox_ppb(ground.of("ox"))
    ppb = speciation.untagged_species_ppb(np.stack([ground.of(group) for group in VOC_GROUPS]), ox_ppb=ox_ppb)
    known = observer.voc_cells >= 0
    if known.any():
        tagged = {group: day.tagged[group][observer.voc_cells[known]] for group in VOC_GROUPS}
        ppb[:, known] = speciation.species_ppb(tagged, observer.tags, ox_ppb=ox_ppb[known])
    values = chromatograph.measured_ppb(ppb, sites.codes, hours, seed=manner.seed, noise=manner.noise)
    count = len(chromatograph.NAMES)
    series = Series(
        "voc", sites.codes, chromatograph.NAMES, day.first_hour, values, (chromatograph.DECIMALS,) * count, (0.0,) * count,
        failing=count, limits=chromatograph.LIMITS,
    )  # fmt: skip
    marked = mark(series, _events(series, observer))
    return _write(
        marked, station_lines.header_of(chromatograph.COLUMNS), station_lines.lines_of(marked), observer, VOC_REJECTIONS
    )


def _observe_composition(day: Day, observer: Observer) -> _Part:
    network, manner = observer.network("super"), observer.manner
    sites, hours = network.sites, day.first_hour + np.arange(day.hours)
    parts = day.ground.at(sites.row, sites.column).pm25_parts_ugm3()
    primary = composition.untagged_primary(parts[0])
    known = observer.research_cells >= 0
    if known.any():
        tagged = {name: day.tagged[name][observer.research_cells[known]] for name in ("primary", "coarse")}
        primary[:, known] = composition.primary_by_source(tagged, observer.tags)
    # The place differs from its cell as the monitor of PM2.5 beside it does.
    siting = network.instruments.siting[ITEMS.index("pm25"), :, None]
    true = siting * composition.components_ugm3(parts, primary, true_profiles(manner.seed))
    values = particle_analysers.measured_ugm3(true, sites.codes, hours, seed=manner.seed, noise=manner.noise)
    count = len(composition.COMPONENTS)
    series = Series(
        "composition", sites.codes, composition.COMPONENTS, day.first_hour, values, particle_analysers.DECIMALS,
        (0.0,) * count, failing=count, limits=particle_analysers.LIMITS,
    )  # fmt: skip
    marked = mark(series, _events(series, observer))
    header = station_lines.header_of(particle_analysers.COLUMNS)
    return _write(marked, header, station_lines.lines_of(marked), observer, station_lines.REJECTIONS)


def _observe_stacks(day: Day, observer: Observer) -> tuple[_Part, tuple[tuple[str, ...], ...]]:
    manner, hours = observer.manner, day.first_hour + np.arange(day.hours)
    if not observer.stacks:
        return _Part([], [], NOTHING), ()
    made = cems.stack_hours(day.kg, observer.cities, observer.stacks, hours, seed=manner.seed, noise=manner.noise)
    cities, values = cems.city_sums(made)
    count = len(cems.MEASURED)
    series = Series(
        "cems", cities, cems.MEASURED, day.first_hour, values, (cems.DECIMALS,) * count, (0.0,) * count, failing=count
    )
    marked = mark(series, _events(series, observer))
    part = _write(marked, cems.HEADER, cems.lines_of(marked), observer, cems.REJECTIONS, items=cems.MEASURED)
    return part, tuple(cems.truth_rows(made, day.first_hour))


def _events(series: Series, observer: Observer):
    manner = observer.manner
    return events_in(
        series.feed, series.codes, series.hours, seed=manner.seed, scale=manner.faults, columns=series.failing
    )


def _write(
    marked: Marked,
    header: str,
    lines: list[Line],
    observer: Observer,
    rejections: Mapping[str, str],
    items: tuple[str, ...] = (),
) -> _Part:
    series, manner = marked.series, observer.manner
    late = late_events(series.feed, series.hours, seed=manner.seed, scale=manner.faults)
    written = write(series.feed, header, lines, (series.first_hour, series.hours.size), late)
    faults = placed(record(marked, rejections=rejections), written, codes=series.codes, items=items)
    return _Part(list(written.files), [*faults, *written.late], marked.held)


def _require_one_day(day: Day) -> None:
    first, last = natural_day(day.first_hour), natural_day(day.first_hour + day.hours - 1)
    if first != last:
        raise ValueError(
            f"the hours from {day.first_hour} to {day.first_hour + day.hours - 1} lie in two natural days, expected one"
        )
