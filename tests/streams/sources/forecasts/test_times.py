"""Times of forecast files: zones, calendars, units, what the stamps mean, and where the run starts."""

from __future__ import annotations

import numpy as np
import pytest

from tests.streams.sources.forecasts.making import FIRST, block_of, cfgrib, layered, plain, read, refused, series, wrf

NOON = FIRST + 12
"""2023-01-19T12:00Z, which is 20:00 in Beijing."""


def at(units: str, values=None, *, kind: str = "f8", **attrs) -> dict:
    run = plain(steps=6 if values is None else len(values))
    run["variables"]["time"] = [kind, ("time",), np.arange(6.0) if values is None else values, {"units": units} | attrs]
    return run


# UDUNITS-2: what follows the clock is the zone, an offset east of UTC; no zone is UTC. Beijing has kept UTC+8 since 1992.
@pytest.mark.parametrize(
    "moment",
    [
        "2023-01-19 20:00:00 BJT",
        "2023-01-19 20:00:00 Asia/Shanghai",
        "2023-01-19 20:00:00 UTC+8",
        "2023-01-19 20:00:00 +8",
        "2023-01-19 20:00:00 +08:00",
        "2023-01-19 20:00:00+0800",
        "2023-01-19T20:00:00+08:00",
        "2023-01-19 20:00:00 GMT+8",
        "2023-01-19 20:00:00 UTC+08:00",
        "2023-01-19 20:00:00 8:00",
        "2023-01-19 20:00 北京时间",
        "2023-01-19 12:00:00 UTC",
        "2023-01-19T12:00:00Z",
        "2023-01-19 12:00:00 GMT",
        "2023-01-19 12:00:00",
        "2023-1-19 12:0:0.0",
        "2023-01-19T12",
        "2023-01-19 04:00:00 -8",
        "2023-01-19 04:00:00 -08:00",
        "2023-01-19 12:00:00 0:00",
        "2023-01-19_12:00:00",
        "2023-01-19 17:30 +5:30",
        "20230119 12:00",
        "20230119T120000Z",
    ],
)
def test_a_zone_in_the_units_is_obeyed(tmp_path, moment) -> None:
    parsed = read(tmp_path, at(f"hours since {moment}"))
    assert parsed.rejected == [] and block_of(parsed).first_hour == NOON and block_of(parsed).hours == 6


@pytest.mark.parametrize(
    "zone",
    ["CST", "LST", "EST", "local", "UTC8", "+25:00", "Mars/Olympus", "+08:00[Asia/Shanghai]", "IST", "Etc/GMT+8"],
)
def test_a_zone_that_means_several_things_or_none_is_refused_by_name(tmp_path, zone) -> None:
    said = refused(read(tmp_path, at(f"hours since 2023-01-19 20:00:00 {zone}")))
    assert "time zone" in said and zone in said and "+08:00" in said


@pytest.mark.parametrize(
    ("attrs", "of_file", "zone", "first"),
    [
        ({"long_name": "local time"}, {}, "", None),
        ({"long_name": "Time in LST"}, {}, "", None),
        ({"description": "北京时间"}, {}, "", None),
        ({"standard_name": "local_time"}, {}, "", None),
        ({"note": "time_LST"}, {}, "", None),
        ({"comment": "BJT hours"}, {}, "", None),
        ({"long_name": "time (UTC+8)"}, {}, "", None),
        ({"comment": "GMT +08:00"}, {}, "", None),
        ({"long_name": "time (UTC)"}, {}, "", NOON + 8),
        ({"long_name": "time, UTC+00:00"}, {}, "", NOON + 8),
        ({"long_name": "time (UTC+8)"}, {}, " +08:00", NOON),
        ({}, {"comment": "all times are Beijing Time (UTC+8)"}, "", None),
        ({}, {"description": "时间为北京时间"}, "", None),
        ({}, {"note": "timestamps in UTC+8"}, "", None),
        ({}, {"comment": "all times are Beijing Time"}, " +08:00", NOON),
        ({}, {"comment": "made in Beijing; times are UTC", "history": "2023-01-18 local time: made"}, "", NOON + 8),
        ({}, {"comment": "time zone: UTC+8"}, "", None),
        ({}, {"comment": "computing time provided by Beijing Super Computer Center"}, "", NOON + 8),
        (
            {},
            {"summary": "real-time local-scale forecast; lead time for local use; started at 20:00 Beijing time"},
            "",
            NOON + 8,
        ),
        ({}, {"comment": "预报时间分辨率1小时, 北京大学"}, "", NOON + 8),
        ({"long_name": "hours UTC - 1 hourly"}, {}, "", NOON + 8),
        ({"time_zone": "Asia/Shanghai"}, {}, "", None),
        ({}, {"timezone": "UTC+8"}, "", None),
        ({}, {"time_zone": "LST"}, "", None),
        ({"time_zone": "UTC"}, {}, " +08:00", None),
        ({"time_zone": "Asia/Shanghai"}, {}, " CST", NOON),
        ({"time_zone": "LST"}, {}, " CST", None),
        ({"time_zone": "+08:00"}, {}, " +08:00", NOON),
        ({"long_name": "local time"}, {}, " BJT", NOON),
        ({"time_zone": "UTC"}, {}, "", NOON + 8),
        ({}, {"timezone": "Z"}, "", NOON + 8),
        ({"long_name": "time"}, {}, "", NOON + 8),
    ],
)
def test_words_beside_a_time_may_not_contradict_its_zone(tmp_path, attrs, of_file, zone, first) -> None:
    run = at(f"hours since 2023-01-19 20:00:00{zone}", **attrs)
    run["attrs"] = of_file
    parsed = read(tmp_path, run)
    if first is None:
        assert "zone" in refused(parsed)
    else:
        assert block_of(parsed).first_hour == first


@pytest.mark.parametrize(
    ("units", "values", "kind"),
    [
        ("hours since 2023-01-19", [0, 1, 2], "i4"),
        ("minutes since 2023-01-19", [0, 60, 120], "i8"),
        ("seconds since 1970-01-01", np.array([0, 1, 2]) * 3600 + FIRST * 3600, "i8"),
        ("days since 1900-01-01", np.arange(3) / 24 + 44943, "f8"),
        ("ms since 2023-01-19", [0, 3.6e6, 7.2e6], "f8"),
        ("nanoseconds since 2023-01-19", [0, 3_600_000_000_000, 7_200_000_000_000], "i8"),
        ("day as %Y%m%d.%f", np.array([0, 1, 2]) / 24 + 20230119, "f8"),
        ("Hours since 2023-01-19", [0, 1, 2], "u2"),
        # COARDS counts from the year 1 in the calendar of then: 17,067,072 h are 1948-01-01 (NOAA PSL), 27,412 days before.
        ("hours since 1-1-1 00:00:0.0", np.arange(3) + 17_067_072 + 27_412 * 24, "f8"),
        ("hours since 1900-01-01", np.arange(3) + 44943 * 24, "i4"),
        ("weeks since 2023-01-19", np.arange(3) / 168, "f8"),
    ],
)
def test_units_of_time_are_understood(tmp_path, units, values, kind) -> None:
    parsed = read(tmp_path, at(units, np.asarray(values), kind=kind))
    assert parsed.rejected == [] and (block_of(parsed).first_hour, block_of(parsed).hours) == (FIRST, 3)


@pytest.mark.parametrize(
    ("run", "word"),
    [
        (at("months since 2023-01-01"), "month"),
        (at("years since 2023-01-01"), "month"),
        (at("fortnights since 2023-01-01"), "unit"),
        (at("hours"), "reference"),
        (at(""), "reference"),
        (at("hours since yesterday"), "moment"),
        (at("hours since 2023-02-30"), "moment"),
        (at("hours since 2023-01-19 25:00"), "moment"),
        (at("hours since 2023-01-19", calendar="noleap"), "calendar"),
        (at("hours since 2023-01-19", calendar="360_day"), "calendar"),
        (at("hours since 2023-01-19", calendar="julian"), "calendar"),
        (at("hours since 2023-01-19", calendar="all_leap"), "calendar"),
        (at("hours since 2023-01-19", calendar="none"), "calendar"),
        (at("hours since 2023-01-19", [5, 4, 3, 2, 1, 0]), "does not rise"),
        (at("hours since 2023-01-19", [0, 1, 1, 2, 3, 4]), "does not rise"),
        (at("hours since 2023-01-19", [0, 1, np.nan, 3, 4, 5]), "missing"),
        (at("hours since 2023-01-19", [0, 1, 2, 3, 4, 1e300]), "beyond"),
        (at("hours since 2023-01-19", [0, 1, 2, 3, 4, 9.96921e36]), "beyond"),
        (at("hours since 0001-01-01", calendar="standard"), "beyond"),
        (at("hours since 2023-01-19", [0, 1, 2, -999, 4, 5], _FillValue=-999.0), "missing"),
        (at("days since 2023-01-19", [0, 0, 0, 0, 0, 1], kind="i4"), "does not rise"),
        (at("hours since 2023-01-19 00:20"), "full hour"),
        (at("day as %Y%m%d.%f", [20230199.0]), "YYYYMMDD"),
        (at("hours since 2023-01-19", [0.0, 0.5, 1, 1.5, 2, 2.5]), "full hour"),
        (at("hours since 2023-01-19", np.arange(6) * 24), "24 h"),
        (at("hours since 2023-01-19", scale_factor="x"), "scale_factor"),
    ],
)
def test_a_time_that_is_not_understood_is_refused(tmp_path, run, word) -> None:
    assert word in refused(read(tmp_path, run))


def test_packed_times_are_unpacked(tmp_path) -> None:
    parsed = read(tmp_path, at("hours since 2023-01-19", [0, 2, 4], kind="i4", scale_factor=0.5))
    assert (block_of(parsed).first_hour, block_of(parsed).hours) == (FIRST, 3)


# docs/layouts/forecast.md: half past is the middle; bounds give the end; the run starts where the first mean begins.
def test_stamps_at_half_past_are_the_middle_and_the_run_starts_with_the_first_mean(tmp_path) -> None:
    run = at("hours since 2023-01-19", np.arange(6) + 0.5)
    run["variables"]["O3"][3]["cell_methods"] = "time: mean"
    block = block_of(read(tmp_path, run))
    assert (block.first_hour, block.run_init, block.hours) == (FIRST + 1, FIRST, 6)
    block = block_of(read(tmp_path, at("hours since 2023-01-19 01:30", 3 * np.arange(6))))
    assert (block.first_hour, block.run_init, block.hours) == (FIRST + 3, FIRST, 1)


def bounded(stamps, edges, **attrs) -> dict:
    run = at("hours since 2023-01-19", np.asarray(stamps, float), bounds="time_bnds")
    run["dims"]["nv"] = 2
    run["variables"] = {"time_bnds": ["f8", ("time", "nv"), np.asarray(edges, float), attrs], **run["variables"]}
    return run


@pytest.mark.parametrize("offset", [0, 0.5, 1])
def test_bounds_say_where_the_hour_ends_whatever_the_stamp(tmp_path, offset) -> None:
    hours = np.arange(6)
    block = block_of(read(tmp_path, bounded(hours + offset, np.stack([hours, hours + 1], axis=1))))
    assert (block.first_hour, block.hours) == (FIRST + 1, 6)


@pytest.mark.parametrize(
    ("run", "word"),
    [
        (bounded([0, 1, 2], [[0, 1], [1, 2], [5, 6]]), "around"),
        (bounded([1, 2, 3], [[0, 1], [0, 2], [0, 3]]), "follow"),
        (bounded([0, 1, 2], [[1, 0], [2, 1], [3, 2]]), "around"),
        (bounded([1, 2, 3], [[-7, 1], [-6, 2], [-5, 3]]), "follow"),
        (bounded([0, 24, 48], [[0, 24], [24, 48], [48, 72]]), "24 h"),
        (bounded([0, 1, 2], [[0, 1], [1, 2], [2, np.nan]]), "missing"),
        (bounded([0, 1, 2], [[0, 1], [1, 2], [2, 3]], units="hours since 2023-01-20"), "around"),
    ],
)
def test_bounds_that_do_not_fit_their_stamps_are_refused(tmp_path, run, word) -> None:
    assert word in refused(read(tmp_path, run))


def test_a_label_that_contradicts_the_bounds_is_refused(tmp_path) -> None:
    hours = np.arange(6)
    run = bounded(hours + 1, np.stack([hours, hours + 1], axis=1))
    assert block_of(read(tmp_path, run | {"attrs": {"time_label": "end"}})).first_hour == FIRST + 1
    assert "contradict" in refused(read(tmp_path, run | {"attrs": {"time_label": "start"}}))


def test_means_of_unequal_steps_have_no_known_end_unless_they_are_bounded(tmp_path) -> None:
    run = at("hours since 2023-01-19", [0, 1, 2, 5, 8, 11])
    assert sorted(b.first_hour for b in read(tmp_path, run).blocks if b.city == "510100")[-1] == FIRST + 11
    assert "unequal" in refused(read(tmp_path, run | {"attrs": {"time_label": "start"}}))


@pytest.mark.parametrize("valid", [True, False])
def test_steps_of_cfgrib_are_hours_of_one_run(tmp_path, valid) -> None:
    # 40 ug/kg of air are 40 x 28.9647 / 24.465 = 47.36 ug/m3.
    parsed = read(tmp_path, cfgrib(valid=valid))
    block = block_of(parsed)
    assert parsed.rejected == [] and (block.run_init, block.first_hour, block.hours) == (FIRST, FIRST + 1, 24)
    np.testing.assert_allclose(series(parsed), np.arange(40, 64) * 28.9647 / 24.465, rtol=1e-4)


@pytest.mark.parametrize("valid", [True, False])
def test_several_runs_of_cfgrib_are_told_apart(tmp_path, valid) -> None:
    parsed = read(tmp_path, cfgrib(runs=3, steps=6, valid=valid))
    found = {(b.run_init, b.first_hour, b.hours) for b in parsed.blocks}
    assert found == {(FIRST + 12 * i, FIRST + 12 * i + 1, 6) for i in range(3)}


def test_names_alone_say_what_time_and_step_are(tmp_path) -> None:
    run = cfgrib(valid=False)
    del run["variables"]["time"][3]["standard_name"], run["variables"]["step"][3]["standard_name"]
    assert (block_of(read(tmp_path, run)).first_hour, block_of(read(tmp_path, run)).hours) == (FIRST + 1, 24)
    run["variables"]["time"][3]["standard_name"] = "time"
    assert "dimension step" in refused(read(tmp_path, run))


def test_a_valid_time_that_is_not_start_plus_step_is_refused(tmp_path) -> None:
    run = cfgrib()
    run["variables"]["valid_time"][2] = run["variables"]["valid_time"][2] + 8
    assert "plus the lead" in refused(read(tmp_path, run))


def test_one_hour_without_a_dimension_of_time_is_one_hour(tmp_path) -> None:
    run = plain(steps=1)
    run["variables"]["time"] = ["f8", (), 5.0, {"standard_name": "time", "units": "hours since 2023-01-19"}]
    run["variables"]["O3"][1:3] = [("lat", "lon"), run["variables"]["O3"][2][0]]
    del run["dims"]["time"]
    assert (block_of(read(tmp_path, run)).first_hour, block_of(read(tmp_path, run)).hours) == (FIRST + 5, 1)


def test_the_start_of_each_step_tells_joined_runs_apart_and_analyses_are_one(tmp_path) -> None:
    def joined(starts) -> dict:
        run = plain()
        units = {"units": "hours since 2023-01-19", "standard_name": "forecast_reference_time"}
        return run | {"variables": {"reftime": ["f8", ("time",), np.asarray(starts, float), units], **run["variables"]}}

    parsed = read(tmp_path, joined([0, 0, 0, 3, 3, 3]))
    assert {(b.run_init, b.first_hour, b.hours) for b in parsed.blocks} == {
        (FIRST, FIRST, 3),
        (FIRST + 3, FIRST + 3, 3),
    }
    parsed = read(tmp_path, joined([0, 3, 0, 3, 0, 3]))
    assert {b.run_init for b in parsed.blocks} == {FIRST, FIRST + 3}
    block = block_of(read(tmp_path, joined(range(6))))
    assert (block.run_init, block.hours) == (FIRST, 6) and "analyses" in block.provenance


def test_the_lead_tells_where_the_run_started(tmp_path) -> None:
    run = plain()
    lead = {"standard_name": "forecast_period", "units": "hours"}
    run["variables"] = {"lead": ["f8", ("time",), np.arange(6.0) + 12, lead], **run["variables"]}
    assert block_of(read(tmp_path, run)).run_init == FIRST - 12
    start = {"standard_name": "forecast_reference_time", "units": "hours since 2023-01-19"}
    run["variables"] = {"start": ["f8", (), 0.0, start], **run["variables"]}
    assert "plus the lead" in refused(read(tmp_path, run))


def test_two_starts_of_one_run_are_refused(tmp_path) -> None:
    run = plain()
    start = {"standard_name": "forecast_reference_time", "units": "hours since 2023-01-19"}
    run["variables"] = {"start": ["f8", (), 0.0, start], **run["variables"]}
    assert block_of(read(tmp_path, run | {"attrs": {"run_init": "2023-01-19T08:00:00+08:00"}})).run_init == FIRST
    assert "two starts" in refused(read(tmp_path, run | {"attrs": {"run_init": "2023-01-18T12:00:00Z"}}))


def test_names_of_initial_and_lead_time_are_understood_in_any_order_of_dimensions(tmp_path) -> None:
    run = cfgrib(runs=2, steps=4, valid=False)
    rename = {"time": "init_time", "step": "lead_time"}
    run["dims"] = {rename.get(d, d): size for d, size in run["dims"].items()}
    run["variables"] = {
        rename.get(n, n): [k, tuple(rename.get(d, d) for d in dims), *more]
        for n, (k, dims, *more) in run["variables"].items()
    }
    for name in rename.values():
        del run["variables"][name][3]["standard_name"]
    kind, dims, data, attrs = run["variables"]["go3"]
    run["variables"]["go3"] = [kind, (dims[1], dims[0], *dims[2:]), np.swapaxes(data, 0, 1), attrs]
    found = {(b.run_init, b.first_hour, b.hours) for b in read(tmp_path, run).blocks}
    assert found == {(FIRST + 12 * i, FIRST + 12 * i + 1, 4) for i in range(2)}


def test_a_file_without_a_time_step_is_refused(tmp_path) -> None:
    assert "no time step" in refused(read(tmp_path, at("hours since 2023-01-19", [])))


def test_steps_without_a_unit_need_a_valid_time_beside_them(tmp_path) -> None:
    for valid in (True, False):
        run = cfgrib(valid=valid)
        del run["variables"]["step"][3]["units"]
        parsed = read(tmp_path, run)
        if valid:
            assert (block_of(parsed).first_hour, block_of(parsed).hours) == (FIRST + 1, 24)
        else:
            assert "unknown unit" in refused(parsed)


@pytest.mark.parametrize("year", [1850, 1950, 2101, 9999])
def test_a_year_in_which_no_forecast_lies_is_refused_as_a_whole(tmp_path, year) -> None:
    assert "beyond any forecast" in refused(read(tmp_path, at(f"hours since {year}-01-01")))


def test_layouts_that_count_in_utc_may_not_be_said_to_be_elsewhere(tmp_path) -> None:
    for run in (wrf(), layered([1, 0.98], 7)):
        assert read(tmp_path, run).rejected == []
        run["attrs"]["time_zone"] = "Asia/Shanghai"
        assert "another time zone" in refused(read(tmp_path, run))


# CAMx User's Guide: ITZON counts hours west of UTC (0 UTC, 5 EST); stamps from 00:00 of such a zone, hour ends one later.
@pytest.mark.parametrize(("west", "shift"), [(0, 0), (-8, -8), (5, 5)])
def test_the_times_of_camx_are_in_the_zone_that_it_names(tmp_path, west, shift) -> None:
    run = layered([0.0, 20.0], 6)
    run["attrs"] |= {"ITZON": np.int32(west), "UPNAM": "CAMx v7.20", "SDATE": np.int32(2023019), "STIME": np.int32(0)}
    block = block_of(read(tmp_path, run))
    assert (block.first_hour, block.run_init) == (FIRST + 1 + shift, FIRST + shift)


@pytest.mark.parametrize("west", ["PST", 30, 5.5])
def test_a_zone_of_camx_that_is_none_is_refused(tmp_path, west) -> None:
    run = layered([0.0, 20.0], 6)
    run["attrs"] |= {"ITZON": west}
    assert "ITZON" in refused(read(tmp_path, run))
