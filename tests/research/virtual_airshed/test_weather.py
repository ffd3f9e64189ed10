"""The weather: the random series keep their laws, the sun stands where it must, and the basin has its character."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from research.virtual_airshed.flow import Flow, patterns_of
from research.virtual_airshed.grid import shipped_grid
from research.virtual_airshed.weather.fields import REPORTED_SHARE, Weather, weather_of
from research.virtual_airshed.weather.series import SERIES, forecast_series, true_series
from research.virtual_airshed.weather.sun import cos_zenith, day_length_h

START = int(dt.datetime(2015, 1, 1, tzinfo=dt.UTC).timestamp() // 3600)
YEAR_H = 8_760


def hour(*moment: int) -> float:
    return dt.datetime(*moment, tzinfo=dt.UTC).timestamp() / 3600


@pytest.mark.parametrize("name", ["cloud", "ventilation_fast", "rain", "east_fast"])
def test_a_series_has_mean_0_variance_1_and_its_own_memory(name: str) -> None:
    z = true_series(7, START, 20 * YEAR_H)[name]
    memory = SERIES[name].memory_h
    # An Ornstein-Uhlenbeck mean over T has the variance 2 tau / T.
    assert abs(z.mean()) < 4 * np.sqrt(2 * memory / z.size)
    assert z.var() == pytest.approx(1.0, abs=5 * np.sqrt(2 * memory / z.size))
    lag = round(memory)
    assert np.corrcoef(z[:-lag], z[lag:])[0, 1] == pytest.approx(np.exp(-lag / memory), abs=0.06)


def test_an_hour_has_the_same_weather_whoever_asks_for_it() -> None:
    whole, part = true_series(3, START, 200), true_series(3, START + 150, 20)
    for name in SERIES:
        assert np.array_equal(whole[name][150:170], part[name])


def test_series_and_seeds_are_independent() -> None:
    a, b = true_series(1, START, 10 * YEAR_H), true_series(2, START, 10 * YEAR_H)
    assert abs(np.corrcoef(a["cloud"], b["cloud"])[0, 1]) < 0.1
    assert abs(np.corrcoef(a["cloud"], a["rain"])[0, 1]) < 0.1


def test_hours_before_the_beginning_are_refused() -> None:
    with pytest.raises(ValueError, match="2000-01-01"):
        true_series(1, 200_000, 5)


def test_a_forecast_knows_its_start_forgets_with_its_lead_and_keeps_the_climate() -> None:
    pairs = []
    for run in range(START, START + 400 * 24, 24):
        true = true_series(1, run, 169)
        seen = forecast_series(1, true, run=run)
        pairs.append((true["cloud"], seen["cloud"], true["ventilation_slow"], seen["ventilation_slow"]))
    cloud, cloud_seen, slow, slow_seen = (np.stack(each) for each in zip(*pairs, strict=True))
    skill = [np.corrcoef(cloud[:, lead], cloud_seen[:, lead])[0, 1] for lead in (0, 24, 72, 168)]
    assert skill[0] > 0.97
    assert skill[0] > skill[1] > skill[2] > skill[3]
    assert abs(skill[3]) < 0.15
    assert np.corrcoef(slow[:, 72], slow_seen[:, 72])[0, 1] > skill[2]  # what changes slowly is foreseen longer
    assert cloud_seen.var() == pytest.approx(1.0, abs=0.1)


def test_a_forecast_is_the_same_each_time_and_another_run_another_one() -> None:
    true = true_series(1, START, 50)
    first, again, other = (forecast_series(1, true, run=r)["rain"] for r in (START, START, START + 12))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_sun_stands_where_the_almanac_has_it() -> None:
    # Chengdu, 104.07 E 30.67 N: at true noon of the solstices the zenith angle is 30.67 -+ 23.44 deg; true noon is 12:00 -
    # 104.07/15 h + equation of time (-1.8 min on 21 June, +1.7 min on 22 December; Astronomical Almanac, recalled).
    june, december = hour(2015, 6, 21) + 12 - 104.07 / 15 + 1.8 / 60, hour(2015, 12, 22) + 12 - 104.07 / 15 - 1.7 / 60
    for moment, angle in ((june, 30.67 - 23.44), (december, 30.67 + 23.44)):
        assert cos_zenith(np.array([moment]), 104.07, 30.67)[0] == pytest.approx(np.cos(np.radians(angle)), abs=2e-3)
    assert cos_zenith(np.array([june + 12.0]))[0] == 0.0
    assert day_length_h(np.array([hour(2015, 3, 21)]))[0] == pytest.approx(12.0, abs=0.1)
    assert day_length_h(np.array([june]), 30.67)[0] == pytest.approx(14.0, abs=0.15)


@pytest.fixture(scope="module")
def year() -> list[Weather]:
    grid = shipped_grid()
    first = START - 7
    days = [first + 24 * day for day in range(0, 365, 2)]
    return [weather_of(grid, true_series(1, each - 1, 25), each) for each in days]


def at_chengdu(year: list[Weather]) -> dict[str, np.ndarray]:
    """Give hourly weather at the cell of central Chengdu: (day, hour)."""
    row, column = (int(v[0]) for v in shipped_grid().cells_of(np.array([104.066]), np.array([30.659])))
    u, v = Flow(*(getattr(patterns_of(shipped_grid()), n) for n in ("east", "north"))).centred()
    wind = [np.hypot(*(np.tensordot(w.wind_ms[0].T, p[:, row, column], axes=1) for p in (u, v))) for w in year]
    fields = {
        n: np.stack([getattr(w, n)[:, row, column] for w in year]) for n in ("temperature_c", "humidity_pct", "rain_mm")
    }
    heights = np.stack([w.mixing_height_m[1:, row, column] for w in year])
    return fields | {"wind_ms": REPORTED_SHARE * np.stack(wind), "mixing_height_m": heights}


def test_the_basin_has_its_character(year: list[Weather]) -> None:
    # Published hourly weather of Chengdu 2013-2015 (UCI, PM2.5 Data of Five Chinese Cities): January 7.8, July 27.0 deg C;
    # humidity 72 %; wind 1.6 m/s, from 0.9 at dawn to 2.4 in the afternoon; rain on 9 to 16 % of winter days and 37 to 60 %
    # of summer days.
    city, day = at_chengdu(year), 2 * np.arange(len(year))
    winter, summer = (day < 59) | (day >= 334), (day >= 151) & (day < 243)
    january, july = day < 31, (day >= 181) & (day < 212)
    assert city["temperature_c"][january].mean() == pytest.approx(7.8, abs=2.5)
    assert city["temperature_c"][july].mean() == pytest.approx(27.0, abs=2.5)
    assert city["humidity_pct"].mean() == pytest.approx(72, abs=6)
    assert city["wind_ms"].mean() == pytest.approx(1.4, abs=0.4)
    assert city["wind_ms"][:, 16].mean() > 1.5 * city["wind_ms"][:, 6].mean()
    rainy = city["rain_mm"].sum(axis=1) > 0.1
    assert rainy[winter].mean() < 0.35 < rainy[summer].mean()
    night_rain = (
        city["rain_mm"][summer][:, [0, 1, 2, 3, 4, 5, 22, 23]].mean() / city["rain_mm"][summer][:, 10:18].mean()
    )
    assert night_rain > 1.5  # it rains at night in the basin (巴山夜雨)
    noon = city["mixing_height_m"][:, 14]
    assert 350 < noon[winter].mean() < 750
    assert 1_000 < noon[summer].mean() < 1_500
    assert city["mixing_height_m"][:, 2].mean() < 250


def test_stagnant_spells_last_for_days(year: list[Weather]) -> None:
    series = true_series(1, START, 20 * YEAR_H)
    low = 0.85 * series["ventilation_slow"] + 0.53 * series["ventilation_fast"] < -0.8
    edges = np.flatnonzero(np.diff(low.astype(int)))
    spells = np.diff(edges)[::2] if low[edges[0] + 1] else np.diff(edges)[1::2]
    long = spells[spells >= 72]
    assert 3 < long.size / 20 < 40  # each year some of three days and more


def test_fields_are_physical(year: list[Weather]) -> None:
    for w in year[::20]:
        assert (w.mixing_height_m >= 80).all()
        assert (w.mixing_height_m <= 1_800).all()
        assert ((w.humidity_pct > 0) & (w.humidity_pct <= 100)).all()
        assert ((w.cloud_transmission > 0) & (w.cloud_transmission <= 1)).all()
        assert (w.rain_mm >= 0).all()
        assert (w.exchange_ms > 0).all()
        assert (w.lid_ms > 0).all()
        assert w.temperature_c.min() > -40
