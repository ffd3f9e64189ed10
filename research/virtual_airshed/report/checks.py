"""Whether a run keeps its own laws: books that close, tags that add up, and sources that are really taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.model import Model
from research.virtual_airshed.receptors import Receptors, over_cells
from research.virtual_airshed.run import DAY_HOURS, Plan, simulate
from research.virtual_airshed.tracers import CARRIED, TOTAL, Tags
from research.virtual_airshed.truth import QUANTITIES, Contributions
from research.virtual_airshed.world import World
from standards.pollutants import ITEMS, POLLUTANTS

REMOVED = ("vehicles", "510100")
"""The sources that are taken away in a second run: what moves, and all of Chengdu."""
REMOVED_DAYS = 3


@dataclass(frozen=True, eq=False)
class Balance:
    """The books of a run since it was filled, spin-up included, in the order of tracers.CARRIED [unit m-2 cell].

    books: (species, model.BOOKS). amounts, first_amounts: (species,), at the end and at the beginning. tag_rest:
    (species,), by how much the tags of the last hour miss their total at worst, over the largest total [1].
    """

    books: np.ndarray
    amounts: np.ndarray
    first_amounts: np.ndarray
    tag_rest: np.ndarray

    @property
    def rest(self) -> np.ndarray:
        """What the books miss, over the amount at the end [1], (species,)."""
        emitted, came_in, went_out, lost, made = self.books.T
        return np.abs(self.amounts - self.first_amounts - (emitted + came_in - went_out - lost + made)) / self.amounts


@dataclass(frozen=True, eq=False)
class Removal:
    """A run without a source beside what the truth says of it, over REMOVED_DAYS.

    first_hour: of these days. without, foretold: (item, city, hour) of the second run, and total less removal of
    the first. total: of the first run.
    """

    source: str
    first_hour: int
    without: np.ndarray
    foretold: np.ndarray
    total: np.ndarray

    @property
    def largest_rest(self) -> np.ndarray:
        """The largest difference of an hour and city, over the largest total [1], (item,)."""
        return np.abs(self.without - self.foretold).max(axis=(1, 2)) / self.total.max(axis=(1, 2))


def balance_of(model: Model) -> Balance:
    """Take the books of a model at the end of a run."""
    rests = [_tag_rest(model, name) for name in CARRIED]
    return Balance(model.books.amounts.copy(), model.amounts(), model.first_amounts.copy(), np.array(rests))


def without(model: Model, source: str) -> np.ndarray:
    """Give the totals of a tagged model as they would be without a source: (layer, row + 2, column + 2, species).

    For what is linear that is the total less the tag, for odd oxygen the zero-out.
    """
    number = model.tags.sources.index(source)
    totals = model.tracers.copy_totals()
    for i, name in enumerate(CARRIED):
        state = model.tracers.of(name)
        totals[..., i] = (
            state[..., model.tags.zero_outs.start + number] if name == "ox" else totals[..., i] - state[..., 1 + number]
        )
    return totals


def removal_of(
    world: World, plan: Plan, source: str, *, totals: np.ndarray, stations: Receptors, truth: Sequence[Contributions]
) -> Removal:
    """Run the days of some truth again without a source, and put both side by side.

    plan: of the first run. totals: what without() gave at the beginning of these days. truth: the days.
    """
    model = Model(world, Tags(world.grid.cities, tagged=False))
    model.tracers.take_totals(totals)
    model.filled = True  # with these, not with the air outside: no spin-up
    key = ("*", source, "*") if source in SECTORS else (source, "*", "*")
    first = truth[0].first_hour
    again = replace(plan, first_hour=first, hours=DAY_HOURS * len(truth), factors={**plan.factors, key: 0.0})
    cells = stations.cells
    days = simulate(again, world, tags=model.tags, cells=cells, model=model)
    found = [over_cells(stations.weight, day.ground.at(cells.row, cells.column).items()) for day in days]
    model.close()
    names = [list(QUANTITIES).index(POLLUTANTS[item].column) for item in ITEMS]
    number = (*SECTORS, *world.grid.cities).index(source)
    total = np.concatenate([each.total[names] for each in truth], axis=-1)
    removed = np.concatenate([each.removal[names, :, number] for each in truth], axis=-1)
    return Removal(source, first, np.concatenate(found, axis=-1), total - removed, total)


def _tag_rest(model: Model, name: str) -> float:
    state, tags = model.tracers.of(name)[:, 1:-1, 1:-1], model.tags
    rests = [
        np.abs(state[..., part].sum(axis=-1) + state[..., tags.inflow] - state[..., TOTAL]).max()
        for part in (tags.sectors, tags.of_cities)
    ]
    return float(max(rests) / state[..., TOTAL].max())
