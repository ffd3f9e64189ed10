"""The examples in docs run as they are written, on a small store."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from standards.pollutants import ITEMS, POLLUTANTS
from streams.store import open_store
from streams.store.schema import air_station_hour

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
STATIONS = {"1431A": "510100", "1432A": "510100", "1433A": "510600"}
LEVELS = {"so2": 6, "no2": 28, "co": 0.8, "o3": 120, "pm10": 58, "pm25": 32}
HOURS = 365 * 24


@pytest.fixture
def year_of_hours(tmp_path, monkeypatch) -> Path:
    """A data directory with a year of made hours of three stations, every 50th missing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".airshed").mkdir()
    rng, first = np.random.default_rng(3), dt.datetime(2024, 12, 31, 17)
    engine = open_store("sqlite:///.airshed/store.sqlite")
    with engine.begin() as connection:
        for number, (station, city) in enumerate(STATIONS.items()):
            values = {i: (LEVELS[i] + number) * rng.uniform(0.5, 1.5, HOURS) for i in ITEMS}
            rows = [
                {
                    "station": station, "city": city, "hour_end": first + dt.timedelta(hours=hour),
                    **{POLLUTANTS[i].column: round(float(values[i][hour]), 1) for i in ITEMS},
                    "edition": "HJ 633-2012", "status": "reviewed", "revision": 0, "simulated": True, "version": 1,
                }
                for hour in range(HOURS)
                if hour % 50
            ]  # fmt: skip
            connection.execute(sa.insert(air_station_hour), rows)
    engine.dispose()
    return tmp_path


def test_a_year_is_assessed_as_the_example_says(year_of_hours, capsys):
    text = (EXAMPLES / "assess_a_year.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)
    assert len(blocks) == 7
    names: dict = {}
    for block in blocks:
        exec(compile(block, "assess_a_year.md", "exec"), names)
    said = capsys.readouterr().out
    assert "2012 2026T" in said and said.rstrip().endswith("True")
    new, old = names["new"], names["old"]
    assert new["city"].values.tolist() == ["510100", "510600"]
    # PM2.5 near 33 ug/m3: within 35 of 2012, above 30 of the transition.
    assert old["pm25_complies"].sel(city="510100") == 1 and new["pm25_complies"].sel(city="510100") == 0
    assert "PM2.5 mean" in new["reasons"].values[0]
    assert new.attrs["simulated"] == 1  # what was made says so to the end
    assert new["pm25_valid_days"].values.tolist() == [365, 365]
