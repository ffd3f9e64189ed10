"""The three-way join as arrays: what a model is given of a city's hours, observed, forecast and emitted, side by side.

It is the join of the view air_joined_hour, made from what the desk remembers, before anything has reached the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.pollutants import ITEMS
from streams.assess.hours import Assessment, hourly_report
from streams.assess.upwind import upwind_emissions, upwind_weights
from streams.columns import CONCENTRATIONS, WEATHER, WIND
from streams.memory.cityhours import ABSENT
from streams.memory.held import Emissions, Run, sum_known
from streams.records import SPECIES, CityPlace

OBSERVED = (*CONCENTRATIONS, "aqi", *(f"observed_{name}" for name in WIND))
FORECAST = (*(f"forecast_{name}" for name in CONCENTRATIONS), "forecast_aqi", *WEATHER, "lead_hours")
EMITTED = (*(f"{s}_kgh" for s in SPECIES), *(f"upwind_{s}_kgh" for s in SPECIES))
COLUMNS = (*OBSERVED, *FORECAST, *EMITTED)
"""What can be asked for, named as in the store; observed_wind_u_ms and _v_ms are the means of the city's stations."""


@dataclass(frozen=True, slots=True)
class JoinedHours:
    """Consecutive joined hours of one city, with one run over them or, where run is empty, without any.

    columns: by name float64 (hour,), NaN where a feed says nothing. context: how many of the first hours are only there to look
    back on; the others are those wanted. Observations stop with the start of the run: a forecast never sees what came after.
    simulated: bool (hour,), whether anything of the hour is simulated. known: bool (hour,), whether the join has the hour: because
    it was observed, or because the run covers it.
    """

    city: str
    run: str
    first_hour: int
    context: int
    columns: dict[str, np.ndarray]
    simulated: np.ndarray
    known: np.ndarray


def joined_hours(observed: Assessment, emissions: Emissions, run: Run | None, *, city: str, around: Sequence[CityPlace],
                 context: int, needs: Sequence[str]) -> JoinedHours:  # fmt: skip
    """Join the observed hours with what is emitted in them and with a run, None for the hours without a forecast.

    observed and emissions: over the same hours. needs: the columns wanted, some of COLUMNS. around: where the region's cities lie.
    """
    first, hours = observed.first_hour, len(observed.city_aqi)
    columns = _observed(observed)
    simulated, known = observed.simulated.copy(), observed.rank != ABSENT
    if run is not None:
        seen = np.arange(first, first + hours) <= run.run_init
        columns = {name: np.where(seen, values, np.nan) for name, values in columns.items()}
        forecast = _forecast(run, first, hours)
        simulated = (simulated & seen) | _made_up(run, first, hours)
        columns |= forecast
        known = np.isfinite([forecast[f"forecast_{name}"] for name in CONCENTRATIONS]).any(axis=0)
    own = sum_known(emissions.own)
    columns |= {f"{s}_kgh": own[i] for i, s in enumerate(SPECIES)}
    if any(name.startswith("upwind_") for name in needs):
        wind = _wind(columns, run is not None)
        columns |= _upwind(wind, emissions, city, around)
    missing = np.full(hours, np.nan)
    chosen = {name: np.array(columns.get(name, missing), float) for name in needs}
    simulated = simulated | emissions.simulated
    for array in (simulated, *chosen.values()):
        array.setflags(write=False)  # a model is given them; what it does to them must not reach the rows
    return JoinedHours(city, "" if run is None else run.name, first, context, chosen, simulated, known)


def _made_up(run: Run, first: int, hours: int) -> np.ndarray:
    made_up = np.zeros(hours, bool)
    start, stop = max(run.first_hour, first), min(run.end, first + hours)
    if start < stop:
        made_up[start - first : stop - first] = run.simulated[start - run.first_hour : stop - run.first_hour]
    return made_up


def _observed(observed: Assessment) -> dict[str, np.ndarray]:
    known = observed.rank != ABSENT
    columns = dict(zip(CONCENTRATIONS, np.where(known, observed.city_values, np.nan), strict=True))
    columns["aqi"] = np.where(known, observed.city_aqi, np.nan)
    return columns | {f"observed_{n}": w for n, w in zip(WIND, observed.wind_ms, strict=True)}


def _forecast(run: Run, first: int, hours: int) -> dict[str, np.ndarray]:
    values = np.full((len(ITEMS) + len(WEATHER), hours), np.nan)
    start, stop = max(run.first_hour, first), min(run.end, first + hours)
    if start < stop:
        values[:, start - first : stop - first] = run.values[:, start - run.first_hour : stop - run.first_hour]
    pollutants = np.ascontiguousarray(values[: len(ITEMS)])
    columns = {f"forecast_{name}": row for name, row in zip(CONCENTRATIONS, pollutants, strict=True)}
    columns["forecast_aqi"] = hourly_report(pollutants, first).aqi.astype(float)
    columns |= dict(zip(WEATHER, values[len(ITEMS) :], strict=True))
    return columns | {"lead_hours": np.arange(first, first + hours, dtype=float) - run.run_init}


def _wind(columns: dict[str, np.ndarray], forecast: bool) -> np.ndarray:
    return np.stack([columns[name if forecast else f"observed_{name}"] for name in WIND])


def _upwind(wind: np.ndarray, emissions: Emissions, city: str, around: Sequence[CityPlace]) -> dict[str, np.ndarray]:
    heard = np.isfinite(emissions.others).any(axis=(0, 1))
    total, _ = upwind_emissions(upwind_weights(*wind, around, city), emissions.others)
    return {f"upwind_{s}_kgh": np.where(heard, row, np.nan) for s, row in zip(SPECIES, total, strict=True)}
