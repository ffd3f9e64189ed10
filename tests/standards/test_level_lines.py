"""Lines of equal value on grids whose lines are known in closed form, and the areas that they enclose."""

from __future__ import annotations

import numpy as np
import pytest

from standards.level_lines import level_areas, level_lines

AXIS = np.linspace(0.0, 2.0, 21)


def area(rings) -> float:
    """Give the area inside rings, none within another, by the surveyor's formula."""
    return sum(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0 for x, y in (ring.T for ring in rings))


def test_a_line_of_a_plane_is_straight_and_ends_at_the_edges():
    (line,) = level_lines(AXIS, AXIS, AXIS[:, None] + 2.0 * AXIS[None, :], 1.0)
    np.testing.assert_allclose(line @ [1.0, 2.0], 1.0)
    assert sorted(line[[0, -1], 0]) == pytest.approx([0.0, 1.0])


def test_areas_of_a_plane_and_of_a_cone_are_those_of_geometry():
    plane = AXIS[:, None] + AXIS[None, :]
    assert area(level_areas(AXIS, AXIS, plane, 3.0)) == pytest.approx(0.5), "half of a unit square at the corner"
    assert area(level_areas(AXIS, AXIS, plane, -1.0)) == pytest.approx(4.0), "the whole square of side 2"
    assert level_areas(AXIS, AXIS, plane, 4.1) == []
    fine = np.linspace(0.0, 2.0, 201)
    (ring,) = level_areas(fine, fine, -np.hypot(fine[:, None] - 1.0, fine[None, :] - 1.0), -0.5)
    np.testing.assert_array_equal(ring[0], ring[-1])
    assert area([ring]) == pytest.approx(np.pi / 4, rel=1e-3), "a disc of radius one half"


def test_what_is_no_number_has_no_line_and_is_outside():
    values = AXIS[:, None] + 0.0 * AXIS[None, :]
    values[:, 10:] = np.nan
    (line,) = level_lines(AXIS, AXIS, values, 1.05)
    assert line[:, 1].max() == pytest.approx(AXIS[9]) and line[:, 0] == pytest.approx(1.05)
    assert area(level_areas(AXIS, AXIS, values, 1.05)) == pytest.approx(0.95 * AXIS[9])
    assert level_areas(AXIS, AXIS, np.full((21, 21), np.nan), 1.0) == []
