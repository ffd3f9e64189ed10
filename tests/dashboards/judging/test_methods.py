"""Shares of one span by several methods: the same hours for all, the range over them, and none that tells too little."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.queries.methods import INVENTORY, NAMES, STORED, TAGS, methods_of, spread
from streams import registry
from streams.contributors import ALL, OUTSIDE, SECTORS
from streams.memory.taghours import contents
from streams.store import schema
from tests.dashboards import attributed, stores
from tests.dashboards.judging.conftest import said, scene_on

CITY, CITIES = "510100", tuple(registry.load().cities)
HOUR = dt.timedelta(hours=1)
END = dt.datetime(2023, 1, 20, 16)
"""The end of 20 January in Beijing."""
TOLD = {"A": (30.0, 20, 5, 15, 5, 5, 10, 5, 0, 5), "B": (10.0, 30, 5, 15, 5, 5, 10, 5, 0, 15)}
"""Raw tags of two models by the sectors and outside [ug/m3]: each adds up to 100."""
KGH = {"industry": 100.0, "vehicles": 300.0}
"""PM2.5 of the inventory, the rest is silent [kg/h]."""


def row(**more) -> dict:
    return attributed.row(CITY, CITIES, END, span="day", hours=24, seed=4, **more)


def fill(engine, *, hours=24, models=tuple(TOLD), late=0.0) -> None:
    """Store a day: the attribution, tags of models for its last hours, and the inventory.

    late: a run that starts after the day says so much of industry, for the same hours.
    """
    pairs = [*((s, ALL) for s in SECTORS), (ALL, OUTSIDE)]
    axes = {"axes": "made", "definition": "allocation", "quantities": '["pm25"]', "contributors": json.dumps(pairs),
            "version": 1}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.attribution), [row()])
        connection.execute(sa.insert(schema.tag_axes), [axes])
        for model in models:
            for back in range(hours):
                _tag(connection, f"{model}/2023-01-19T12Z", END - back * HOUR, TOLD[model])
                if late:
                    _tag(connection, f"{model}/2023-01-21T00Z", END - back * HOUR, (late, *TOLD[model][1:]))
        told = {"sectors": list(KGH), "species": ["pm25", "so2"], "kgh": [[v, 0.0] for v in KGH.values()]}
        connection.execute(sa.insert(schema.emission_city_hour), [
            {"city": CITY, "hour_end": END - k * HOUR, "inventory": "MEIC-2020", "sectors": json.dumps(told),
             "simulated": False, "version": 1}
            for k in range(24)
        ])  # fmt: skip


def _tag(connection, run, end, values) -> None:
    text = contents(np.array(values, float)[None, :, None])[0]
    connection.execute(sa.insert(schema.tag_hour).values(
        place=CITY, hour_end=end, run=run, axes="made", city=CITY, lead_hours=12, packed=text, points=4, file_digest="f",
        simulated=True, version=1))  # fmt: skip


@pytest.fixture
def store(tmp_path):
    def made(**asked):
        engine = stores.empty_store(tmp_path)
        stores.fill(engine)
        with engine.begin() as connection:
            connection.execute(sa.delete(schema.emission_city_hour))
        fill(engine, **asked)
        return engine.connect()

    return made


def test_each_method_has_its_own_shares_of_the_same_hours(store):
    with store() as connection:
        stored, a, b, inventory = methods_of(connection, row())
    assert [each.kind for each in (stored, a, b, inventory)] == [STORED, TAGS, TAGS, INVENTORY]
    assert a.shares == pytest.approx(TOLD["A"], abs=0.05) and b.shares == pytest.approx(TOLD["B"], abs=0.05)
    assert {each.hours for each in (stored, a, b, inventory)} == {24}
    assert a.simulated and not inventory.simulated and inventory.name == "MEIC-2020"
    assert stored.shares.sum() == pytest.approx(100.0)


def test_the_inventory_is_shared_with_thirty_in_a_hundred_from_outside(store):
    with store() as connection:
        inventory = methods_of(connection, row())[-1]
    told = dict(zip(NAMES, inventory.shares, strict=True))
    # Of 70 % a quarter is industry's, three quarters the vehicles' (docs/attribution.md: 30 % from outside).
    assert told == pytest.approx(dict.fromkeys(NAMES, 0.0) | {"industry": 17.5, "vehicles": 52.5, OUTSIDE: 30.0})


def test_the_range_is_from_the_least_to_the_largest_of_all_methods(store):
    with store() as connection:
        methods = methods_of(connection, row())
    low, high = spread(methods)
    industry = [each.shares[0] for each in methods]
    assert (low[0], high[0]) == (min(industry), max(industry)) and low[0] == pytest.approx(10.0, abs=0.05)


def test_a_run_that_began_after_the_span_is_not_seen(store):
    with store(late=90.0) as connection:
        assert methods_of(connection, row())[1].shares[0] == pytest.approx(30.0, abs=0.05)


def test_a_method_of_fewer_than_three_in_four_hours_tells_no_share(store):
    with store(hours=17) as connection:
        a = methods_of(connection, row())[1]
    assert a.hours == 17 and np.isnan(a.shares).all()


def test_tags_that_cannot_be_read_take_nothing_from_the_others(store):
    with store() as connection:
        connection.execute(sa.update(schema.tag_hour).where(schema.tag_hour.c.run.startswith("A/")).values(packed="!"))
        connection.commit()
        _, a, b, _ = methods_of(connection, row())
    assert np.isnan(a.shares).all() and b.shares[0] == pytest.approx(10.0, abs=0.05)


def test_emissions_stand_beside_no_ozone(store):
    with store() as connection:
        found = methods_of(connection, row(quantity="ox"))
    assert INVENTORY not in {each.kind for each in found}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_attribution_lays_methods_out_with_their_range(store, overview, lang):
    from dashboards.pages import attribution_days

    with store() as connection:
        scene = scene_on(connection, stores.NEWEST, lang=lang)
        shown = said(attribution_days._days(scene))
        assert "MEIC-2020" in shown and scene.text("methods.spread") in shown and scene.text("methods.note") in shown


def test_one_method_alone_is_said_to_have_nothing_beside_it(store, overview):
    from dashboards.pages import attribution_days

    with store(models=()) as connection:
        connection.execute(sa.delete(schema.emission_city_hour))
        scene = scene_on(connection, stores.NEWEST)
        assert scene.text("methods.alone") in said(attribution_days._days(scene))
