"""What is tagged read, beside what independent readers typed from the documents (tests/standards/transcribed).

Each file there says which pages were read, by whom and when. Its readers had not seen the tables of this project.
"""

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from standards.assessment.rules import rules_of
from standards.dated_tables import read_table
from standards.editions import EDITIONS
from standards.pollutants import ITEMS

FOLDER = Path(__file__).parent / "transcribed"
LIMIT_TABLES = {"2012": "gb3095_2012", "transition": "gb3095_2026_transition", "final": "gb3095_2026_final"}


def typed(name):
    with open(FOLDER / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@pytest.mark.parametrize("edition", LIMIT_TABLES)
def test_every_limit_is_as_printed_and_none_is_missing(edition):
    table = read_table(LIMIT_TABLES[edition])
    ours = {(r["item"], r["period"]): (float(r["grade1"]), float(r["grade2"])) for r in table.rows}
    printed = {
        (r["item"], r["period"]): (float(r[f"grade1_{edition}"]), float(r[f"grade2_{edition}"]))
        for r in typed("limits")
    }
    assert ours == printed and len(ours) == len(table.rows) == 31
    assert table.head["confidence"] == "read" and table.head["compared"].startswith("twice, by two readers")


@pytest.mark.parametrize("year", ["2012", "2026"])
def test_every_breakpoint_is_as_printed_and_none_is_missing(year):
    table = read_table(f"hj633_{year}")
    ours = {
        (r["iaqi"], r["item"], r["period"]): float(r["concentration"])
        for r in table.rows
        if not r["concentration"].startswith(">")
    }
    rows = typed(f"breakpoints_{year}")
    printed = {
        (row["iaqi"], *column.split()): float(cell)
        for row in rows
        for column, cell in row.items()
        if column != "iaqi" and cell
    }
    hours = {("pm10", "hour"), ("pm25", "hour")} if year == "2026" else set()
    for (iaqi, item, period), value in list(printed.items()):
        # HJ 633-2026 4.2.4: 1-hour means of the particles take the breakpoints of the day.
        if (item, "hour") in hours and period == "day":
            printed[iaqi, item, "hour"] = value
    assert ours == printed and table.head["compared"].startswith("twice, by two readers")


def test_the_edition_of_2031_keeps_the_breakpoints_of_2026():
    assert all(a.breakpoints == b.breakpoints for a, b in pairwise(EDITIONS[1:]))


def test_every_critical_value_of_a_rank_correlation_is_as_printed():
    table = read_table("spearman_critical")
    assert list(table.rows) == typed("spearman") and table.head["confidence"] == "read"


def test_what_is_judged_and_its_decimals_are_as_printed_in_2013():
    rules, rows = rules_of(EDITIONS[0]), typed("hj663_2013")
    assert [row["item"] for row in rows] == list(ITEMS)
    assert [str(p) for p in rules.percentile] == [row["percentile"] for row in rows]
    assert ["yes" if judged else "no" for judged in rules.mean_judged] == [row["mean_judged"] for row in rows]
    decimals = tuple(int(row["decimals"]) for row in rows)
    assert rules.statistic_decimals == rules.compliance_decimals == decimals
    printed = ("percentile", "mean_judged", "statistic_decimals", "compliance_decimals")
    assert {rules.confidence[rule, item] for rule in printed for item in ITEMS} == {"read"}


@pytest.mark.parametrize("year", ["2012", "2026"])
def test_levels_and_their_words_are_verbatim(year):
    table = read_table(f"hj633_{year}_levels")
    columns = ("level_zh", "category_zh", "colour_zh", "red", "green", "blue", "effect_zh", "advice_zh")
    ours, printed = ([[row[c] for c in columns] for row in rows] for rows in (table.rows, typed(f"levels_{year}")))
    assert ours == printed and table.head["compared"].startswith("twice, by two readers")
    # Printed ranges: "0～50" in 2012 and "1～50" in 2026, then "51～100" ... "＞300".
    ends = [row["range"].replace("＞300", "301～500").split("～") for row in typed(f"levels_{year}")]
    assert [[r["aqi_from"], r["aqi_to"]] for r in table.rows][1:] == ends[1:]
    assert ends[0] == [{"2012": "0", "2026": "1"}[year], "50"]


def test_sensitive_groups_are_verbatim():
    ours = [{"item": row["item"], "groups_zh": row["groups_zh"]} for row in read_table("hj633_2026_sensitive").rows]
    assert ours == typed("sensitive_2026")
