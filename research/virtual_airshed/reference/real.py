"""Describe the real days of the eight cities: `python -m research.virtual_airshed.reference.real FOLDER` writes
city_daily.csv and city_months.csv.

FOLDER holds the daily files of a public collection (aqistudy.cn, by city, without header: city, date, AQI, range of the
hourly AQI, level, PM2.5, PM10, SO2, CO, NO2, O3, rank). Its ozone is called an 8-hour value, but is the largest hourly
mean: on ozone days the upper end of the range of the hourly AQI is the index of HJ 633-2012 for 1-hour ozone of that
very value (a test holds this). So it is taken as that.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pandas as pd

from research.virtual_airshed.reference.describing import describe, monthly_means

FOLDER = Path(__file__).parent
FIRST, LAST = "2015-01-01", "2016-12-31"
NAMES = (
    "city", "date", "aqi", "range", "level", "pm25_ugm3", "pm10_ugm3", "so2_ugm3", "co_mgm3", "no2_ugm3", "o3_1h_max_ugm3",
    "rank",
)  # fmt: skip
ITEMS = ("so2_ugm3", "no2_ugm3", "co_mgm3", "pm10_ugm3", "pm25_ugm3", "o3_1h_max_ugm3")
OZONE_OUTLIER_UGM3 = 450.0
"""One value of 529 in Ziyang stands alone; it is left out."""
CODES = {
    "成都": "510100", "德阳": "510600", "绵阳": "510700", "遂宁": "510900", "乐山": "511100", "眉山": "511400",
    "雅安": "511800", "资阳": "512000",
}  # fmt: skip
_LOG = logging.getLogger(__name__)


def read_days(folder: Path) -> pd.DataFrame:
    """Read the daily files of a folder: index (city, date), all NAMES but these as columns; values of 0 and
    outliers are missing.

    Errors: FileNotFoundError where the folder has no such file, ValueError for an unknown city.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no CSV file, expected one for each city")
    days = pd.concat([pd.read_csv(file, header=None, names=list(NAMES), encoding="utf-8-sig") for file in files])
    if unknown := set(days["city"]) - set(CODES):
        raise ValueError(f"{folder} has a city {sorted(unknown)[0]!r}, expected one of {', '.join(CODES)}")
    days["city"], days["date"] = days["city"].map(CODES), pd.to_datetime(days["date"])
    for item in ITEMS:
        days.loc[days[item] <= 0, item] = float("nan")
    days.loc[days["o3_1h_max_ugm3"] > OZONE_OUTLIER_UGM3, "o3_1h_max_ugm3"] = float("nan")
    return days.set_index(["city", "date"]).sort_index()


def describe_real(folder: Path) -> dict[str, pd.DataFrame]:
    """Describe the days of FIRST to LAST, rounded to four significant digits: the tables by the name of their file."""
    days = read_days(folder)[list(ITEMS)]
    dates = days.index.get_level_values("date")
    whole = days[(dates >= FIRST) & (dates <= LAST)]
    tables = {"city_daily.csv": describe(whole), "city_months.csv": monthly_means(whole)}
    for table in tables.values():
        table["value"] = [float(f"{value:.4g}") for value in table["value"]]
    return tables


def load(name: str = "city_daily.csv") -> pd.DataFrame:
    """Read a table that is shipped, of the names that describe_real gives: city is text, value float64."""
    return pd.read_csv(FOLDER / name, dtype={"city": str}, keep_default_na=False).astype({"value": float})


def main(arguments: list[str]) -> int:
    """Write the tables beside this file; give the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        _LOG.error("usage: python -m research.virtual_airshed.reference.real FOLDER, a folder of daily files")
        return 2
    for name, table in describe_real(Path(arguments[0])).items():
        table.to_csv(FOLDER / name, index=False, lineterminator="\n")
        _LOG.info("wrote %s: %d numbers", name, len(table))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
