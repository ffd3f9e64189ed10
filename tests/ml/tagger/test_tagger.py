"""The laws of the light tagger."""

from __future__ import annotations

import numpy as np
import pytest

from ml.tagger import rates
from ml.tagger.boundary import SIDES, usual_boundary
from ml.tagger.places import places_of
from ml.tagger.tagger import INVENTORY, QUANTITIES, contributors_of, tagged
from streams.contributors import ALL, OUTSIDE, SECTORS, TAG_QUANTITIES
from tests.ml.tagger.made import EAST, FIRST_HOUR, HOURS, SETTLED, WEST, emissions, places, weather

PLACES = places()
BOUNDARY = usual_boundary(FIRST_HOUR + np.arange(HOURS))
NONE: dict[str, np.ndarray] = {}
PRIMARY, WHOLE = QUANTITIES.index("pm25_primary"), QUANTITIES.index("pm25")


def told(air=None, emitted=None, boundary=BOUNDARY, **options):
    air, emitted = weather(u=2.0) if air is None else air, emissions() if emitted is None else emitted
    return tagged(air, emitted, boundary, PLACES, FIRST_HOUR, **options).values[..., SETTLED:]


def of_place(values, city):
    """Sum the sectors of a city: (quantity, receptor city, hour)."""
    return sum(values[:, contributors_of(PLACES.cities).index((sector, city))] for sector in SECTORS)


def test_it_tells_sector_by_city_and_outside_in_the_units_of_tags():
    made = tagged(weather(u=2.0), emissions(), BOUNDARY, PLACES, FIRST_HOUR)
    assert made.values.shape == (len(QUANTITIES), 2 * len(SECTORS) + 1, 2, HOURS)
    assert set(made.quantities) <= set(TAG_QUANTITIES)
    assert made.contributors[0] == (SECTORS[0], WEST) and made.contributors[-1] == (ALL, OUTSIDE)
    assert len(set(made.contributors)) == len(made.contributors)


def test_particles_are_the_sum_of_their_parts_for_every_contributor():
    parts = [QUANTITIES.index(name) for name in ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")]
    values = told()
    np.testing.assert_allclose(values[parts].sum(axis=0), values[WHOLE], rtol=1e-12)
    assert values[WHOLE].sum() > 0


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_negative_in_any_weather(seed):
    chance = np.random.default_rng(seed)
    air = {
        "wind_u_ms": chance.normal(0, 3, (2, HOURS)), "wind_v_ms": chance.normal(0, 3, (2, HOURS)),
        "mixing_height_m": chance.uniform(60, 1800, (2, HOURS)), "rain_mm": chance.exponential(0.5, (2, HOURS)),
        "temperature_c": chance.uniform(-5, 35, (2, HOURS)), "humidity_pct": chance.uniform(20, 100, (2, HOURS)),
    }  # fmt: skip
    values = told(air, emissions(seed=seed))
    assert np.isfinite(values).all()
    assert values.min() >= 0.0


@pytest.mark.parametrize("name", [n for n in INVENTORY if n != "nh3"])
def test_who_emits_nothing_contributes_nothing_of_it(name):
    of = {"pm25": "pm25_primary", "so2": "sulphate", "nox": "nox", "co": "co", "voc": "soa"}[name]
    emitted = emissions()
    coal = SECTORS.index("coal")
    emitted[name][0, coal] = 0.0
    values = told(emitted=emitted)[QUANTITIES.index(of)]
    contributors = contributors_of(PLACES.cities)
    assert (values[contributors.index(("coal", WEST))] == 0.0).all()
    assert values[contributors.index(("dust", WEST)), 0].sum() > 0.0


def test_without_any_emission_all_comes_from_outside_and_without_any_boundary_nothing_does():
    values = told(emitted=NONE)
    assert (values[:, :-1] == 0.0).all() and values[WHOLE, -1].min() > 0
    assert (told(boundary=NONE)[:, -1] == 0.0).all()


@pytest.mark.parametrize("quantity", ["so2", "nox", "co", "pm25_primary", "sulphate", "soa"])
def test_what_is_not_an_equilibrium_is_linear_in_emissions(quantity):
    q, one, other = QUANTITIES.index(quantity), emissions(seed=1), emissions(seed=2)
    both = {name: one[name] + 3.0 * other[name] for name in one}
    a, b, ab = (told(emitted=each, boundary=NONE)[q] for each in (one, other, both))
    np.testing.assert_allclose(ab, a + 3.0 * b, rtol=1e-9)


def test_in_still_air_a_city_has_only_itself():
    # But for what two days of meandering carry over 190 km, four widths of the oldest puffs.
    values = told(weather(u=0.0), boundary=NONE)
    own, other = of_place(values, WEST)[PRIMARY, 0], of_place(values, EAST)[PRIMARY, 0]
    assert own.min() > 0.0
    assert (other < 1e-4 * own).all()


def test_in_a_strong_wind_the_city_upwind_is_felt_and_the_one_downwind_is_not():
    values = told(weather(u=6.0))
    assert of_place(values, WEST)[PRIMARY, 1].min() > 0.0
    assert of_place(values, EAST)[PRIMARY, 0].max() == 0.0
    turned = told(weather(u=-6.0))
    assert of_place(turned, EAST)[PRIMARY, 0].min() > 0.0
    assert of_place(turned, WEST)[PRIMARY, 1].max() == 0.0


def test_a_higher_mixed_layer_a_stronger_wind_and_rain_thin_what_a_city_gives_itself():
    base = of_place(told(weather(u=2.0)), WEST)[PRIMARY, 0].mean()
    for thinner in (weather(u=2.0, height=1000.0), weather(u=4.0), weather(u=2.0, rain=2.0)):
        assert of_place(told(thinner), WEST)[PRIMARY, 0].mean() < 0.8 * base


def test_a_box_of_air_over_a_city_holds_what_went_into_it():
    # In still air without losses CO over a town fills a well-mixed layer: mass per area over the height, hour by hour. With the
    # layer twice as high there is half of it; with twice the time twice as much, but for the spread of the puffs.
    few, many = (told(weather(), boundary=NONE, back_hours=n)[2].sum(axis=0)[0].mean() for n in (3, 6))
    high = told(weather(height=1000.0), boundary=NONE, back_hours=6)[2].sum(axis=0)[0].mean()
    assert 1.5 * few < many < 2.0 * few
    assert high == pytest.approx(many / 2, rel=0.15)  # above 250 m stacks count in both; only the layer differs


def test_air_from_beyond_each_side_carries_that_side():
    for n, (u, v) in enumerate(((-6.0, 0.0), (0.0, -6.0), (6.0, 0.0), (0.0, 6.0))):
        one = {"co": np.zeros((4, HOURS))}
        one["co"][n] = 800.0
        # CO has no losses here, so it arrives as it came: 800 ug/m3 are 0.8 mg/m3.
        np.testing.assert_allclose(told(weather(u=u, v=v), NONE, one)[2, -1], 0.8, rtol=1e-9)
        others = {"co": 800.0 - one["co"]}
        assert (told(weather(u=u, v=v), NONE, others)[2, -1] == 0.0).all(), SIDES[n]


def test_an_hour_without_wind_makes_unknown_what_depends_on_it_and_nothing_else():
    air = weather(u=2.0)
    air["wind_u_ms"][:, 70] = np.nan
    values = tagged(air, emissions(), BOUNDARY, PLACES, FIRST_HOUR).values
    unknown = np.isnan(values).all(axis=(0, 1))
    assert np.array_equal(unknown, np.isnan(values).any(axis=(0, 1)))
    assert unknown[:, 70:73].all() and not unknown[:, SETTLED:70].any()


def test_one_city_without_weather_leaves_the_others_but_unknown_is_what_has_no_history():
    air = weather(u=2.0)
    air["rain_mm"][1, 70] = np.nan
    values = tagged(air, emissions(), BOUNDARY, PLACES, FIRST_HOUR).values
    # Nitrate and ammonium need the receptor's own temperature and humidity, which are there.
    assert np.isfinite(values[..., SETTLED:]).all()
    assert np.isnan(values[..., 0]).all()


@pytest.mark.parametrize("name", ["temperature_c", "humidity_pct"])
def test_without_the_temperature_or_humidity_of_the_hour_no_nitrate_is_told(name):
    air = weather(u=2.0)
    air[name][0, 80] = np.nan
    values = tagged(air, emissions(), BOUNDARY, PLACES, FIRST_HOUR).values[:, :, 0, 80]
    for n, quantity in enumerate(QUANTITIES):
        assert np.isnan(values[n]).all() == (quantity in ("nitrate", "ammonium", "pm25")), quantity


def test_a_long_series_is_told_as_its_parts_are(monkeypatch):
    chance = np.random.default_rng(8)
    air = {name: each + chance.uniform(0, 1, each.shape) for name, each in weather(u=1.0, v=1.0).items()}
    whole = tagged(air, emissions(), BOUNDARY, PLACES, FIRST_HOUR).values
    monkeypatch.setattr("ml.tagger.tagger.CHUNK_HOURS", 17)
    np.testing.assert_array_equal(tagged(air, emissions(), BOUNDARY, PLACES, FIRST_HOUR).values, whole)


@pytest.mark.parametrize(
    ("name", "of"), [("pm25", "pm25_primary"), ("nox", "nitrate"), ("nh3", "ammonium"), ("so2", "sulphate")]
)
def test_a_missing_emission_is_not_taken_for_none(name, of):
    emitted = emissions()
    emitted[name][0, 0, 80] = np.nan
    values = told(emitted=emitted)
    # What stands in an equilibrium with the unknown is unknown of everybody, the rest only of who emits it.
    others = np.isnan(values[QUANTITIES.index(of), 1:, 0, 80 - SETTLED])
    assert np.isnan(values[QUANTITIES.index(of), 0, 0, 80 - SETTLED])
    assert others.all() if name in ("nox", "nh3") else not others.any()


def test_shapes_and_names_that_do_not_fit_are_refused():
    for air, emitted, boundary in (
        (weather(u=1.0), {"pm25": np.zeros((2, 9, 3))}, BOUNDARY),
        (weather(u=1.0), {"soot": np.zeros((2, 9, HOURS))}, BOUNDARY),
        (weather(u=1.0), emissions(), {"co": np.zeros((3, HOURS))}),
        ({**weather(u=1.0), "fog": np.zeros((2, HOURS))}, emissions(), BOUNDARY),
    ):
        with pytest.raises(ValueError, match="expected"):
            tagged(air, emitted, boundary, PLACES, FIRST_HOUR)
    with pytest.raises(ValueError, match="expected both of each city"):
        places_of({}, {"510100": [(104.0, 30.0)]})


def test_maps_hold_each_city_once():
    cell = 5.0 * 5.0
    np.testing.assert_allclose(PLACES.density[0].sum(axis=(0, 1)) * cell, 1.0, rtol=1e-6)
    # Smoothing moves nothing away but over the edge of the maps.
    assert (PLACES.density[-1].sum(axis=(0, 1)) * cell > 0.6).all()


def test_the_sun_stands_highest_at_local_noon_and_higher_in_summer():
    # Solar noon at 112.5 E is at 04:30 UTC, in the middle of an hour; the height over 30.5 N is 59.5 - 23.45 deg and
    # 59.5 + 23.45 deg at the solstices.
    day = np.arange(24) + 1
    for date, height in (("2015-12-22", 36.05), ("2015-06-22", 82.95)):
        first = int(np.datetime64(date, "h").astype(int))
        sun = rates.cos_zenith(first + day, 112.5, 30.5)
        assert sun.argmax() == 4
        assert np.degrees(np.arcsin(sun.max())) == pytest.approx(height, abs=2.0)
        assert sun[15] < 0
