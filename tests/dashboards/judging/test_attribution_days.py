"""Attribution day by day: what is stored, no day made up, ozone and odd oxygen never in one sum."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.asked import days_asked
from dashboards.figures.day_stacks import day_stacks
from dashboards.queries.attributed_days import attributed_days
from streams import registry
from streams.store import schema
from streams.store.attribution import contributions_of, unpacked_removal
from tests.dashboards import attributed, stores
from tests.dashboards.judging.conftest import said, scene_on

CITIES = tuple(registry.load().cities)
FIRST = dt.datetime(2023, 1, 14, 16)
"""The end of 14 January in Beijing."""
ROWS = [
    attributed.row(
        "510100",
        CITIES,
        FIRST + k * dt.timedelta(days=1),
        span="day",
        hours=24,
        seed=k,
        total=60.0 + 10 * k,
        simulated=k == 2,
    )
    for k in range(4)
]
OZONE = [
    attributed.row(
        "510100", CITIES, FIRST - dt.timedelta(hours=6 - 24 * k), span="mda8", hours=8, quantity=quantity, seed=k
    )
    for k, quantity in ((0, "ox"), (0, "o3"), (1, "ox"))
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> sa.Engine:
    engine = stores.empty_store(tmp_path_factory.mktemp("days"))
    stores.fill(engine)
    with engine.begin() as connection:
        for row in (*ROWS, *OZONE):
            connection.execute(sa.insert(schema.attribution), row)
    return engine


@pytest.fixture
def scene(engine):
    with engine.connect() as connection:
        yield lambda **asked: scene_on(connection, stores.NEWEST, **asked)


@pytest.fixture(scope="module")
def page(overview):
    from dashboards.pages import attribution_days

    return attribution_days


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sums_are_means_over_the_days_with_removal_beside(page, scene, lang) -> None:
    shown = said(page._days(scene(lang=lang)))
    parts = np.mean([contributions_of(row).by("sector") for row in ROWS], axis=0)
    removal = np.mean([unpacked_removal(row["removal"]) for row in ROWS], axis=0)
    i = int(np.argmax(parts[:-1]))
    assert f"| {parts[i]:.1f} | {100 * parts[i] / parts.sum():.0f} | −{removal[i]:.1f}" in shown
    for words in ("2023-01-14", "2023-01-17", " 4 ", "TWIN-A", "attribution 1"):
        assert words in shown, words
    row = shown[shown.index("2023-01-18") :]
    assert row.split(" | ")[1] == "NA", "a day without an attribution has no total"


def test_ozone_and_odd_oxygen_are_never_shown_as_one(scene) -> None:
    looking = scene(item="o3")
    days = days_asked({}, stores.NEWEST, spans=(7, 14, 31), default=14)
    found = attributed_days(looking.connection, "510100", "o3", days, stores.NEWEST)
    assert [(day, row["quantity"]) for day, row in found.items()] == [(dt.date(2023, 1, 14), "o3")]


def test_a_day_that_had_not_ended_is_not_shown(scene) -> None:
    hour = FIRST + dt.timedelta(hours=30)
    days = days_asked({}, hour, spans=(7, 14, 31), default=14)
    assert list(attributed_days(scene().connection, "510100", "pm25", days, hour)) == [
        dt.date(2023, 1, 14),
        dt.date(2023, 1, 15),
    ]


def test_bars_stack_up_to_the_sum_and_parts_below_nothing_go_down() -> None:
    """Without a negative part 10 is the top of an axis that is 260 - 12 - 40 = 208 high."""
    day = dt.date(2023, 1, 1)
    words = ("t", "u")
    heights = [
        float(h) for h in re.findall(r'height="([\d.]+)"', day_stacks({day: [4.0, 3.0]}, ["a", "b"], day, day, words))
    ]
    assert heights == pytest.approx([0.4 * 208, 0.3 * 208], abs=0.1)
    signed = day_stacks({day: [4.0, -3.0]}, ["a", "b"], day, day, words)
    tops = [float(y) for y in re.findall(r'y="([\d.]+)" width', signed)]
    heights = [float(h) for h in re.findall(r'height="([\d.]+)"', signed)]
    assert tops[0] + heights[0] == pytest.approx(tops[1], abs=0.11), "one ends at nought where the other begins"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_store_and_empty_days_say_so(page, scene, lang) -> None:
    nothing = scene_on(None, None, lang=lang)
    assert nothing.text("card.awaiting") in said(page._days(nothing))
    params = {"first": "2020-01-01", "last": "2020-01-03"}
    empty = scene(lang=lang, params=params)
    assert empty.text("attributed.none", **params) in said(page._days(empty))


def test_days_that_cannot_be_read_fall_back_and_are_named(page, scene) -> None:
    assert "开始日期（first）" in said(page._days(scene(params={"first": "2022-01-01", "last": "2023-01-10"})))
