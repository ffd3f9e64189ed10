"""Gather all that the page shows in one pass over the days of one tagged run; memory grows by some kB a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.virtual_airshed.model import Model
from research.virtual_airshed.reference.simulated import CityDays, receptors
from research.virtual_airshed.report.again import RemovalRuns, WeekendRun
from research.virtual_airshed.report.causes import CauseDays, Causes, places_of
from research.virtual_airshed.report.checks import Balance, Removal, balance_of
from research.virtual_airshed.report.fields import Fields, FieldSums
from research.virtual_airshed.report.flag_scores import FlagScores
from research.virtual_airshed.report.forecast_scores import ForecastRuns
from research.virtual_airshed.report.noon import Noon, NoonChemistry
from research.virtual_airshed.report.series import SiteHours, SiteSeries
from research.virtual_airshed.report.sites import Sites, sites_of
from research.virtual_airshed.report.weekend import Weeks, by_week
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, Contributions, contributions
from research.virtual_airshed.world import World

Progress = Callable[[str, int, int], None]
LINEAR_SUMS = ("pm25_ugm3", "o3_ugm3")
"""What is added up over its sources in every hour."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """What one run gave. SIMULATED.

    scenario: what was run. sites: where. days: daily values of the cities, as reference.describing.describe takes
    them. hours, fields, noon, causes, weeks: what their modules say; weeks is None without a whole week of summer.
    sources: names on the axis of sources. allocation_rest: quantity to the largest amount by which the allocation
    to sectors, or to cities, misses its total in any hour [its unit]. balance, removals: the laws. skill, quality:
    tables of other runs, None where not given.
    """

    scenario: Scenario
    sites: Sites
    cities: tuple[str, ...]
    sources: tuple[str, ...]
    days: pd.DataFrame
    hours: SiteHours
    fields: Fields
    noon: Noon
    causes: Causes
    weeks: Weeks | None
    allocation_rest: dict[str, float]
    balance: Balance
    removals: tuple[Removal, ...]
    skill: pd.DataFrame | None = None
    quality: pd.DataFrame | None = None


def gather(
    scenario: Scenario, world: World, *, forecasts: int = 0, flags: bool = False, progress: Progress | None = None
) -> Gathered:
    """Run a scenario with tags and gather what the page shows.

    world: the shipped one, or over another registry. forecasts: how many forecast runs are made and scored. flags:
    whether instruments with faults look at the run, and quality flags are scored. progress: told what is done
    ("days", "forecasts"), how much of it, and of how much. The memory of a day is let go before the next.
    """
    progress = progress or (lambda *_: None)
    world = scenario.world(world)
    model, made = Model(world, Tags(world.grid.cities)), _Collectors(scenario, world, flags=flags)
    removal_runs, weekend_run, forecast_runs = (
        RemovalRuns(scenario),
        WeekendRun(scenario),
        ForecastRuns(scenario, world, forecasts),
    )
    run = {"tags": model.tags, "cells": made.places.cells, "model": model}
    for number, day in enumerate(simulate(scenario.plan(), world, **run)):
        found = made.add(day, model.tags)
        forecast_runs.look(day)
        removal_runs.look(number, model, made.at_stations(found))
        weekend_run.look(number, model)
        progress("days", number + 1, scenario.days)
    model.close()
    hours = made.series.hours()
    scored = forecast_runs.scores(made.stations, hours, told=lambda *n: progress("forecasts", *n))
    return Gathered(
        scenario=scenario, sites=made.sites, cities=world.grid.cities, sources=model.tags.sources,
        days=made.city_days.table(), hours=hours, fields=made.fields.fields(), noon=made.noon.noon(),
        causes=made.causes.causes(), weeks=_weeks(weekend_run, hours, world, made.sites), allocation_rest=made.rest,
        balance=balance_of(model), removals=removal_runs.run(world, made.stations), skill=scored,
        quality=made.flags.table() if made.flags else None,
    )  # fmt: skip


class _Collectors:
    """All that collects, and what it collects from a day."""

    def __init__(self, scenario: Scenario, world: World, *, flags: bool) -> None:
        self.stations = receptors(world, scenario.start)
        self.places, self.sites = places_of(world, self.stations), sites_of(world, self.stations)
        self.city_days, self.series, self.causes = CityDays(self.stations), SiteSeries(world, self.sites), CauseDays()
        self.fields, self.noon = FieldSums(world), NoonChemistry(world)
        self.flags = FlagScores(scenario, world) if flags else None
        self.rest = dict.fromkeys(LINEAR_SUMS, 0.0)

    def add(self, day: Day, tags: Tags) -> Contributions:
        at = self.stations.cells
        self.city_days.add(day, day.ground.at(at.row, at.column).items())
        self.series.add(day, day.ground.at(self.sites.row, self.sites.column))
        self.fields.add(day)
        self.noon.add(day)
        if self.flags:
            self.flags.add(day)
        found = contributions(day, tags, self.places)
        self.causes.add(found)
        for name in LINEAR_SUMS:
            self.rest[name] = max(self.rest[name], _allocation_rest(found, name, tags))
        return found

    def at_stations(self, found: Contributions) -> Contributions:
        cities = len(self.stations.cities)
        return Contributions(found.first_hour, *(v[:, :cities] for v in (found.total, found.allocation, found.removal)))


def _weeks(run: WeekendRun, hours: SiteHours, world: World, sites: Sites) -> Weeks | None:
    changed = run.run(world, sites)
    if changed is None:
        return None
    begin = run.first_hour - hours.first_hour
    return Weeks(
        run.first_hour,
        *(by_week(np.asarray(v, np.float32)) for v in (hours.items[..., begin : begin + run.hours], changed)),
    )


def _allocation_rest(found: Contributions, name: str, tags: Tags) -> float:
    q = list(QUANTITIES).index(name)
    parts, total = found.allocation[q], found.total[q]
    shifted = [slice(part.start - 1, part.stop - 1) for part in (tags.sectors, tags.of_cities)]
    return float(max(np.abs(parts[:, part].sum(axis=1) + parts[:, -1] - total).max() for part in shifted))
