"""Instruments with faults look at a run, the platform's quality flags look at what they show, and the two are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from research.virtual_airshed.flag_trial import Watched
from research.virtual_airshed.observe.networks import network_of
from research.virtual_airshed.observe.score import score_flags
from research.virtual_airshed.observe.sites import national_stations, sites_of
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.world import World
from streams.assess.quality import KINDS, quality_flags

FEED = "stations"


class FlagScores:
    """Collects what the national stations show, day after day, with the faults that were put in."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        sites = sites_of(world.grid, national_stations(world.registry))
        network = network_of(FEED, sites, world.patterns, seed=scenario.seed)
        self.watched = Watched(network, seed=scenario.seed, faults=scenario.faults)

    def add(self, day: Day) -> None:
        """Add a day."""
        self.watched.add(day)

    def table(self) -> pd.DataFrame | None:
        """Score the flags, city by city as the platform judges them; the table of observe.score, None without days."""
        trial = self.watched.trial()
        if trial is None:
            return None
        flags = np.zeros((len(KINDS), *trial.values.shape), bool)
        cities = np.array(trial.cities)
        for city in np.unique(cities):
            own = cities == city
            flags[:, :, own] = quality_flags(trial.values[:, own])
        return score_flags(
            flags, trial.values, trial.faults, stations=trial.codes, first_hour=trial.first_hour, feed=FEED
        )
