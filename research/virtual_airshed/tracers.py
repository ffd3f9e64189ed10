"""What is carried: the species of the model, their tags, and the memory that holds them.

Every species is carried as a total and, in a tagged run, once for each source: nine sectors, the cities, and what flows
in from outside. The sectors and the inflow add up to the total, and so do the cities and the inflow. Odd oxygen is
carried once more for each source as it would be without it (zero-out).

Where it is wanted, every sector of every city is a source of its own behind these (a pair). The pairs of a sector add up
to the sector, those of a city to the city; a pair has a zero-out only where that is wanted too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.inventories.spread import SECTORS

VOC_GROUPS = voc_profiles.GROUPS
CARRIED = ("so2", "sulphate", "nox", "nitrate", "ammonia", "co", "primary", "coarse", *VOC_GROUPS, "soa", "ox")
"""nitrate is nitric acid and nitrate, ammonia is ammonia and ammonium, primary is primary PM2.5, coarse is PM10 without PM2.5."""
UNITS = dict.fromkeys(("so2", "sulphate", "nox", "nitrate", "ammonia", "co", "ox"), "nmol m-3")
UNITS |= dict.fromkeys(("primary", "coarse", *VOC_GROUPS, "soa"), "ug m-3")
NMOL_PER_PPB = 1e3 / 24.465
"""At the reference state of GB 3095, 298.15 K and 1013.25 hPa [nmol m-3 ppb-1]."""
TOTAL = 0
LANES = 4
"""Tracers are padded to a multiple of this, so that the processor works on whole vectors."""


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a run.

    cities: their codes in the order of the grid. tagged: whether sources are told apart at all. sector_city: whether
    the sectors of each city are, too. pair_zero_outs: whether odd oxygen is carried without each of those, too.
    """

    cities: tuple[str, ...]
    tagged: bool = True
    sector_city: bool = False
    pair_zero_outs: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """Name all sources: sectors, cities, inflow, and pairs as "coal 510100", city by city in a sector; none in an
        untagged run."""
        return (*SECTORS, *self.cities, "inflow", *(" ".join(pair) for pair in self.pairs)) if self.tagged else ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Name the pairs (sector, city) in their order; none where they are not told apart."""
        wanted = self.tagged and self.sector_city
        return tuple((sector, city) for sector in SECTORS for city in self.cities) if wanted else ()

    @property
    def sectors(self) -> slice:
        """Where the sectors stand among the tags."""
        return slice(1, 1 + len(SECTORS))

    @property
    def of_cities(self) -> slice:
        """Where the cities stand among the tags."""
        return slice(1 + len(SECTORS), 1 + len(SECTORS) + len(self.cities))

    @property
    def inflow(self) -> int:
        """Where the inflow stands among the tags."""
        return 1 + len(SECTORS) + len(self.cities) if self.tagged else TOTAL

    @property
    def of_pairs(self) -> slice:
        """Where the pairs stand among the tags."""
        return slice(self.inflow + 1, self.inflow + 1 + len(self.pairs))

    @property
    def count(self) -> int:
        """How many tags there are, with the total."""
        return 1 + len(self.sources)

    @property
    def width(self) -> int:
        """How many tracers a species takes, with padding."""
        return -(-self.count // LANES) * LANES if self.tagged else 1

    @property
    def zero_outs(self) -> slice:
        """Where the zero-outs stand among the tracers of odd oxygen, in the order of the sources; the pairs come last and
        may have none."""
        without = 0 if self.pair_zero_outs else len(self.pairs)
        return slice(self.width, self.width + len(self.sources) - without)

    def width_of(self, species: str) -> int:
        """Give how many tracers a species takes."""
        if species != "ox" or not self.tagged:
            return self.width
        return self.width + -(-(1 + self.zero_outs.stop - self.zero_outs.start) // LANES) * LANES

    def firsts(self, species: str) -> tuple[int, int, int, int, int]:
        """Give the first tag of the sectors, of the cities, of the pairs and of the zero-outs of a species, and how many
        zero-outs there are; 0 for none."""
        if not self.tagged:
            return 0, 0, 0, 0, 0
        pairs = self.of_pairs.start if self.pairs else 0
        zero, zeros = (self.zero_outs.start, self.zero_outs.stop - self.zero_outs.start) if species == "ox" else (0, 0)
        return self.sectors.start, self.of_cities.start, pairs, zero, zeros

    def from_outside(self, species: str) -> np.ndarray:
        """Tell which tracers of a species the air outside the grid carries: 1.0 or 0.0, (tracer,)."""
        carried = np.zeros(self.width_of(species))
        carried[[TOTAL, self.inflow]] = 1.0  # without tags both are the total
        if species == "ox" and self.tagged:
            carried[self.zero_outs] = 1.0
            carried[self.zero_outs.start + self.inflow - 1] = 0.0  # the inflow's own zero-out
        return carried


class Tracers:
    """The memory of a run: for each species a view (layer, row + 2, column + 2, tracer), amounts per m2, ring: see transport."""

    def __init__(self, tags: Tags, shape: tuple[int, int]) -> None:
        self.tags = tags
        rows, columns = shape
        # Blocks of two tagged species are wide enough for the processor and small enough for its cache; with pairs one
        # species is; without tags all species share one.
        names, together = list(CARRIED), 1 if tags.pairs else 2
        self.groups = (
            [names[:-1][i : i + together] for i in range(0, len(names) - 1, together)] + [["ox"]]
            if tags.tagged
            else [names]
        )
        self._places: dict[str, tuple[int, slice]] = {}
        sizes = []
        for number, group in enumerate(self.groups):
            size = 0
            for name in group:
                self._places[name] = number, slice(size, size + tags.width_of(name))
                size += tags.width_of(name)
            sizes.append(-(-size // LANES) * LANES)
        self.blocks = [np.zeros((2, rows + 2, columns + 2, size)) for size in sizes]
        self.spare = [np.zeros_like(block) for block in self.blocks]
        self.outside = [np.zeros(size) for size in sizes]
        """Concentrations above the lid, (tracer,) for each block."""

    def of(self, species: str) -> np.ndarray:
        """Give the view of a species."""
        block, part = self._places[species]
        return self.blocks[block][..., part]

    def spare_of(self, species: str) -> np.ndarray:
        """Give the view of a species in the memory that the next substep writes to."""
        block, part = self._places[species]
        return self.spare[block][..., part]

    def totals_in(self, block: int) -> np.ndarray:
        """Give where in a block the totals of its species stand."""
        return np.array([self._places[name][1].start for name in self.groups[block]])

    def lid_of(self, species: str) -> np.ndarray:
        """Give the concentrations of a species above the lid, (tracer,)."""
        block, part = self._places[species]
        return self.outside[block][part]

    def swap(self, block: int) -> None:
        """Take the spare memory of a block for its state."""
        self.blocks[block], self.spare[block] = self.spare[block], self.blocks[block]

    def copy_totals(self) -> np.ndarray:
        """Give the total of every species as a new array (layer, row + 2, column + 2, species): where an untagged run can start."""
        return np.stack([self.of(name)[..., TOTAL] for name in CARRIED], axis=-1)

    def take_totals(self, totals: np.ndarray) -> None:
        """Start an untagged run from what copy_totals gave."""
        for i, name in enumerate(CARRIED):
            self.of(name)[..., TOTAL] = totals[..., i]


__all__ = ["CARRIED", "NMOL_PER_PPB", "SECTORS", "TOTAL", "UNITS", "VOC_GROUPS", "Tags", "Tracers"]
