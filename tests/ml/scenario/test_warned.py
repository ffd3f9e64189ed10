"""Which warning a plan's rules ask for, from the days and runs of a store. Levels follow from the plan by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa

from ml.scenario.warned import daily_indices, followed, in_force, warned_at
from standards.days import day_of_date, first_hour_of_day
from standards.warning.plan_files import plan_named
from streams.store.attribution import hour_of
from streams.store.schema import air_city_day, air_city_hour, forecast_city_hour
from tests.dashboards import foreseen, stores

PLAN = plan_named("sichuan_2024")
FIRST = day_of_date(dt.date(2025, 12, 16))
HEAVY, FAIR = 214.0, 82.0


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> sa.Engine:
    engine = stores.empty_store(tmp_path_factory.mktemp("warned"))
    foreseen.fill(engine)
    return engine


def at(engine: sa.Engine, city: str, hour: dt.datetime):
    with engine.connect() as connection:
        return warned_at(connection, city, hour_of(hour))


def test_a_level_is_in_force_from_the_day_that_the_decision_before_named() -> None:
    """Two days above 200 are orange (level 2): foreseen on the 16th for the 17th, lifted on the 18th for the 19th."""
    ahead = [[HEAVY, HEAVY, FAIR], [HEAVY, FAIR, FAIR], [FAIR, FAIR, FAIR], [FAIR, FAIR, FAIR]]
    states = followed(PLAN, FIRST, [FAIR, HEAVY, HEAVY, FAIR], ahead)
    assert [state.level for state in states] == [2, 2, 0, 0] and states[0].first_day == FIRST + 1
    assert in_force(states, FIRST) == {FIRST + 1: 2, FIRST + 2: 2, FIRST + 3: 0}


def test_a_level_that_begins_later_is_not_in_force_on_the_days_before() -> None:
    states = followed(
        PLAN, FIRST, [FAIR, FAIR, FAIR], [[FAIR, FAIR, HEAVY, HEAVY], [FAIR, HEAVY, HEAVY], [HEAVY, HEAVY]]
    )
    assert [state.level for state in states] == [2, 2, 2]
    assert in_force(states, FIRST) == {FIRST + 1: 0, FIRST + 2: 0}


def test_days_are_graded_as_the_daily_report_does() -> None:
    """PM2.5 of 160 ug/m3 over a day is 210: HJ 633-2012 Table 1, 150 to 250 is 200 to 300."""
    values = np.full((6, 24), 5.0)
    values[5] = 160.0
    day, index = daily_indices(values, first_hour_of_day(FIRST))
    assert (day, index.tolist()) == (FIRST, [210.0])
    assert np.isnan(daily_indices(values[:, :12], first_hour_of_day(FIRST))[1]).all(), "half a day is no day"


def test_the_city_with_heavy_days_is_warned_and_the_others_are_not(engine) -> None:
    found = at(engine, foreseen.WARNED, foreseen.NEWEST)
    assert found.state.level == 2 and found.holds and found.simulated and found.run == "CDAQS/2025-12-20T00Z"
    assert found.state.first_day == day_of_date(dt.date(2025, 12, 17))
    assert {day: level for day, level in found.in_force.items() if level} == {
        day_of_date(dt.date(2025, 12, d)): 2 for d in (17, 18, 19, 20)
    }
    fair = at(engine, "510700", foreseen.NEWEST)
    assert fair.state.level == 0 and not fair.holds and fair.known


def test_the_day_under_way_is_of_its_hours_so_far_and_of_the_run(engine) -> None:
    """14 hours of 160 and 10 of 168 ug/m3 are 163 as reported: index 213, by the same table."""
    today = next(day for day in at(engine, foreseen.WARNED, foreseen.NEWEST).days if not day.observed)
    assert today.index == 213


def test_a_warning_of_an_hour_is_that_of_a_store_that_ends_with_it(engine, tmp_path) -> None:
    hour = dt.datetime(2025, 12, 16, 14)
    ended = stores.empty_store(tmp_path)
    with engine.connect() as source, ended.begin() as target:
        for table, known in (
            (air_city_day, air_city_day.c.day < dt.date(2025, 12, 16)), (air_city_hour, air_city_hour.c.hour_end <= hour),
            (forecast_city_hour, forecast_city_hour.c.run_init <= hour),
        ):  # fmt: skip
            target.execute(
                sa.insert(table), [dict(row) for row in source.execute(sa.select(table).where(known)).mappings()]
            )
    back, then = at(engine, foreseen.WARNED, hour), at(ended, foreseen.WARNED, hour)
    assert (back.state, back.days, back.run) == (then.state, then.days, then.run)
    assert back.state.level == 2 and not back.holds, "foreseen the day before"


def test_without_a_plan_of_that_day_nothing_is_said(engine) -> None:
    assert at(engine, foreseen.WARNED, dt.datetime(2023, 1, 21, 15)) is None


@pytest.mark.parametrize("value", [-4.0, 2e6, 1e12])
def test_a_forecast_that_is_no_concentration_costs_its_day_and_no_page(tmp_path, value) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    with engine.begin() as connection:
        c = forecast_city_hour.c
        wrong = {"forecast_pm25_ugm3": value, "forecast_pm10_ugm3": value}
        connection.execute(sa.update(forecast_city_hour).where(c.run_init == foreseen.RUN).values(**wrong))
    found = at(engine, foreseen.WARNED, foreseen.NEWEST)
    assert all(day.index is None for day in found.days if day.day > found.day) and not found.known
    assert found.state.level == 2, "a day that is not known lifts nothing"


def test_a_city_without_runs_is_not_said_to_be_free_of_warnings(tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(forecast_city_hour))
    found = at(engine, "510700", foreseen.NEWEST)
    assert found.state.level == 0 and not found.known and found.run == ""
