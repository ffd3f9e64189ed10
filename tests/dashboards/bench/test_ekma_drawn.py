"""The diagram of EKMA: isopleths lie where the grid has their value, the ridge where ozone is highest, words agree with numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dashboards.bench import ekma
from dashboards.figures.ozone_grid import OnGrid, levels_of, ozone_grid
from dashboards.figures.plot import LEFT
from dashboards.text import Text
from research.ozone.isopleths import Grid, ridge
from standards.level_lines import level_lines
from streams.store.bench_kinds import EKMA
from tests.dashboards.bench import filled

WORDS = ("EKMA", "VOC ×", "NOx ×")
CONTENT = filled.CONTENTS[EKMA]
AXIS = np.array(CONTENT["voc_factor"])
OZONE = np.array(CONTENT["o3_ppb"]).T


def drawn(content=CONTENT) -> str:
    placed = ekma.on_grid(Text("en"), content)
    return ozone_grid(content["voc_factor"], content["nox_factor"], content["o3_ppb"], placed, WORDS)


def places(shape: str) -> np.ndarray:
    """Give the places of a path [px] as factors: the inside reaches from 44 to 450 across and from 416 up to 24."""
    px = np.array(re.findall(r"[ML]([\d.-]+) ([\d.-]+)", shape), float)
    return np.column_stack([2.0 * (px[:, 0] - LEFT) / 406.0, 2.0 * (416.0 - px[:, 1]) / 392.0])


def bilinear(x: float, y: float) -> tuple[float, float]:
    """Give the least and the greatest that straight lines between the four nodes around a place can have there."""
    i, j = (min(int(each / 0.1), 19) for each in (x, y))
    a, b = x / 0.1 - i, y / 0.1 - j
    z = OZONE[i : i + 2, j : j + 2]
    whole = z[0, 0] * (1 - a) * (1 - b) + z[1, 0] * a * (1 - b) + z[0, 1] * (1 - a) * b + z[1, 1] * a * b
    twist = abs(z[0, 0] - z[1, 0] - z[0, 1] + z[1, 1]) / 4  # what the plane through three of the nodes may differ by
    return whole - twist, whole + twist


def test_along_an_isopleth_the_grid_has_its_value():
    lines = re.findall(r'<path d="([^"]+)" fill="none" stroke="#14202b"[^>]*><title>(\d+) ppb</title>', drawn())
    assert len(lines) == len(levels_of(OZONE)) > 8
    for shape, level in lines:
        for x, y in places(shape):
            low, high = bilinear(x, y)
            assert low - 0.5 <= float(level) <= high + 0.5, (
                level,
                x,
                y,
            )  # a tenth of a pixel is half a ppb where it is steepest


@pytest.mark.parametrize("level", levels_of(OZONE))
def test_where_an_isopleth_crosses_a_side_of_a_cell_the_grid_has_its_value_exactly(level):
    for line in level_lines(AXIS, AXIS, OZONE, level):
        for x, y in line:
            if np.isclose(AXIS, x).any():
                assert np.interp(y, AXIS, OZONE[int(np.abs(AXIS - x).argmin())]) == pytest.approx(level)
            elif np.isclose(AXIS, y).any():
                assert np.interp(x, AXIS, OZONE[:, int(np.abs(AXIS - y).argmin())]) == pytest.approx(level)


def test_levels_are_round_and_some_eight_to_sixteen():
    for most in (7.0, 60.0, 150.0, 330.0):
        levels = levels_of(np.linspace(0.3, most, 50))
        assert 5 <= len(levels) <= 16
        step = np.diff(levels)
        assert step == pytest.approx(step[0]) and f"{step[0]:.0e}"[0] in "125"
    assert levels_of(np.full((5, 5), 40.0)) == []


def test_the_ridge_on_the_page_is_that_of_the_grid():
    own = ridge(Grid(AXIS, AXIS, OZONE))
    np.testing.assert_allclose(
        ekma.on_grid(Text("en"), CONTENT).ridge, np.column_stack([own.voc_factor, own.nox_factor]), rtol=1e-6
    )
    # The surface is highest where NOx is the root of 0.2, whatever VOC is.
    np.testing.assert_allclose(own.nox_factor, 0.2**0.5, atol=0.005)
    (shape,) = re.findall(r'<path d="([^"]+)" fill="none" stroke="#5b2a86"', drawn())
    np.testing.assert_allclose(places(shape)[:, 1], 0.2**0.5, atol=0.006)


def test_a_day_has_its_date_and_the_cheapest_cut_its_words():
    svg = drawn()
    assert svg.count("<circle") == 14 and "2023-01-09: VOC ×1.15, NOx ×0.86" in svg
    assert "The cheapest cut to 65 ppb" in svg and 'fill-rule="evenodd"' in svg


def test_an_older_result_has_isopleths_without_ridge_and_cuts():
    older = {name: CONTENT[name] for name in ("day", "voc_factor", "nox_factor", "o3_ppb", "days")}
    svg = drawn(older)
    assert "evenodd" in svg and "#5b2a86" not in svg and ekma.on_grid(Text("zh"), older).cut == []


def test_where_the_grid_has_no_value_nothing_is_drawn():
    hole = [[None if x < 0.25 else v for x, v in zip(AXIS, row, strict=True)] for row in CONTENT["o3_ppb"]]
    svg = ozone_grid(CONTENT["voc_factor"], CONTENT["nox_factor"], hole, OnGrid(), WORDS)
    lowest = [places(shape)[:, 0].min() for shape in re.findall(r'<path d="([^"]+)"[^>]*evenodd', svg)]
    assert min(lowest) == pytest.approx(0.3, abs=0.002) and "nan" not in svg
    empty = ozone_grid(CONTENT["voc_factor"], CONTENT["nox_factor"], [[None] * 21] * 21, OnGrid(), WORDS)
    assert "evenodd" not in empty and "nan" not in empty
