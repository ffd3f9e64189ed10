"""Worlds are made once, kept whole, and read back in two parts that do not meet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from research.attribution_bench import making, worlds
from research.attribution_bench.digests import digest_of
from research.attribution_bench.files_read import Table, numbers
from research.attribution_bench.plan import Case, Unit, cases, seeds_in, units_of
from research.attribution_bench.worlds import Worlds, make_all, packed, unpacked
from research.virtual_airshed.hidden import SIZES
from research.virtual_airshed.observe.files import OutFile
from streams.contributors import TAG_QUANTITIES
from tests.research.attribution_bench import made_worlds

DAYS = 1


@pytest.fixture
def made(monkeypatch):
    """Let runs be made up; give the list of those that were made."""
    asked: list[str] = []

    def nature(scenario):
        (word,) = [word for word, size in SIZES.items() if size == scenario.hidden]
        unit = Unit(scenario.name, scenario.seed, scenario.days, "nature", word)
        asked.append(unit.name)
        return made_worlds.nature(unit)

    def twin(scenario, name):
        unit = Unit(scenario.name, scenario.seed, scenario.days, name, scenario.told)
        asked.append(unit.name)
        return made_worlds.twin(unit)

    monkeypatch.setattr(making, "nature", nature)
    monkeypatch.setattr(making, "twin", twin)
    return asked


def test_tiers_share_the_runs_that_hidden_errors_do_not_reach():
    units = units_of(cases((1,), seasons=("winter_haze",)))
    assert len(units) == 3 + 4 + 4  # nature told, mild, severe; four twins of each inventory
    told, severe, outdated = (Case("winter_haze", 1, 50, tier) for tier in ("told", "severe", "outdated"))
    assert told.twins == severe.twins and told.nature != severe.nature
    assert told.nature == outdated.nature and not set(told.twins) & set(outdated.twins)


def test_told_and_severe_come_before_mild_and_outdated():
    order = [case.tier for case in cases((1, 2), seasons=("winter_haze",))]
    assert order == ["told", "severe"] * 2 + ["mild"] * 2 + ["outdated"] * 2


def test_a_making_that_was_broken_off_goes_on_where_it_was(tmp_path, made, monkeypatch):
    units = units_of(cases((1,), seasons=("winter_haze",), tiers=("told",), days=DAYS))
    plain, count = worlds._save, []

    def breaks(path, arrays):
        count.append(path)
        if len(count) == 4:
            raise KeyboardInterrupt
        plain(path, arrays)

    monkeypatch.setattr(worlds, "_save", breaks)
    with pytest.raises(KeyboardInterrupt):
        make_all(Worlds(tmp_path, "r"), units)
    assert [Worlds(tmp_path, "r").has(unit) for unit in units] == [True, True, False, False, False]
    made.clear()
    assert make_all(Worlds(tmp_path, "r"), units) == 3
    assert made == [unit.name for unit in units[2:]]
    assert make_all(Worlds(tmp_path, "r"), units) == 0


def test_half_a_nature_run_is_no_run(tmp_path, made):
    (unit,) = units_of(cases((1,), seasons=("winter_haze",), tiers=("told",), days=DAYS))[:1]
    kept = Worlds(tmp_path, "r")
    kept.make(unit)
    next(tmp_path.rglob("*_true.npz")).unlink()
    assert not kept.has(unit) and kept.make(unit) > 0 and kept.has(unit)


def test_another_revision_of_the_code_has_worlds_of_its_own(tmp_path, made):
    (unit,) = units_of(cases((1,), seasons=("winter_haze",), tiers=("told",), days=DAYS))[:1]
    Worlds(tmp_path, "one").make(unit)
    assert Worlds(tmp_path, "one").has(unit) and not Worlds(tmp_path, "other").has(unit)


def test_the_digest_of_code_knows_what_it_does_and_not_how_it_is_written(tmp_path):
    file = tmp_path / "a.py"
    digests = []
    for text in ("x = 1\n", '"""Words."""\nx = 1  # more\n', "x = 2\n"):
        file.write_text(text)
        digests.append(digest_of([file], tmp_path))
    assert digests[0] == digests[1] != digests[2]


def test_tags_in_half_precision_keep_half_a_thousandth_of_the_largest_value_of_a_series():
    twin = made_worlds.twin(Unit("winter_haze", 1, DAYS, "TWIN-A", "current"))
    twin["joint"][0, 0, 0, 0] = 0.0
    again = unpacked(packed(twin))
    for name in ("sector", "place", "joint"):
        largest = np.abs(twin[name]).max(axis=-1, keepdims=True)
        assert (np.abs(again[name] - twin[name]) <= 5e-4 * largest).all()
    assert set(again) == set(twin)


def test_files_are_read_as_a_platform_could_read_them():
    text = (
        "station,hour_end,no2_ugm3,status,revision,simulated\n"
        "A,2015-01-01T01:00+08:00,30,provisional,0,true\nB,2015-01-01T01:00+08:00,<4,provisional,0,true\n"
        "C,2015-01-01T01:00+08:00,9,provisional,0,true\nA,2015-01-01T02:00,31,provisional,0,true\n"
        "A,2015-01-01T02:00+08:00\nB,2015-01-01T02:00+08:00,-5,provisional,0,true\n"
        "A,2015-01-01T03:00+08:00,x,provisional,0,true\n"
    )
    first = 394457  # 2015-01-01T01:00+08:00
    table = Table.empty(first, 3, ("no2_ugm3",), ("A", "B"))
    table.fill([OutFile(path="p", text=text, first_hour=first, last_hour=first + 2, arrives=0)])
    want = [[30.0, np.nan, np.nan], [2.0, np.nan, np.nan]]
    assert np.array_equal(table.values[0], np.array(want, np.float32), equal_nan=True)
    reviewed = text.splitlines()[0] + "\nA,2015-01-01T01:00+08:00,,reviewed,1,true\n"
    table.fill([OutFile(path="q", text=reviewed, first_hour=first, last_hour=first + 2, arrives=0)])
    assert np.isnan(table.values[0, 0, 0])


def test_cells_that_are_no_numbers_are_missing():
    found = numbers(pd.Series(["1.5", "", "<3", "-1", "text", "0"]))
    assert np.array_equal(found, [1.5, np.nan, 1.5, np.nan, np.nan, 0.0], equal_nan=True)


def test_seeds_are_read_as_spans_and_lists():
    assert seeds_in("101-103,31") == (101, 102, 103, 31)
    with pytest.raises(ValueError):
        seeds_in("a")


def test_a_real_run_is_seen_and_true_in_the_same_hours_and_its_parts_add_up():
    unit = Unit("winter_haze", 31, DAYS, "nature", "severe")
    seen, true = making.nature(unit.scenario().changed(micro_stations=20))
    assert seen["stations"].shape == (6, 41, 24) and seen["cems"].shape[-1] == 24 and seen["counts"].shape == (8, 41)
    assert np.isfinite(seen["stations"]).mean() > 0.9 and seen["composition"].shape == (20, 3, 24)
    for name in ("pm25", "o3"):
        whole, total = true[name], true[f"{name}_total"]
        for part in (slice(0, 9), slice(9, 17), slice(18, None)):
            assert whole[:, part].sum(axis=1) + whole[:, 17] == pytest.approx(total, rel=1e-3, abs=1e-2)
    # What the stations see of PM2.5 is what is true there, but for their errors of siting and noise.
    mean = np.nanmean(seen["stations"][5, seen["counts"][0]])
    assert mean == pytest.approx(true["pm25_total"][0].mean(), rel=0.25)


def test_a_real_twin_tells_sectors_places_and_both_of_the_same_whole():
    told = making.twin(Unit("winter_haze", 31, DAYS, "TWIN-A", "current").scenario(), "TWIN-A")
    assert told["sector"].shape == (len(TAG_QUANTITIES), 11, 10, 24) and told["joint"].shape[2:] == (9, 8, 24)
    assert told["weather"].shape == (7, 8, 24 + making.HISTORY_H) and told["kg"].shape[-1] == 24 + making.HISTORY_H
    fine = list(TAG_QUANTITIES).index("pm25")
    whole = told["sector"][fine].sum(axis=1)
    assert told["place"][fine].sum(axis=1) == pytest.approx(whole, rel=1e-4)
    assert told["joint"][fine].sum(axis=1) == pytest.approx(told["place"][fine][:, :-1], rel=1e-3, abs=1e-3)
    assert np.isfinite(told["weather"]).all() and (told["weather"][2] > 10).all()
