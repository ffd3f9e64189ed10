"""Diagrams are geometry: each point lies where the source of its diagram says."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from dashboards.components.take import as_csv, links
from dashboards.figures import axes, lead_curves, performance, reliability, target, taylor
from dashboards.figures.standing import standing
from dashboards.text import Text

WORDS = ("a & <b>", "x", "y")
CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="5"')


def marks_in(svg: str) -> list[tuple[float, float]]:
    """Give where the round marks of a figure lie."""
    ElementTree.fromstring(svg)
    return [(float(x), float(y)) for x, y in CIRCLE.findall(svg)]


@pytest.mark.parametrize(("r", "ratio"), [(0.8, 1.1), (0.0, 0.5), (1.0, 1.0), (0.95, 1.44)])
def test_a_point_of_taylor_lies_at_its_angle_and_radius_and_its_distance_is_the_centred_error(r, ratio) -> None:
    """Taylor 2001, eq. 2: E'^2 = s^2 + 1 - 2 s r."""
    svg = taylor.taylor([(r, ratio, 0, "note", "1", False)], (*WORDS, "o"))
    ((x, y),) = marks_in(svg)
    one = taylor.RADIUS / 1.5
    ox, oy = taylor.SIDE, taylor.TOP + taylor.RADIUS
    assert math.hypot(x - ox, oy - y) / one == pytest.approx(ratio, abs=0.002)
    assert (x - ox) / one == pytest.approx(ratio * r, abs=0.002)
    seen = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="6" class="observed"', svg)
    centred = math.hypot(x - float(seen[1]), y - float(seen[2])) / one
    assert centred == pytest.approx(math.sqrt(ratio**2 + 1 - 2 * ratio * r), abs=0.002)


def test_a_negative_correlation_opens_the_other_half_and_a_wide_spread_the_rim() -> None:
    svg = taylor.taylor([(-0.5, 2.2, 0, "n", "", False), (math.nan, 1.0, 0, "n", "", False)], (*WORDS, "o"))
    ((x, _),) = marks_in(svg)
    middle = taylor.SIDE + taylor.RADIUS
    assert x == pytest.approx(middle - taylor.RADIUS * 1.1 / 2.5, abs=0.1), "the rim is at 2.5"


def test_lines_of_the_performance_diagram_are_roebbers() -> None:
    """Roebber 2009, eq. 2: CSI = 1 / (1/SR + 1/POD - 1)."""
    for threat, success in ((0.4, 0.5), (0.2, 0.9), (0.8, 0.95)):
        detection = performance.detection_of(threat, success)
        assert 1 / (1 / success + 1 / detection - 1) == pytest.approx(threat)
    assert math.isnan(performance.detection_of(0.8, 0.7)), "a success ratio below the threat score has none"
    svg = performance.performance([(0.25, 0.75, 0, "n", "", False), (math.nan, 0.3, 0, "n", "", False)], WORDS)
    assert marks_in(svg) == [tuple(round(v, 1) for v in performance.FRAME.at(0.25, 0.75))]


@pytest.mark.parametrize(("right", "sign"), [(True, 1), (False, -1)])
def test_a_place_of_the_target_lies_as_far_from_the_middle_as_its_indicator(right, sign) -> None:
    assert target.place(0.3, 0.4, right) == (sign * 0.4, 0.3)
    svg = target.target([(0.3, 0.4, right, 0, "n", "A"), (math.nan, 0.1, right, 0, "n", "B")], WORDS)
    ((x, y),) = marks_in(svg)
    circle = re.search(r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" class="objective"', svg)
    cx, cy, radius = map(float, circle.groups())
    assert math.hypot(x - cx, y - cy) / radius == pytest.approx(0.5, abs=0.01)
    assert (x > cx) is right and y < cy


def test_a_reliable_quantile_lies_on_the_diagonal() -> None:
    svg = reliability.reliability([(0, [(0.1, 0.1, "n"), (0.9, 0.9, "n")])], WORDS)
    at = reliability.FRAME.at
    assert marks_in(svg) == [tuple(round(v, 1) for v in at(each, each)) for each in (0.1, 0.9)]


def test_a_gap_in_a_curve_is_a_gap_and_a_signed_axis_has_nought_in_the_middle() -> None:
    points = [(6.0, 2.0, "n"), (12.0, math.nan, "n"), (18.0, -2.0, "n")]
    svg = lead_curves.lead_curves([(0, False, "m", points)], WORDS, signed=True)
    path = re.search(r'd="([^"]+)" class="curve kind-0"', svg)[1]
    assert path.count("M") == 2 and "L" not in path
    (_, above), (_, below) = marks_in(svg)
    assert (above + below) / 2 == pytest.approx((12 + 260) / 2, abs=0.1), "height 300, margins 12 and 40"


def test_a_correlation_below_nought_stays_inside_its_figure() -> None:
    svg = lead_curves.lead_curves([(0, True, "m", [(6.0, 0.9, "n"), (12.0, -0.17, "n")])], WORDS)
    assert all(12 <= y <= 260 for _, y in marks_in(svg)), "height 300, margins 12 and 40"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 3), (0, 168), (0.0, 0.07), (5, 5)])
def test_ticks_are_round_rise_and_lie_within(low, high) -> None:
    found = axes.ticks(low, high)
    assert found == sorted(set(found)) and low <= found[0] and found[-1] <= high and len(found) <= 12
    assert axes.reach([high, math.nan], least=0.01) >= high


def test_every_figure_can_be_drawn_without_a_point() -> None:
    for svg in (
        taylor.taylor([], (*WORDS, "o")), performance.performance([], WORDS), target.target([], WORDS),
        reliability.reliability([], WORDS), lead_curves.lead_curves([], WORDS),
    ):  # fmt: skip
        assert "a &amp; &lt;b&gt;" in svg and marks_in(svg) == []


def test_a_drawing_that_is_taken_stands_by_itself() -> None:
    tree = ElementTree.fromstring(standing(performance.performance([], WORDS)))
    assert tree.tag == "{http://www.w3.org/2000/svg}svg" and tree.attrib["width"] == "330"
    assert ".curve" in tree.find("{http://www.w3.org/2000/svg}style").text


def test_a_drawing_that_is_taken_has_its_keys_and_all_that_is_said_of_it_inside() -> None:
    facts = [f"事实{n}：{'很长的一句话' * 4} and words" for n in range(6)]
    keys = [("#33658a", "A"), ("kind-1", "b" * 90), ("kind-2", "C")]
    tree = ElementTree.fromstring(standing(performance.performance([], WORDS), "题目 " * 30, facts, keys))
    ns, wide, high = "{http://www.w3.org/2000/svg}", float(tree.attrib["width"]), float(tree.attrib["height"])
    own = tree.find(f"{ns}svg")
    lines = [each for each in tree if each.tag == f"{ns}text"]
    assert "".join("".join(line.itertext()) for line in lines).replace(" ", "").count("很长的一句话") == 24
    assert [each.get("fill") or each.get("class") for each in tree if each.tag == f"{ns}rect"][1:] == [
        k for k, _ in keys
    ]
    assert all(0 < float(line.get("y")) < high and float(line.get("x")) < wide for line in lines)
    top, bottom = float(own.get("y")), float(own.get("y")) + float(own.get("height"))
    assert all(not top < float(line.get("y")) - 3 < bottom for line in lines), "no word lies over the drawing"


def test_numbers_that_are_taken_say_what_they_are_of_and_are_no_formulas() -> None:
    made = as_csv(("city", "=x"), [("眉山", math.nan), ("@SUM(A1)", 1 / 3), (None, -2.0)], ("PM2.5\n2023", "simulated"))
    assert made == "\ufeff# PM2.5 2023\n# simulated\ncity,'=x\n眉山,NA\n'@SUM(A1),0.333333\nNA,-2\n"


def test_only_what_there_is_can_be_taken() -> None:
    text = Text("zh")
    assert [link.download for link in links(text, "a", "/a.svg", "").children[1:]] == ["a.svg", "a.png"]
    assert [link.download for link in links(text, "a", "", "/a.csv").children[1:]] == ["a.csv"]
    assert [link.href for link in links(text, "a", "/a.svg", "/a.csv").children[1:]] == ["/a.svg", "/a.svg", "/a.csv"]
