"""What observations make of a model's state: the arithmetic on made fields, and how well the forecast model's starts are known."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.virtual_airshed.forecasts.analysis import ALOFT, ERRORS, GROSS, Observed, corrections
from research.virtual_airshed.forecasts.cycle import Cycle
from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.runs import Starts, foreseen
from research.virtual_airshed.grid import CELL_M, NO_CELLS
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.observe.sites import national_stations, sites_of
from research.virtual_airshed.run import series_of, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import CARRIED, NMOL_PER_PPB, UNITS, Tags
from research.virtual_airshed.weather.fields import weather_of
from research.virtual_airshed.world import shipped_world
from standards.pollutants import ITEMS

WORLD = shipped_world()
UNTAGGED = Tags(WORLD.grid.cities, tagged=False)
SHAPE = (30, 30)
ROW, COLUMN = 15, 15
LAST = -1


def background() -> GroundHours:
    """Even air of two hours, the first of which must not matter."""
    of_each = {name: 200.0 if "nmol" in UNITS[name] else 30.0 for name in CARRIED}
    of_each |= {"ox": 40.0 * NMOL_PER_PPB, "co": 40_000.0}
    amounts = np.array(list(of_each.values()))
    fields = np.broadcast_to(amounts[:, None, None, None], (len(CARRIED), *SHAPE, 2)).copy()
    fields[..., 0] *= 7.0
    return GroundHours(fields, *(np.full((*SHAPE, 2), value) for value in (10.0, 60.0, 1.5)))


def items() -> dict[str, float]:
    return dict(zip(ITEMS, background().items()[:, ROW, COLUMN, LAST], strict=True))


def observed(*stations: tuple[int, int, dict[str, float]]) -> Observed:
    """Stations at cells, whose items are the model's but for what is said."""
    values = np.array([[(items() | own)[item] for item in ITEMS] for *_, own in stations]).T
    return Observed(np.array([r for r, *_ in stations]), np.array([c for _, c, _ in stations]), values)


def of(factors: np.ndarray, species: str, layer: int = 0) -> np.ndarray:
    return factors[layer, ..., CARRIED.index(species)]


def test_a_model_that_agrees_with_its_stations_is_left_as_it_is():
    np.testing.assert_allclose(corrections(background(), observed((3, 4, {}), (20, 9, {}))), 1.0, rtol=1e-12)


@pytest.mark.parametrize("item", ["so2", "co"])
def test_one_station_moves_its_cell_by_the_weight_of_the_errors_and_others_by_how_near_they_are(item):
    errors = ERRORS[item]
    factors = corrections(background(), observed((ROW, COLUMN, {item: 1.5 * items()[item]})))
    # The textbook's case of one observation: w = sb2 / (sb2 + so2), spread by exp(-d2 / 2 L2) (Daley 1991, 4.3).
    weight = errors.background**2 / (errors.background**2 + errors.station**2)
    for rows, columns in ((0, 0), (2, 0), (0, -3), (4, 4)):
        alike = math.exp(-0.5 * (rows**2 + columns**2) * CELL_M**2 / (errors.reach_km * 1e3) ** 2)
        expected = 1.5 ** (weight * alike)
        assert of(factors, item)[ROW + rows, COLUMN + columns] == pytest.approx(expected)
        assert of(factors, item, 1)[ROW + rows, COLUMN + columns] == pytest.approx(expected**ALOFT)
    others = [n for n, name in enumerate(CARRIED) if name != item]
    np.testing.assert_array_equal(factors[..., others], 1.0)


def test_what_nobody_measures_goes_with_what_is_measured_or_stays():
    more = {"pm25": 1.4 * items()["pm25"], "pm10": items()["pm10"] + 0.4 * items()["pm25"]}
    factors = corrections(background(), observed((ROW, COLUMN, more)))
    primary = of(factors, "primary")[ROW, COLUMN]
    assert 1.2 < primary < 1.4
    for name in ("sulphate", "nitrate", "soa"):
        assert of(factors, name)[ROW, COLUMN] == pytest.approx(math.sqrt(primary))
    for name in ("ammonia", "coarse", "aromatics", "isoprene", "ox", "nox"):
        np.testing.assert_allclose(of(factors, name), 1.0, rtol=1e-12)


def test_ozone_that_gives_way_to_no2_moves_nox_and_not_the_odd_oxygen():
    # 10 ppb of ozone become 10 ppb of NO2: 47.998 and 46.006 g/mol.
    ppb = NMOL_PER_PPB * 1e-3
    swapped = {"o3": items()["o3"] - 3 * ppb * 47.998, "no2": items()["no2"] + 3 * ppb * 46.006}
    factors = corrections(background(), observed((ROW, COLUMN, swapped)))
    np.testing.assert_allclose(of(factors, "ox"), 1.0, rtol=1e-9)
    assert of(factors, "nox")[ROW, COLUMN] > 1.1


def test_what_no_station_measures_is_left_as_it_is():
    nothing = observed((ROW, COLUMN, dict.fromkeys(ITEMS, np.nan)))
    np.testing.assert_array_equal(corrections(background(), nothing), 1.0)
    part = observed((ROW, COLUMN, {"so2": np.nan, "co": 2.0 * items()["co"]}))
    factors = corrections(background(), part)
    np.testing.assert_array_equal(of(factors, "so2"), 1.0)
    assert of(factors, "co")[ROW, COLUMN] > 1.3


def test_a_station_that_cannot_be_right_counts_for_nothing():
    errors = ERRORS["co"]
    edge = math.exp(GROSS * math.hypot(errors.background, errors.station))
    for off, heeded in ((0.99 * edge, True), (1.01 * edge, False)):
        factors = corrections(background(), observed((ROW, COLUMN, {"co": off * items()["co"]})))
        assert (of(factors, "co")[ROW, COLUMN] > 1.0) == heeded


@given(
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.floats(0.3, 3.0)), min_size=1, max_size=8),
    st.randoms(),
)
def test_the_order_of_stations_makes_no_difference_and_no_factor_leaves_their_range_far(found, order):
    stations = [(r, c, {"so2": f * items()["so2"]}) for r, c, f in found]
    shuffled = order.sample(stations, len(stations))
    one, other = (corrections(background(), observed(*each)) for each in (stations, shuffled))
    np.testing.assert_allclose(one, other, rtol=1e-9)
    assert (one > 0).all() and np.isfinite(one).all()


# --- the forecast model in operation


HAZE = scenario("winter_haze", days=4, hidden="mild")


@pytest.fixture(scope="module")
def week():
    """Days of a nature run, its true states, and what the operational model starts from."""
    world, starts = HAZE.world(WORLD), Starts(12)
    days = list(simulate(HAZE.plan(), world, tags=UNTAGGED, cells=NO_CELLS, watch=starts))
    operation = Operation(HAZE, world)
    return days, starts.take(), [start for day in days for start in operation.starts(day)], operation.model


def test_runs_start_where_the_truth_is_kept_and_with_a_state_of_their_own(week):
    _, true, own, _ = week
    assert [start.init for start in own] == [start.init for start in true] and len(own) == 8
    assert all(start.own for start in own) and not any(start.own for start in true)


def off_at(week, start, *, free=None) -> np.ndarray:
    """Logarithms of own over true concentrations in the cells of the stations: (station, species)."""
    _, true, _, model = week
    (truth,) = (each for each in true if each.init == start.init)
    sites = sites_of(WORLD.grid, national_stations(WORLD.registry))
    depth = weather_of(WORLD.grid, series_of(HAZE.plan(), start.init, 2), start.init + 1).mixing_height_m[0]
    own_depth = foreseen(model, start.init, 2).mixing_height_m[0]
    state = start.totals if free is None else free
    one, other = (t[0, 1:-1, 1:-1] / d[..., None] for t, d in ((state, own_depth), (truth.totals, depth)))
    return np.log(one / other)[sites.row, sites.column]


def test_the_analysis_knows_what_is_measured_better_than_the_model_alone_and_the_rest_no_better(week):
    free = Cycle(week[3], UNTAGGED)
    free.begin(week[2][0].init - 132)
    errors = {"analysis": [], "free": []}
    for start in week[2]:
        while free.init < start.init:
            free.go_on()
        errors["analysis"].append(off_at(week, start))
        errors["free"].append(off_at(week, start, free=free.totals()))
    size = {
        name: dict(zip(CARRIED, np.sqrt(np.mean(np.square(each), axis=(0, 1))), strict=True))
        for name, each in errors.items()
    }
    for name, part in (("so2", 0.5), ("nox", 0.8), ("co", 0.5), ("primary", 0.8), ("coarse", 0.8), ("ox", 0.9)):
        assert size["analysis"][name] < part * size["free"][name], name
    # It is not the true state: instruments and siting err, and nobody measures ammonia and VOC.
    assert size["analysis"]["so2"] > 0.05 and size["analysis"]["primary"] > 0.1
    for name in ("ammonia", "aromatics"):
        assert size["analysis"][name] > 0.25, name


def test_a_start_follows_from_what_stations_measure_and_from_nothing_else_of_the_nature_run(week):
    days, _, own, _ = week
    sites = sites_of(WORLD.grid, national_stations(WORLD.registry))
    elsewhere = np.full((*WORLD.grid.shape, 1), 5.0)
    elsewhere[sites.row, sites.column] = 1.0
    ground = dataclasses.replace(days[0].ground, amounts=days[0].ground.amounts * elsewhere)
    changed = dataclasses.replace(days[0], ground=ground, kg=days[0].kg * 9)
    operation = Operation(HAZE, HAZE.world(WORLD))
    for found, expected in zip(operation.starts(changed), own, strict=False):
        np.testing.assert_array_equal(found.totals, expected.totals)


def test_a_day_given_in_parts_gives_the_same_starts(week):
    days, _, own, _ = week
    operation = Operation(HAZE, HAZE.world(WORLD))
    plan = dataclasses.replace(HAZE.plan(), hours=24)
    found = []
    for first in (0, 8, 9, 20):
        end = {0: 8, 8: 9, 9: 20, 20: 24}[first]
        whole = days[0]
        fields = ("amounts", "temperature_c", "humidity_pct", "balance_ppb")
        part = GroundHours(*(getattr(whole.ground, name)[..., first:end] for name in fields))
        hour = whole.first_hour + first
        weather = weather_of(WORLD.grid, series_of(plan, hour - 1, end - first + 1), hour)
        found += operation.starts(dataclasses.replace(whole, first_hour=hour, ground=part, weather=weather))
    assert [start.init for start in found] == [start.init for start in own[:2]]
    for one, other in zip(found, own, strict=False):
        np.testing.assert_array_equal(one.totals, other.totals)


def test_without_forecast_runs_nothing_is_started(week):
    assert Operation(HAZE.changed(forecast_every_h=0), WORLD).starts(week[0][0]) == []
