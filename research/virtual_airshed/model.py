"""The model's hour: emit, move, mix, react. One pass carries the totals, the tags and the zero-outs of all species."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from research.virtual_airshed import oxidation
from research.virtual_airshed.flow import Flow
from research.virtual_airshed.grid import TOP_M
from research.virtual_airshed.rates import (
    PRODUCT,
    SOA_YIELD,
    WASHOUT_PER_H,
    Air,
    dry_ms,
    react,
    reaction_per_s,
    washed_per_s,
)
from research.virtual_airshed.sources import aloft_shares, emit, weather_factors
from research.virtual_airshed.tracers import CARRIED, NMOL_PER_PPB, TOTAL, VOC_GROUPS, Tags, Tracers
from research.virtual_airshed.transport import STEP_S, advance, exchange, hour_shares, surround
from research.virtual_airshed.weather.fields import Weather
from research.virtual_airshed.world import Sky, World

CHAINS = (
    ("nox", "nitrate"),
    ("so2", "sulphate"),
    (*VOC_GROUPS, "soa"),
    ("ammonia", "co"),
    ("primary", "coarse"),
    ("ox",),
)
"""What must be dealt with in order; one chain does not touch another."""
BOOKS = ("emitted", "came_in", "went_out", "lost", "made")
"""What changes the amount of a species in an hour; `made` is what other species and light made of it."""


@dataclass(slots=True)
class Books:
    """The balance of every species since the start, summed over the grid's cells [unit m-2 cell]: (species, BOOKS)."""

    amounts: np.ndarray = field(default_factory=lambda: np.zeros((len(CARRIED), len(BOOKS))))

    def add(self, species: str, book: str, amount: float) -> None:
        """Enter an amount."""
        self.amounts[CARRIED.index(species), BOOKS.index(book)] += amount

    def expected_change(self) -> np.ndarray:
        """Give by how much each species must have changed, (species,)."""
        emitted, came_in, went_out, lost, made = self.amounts.T
        return emitted + came_in - went_out - lost + made


class Model:
    """The state of one run, and how an hour changes it.

    tags: which sources are told apart. workers: threads, of no use to a run without tags; the result does not depend on them.
    """

    def __init__(self, world: World, tags: Tags, *, workers: int = 2) -> None:
        self.world, self.tags = world, tags
        self.tracers = Tracers(tags, world.grid.shape)
        self.books = Books()
        self.balance_ppb: np.ndarray | None = None
        """c of the NO, NO2, O3 balance of the last hour [ppb] (row, column), None in the dark."""
        self.filled = False
        """Whether the run has begun."""
        self.first_amounts = np.zeros(len(CARRIED))
        """How much there was of each species when the run was filled [unit m-2 cell]."""
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None
        self._outside = {name: tags.from_outside(name) for name in CARRIED}

    def fill(self, weather: Weather) -> None:
        """Start from the air outside: the model forgets it within some days."""
        ring, lid = self.world.inflow.hour(weather, 0)
        self._surround(CARRIED, ring, lid)
        depth = np.stack([weather.mixing_height_m[0], TOP_M - weather.mixing_height_m[0]])
        for n, name in enumerate(CARRIED):
            inner = ring[n, :, 1:-1, 1:-1] * depth
            self.tracers.of(name)[:, 1:-1, 1:-1] = inner[..., None] * self._outside[name]
        self.first_amounts, self.filled = self.amounts(), True

    def hour(self, weather: Weather, i: int, amounts: np.ndarray) -> None:
        """Go through hour i of the weather. amounts: (carried, city, sector), emitted in it, as sources.carried_amounts."""
        flow = self.world.flow_of(weather.wind_ms[:, :, i])
        after = weather.mixing_height_m[i + 1]
        self._move(flow, weather, i, self._emission(weather, i, amounts))
        self._react(weather, i, after)

    def amounts(self) -> np.ndarray:
        """Give how much there is of each species in the grid [unit m-2 cell], (species,)."""
        return np.array([self.tracers.of(name)[:, 1:-1, 1:-1, TOTAL].sum() for name in CARRIED])

    def close(self) -> None:
        """Let the threads go."""
        if self._pool:
            self._pool.shutdown()

    def _each(self, task: Callable, over: Iterable) -> list:
        return list((self._pool.map if self._pool else map)(task, over))

    def _surround(self, names: Iterable[str], ring: np.ndarray, lid: np.ndarray) -> None:
        for name in names:
            n = CARRIED.index(name)
            for state in (self.tracers.of(name), self.tracers.spare_of(name)):
                surround(state, ring[n], self._outside[name])
            self.tracers.lid_of(name)[:] = lid[n] * self._outside[name]

    def _emission(self, weather: Weather, i: int, amounts: np.ndarray) -> Callable[[str], None]:
        spread = self.world.spread
        share = spread.share * weather_factors(weather, spread, i)
        aloft = aloft_shares(0.5 * (weather.mixing_height_m[i] + weather.mixing_height_m[i + 1]), spread)

        def emission(name: str) -> None:
            amount, sums = amounts[CARRIED.index(name)], np.zeros(1)
            if not amount.any():
                return
            emit(self.tracers.of(name), amount, share, spread.city, spread.row, spread.column, aloft,
                 self.tags.firsts(name), sums)  # fmt: skip
            self.books.add(name, "emitted", sums[0])

        return emission

    def _move(self, flow: Flow, weather: Weather, i: int, emission: Callable[[str], None]) -> None:
        before, after = (np.pad(weather.mixing_height_m[i + j], 1, mode="edge") for j in (0, 1))
        shares = hour_shares(flow, before, after)
        steps = len(shares)
        outside = self.world.inflow.hour(weather, i)
        traded = [v[i] * STEP_S for v in (weather.exchange_ms, weather.lid_ms)]

        def move(block: int) -> None:
            names = self.tracers.groups[block]
            self._surround(names, *outside)
            counted, lid = self.tracers.totals_in(block), self.tracers.outside[block]
            balance = np.zeros((counted.size, 2))
            for j in range(steps):
                if j == steps // 2:  # in the middle of the hour, as it is on average
                    for name in names:
                        emission(name)
                advance(self.tracers.blocks[block], self.tracers.spare[block], shares[j], lid, counted, balance)
                self.tracers.swap(block)
            exchange(self.tracers.blocks[block], after[1:-1, 1:-1], *traded, lid, counted, balance)
            for name, (came, went) in zip(names, balance, strict=True):
                self.books.add(name, "came_in", came)
                self.books.add(name, "went_out", went)

        self._each(move, range(len(self.tracers.blocks)))

    def _react(self, weather: Weather, i: int, height_m: np.ndarray) -> None:
        sky = self.world.sky_of(weather, i)
        air = Air(
            oh_cm3=sky.oh_cm3, rain_mm=weather.rain_mm[i], humidity_pct=weather.humidity_pct[i],
            transmission=weather.cloud_transmission[i], light=bool(weather.cos_zenith[i] > 0.02),
            temperature_c=float(weather.temperature_c[i].max()),
        )  # fmt: skip
        self.balance_ppb = sky.balance_ppb if air.light else None
        if air.light:
            self._oxidise(sky, np.stack([height_m, TOP_M - height_m]))
        washed = washed_per_s(air)
        # A product takes before it loses, so it comes after what it is made of.
        self._each(lambda chain: [self._lose(name, air, sky, washed, height_m) for name in chain], CHAINS)

    def _lose(self, name: str, air: Air, sky: Sky, washed: np.ndarray, height_m: np.ndarray) -> None:
        extra = sky.ox_loss_per_s if name == "ox" else np.zeros_like(height_m)
        state, sums = self.tracers.of(name), np.zeros(2)
        product, own = PRODUCT.get(name), self.world.closures
        gain = SOA_YIELD.get(name, 1.0) * (own.soa if product == "soa" else 1.0) if product else 0.0
        reaction = reaction_per_s(name, air, self.world.voc_k_cm3_s, own)
        react(state, self.tracers.of(product) if product else state, height_m, reaction, extra, washed,
              self.world.deposition * dry_ms(name, air, own), WASHOUT_PER_H.get(name, 0.0), gain, sums)  # fmt: skip
        self.books.add(name, "lost", sums[0])
        if product:
            self.books.add(product, "made", sums[1])

    def _oxidise(self, sky: Sky, depth_m: np.ndarray) -> None:
        reactivity = np.zeros((*depth_m.shape, self.tags.count))
        zeros = self.tags.firsts("ox")[-2:]
        half = depth_m.shape[1] // 2

        def oxidise(rows: tuple[int, int]) -> float:
            for name, per_unit in self.world.reactivity_per_unit.items():
                oxidation.add_reactivity(reactivity, self.tracers.of(name), depth_m, per_unit, rows)
            return oxidation.add_production(
                self.tracers.of("ox"), self.tracers.of("nox"), reactivity, sky.production, sky.by_nox, sky.cloud_at,
                sky.warmth_at, depth_m, NMOL_PER_PPB, len(self.tags.sources), zeros, rows,
            )  # fmt: skip

        # Always in the same two parts, so that the sum does not depend on the threads.
        self.books.add("ox", "made", sum(self._each(oxidise, ((0, half), (half, depth_m.shape[1])))))
