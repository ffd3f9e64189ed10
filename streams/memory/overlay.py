"""What a city emits when several say it: inventories, and measured hours that lie over them sector by sector.

For each hour one inventory is taken as a whole, since the sectors of two would count twice: one of which nothing is simulated
before one that is simulated or partly so, then the last by name. What comes under one name is one inventory, in which a number that
is not simulated stands before one that is. Over it lie the measured hours: each of their numbers takes the place of the inventory's
number of the same sector and species, and of nothing else; of two for the same place, one that is not simulated, then the one
whose hour was released last, then the last by name. A simulated measurement never lies over an inventory of which
nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from streams.memory.delivery import NEVER, after, newest
from streams.records import INVENTORY_LENGTH, MEASURED, SPECIES

_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Layer:
    """Part of an inventory of a city, or of measured hours, over some hours; all of it simulated or nothing.

    kgh [kg/h]: (sector, species, hour), species in the order of SPECIES, NaN where it says nothing. came: int64 (3, hour), when and
    in which file the last of it came (streams.memory.delivery); NEVER where nothing did.
    """

    name: str
    measured: bool
    simulated: bool
    sectors: tuple[str, ...]
    kgh: np.ndarray
    came: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Overlaid:
    """What a city emits.

    sectors: of all layers, sorted. kgh [kg/h]: float64 (sector, species, hour), NaN where nobody says anything. inventory: text
    (hour,), what was used, "" where nothing was. simulated: bool (hour,), whether any of what was used is simulated. came: int64
    (3, hour), when and in which file the last of what was used came. beneath [kg/h]: (sector, species, hour), what the inventory
    says where a measured number took its place, NaN where none did or it says nothing.
    """

    sectors: tuple[str, ...]
    kgh: np.ndarray
    inventory: np.ndarray
    simulated: np.ndarray
    came: np.ndarray
    beneath: np.ndarray


def overlay(layers: Sequence[Layer], hours: int) -> Overlaid:
    """Lay the layers of one city over each other; each has so many hours. Their order does not matter."""
    # The later of two stands over the earlier: among measured hours and among the parts of one name.
    ordered = sorted(layers, key=_standing)
    sectors = tuple(sorted({sector for layer in ordered for sector in layer.sectors}))
    whole = [_spread(layer, sectors) for layer in ordered]
    kgh = np.full((len(sectors), len(SPECIES), hours), np.nan)
    used, real = np.full(kgh.shape, _NOTHING, np.int16), np.zeros(hours, bool)
    inventories = list(_inventories(ordered, whole))
    for is_real in (False, True):
        for values, of_layer, covers, only_real in inventories:
            here = covers & (only_real == is_real)
            kgh[..., here], used[..., here] = values[..., here], of_layer[..., here]
            real |= here & is_real
    told = kgh.copy()
    for simulated in (True, False):
        last = np.full((2, *kgh.shape), NEVER, np.int64)
        for i, layer in enumerate(ordered):
            if layer.measured and layer.simulated == simulated:
                came = np.broadcast_to(_released(layer, hours)[:, None, None], last.shape)
                taken = np.isfinite(whole[i]) & ~(real & simulated) & ~after(last, came)
                kgh[taken], used[taken], last[:, taken] = whole[i][taken], i, came[:, taken]
    in_use = np.array([(used == i).any(axis=(0, 1)) for i in range(len(ordered))], bool).reshape(len(ordered), hours)
    simulated = np.array([layer.simulated for layer in ordered], bool)
    came = np.full((3, len(ordered), hours), NEVER, np.int64)
    for i, layer in enumerate(ordered):
        if layer.came is not None:
            came[:, i] = np.where(in_use[i], layer.came, NEVER)
    over = np.isin(used, [i for i, layer in enumerate(ordered) if layer.measured])
    return Overlaid(
        sectors, kgh, _names(ordered, in_use), (in_use & simulated[:, None]).any(axis=0), newest(*came),
        np.where(over, told, np.nan),
    )  # fmt: skip


def name_of(inventory: str, measured: Sequence[str]) -> str:
    """Name what was used, "X + measured Y+Z", in at most INVENTORY_LENGTH characters; of what is too long the end is left out."""
    over = MEASURED + "+".join(name.removeprefix(MEASURED) for name in measured) if measured else ""
    if not inventory or not over:
        return _cut(inventory or over, INVENTORY_LENGTH)
    room = INVENTORY_LENGTH - len(" + ")
    first = min(len(inventory), max(room - len(over), room // 2))
    return f"{_cut(inventory, first)} + {_cut(over, room - first)}"


def _inventories(ordered: Sequence[Layer], whole: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
    """Give each inventory, by name: its numbers and the layer of each, (sector, species, hour), and bool (hour,) twice, where it
    says anything, and where nothing of that is simulated.
    """
    indices = [i for i, layer in enumerate(ordered) if not layer.measured]
    for _, members in groupby(indices, key=lambda i: ordered[i].name):
        first, *rest = members
        values, of_layer = whole[first], np.where(np.isfinite(whole[first]), first, _NOTHING)
        made_up = ordered[first].simulated & (of_layer == first)
        for i in rest:
            says = np.isfinite(whole[i])
            values, of_layer = np.where(says, whole[i], values), np.where(says, i, of_layer)
            made_up = np.where(says, ordered[i].simulated, made_up)
        yield values, of_layer, (of_layer != _NOTHING).any(axis=(0, 1)), ~made_up.any(axis=(0, 1))


def _released(layer: Layer, hours: int) -> np.ndarray:
    return np.full((2, hours), NEVER, np.int64) if layer.came is None else layer.came[:2]


def _standing(layer: Layer) -> tuple:
    return layer.measured, not (layer.measured and layer.simulated), layer.name, not layer.simulated


def _spread(layer: Layer, sectors: tuple[str, ...]) -> np.ndarray:
    if layer.sectors == sectors:
        return layer.kgh
    whole = np.full((len(sectors), *layer.kgh.shape[1:]), np.nan)
    whole[[sectors.index(sector) for sector in layer.sectors]] = layer.kgh
    return whole


def _names(layers: Sequence[Layer], in_use: np.ndarray) -> np.ndarray:
    names = np.full(in_use.shape[1], "", object)
    # Which layers are used changes seldom: one name for each stretch of hours.
    changes = 1 + np.flatnonzero((in_use[:, 1:] != in_use[:, :-1]).any(axis=0))
    for start, stop in pairwise([0, *changes.tolist(), in_use.shape[1]]):
        chosen = [layer for layer, here in zip(layers, in_use[:, start], strict=True) if here]
        inventory = next((layer.name for layer in chosen if not layer.measured), "")
        names[start:stop] = name_of(inventory, sorted({layer.name for layer in chosen if layer.measured}))
    return names


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
