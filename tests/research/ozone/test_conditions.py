"""A day in windows: what was measured, and what stands for what was not."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from research.chemistry.sunlight import clear_sky, jno2_of_radiation
from research.ozone.conditions import Settings, conditions, vapour_ppb
from research.ozone.days import gather
from tests.research.ozone.made import hours

FIRST = dt.date(2024, 6, 21)


def day_of(**changes):
    return gather(hours(FIRST, 1, **changes)).days[0]


def with_series(day, **series):
    return dataclasses.replace(day, series={**day.series, **series})


def test_windows_have_the_means_of_the_hours_at_their_middles():
    found = conditions(day_of())
    assert len(found.local_h) == 288
    np.testing.assert_allclose(found.hourly(found.held_ppb["NO2"])[3:20], day_of().series["no2_ppb"][3:20], rtol=0.01)
    assert found.held_ppb["TOLUENE"][0] == pytest.approx(3.2 * (1 + 0.4 * np.cos(2 * np.pi * (0.5 - 8) / 24)))


def test_the_sun_of_chengdu_is_highest_after_half_past_one_on_the_longest_day():
    found = conditions(day_of())
    # 104.07 E is 15.93 degrees west of the meridian of UTC+8, 63.7 min; the equation of time is -1.8 min: 13:05.5.
    assert found.local_h[found.cos_zenith.argmax()] == pytest.approx(13.09, abs=0.05)
    # Declination 23.44, latitude 30.67: zenith angle 7.23 degrees.
    assert found.cos_zenith.max() == pytest.approx(np.cos(np.radians(7.23)), abs=0.001)


def test_vapour_at_twenty_degrees_is_that_of_the_tables():
    # Saturation over water at 20 degrees: 2339 Pa (WMO tables, Goff-Gratch 2339.2).
    assert vapour_ppb(20.0, 50.0, 100_000.0) == pytest.approx(1e9 * 0.5 * 2339.0 / 1e5, rel=0.002)


def test_measured_radiation_scales_light_by_the_photolysis_that_belongs_to_it():
    base = day_of(without=("cloud_transmission",))
    clear = conditions(base)
    # Trebs et al. 2009 (doi 10.5194/amt-2-725-2009): j(NO2) = 1.47e-5 G - 4.84e-9 G2 under a small albedo.
    half = conditions(with_series(base, radiation_wm2=np.full(24, 400.0)))
    of_table = clear.hourly(clear_sky(clear.cos_zenith)["jno2"])[12]
    albedo = jno2_of_radiation(np.array(400.0)) / (1.47e-5 * 400.0 - 4.84e-9 * 400.0**2)
    assert half.hourly(half.light)[12] == pytest.approx(albedo * 5.106e-3 / of_table, rel=0.01)
    assert 1.0 <= albedo < 1.1
    assert "light" not in half.assumed


def test_measured_photolysis_comes_before_radiation():
    base = day_of(without=("cloud_transmission",))
    clear = conditions(base)
    own = 0.6 * clear.hourly(clear_sky(clear.cos_zenith)["jno2"])
    found = conditions(with_series(base, jno2_per_s=own, radiation_wm2=np.full(24, 1.0)))
    np.testing.assert_allclose(found.light, 0.6, rtol=1e-9)


def test_what_was_not_measured_is_said():
    found = conditions(day_of(without=("cloud_transmission", "o3_ppb", "pressure_pa")))
    assert set(found.assumed) == {"light", "mixing_height_m", "o3_ppb", "pressure_pa"}
    assert (found.light == 0.8).all()
    assert found.start_o3_ppb == 40.0


def test_the_layer_dilutes_only_while_it_grows():
    found = conditions(day_of())
    floor = found.settings.dilution_floor_per_s
    grows = (found.local_h > 8.2) & (found.local_h < 13.8)
    assert (found.dilution_per_s[grows] > floor).all()
    assert (found.dilution_per_s[(found.local_h < 7.8) | (found.local_h > 14.2)] == floor).all()
    # The layer grows fourfold: what was there is thinned to a quarter, and by the floor.
    thinned = np.exp(-np.sum((found.dilution_per_s - floor) * 300.0))
    assert thinned == pytest.approx(0.25, rel=1e-6)


def test_ozone_is_held_only_where_it_was_measured():
    held = conditions(day_of(), Settings(o3_held=True)).held_ppb
    assert (held["O3"] == 40.0).all()
    with pytest.raises(ValueError, match="expected o3_ppb in every hour"):
        conditions(day_of(without=("o3_ppb",)), Settings(o3_held=True))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"window_s": 700.0}, "expected seconds that divide an hour"),
        ({"transmission": 0.0}, "transmission is 0.0"),
        ({"mixing_height_m": (900.0, 300.0)}, "expected that of the night and a higher one"),
        ({"spin_up_days": -1}, "spin_up_days is -1"),
        ({"dilution_floor_per_s": float("nan")}, "dilution_floor_per_s is nan"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        Settings(**change)


def test_settings_go_into_a_record():
    record = Settings().as_record()
    assert record["background_ppb"]["O3"] == 40.0
    assert record["mixing_height_m"] == [300.0, 1200.0]
