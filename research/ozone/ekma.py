"""EKMA: the peak ozone of a day over factors of its VOC and NOx, with the day's own weather, light and mixing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.ozone.boxes import Change, run, spin_up
from research.ozone.budgets import Counted, joined, radical_sinks, with_nox
from research.ozone.chemistries import mechanism_for
from research.ozone.conditions import Conditions
from research.ozone.errors import OzoneError
from research.ozone.groups import Group, nox_group, voc_group
from research.ozone.isopleths import Grid
from research.ozone.records import Recorded
from standards.days import HOURS_PER_DAY

FACTORS = np.linspace(0.0, 2.0, 21)
"""Factors of a usual grid: nothing to twice as much, in tenths, so that the day itself is a node."""
HOURS = (7.0, 19.0)
"""Local hours of the day that are run."""
MOST_NODES = 200


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ekma(Recorded):
    """Peak ozone of a day over factors of its precursors.

    voc_factor, nox_factor: (voc,), (nox,). o3_ppb: float64 (voc, nox), the highest at the end of any window. peak_h: (voc,
    nox), its local hour. l_n_q: (voc, nox), share of the radicals that end with NOx, in daylight. precursors: "held" or
    "emitted", how they are there. base_o3_ppb: at factors of 1. voc_ppb, nox_ppb: means over the hours of what the factors
    multiply. scaled: what the factor of VOC multiplies, as names. hours: local, first and last. settings, assumed,
    simulated: of the day.
    """

    station: str
    day: dt.date
    voc_factor: np.ndarray
    nox_factor: np.ndarray
    o3_ppb: np.ndarray
    peak_h: np.ndarray
    l_n_q: np.ndarray
    precursors: str
    base_o3_ppb: float
    voc_ppb: float
    nox_ppb: float
    scaled: tuple[str, ...]
    hours: tuple[float, float]
    settings: Mapping
    assumed: Mapping[str, str]
    simulated: bool

    @property
    def grid(self) -> Grid:
        """The grid, for isopleths, ridge and cuts."""
        return Grid(self.voc_factor, self.nox_factor, self.o3_ppb)


def ekma_of(
    day: Conditions,
    *,
    voc_factor: Sequence[float] | np.ndarray = FACTORS,
    nox_factor: Sequence[float] | np.ndarray = FACTORS,
    hours: tuple[float, float] = HOURS,
    biogenic: bool = False,
    with_co: bool = False,
    rtol: float | None = None,
    threads: int = 1,
) -> Ekma:
    """Compute the EKMA grid of a day whose precursors are held at multiples of what was measured.

    voc_factor, nox_factor: four or more growing factors from 0 on. hours: local hours that are run, within the day.
    biogenic: whether isoprene and terpenes are multiplied too, with_co: whether CO is. Each box begins with the air that the
    day as it was has at the first hour. threads: 0 for one on each core.
    Errors: ValueError for factors and hours that are none of this.
    """
    voc, nox = grid_axis(voc_factor, "voc_factor"), grid_axis(nox_factor, "nox_factor")
    part = hours_of(day, hours)
    compounds = voc_group(day.lumping, biogenic=biogenic)
    group = Group(compounds.name, compounds.voc_share, co_share=1.0 if with_co else 0.0)
    changes = [scaled(day, group, v, n) for v in voc for n in nox]
    counted = l_n_q_counts(day)
    start = start_at(day, part, threads=threads)
    boxes = run([day], counted, changes=[changes], start_ppb=start, windows=part, rtol=rtol, threads=threads)
    o3 = boxes.ppb("O3")[0].reshape(len(voc), len(nox), -1)
    lit = day.daylight[part]
    mean_voc = np.mean(
        [day.held_ppb[s][part] for s in day.lumping.species if s in group.change(day, 1.0)], axis=1
    ).sum()
    return Ekma(
        station=day.day.station, day=day.day.day, voc_factor=voc, nox_factor=nox, o3_ppb=o3.max(axis=-1),
        peak_h=hours[0] + (o3.argmax(axis=-1) + 1.0) * day.settings.window_s / 3600.0,
        l_n_q=l_n_q_of(counted, boxes.totals_ppb[0][:, lit]).reshape(len(voc), len(nox)), precursors="held",
        base_o3_ppb=float(Grid(voc, nox, o3.max(axis=-1)).at(1.0, 1.0)), voc_ppb=float(mean_voc),
        nox_ppb=float(day.held_ppb["NO2"][part].mean()), scaled=(*group.voc_share, *(["CO"] if with_co else [])),
        hours=hours, settings=day.settings.as_record(), assumed=dict(day.assumed), simulated=day.day.simulated,
    )  # fmt: skip


def scaled(day: Conditions, voc: Group, voc_factor: float, nox_factor: float) -> Change:
    """Give the change that multiplies VOC and NO2 by factors."""
    return {**voc.change(day, 1.0 - voc_factor), **nox_group().change(day, 1.0 - nox_factor)}


def l_n_q_counts(day: Conditions) -> Counted:
    """Give what is counted for L_N/Q."""
    return joined([radical_sinks(mechanism_for(day.settings.mechanism))])


def start_at(day: Conditions, part: slice, *, threads: int = 1) -> np.ndarray:
    """Give the air that the day as it was has before the first window of a part [ppb] (1, species of the mechanism)."""
    start = spin_up([day], threads=threads)
    if not part.start:
        return start
    mechanism = mechanism_for(day.settings.mechanism)
    nothing = Counted((), np.zeros((0, len(mechanism.reactions))))
    before = run([day], nothing, start_ppb=start, keep=mechanism.species, windows=slice(0, part.start), threads=threads)
    found = before.concentration_ppb[:, 0, -1].copy()
    if "o3_ppb" in day.day.series:
        found[0, mechanism.index("O3")] = np.interp(
            part.start / day.windows_per_hour, np.arange(HOURS_PER_DAY) + 0.5, day.day.series["o3_ppb"]
        )
    return found


def hours_of(day: Conditions, hours: tuple[float, float]) -> slice:
    """Give the windows between two local hours; ValueError where these are not within the day or not whole windows."""
    first, last = (value * day.windows_per_hour for value in hours)
    if not 0 <= first < last <= len(day.local_h) or first != int(first) or last != int(last):
        raise OzoneError(f"hours are {hours}, expected a first and a later one within the day, as whole windows")
    return slice(int(first), int(last))


def l_n_q_of(counted: Counted, totals: np.ndarray) -> np.ndarray:
    """Give the share of ending radicals that end with NOx (...), from totals (..., window, total)."""
    summed = totals.sum(axis=-2)
    every = summed.sum(axis=-1)
    return np.divide(with_nox(counted, summed), every, out=np.full(every.shape, np.nan), where=every > 0.0)


def grid_axis(given: Sequence[float] | np.ndarray, what: str) -> np.ndarray:
    axis = np.asarray(given, np.float64)
    if axis.ndim != 1 or not 4 <= len(axis) <= MOST_NODES or not (np.diff(axis) > 0).all() or not axis[0] >= 0.0:
        raise OzoneError(f"{what} is {axis.tolist()}, expected 4 to {MOST_NODES} growing factors from 0 on")
    if not (axis[0] <= 1.0 <= axis[-1]):
        raise OzoneError(f"{what} goes from {axis[0]:g} to {axis[-1]:g}, expected the day itself, 1, to be inside")
    return axis
