"""What is tagged read, beside what independent readers typed from the documents (tests/standards/transcribed).

Each file there says which pages were read, by whom and when. Its readers had not seen the tables of this project.
"""

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest

from standards.assessment.rules import rules_of
from standards.dated_tables import read_table
from standards.editions import EDITIONS
from standards.pollutants import ITEMS
from standards.reference_states import REFERENCE_STATES

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


# Rule of tables/validity.csv, part of the clause's name, and the words around the number in it.
VALIDITY = [
    ("day_min_hours", "PM2.5;NOx (24小时|日)平均", r"每日至少有 (\d+) 个小时平均"),
    ("eight_hour_min_hours", "O3 8小时平均", r"每 8 小时至少有 (\d+) 个?小时平均"),
    ("mda8_min_windows", r"6\.1\.2", r"至少有 (\d+) 个有效 8 小时平均"),
    ("mda8_first_end", r"6\.1\.2|A\.1 O3", r"(\d+)(?::00)? 时至 24"),
    ("city_day_min_share", r"6\.1\.4", r"总数量的 (\d+)%"),
    ("city_day_min_share_of_few", r"6\.1\.4", r"不低于 (\d+)%"),
    ("city_few_stations", r"6\.1\.4", r"小于 (\d+) 个时"),
    ("month_min_days", r"PM2.5;NOx 年|6\.1\.3", r"每月至少有 (\d+) 个"),
    ("february_min_days", r"PM2.5;NOx 年|6\.1\.3", r"(?:二月|2 月)至少有? ?(\d+) 个"),
    ("year_min_days", r"PM2.5;NOx 年|6\.1\.3", r"至少有 (324) 个"),
    ("sampled_day_min_hours", "BaP;Pb (24小时|日)平均", r"应有 (\d+) 小时"),
    ("sampled_month_min_days", "BaP;Pb 年|Pb 季", r"每月至少有分布均匀的 (\d+) 个"),
    ("sampled_quarter_min_days", "Pb 季", r"每季至少有分布均匀的 (\d+) 个"),
    ("sampled_year_min_days", "BaP;Pb 年", r"每年至少有分布均匀的 (\d+) 个"),
]


@pytest.mark.parametrize(("rule", "clause", "words"), VALIDITY, ids=lambda each: each if each.islower() else "")
def test_how_many_values_a_mean_needs_is_as_the_clauses_say(rule, clause, words):
    value = {row["rule"]: float(row["value"]) for row in read_table("validity").rows}[rule]
    clauses = [row["text_zh"] for row in typed("clauses") if re.search(clause, row["clause"])]
    printed = {float(number) for text in clauses for number in re.findall(words, text)}
    assert clauses and printed == {100 * value if "share" in rule else value}


def test_every_rule_of_validity_is_held_against_a_clause():
    assert [row["rule"] for row in read_table("validity").rows] == [rule for rule, _, _ in VALIDITY]


def test_rules_in_words_are_those_of_their_clauses():
    said = {(row["standard"], row["clause"]): row["text_zh"] for row in typed("clauses")}
    rules = rules_of(EDITIONS[0])
    assert str(rules.multiple_decimals) == said["HJ 663-2013", "Table 3 超标倍数"]
    assert str(rules.rate_decimals) == said["HJ 663-2013", "Table 3 达标率"]
    assert rules.missing_item == "exceeds" and "综合评价按不达标处理并注明该项目" in said["HJ 663-2013", "6.2"]
    assert rules.city_o3_day == "mean_of_station_mda8"
    assert said["HJ 663-2013", "Table A.2 O3"] == "各点位*臭氧日最大 8 小时平均浓度值的算术平均值"
    old, _, new = REFERENCE_STATES
    assert f"{old.temperature_k:g} K，压力为 101.325 kPa" in said["GB 3095-2012", "3.14"] and old.particles_at_reference
    assert f"{new.temperature_k:g} K，大气压力为 1 013.25 hPa" in said["GB 3095-2026", "3.14"]
    assert (
        said["GB 3095-2026", "4.3"].endswith("等浓度为监测时大气温度和压力下的浓度。")
        and not new.particles_at_reference
    )
