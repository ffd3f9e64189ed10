"""The three-way join: a city's observed hour x each forecast run that covers it x the emissions of the city and upwind of it."""

from __future__ import annotations

from itertools import compress
from typing import Any

import numpy as np
import orjson

from standards.days import natural_day
from standards.pollutants import ITEMS
from streams.assess.hours import Assessment, edition_column, hourly_report
from streams.assess.upwind import upwind_emissions, upwind_weights
from streams.columns import CONCENTRATIONS, WEATHER
from streams.memory.cityhours import ABSENT, REVISIONS
from streams.memory.held import Emissions, Run, sum_known
from streams.records import SPECIES, CityPlace

KGH_DECIMALS = 4


def joined_rows(observed: Assessment, runs: list[Run], emissions: Emissions, *, city: CityPlace, others: tuple[CityPlace, ...],
                version: int, only: str | None = None) -> list[dict[str, Any]]:  # fmt: skip
    """Join the observed hours with emissions (base rows) and with each run (one row more for each run that covers the hour).

    observed: the city's assessed hours. runs: any runs, covering the hours or not. emissions: over at least the same hours.
    others: where the emissions' origins lie, in their order. only: the name of the one run whose rows are wanted (None: all); the
    base rows come in any case, and the other runs still lend them their wind.
    Missing: what a feed lacks is NaN, and completeness says so. Returns columns of air_joined_hour, one dict a run.
    """
    first, end = observed.first_hour, observed.first_hour + len(observed.city_aqi)
    feeds = _Feeds(observed, emissions, city, others, version)
    rows = []
    if (observed.rank != ABSENT).any():
        rows.append(feeds.base_rows(*_newest_wind(runs, first, end)))
    for run in runs:
        start, stop = max(run.first_hour, first), min(run.end, end)
        if start < stop and only in (None, run.name):
            rows.append(feeds.run_rows(run, start, stop))
    return [each for each in rows if each]


class _Feeds:
    """The observed and emitted side of the join, cut to the hours that a row set needs."""

    def __init__(
        self, observed: Assessment, emissions: Emissions, city: CityPlace, others: tuple[CityPlace, ...], version: int
    ):
        self.observed, self.emissions, self.city, self.others = observed, emissions, city, others
        self.constants = {"city": city.code, "version": version}

    def base_rows(self, forecast_wind: np.ndarray, wind_simulated: np.ndarray) -> dict[str, Any]:
        observed, first = self.observed, self.observed.first_hour
        measured = np.isfinite(observed.wind_ms).all(axis=0)
        wind = np.where(measured, observed.wind_ms, forecast_wind)
        source = np.where(measured, 2, np.where(np.isfinite(wind).all(axis=0), 1, 0)).astype(np.uint8)
        keep = observed.rank != ABSENT
        made_up = wind_simulated & (source == 1)
        rows = self._rows(
            first, first + len(keep), keep, wind, source, covered=np.zeros(len(keep), bool), made_up=made_up
        )
        rows |= {"run": "", "sectors": self._sector_texts(first, keep)}
        return rows

    def run_rows(self, run: Run, start: int, stop: int) -> dict[str, Any]:
        values = run.values[:, start - run.first_hour : stop - run.first_hour]
        keep = np.isfinite(values).any(axis=0)
        if not keep.any():
            return {}
        weather = values[len(ITEMS) :]
        wind = weather[:2]
        source = np.isfinite(wind).all(axis=0).astype(np.uint8)
        rows = self._rows(start, stop, keep, wind, source, covered=keep, made_up=np.full(len(keep), run.simulated))
        pollutants = np.ascontiguousarray(values[: len(ITEMS)])
        rows |= _columns("forecast_{}", CONCENTRATIONS, pollutants[:, keep])
        rows["forecast_aqi"] = hourly_report(pollutants, start).aqi[keep]
        rows |= _columns("{}", WEATHER, weather[:, keep])
        lead = np.arange(start, stop, dtype=np.int32)[keep]
        rows |= {"run": run.name, "run_init": run.run_init, "lead_hours": (lead - run.run_init).astype(np.int16)}
        rows["lead_day"] = (natural_day(lead) - natural_day(run.run_init)).astype(np.int16)
        return rows

    def _rows(self, start, stop, keep, wind, wind_source, *, covered, made_up) -> dict[str, Any]:
        observed, emissions = self.observed, self.emissions
        cut = slice(start - observed.first_hour, stop - observed.first_hour)
        out = slice(start - emissions.first_hour, stop - emissions.first_hour)
        hour_end = np.arange(start, stop, dtype=np.int32)[keep]
        own = sum_known(emissions.own[..., out])
        upwind, from_made_up = self._upwind(wind, emissions.others[..., out], emissions.others_simulated[:, out])
        rank = observed.rank[cut][keep]
        seen, emitted = np.isfinite(observed.city_values[:, cut]).any(axis=0), np.isfinite(own).any(axis=0)
        rows: dict[str, Any] = {**self.constants, "hour_end": hour_end}
        rows[",".join(CONCENTRATIONS)] = observed.city_values[:, cut][:, keep]
        rows |= {"aqi": observed.city_aqi[cut][keep], "primary_pollutants": observed.city_primary[cut][keep]}
        rows |= _columns("{}_kgh", SPECIES, own[:, keep]) | _columns("upwind_{}_kgh", SPECIES, upwind[:, keep])
        rows["wind_source"] = {"codes": wind_source[keep], "values": ["", "forecast", "stations"]}
        rows["inventory"] = _texts(emissions.inventory[out][keep])
        rows["completeness"] = ((seen.astype(float) + covered + emitted) / 3)[keep]
        simulated = observed.simulated[cut] | (emissions.simulated[out] & emitted) | from_made_up | made_up
        rows["simulated"] = simulated[keep]
        known = np.where(rank == ABSENT, 0, rank)
        rows |= {"status": (known // REVISIONS).astype(np.uint8), "revision": (known % REVISIONS).astype(np.int16)}
        return rows | {"edition": edition_column(natural_day(hour_end))}

    def _upwind(self, wind: np.ndarray, others: np.ndarray, simulated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # (species, hour) of what lies upwind, and (hour,) whether any of it is simulated.
        hours = wind.shape[1]
        # Told hour by hour: what the other hours of this call know must not change what is said of one.
        heard = np.isfinite(others).any(axis=(0, 1))
        if not self.others or not heard.any():
            return np.full((len(SPECIES), hours), np.nan), np.zeros(hours, bool)
        places = [(place.code, place.lon, place.lat) for place in (self.city, *self.others)]
        weights = upwind_weights(wind[0], wind[1], places, self.city.code)
        total, _ = upwind_emissions(weights, others)
        return np.where(heard, total, np.nan), ((weights > 0) & simulated).any(axis=0)

    def _sector_texts(self, first: int, keep: np.ndarray) -> Any:
        emissions = self.emissions
        at = first - emissions.first_hour
        own = np.round(emissions.own[..., at : at + len(keep)][..., keep], KGH_DECIMALS)
        # Only the sectors that say something in the hour: which others exist must not depend on what has come by now.
        known = np.isfinite(own).any(axis=1).T
        if not known.any():
            return None
        by_hour = np.ascontiguousarray(np.moveaxis(own, -1, 0))
        return [self._sector_text(hour, there) for hour, there in zip(by_hour, known, strict=True)]

    def _sector_text(self, kgh: np.ndarray, known: np.ndarray) -> str | None:
        # kgh (sector, species) and bool (sector,) of one hour.
        if not known.any():
            return None
        sectors = tuple(compress(self.emissions.sectors, known))
        fields = {"sectors": sectors, "species": SPECIES, "kgh": kgh if known.all() else kgh[known]}
        return orjson.dumps(fields, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _columns(pattern: str, names: tuple[str, ...], values: np.ndarray) -> dict[str, Any]:
    # (column, row) as one column set; nothing known at all is said in one word for each.
    if np.isnan(values).all():
        return {pattern.format(name): None for name in names}
    return {",".join(pattern.format(name) for name in names): values}


def _texts(texts: np.ndarray) -> Any:
    values, codes = np.unique(texts, return_inverse=True)
    if len(values) == 1:
        return str(values[0]) or None
    return {"codes": codes.astype(np.uint16), "values": [str(value) or None for value in values]}


def _newest_wind(runs: list[Run], first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    # (2, hour) the wind of the latest run that covers each hour, and (hour,) whether that run is simulated.
    wind, simulated = np.full((2, end - first), np.nan), np.zeros(end - first, bool)
    for run in sorted(runs, key=lambda each: (each.run_init, each.name)):
        start, stop = max(run.first_hour, first), min(run.end, end)
        if start < stop:
            part = run.values[len(ITEMS) : len(ITEMS) + 2, start - run.first_hour : stop - run.first_hour]
            known = np.isfinite(part).all(axis=0)
            np.copyto(wind[:, start - first : stop - first], part, where=known)
            np.copyto(simulated[start - first : stop - first], run.simulated, where=known)
    return wind, simulated
