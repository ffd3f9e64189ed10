"""Names of the columns that results are made of, apart from the tables so that the engine need not load a database library."""

from __future__ import annotations

from standards.pollutants import POLLUTANTS

CONCENTRATIONS = tuple(p.column for p in POLLUTANTS.values())
MEANS = (
    "so2_24h_ugm3", "no2_24h_ugm3", "co_24h_mgm3", "pm10_24h_ugm3", "pm25_24h_ugm3", "o3_8h_ugm3", "o3_8h_max_ugm3",
)  # fmt: skip
"""Moving means that end with the hour, and the largest 8-hour ozone mean of the day so far."""
DAY_MEANS = ("so2_ugm3", "no2_ugm3", "co_mgm3", "o3_mda8_ugm3", "pm10_ugm3", "pm25_ugm3")
WIND = ("wind_u_ms", "wind_v_ms")
WEATHER = (*WIND, "temperature_c", "humidity_pct", "mixing_height_m", "rain_mm")
SUSPECT = ("suspect", "suspect_means")
"""Items whose value of an hour or day, and whose moving means, rest on suspect values."""
HOUR_COUNTS = tuple(f"{code}_hours" for code in POLLUTANTS)
