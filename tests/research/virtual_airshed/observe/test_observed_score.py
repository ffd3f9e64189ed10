"""Scores of quality flags against known faults: counted by hand, and of the platform's own flags on written files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from research.virtual_airshed.observe.faults import Fault
from research.virtual_airshed.observe.observer import observe_days
from research.virtual_airshed.observe.score import COLUMNS, EVERY_ITEM, FLAG_OF, arrays_of, score_flags
from standards.pollutants import ITEMS
from streams.assess.quality import KINDS, flag_text, pack, quality_flags
from streams.sources import parse_file
from tests.research.virtual_airshed.observe.made_days import (
    FIRST_HOUR,
    made_day,
    made_observer,
    registry_with,
    super_cells,
)

O3, PM25 = ITEMS.index("o3"), ITEMS.index("pm25")
SPIKE, STUCK = KINDS.index("spike"), KINDS.index("stuck")


def fault(kind: str, first: int, last: int, *, item="o3", station="1431A", event="", feed="stations") -> Fault:
    return Fault(
        event=event or f"{kind}/{first}", kind=kind, feed=feed, station=station, item=item, first_hour=FIRST_HOUR + first,
        last_hour=FIRST_HOUR + last, true="", written="",
    )  # fmt: skip


def nothing(hours: int = 24) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((len(KINDS), len(ITEMS), 2, hours), bool), np.full((len(ITEMS), 2, hours), 50.0)


def scored(flags, values, *faults) -> pd.DataFrame:
    return score_flags(flags, values, faults, stations=("1431A", "1432A"), first_hour=FIRST_HOUR).set_index(
        ["fault", "item"]
    )


def test_hits_misses_and_false_alarms_are_counted_by_the_hour():
    flags, values = nothing()
    flags[SPIKE, O3, 0, [3, 9]] = True
    line = scored(flags, values, fault("spike", 3, 3), fault("spike", 5, 5)).loc["spike", "o3"]
    # Two stations of 24 hours: 1 hit, 1 miss, 1 false alarm, 45 of neither.
    assert (line.hits, line.misses, line.false_alarms, line.rejections) == (1, 1, 1, 45)
    assert (line["pod"], line["far"]) == (0.5, 0.5)
    assert (line.events, line.events_found, line.events_pod) == (2, 1, 0.5)


def test_all_items_are_the_sum_of_the_items():
    flags, values = nothing()
    flags[SPIKE, O3, 0, 3] = flags[SPIKE, PM25, 1, 4] = True
    table = scored(flags, values, fault("spike", 3, 3), fault("spike", 8, 8, item="pm25")).loc["spike"]
    counts = ["hits", "misses", "false_alarms", "rejections", "events", "events_found"]
    assert (table.drop(EVERY_ITEM)[counts].sum() == table.loc[EVERY_ITEM, counts]).all()


def test_a_stuck_sensor_is_found_when_any_of_its_hours_is_flagged():
    flags, values = nothing()
    flags[STUCK, O3, 0, 10] = True
    line = scored(flags, values, fault("stuck", 4, 10)).loc["stuck", "o3"]
    assert (line.hits, line.misses, line.events, line.events_found) == (1, 6, 1, 1)


def test_an_event_in_two_files_is_one_event():
    flags, values = nothing()
    flags[STUCK, O3, 0, 14] = True
    line = scored(flags, values, fault("stuck", 4, 10, event="e"), fault("stuck", 12, 15, event="e")).loc["stuck", "o3"]
    assert (line.events, line.events_found) == (1, 1)


def test_hours_with_a_fault_of_another_kind_count_for_neither():
    flags, values = nothing()
    flags[SPIKE, O3, 0, 5] = True
    line = scored(flags, values, fault("drift", 0, 23)).loc["spike", "o3"]
    assert (line.hits, line.misses, line.false_alarms, line.rejections) == (0, 0, 0, 24)


def test_hours_without_a_value_count_nowhere():
    flags, values = nothing()
    values[O3, 0, :12] = np.nan
    line = scored(flags, values, fault("spike", 3, 3)).loc["spike", "o3"]
    assert (line.misses, line.rejections, line.events) == (0, 36, 0)


def test_without_faults_and_flags_there_is_no_score():
    table = scored(*nothing())
    assert list(table.reset_index().columns.sort_values()) == sorted(COLUMNS)
    assert table[["pod", "far", "events_pod"]].isna().all().all()


def test_faults_of_other_feeds_stations_and_hours_do_not_count():
    flags, values = nothing()
    others = (
        fault("spike", 3, 3, feed="micro"),
        fault("spike", 3, 3, station="9999A"),
        fault("spike", 40, 40),
        fault("gap", 3, 3),
    )
    assert scored(flags, values, *others).loc["spike", EVERY_ITEM].events == 0


def test_shapes_that_do_not_fit_are_refused():
    flags, values = nothing()
    with pytest.raises(ValueError, match="expected \\(kind, item, station, hour\\)"):
        score_flags(flags[..., :5], values, (), stations=("1431A", "1432A"), first_hour=FIRST_HOUR)


def test_rows_of_the_store_become_the_arrays_that_the_flags_came_from():
    flags, values = nothing(6)
    flags[SPIKE, O3, 0, 3] = flags[STUCK, O3, 1, 4] = flags[STUCK, PM25, 1, 4] = True
    values += np.arange(6.0)
    names = dict(zip(ITEMS, ("so2_ugm3", "no2_ugm3", "co_mgm3", "o3_ugm3", "pm10_ugm3", "pm25_ugm3"), strict=True))
    packed = pack(flags)
    rows = pd.DataFrame([
        {"station": code, "hour_end": pd.Timestamp((FIRST_HOUR + h) * 3600, unit="s"), "flags": flag_text(int(packed[s, h])),
         **{names[item]: values[i, s, h] for i, item in enumerate(ITEMS)}}
        for s, code in enumerate(("1431A", "1432A")) for h in range(6)
    ]).sample(frac=1.0, random_state=1)  # fmt: skip
    got_flags, got_values, stations, first = arrays_of(rows)
    np.testing.assert_array_equal(got_flags, flags)
    np.testing.assert_array_equal(got_values, values)
    assert stations == ("1431A", "1432A") and first == FIRST_HOUR


def test_a_flag_that_nobody_knows_is_named():
    row = {"station": "1431A", "hour_end": pd.Timestamp(0, unit="s"), "flags": "odd:o3", **dict.fromkeys(
        ("so2_ugm3", "no2_ugm3", "co_mgm3", "o3_ugm3", "pm10_ugm3", "pm25_ugm3"), 1.0)}  # fmt: skip
    with pytest.raises(ValueError, match="a flag is 'odd:o3', expected one of range, spike, stuck, apart, sentinel"):
        arrays_of(pd.DataFrame([row]))
    with pytest.raises(ValueError, match="there are no rows"):
        arrays_of(pd.DataFrame())


def test_the_platforms_flags_of_written_files_find_many_large_spikes_and_call_little_else_one(tmp_path):
    # Chengdu's stations over four days; more faults than usual, so that there is something to find.
    observer = made_observer(faults=6.0, micro=0)
    registry, found = registry_with(observer), []
    codes = tuple(c for c in observer.network("stations").sites.codes if registry.city_of(c) == "510100")
    values = np.full((len(ITEMS), len(codes), 96), np.nan)
    days = (quiet_day(FIRST_HOUR + 24 * d) for d in range(4))
    for made in observe_days(days, observer):
        found += made.faults
        for file in made.files:
            if file.path.startswith("stations/") and "review" not in file.path and "revision" not in file.path:
                path = tmp_path / file.path.rpartition("/")[2]
                path.write_text(file.text, encoding="utf-8")
                fill(values, parse_file(path, registry, received_at=0.0).blocks, codes)
    table = score_flags(quality_flags(values), values, found, stations=codes, first_hour=FIRST_HOUR).set_index(
        ["fault", "item"]
    )
    line = table.loc["spike", EVERY_ITEM]
    spikes = [f for f in found if f.kind == "spike" and f.feed == "stations" and f.station in codes]
    assert len(spikes) > 10 and line.events == line.hits + line.misses
    # The flags were made for real air (streams/quality_limits.csv): of spikes from 1 to 6 steps they must find a good part.
    assert line["pod"] > 0.4 and line["far"] < 0.3
    assert set(table.index.get_level_values("fault")) == set(FLAG_OF)


def quiet_day(first_hour: int):
    """Make a day whose hours are alike, as the air's are from one hour to the next."""
    day = made_day(first_hour, cells=super_cells())
    same = made_day(FIRST_HOUR, 1).ground.amounts
    day.ground.amounts[...] = same * (1 + 0.1 * np.sin(np.arange(24) / 4.0))
    return day


def fill(values: np.ndarray, blocks, codes: tuple[str, ...]) -> None:
    for block in blocks:
        for i, code in enumerate(block.stations):
            if code in codes:
                at = (
                    slice(None),
                    codes.index(code),
                    slice(block.first_hour - FIRST_HOUR, block.first_hour - FIRST_HOUR + block.values.shape[-1]),
                )
                values[at] = np.where(np.isnan(values[at]), block.values[:, i], values[at])
