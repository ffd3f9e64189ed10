"""Rows of forecasts: at stations, as they came, and of a city, as the mean over its assessment points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from standards.days import natural_day
from standards.pollutants import ITEMS
from streams.assess.hours import edition_column, hourly_report
from streams.assess.upwind import weights_texts
from streams.columns import CONCENTRATIONS, WEATHER
from streams.memory.held import Run
from streams.memory.origins import from_block, from_file
from streams.records import CITY_MEAN, CityPlace, ForecastBlock
from streams.results import Rows

FORECAST = tuple(f"forecast_{name}" for name in CONCENTRATIONS)


def station_forecast_rows(
    block: ForecastBlock, fresh: np.ndarray, again: np.ndarray, *, city: str | None, version: int
) -> Rows | None:
    """Give the hours of a block's stations that say something new, fresh: bool (place, hour); None where there are none.

    An hour in which a station has no concentration gives no row, but for one that had something to say before, again: bool
    (place, hour), and says nothing any more, or that was withdrawn. The index is that of the hour's edition.
    """
    stations = [i for i, place in enumerate(block.places) if place != CITY_MEAN]
    values = np.ascontiguousarray(block.values[: len(ITEMS), stations])
    keep = (np.isfinite(values).any(axis=0) | again[stations] | block.withdrawn) & fresh[stations]
    if not keep.any():
        return None
    index, at = np.nonzero(keep)
    hour_end = (block.first_hour + at).astype(np.int32)
    rows = Rows("forecast_station_hour").same(run=block.run, city=city, simulated=block.simulated, version=version)
    rows.coded("station", index.astype(np.uint16), [block.places[i] for i in stations]).numbers("hour_end", hour_end)
    rows.numbers("lead_hours", hour_end - block.run_init).numbers(FORECAST, values[:, keep])
    rows.numbers("forecast_aqi", hourly_report(values, block.first_hour).aqi[keep])
    return from_block(rows, block)


def city_forecast_rows(
    run: Run, first: int, news: np.ndarray, *, city: str, around: Sequence[CityPlace], version: int
) -> Rows | None:
    """Give the hours of a run over a city that say something new; None where there are none.

    first: the first of consecutive hours inside the run; news: bool (hour,). around: where the cities of the region lie. The index
    is of the mean over the points, as the city's observed index is.
    """
    part = slice(first - run.first_hour, first - run.first_hour + len(news))
    values = run.values[:, part]
    keep = news  # also an hour that says nothing any more
    if not keep.any():
        return None
    hour_end = np.arange(first, first + len(news), dtype=np.int32)[keep]
    pollutants, weather = np.ascontiguousarray(values[: len(ITEMS)]), values[len(ITEMS) :]
    rows = Rows("forecast_city_hour").same(city=city, run=run.name, run_init=run.run_init, version=version)
    rows.numbers("hour_end", hour_end).numbers("lead_hours", (hour_end - run.run_init).astype(np.int16))
    rows.numbers("lead_day", (natural_day(hour_end) - natural_day(run.run_init)).astype(np.int16))
    rows.numbers(FORECAST, pollutants[:, keep]).numbers("forecast_aqi", hourly_report(pollutants, first).aqi[keep])
    rows.numbers("simulated", run.simulated[part][keep]).numbers("points", run.points[part][keep]).numbers(
        WEATHER, weather[:, keep]
    )
    rows.texts("upwind_weights", weights_texts(weather[:2, keep], around, city))
    released, received, file = run.origin[:, part][:, keep]
    return from_file(rows, file, released, received).add("edition", edition_column(natural_day(hour_end)))
