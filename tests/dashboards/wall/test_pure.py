"""Trend, agreement of runs, largest source, targets: what the wall works out by itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from dashboards import theme
from dashboards.phase.targets import EXAMPLE, mean_left, read_targets
from dashboards.wall.agreement import agreement
from dashboards.wall.causes import Part, by_distance, leading
from dashboards.wall.trend import change, direction
from dashboards.wall.year_scene import SCALE, reach_of
from standards.index.levels import LEVELS

LAST = dt.datetime(2025, 12, 20, 6)
CSS = Path(__file__).parents[3] / "dashboards" / "snapshots" / "css" / "4-wall.css"


def hours(*values: int | None) -> dict[dt.datetime, int | None]:
    """The hours up to LAST."""
    return {LAST - dt.timedelta(hours=len(values) - 1 - i): value for i, value in enumerate(values)}


def test_a_steady_rise_is_told_with_its_size() -> None:
    assert change(hours(50, 55, 60, 65, 70, 75, 80), LAST) == pytest.approx(30.0)  # 5 an hour for six hours
    assert direction(30.0) == "rising" and direction(-30.0) == "falling" and direction(3.0) == "level"


def test_one_hour_that_stands_out_makes_no_trend() -> None:
    assert direction(change(hours(60, 60, 60, 60, 60, 60, 200), LAST)) == "level"


def test_too_few_hours_have_no_trend() -> None:
    assert change(hours(None, None, None, None, 60, 90, 120), LAST) is None
    assert direction(None) == "unknown"


def test_hours_before_the_span_do_not_count() -> None:
    assert change({LAST - dt.timedelta(hours=7 + i): 100 * i for i in range(6)}, LAST) is None


@pytest.mark.parametrize(
    ("told", "named"),
    [((80, 95), "high"), ((80, 120), "medium"), ((80, 180), "low"), ((80,), "unknown"), ((), "unknown")],
)
def test_runs_agree_where_they_name_one_level(told: tuple[int, ...], named: str) -> None:
    assert agreement(told) == named


def test_two_sources_whose_intervals_overlap_are_both_named() -> None:
    parts = [Part("coal", 9, 18, 14, 22), Part("vehicles", 8, 16, 12, 20), Part("dust", 2, 4, 2, 6)]
    assert [each.name for each in leading(parts)] == ["coal", "vehicles"]
    assert [each.name for each in leading([parts[0], parts[2]])] == ["coal"]


def test_nobody_is_told_to_act_on_what_comes_from_outside() -> None:
    parts = [Part("outside", 50, 50, 45, 55), Part("rest", 30, 30, 25, 35), Part("dust", 2, 4, 2, 6)]
    assert [each.name for each in leading(parts)] == ["dust"]
    assert leading(parts[:2]) == ()


def test_places_split_into_home_others_and_outside() -> None:
    parts = [Part("a", 5, 50, 0, 0), Part("b", 2, 20, 0, 0), Part("c", 1, 10, 0, 0), Part("outside", 2, 20, 0, 0)]
    assert by_distance(parts, "a") == (50, 30, 20)


def test_no_target_is_shipped() -> None:
    assert read_targets(EXAMPLE) == ()


def test_the_rest_of_the_year_makes_up_for_what_was() -> None:
    """(35 * 365 - 40 * 265) / 100 = 21.75: 265 days of 40 and 100 of 21.75 make a mean of 35."""
    assert mean_left(35.0, 40.0, 265, 365) == pytest.approx(21.75)
    assert mean_left(35.0, 60.0, 300, 365) < 0
    assert mean_left(35.0, 40.0, 365, 365) is None and mean_left(35.0, float("nan"), 0, 365) is None


def test_the_colours_of_the_style_are_the_standards() -> None:
    style = CSS.read_text(encoding="utf-8")
    for level in LEVELS:
        ink = "#000" if theme.ink_on(level.hex) == "#000000" else "#fff"
        assert (
            f".l{level.level} {{ background: {level.hex.lower()}; fill: {level.hex.lower()}; color: {ink}; }}" in style
        )


def test_no_bar_of_the_year_is_cut_off() -> None:
    """55, 50 and 28 µg/m³ against 30: a bar that ends at 1.6 times the limit shows 55 and 50 as one."""
    reach = reach_of(np.array([55.0, 50.0, np.nan, 28.0]), [30.0, 30.0, 30.0, 30.0])
    assert reach == pytest.approx(55 / 30)
    assert reach_of(np.array([28.0, np.nan]), [30.0, 30.0]) == SCALE == reach_of(np.array([np.nan]), [30.0])
