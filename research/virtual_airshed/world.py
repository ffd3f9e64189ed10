"""What does not change in a run: the grid, its flows, where things are emitted, the air outside, the chemistry's table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from research.virtual_airshed import ozone
from research.virtual_airshed.chemistry import surface as chemistry
from research.virtual_airshed.closures import NATURE, Chemistry
from research.virtual_airshed.flow import Flow, patterns_of
from research.virtual_airshed.grid import Grid, grid_of
from research.virtual_airshed.inflow import Inflow
from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.rates import OH_CO_CM3_S
from research.virtual_airshed.sources import INVENTORY, Spread, inventory_voc_t, spread_over
from research.virtual_airshed.tracers import NMOL_PER_PPB, VOC_GROUPS
from research.virtual_airshed.weather.fields import Weather
from streams import registry as registries
from streams.registry import Registry

MOLECULES_PER_UG_G = 6.02214e11
"""Molecules cm-3 of 1 ug/m3 of a gas, times its molar mass [g/mol]."""


@dataclass(frozen=True, eq=False)
class Sky:
    """The chemistry's table at the sun of one hour.

    production, by_nox: (cloud, temperature, nox, reactivity) [ppb/h]. cloud_at, warmth_at: (row, column), position on
    the axes of cloud and temperature. oh_cm3 [molecules cm-3], ox_loss_per_s [1/s], balance_ppb (c of the NO, NO2, O3
    balance) [ppb]: (row, column).
    """

    production: np.ndarray
    by_nox: np.ndarray
    cloud_at: np.ndarray
    warmth_at: np.ndarray
    oh_cm3: np.ndarray
    ox_loss_per_s: np.ndarray
    balance_ppb: np.ndarray


@dataclass(frozen=True, eq=False)
class World:
    """The stage of every run over one registry.

    reactivity_per_unit: what a unit of a carried species adds to the weighted OH reactivity [1/s per nmol/m3 or ug/m3].
    voc_k_cm3_s: reaction of each VOC group with OH [cm3 molecule-1 s-1]. deposition: factor on the speeds of dry
    deposition. closures: what the chemistry has of its own.
    """

    registry: Registry
    grid: Grid
    patterns: Flow
    spread: Spread
    inflow: Inflow
    surface: chemistry.Surface
    reactivity_per_unit: dict[str, float]
    voc_k_cm3_s: dict[str, float]
    deposition: float = 1.0
    closures: Chemistry = NATURE

    def flow_of(self, amplitudes_ms: np.ndarray) -> Flow:
        """Mix the patterns by their amplitudes (layer, pattern) [m/s]."""
        return Flow(*(np.tensordot(amplitudes_ms, p, axes=1) for p in (self.patterns.east, self.patterns.north)))

    def sky_of(self, weather: Weather, i: int) -> Sky:
        """Give the chemistry's table at hour i."""
        table = self.surface
        at_sun = float(_position(table.cos_zenith, weather.cos_zenith[i]))
        cloud_at = _position(table.cloud_transmission, weather.cloud_transmission[i])
        warmth_at = _position(table.temperature_c, weather.temperature_c[i])
        production, by_nox = (_cut(t, at_sun, axis=0) for t in (table.production_ppb_per_h, table.by_nox_ppb_per_h))
        oh, loss = (_bilinear(_cut(t, at_sun, axis=0), cloud_at, warmth_at) for t in (table.oh_cm3, table.loss_per_h))
        light = np.interp(
            weather.cloud_transmission[i], table.cloud_transmission, _cut(table.jno2_per_s, at_sun, axis=0)
        )
        rate = np.interp(weather.temperature_c[i], table.temperature_c, table.no_o3_cm3_per_s)
        balance = ozone.balance_ppb(light, rate)
        return Sky(production, by_nox, cloud_at, warmth_at, self.closures.town_oh * oh, loss / 3600.0, balance)


@lru_cache(maxsize=2)
def shipped_world() -> World:
    """Give the world over the shipped registry."""
    return world_of(registries.load())


def world_of(registry: Registry) -> World:
    """Set the stage over a registry's cities."""
    grid, table = grid_of(registry), chemistry.load()
    k, per_ug = voc_constants()
    weights = table.group_weight
    per_unit = {group: per_ug[group] * weights[group] for group in VOC_GROUPS}
    per_unit["co"] = OH_CO_CM3_S * ozone.CM3_PER_PPB / NMOL_PER_PPB * weights["co"]
    return World(registry, grid, patterns_of(grid), spread_over(grid), Inflow(grid), table, per_unit, k)


def voc_constants() -> tuple[dict[str, float], dict[str, float]]:
    """Give for each VOC group its reaction with OH [cm3 molecule-1 s-1] and its OH reactivity [1/s per ug/m3].

    Means over the sectors, weighted by what the shipped inventory emits of the group: one number for all sources keeps
    what is carried linear in them.
    """
    mass = inventory_voc_t(INVENTORY)
    k, per_ug = {}, {}
    for g, group in enumerate(VOC_GROUPS):
        amount = {s: t * voc_profiles.group_fractions(s)[g] for s, t in mass.items()}
        parts = {
            s: (voc_profiles.reactivity_per_ugm3(group, s), voc_profiles.molar_masses(s)[g])
            for s in mass
            if amount[s] > 0
        }
        whole = sum(amount[s] for s in parts)
        per_ug[group] = sum(amount[s] * rate.per_s_per_ugm3 for s, (rate, _) in parts.items()) / whole
        molar_g = whole / sum(amount[s] / grams for s, (_, grams) in parts.items())
        k[group] = per_ug[group] * molar_g / MOLECULES_PER_UG_G
    return k, per_ug


def _position(axis: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.interp(values, axis, np.arange(axis.size, dtype=float))


def _cut(table: np.ndarray, position: float, *, axis: int) -> np.ndarray:
    i = min(int(position), table.shape[axis] - 2)
    f = position - i
    return (1.0 - f) * np.take(table, i, axis=axis) + f * np.take(table, i + 1, axis=axis)


def _bilinear(table: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    i, j = np.minimum(x.astype(int), table.shape[0] - 2), np.minimum(y.astype(int), table.shape[1] - 2)
    f, g = x - i, y - j
    return ((1 - f) * ((1 - g) * table[i, j] + g * table[i, j + 1])
            + f * ((1 - g) * table[i + 1, j] + g * table[i + 1, j + 1]))  # fmt: skip
