"""Instruments err as they were asked to: their spread, noise, drift and dependence on the weather, against theory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.virtual_airshed.observe.instruments import (
    daily_normal,
    instruments_of,
    linked,
    response,
    swelling,
    with_noise,
)
from research.virtual_airshed.observe.makes import MAKES, SITING_LINKS
from research.virtual_airshed.observe.networks import measured
from research.virtual_airshed.weather.fields import REPORTED_SHARE
from standards.pollutants import ITEMS
from tests.research.virtual_airshed.observe.made_days import FIRST_HOUR, made_day, made_observer, patterns

CODES = tuple(f"SIM-M{i:04d}" for i in range(4_000))
HOURS = np.arange(FIRST_HOUR, FIRST_HOUR + 24)
SIGMAS = 4.5
"""All tolerances are so many standard errors: one comparison in 150,000 fails by chance, and the seed is fixed."""


def shown(instruments, air, *, hours=HOURS[:1], temperature=20.0, humidity=50.0):
    stations = instruments.kappa.size
    field = np.broadcast_to(np.array(air, float)[:, None, None], (len(ITEMS), stations, hours.size))
    weather = (np.full((stations, hours.size), v) for v in (temperature, humidity))
    temperature_c, humidity_pct = weather
    return response(field, instruments, hours=hours, temperature_c=temperature_c, humidity_pct=humidity_pct)


@pytest.mark.parametrize("kind", MAKES)
def test_the_spread_of_siting_is_as_asked_and_its_mean_is_one(kind):
    siting, sd = instruments_of(kind, CODES, seed=2).siting, np.array(MAKES[kind].siting_sd)
    n = len(CODES)
    # Standard errors of a standard deviation, sd / sqrt(2n), and of the mean of a lognormal number of mean 1.
    assert (abs(np.log(siting).std(axis=1) - sd) < SIGMAS * sd / np.sqrt(2 * n)).all()
    assert (abs(siting.mean(axis=1) - 1) < SIGMAS * np.sqrt(np.expm1(sd**2) / n)).all()


def test_gain_offset_and_drift_of_micro_stations_are_as_asked():
    made, make = instruments_of("micro", CODES, seed=2), MAKES["micro"]
    for drawn, sd in (
        (np.log(made.gain), make.gain_sd),
        (made.offset, make.offset_sd),
        (made.drift_per_month, make.drift_sd),
    ):
        asked = np.array(sd)
        assert (abs(drawn.std(axis=1) - asked) < SIGMAS * asked / np.sqrt(2 * len(CODES))).all()


def test_a_share_of_the_micro_stations_lacks_an_item():
    lacking, asked = 1 - instruments_of("micro", CODES, seed=2).measures.mean(axis=1), np.array(MAKES["micro"].lacks)
    assert (abs(lacking - asked) <= SIGMAS * np.sqrt(asked * (1 - asked) / len(CODES))).all()
    assert asked[ITEMS.index("so2")] > 0.5


def test_siting_of_items_goes_together_as_the_links_say():
    z = linked(np.random.default_rng(1).standard_normal((len(ITEMS), 20_000)))
    found = np.corrcoef(z)
    for i, one in enumerate(ITEMS):
        for j, other in enumerate(ITEMS):
            asked = 1.0 if i == j else SITING_LINKS.get((one, other), SITING_LINKS.get((other, one), 0.0))
            # Standard error of a correlation, (1 - r^2) / sqrt(n).
            assert abs(found[i, j] - asked) < SIGMAS * (1 - asked**2) / np.sqrt(20_000) + 1e-9


def test_a_station_is_the_same_among_others_and_alone():
    many, one = instruments_of("micro", CODES[:30], seed=2), instruments_of("micro", (CODES[17],), seed=2)
    np.testing.assert_array_equal(many.siting[:, 17], one.siting[:, 0])
    np.testing.assert_array_equal(many.offset[:, 17], one.offset[:, 0])
    assert many.since_h[17] == one.since_h[0]


def test_reference_instruments_show_the_air_times_their_siting():
    made = instruments_of("national", CODES[:50], seed=2)
    air = (10.0, 40.0, 0.8, 90.0, 100.0, 60.0)
    got = shown(made, air, temperature=35.0, humidity=95.0)[:, :, 0]
    np.testing.assert_allclose(got, np.array(air)[:, None] * made.siting, rtol=1e-12)


def test_noise_of_an_hour_has_the_spread_that_was_asked_for():
    make, n = MAKES["national"], 4_000
    air = np.array((20.0, 40.0, 0.8, 90.0, 100.0, 60.0))
    normal = daily_normal(3, "noise", ("A",), FIRST_HOUR + np.arange(n), len(ITEMS))
    got = with_noise(np.broadcast_to(air[:, None, None], normal.shape), make, normal)[:, 0]
    # Independent relative and absolute parts add in squares.
    asked = np.sqrt((np.array(make.noise_share) * air) ** 2 + np.array(make.noise_least) ** 2)
    assert (abs(got.std(axis=1) - asked) < SIGMAS * asked / np.sqrt(2 * n)).all()
    assert (abs(got.mean(axis=1) - air) < SIGMAS * asked / np.sqrt(n)).all()


def test_noise_never_makes_a_concentration_negative():
    normal = daily_normal(3, "noise", ("A",), FIRST_HOUR + np.arange(500), len(ITEMS))
    assert with_noise(np.full_like(normal, 0.1), MAKES["micro"], normal).min() == 0.0


def test_a_sensor_drifts_by_its_drift_each_month_and_starts_anew_at_service():
    made = instruments_of("micro", CODES[:40], seed=2)
    interval = 24 * made.make.service_days
    served = FIRST_HOUR - (made.since_h + FIRST_HOUR) % interval  # the last service of each station
    air = np.full(len(ITEMS), 100.0)
    for s in range(5):
        hours = np.array([served[s], served[s] + 720, served[s] + 1_440, served[s] + interval], int)
        item = ITEMS.index("pm25")
        own = shown(made, air, hours=hours)[item, s]
        fresh = own[0]
        monthly = 100.0 * made.siting[item, s] * made.gain[item, s] * made.drift_per_month[item, s]
        np.testing.assert_allclose(own[1:3] - fresh, [monthly, 2 * monthly], rtol=1e-9)
        assert own[3] == pytest.approx(fresh, rel=1e-12)


def test_gases_of_cheap_sensors_shift_with_temperature_and_particles_do_not():
    made = instruments_of("micro", CODES[:40], seed=2)
    air = np.full(len(ITEMS), 100.0)
    shift = shown(made, air, temperature=30.0) - shown(made, air, temperature=20.0)
    np.testing.assert_allclose(shift[:, :, 0][made.measures], (10 * made.per_c)[made.measures], atol=1e-9)
    assert np.nanmax(abs(shift[ITEMS.index("pm25")])) == 0.0


def test_particles_swell_as_the_equation_says():
    # By hand: kappa 0.33 at 80 % is 1 + 0.2 / 0.25 = 1.8, at 50 % 1 + 0.2 / 1 = 1.2; their ratio is 1.5.
    assert swelling(np.array(0.33), np.array(80.0)) == pytest.approx(1.5, rel=1e-12)
    assert swelling(np.array(0.33), np.array(50.0)) == 1.0
    assert swelling(np.array(0.0), np.array(99.0)) == 1.0
    assert swelling(np.array(0.33), np.array(99.0)) == swelling(np.array(0.33), np.array(95.0))


@given(st.floats(0.0, 0.6), st.floats(10.0, 100.0), st.floats(0.0, 30.0))
def test_more_humidity_never_shows_less(kappa, humidity, more):
    assert swelling(np.array(kappa), np.array(humidity + more)) >= swelling(np.array(kappa), np.array(humidity)) - 1e-12


@settings(max_examples=25, deadline=None)
@given(st.integers(-30, 30), st.integers(1, 60))
def test_chance_of_an_hour_does_not_depend_on_the_hours_made_with_it(start, hours):
    all_of_it = daily_normal(5, "noise", ("A", "B"), FIRST_HOUR + np.arange(-48, 120), 3)
    part = daily_normal(5, "noise", ("B",), FIRST_HOUR + start + np.arange(hours), 3)
    np.testing.assert_array_equal(part[:, 0], all_of_it[:, 1, 48 + start : 48 + start + hours])


def test_without_noise_a_national_station_reports_its_cell_times_its_siting_to_rounding():
    observer, day = made_observer(noise=0.0), made_day()
    network = observer.network("stations")
    sites, decimals = network.sites, np.array(network.instruments.make.decimals)
    series = measured(day, network, seed=1, noise=0.0)
    cell = day.ground.items()[:, sites.row, sites.column]
    exact = cell * network.instruments.siting[:, :, None]
    assert (abs(series.values[: len(ITEMS)] - exact) <= 0.5 * 10.0 ** -decimals[:, None, None] + 1e-9).all()


def test_without_gusts_the_wind_is_the_cells_wind_at_ten_metres():
    observer, day = made_observer(noise=0.0), made_day(hours=3)
    network = observer.network("super")
    sites = network.sites
    series = measured(day, network, seed=1, noise=0.0)
    # The flow of an hour, mixed from the patterns as the model mixes it, in the middle of the site's cell.
    for h in range(3):
        mixed = [
            np.tensordot(day.weather.wind_ms[0, :, h], part, axes=1) for part in (patterns().east, patterns().north)
        ]
        u = 0.5 * (mixed[0][sites.row, sites.column] + mixed[0][sites.row, sites.column + 1])
        v = 0.5 * (mixed[1][sites.row, sites.column] + mixed[1][sites.row + 1, sites.column])
        np.testing.assert_allclose(series.values[6:, :, h], REPORTED_SHARE * np.stack([u, v]), atol=0.05 + 1e-9)


def test_some_national_stations_measure_wind_and_micro_stations_have_no_column_for_it():
    observer = made_observer()
    windy = observer.network("stations").instruments.wind
    assert 5 < windy.sum() < 25
    assert not observer.network("micro").with_wind


def test_an_unknown_kind_of_station_is_refused():
    with pytest.raises(ValueError, match="kind is 'mobile', expected one of"):
        instruments_of("mobile", ("A",), seed=1)
