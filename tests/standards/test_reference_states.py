"""The state at which concentrations are told, and the same air told at another (GB 3095)."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from standards import labelled
from standards.pollutants import ITEMS
from standards.reference_states import GASES, PARTICLES, REFERENCE_STATES, reference_state, to_state

OLD, AMENDED, NEW = REFERENCE_STATES
NAN = float("nan")


@pytest.mark.parametrize(
    ("date", "state"),
    # GB 3095-2012 3.14: 273 K, 101.325 kPa, all pollutants; amendment in force 2018-09-01; GB 3095-2026 3.14, 4.3.
    [("2009-05-01", OLD), ("2012-02-29", OLD), ("2018-08-31", OLD), ("2018-09-01", AMENDED), ("2026-02-28", AMENDED),
     ("2026-03-01", NEW), ("2031-01-01", NEW)],
)  # fmt: skip
def test_the_state_follows_the_date(date, state):
    assert reference_state(dt.date.fromisoformat(date)) is state


def test_the_states_are_those_printed_and_follow_each_other():
    assert (OLD.temperature_k, OLD.pressure_hpa, OLD.particles_at_reference) == (273, 1013.25, True)
    for state in (AMENDED, NEW):
        assert (state.temperature_k, state.pressure_hpa, state.particles_at_reference) == (298.15, 1013.25, False)
    assert OLD.valid_to + dt.timedelta(1) == AMENDED.valid_from and AMENDED.valid_to + dt.timedelta(1) == NEW.valid_from
    assert set(ITEMS) < set(GASES + PARTICLES)


def test_a_gas_of_before_september_2018_is_less_at_the_state_of_today():
    # The same molecules in a volume that is 298.15 / 273 times as large: 109.2 ug/m3 become 100.
    assert to_state(298.15, "so2", was=OLD, now=NEW) == pytest.approx(273, rel=1e-12)
    assert to_state(273.0, "co", was=AMENDED, now=OLD) == pytest.approx(298.15, rel=1e-12)
    assert to_state(100.0, "o3", was=AMENDED, now=NEW) == 100


def test_particles_need_the_state_of_the_air():
    # At -0.15 degrees C and 1013.25 hPa the air is at the state of before 2018-09-01 itself.
    assert to_state(80.0, "pm25", was=OLD, now=NEW, temperature_c=-0.15, pressure_hpa=1013.25) == pytest.approx(80)
    summer = to_state(80.0, "pm10", was=OLD, now=NEW, temperature_c=29.85, pressure_hpa=950.0)
    assert summer == pytest.approx(80 * (950 / 303) / (1013.25 / 273))
    assert to_state(80.0, "pm25", was=AMENDED, now=NEW) == 80  # both are the air's own
    assert np.isnan(to_state(80.0, "pm25", was=OLD, now=NEW, temperature_c=NAN, pressure_hpa=950.0))
    with pytest.raises(ValueError, match="pm25 is told at the air's own state on one side: expected temperature_c"):
        to_state(80.0, "pm25", was=OLD, now=NEW)


def test_there_and_back_is_where_one_began():
    values = np.array([0.0, 3, 48.7, NAN])
    for item in (*GASES, *PARTICLES):
        air = {"temperature_c": np.array([-5.0, 12, 31, 8]), "pressure_hpa": 955.0}
        again = to_state(to_state(values, item, was=OLD, now=NEW, **air), item, was=NEW, now=OLD, **air)
        np.testing.assert_allclose(again, values, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: to_state(1.0, "h2s", was=OLD, now=NEW), "item is 'h2s', expected one of so2"),
        (lambda: to_state(-1.0, "so2", was=OLD, now=NEW), "so2 is -1 ug/m3"),
        (
            lambda: to_state(1.0, "pm10", was=OLD, now=NEW, temperature_c=293.0, pressure_hpa=950),
            "air temperature is 293",
        ),
        (lambda: to_state(1.0, "pm10", was=OLD, now=NEW, temperature_c=20.0, pressure_hpa=95), "air pressure is 95"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_labelled_hours_are_told_at_the_state_of_one_day():
    hours = pd.DatetimeIndex(["2018-08-31T23:00", "2018-09-01T00:00", "2018-09-01T01:00"], tz="Asia/Shanghai")
    data = pd.DataFrame({"so2_ugm3": [298.15, 298.15, 273], "co_mgm3": [NAN, 2.9815, 1]}, hours.rename("hour_end"))
    found = labelled.to_reference_state(data, on="2026-03-01")
    # The hour that ends at 24:00 still belongs to 31 August.
    np.testing.assert_allclose(found["so2_ugm3"], [273, 273, 273])
    np.testing.assert_allclose(found["co_mgm3"], [NAN, 2.73, 1])
    assert found.attrs["reference_state"] == "GB 3095-2026 3.14 and 4.3" and found.index.equals(data.index)
    dusty = data.assign(pm10_ugm3=100.0, temperature_c=-0.15, pressure_hpa=1013.25)
    np.testing.assert_allclose(
        labelled.to_reference_state(
            dusty.to_xarray().assign_coords(hour_end=hours.tz_convert("UTC").tz_localize(None)), on=dt.date(2031, 1, 1)
        )["pm10_ugm3"],
        100,
    )
    with pytest.raises(ValueError, match="expected temperature_c and pressure_hpa"):
        labelled.to_reference_state(dusty.drop(columns="temperature_c"), on="2026-03-01")
