"""Limits beside the printed tables: GB 3095 Table 2 and annex A in three editions, WHO 2021 Table 0.1."""

import datetime as dt
import math

import pytest

from standards.assessment.limits import guideline, guideline_line, limit_line, limit_lines
from standards.editions import EDITIONS, limit

E2012, E2026, E2031 = EDITIONS

# item, period, unit, (grade 1, grade 2) of GB 3095-2012, the transition, 2031.
TABLE_2_AND_ANNEX_A = [
    ("tsp", "year", "ug/m3", (80, 200), (80, 200), (80, 200)),
    ("tsp", "day", "ug/m3", (120, 300), (120, 300), (120, 300)),
    ("nox", "year", "ug/m3", (50, 50), (50, 50), (40, 40)),
    ("nox", "day", "ug/m3", (100, 100), (100, 100), (70, 70)),
    ("nox", "hour", "ug/m3", (250, 250), (250, 250), (250, 250)),
    ("pb", "year", "ug/m3", (0.5, 0.5), (0.5, 0.5), (0.5, 0.5)),
    ("pb", "quarter", "ug/m3", (1.0, 1.0), (1.0, 1.0), (1.0, 1.0)),
    ("bap", "year", "ug/m3", (0.001, 0.001), (0.001, 0.001), (0.001, 0.001)),
    ("bap", "day", "ug/m3", (0.0025, 0.0025), (0.0025, 0.0025), (0.0025, 0.0025)),
    ("cd", "year", "ug/m3", (0.005, 0.005), (0.005, 0.005), (0.005, 0.005)),
    ("hg", "year", "ug/m3", (0.05, 0.05), (0.05, 0.05), (0.05, 0.05)),
    ("as", "year", "ug/m3", (0.006, 0.006), (0.006, 0.006), (0.006, 0.006)),
    ("cr6", "year", "ug/m3", (0.000025, 0.000025), (0.000025, 0.000025), (0.000025, 0.000025)),
    ("f", "hour", "ug/m3", (20, 20), (20, 20), (20, 20)),
    ("f", "day", "ug/m3", (7, 7), (7, 7), (7, 7)),
    ("f_deposition", "month", "ug/(dm2 d)", (1.8, 3.0), (1.8, 3.0), (1.8, 3.0)),
    ("f_deposition", "growing_season", "ug/(dm2 d)", (1.2, 2.0), (1.2, 2.0), (1.2, 2.0)),
]


@pytest.mark.parametrize("row", TABLE_2_AND_ANNEX_A, ids=lambda row: f"{row[0]}-{row[1]}")
def test_the_other_items_are_those_of_the_table(row):
    item, period, unit, *expected = row
    for edition, grades in zip(EDITIONS, expected, strict=True):
        line = limit_line(item, period, edition=edition)
        assert (line.values["grade1"], line.values["grade2"], line.unit) == (*grades, unit)
        assert limit(item, period, edition=edition) == grades[1]


def test_a_line_says_where_it_stands_and_how_well_it_is_known():
    line = limit_line("pm25", "year", edition=E2026)
    assert (line.code, line.clause, line.confidence) == ("GB 3095-2026 transition", "Table 1", "read")
    assert (line.valid_from, line.valid_to) == (dt.date(2026, 3, 1), dt.date(2030, 12, 31))
    assert limit_line("nox", "day", edition=E2026).clause == "Table 2 footnote b"
    assert all(limit_line("cd", "year", edition=each).confidence == "read" for each in EDITIONS)


def test_every_edition_has_the_same_lines():
    keys = [[(line.item, line.period, line.unit) for line in limit_lines(edition=e)] for e in EDITIONS]
    assert keys[0] == keys[1] == keys[2] and len(keys[0]) == 31


@pytest.mark.parametrize(
    ("item", "period", "value"),
    [("pm25", "year", 5), ("pm25", "day", 15), ("pm10", "year", 15), ("pm10", "day", 45), ("no2", "year", 10),
     ("no2", "day", 25), ("so2", "day", 40), ("co", "day", 4), ("o3", "8h", 100), ("o3", "peak_season", 60),
     # Table 0.2, levels of earlier guidelines that stay
     ("no2", "hour", 200), ("so2", "10min", 500), ("co", "8h", 10), ("co", "hour", 35), ("co", "15min", 100)],
)  # fmt: skip
def test_guideline_levels_are_those_of_the_who(item, period, value):
    assert guideline(item, period) == value


def test_interim_targets_fall_towards_the_guideline():
    assert [guideline("pm25", "year", level=f"it{n}") for n in (1, 2, 3, 4)] == [35, 25, 15, 10]
    for item, period in (("pm10", "day"), ("o3", "8h"), ("no2", "year"), ("so2", "day"), ("co", "day")):
        steps = [v for v in guideline_line(item, period).values.values() if not math.isnan(v)]
        assert steps == sorted(steps, reverse=True)


def test_what_does_not_exist_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match=r"no line for 'pm25' over 'hour', expected one of \['day', 'year'\]"):
        limit_line("pm25", "hour", edition=E2031)
    with pytest.raises(ValueError, match="expected an item of"):
        limit_line("xylene", "hour", edition=E2031)
    with pytest.raises(ValueError, match=r"level is 'it3', expected one of \['it1', 'it2', 'aqg'\]"):
        guideline("o3", "8h", level="it3")
    with pytest.raises(ValueError, match="no line for 'so2' over 'year'"):
        guideline("so2", "year")
