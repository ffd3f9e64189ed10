"""Classes of surface water, sections, basins, trends and trophic state, expected numbers as printed in the rules."""

import csv
import datetime as dt
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from standards.measured import measured
from standards.water.basins import assess_basin, basin_trend, level_of_shares, level_trend, mean_of_sections
from standards.water.classes import (
    BASIC_ITEMS,
    CLASSES,
    WATER_ITEMS,
    WATER_LEVELS,
    exceedance_load,
    exceedance_multiple,
    item_class,
    level_of_class,
    water_limit,
)
from standards.water.editions import WATER_DECIMALS, told, water_edition_for
from standards.water.sections import assess_sections, deciding_items, main_indicators, water_level
from standards.water.trophic import TROPHIC_ITEMS, TROPHIC_STATES, tli, trophic_index, trophic_state

FOLDER = Path(os.environ.get("AIRSHED_DATA", Path(__file__).parents[4] / "shared" / "data"))
DATA = FOLDER / "water_sichuan" / "sichuan_by_section_202104.csv"
NAN = float("nan")

# GB 3838-2002 Table 1, upper limits of classes 1 to 5 (mg/L, faecal coliforms 1/L)
PRINTED = {
    ("codmn", "river"): (2, 4, 6, 10, 15),
    ("cod", "river"): (15, 15, 20, 30, 40),
    ("bod5", "river"): (3, 3, 4, 6, 10),
    ("nh3n", "river"): (0.15, 0.5, 1.0, 1.5, 2.0),
    ("tp", "river"): (0.02, 0.1, 0.2, 0.3, 0.4),
    ("tp", "lake"): (0.01, 0.025, 0.05, 0.1, 0.2),
    ("tn", "lake"): (0.2, 0.5, 1.0, 1.5, 2.0),
    ("cu", "river"): (0.01, 1.0, 1.0, 1.0, 1.0),
    ("zn", "river"): (0.05, 1.0, 1.0, 2.0, 2.0),
    ("f", "river"): (1.0, 1.0, 1.0, 1.5, 1.5),
    ("se", "river"): (0.01, 0.01, 0.01, 0.02, 0.02),
    ("as", "river"): (0.05, 0.05, 0.05, 0.1, 0.1),
    ("hg", "river"): (0.00005, 0.00005, 0.0001, 0.001, 0.001),
    ("cd", "river"): (0.001, 0.005, 0.005, 0.005, 0.01),
    ("cr6", "river"): (0.01, 0.05, 0.05, 0.05, 0.1),
    ("pb", "river"): (0.01, 0.01, 0.05, 0.05, 0.1),
    ("cn", "river"): (0.005, 0.05, 0.2, 0.2, 0.2),
    ("phenol", "river"): (0.002, 0.002, 0.005, 0.01, 0.1),
    ("oil", "river"): (0.05, 0.05, 0.05, 0.5, 1.0),
    ("las", "river"): (0.2, 0.2, 0.2, 0.3, 0.3),
    ("s", "river"): (0.05, 0.1, 0.2, 0.5, 1.0),
    ("fecal_coliform", "river"): (200, 2000, 10000, 20000, 40000),
}


@pytest.mark.parametrize(("item", "water"), PRINTED)
def test_limits_belong_to_their_class(item, water):
    limits = PRINTED[item, water]
    assert tuple(water_limit(item, k, water=water) for k in range(1, 6)) == limits
    first_class = [next(k for k, limit in enumerate(limits, 1) if limit >= x) for x in limits]
    assert item_class(np.array(limits), item, water=water).tolist() == first_class
    above = [next((k for k, limit in enumerate(limits, 1) if limit > x), 6) for x in limits]
    assert item_class(np.array(limits) * 1.0001, item, water=water, edition="2011").tolist() == above
    assert item_class([0.0, NAN], item, water=water).tolist() == [1, 0]


def test_the_21_items_are_those_of_table_1_without_three():
    assert len(BASIC_ITEMS) == 21 and set(WATER_ITEMS) - set(BASIC_ITEMS) == {"tn", "fecal_coliform"}


def test_oxygen_descends_and_saturation_counts_only_where_given():
    values = [7.5, 7.49, 6, 5.99, 5, 4.9, 3, 2.9, 2, 1.9]
    assert item_class(values, "do", edition="2011").tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
    assert item_class([7.0, 7.0, 7.0, NAN], "do", saturation=[90.0, 89.9, NAN, 95.0]).tolist() == [1, 2, 2, 0]
    with pytest.raises(ValueError, match="saturation is given for tp"):
        item_class(0.1, "tp", saturation=90)


def test_ph_meets_every_class_or_none():
    assert item_class([5.99, 6, 7.3, 9, 9.01, NAN], "ph", edition="2011").tolist() == [6, 1, 1, 1, 6, 0]
    with pytest.raises(ValueError, match="range"):
        water_limit("ph", 3)


def test_means_are_rounded_before_they_are_classed_since_2020():
    # 环办监测函〔2020〕82号 as two programs in use code it: half to even, TP 3 places, NH3-N 2, DO and CODMn 1, pH 0.
    assert item_class([0.2004, 0.2005, 0.2006], "tp").tolist() == [3, 3, 4]
    assert item_class([1.004, 1.005, 1.006], "nh3n").tolist() == [3, 3, 4]
    assert item_class(0.2004, "tp", edition="2011") == item_class(1.004, "nh3n", edition="2011") == 4
    assert item_class([4.95, 4.94, 7.45, 7.55], "do").tolist() == [3, 4, 2, 1]  # 5.0, 4.9, 7.4, 7.6
    assert item_class([5.5, 5.4, 9.4, 9.5, 9.6], "ph").tolist() == [1, 6, 1, 6, 6]  # 6, 5, 9, 10, 10
    assert exceedance_multiple(0.2004) == 0 and exceedance_multiple(0.2004, edition="2011") == pytest.approx(0.002)
    assert exceedance_multiple(0.3004) == pytest.approx(0.5)


def test_a_mean_that_would_become_nothing_keeps_one_digit():
    # Cases of the public program Journey.SurfaceWater (RoundingServiceTests): 3 places; the last keeps one digit.
    assert told(np.array([0.0034, 0.0035, 0.0045, 0.00005]), "tp").tolist() == [0.003, 0.004, 0.004, 0.00005]
    assert told(0.0, "tp") == 0 and np.isnan(told(NAN, "tp")) and told(3e-7, "hg") == 3e-7
    assert told(0.123456, "tp", edition="2011") == 0.123456


def test_ph_is_averaged_by_the_ions_of_hydrogen_since_2020():
    # 7.08 is of Journey.SurfaceWater (PHAverageServiceTests); the arithmetic mean of these is 7.975.
    values = np.array([6.5, 7.9, 8.8, 9, 6.78, 8.87, NAN])
    assert round(mean_of_sections(values, "ph"), 2) == 7.08
    assert mean_of_sections(values, "ph", edition="2011") == pytest.approx(7.975)
    assert mean_of_sections(values, "do") == mean_of_sections(values) == pytest.approx(7.975)
    basin = {"ph": [5.0, 8.0, 8.0], "tp": [0.1, 0.1, 0.1]}  # by ions 5.48, which is told as 5; the arithmetic mean is 7
    assert assess_basin(basin).water_class == 6 and assess_basin(basin, edition="2011").water_class == 2


def test_the_edition_of_water_follows_the_date():
    days = {"2011-01-01": "2011", "2019-12-31": "2011", "2020-01-01": "2020", "2026-11-01": "2020"}
    assert {day: water_edition_for(dt.date.fromisoformat(day)).name for day in days} == days
    assert set(WATER_DECIMALS) == {*WATER_ITEMS, "chla", "sd"}
    with pytest.raises(ValueError, match="edition of the water rules is '2021', expected one of 2011, 2020"):
        item_class(0.1, "tp", edition="2021")
    with pytest.raises(ValueError, match="item is 'toc', expected one of ph"):
        told(1.0, "toc")


def test_the_error_of_a_mean_decides_nothing():
    mean = np.mean([0.1, 0.2, 0.3])
    for edition in ("2011", "2020"):
        assert mean > 0.2 and item_class(mean, "tp", edition=edition) == 3
        assert exceedance_multiple(mean, edition=edition) == 0


def test_verdicts_and_colours_are_those_printed():
    assert level_of_class(np.arange(7)).tolist() == [0, 1, 1, 2, 3, 4, 5]
    assert [(each.verdict_zh, each.colour_zh) for each in WATER_LEVELS] == [
        ("优", "蓝色"), ("良好", "绿色"), ("轻度污染", "黄色"), ("中度污染", "橙色"), ("重度污染", "红色"),
    ]  # fmt: skip
    assert water_level(0) is None and water_level(5).verdict_en == "Heavily polluted"


def test_a_section_has_the_class_of_its_worst_item():
    values = {"ph": 7.8, "do": 8.2, "codmn": 4.1, "nh3n": 0.3, "tp": 0.25, "tn": 3.0, "fecal_coliform": 12000}
    section = assess_sections(values)
    assert section.code == "GB 3838-2002" and section.items == ("ph", "do", "codmn", "nh3n", "tp")
    assert section.item_class.tolist() == [1, 1, 3, 2, 4] and section.water_class == 4 and section.level == 3
    assert deciding_items(section) == ("tp",)
    assert {code: int(found) for code, found in section.separate.items()} == {"fecal_coliform": 4}
    lake = assess_sections(values, water="lake")
    assert lake.water_class == 6 and lake.separate["tn"] == 6  # total phosphorus above 0.2


def test_nitrogen_and_coliforms_decide_nothing():
    clean = {"tp": 0.01, "tn": 100.0, "fecal_coliform": 1e6}
    section = assess_sections(clean, water="lake")
    assert section.water_class == 1 and section.separate["tn"] == 6 and section.separate["fecal_coliform"] == 6


def test_a_missing_item_leaves_no_class_unless_nothing_can_be_worse():
    section = assess_sections({"tp": [0.05, NAN, NAN, NAN], "nh3n": [0.1, 0.1, 2.1, NAN]})
    assert section.water_class.tolist() == [2, 0, 6, 0]
    assert section.missing.tolist() == [[False, False, False, True], [False, True, True, True]]
    assert deciding_items(section, 1) == () and deciding_items(section, 2) == ("nh3n",)
    loose = assess_sections({"tp": [NAN], "nh3n": [0.1]}, required=["nh3n"])
    assert loose.water_class.tolist() == [1]


def test_main_indicators_go_by_class_then_multiple():
    values = {"do": 2.5, "codmn": 12.0, "cod": 35.0, "nh3n": 1.2, "tp": 0.45}
    found = main_indicators(values)
    # tp is worse than 5; codmn 1.0, cod 0.75 and do (no multiple) are class 5; nh3n is class 4
    assert [each.item for each in found] == ["tp", "codmn", "cod"]
    assert found[0].multiple == pytest.approx(1.25) and found[1].multiple == pytest.approx(1.0)
    assert [each.item for each in main_indicators(values, most=5)] == ["tp", "codmn", "cod", "do", "nh3n"]
    assert main_indicators(values, most=5)[3].multiple is None


def test_cyanide_and_heavy_metals_go_first():
    found = main_indicators({"tp": 0.45, "cod": 44.0, "nh3n": 2.1, "pb": 0.06, "cn": 0.3})
    assert [each.item for each in found] == ["cn", "pb", "tp"]
    assert main_indicators({"pb": 0.05, "tp": 0.2}) == ()
    with pytest.raises(ValueError, match="one number"):
        main_indicators({"tp": [0.4, 0.5]})


@pytest.mark.parametrize(
    ("good", "bad", "level"),
    [
        (100, 0, 1), (90, 10, 1), (89.9, 0, 2), (75, 25, 2), (74.9, 0, 3), (74.9, 19.9, 3), (74, 20, 4),
        (60, 39.9, 4), (59.9, 40, 5), (0, 100, 5), (0, 39.9, 4), (60, 40, 5), (NAN, 0, 0),
    ],
)  # fmt: skip
def test_shares_of_sections_decide_a_basin(good, bad, level):
    assert level_of_shares(good, bad) == level


def test_fewer_than_five_sections_are_judged_by_their_mean():
    basin = assess_basin({"tp": [0.1, 0.1, 0.5, 0.5], "nh3n": [0.1, 0.1, 0.2, 0.2]})
    assert (basin.by, basin.assessed, basin.water_class, basin.level) == ("means", 4, 4, 3)
    assert basin.indicators[0].item == "tp" and basin.indicators[0].multiple == pytest.approx(0.5)
    assert basin.counts == (0, 2, 0, 0, 0, 2) and basin.good_share == 50


def test_five_sections_are_judged_by_shares():
    values = {"tp": np.array([0.1, 0.1, 0.25, 0.5, 0.5, NAN]), "nh3n": np.array([0.1, 0.1, 1.2, 0.2, 0.2, 0.1])}
    basin = assess_basin(values)
    assert (basin.by, basin.sections, basin.assessed) == ("shares", 6, 5)
    assert (basin.good_share, basin.bad_share, basin.level) == (40, 40, 5)
    assert [(each.item, round(each.share, 2)) for each in basin.indicators] == [("tp", 60.0), ("nh3n", 16.67)]


def test_a_basin_without_values_has_no_verdict():
    basin = assess_basin({"tp": np.full(6, NAN)})
    assert basin.level == 0 and basin.assessed == 0 and np.isnan(basin.good_share) and basin.indicators == ()
    assert np.isnan(mean_of_sections(np.array([NAN])))


@pytest.mark.parametrize(
    ("before", "after", "zh"),
    [
        ((80, 5), (90, 5), "无明显变化"), ((80, 5), (85, 0), "无明显变化"), ((80, 5), (85, 10), "无明显变化"),
        ((80, 5), (90.1, 5), "有所好转"), ((80, 5), (95, 0), "有所好转"), ((70, 5), (92, 0), "明显好转"),
        ((90, 0), (79, 0), "有所下降"), ((90, 0), (75, 6), "明显下降"),
    ],
)  # fmt: skip
def test_trends_have_the_printed_bounds(before, after, zh):
    assert basin_trend(before, after).name_zh == zh


@pytest.mark.parametrize(
    ("before", "after", "zh"),
    # 环办〔2011〕22号: the same level no obvious change, one level some, two or more an obvious change.
    [(1, 1, "无明显变化"), (2, 1, "有所好转"), (3, 1, "明显好转"), (5, 1, "明显好转"), (4, 5, "有所下降"), (2, 4, "明显下降")],
)  # fmt: skip
def test_trends_by_verdict_count_the_levels(before, after, zh):
    found = level_trend(before, after)
    assert (found.name_zh, found.difference, found.by) == (zh, before - after, "levels")
    assert level_trend(before, 0) is None and basin_trend((80, 5), (90, 5)).by == "shares"
    with pytest.raises(ValueError, match="level is 6, expected 0 to 5"):
        level_trend(before, 6)


def test_a_trend_needs_all_shares():
    assert basin_trend((NAN, 0), (50, 0)) is None
    with pytest.raises(ValueError, match="at most 100"):
        basin_trend((80, 30), (50, 0))


def test_phosphorus_above_its_limit_is_a_load():
    assert exceedance_multiple([0.2, 0.3, 0.1, NAN]).tolist() == pytest.approx([0, 0.5, 0, NAN], nan_ok=True)
    # 0.1 mg/L above the limit of 0.2 in 100 m3/s is 10 g/s, 864 kg a day
    assert exceedance_load(0.3, 100.0) == pytest.approx(864.0)
    assert exceedance_load([0.2, 0.1], 100.0).tolist() == [0, 0]
    assert np.isnan(exceedance_load([0.1, NAN], [NAN, 5.0])).all()
    with pytest.raises(ValueError, match="carries no load"):
        exceedance_load(5.0, 1.0, item="do")
    with pytest.raises(ValueError, match="flow is -1 m3/s"):
        exceedance_load(0.3, -1.0)


def test_trophic_index_meets_the_worked_example():
    values = {"chla": 12, "tp": 0.045, "tn": 1.10, "sd": 1.6, "codmn": 3.4}
    expected = {"chla": 51.99, "tp": 44.00, "tn": 56.14, "sd": 42.06, "codmn": 33.65}
    for item, index in expected.items():
        assert trophic_index(values[item], item) == pytest.approx(index, abs=0.005)
    assert tli(values) == pytest.approx(46.05, abs=0.005)
    assert TROPHIC_STATES[int(trophic_state(tli(values))) - 1].name_zh == "中营养"
    assert sum(line.weight for line in TROPHIC_ITEMS.values()) == pytest.approx(1.0)


def test_trophic_states_have_the_printed_bounds():
    assert trophic_state([29.9, 30, 50, 50.1, 60, 60.1, 70, 70.1, NAN]).tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 0]
    assert np.isnan(tli({"chla": 12, "tp": 0.045, "tn": 1.1, "sd": 1.6}))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: item_class(-0.1, "tp"), "tp is -0.1 mg/L, expected 0 to 100"),
        (lambda: item_class(np.inf, "tp"), "tp is inf mg/L"),
        (lambda: item_class(223, "tp"), "tp is 223 mg/L"),
        (lambda: item_class("a lot", "tp"), "'a lot'"),
        (lambda: item_class(15, "ph"), "ph is 15"),
        (lambda: item_class(0.1, "phosphorus"), "'phosphorus', expected one of ph, do"),
        (lambda: item_class(0.1, "tp", water="pond"), "'pond', expected one of river, lake"),
        (lambda: item_class(0.1, "tn"), "no limits of tn for a river"),
        (lambda: item_class(-1, "tp", invalid="drop"), "'drop', expected one of raise, missing"),
        (lambda: exceedance_multiple(5, "do"), "do has no multiple"),
        (lambda: water_limit("tp", 6), "6, expected 1 to 5"),
        (lambda: level_of_class(7), "expected 0 to 6"),
        (lambda: assess_sections({"tn": 1.0}), "expected a basic item"),
        (lambda: assess_sections({"tp": 0.1}, required=["do"]), "expected do"),
        (lambda: trophic_index(0.0, "chla"), "chla is 0 ug/L, expected above 0"),
        (lambda: trophic_index(1.0, "chl"), "'chl', expected one of chla"),
        (lambda: assess_basin({"tp": 0.1}), r"expected \(section,\)"),
        (lambda: level_of_shares(120, 0), "120 %, expected 0 to 100"),
    ],
)
def test_bad_input_gets_a_clear_answer(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_impossible_values_can_be_taken_for_missing():
    assert item_class([-1, 0.1, np.inf], "tp", invalid="missing").tolist() == [0, 2, 0]
    values = np.array([-1.0, 2.0])
    assert np.isnan(measured(values, "x", "m", high=5, invalid="missing")).tolist() == [True, False]
    assert values.tolist() == [-1.0, 2.0]


# 79 sections of Sichuan, every four hours from 2021-04-01 to 05 (the time column has no year), with the class that the
# network published. What they show:
# * 295 rows are exact repeats. 48 pairs of section and time are left that differ: the second value of a pair is a later
#   one whose water temperature, pH, oxygen, conductivity and turbidity overwrite those of the first.
# * Three stations report chlorophyll, and their published class follows the limits of lakes; all others follow rivers.
# * The published class is met in 1697 of 1715 rows. 17 others lie exactly on a limit as printed and are one class worse:
#   the network classifies values with more decimals than it prints (0.0204 is printed 0.020). The last is the first of
#   such a pair: oxygen 5.88 belongs to the row that came after it, where the published class is ours.
# * Its readings are not rounded as means are before they are classed: rounded, 48 rows differ (19 by pH, 9 by CODMn).
# * One station (清风峡) has no total phosphorus at all; the network gives it a class from four items, and we none unless
#   the caller says that four are enough.

COLUMNS = {
    "ph": "pH(无量纲)",
    "do": "溶解氧(mg/L)",
    "codmn": "高锰酸盐指数(mg/L)",
    "nh3n": "氨氮(mg/L)",
    "tp": "总磷(mg/L)",
}


def number(text: str) -> float:
    return NAN if text in ("*", "--") else float(text)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    if not DATA.is_file():
        pytest.skip(f"the sections are absent: no file {DATA}")
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def without_repeats(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return list({tuple(row.values()): row for row in rows}.values())


def classes_of(
    rows: list[dict[str, str]], *, required: tuple[str, ...] | None = None, edition: str = "2011"
) -> list[int]:
    """Classes of single readings, which are not rounded. Sections that report chlorophyll are lakes or reservoirs: only
    these have the column filled in this file."""
    lakes = {row["断面名称"] for row in rows if row["叶绿素α(mg/L)"] not in ("*", "--")}
    found = []
    for row in rows:
        values = {item: number(row[column]) for item, column in COLUMNS.items()}
        water = "lake" if row["断面名称"] in lakes else "river"
        found.append(int(assess_sections(values, water=water, required=required, edition=edition).water_class))
    return found


def test_repeats_and_marks_of_the_sections_are_these(rows):
    assert len(rows) == 2179 and len({row["断面名称"] for row in rows}) == 79
    distinct = without_repeats(rows)
    times = Counter((row["断面名称"], row["监测时间"]) for row in distinct)
    assert len(distinct) == 1884 and Counter(times.values()) == {1: 1788, 2: 48}
    assert Counter(row["站点情况"] for row in distinct) == {"正常": 1700, "维护": 177, "不具备运行条件": 7}
    assert not any(row["水质类别"] in CLASSES for row in distinct if row["站点情况"] == "不具备运行条件")


def test_every_section_of_sichuan_classifies(rows):
    working = [row for row in without_repeats(rows) if row["站点情况"] == "正常"]
    classes = classes_of(working)
    assert len({row["断面名称"] for row, k in zip(working, classes, strict=True) if k}) == 78
    unclassified = [row for row, k in zip(working, classes, strict=True) if k == 0]
    assert {row["断面名称"] for row in unclassified} == {"清风峡"} and len(unclassified) == 17
    assert {row["总磷(mg/L)"] for row in unclassified} == {"*"}


def test_published_classes_are_met_but_where_more_decimals_decide(rows):
    published = [row for row in without_repeats(rows) if row["水质类别"] in CLASSES]
    ours = classes_of(published, required=())
    differing = [
        (row, k - CLASSES.index(row["水质类别"]))
        for row, k in zip(published, ours, strict=True)
        if k != CLASSES.index(row["水质类别"])
    ]
    assert len(published) == 1715 and len(differing) == 18
    means = classes_of(published, required=(), edition="2020")
    assert sum(k != CLASSES.index(row["水质类别"]) for row, k in zip(published, means, strict=True)) == 48
    on_a_limit = [row for row, difference in differing if difference == -1 and _on_a_limit(row)]
    assert len(on_a_limit) == 17
    (other,) = (row for row, difference in differing if difference != -1)
    assert (other["断面名称"], other["监测时间"], other["溶解氧(mg/L)"]) == ("泸天化大桥", "04-04 00:00", "5.88")
    twins = [row for row in published if (row["断面名称"], row["监测时间"]) == ("泸天化大桥", "04-04 00:00")]
    assert [row["水质类别"] for row in twins] == ["Ⅱ", "Ⅲ"] and len({row["pH(无量纲)"] for row in twins}) == 1


def _on_a_limit(row: dict[str, str]) -> bool:
    limits = {*PRINTED["tp", "river"], *PRINTED["tp", "lake"]}
    return number(row["总磷(mg/L)"]) in limits or number(row["溶解氧(mg/L)"]) in (7.5, 6, 5, 3, 2)


def test_total_phosphorus_decides_most_sections_worse_than_class_3(rows):
    working = [row for row in without_repeats(rows) if row["站点情况"] == "正常"]
    deciding = Counter()
    for row in working:
        values = {item: number(row[column]) for item, column in COLUMNS.items()}
        section = assess_sections(values, required=(), edition="2011")
        if section.water_class > 3:
            deciding.update(deciding_items(section))
    assert deciding == {"tp": 63, "codmn": 30, "ph": 19, "do": 6, "nh3n": 4}  # 119 rows, some with two items
