"""A model that goes on from each of its runs to the next, as an operational one does: it never sees the state of the nature run.

cycle = Cycle(model, tags, cells=cells)
cycle.begin(init)               # from the air outside, some days before its runs are wanted
leg = cycle.go_on()             # every_h hours; the next run then starts from where they end, with its own weather
cycle.correct(factors)          # what an analysis of observations makes of it (forecasts.analysis)
far = cycle.reach(168)          # the run that starts here; the cycle itself stays where it is
"""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.forecasts.runs import ForecastModel, foreseen
from research.virtual_airshed.grid import NO_CELLS, TOP_M, Cells
from research.virtual_airshed.model import Model
from research.virtual_airshed.run import DAY_HOURS, SPIN_UP_DAYS, Day, Emissions, run_hours
from research.virtual_airshed.tracers import CARRIED, Tags
from research.virtual_airshed.weather.fields import Weather

EVERY_H = 12
"""So often an operational model starts anew [h of UTC]."""


def first_init(first_hour: int, every_h: int) -> int:
    """Give the epoch hour at which a cycle begins that has forgotten its beginning when an epoch hour comes."""
    return (first_hour - 1 - SPIN_UP_DAYS * DAY_HOURS) // every_h * every_h


class Cycle:
    """The state of a model between its runs. init: epoch hour at which the next run starts.

    model: what it believes in. tags, cells: what is told apart, and where it is kept. every_h: how far apart its runs are [h].
    """

    def __init__(self, model: ForecastModel, tags: Tags, *, cells: Cells = NO_CELLS, every_h: int = EVERY_H) -> None:
        self.model, self.cells, self.every_h = model, cells, every_h
        self.init = 0
        self._engine = Model(model.world, tags, workers=1)
        self._emissions = Emissions(model.plan, model.world)
        self._weather: Weather | None = None

    @property
    def begun(self) -> bool:
        """Whether it has begun."""
        return self._engine.filled

    def begin(self, init: int) -> None:
        """Start from the air outside, at an epoch hour."""
        self.init, self._weather = init, foreseen(self.model, init, self.every_h)
        self._engine.fill(self._weather)

    def go_on(self) -> Day:
        """Run to where the next run starts; give these hours. Concentrations stay when the next weather has other layers."""
        leg = self._run(self._weather or self._begun(), self.every_h)
        self.init += self.every_h
        self._weather = foreseen(self.model, self.init, self.every_h)
        before, after = leg.weather.mixing_height_m[-1], self._weather.mixing_height_m[0]
        self._scale(np.stack([after / before, (TOP_M - after) / (TOP_M - before)])[..., None])
        return leg

    def correct(self, factors: np.ndarray) -> None:
        """Multiply each species by factors (layer, row, column, species), its tags and zero-outs alike."""
        self._scale(factors)

    def reach(self, hours: int) -> Day:
        """Give the run that starts here, so many hours of it; the state stays as it is."""
        kept = [block.copy() for block in self._engine.tracers.blocks]
        try:
            return self._run(foreseen(self.model, self.init, hours), hours)
        finally:
            for block, before in zip(self._engine.tracers.blocks, kept, strict=True):
                block[:] = before

    def totals(self) -> np.ndarray:
        """Give the state in which the next run starts, as Tracers.copy_totals does."""
        return self._engine.tracers.copy_totals()

    def _run(self, weather: Weather, hours: int) -> Day:
        kg = self._emissions.of(self.init + 1, hours)
        ground, tagged = run_hours(self._engine, weather, kg, self.cells)
        return Day(self.init + 1, weather, ground, tagged, kg)

    def _scale(self, factors: np.ndarray) -> None:
        factors = np.broadcast_to(factors, (*factors.shape[:3], len(CARRIED)))
        for n, name in enumerate(CARRIED):
            self._engine.tracers.of(name)[:, 1:-1, 1:-1] *= factors[..., n, None]

    def _begun(self) -> Weather:
        raise RuntimeError("the cycle has not begun, expected begin() first")
