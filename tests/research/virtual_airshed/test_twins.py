"""Fraternal twins: a cycle of runs that never sees the nature run, the table of members, and what they say in memory."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from research.virtual_airshed.closures import NATURE
from research.virtual_airshed.forecasts import twin_table
from research.virtual_airshed.forecasts.cycle import Cycle, first_init
from research.virtual_airshed.forecasts.imperfections import NONE, Imperfections
from research.virtual_airshed.forecasts.runs import forecast_model, foreseen
from research.virtual_airshed.forecasts.twin_table import NAMES, SPREAD, Twin, drawn, shipped_twins, text_of, twin
from research.virtual_airshed.forecasts.twins import hours_of, season, twin_days, twin_model
from research.virtual_airshed.receptors import receptors_of
from research.virtual_airshed.reference.simulated import receptors as counting_receptors
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.sources import INVENTORY, OUTDATED, hourly_kg
from research.virtual_airshed.tracers import CARRIED, SECTORS, TOTAL, Tags
from research.virtual_airshed.truth import QUANTITIES
from research.virtual_airshed.world import shipped_world

WORLD = shipped_world()
CITIES, TAGS = WORLD.grid.cities, Tags(WORLD.grid.cities)
RECEPTORS = receptors_of(WORLD.grid, [("510100", 104.06, 30.64), ("511400", 103.83, 30.05)])
SHORT = scenario("winter_haze", days=1)
INIT = SHORT.first_hour + 6
IDENTICAL = Twin(name="SAME", imperfections=NONE, chemistry=NATURE, excess=1.0)


def cycle(tags: Tags = TAGS, **options) -> Cycle:
    made = Cycle(forecast_model(SHORT, WORLD, **options), tags, cells=RECEPTORS.cells, every_h=6)
    made.begin(INIT)
    return made


# --- from run to run


def test_a_cycle_without_flaws_is_the_nature_run_from_the_same_air():
    made = cycle(inventory=INVENTORY, imperfections=NONE)
    legs = [made.go_on() for _ in range(3)]
    plan = dataclasses.replace(SHORT.plan(), first_hour=INIT + 1, hours=18, spin_up_days=0)
    (day,) = simulate(plan, WORLD, tags=TAGS, cells=RECEPTORS.cells)
    ground = np.concatenate([leg.ground.amounts for leg in legs], axis=-1)
    np.testing.assert_allclose(ground, day.ground.amounts, rtol=1e-12)
    for name in CARRIED:
        tagged = np.concatenate([leg.tagged[name] for leg in legs], axis=-1)
        np.testing.assert_allclose(tagged, day.tagged[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_a_run_that_reaches_further_begins_as_the_cycle_goes_on_and_leaves_it_where_it_is():
    one, other = cycle(), cycle()
    far, leg, same = one.reach(18), one.go_on(), other.go_on()
    assert (far.first_hour, far.hours, leg.hours, one.init) == (INIT + 1, 18, 6, INIT + 6)
    np.testing.assert_array_equal(far.ground.amounts[..., :6], leg.ground.amounts)
    np.testing.assert_array_equal(leg.ground.amounts, same.ground.amounts)
    np.testing.assert_array_equal(one.totals(), other.totals())


def test_concentrations_stay_where_the_next_run_has_another_mixed_layer():
    made = cycle()
    leg = made.go_on()
    height = foreseen(made.model, made.init, 6).mixing_height_m[0]
    assert not np.allclose(height, leg.weather.mixing_height_m[-1], rtol=0.01)
    inner = made.totals()[0, 1:-1, 1:-1, CARRIED.index("co")] / height
    # Between the mean of the last hour and this moment CO changes by some percent.
    assert np.median(np.abs(np.log(inner / leg.ground.of("co")[..., -1]))) < 0.1


def test_the_first_hours_of_a_foreseen_weather_do_not_depend_on_how_far_it_is_asked_for():
    model = forecast_model(SHORT, WORLD)
    short, long = foreseen(model, INIT, 6), foreseen(model, INIT)
    for name in ("mixing_height_m", "temperature_c", "rain_mm"):
        np.testing.assert_array_equal(getattr(short, name), getattr(long, name)[: len(getattr(short, name))])


def test_a_correction_takes_the_tags_along():
    made = cycle()
    made.go_on()
    before, factors = made.totals(), np.ones((2, *WORLD.grid.shape, len(CARRIED)))
    factors[0, ..., CARRIED.index("primary")] = 2.0
    factors[1, 20, 20, CARRIED.index("ox")] = 0.5
    made.correct(factors)
    after = made.totals()
    np.testing.assert_allclose(after[:, 1:-1, 1:-1], before[:, 1:-1, 1:-1] * factors, rtol=1e-12)
    run = made.go_on()
    for name in ("primary", "ox"):
        parts = run.tagged[name]
        for some in (TAGS.sectors, TAGS.of_cities):
            whole = parts[:, some].sum(axis=1) + parts[:, TAGS.inflow]
            np.testing.assert_allclose(whole, parts[:, TOTAL], rtol=1e-6)


def test_a_cycle_that_has_not_begun_says_so():
    made = Cycle(forecast_model(SHORT, WORLD), TAGS)
    assert not made.begun
    with pytest.raises(RuntimeError, match="expected begin"):
        made.go_on()


def test_a_cycle_begins_days_before_it_is_asked_and_at_a_time_of_its_runs():
    for hour in range(400_000, 400_030):
        init = first_init(hour, 12)
        assert init % 12 == 0 and 120 <= hour - 1 - init < 132


# --- who they are


def test_the_table_is_what_is_drawn_and_the_first_member_what_was_chosen():
    assert twin_table.main(["--check"]) == 0
    assert shipped_twins() == drawn()
    assert tuple(each.name for each in shipped_twins()) == NAMES == ("TWIN-A", "TWIN-B", "TWIN-C", "TWIN-D")
    first = twin("TWIN-A")
    assert first.imperfections == Imperfections() and first.excess == 1.25
    assert (first.chemistry.so2, first.chemistry.nox_day, first.chemistry.town_oh) == (0.65, 1.2, 0.85)


def test_members_differ_from_the_first_by_what_is_said():
    assert min(SPREAD.values()) >= 0.1 and max(SPREAD.values()) <= 0.3
    off = []
    numbers = [list(map(float, line.split(",")[1:-1])) for line in text_of(shipped_twins()).splitlines()[1:]]
    for other in numbers[1:]:
        off += [math.log(b / a) / sd for a, b, sd in zip(numbers[0], other, SPREAD.values(), strict=True)]
    # 39 normal numbers: mean 0 within 3 / sqrt(39), standard deviation 1 within 3 / sqrt(78), none beyond 3.5.
    assert abs(np.mean(off)) < 0.48 and 0.66 < np.std(off) < 1.34 and max(map(abs, off)) < 3.5


def test_a_twin_that_nobody_knows_is_named():
    with pytest.raises(ValueError, match="'TWIN-Z', expected one of TWIN-A, TWIN-B"):
        twin("TWIN-Z")


def test_a_name_fits_into_a_tag_file():
    assert all(len(each.name) <= 22 for each in shipped_twins())


# --- what they say


@pytest.fixture(scope="module")
def told() -> dict:
    return {name: season(twin_days(SHORT, twin(name))) for name in NAMES[:2]}


def test_a_twin_tells_every_hour_of_a_scenario_in_order(told):
    for whole in told.values():
        assert (whole.first_hour, whole.hours) == (SHORT.first_hour, SHORT.hours)
        assert whole.total.shape == (len(QUANTITIES), 8, 24) and whole.allocation.shape == (len(QUANTITIES), 8, 18, 24)
        assert whole.removal.shape == whole.allocation.shape
        assert whole.species.shape == (len(CARRIED), 8, TAGS.count, 24) and whole.kg.shape == (8, 9, 7, 24)
        assert {v.shape for v in whole.weather.values()} == {(8, 24)}
        assert whole.wind_ms.shape[-1] == 24 and np.isfinite(whole.total).all()


def test_what_a_twin_allocates_adds_up(told):
    whole = told["TWIN-A"]
    sectors, cities = whole.allocation[:, :, :9].sum(axis=2), whole.allocation[:, :, 9:17].sum(axis=2)
    outside = whole.allocation[:, :, 17]
    np.testing.assert_allclose(sectors + outside, whole.total, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(cities + outside, whole.total, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(whole.species[:, :, 1:10].sum(axis=2) + whole.species[:, :, 18], whole.species[:, :, 0],
                               rtol=1e-3, atol=1e-3)  # fmt: skip


def test_twins_differ_from_one_another_and_from_the_nature_run(told):
    world = SHORT.world(WORLD)
    receptors = counting_receptors(world, SHORT.start)
    days = simulate(SHORT.plan(), world, tags=TAGS, cells=receptors.cells)
    nature = season(hours_of(day, TAGS, receptors) for day in days)
    q = list(QUANTITIES).index("pm25_ugm3")
    shares = [
        each.allocation[q].sum(axis=-1) / each.total[q].sum(axis=-1)[:, None] for each in (nature, *told.values())
    ]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(shares[a] - shares[b])[:, [*range(9), 17]].mean() > 0.005


def test_an_identical_twin_in_true_weather_comes_to_the_nature_run():
    (whole,) = (season(twin_days(SHORT, IDENTICAL)),)
    world = SHORT.world(WORLD)
    receptors = counting_receptors(world, SHORT.start)
    nature = season(
        hours_of(day, TAGS, receptors) for day in simulate(SHORT.plan(), world, tags=TAGS, cells=receptors.cells)
    )
    # It began half a day earlier; what is left of the air it began with is the difference.
    np.testing.assert_allclose(whole.total, nature.total, rtol=0.02, atol=0.1)
    np.testing.assert_allclose(whole.allocation, nature.allocation, rtol=0.1, atol=0.5)
    np.testing.assert_array_equal(whole.weather["mixing_height_m"], nature.weather["mixing_height_m"])


def test_a_twin_is_told_the_inventory_that_is_told_and_no_hidden_error():
    for chosen, folder in ((SHORT.changed(hidden="severe"), INVENTORY), (SHORT.changed(told="outdated"), OUTDATED)):
        plan = twin_model(chosen, WORLD, twin("TWIN-A")).plan
        assert (plan.inventory, dict(plan.factors)) == (folder, {})
        (part, *_) = twin_days(chosen, twin("TWIN-A"), every_h=24)
        expected = hourly_kg(folder, WORLD.registry, part.first_hour, part.hours)
        np.testing.assert_allclose(part.kg, expected)


def test_factors_that_are_handed_in_take_the_place_of_those_of_the_scenario():
    chosen = SHORT.changed(factors={("*", "coal", "*"): 0.5})
    assert twin_model(chosen, WORLD, twin("TWIN-A")).plan.factors == {("*", "coal", "*"): 0.5}
    assert twin_model(chosen, WORLD, twin("TWIN-A"), factors={}).plan.factors == {}


def test_a_twin_brings_more_from_outside_where_its_excess_says_so():
    model = twin_model(SHORT.changed(basin_excess=0.5), SHORT.changed(basin_excess=0.5).world(WORLD), twin("TWIN-A"))
    assert model.world.inflow.excess == pytest.approx(0.5 * 1.25)
    assert model.truth.inflow.excess == 0.5


def test_a_correction_is_asked_for_at_the_start_of_each_run_and_acts(told):
    asked = []

    def halve(day, init):
        asked.append((day.first_hour + day.hours - 1 - init, init % 12))
        return np.full((2, *WORLD.grid.shape, len(CARRIED)), 0.5)

    whole = season(twin_days(SHORT, twin("TWIN-A"), correction=halve))
    # Half a day or less before the first hour, five days of spin-up and one of the scenario, twice a day.
    assert set(asked) == {(0, 0)} and len(asked) in (12, 13)
    co = list(QUANTITIES).index("co_mgm3")
    assert (whole.total[co].mean(axis=-1) < 0.8 * told["TWIN-A"].total[co].mean(axis=-1)).all()


def test_hours_that_are_missing_or_none_are_refused():
    first, second, *_ = twin_days(SHORT, twin("TWIN-A"), every_h=6)
    assert season([first, second]).hours == first.hours + second.hours
    with pytest.raises(ValueError, match=f"expected {second.first_hour + second.hours}"):
        season([second, first])
    with pytest.raises(ValueError, match="no hours"):
        season([])


def test_sectors_are_named_in_the_order_of_the_tags():
    assert TAGS.sources[:9] == SECTORS and TAGS.sources[17] == "inflow"
