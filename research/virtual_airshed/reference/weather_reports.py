"""Describe the real weather of Chengdu: `python -m research.virtual_airshed.reference.weather_reports FILE` writes
weather_facts.csv.

FILE is Chengdu's part of "PM2.5 Data of Five Chinese Cities" (UCI Machine Learning Repository, 2017; Liang et al. 2016,
J. Geophys. Res. Atmos. 121: 10220): hourly reports of 2013 to 2015 and PM2.5 at three sites. The same function
describes the simulated weather.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from research.virtual_airshed.reference.describing import SEASONS

TARGET = Path(__file__).with_name("weather_facts.csv")
COLUMNS = ("statistic", "item", "key", "value")
MEANS = ("temperature_c", "humidity_pct", "wind_ms")
RAINY_MM = 0.1
"""A day with at least this much rain is a day of rain, as meteorological services count it."""
LONGEST_SPELL = 6
"""Spells of this many days and more are counted together."""
QUADRANTS = ("NE", "SE", "SW", "NW")
LEAST_HOURS = 20
_PM25 = ["PM_Caotangsi", "PM_Shahepu", "PM_US Post"]
_LOG = logging.getLogger(__name__)


def describe_weather(hours: pd.DataFrame) -> pd.DataFrame:
    """Describe hourly weather at one place: one row a number, COLUMNS.

    hours: index is the local end of the hour; columns MEANS, rain_mm, quadrant (of QUADRANTS, where the wind comes
    from; else missing) and pm25_ugm3. Statistics: `month` means of MEANS and share of days with rain; `hour` means
    of wind by hour of the day, 1 to 24; `winter_hour` and `summer_hour` of PM2.5 over its mean; `quadrant` shares
    of the hours that have one; `spells` of stagnant days by their length, in a year. A day is stagnant without rain
    and with wind in the lowest third of all days. Missing: NaN hours are left out; days with fewer than LEAST_HOURS
    of rain or wind too.
    """
    days = hours.index - pd.Timedelta(hours=1)
    hour = days.hour + 1
    daily = hours[["wind_ms", "rain_mm"]].groupby(days.normalize()).agg(["mean", "sum", "count"])
    whole = daily[(daily["wind_ms", "count"] >= LEAST_HOURS) & (daily["rain_mm", "count"] >= LEAST_HOURS)]
    rainy = whole["rain_mm", "sum"] >= RAINY_MM
    rows = [("month", item, m, v) for item in MEANS for m, v in hours[item].groupby(days.month).mean().items()]
    rows += [("month", "rain_days", m, v) for m, v in rainy.groupby(whole.index.month).mean().items()]
    rows += [("hour", "wind_ms", h, v) for h, v in hours["wind_ms"].groupby(hour).mean().items()]
    for season in ("winter", "summer"):
        inside = days.month.isin(SEASONS[season])
        part = hours["pm25_ugm3"][inside]
        rows += [
            (f"{season}_hour", "pm25_over_mean", h, v / part.mean())
            for h, v in part.groupby(hour[inside]).mean().items()
        ]
    shares = hours["quadrant"].value_counts(normalize=True)
    rows += [("quadrant", "share", name, shares.get(name, 0.0)) for name in QUADRANTS]
    still = ~rainy & (whole["wind_ms", "mean"] <= whole["wind_ms", "mean"].quantile(1 / 3))
    rows += [("spells", "per_year", n, v) for n, v in spells_per_year(still).items()]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"key": str})


def spells_per_year(days: pd.Series) -> dict[int, float]:
    """Count runs of true days by their length, 1 to LONGEST_SPELL (and more), in 365 days.

    days: bool by date; a date that is not there ends a run.
    """
    whole = days.asfreq("D", fill_value=False).to_numpy(bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], whole, [False]]).astype(int)))
    lengths = np.minimum(edges[1::2] - edges[::2], LONGEST_SPELL)
    return {n: float((lengths == n).sum()) * 365.0 / max(len(days), 1) for n in range(1, LONGEST_SPELL + 1)}


def quadrant_of(wind_u_ms: np.ndarray, wind_v_ms: np.ndarray) -> np.ndarray:
    """Name the quadrant that the wind comes from; wind towards east and north [m/s]."""
    return np.where(wind_v_ms < 0, np.where(wind_u_ms < 0, "NE", "NW"), np.where(wind_u_ms < 0, "SE", "SW"))


def read_reports(file: Path) -> pd.DataFrame:
    """Read the published series as describe_weather takes it.

    Its wind is summed up while the direction stays: an hour's wind is by how much the sum grows, or the sum itself
    where it starts anew. "cv" (calm or variable) is no quadrant. An hour is taken as the end of its hour.
    """
    table = pd.read_csv(file)
    goes_on = (table["cbwd"] == table["cbwd"].shift()) & (table["Iws"] >= table["Iws"].shift())
    wind = table["Iws"] - table["Iws"].shift().where(goes_on, 0.0)
    return pd.DataFrame(
        {
            "temperature_c": table["TEMP"], "humidity_pct": table["HUMI"], "wind_ms": wind, "rain_mm": table["precipitation"],
            "quadrant": table["cbwd"].where(table["cbwd"].isin(QUADRANTS)), "pm25_ugm3": table[_PM25].mean(axis=1),
        }
    ).set_index(pd.DatetimeIndex(pd.to_datetime(table[["year", "month", "day", "hour"]])))  # fmt: skip


def load() -> pd.DataFrame:
    """Read the facts that are shipped: COLUMNS, key is text, value float64."""
    return pd.read_csv(TARGET, dtype={"key": str}).astype({"value": float})


def main(arguments: list[str]) -> int:
    """Write the table beside this file; give the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        _LOG.error("usage: python -m research.virtual_airshed.reference.weather_reports FILE, the published series")
        return 2
    table = describe_weather(read_reports(Path(arguments[0])))
    table["value"] = [float(f"{value:.4g}") for value in table["value"]]
    table.to_csv(TARGET, index=False, lineterminator="\n")
    _LOG.info("wrote %s: %d numbers", TARGET.name, len(table))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
