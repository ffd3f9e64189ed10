"""What figures draw lies where its numbers say, and inside."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest

from dashboards.analysis.effective import fitted
from dashboards.analysis.winds import LEAST_HOURS, winds
from dashboards.figures.plot import LEFT, Plot, broken, reach, ticks
from dashboards.figures.roses import GREY, SHADES, polar_plot, pollution_rose, shade, wind_rose
from dashboards.figures.series import COLUMNS, HEIGHT, WIDTH, scatter, series_lines

FIRST = dt.datetime(2023, 1, 1)
NUMBER = r"-?\d+(?:\.\d+)?"


def path_of(svg: str, class_: str) -> str:
    return re.search(rf'd="([^"]*)" class="{class_}"', svg)[1]


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(rf"[ML]({NUMBER}) ({NUMBER})", path)]


def test_a_gap_is_a_gap_and_a_lonely_hour_a_dot() -> None:
    nan = float("nan")
    assert broken([(0, 1), (1, 2), (2, nan), (3, 5), (4, nan)]) == "M0 1L1 2M3 5h.1"
    assert broken([(0, nan)]) == "" and broken([(0, 1)]) == "M0 1h.1"


@pytest.mark.parametrize(
    "values", [[], [0.0], [7.0], [-2.0, -1.0], [0.0, 0.0], [float("nan")], [1e-6, 2e-6], [3.0, 1e6], [-5.0]]
)
def test_a_scale_holds_its_values_and_has_ticks(values: list[float]) -> None:
    for zero in (True, False):
        low, high = reach(values, zero=zero)
        assert low < high and all(low <= v <= high for v in values if v == v) and 2 <= len(ticks(low, high)) <= 12


def test_a_line_goes_through_its_values() -> None:
    values = np.array([0.0, 10.0, np.nan, 20.0, 20.0])
    svg = series_lines(FIRST, [(values, "µg/m³", "a")], [], "t")
    plot = Plot(WIDTH, HEIGHT, (0, 4), (0.0, 20.0), right=44)
    expected = [(plot.across(i), plot.up(v)) for i, v in enumerate(values) if v == v]
    np.testing.assert_allclose(points(path_of(svg, "line of-a")), expected, atol=0.5)


@pytest.mark.parametrize("hours", [COLUMNS, COLUMNS + 1, 366 * 24])
def test_a_year_is_drawn_with_its_extremes_and_stays_small(hours: int) -> None:
    values = np.full(hours, 50.0)
    values[hours // 2] = 400.0
    svg = series_lines(FIRST, [(values, "", "a"), (values, "", "b")], [FIRST], "t")
    assert (hours > COLUMNS) == ("envelope" in svg)
    heights = [float(y) for y in re.findall(rf"V({NUMBER})", path_of(svg, "envelope of-a"))] if hours > COLUMNS else [
        y for _, y in points(path_of(svg, "line of-a"))]  # fmt: skip
    assert min(heights) == pytest.approx(Plot(WIDTH, HEIGHT, (0, 1), (0, 400)).up(400.0), abs=1)
    assert len(svg) < 100_000


def test_the_drawn_line_of_a_scatter_is_the_fitted_one() -> None:
    x = np.arange(50.0)
    y = 2.0 * x + 5.0 + np.where(np.arange(50) % 2, 1.0, -1.0)
    line = fitted(x, y)
    (x0, y0), (x1, y1) = points(path_of(scatter(x, y, line, ("x", "y"), "t"), "fit"))
    plot = Plot(360, 300, reach(x), reach(y))
    for px, py in ((x0, y0), (x1, y1)):
        value = plot.x[0] + (px - LEFT) / (plot.across(plot.x[1]) - LEFT) * (plot.x[1] - plot.x[0])
        assert plot.up(line.slope * value + line.intercept) == pytest.approx(py, abs=3)


@pytest.mark.parametrize("values", [np.full(400, np.nan), np.full(400, -3.0), np.full(400, 0.0), np.arange(400.0)])
def test_roses_are_drawn_of_whatever_the_hours_hold(values: np.ndarray) -> None:
    found = winds(np.full(400, 1.0), np.full(400, 1.0), values, FIRST)
    for svg in (
        wind_rose(found, "NESW", "calm", "t"), pollution_rose(found.by_sector, "calm", [""] * 16, "NESW", "t"),
        polar_plot(found.by_cell.mean, found.by_cell, (0.0, 1.0), ("calm", float("nan")), lambda *_: "", "NESW", "t"),
    ):  # fmt: skip
        assert "nan" not in svg and "inf" not in svg


def test_cells_of_few_hours_are_grey_and_the_others_are_not() -> None:
    """Nine hours from the south, forty from the west; both at 2 m/s and the same mean."""
    u = np.concatenate([np.zeros(LEAST_HOURS - 1), np.full(40, 2.0)])
    v = np.concatenate([np.full(LEAST_HOURS - 1, 2.0), np.zeros(40)])
    found = winds(u, v, np.full(len(u), 60.0), FIRST)
    svg = polar_plot(
        found.by_cell.mean, found.by_cell, (0.0, 60.0), ("calm", float("nan")), lambda s, _: f"cell {s}", "NESW", "t"
    )
    fills = dict(re.findall(r'fill="(#\w+)"><title>(cell \d+)', svg))
    assert {name: fill for fill, name in fills.items()} == {"cell 8": GREY, "cell 12": SHADES[-1]}


@pytest.mark.parametrize(("value", "place"), [(-1, 0), (0, 0), (34.9, 3), (69.9, 6), (70, 6), (99, 6)])
def test_a_shade_is_that_of_its_seventh_of_the_scale(value: float, place: int) -> None:
    assert shade(value, (0.0, 70.0)) == SHADES[place]
