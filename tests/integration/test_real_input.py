"""Real national days from raw files through Flink into the store, by the command that a person uses, against published values.

The network publishes AQI and moving means beside the hourly values; none of them enters the platform, so they are an
outside check of everything from the parser to the store.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.processes import ROOT
from tests.streams.real_data import DATA

FOLDERS = ("cnemc_2023_winter", "cnemc_2018_transposed", "cnemc_2020_spring")
pytestmark = [
    pytest.mark.flink,
    pytest.mark.skipif(not all((DATA / name).is_dir() for name in FOLDERS), reason=f"the real files are not in {DATA}"),
]
COLUMNS = {
    "SO2": "so2_ugm3",
    "NO2": "no2_ugm3",
    "CO": "co_mgm3",
    "O3": "o3_ugm3",
    "PM10": "pm10_ugm3",
    "PM2.5": "pm25_ugm3",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Replay all folders with one command; give the SQLite file."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "in").mkdir()
    for name in FOLDERS:
        shutil.copytree(DATA / name, folder / "in" / name)  # a link that leads out of a folder is not followed
    made = folder / "store.sqlite"
    command = [
        sys.executable,
        "-m",
        "infra",
        "replay",
        str(folder / "in"),
        "--all-stations",
        "--store",
        f"sqlite:///{made}",
    ]
    done = subprocess.run(
        [*command, "--data", str(folder / "data")], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={**os.environ, "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="module")
def winter(store) -> pd.DataFrame:
    """Published and stored values of the two winter days side by side, one row a station-hour."""
    published = pd.concat([_wide(path) for path in sorted((DATA / FOLDERS[0]).glob("*.csv"))])
    with sqlite3.connect(store) as connection:
        query = "SELECT * FROM air_station_hour WHERE source = 'cnemc-wide'"
        stored = pd.read_sql(query, connection, parse_dates=["hour_end"]).set_index(["station", "hour_end"])
    both = published.join(stored, how="left")
    assert both["status"].notna().all(), "each station-hour of the files has a row"
    return both


def _wide(path: Path) -> pd.DataFrame:
    # Label h is the hour that ends at h:00 in Asia/Shanghai.
    table = pd.read_csv(path, encoding="utf-8-sig")
    long = table.melt(["date", "hour", "type"], var_name="station").dropna(subset="station")
    long = long[~long["station"].str.startswith("Unnamed")]
    local = pd.to_datetime(long["date"].astype(str)) + pd.to_timedelta(long["hour"], unit="h")
    long["hour_end"] = local - pd.Timedelta(hours=8)
    return long.pivot(index=["station", "hour_end"], columns="type", values="value")


def _reported(values: pd.Series) -> pd.Series:
    return pd.Series(np.rint(values), values.index)


def test_every_published_hourly_aqi_is_stored(winter) -> None:
    whole = winter[list(COLUMNS)].notna().all(axis=1) & winter["AQI"].notna()
    assert whole.sum() > 78_000  # 78,151 station-hours of the two days have all six items and a published AQI
    assert (winter.loc[whole, "AQI"] == winter.loc[whole, "aqi"]).all()


def test_the_items_are_stored_as_published(winter) -> None:
    for published, stored in COLUMNS.items():
        known = winter[published].notna()
        assert (winter.loc[known, published] == winter.loc[known, stored]).all(), published
        assert winter.loc[~known, stored].isna().all(), published


@pytest.mark.parametrize("item", ["PM2.5", "PM10", "SO2", "NO2"])
def test_24_hour_means_are_those_published_where_all_hours_are_at_hand(winter, item) -> None:
    # The rest: the network rounds some ties from finer values than it publishes.
    stored = {"PM2.5": "pm25_24h_ugm3", "PM10": "pm10_24h_ugm3", "SO2": "so2_24h_ugm3", "NO2": "no2_24h_ugm3"}[item]
    count = winter[item].notna().groupby("station").rolling(24).sum().droplevel(0)
    whole = (count == 24) & winter[f"{item}_24h"].notna()
    same = _reported(winter.loc[whole, stored]) == winter.loc[whole, f"{item}_24h"]
    assert whole.sum() > 20_000 and same.mean() >= 0.9995, (whole.sum(), same.mean())


def test_8_hour_ozone_is_that_published_where_its_window_lies_in_the_day(winter) -> None:
    # The network restarts its 8-hour mean at midnight; ours goes on, as GB 3095 defines it, so hours 1 to 7 differ.
    hour = (winter.index.get_level_values("hour_end").hour + 8 - 1) % 24 + 1
    count = winter["O3"].notna().groupby("station").rolling(8).sum().droplevel(0)
    whole = (count == 8) & (hour >= 8) & winter["O3_8h"].notna()
    same = _reported(winter.loc[whole, "o3_8h_ugm3"]) == winter.loc[whole, "O3_8h"]
    assert whole.sum() > 40_000 and same.mean() >= 0.9995, (whole.sum(), same.mean())
    early = (count == 8) & (hour < 8) & winter["O3_8h"].notna()
    assert (_reported(winter.loc[early, "o3_8h_ugm3"]) == winter.loc[early, "O3_8h"]).mean() < 0.5


def test_the_days_mda8_is_the_published_one(winter, store) -> None:
    with sqlite3.connect(store) as connection:
        query = "SELECT station, o3_mda8_ugm3, o3_hours FROM air_station_day WHERE day = '2023-01-20'"
        days = pd.read_sql(query, connection).set_index("station")
    midnight = winter.xs(pd.Timestamp("2023-01-20T16:00"), level="hour_end")["O3_8h_24h"].dropna()
    both = days.join(midnight, how="inner").dropna()
    whole = both[both["o3_hours"] >= 20]
    assert len(whole) > 1_300
    assert (np.rint(whole["o3_mda8_ugm3"]) == whole["O3_8h_24h"]).mean() >= 0.995


def test_the_books_balance_and_name_the_one_broken_line(store) -> None:
    with sqlite3.connect(store) as connection:
        books = connection.execute(
            "SELECT source, sum(rows_in), sum(accepted + duplicate + late + rejected), sum(duplicate) FROM source_hour GROUP BY 1"
        ).fetchall()
        rejected = connection.execute(
            "SELECT file, position, value, expected FROM rejected WHERE NOT set_aside"
        ).fetchall()
    assert {name: (rows, known) for name, rows, known, _ in books} == {
        "cnemc-wide": (97_248, 97_248), "cnemc-transposed": (38_328, 38_328), "cnemc-named": (2_334, 2_334),
    }  # fmt: skip
    assert {name: duplicate for name, *_, duplicate in books}["cnemc-named"] == 92
    assert rejected == [("china_sites_20230120.csv", "line 361", "1738 cells", "2029 cells")]


def test_the_spring_feed_by_name_gives_published_hourly_aqi(store) -> None:
    # The feed's own AQI is of the same network and edition.
    rows = []
    for path in (DATA / "cnemc_2020_spring").glob("*.csv"):
        lines = [line.split(",") for line in path.read_text(encoding="utf-8-sig").splitlines()]
        rows += [line for line in lines if len(line) == 13 and line[0].isdigit() and line[3].isdigit()]
    with sqlite3.connect(store) as connection:
        stored = pd.read_sql("SELECT hour_end, pm25_ugm3, pm10_ugm3, o3_ugm3, no2_ugm3, so2_ugm3, co_mgm3, aqi FROM "
                             "air_station_hour WHERE source = 'cnemc-named'", connection, parse_dates=["hour_end"])  # fmt: skip
    known = set(stored.dropna().astype({"aqi": int}).itertuples(index=False, name=None))
    checked = 0
    for row in rows:
        try:
            pm25, pm10, co, no2, o3, so2 = (float(row[i]) for i in (6, 7, 8, 9, 10, 12))
        except ValueError:
            continue
        if any(np.isnan((pm25, pm10, co, no2, o3, so2))):
            continue
        hour_end = pd.Timestamp(f"{row[0]} {int(row[1]):02d}:00") - pd.Timedelta(hours=8)
        checked += 1
        assert (hour_end, pm25, pm10, o3, no2, so2, co, int(row[3])) in known, row
    assert checked > 1_500
