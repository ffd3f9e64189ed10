"""The scores of quality flags on known faults: shares counted by hand, the baseline's limits, and the command's file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from research.virtual_airshed.__main__ import main
from research.virtual_airshed.flag_scores import SEEDS, TUNED_ON, Line, scores, table_text
from research.virtual_airshed.flag_trial import Trial
from research.virtual_airshed.observe.faults import Fault
from research.virtual_airshed.observe.fixed_limits import fixed_flags
from standards.pollutants import ITEMS

PM25 = ITEMS.index("pm25")


def spike(station: str, hour: int, feed: str = "stations") -> Fault:
    return Fault(event=f"{station}/{hour}", kind="spike", feed=feed, station=station, item="pm25", first_hour=hour, last_hour=hour,
                 true="40", written="200")  # fmt: skip


def trial(feed: str = "stations") -> Trial:
    values = np.full((len(ITEMS), 2, 10), np.nan)
    values[PM25] = 40.0
    return Trial(feed, ("A", "B"), ("510100", "510600"), 0, values, (spike("A", 3, feed), spike("B", 5, feed)))


def found_first(values: np.ndarray) -> dict[str, np.ndarray]:
    flags = np.zeros(values.shape, bool)
    flags[PM25, 0, 3:5] = True
    return {"spike": flags}


def test_hours_events_and_false_alarms_are_counted_over_cities_and_feeds() -> None:
    # A's spike is found, B's (hour 5) is not; of 18 clean hours A's hour 4 and B's hours 3 and 4 are flagged.
    lines = {(each.feed, each.fault): each for each in scores([trial(), trial("micro")], {"mine": found_first})}
    line = lines["stations", "spike"]
    assert (line.fault_hours, line.found_hours, line.events, line.events_found) == (2, 1, 2, 1)
    assert (line.clean_hours, line.false_hours) == (18, 3)
    assert (line.hit_share, line.event_share, line.false_share, line.far) == (0.5, 0.5, pytest.approx(1 / 6), 0.75)
    both = lines["all", "spike"]
    assert (both.fault_hours, both.false_hours) == (4, 6)
    assert np.isnan(lines["stations", "stuck"].hit_share)
    assert "| mine | stations | spike | spike | 50 of 2 | 50 of 2 | 16.67 | 75 |" in table_text(list(lines.values()))


def test_the_fixed_limits_are_those_that_the_platform_had() -> None:
    values = np.full((len(ITEMS), 4, 9), np.nan)
    values[PM25] = np.array([[300], [60], [66], [70]])
    values[PM25, 1] = [50, 52, 49, 200, 51, 50, 52, 50, 51]
    values[PM25, 2] = [30, 40, 40, 40, 40, 40, 40, 41, 40]
    flags = fixed_flags(values)
    assert np.flatnonzero(flags["spike"][PM25, 1]).tolist() == [3]
    assert np.flatnonzero(flags["stuck"][PM25, 2]).tolist() == [5, 6]
    assert flags["apart"][PM25, 0, :3].all() and not flags["apart"][PM25, 3].any()
    assert not any(flags[kind][: len(ITEMS) - 1].any() for kind in flags)


def test_the_seed_that_the_limits_were_tuned_on_is_not_reported() -> None:
    assert TUNED_ON not in SEEDS and len(SEEDS) >= 3


def test_a_line_over_nothing_has_no_share() -> None:
    empty = Line("m", "stations", "spike", "spike", 0, 0, 0, 0, 0, 0)
    assert all(np.isnan(getattr(empty, name)) for name in ("hit_share", "event_share", "false_share", "far"))


def test_the_command_writes_its_scores_and_the_platform_finds_more_than_fixed_limits(tmp_path: Path) -> None:
    file = tmp_path / "scores.json"
    assert main(["flags", "--seeds", "11", "--days", "6", "--micro", "30", "--json", str(file)]) == 0
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["simulated"] is True and told["seeds"] == [11]
    by = {(row["method"], row["feed"], row["fault"]): row for row in told["scores"]}
    for fault, least in (("spike", 0.8), ("stuck", 0.7)):
        mine, fixed = by["platform", "all", fault], by["fixed limits", "all", fault]
        assert mine["hit_share"] > max(least, fixed["hit_share"]) and mine["false_share"] < 0.02
