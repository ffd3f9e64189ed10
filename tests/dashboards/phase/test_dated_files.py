"""Targets and events are files that a city edits: refused by file and line, the last good one kept, and what they make."""

import datetime as dt

import numpy as np
import pytest

from dashboards.phase import events, targets
from dashboards.phase.assess import assess
from dashboards.phase.dated_files import FileRefused
from dashboards.phase.file_troubles import file_troubles
from dashboards.phase.gathered import no_days
from dashboards.phase.question import REGION, question_of
from dashboards.phase.targets import bad_days_left, mean_left, read_targets, targets_at
from standards.days import day_of_date
from standards.pollutants import ITEMS
from tests.dashboards.phase import made
from tests.dashboards.phase.test_told import days, gathered

TARGET = '[[target]]\nplace = "510100"\nyear = 2026\nkind = "pm25_mean_ugm3"\nvalue = 33.5\nsource = "example"\n'
EVENT = '[[event]]\nkind = "dust"\nfirst = 2026-07-02\nlast = 2026-07-04\ncities = ["510100"]\nsource = "list 7"\n'
PM25, PM10 = ITEMS.index("pm25"), ITEMS.index("pm10")


def test_what_is_shipped_is_an_example_and_sets_nothing():
    assert read_targets(targets.EXAMPLE) == () and events.read_events(events.EXAMPLE) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [("33.5", "nan"), ("33.5", "true"), ("33.5", "-1"), ("33.5", "0"), ("2026", '"2026"'), ("pm25_mean", "pm25"),
     ('"example"', '""'),     ('place = "510100"', 'city = "510100"'), ("source", 'note = "x"\nsource')],
)  # fmt: skip
def test_an_entry_that_is_no_target_is_refused_by_file_and_line(tmp_path, old, new):
    path = tmp_path / "targets.toml"
    path.write_text("# a comment\n" + TARGET.replace("2026", "2025") + TARGET.replace(old, new))
    with pytest.raises(FileRefused, match=r"targets\.toml, line 8: \w+ is .*, expected"):
        read_targets(path)


def test_a_target_that_comes_twice_is_refused(tmp_path):
    path = tmp_path / "targets.toml"
    path.write_text(TARGET * 2)
    with pytest.raises(FileRefused, match=r"line 7: .* comes twice"):
        read_targets(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [("2026-07-04", "2026-07-01"), ("2026-07-02", '"2026-07-02"'), ('"list 7"', '" "'), ('["510100"]', '"510100"'),
     ("[[event]]", "[event]"), ("[[event]]", "[[events]]"), ("cities", "city"), ("cities", 'item = ["pm10"]\ncities')],
)  # fmt: skip
def test_an_entry_that_is_no_event_is_refused(tmp_path, old, new):
    path = tmp_path / "events.toml"
    path.write_text(EVENT.replace(old, new, 1))
    with pytest.raises(FileRefused, match=r"events\.toml.*expected"):
        events.read_events(path)


def test_a_bad_file_leaves_the_last_good_one_in_force_and_says_so(tmp_path):
    path = tmp_path / targets.FILE
    assert targets_at(tmp_path).entries == ()
    path.write_text(TARGET)
    assert [each.value for each in targets_at(tmp_path).entries] == [33.5]
    path.write_text(TARGET + "nonsense")
    held = targets_at(tmp_path)
    assert [each.value for each in held.entries] == [33.5] and "targets.toml" in held.trouble
    path.write_text(TARGET.replace("33.5", "30.25"))
    assert [each.value for each in targets_at(tmp_path).entries] == [30.25] and not targets_at(tmp_path).trouble


def test_a_place_that_is_not_registered_is_told_and_so_is_a_file_that_cannot_be_used(tmp_path):
    assert file_troubles(tmp_path, made.CITIES) == () == file_troubles(None, made.CITIES)
    (tmp_path / targets.FILE).write_text(TARGET + TARGET.replace("510100", REGION))
    (tmp_path / events.FILE).write_text(EVENT + EVENT.replace('["510100"]', "[]"))
    assert file_troubles(tmp_path, made.CITIES) == ()
    (tmp_path / targets.FILE).write_text(TARGET.replace("510100", "51010"))
    (tmp_path / events.FILE).write_text(EVENT.replace("510100", "成都"))
    found = file_troubles(tmp_path, made.CITIES)
    assert [each.partition(" is not registered")[0] for each in found] == [
        "events.toml: the place '成都'", "targets.toml: the place '51010'",
    ]  # fmt: skip
    (tmp_path / events.FILE).write_text(EVENT.replace("cities", "city"))
    assert any("events.toml, line 1: city is" in each for each in file_troubles(tmp_path, made.CITIES))


def test_what_is_left_keeps_the_target_and_one_more_does_not():
    # 265 days of 40 and 100 of 21.75 make a mean of 35 over 365 days.
    assert mean_left(35.0, 40.0, 265, 365) == pytest.approx(21.75)
    # 85 % of 365 days are 310.25: 311 good days. 250 of 300 are good, so that 61 of the 65 that are left must be: 4 may not.
    assert bad_days_left(85.0, 250, 300, 65) == 4
    assert bad_days_left(85.0, 240, 300, 65) == -6
    assert (250 + 65 - 4) / 365 >= 0.85 > (250 + 65 - 5) / 365


def _year_to_date(value: float):
    first, last = dt.date(2026, 1, 1), dt.date(2026, 9, 30)
    values = made.daily(8, first, last, gaps=0)
    values[PM25] = value
    return days(values, first)


@pytest.mark.parametrize(
    ("value", "state", "left"), [(30.0, "on_path", 38.4), (40.0, "off_path", 8.7), (60.0, "lost", -50.7)]
)
def test_a_target_is_told_with_its_gap_and_what_is_left(value, state, left):
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30))
    told = (("510100", 2026, "pm25_mean_ugm3", 32.11, "number 5"),)
    content = assess(gathered(values, values, to_date=_year_to_date(value), targets=told))
    row = content.table("targets").row_of("510100")
    # 273 days are over and 92 left: (32.11 x 365 - value x 273) / 92.
    assert (
        row["pm25_left_ugm3"]
        == pytest.approx((32.11 * 365 - value * 273) / 92, abs=0.06)
        == pytest.approx(left, abs=0.1)
    )
    assert (row["pm25_state"], row["left_days"], row["target_source"]) == (state, 92, "number 5")
    assert row["good_ratio_target_pct"] is None and len(content.table("targets").rows) == 1


def test_an_event_gives_both_results_and_replaces_none():
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30), gaps=0)
    values[PM10, 0, 1:4] = 900.0
    row = ("dust", "2026-07-02", "2026-07-04", "510100", "pm10,pm25", "list 7")
    content = assess(gathered(values, values, events=(row,)))
    told = content.table("exceptional").row_of("510100")
    assert told["pm10_mean_ugm3"] == content.table("cities").row_of("510100")["pm10_mean_ugm3"]
    assert told["pm10_without_ugm3"] == np.round(np.delete(values[PM10, 0], [1, 2, 3]).mean())
    assert told["excluded_pm10_days"] == 3 and content.table("exceptional").row_of(REGION) is not None
    assert content.table("events").rows[0][0] == "dust"


def test_without_targets_and_events_their_tables_are_left_out_with_the_reason():
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30))
    absent = assess(gathered(values, values)).about["absent"]
    assert (absent["targets"], absent["exceptional"]) == ("no_targets", "no_events")


def test_a_trend_is_told_from_five_years_on():
    question = question_of({"period": "2026-Q3"}, made.CITIES)
    values = [made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30), gaps=0) * (1 + 0.2 * back) for back in range(5)]
    earlier = tuple((back, days(values[back], dt.date(2026 - back, 7, 1))) for back in range(1, 5))
    content = assess(gathered(values[0], values[1], question, earlier=earlier))
    row = content.table("trend").rows[0]
    # HJ 663-2013 Table B.1: for five years 0.900; a perfect fall has -1.
    assert dict(zip([c.key for c in content.table("trend").columns], row, strict=True))["r_s"] == -1.0
    assert row[5] == 0.9 and row[6] == "falling"
    assert "trend" in assess(gathered(values[0], values[1], question, earlier=earlier[:3])).about["absent"]
    assert no_days(1, day_of_date(dt.date(2026, 1, 1)), 3).n_days == 3
