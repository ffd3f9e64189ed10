"""Many days on one EKMA diagram: that of their mean, with the place of each day on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.ozone.boxes import alike
from research.ozone.conditions import Conditions
from research.ozone.ekma import Ekma, hours_of
from research.ozone.errors import OzoneError
from research.ozone.groups import BIOGENIC
from research.ozone.records import Recorded

MEAN_OF = "mean_of_days"
"""What `assumed` calls the days of a mean: how many, the first and the last."""
_AVERAGED = ("cos_zenith", "light", "temperature_k", "pressure_pa", "h2o_ppb", "dilution_per_s", "mixing_height_m")


@dataclass(frozen=True, slots=True)
class Position(Recorded):
    """A day on the diagram of another: factors of VOC and NOx, what the diagram has there [ppb], and what was measured, the
    highest hourly mean of the hours [ppb], NaN where ozone was not.

    VOC is counted by its reactivity with OH, without biogenic compounds, NOx by NO2: both as means over the diagram's hours.
    The diagram has the weather of its own day, so the two ozones differ by weather as well. expected_ppb is NaN where the day
    lies outside.
    """

    station: str
    day: dt.date
    voc_factor: float
    nox_factor: float
    expected_ppb: float
    observed_ppb: float


def mean_day(days: Sequence[Conditions]) -> Conditions:
    """Give the mean of days of a station: amounts, weather, light and mixing window by window.

    Days that do not hold the same species as most of them do cannot be in the mean and are refused.
    Errors: OzoneError for no days, days of several stations, and days that are not alike.
    """
    if not days:
        raise OzoneError("there are no days, expected some to be averaged")
    if len(stations := {each.day.station for each in days}) > 1:
        raise OzoneError(f"days are of {', '.join(sorted(stations))}, expected one station")
    if len(kinds := alike(days)) > 1:
        other = [str(days[i].day.day) for kind in sorted(kinds, key=len)[:-1] for i in kind]
        raise OzoneError(f"{', '.join(other)} hold other species than the other days, expected days alike")
    first = days[0]
    every = {name: np.mean([getattr(each, name) for each in days], axis=0) for name in _AVERAGED}
    held = {s: np.mean([each.held_ppb[s] for each in days], axis=0) for s in first.held_ppb}
    amounts = {name: np.mean([each.day.series[name] for each in days], axis=0) for name in _shared(days)}
    of_day = replace(
        first.day, series=amounts, voc_ppb=np.mean([_amounts(each, first.day.compounds) for each in days], axis=0), bridged={},
        below=float(np.mean([each.day.below for each in days])), simulated=any(each.day.simulated for each in days),
    )  # fmt: skip
    words = {MEAN_OF: f"{len(days)}: {min(d.day.day for d in days)}–{max(d.day.day for d in days)}"}
    start = float(np.mean([each.start_o3_ppb for each in days]))
    assumed = {name: text for each in days for name, text in each.assumed.items()}
    return replace(first, day=of_day, held_ppb=held, start_o3_ppb=start, assumed={**assumed, **words}, **every)


def positions(ekma: Ekma, mean: Conditions, days: Sequence[Conditions]) -> list[Position]:
    """Give where days lie on the diagram of another day.

    ekma: the diagram of `mean`. days: in their order.
    """
    part = hours_of(mean, ekma.hours)
    voc, nox = _precursors(mean, part)
    found = []
    for each in days:
        own_voc, own_nox = _precursors(each, part)
        at = (own_voc / voc, own_nox / nox)
        found.append(
            Position(each.day.station, each.day.day, *at, float(ekma.grid.at(*at)), _observed(each, ekma.hours))
        )
    return found


def _precursors(day: Conditions, part: slice) -> tuple[float, float]:
    of = day.lumping
    voc = sum(
        koh * day.held_ppb[species][part].mean()
        for species, kind, koh in zip(of.species, of.species_kinds, of.species_koh, strict=True)
        if kind != BIOGENIC
    )
    return float(voc), float(day.held_ppb["NO2"][part].mean())


def _observed(day: Conditions, hours: tuple[float, float]) -> float:
    if "o3_ppb" not in day.day.series:
        return float("nan")
    return float(day.day.series["o3_ppb"][int(hours[0]) : int(np.ceil(hours[1]))].max())


def _shared(days: Sequence[Conditions]) -> list[str]:
    return [name for name in days[0].day.series if all(name in each.day.series for each in days)]


def _amounts(day: Conditions, compounds: Sequence[str]) -> np.ndarray:
    """Give the compounds of a day in another day's order; what it does not have is 0."""
    place = {name: i for i, name in enumerate(day.day.compounds)}
    return np.stack(
        [day.day.voc_ppb[place[n]] if n in place else np.zeros(day.day.voc_ppb.shape[1]) for n in compounds]
    )
