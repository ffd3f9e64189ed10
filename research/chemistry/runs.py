"""Integrate many boxes of air over many windows, and what comes out."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from research.chemistry.kernel import Kernel
from research.chemistry.rate_constants import rate_constants
from research.chemistry.rosenbrock import LANES, run_blocks
from research.chemistry.windows import Windows

RTOL, ATOL_PPB = 3e-4, 1e-6
"""Tolerances at which the most ozone of a day is right within 0.05 ppb (docs/chemistry.md)."""


@dataclass(frozen=True)
class Run:
    """What a run came to.

    species: what was kept. concentration_ppb: (cell, window, kept) at the end of each window [ppb]. totals_ppb: (cell,
    window, total) sums of integrated rates in each window [ppb], of the rows of `count`; None where nothing was counted.
    steps: (block,) how many steps each block of boxes took.
    """

    species: tuple[str, ...]
    concentration_ppb: np.ndarray
    totals_ppb: np.ndarray | None
    steps: np.ndarray

    def ppb(self, species: str) -> np.ndarray:
        """Give a species, (cell, window) [ppb]; ValueError where it was not kept."""
        if species not in self.species:
            raise ValueError(f"species is {species!r}, expected one that was kept")
        return self.concentration_ppb[:, :, self.species.index(species)]


def integrate(
    kernel: Kernel,
    start_ppb: np.ndarray | Mapping[str, np.ndarray | float],
    windows: Windows,
    *,
    cells: int | None = None,
    keep: Sequence[str] | None = None,
    count: np.ndarray | None = None,
    rtol: float = RTOL,
    atol_ppb: float = ATOL_PPB,
    threads: int = 1,
) -> Run:
    """Integrate boxes of air.

    start_ppb: (cell, species) in the order of mechanism.species, or by species a number or (cell,), others being 0 [ppb];
    what is held is given by the windows. windows: all from outside. cells: how many boxes, where start_ppb does not tell.
    keep: species to give back, all where left out. count: (total, reaction) weights of integrated rates, as `pathways`
    makes them, or numpy.eye(reactions) for each reaction by itself. rtol, atol_ppb: tolerances of the error of a step, as
    the root of the mean square over species. threads: 0 for one on each core.
    Missing: none may be; fill gaps before, or leave the day out.
    Errors: ValueError that names what does not fit; RuntimeError that names box and window where no step succeeds.
    """
    mechanism = kernel.mechanism
    start = _start(kernel, start_ppb, cells)
    boxes = start.shape[1]
    padded = -(-boxes // LANES) * LANES
    spread = np.minimum(np.arange(padded), boxes - 1)  # the last box is done again where the last block is not full
    site = windows.sites(boxes)[spread]
    constants = rate_constants(
        mechanism,
        temperature_k=windows.weather("temperature_k"),
        pressure_pa=windows.weather("pressure_pa"),
        h2o_ppb=windows.weather("h2o_ppb"),
        photolysis_s1={name: windows.weather(name) for name in windows.photolysis_s1},
    )
    kept = tuple(mechanism.species if keep is None else keep)
    keep_at = np.array([kernel.place[mechanism.species[mechanism.index(s)]] for s in kept], np.int32)
    counting, totals = _counting(mechanism, count)
    out = np.zeros((padded, windows.shape[1], len(kept)))
    sums = np.zeros((padded, windows.shape[1], totals))
    state = np.zeros((padded // LANES, 2), np.int64)
    physics = _physics(kernel, windows, boxes, spread)

    def part(bounds: tuple[int, int]) -> None:
        run_blocks(
            *bounds, start[:, spread], constants, site, windows.lengths(), physics, rtol, atol_ppb, kernel.tables,
            kernel.sums, counting, keep_at, out, sums, state,
        )  # fmt: skip

    _shared(part, padded // LANES, threads or os.cpu_count() or 1)
    if (failed := np.flatnonzero(state[:, 1] >= 0)).size:
        block = int(failed[0])
        raise RuntimeError(
            f"no step succeeds in cells {block * LANES} to {min(block * LANES + LANES, boxes) - 1}, window "
            f"{state[block, 1]}; expected amounts and rates that a step of 1 ns can follow"
        )
    return Run(kept, out[:boxes], None if count is None else sums[:boxes], state[:, 0])


def _shared(part, blocks: int, threads: int) -> None:
    if threads == 1:
        part((0, blocks))
        return
    bounds = np.linspace(0, blocks, min(threads * 4, max(blocks, 1)) + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, itertools.pairwise(bounds.tolist())))


def _start(kernel: Kernel, given, cells: int | None) -> np.ndarray:
    """Give (species of the kernel, cell)."""
    mechanism = kernel.mechanism
    if not isinstance(given, Mapping):
        table = np.asarray(given, np.float64)
        if table.ndim != 2 or table.shape[1] != len(mechanism.species):
            raise ValueError(f"start_ppb has shape {table.shape}, expected (cell, {len(mechanism.species)})")
    else:
        sizes = {np.size(v) for v in given.values() if np.ndim(v)} | ({cells} if cells else set())
        if len(sizes - {1}) > 1:
            raise ValueError(f"start_ppb has lengths {sorted(sizes)}, expected one number of cells")
        table = np.zeros((max(sizes, default=1), len(mechanism.species)))
        for species, value in given.items():
            table[:, mechanism.index(species)] = value
    if not np.isfinite(table).all() or table.min(initial=0.0) < 0.0:
        cell, i = np.argwhere(~(table >= 0.0) | ~np.isfinite(table))[0]
        raise ValueError(f"start_ppb of {mechanism.species[i]} is {table[cell, i]} in cell {cell}, expected 0 or more")
    return np.ascontiguousarray(table.T[kernel.order])


def _physics(kernel: Kernel, windows: Windows, boxes: int, spread: np.ndarray) -> tuple:
    """Give places and values (window, place, cell) of what is held, emitted, mixed in and deposited."""
    tables: list[np.ndarray] = []
    for what in ("held_ppb", "source_ppb_s", "background_ppb", "deposition_s1"):
        values = windows.of_cells(what, boxes)
        if what == "held_ppb":
            sums = _family_sums(kernel, values)
            values = {s: v for s, v in values.items() if s not in kernel.families}
        for species in values:
            kernel.mechanism.index(species)
        if what != "held_ppb":
            values = {s: v for s, v in values.items() if s not in kernel.held}
        tables += [np.array([kernel.place[s] for s in values], np.int32), _stacked(values, windows, spread)]
    dilution = np.ascontiguousarray(windows.dilution(boxes).T[:, spread])
    return (*tables, dilution, *kernel.family_lists, _stacked(sums, windows, spread))


def _family_sums(kernel: Kernel, values: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """Give the sums of families out of what is held; ValueError where that is not what the kernel holds."""
    wanted = (*kernel.held, *kernel.families)
    if set(values) != set(wanted):
        raise ValueError(
            f"held_ppb is of {', '.join(values) or 'nothing'}, expected what the kernel holds: "
            f"{', '.join(wanted) or 'nothing'}"
        )
    return {name: values[name] for name in kernel.families}


def _stacked(values: Mapping[str, np.ndarray], windows: Windows, spread: np.ndarray) -> np.ndarray:
    stacked = np.empty((windows.shape[1], len(values), len(spread)))
    for i, value in enumerate(values.values()):
        stacked[:, i] = value.T[:, spread]
    return stacked


def _counting(mechanism, count: np.ndarray | None) -> tuple[tuple, int]:
    """Give which reactions are counted and what each adds to which total, and how many totals there are."""
    weights = np.zeros((0, len(mechanism.reactions))) if count is None else np.asarray(count, np.float64)
    if weights.ndim != 2 or weights.shape[1] != len(mechanism.reactions):
        raise ValueError(f"count has shape {weights.shape}, expected (total, {len(mechanism.reactions)})")
    total, reaction = np.nonzero(weights)
    counted, place = np.unique(reaction, return_inverse=True)
    lists = (counted.astype(np.int32), place.astype(np.int32).reshape(-1), total.astype(np.int32))
    return (*lists, weights[total, reaction]), len(weights)
