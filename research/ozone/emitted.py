"""EKMA over emissions: what keeps a day's air as it was measured, and the air that other amounts of it would make.

Holding species asks for a supply: what emission and transport must have given, hour by hour, against chemistry and mixing.
It is worked out once from the held day. Run freely with it, the air comes back to what was measured; run with a multiple,
it answers as to emissions, with the lives of NOx and VOC changing as they do in air.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.chemistry import Run, Windows, integrate, photolysis
from research.ozone.boxes import kernel_for, run
from research.ozone.budgets import Counted
from research.ozone.chemistries import mechanism_for
from research.ozone.conditions import Conditions
from research.ozone.ekma import FACTORS, HOURS, Ekma, grid_axis, hours_of, l_n_q_counts, l_n_q_of, start_at
from research.ozone.groups import BIOGENIC
from research.ozone.isopleths import Grid
from research.ozone.records import Recorded
from research.virtual_airshed.chemistry.held import NOX
from research.virtual_airshed.chemistry.reactions import change

STILL = ("CH4", "H2")
"""Species that stay held: no day changes them."""
LEAST_PPB = 1e-4
"""An amount that a loss is divided by is at least this [ppb]."""
NO_SHARE = 0.9
"""Share of NOx that is emitted as NO, by moles (recalled: 0.9 to 0.95 of traffic's)."""


@dataclass(frozen=True, slots=True, eq=False)
class Supply(Recorded):
    """What keeps a day's air.

    ppb_s: by species of the mechanism, float64 (window,) [ppb/s], of the windows of hours, 0 or more; NOx as NO and NO2. loss_s1:
    likewise [1/s], where the day needs less than nothing: air that was blown in was cleaner, and takes in proportion to what is
    there. start_ppb: by species, what is there at first. hours: local, first and last. back_ppb: by species, mean of what comes
    back less what was held, over the hours, when the air is run freely with it [ppb].
    """

    ppb_s: Mapping[str, np.ndarray]
    loss_s1: Mapping[str, np.ndarray]
    start_ppb: Mapping[str, float]
    hours: tuple[float, float]
    back_ppb: Mapping[str, float]


def supply_of(day: Conditions, *, hours: tuple[float, float] = HOURS, threads: int = 1) -> Supply:
    """Work out the supply that keeps the compounds, CO and NOx of a day.

    day: its conditions. hours: local hours, as whole windows.
    Errors: OzoneError for hours that are none.
    """
    part = hours_of(day, hours)
    mechanism = mechanism_for(day.settings.mechanism)
    kept = [s for s in day.held_ppb if s not in (*STILL, "NO2", "O3")]
    families = {**{s: {s: 1.0} for s in kept}, "NOx": dict(NOX)}
    counted = Counted(
        tuple(families), np.array([[change(r, of) for r in mechanism.reactions] for of in families.values()])
    )
    start = start_at(day, part, threads=threads)
    boxes = run([day], counted, start_ppb=start, keep=tuple(NOX), windows=part, threads=threads)
    amounts = {s: day.held_ppb[s][part] for s in kept}
    amounts["NOx"] = sum(boxes.ppb(s)[0, 0] * n for s, n in NOX.items())
    of_step = {
        s: _needed(day, part, s, amounts[s], boxes.total(s)[0, 0], _first(s, start[0], mechanism, amounts))
        for s in families
    }
    loss = {s: np.maximum(-rate, 0.0) / np.maximum(amounts[s], LEAST_PPB) for s, rate in of_step.items()}
    given = {s: np.maximum(rate, 0.0) for s, rate in of_step.items()}
    nox = given.pop("NOx")
    given |= {"NO": NO_SHARE * nox, "NO2": (1.0 - NO_SHARE) * nox}
    loss |= dict.fromkeys(("NO", "NO2"), loss.pop("NOx"))
    first = {s: float(start[0, mechanism.index(s)]) for s in mechanism.species}
    first |= {s: float(day.held_ppb[s][part][0]) for s in kept}
    found = Supply(given, loss, first, hours, {})
    back = _free(day, part, found, np.ones(1), np.ones(1), (), threads=threads, keep=(*kept, "NO2"))
    errors = {s: float((back.ppb(s)[0] - day.held_ppb[s][part]).mean()) for s in (*kept, "NO2")}
    return replace(found, back_ppb=errors)


def emitted_ekma_of(
    day: Conditions,
    supply: Supply,
    *,
    voc_factor: Sequence[float] | np.ndarray = FACTORS,
    nox_factor: Sequence[float] | np.ndarray = FACTORS,
    biogenic: bool = False,
    with_co: bool = False,
    rtol: float | None = None,
    threads: int = 1,
) -> Ekma:
    """Compute the EKMA grid of a day over factors of what is supplied and of what is there at first.

    day, supply: as supply_of gives it. The others as in ekma_of.
    Errors: as ekma_of.
    """
    voc, nox = grid_axis(voc_factor, "voc_factor"), grid_axis(nox_factor, "nox_factor")
    part = hours_of(day, supply.hours)
    kinds = zip(day.lumping.species, day.lumping.species_kinds, strict=True)
    of_voc = [s for s, kind in kinds if biogenic or kind != BIOGENIC] + (["CO"] if with_co else [])
    counted = l_n_q_counts(day)
    by_voc, by_nox = np.repeat(voc, len(nox)), np.tile(nox, len(voc))
    got = _free(day, part, supply, by_voc, by_nox, of_voc, count=counted.weights, rtol=rtol, threads=threads)
    o3 = got.ppb("O3").reshape(len(voc), len(nox), -1)
    lit = day.daylight[part]
    scaled = [n for n, row in zip(day.lumping.compounds, day.lumping.matrix.T, strict=True)
              if any(row[i] and s in of_voc for i, s in enumerate(day.lumping.species))]  # fmt: skip
    return Ekma(
        station=day.day.station, day=day.day.day, voc_factor=voc, nox_factor=nox, o3_ppb=o3.max(axis=-1),
        peak_h=supply.hours[0] + (o3.argmax(axis=-1) + 1.0) * day.settings.window_s / 3600.0,
        l_n_q=l_n_q_of(counted, got.totals_ppb[:, lit]).reshape(len(voc), len(nox)), precursors="emitted",
        base_o3_ppb=float(Grid(voc, nox, o3.max(axis=-1)).at(1.0, 1.0)),
        voc_ppb=float(sum(day.held_ppb[s][part].mean() for s in of_voc)), nox_ppb=float(day.held_ppb["NO2"][part].mean()),
        scaled=(*scaled, *(["CO"] if with_co else [])), hours=supply.hours, settings=day.settings.as_record(),
        assumed=dict(day.assumed), simulated=day.day.simulated,
    )  # fmt: skip


def _first(name: str, start: np.ndarray, mechanism, amounts: Mapping[str, np.ndarray]) -> float:
    if name != "NOx":
        return float(amounts[name][0])
    return float(sum(n * start[mechanism.index(s)] for s, n in NOX.items()))


def _needed(day: Conditions, part: slice, name: str, amount: np.ndarray, made: np.ndarray, first: float) -> np.ndarray:
    """Give what must be supplied [ppb/s] so that an amount (window,) [ppb] stands, against chemistry `made` in each window [ppb],
    mixing and deposition."""
    seconds, settings = day.settings.window_s, day.settings
    grows = np.diff(amount, prepend=first) / seconds
    species = "NO2" if name == "NOx" else name
    mixed = day.dilution_per_s[part] * (settings.background_ppb.get(species, 0.0) - amount)
    settled = settings.deposition_m_s.get(species, 0.0) / day.mixing_height_m[part] * amount
    return grows - made / seconds - mixed + settled


def _free(
    day: Conditions, part: slice, supply: Supply, by_voc: np.ndarray, by_nox: np.ndarray, of_voc: Sequence[str], *,
    count: np.ndarray | None = None, rtol: float | None = None, threads: int = 1, keep: Sequence[str] = ("O3",),
) -> Run:  # fmt: skip
    """Run boxes freely with multiples of a supply (cell,)."""
    settings, n = day.settings, len(day.local_h[part])
    still = tuple(s for s in STILL if s in day.held_ppb)
    kernel = kernel_for(settings.mechanism, still)
    known = set(kernel.mechanism.species)
    settled = {s: v / day.mixing_height_m[part] for s, v in settings.deposition_m_s.items() if s in known}
    times = dict.fromkeys(of_voc, by_voc) | dict.fromkeys(NOX, by_nox)
    one = np.ones(len(by_voc))
    start = {s: value * times.get(s, one) for s, value in supply.start_ppb.items()}
    sources = {s: times.get(s, one)[:, None] * rate for s, rate in supply.ppb_s.items()}
    windows = Windows(
        seconds=settings.window_s, temperature_k=day.temperature_k[part][None], pressure_pa=day.pressure_pa[part][None],
        h2o_ppb=day.h2o_ppb[part][None],
        photolysis_s1=photolysis(kernel.mechanism, day.cos_zenith[part][None], day.light[part][None]),
        site=np.zeros(len(by_voc), np.int64), dilution_s1=day.dilution_per_s[part],
        background_ppb={s: v for s, v in settings.background_ppb.items() if s in known},
        deposition_s1={s: settled.get(s, 0.0) + supply.loss_s1.get(s, 0.0) for s in {**settled, **supply.loss_s1}},
        source_ppb_s=sources, held_ppb={s: np.broadcast_to(day.held_ppb[s][part], (len(by_voc), n)) for s in still},
    )  # fmt: skip
    more = {} if rtol is None else {"rtol": rtol, "atol_ppb": 0.1 * rtol}
    return integrate(kernel, start, windows, keep=keep, count=count, threads=threads, **more)
