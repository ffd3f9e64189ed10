"""Boxes of air held to what days measured: many days and many changes of each at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.chemistry import Kernel, Mechanism, Windows, compiled, integrate, photolysis
from research.ozone.budgets import Counted
from research.ozone.chemistries import Chemistry, mechanism_for
from research.ozone.conditions import Conditions
from research.ozone.errors import OzoneError

Change = Mapping[str, np.ndarray | float]
"""What a scenario multiplies: species of the mechanism that are held, to a factor or factors (window,)."""


@dataclass(frozen=True, eq=False)
class Boxes:
    """What the boxes came to.

    kernel: what was solved. species: what was kept. concentration_ppb: (day, scenario, window, species) at the ends of
    windows. totals_ppb: (day, scenario, window, total) counted in each window, in the order of counted.names.
    """

    kernel: Kernel
    species: tuple[str, ...]
    concentration_ppb: np.ndarray
    counted: Counted
    totals_ppb: np.ndarray

    def ppb(self, species: str) -> np.ndarray:
        """Give a species [ppb] (day, scenario, window)."""
        return self.concentration_ppb[..., self.species.index(species)]

    def total(self, name: str) -> np.ndarray:
        """Give a total [ppb] (day, scenario, window)."""
        return self.totals_ppb[..., self.counted.names.index(name)]


@functools.lru_cache(maxsize=32)
def kernel_for(which: str | Chemistry, held: tuple[str, ...]) -> Kernel:
    """Give the kernel of a mechanism that holds some species; made once for each set."""
    return compiled(mechanism_for(which), held=held)


def run(
    days: Sequence[Conditions],
    counted: Counted,
    *,
    changes: Sequence[Sequence[Change]] | None = None,
    start_ppb: np.ndarray | None = None,
    keep: Sequence[str] = ("O3",),
    windows: slice = slice(None),
    rtol: float | None = None,
    threads: int = 1,
) -> Boxes:
    """Run each day under each change.

    days: of the same held species and settings. counted: what is counted of every window. changes: for each day its scenarios,
    as many for each; left out: the day as it was. start_ppb: (day, species of the mechanism), as spin_up gives it, or
    (day x scenario, species); left out: clean air with the ozone of the start. keep: species to give back. windows: which of
    the day. rtol: of the solver; threads: 0 for one on each core.
    Errors: ValueError where days hold different species, settings differ or a change is of a species that is not held.
    """
    kernel = kernel_for(days[0].settings.mechanism, _held(days))
    changes = [[{}] for _ in days] if changes is None else changes
    _require_held(changes, kernel.held)
    start = clean_air(days, kernel.mechanism) if start_ppb is None else start_ppb
    cells = np.repeat(start, len(changes[0]), axis=0) if len(start) == len(days) else start
    got = integrate(
        kernel, cells, _windows(days, kernel, changes, windows), keep=keep, count=counted.weights, threads=threads,
        **({} if rtol is None else {"rtol": rtol, "atol_ppb": 0.1 * rtol}),
    )  # fmt: skip
    by_day = (len(days), len(changes[0]), got.concentration_ppb.shape[1], -1)
    return Boxes(
        kernel, tuple(keep), got.concentration_ppb.reshape(by_day), counted,
        got.totals_ppb.reshape(*by_day[:3], len(counted.names)),
    )  # fmt: skip


def spin_up(days: Sequence[Conditions], *, threads: int = 1) -> np.ndarray:
    """Give what is in the air at the beginning of each day [ppb] (day, species of the mechanism).

    The day is run as often as its settings say, so that intermediate products are there; ozone begins as it was measured.
    """
    mechanism = mechanism_for(days[0].settings.mechanism)
    start = clean_air(days, mechanism)
    nothing = Counted((), np.zeros((0, len(mechanism.reactions))))
    for _ in range(days[0].settings.spin_up_days):
        got = run(days, nothing, start_ppb=start, keep=mechanism.species, threads=threads)
        start = got.concentration_ppb[:, 0, -1].copy()
        start[:, mechanism.index("O3")] = [each.start_o3_ppb for each in days]
    return start


def clean_air(days: Sequence[Conditions], mechanism: Mechanism) -> np.ndarray:
    """Give the air that a day begins with where nothing else is known [ppb] (day, species of the mechanism): ozone, what is held,
    and NO that is a tenth of NO2."""
    start = np.zeros((len(days), len(mechanism.species)))
    for row, each in zip(start, days, strict=True):
        for species, values in each.held_ppb.items():
            row[mechanism.index(species)] = values[0]
        row[mechanism.index("O3")] = each.start_o3_ppb
        row[mechanism.index("NO")] = 0.1 * each.held_ppb["NO2"][0]
    return start


def alike(days: Sequence[Conditions]) -> list[list[int]]:
    """Group days that hold the same species and have the same settings: positions in `days`, in the order of first ones."""
    found: dict[tuple, list[int]] = {}
    for at, each in enumerate(days):
        found.setdefault((tuple(each.held_ppb), repr(each.settings)), []).append(at)
    return list(found.values())


def _held(days: Sequence[Conditions]) -> tuple[str, ...]:
    held = tuple(days[0].held_ppb)
    for each in days[1:]:
        if tuple(each.held_ppb) != held or each.settings != days[0].settings:
            raise OzoneError(
                f"{each.day.station} {each.day.day} holds other species or has other settings, expected days alike"
            )
    return held


def _require_held(changes: Sequence[Sequence[Change]], held: Sequence[str]) -> None:
    if len(sizes := {len(each) for each in changes}) != 1:
        raise OzoneError(f"days have {sorted(sizes)} changes, expected as many for each")
    for each in (change for of_day in changes for change in of_day):
        if unknown := sorted(set(each) - set(held)):
            raise OzoneError(f"a change is of {', '.join(unknown)}, expected species that are held: {', '.join(held)}")


def _windows(days: Sequence[Conditions], kernel: Kernel, changes: Sequence[Sequence[Change]], part: slice) -> Windows:
    settings = days[0].settings
    n = len(days[0].local_h[part])

    def sites(name: str) -> np.ndarray:
        return np.stack([getattr(each, name)[part] for each in days])

    def cells(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, len(changes[0]), axis=0)

    def factors(species: str) -> np.ndarray:
        given = [each.get(species, 1.0) for of_day in changes for each in of_day]
        return np.stack([np.broadcast_to(each if np.ndim(each) == 0 else each[part], (n,)) for each in given])

    held = {s: cells(np.stack([each.held_ppb[s][part] for each in days])) * factors(s) for s in kernel.held}
    known = set(kernel.mechanism.species) - set(kernel.held)
    height = sites("mixing_height_m")
    return Windows(
        seconds=settings.window_s, temperature_k=sites("temperature_k"), pressure_pa=sites("pressure_pa"),
        h2o_ppb=sites("h2o_ppb"), photolysis_s1=photolysis(kernel.mechanism, sites("cos_zenith"), sites("light")),
        site=np.repeat(np.arange(len(days)), len(changes[0])), dilution_s1=cells(sites("dilution_per_s")),
        background_ppb={s: v for s, v in settings.background_ppb.items() if s in known},
        deposition_s1={s: cells(v / height) for s, v in settings.deposition_m_s.items() if s in known}, held_ppb=held,
    )  # fmt: skip
