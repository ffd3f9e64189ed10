"""One pen draws every line with gaps, one scale finds every round step, and all maps lay the same outlines down."""

from __future__ import annotations

import ast
import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import figures
from dashboards.figures.outlines import cornered, exact, paths, simplified
from dashboards.figures.pen import path_through
from dashboards.figures.scales import round_step, ticks_at, written
from streams import registry

PLACES = st.lists(st.none() | st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=20)


@given(PLACES)
def test_the_pen_is_lifted_once_a_run_and_a_place_alone_is_a_dot(places) -> None:
    runs = [list(run) for there, run in itertools.groupby(places, key=lambda each: each is not None) if there]
    path = path_through(places)
    assert path.count("M") == len(runs)
    assert path.count("h0") == sum(len(run) == 1 for run in runs)
    assert path.count("L") == sum(len(run) - 1 for run in runs)


@pytest.mark.parametrize(
    ("form", "alone", "path"),
    [
        ("{} {}", "h0", "M0 1L2 3M6 7h0"),
        ("{:.1f} {:.1f}", "", "M0.0 1.0L2.0 3.0M6.0 7.0"),
        ("{} {}", "L{} {}", "M0 1L2 3M6 7L6 7"),
    ],
)
def test_places_are_written_as_the_figure_asks(form: str, alone: str, path: str) -> None:
    assert path_through([(0, 1), (2, 3), None, (6, 7)], form=form, alone=alone) == path


@given(st.floats(1e-6, 1e6))
def test_a_step_is_the_smallest_round_one_that_reaches(least: float) -> None:
    step = round_step(least, slack=1.0)
    assert least <= step <= 2.5 * least * (1 + 1e-9)
    lead = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert any(lead == pytest.approx(each) for each in (1, 2, 5))


def test_ticks_lie_on_the_scale_and_are_written_with_a_true_minus() -> None:
    assert ticks_at(-1.0, 1.0, 0.5) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert [written(each) for each in (-0.5, 0.0, 20.0)] == ["−0.5", "0", "20"]


def test_every_map_lays_down_all_cities_and_the_smaller_ones_weigh_less() -> None:
    known = registry.load()
    drawn = [paths(known.outlines_path, each) for each in (exact, cornered, simplified)]
    assert all(set(each) == set(known.cities) and all(each.values()) for each in drawn)
    sizes = [sum(map(len, each.values())) for each in drawn]
    assert sizes == sorted(sizes, reverse=True)


def test_no_other_figure_looks_for_steps_or_reads_outlines_itself() -> None:
    """reach of axes ends an axis at a round value, which is no step."""
    found = {
        path.stem: {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        }
        for path in Path(figures.__file__).parent.glob("*.py")
    }
    assert {name for name, used in found.items() if "log10" in used} <= {"scales", "axes", "chart"}
    assert {name for name, used in found.items() if "loads" in used} == {"outlines"}
