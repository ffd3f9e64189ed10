"""Make the shipped stand-in for CDAQS runs: `python -m streams.sample.make_forecast`.

SIMULATED, and every file says so: this is no output of CDAQS. A smooth field is drawn through the station hours of the
sample (a kernel in space, three hours in time), lower over the mountains in the west; hours without observations take
the mean day of the others. Each run multiplies it by a smooth error that grows with its lead. The weather is a plain
winter day. The numbers follow from the seed and from stations.csv alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import logging
import sys
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS, POLLUTANTS
from streams import registry
from streams.records import epoch_hour
from streams.sources.cdaqs_variables import MOLAR_MASS_G, MOLAR_VOLUME_L
from streams.sources.cdaqs_writer import lambert_grid, write_ioapi

FOLDER = Path(__file__).with_name("forecast")
STATIONS = Path(__file__).with_name("stations.csv")
ROWS, COLUMNS, CELL_M = 15, 12, 36_000.0
CENTRE = (104.0, 30.7)
INITS = tuple(
    epoch_hour(dt.datetime(2023, 1, day, hour, tzinfo=dt.UTC)) for day, hour in ((18, 12), (19, 0), (19, 12), (20, 0))
)
LAST_HOUR = epoch_hour(dt.datetime(2023, 1, 22, 16, tzinfo=dt.UTC))
"""The end of 22 January in Chengdu: one day beyond the observations."""
SEED = 20230118
KERNEL_DEG = 0.35
MOUNTAINS_LON = 103.0
ERROR_AT_START, ERROR_PER_HOUR = 0.06, 0.0035
"""Size of the error's logarithm, and what each hour of lead adds: 6 % at the start, 40 % after four days."""
TITLE = "SIMULATED stand-in for CDAQS: smoothed observations with a synthetic error that grows with lead"
# Steps of powers of two leave few digits to store: the files stay small, and the numbers look no finer than they are.
STEPS = {"SO2": 0.25, "NO2": 1.0, "CO": 2**-5, "O3": 1.0, "PM10": 4.0, "PM25_TOT": 2.0, "U10": 0.25, "V10": 0.25,
         "T2": 0.25, "RH": 2.0, "PBL": 32.0}  # fmt: skip
NAMES = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3", "pm10": "PM10", "pm25": "PM25_TOT"}


def main() -> int:
    """Write the runs beside this file; give the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    FOLDER.mkdir(exist_ok=True)
    hours = np.arange(INITS[0] + 1, LAST_HOUR + 1)
    lon, lat = lambert_grid(rows=ROWS, columns=COLUMNS, cell_m=CELL_M, centre=CENTRE).lonlat
    truth = true_fields(hours, lon, lat)
    for number, init in enumerate(INITS):
        path = FOLDER / f"cdaqs_{dt.datetime.fromtimestamp(init * 3600, dt.UTC):%Y%m%dT%HZ}.nc"
        after = hours > init
        lead = hours[after] - init
        chance = np.random.default_rng((SEED, number))
        fields = {
            name: (unit, rounded(name, values[after] * error(chance, lead, lon, lat)))
            for name, (unit, values) in truth.items()
        } | {name: (unit, rounded(name, v)) for name, (unit, v) in weather(chance, hours[after], lon, lat).items()}
        write_ioapi(
            path, fields, rows=ROWS, columns=COLUMNS, cell_m=CELL_M, centre=CENTRE, first_stamp=init, run_init=init,
            attributes={"simulated": np.int32(1), "model": "CDAQS", "title": TITLE},
        )  # fmt: skip
        logging.getLogger(__name__).info("wrote %s: %d bytes", path.name, path.stat().st_size)
    return 0


def true_fields(hours: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Draw the six items over the grid for hour ends: names to (unit, (hour, row, column)); gases in ppb, CO in ppm."""
    places, observed, values = station_hours()
    distance2 = (lon[..., None] - places[:, 0]) ** 2 + (lat[..., None] - places[:, 1]) ** 2
    # The floor keeps far cells at the mean of all stations instead of at the nearest one.
    weight = np.exp(-distance2 / (2 * KERNEL_DEG**2)) + 0.02
    clean = np.clip(1 - 0.35 * (MOUNTAINS_LON - lon), 0.4, 1.0)
    fields = {}
    for item, name in NAMES.items():
        series = filled(hours, observed, values[ITEMS.index(item)])
        measured = ~np.isnan(series).all(axis=1)
        field = np.einsum("rcs,sh->hrc", weight[..., measured], series[measured]) / weight[..., measured].sum(-1)
        smooth = sum(np.pad(field, ((1, 1), (0, 0), (0, 0)), "edge")[i : i + hours.size] for i in range(3)) / 3
        mass = MOLAR_MASS_G.get(item)
        unit = "ug m-3" if mass is None else "ppmV" if item == "co" else "ppbV"
        # Ozone is what is not lost at the ground in towns: more of it over the mountains.
        shape = 2 - clean if item == "o3" else clean
        fields[name] = (unit, smooth * shape * (MOLAR_VOLUME_L / mass if mass else 1.0))
    return fields


def station_hours() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read stations.csv: lon and lat [deg] (station, 2), hour ends (hour,), values (item, station, hour)."""
    known = registry.load().stations
    with STATIONS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stations = sorted({row["station"] for row in rows})
    ends = [epoch_hour(dt.datetime.fromisoformat(row["hour_end"])) for row in rows]
    observed = np.arange(min(ends), max(ends) + 1)
    values = np.full((len(ITEMS), len(stations), observed.size), np.nan)
    for row, end in zip(rows, ends, strict=True):
        for i, item in enumerate(ITEMS):
            text = row[POLLUTANTS[item].column]
            values[i, stations.index(row["station"]), end - observed[0]] = float(text) if text else np.nan
    return np.array([(known[s].lon, known[s].lat) for s in stations]), observed, values


def filled(hours: np.ndarray, observed: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Lay observations (station, hour) on the hours; what is missing is the station's mean at that hour of the day."""
    day = np.full((values.shape[0], 24), np.nan)
    for hour in range(24):
        some = values[:, observed % 24 == hour]
        counts = (~np.isnan(some)).sum(axis=1)
        day[:, hour] = np.where(counts > 0, np.nansum(some, axis=1) / np.maximum(counts, 1), np.nan)
    known = ~np.isnan(values)
    mean = np.nansum(values, axis=1) / np.maximum(known.sum(axis=1), 1)
    day = np.where(np.isnan(day), np.where(known.any(axis=1), mean, np.nan)[:, None], day)
    series = day[:, hours % 24]
    inside = (hours >= observed[0]) & (hours <= observed[-1])
    given = values[:, hours[inside] - observed[0]]
    series[:, inside] = np.where(np.isnan(given), series[:, inside], given)
    return series


def error(chance: np.random.Generator, lead: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Draw a factor (hour, row, column), smooth in space and time, whose logarithm grows with lead [h]."""
    a, b, c, d = chance.uniform(-1, 1, 4)
    wave = np.sin(lon * (1 + a / 3) + lat * b + 6 * c)[None] + np.sin(lead / 17 + 6 * d)[:, None, None]
    size = ERROR_AT_START + ERROR_PER_HOUR * lead
    return np.exp(size[:, None, None] * wave / 1.4)


def weather(
    chance: np.random.Generator, hours: np.ndarray, lon: np.ndarray, lat: np.ndarray
) -> dict[str, tuple[str, np.ndarray]]:
    """Draw a calm winter day, without rain among its variables: names to (unit, (hour, row, column))."""
    local = ((hours + 8) % 24)[:, None, None]
    warmth = np.cos(2 * np.pi * (local - 15) / 24)
    height = np.clip(MOUNTAINS_LON - lon, 0, 2)
    celsius = 6.5 + 3.5 * warmth - 7 * height - 0.8 * (lat - 30.5) + chance.normal(0, 0.5)
    flat = np.zeros((hours.size, *lon.shape))
    turn = 2 * np.pi * hours[:, None, None] / 60 + chance.uniform(-0.3, 0.3)
    return {
        "U10": ("m s-1", flat - 0.9 - 0.6 * np.sin(turn) + 0.2 * (lon - 104)),
        "V10": ("m s-1", flat - 0.7 + 0.8 * np.cos(turn) + 0.2 * (lat - 30.5)),
        "T2": ("K", celsius + 273.15),
        "RH": ("%", np.clip(76 - 14 * warmth + flat, 5, 100)),
        "PBL": ("M", 420 + 330 * warmth + flat + 100 * height),
    }


def rounded(name: str, values: np.ndarray) -> np.ndarray:
    """Round to the variable's step in STEPS."""
    return np.rint(values / STEPS[name]) * STEPS[name]


if __name__ == "__main__":
    sys.exit(main())
