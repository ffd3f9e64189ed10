"""Networks of stations: which there are in a run, and what they measure of its hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.flow import Flow
from research.virtual_airshed.observe.faults import Series
from research.virtual_airshed.observe.instruments import Instruments, daily_normal, instruments_of, response, with_noise
from research.virtual_airshed.observe.makes import MAKES
from research.virtual_airshed.observe.sites import Sites
from research.virtual_airshed.run import Day
from research.virtual_airshed.weather.fields import LAYERS, REPORTED_SHARE
from standards.pollutants import ITEMS
from streams.sources.stations.station_csv import ITEM_COLUMNS, WIND_COLUMNS

KIND_OF = {"stations": "national", "micro": "micro", "super": "super"}
"""Which kind of stations a feed brings."""
SPIKE_STEPS = (15.0, 25.0, 0.8, 40.0, 60.0, 50.0)
"""How large a small spike is, by item [ug/m3, CO mg/m3]."""
GUST_LEAST_MS, GUST_SHARE = 0.25, 0.12
"""What the wind at one place differs from that of its cell, absolute [m/s] and relative."""
WIND_DECIMALS = 1


@dataclass(frozen=True, eq=False)
class Network:
    """The stations of one feed.

    wind_patterns: what each pattern of the flow is at the stations, float64 (east and north, pattern, station).
    """

    feed: str
    sites: Sites
    instruments: Instruments
    wind_patterns: np.ndarray

    @property
    def with_wind(self) -> bool:
        """Whether the feed has columns for the wind."""
        return MAKES[KIND_OF[self.feed]].wind > 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns of the feed."""
        return (*ITEM_COLUMNS, *(WIND_COLUMNS if self.with_wind else ()))


def network_of(feed: str, sites: Sites, patterns: Flow, *, seed: int) -> Network:
    """Set up the stations of a feed, one of KIND_OF. patterns: the flow's, over the grid. seed: of the instruments."""
    at_sites = np.stack([part[:, sites.row, sites.column] for part in patterns.centred()])
    return Network(feed, sites, instruments_of(KIND_OF[feed], sites.codes, seed=seed), at_sites)


def measured(day: Day, network: Network, *, seed: int, noise: float) -> Series:
    """Give what the stations of a network report of some hours, without faults.

    The air of a station is that of its cell. noise: factor on the noise of instruments and on gusts, 0 for none.
    """
    sites, hours = network.sites, day.first_hour + np.arange(day.hours)
    ground = day.ground.at(sites.row, sites.column)
    shown = response(
        ground.items(),
        network.instruments,
        hours=hours,
        temperature_c=ground.temperature_c,
        humidity_pct=ground.humidity_pct,
    )
    normal = daily_normal(seed, f"{network.feed} noise", sites.codes, hours, len(ITEMS) + 2)
    values = with_noise(shown, network.instruments.make, normal[: len(ITEMS)], scale=noise)
    decimals = network.instruments.make.decimals
    values = np.stack([np.round(item, places) for item, places in zip(values, decimals, strict=True)])
    if network.with_wind:
        wind = np.round(_wind_ms(day, network, normal[len(ITEMS) :], noise), WIND_DECIMALS) + 0.0  # no -0.0
        values, decimals = np.concatenate([values, wind]), (*decimals, WIND_DECIMALS, WIND_DECIMALS)
    items = (*ITEMS, *(WIND_COLUMNS if network.with_wind else ()))
    return Series(network.feed, sites.codes, items, day.first_hour, values, decimals, SPIKE_STEPS, failing=len(ITEMS))


def _wind_ms(day: Day, network: Network, normal: np.ndarray, noise: float) -> np.ndarray:
    """Give the wind at the stations that measure it (2, station, hour) [m/s], NaN at the others."""
    amplitudes = day.weather.wind_ms[LAYERS.index("mixed")]
    cell = REPORTED_SHARE * np.einsum("cps,ph->csh", network.wind_patterns, amplitudes)
    gust = np.hypot(GUST_LEAST_MS, GUST_SHARE * np.hypot(*cell))
    return np.where(network.instruments.wind[:, None], cell + noise * gust * normal, np.nan)
