"""The state at which concentrations are told: 273 K for everything before 2018-09-01, 298.15 K for gases since.

The same air has other numbers on both sides of that day. Values of the national network of before, and raw data of
instruments of any time, are brought to one state here before they are compared.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.measured import measured
from standards.pollutants import ITEMS, POLLUTANTS
from standards.validity import SAMPLED_ITEMS

PARTICLES = ("pm10", "pm25", *SAMPLED_ITEMS)
"""Items told at the state of particles: PM10, PM2.5, TSP, and BaP and Pb, which are measured in them."""
GASES = (*(item for item in ITEMS if item not in PARTICLES), "nox")
"""Items told at the state of gases."""

_ABSOLUTE_ZERO_C = -273.15


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """One period: from valid_from to valid_to [dates, both included].

    temperature_k [K], pressure_hpa [hPa]: of the reference. particles_at_reference: whether particles too are told at
    it, or at the air's own temperature and pressure. clause, confidence: where it stands, and how it is known.
    """

    valid_from: dt.date
    valid_to: dt.date
    temperature_k: float
    pressure_hpa: float
    particles_at_reference: bool
    clause: str
    confidence: str


def _state(row: dict[str, str]) -> ReferenceState:
    return ReferenceState(
        dt.date.fromisoformat(row["valid_from"]),
        dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else dt.date.max,
        float(row["temperature_k"]),
        float(row["pressure_hpa"]),
        row["particles"] == "reference",
        row["clause"],
        row["confidence"],
    )


REFERENCE_STATES = tuple(_state(row) for row in read_table("reference_states").rows)
"""All periods in the order of their dates."""


def reference_state(date: dt.date) -> ReferenceState:
    """Give the state at which concentrations of a day are told.

    date: natural day in local time; days before 2012-02-29 take the first period.
    Source: GB 3095-2012 3.14 and its amendment of 2018 (from 2018-09-01); GB 3095-2026 3.14, 4.3.
    """
    return next((s for s in reversed(REFERENCE_STATES) if date >= s.valid_from), REFERENCE_STATES[0])


def to_state(
    values: np.ndarray | float,
    item: str,
    *,
    was: ReferenceState,
    now: ReferenceState,
    temperature_c: np.ndarray | float | None = None,
    pressure_hpa: np.ndarray | float | None = None,
) -> np.ndarray:
    """Tell concentrations of one item at another state.

    values [ug/m3, CO mg/m3]: any shape. item: one of GASES or PARTICLES. was, now: the state that they are told at, and
    the one wanted (reference_state). temperature_c [degrees C], pressure_hpa [hPa]: of the air, of shapes that
    broadcast with values; needed for particles where only one of the two states is the air's own. Returns float64 of
    the shape of values [same unit], not rounded: C T_was p_now / (T_now p_was).
    Missing: NaN stays NaN, and is what a missing temperature or pressure gives where it is needed.
    Errors: ValueError for an unknown item, a value that is negative or infinite, a temperature or pressure that no air
    has, or where one is needed and not given.
    Source: ideal gas; states as reference_state.
    """
    if item not in GASES + PARTICLES:
        raise ValueError(f"item is {item!r}, expected one of {', '.join(GASES + PARTICLES)}")
    unit = POLLUTANTS[item].unit if item in POLLUTANTS else "ug/m3"
    values = measured(values, item, unit, high=1e9)
    before, after = (item in GASES or state.particles_at_reference for state in (was, now))
    if not (before or after):
        return values + 0.0
    if not (before and after) and (temperature_c is None or pressure_hpa is None):
        raise ValueError(
            f"{item} is told at the air's own state on one side: expected temperature_c and pressure_hpa of the air"
        )
    density_before, density_after = (
        _per_volume(state, at_reference, temperature_c, pressure_hpa)
        for state, at_reference in ((was, before), (now, after))
    )
    return values * (density_after / density_before)


def _per_volume(state: ReferenceState, at_reference: bool, temperature_c, pressure_hpa) -> np.ndarray | float:
    # How much air, and with it of what it carries, a cubic metre holds: p / T.
    if at_reference:
        return state.pressure_hpa / state.temperature_k
    kelvin = measured(temperature_c, "air temperature", "degrees C", low=-90.0, high=70.0) - _ABSOLUTE_ZERO_C
    return measured(pressure_hpa, "air pressure", "hPa", low=300.0, high=1100.0) / kelvin
