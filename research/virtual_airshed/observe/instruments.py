"""Instruments: each one's own error, drawn once, and what it makes of the air of an hour.

Everything that is drawn for a station comes from a generator of its own, and its noise from one of its own for each
natural day: a station or a day made alone is the same as among others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.chance import generator
from research.virtual_airshed.observe.clock import place_in_day
from research.virtual_airshed.observe.makes import MAKES, MOST_PCT, REFERENCE_C, REFERENCE_PCT, SITING_LINKS, Make
from standards.days import HOURS_PER_DAY, natural_day
from standards.pollutants import ITEMS

PARTICLES = np.isin(ITEMS, ("pm10", "pm25"))
MONTH_HOURS = 720
"""Drift is told for 30 days [h]."""
DENSITY = 1.65
"""Of dry particles, in the equation of swelling [g/cm3]."""


@dataclass(frozen=True, eq=False)
class Instruments:
    """The instruments of some stations: the truth about them.

    siting, gain, drift_per_month [1], offset [ug/m3, CO mg/m3], per_c [the same per deg C]: float64 (item, station).
    kappa: (station,). since_h: (station,), hours into its service interval at epoch hour 0. measures: bool (item,
    station). wind: bool (station,).
    """

    make: Make
    siting: np.ndarray
    gain: np.ndarray
    offset: np.ndarray
    drift_per_month: np.ndarray
    per_c: np.ndarray
    kappa: np.ndarray
    since_h: np.ndarray
    measures: np.ndarray
    wind: np.ndarray

    def months(self, hours: np.ndarray) -> np.ndarray:
        """Give the months of 30 days since the last calibration at some epoch hours (hour,): (station, hour)."""
        return ((self.since_h[:, None] + hours) % (HOURS_PER_DAY * self.make.service_days)) / MONTH_HOURS


def instruments_of(kind: str, codes: tuple[str, ...], *, seed: int) -> Instruments:
    """Draw the instruments of stations of one kind; codes: of the stations. Errors: ValueError for a kind that has no make."""
    if kind not in MAKES:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(MAKES)}")
    make = MAKES[kind]
    drawn = [generator(seed, "instrument", code) for code in codes]
    normal = (
        np.array([chance.standard_normal((5, len(ITEMS))) for chance in drawn]).reshape(len(codes), 5, len(ITEMS)).T
    )
    even = np.array([chance.random(len(ITEMS) + 3) for chance in drawn]).reshape(len(codes), -1).T
    sd = {
        name: np.array(getattr(make, f"{name}_sd"))[:, None] for name in ("siting", "gain", "offset", "drift", "per_c")
    }
    # Of mean 1, so that neither siting nor gain moves the mean of many stations.
    siting, gain = (
        np.exp(sd[name] * z - 0.5 * sd[name] ** 2)
        for name, z in (("siting", linked(normal[:, 0])), ("gain", normal[:, 1]))
    )
    return Instruments(
        make, siting, gain, sd["offset"] * normal[:, 2], sd["drift"] * normal[:, 3], sd["per_c"] * normal[:, 4],
        kappa=make.swelling * (0.5 + even[-3]), since_h=np.floor(even[-2] * HOURS_PER_DAY * make.service_days),
        measures=even[: len(ITEMS)] >= np.array(make.lacks)[:, None], wind=even[-1] < make.wind,
    )  # fmt: skip


def linked(normal: np.ndarray) -> np.ndarray:
    """Make independent normal numbers (item, ...) go together as SITING_LINKS says; each stays of variance 1."""
    link = np.eye(len(ITEMS))
    for (one, other), r in SITING_LINKS.items():
        i, j = ITEMS.index(one), ITEMS.index(other)
        link[i, j] = link[j, i] = r
    return np.tensordot(np.linalg.cholesky(link), normal, axes=1)


def response(
    air: np.ndarray, instruments: Instruments, *, hours: np.ndarray, temperature_c: np.ndarray, humidity_pct: np.ndarray
) -> np.ndarray:
    """Give what the instruments show of the air without noise and rounding [ug/m3, CO mg/m3]: float64 (item, station, hour).

    air: the items in the stations' cells (item, station, hour), same units. hours: epoch hours (hour,).
    temperature_c, humidity_pct: (station, hour). Missing: NaN in the air stays NaN; an item that the station does not
    measure is NaN. Values may come out negative.
    """
    aged = 1.0 + instruments.drift_per_month[:, :, None] * instruments.months(hours)
    swollen = np.where(PARTICLES[:, None, None], swelling(instruments.kappa[:, None], humidity_pct), 1.0)
    zero = instruments.offset[:, :, None] + instruments.per_c[:, :, None] * (temperature_c - REFERENCE_C)
    shown = air * (instruments.siting * instruments.gain)[:, :, None] * aged * swollen + zero
    return np.where(instruments.measures[:, :, None], shown, np.nan)


def swelling(kappa: np.ndarray, humidity_pct: np.ndarray) -> np.ndarray:
    """Give by how much a sensor that does not dry the air shows too much of the particles, 1 at REFERENCE_PCT.

    kappa: hygroscopicity [1], 0 for a sensor that does. humidity_pct [%]: any shape that goes with kappa. Missing:
    NaN stays NaN. Source: kappa-Koehler growth of the mass, 1 + (kappa / 1.65) / (1 / a - 1), as Crilley et al. 2018
    (Atmos. Meas. Tech. 11:709) correct a low-cost sensor (recalled); scaled to 1 where the sensor was calibrated, and
    flat above MOST_PCT.
    """

    def grown(pct: np.ndarray | float) -> np.ndarray:
        a = np.clip(pct, 1.0, MOST_PCT) / 100.0
        return 1.0 + (kappa / DENSITY) / (1.0 / a - 1.0)

    return grown(humidity_pct) / grown(REFERENCE_PCT)


def with_noise(shown: np.ndarray, make: Make, normal: np.ndarray, *, scale: float = 1.0) -> np.ndarray:
    """Add an hour's noise and cut at 0.

    shown [ug/m3, CO mg/m3], normal (of variance 1): (item, station, hour). Missing: NaN stays NaN.
    """
    share, least = (np.array(v)[:, None, None] for v in (make.noise_share, make.noise_least))
    return np.maximum(shown + scale * np.hypot(share * np.maximum(shown, 0.0), least) * normal, 0.0)


def daily_normal(seed: int, what: str, codes: tuple[str, ...], hours: np.ndarray, count: int) -> np.ndarray:
    """Draw normal numbers for stations and hours (count, station, hour), each station and natural day from a
    generator of its own.

    what: what they are for. hours: consecutive epoch hours (hour,).
    """
    drawn = np.empty((count, len(codes), hours.size))
    for day, at, place in days_in(hours):
        for s, code in enumerate(codes):
            drawn[:, s, at] = generator(seed, what, code, str(day)).standard_normal((count, HOURS_PER_DAY))[:, place]
    return drawn


def days_in(hours: np.ndarray) -> Iterator[tuple[int, slice, slice]]:
    """Cut consecutive epoch hours (hour,) by natural day: the day, its hours among these, their places in the day."""
    days = natural_day(hours)
    for day in np.unique(days).tolist():
        at = np.flatnonzero(days == day)
        first = int(place_in_day(hours[at[0]]))
        yield day, slice(int(at[0]), int(at[-1]) + 1), slice(first, first + at.size)
